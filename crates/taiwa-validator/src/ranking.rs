//! Who stands before whom in a zone: the offers for which no place is ever left.
//!
//! **Invariants.** What is said to be beaten is never shown, as long as nobody leaves offers out of a request: whoever may
//! get it, at its best score, has at least as many other offers before it as the largest point of the zone has places,
//! all of them at their worst score. What is not said may still be beaten: by turns in time, or by many offers that each take some of its people.

use std::{cmp::Ordering, collections::BTreeSet};

use taiwa_meaning::{Exhausted, Meanings, Set};

use crate::{
    Context,
    analysis::Analysis,
    calendar::Period,
    zones::{Candidate, ZoneModel},
};

/// Offers that take a place from some people each are only added up while they ask about at most so many things.
const MOST_ASKED: usize = 8;

/// Most different sets of people that are compared with each offer.
const MOST_SETS: usize = 64;

/// An offer that is never shown in a zone.
pub(crate) struct Beaten {
    /// Which candidate.
    pub candidate: usize,
    /// Which candidates stand before it.
    pub by: Vec<usize>,
    /// Who might get it.
    pub people: Set,
}

/// People for whom a candidate has a rank on one side of a number.
#[derive(Clone, Copy)]
struct Entry {
    candidate: usize,
    rank: f64,
    people: Set,
}

/// The offers of a zone that are never shown.
pub(crate) fn beaten(
    cx: &Context<'_>,
    analysis: &Analysis,
    meanings: &mut Meanings,
    zone: &ZoneModel,
) -> Result<Vec<Beaten>, Exhausted> {
    let (lower, upper) = entries(analysis, meanings, zone)?;
    let left = |it: &Candidate| Period { from: it.period.from.max(cx.clock.now()), ..it.period };
    let periods: BTreeSet<Period> = zone.candidates.iter().map(left).collect();
    let mut found = Vec::new();
    for period in periods.into_iter().filter(|it| it.from < it.until) {
        let there = |it: &&Entry| zone.candidates[it.candidate].period.covers(period);
        let mut before = lower.iter().filter(there).peekable();
        let targets = upper.iter().filter(|it| left(&zone.candidates[it.candidate]) == period);
        let mut rivals = Rivals::default();
        // Whoever has been looked at with a better score of the same offer.
        let mut seen = vec![meanings.nobody(); zone.candidates.len()];
        let mut open = vec![true; zone.candidates.len()];
        for target in targets {
            let at = target.candidate;
            let stands_before = |it: &&Entry| {
                let one = &zone.candidates[it.candidate];
                one.is_before(it.rank, &zone.candidates[at], target.rank)
            };
            while let Some(it) = before.next_if(stands_before) {
                rivals.add(meanings, *it);
            }
            if !open[at] {
                continue;
            }
            let region = meanings.minus(target.people, seen[at])?;
            seen[at] = meanings.or(seen[at], target.people)?;
            open[at] = meanings.is_empty(region)? || rivals.fill(meanings, zone, region)?;
        }
        for (candidate, set) in seen.into_iter().enumerate() {
            if open[candidate] && !meanings.is_empty(set)? {
                let by = by(meanings, zone, &lower, candidate, (set, &upper))?;
                found.push(Beaten { candidate, by, people: set });
            }
        }
    }
    found.sort_by_key(|it| it.candidate);
    Ok(found)
}

/// Who stands before the one that is looked at.
#[derive(Default)]
struct Rivals {
    /// The same people, the candidates that they all may get.
    sets: Vec<(Set, BTreeSet<usize>)>,
    asks: BTreeSet<String>,
    entries: Vec<Entry>,
}

impl Rivals {
    fn add(&mut self, meanings: &Meanings, entry: Entry) {
        let room = self.sets.len() < MOST_SETS;
        match self.sets.iter_mut().find(|it| it.0 == entry.people) {
            Some(it) => drop(it.1.insert(entry.candidate)),
            None if room => {
                self.sets.push((entry.people, BTreeSet::from([entry.candidate])));
            }
            None => {}
        }
        if self.asks.len() <= MOST_ASKED {
            self.asks.extend(meanings.asks(entry.people));
            self.entries.push(entry);
        }
    }

    /// Whether they take all places of the zone for all of these people.
    fn fill(
        &self,
        meanings: &mut Meanings,
        zone: &ZoneModel,
        region: Set,
    ) -> Result<bool, Exhausted> {
        let mut whole: BTreeSet<usize> = BTreeSet::new();
        for (set, candidates) in &self.sets {
            if meanings.implies(region, *set)? {
                whole.extend(candidates.iter().take(zone.places()));
            }
            if whole.len() >= zone.places() {
                return Ok(true);
            }
        }
        if self.asks.len() > MOST_ASKED || self.entries.len() > MOST_SETS {
            return Ok(false);
        }
        if self.asks.len() + meanings.asks(region).len() > MOST_ASKED {
            return Ok(false);
        }
        // Each takes some of them: how many take each person?
        let mut crowd = Crowd::new(meanings, zone);
        for it in &self.entries {
            let people = meanings.and(it.people, region)?;
            crowd.add(meanings, Entry { people, ..*it })?;
        }
        meanings.implies(region, crowd.full())
    }
}

/// How many places, up to `places`, there is somebody for whom the offers of a zone can fill them at once.
pub(crate) fn most_filled(
    analysis: &Analysis,
    meanings: &mut Meanings,
    zone: &ZoneModel,
    places: usize,
) -> Result<usize, Exhausted> {
    let entries = entries(analysis, meanings, zone)?.1;
    // Usually somebody gets the first offers that go together, and nothing has to be counted.
    let mut together = meanings.everybody();
    let mut taken = BTreeSet::new();
    for entry in &entries {
        let both = meanings.and(together, entry.people)?;
        if !taken.contains(&entry.candidate) && !meanings.is_empty(both)? {
            together = both;
            taken.insert(entry.candidate);
        }
        if taken.len() >= places {
            return Ok(places);
        }
    }
    let asked: BTreeSet<String> = entries.iter().flat_map(|it| meanings.asks(it.people)).collect();
    if asked.len() > MOST_ASKED {
        return Ok(places);
    }
    let mut crowd = Crowd::new(meanings, zone);
    for entry in entries {
        crowd.add(meanings, entry)?;
        let full = crowd.at_least.get(places).copied();
        if full.is_none_or(|it| meanings.is_empty(it) == Ok(false)) {
            return Ok(places);
        }
    }
    let filled = |it: &&Set| meanings.is_empty(**it) == Ok(false);
    Ok(crowd.at_least.iter().skip(1).take_while(filled).count())
}

/// For whom each candidate has at least, and at most, which rank; the best first.
fn entries(
    analysis: &Analysis,
    meanings: &mut Meanings,
    zone: &ZoneModel,
) -> Result<(Vec<Entry>, Vec<Entry>), Exhausted> {
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    for (index, candidate) in zone.candidates.iter().enumerate() {
        let admitted = analysis.admitted(meanings, &candidate.offer)?;
        for bid in &candidate.bids {
            let members = analysis.members(meanings, &zone.channel, &bid.segment)?;
            let members = meanings.and(members, admitted)?;
            for cell in analysis.scores(meanings, &zone.channel, bid)? {
                let people = meanings.and(members, cell.people)?;
                if meanings.is_empty(people)? {
                    continue;
                }
                let (least, most) = candidate.ranks(cell.least, cell.most);
                upper.push(Entry { candidate: index, rank: most, people });
                if cell.certain {
                    lower.push(Entry { candidate: index, rank: least, people });
                }
            }
        }
    }
    for all in [&mut lower, &mut upper] {
        all.sort_by(|a, b| order(zone, a, b));
    }
    Ok((lower, upper))
}

fn order(zone: &ZoneModel, a: &Entry, b: &Entry) -> Ordering {
    let other = &zone.candidates[b.candidate];
    zone.candidates[a.candidate].order(a.rank, other, b.rank)
}

/// How many candidates have been counted for whom.
struct Crowd {
    /// Who has at least so many.
    at_least: Vec<Set>,
    /// For whom each candidate has been counted.
    counted: Vec<Set>,
}

impl Crowd {
    fn new(meanings: &Meanings, zone: &ZoneModel) -> Self {
        let mut at_least = vec![meanings.nobody(); zone.places() + 1];
        at_least[0] = meanings.everybody();
        Self { at_least, counted: vec![meanings.nobody(); zone.candidates.len()] }
    }

    fn add(&mut self, meanings: &mut Meanings, entry: Entry) -> Result<(), Exhausted> {
        let counted = &mut self.counted[entry.candidate];
        let more = meanings.minus(entry.people, *counted)?;
        if meanings.is_empty(more)? {
            return Ok(());
        }
        *counted = meanings.or(*counted, more)?;
        for n in (1..self.at_least.len()).rev() {
            let next = meanings.and(self.at_least[n - 1], more)?;
            self.at_least[n] = meanings.or(self.at_least[n], next)?;
        }
        Ok(())
    }

    /// For whom all places are taken.
    fn full(&self) -> Set {
        self.at_least.last().copied().unwrap_or(self.at_least[0])
    }
}

/// Who stands before a beaten candidate for some of its people.
fn by(
    meanings: &mut Meanings,
    zone: &ZoneModel,
    lower: &[Entry],
    beaten: usize,
    (people, upper): (Set, &[Entry]),
) -> Result<Vec<usize>, Exhausted> {
    let other = &zone.candidates[beaten];
    let best = upper.iter().filter(|it| it.candidate == beaten).map(|it| it.rank);
    let best = best.fold(f64::NEG_INFINITY, f64::max);
    let mut all = BTreeSet::new();
    for it in lower.iter().filter(|it| it.candidate != beaten) {
        let one = &zone.candidates[it.candidate];
        if one.is_before(it.rank, other, best) && meanings.overlaps(it.people, people)? {
            all.insert(it.candidate);
        }
    }
    Ok(all.into_iter().take(3).collect())
}
