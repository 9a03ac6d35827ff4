//! What an interaction point shows to whom, and what became of it: who gets another offer.
//!
//! **Invariants.** Everything a decision weighs is weighed: segment, dates, consent, eligibility, cap, score, value, name,
//! places, fallback. A zone in which something of that cannot be known (a score without bounds, a form of arbitration
//! that is not served) is compared by who may get what, and not by who wins. Only points are asked about at which
//! something changed.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use taiwa_condition::History;
use taiwa_meaning::{Builder, Exhausted, Handle, Meanings, ScoreHandle, Set, VersionId};
use taiwa_model::{
    Arbitration, ChannelName, Components, InteractionPoint, OfferName, PointName, Score, Strategy,
    ZoneName,
};

use crate::{Site, Sites};

/// One side of an interaction point, ready to be asked.
pub(crate) struct Point {
    channel: Handle,
    bids: Vec<Bid>,
    admitted: BTreeMap<OfferName, Admitted>,
    fallback: Option<OfferName>,
    places: usize,
    /// Whether the order of offers is known.
    ranked: bool,
}

/// What a rule proposes.
struct Bid {
    offer: OfferName,
    segment: Handle,
    score: Bidden,
    /// What the score is multiplied with.
    factor: f64,
    value: f64,
}

enum Bidden {
    Fixed(f64),
    Computed(ScoreHandle),
}

/// Who may get an offer at all.
struct Admitted {
    all: Vec<Handle>,
    capped: Option<Handle>,
}

/// People for whom an offer has a rank.
struct Entry<'a> {
    offer: &'a OfferName,
    people: Set,
    rank: f64,
    value: f64,
}

impl Point {
    /// Reads what competes at a point; `None` where a part of it is missing or cannot be read.
    pub(crate) fn new(
        builder: &mut Builder,
        version: VersionId,
        (components, sites): (&Components, &Sites),
        (channel, name): (&ChannelName, &PointName),
    ) -> Option<Self> {
        let point = components.channels.get(channel)?.interaction_points.get(name)?;
        let none = Strategy::default();
        let strategy = components.strategies.get(channel).unwrap_or(&none);
        let arbitration = strategy.arbitration.get(&point.zone).copied().unwrap_or_default();
        let ranked = matches!(arbitration, Arbitration::Score | Arbitration::Value);
        let mut made = Self {
            channel: builder.on_channel(version, channel),
            bids: Vec::new(),
            admitted: BTreeMap::new(),
            fallback: point.fallback.clone(),
            places: point.offers as usize,
            ranked,
        };
        for (index, rule) in strategy.rules.iter().enumerate().filter(|it| it.1.zone == point.zone)
        {
            let offer = &components.offers.get(&rule.offer)?.content;
            if !offer.treatments.contains_key(channel) {
                continue;
            }
            let score = match &rule.score {
                Score::Fixed(it) => Bidden::Fixed(*it),
                Score::Cel(_) => {
                    let path = format!("rules/{index}/score");
                    let own = |it: &&Site| it.component.name == channel.as_str() && it.path == path;
                    Bidden::Computed(
                        builder.score(version, sites.iter().find(own)?.checked.expr.as_ref()?),
                    )
                }
            };
            let factor = if arbitration == Arbitration::Value { offer.value / 100.0 } else { 1.0 };
            made.bids.push(Bid {
                offer: rule.offer.clone(),
                segment: builder.segment(version, &rule.segment),
                score,
                factor,
                value: offer.value,
            });
            if !made.admitted.contains_key(&rule.offer) {
                let it = admitted(builder, version, (components, sites), &rule.offer)?;
                made.admitted.insert(rule.offer.clone(), it);
            }
        }
        Some(made)
    }

    /// Who may get each offer with which rank, the best first, and whether that order is certain.
    fn entries(&self, meanings: &mut Meanings) -> Result<(Vec<Entry<'_>>, bool), Exhausted> {
        let visitors = meanings.truth(self.channel)?;
        let mut exact = self.ranked;
        let mut scores: BTreeMap<&OfferName, Vec<(f64, Set, &Bid)>> = BTreeMap::new();
        for bid in &self.bids {
            let Some(admitted) = self.admitted.get(&bid.offer) else { continue };
            let members = meanings.truth(bid.segment)?;
            let mut people = meanings.and(visitors, members)?;
            for handle in &admitted.all {
                let those = meanings.truth(*handle)?;
                people = meanings.and(people, those)?;
            }
            if let Some(handle) = admitted.capped {
                let full = meanings.truth(handle)?;
                people = meanings.minus(people, full)?;
            }
            let own = scores.entry(&bid.offer).or_default();
            match bid.score {
                Bidden::Fixed(score) => own.push((score, people, bid)),
                Bidden::Computed(handle) => {
                    for cell in meanings.score_cells(handle)? {
                        let people = meanings.and(people, cell.people)?;
                        if !meanings.is_empty(people)? {
                            exact &= cell.least.total_cmp(&cell.most).is_eq();
                            own.push((cell.most, people, bid));
                        }
                    }
                }
            }
        }
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for (offer, mut own) in scores {
            // An offer that several rules bring in counts once, with its highest score.
            own.retain(|it| it.0 >= 0.0);
            own.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut seen = meanings.nobody();
            for (score, people, bid) in own {
                let fresh = meanings.minus(people, seen)?;
                seen = meanings.or(seen, fresh)?;
                let rank = score.min(MOST) * bid.factor;
                entries.push(Entry { offer, people: fresh, rank, value: bid.value });
            }
        }
        entries.sort_by(before);
        Ok((entries, exact))
    }

    /// To whom each offer is shown: those for whom there is a place, and the fallback where there is nothing else.
    fn shown(
        &self,
        meanings: &mut Meanings,
        (entries, places): (&[Entry<'_>], usize),
    ) -> Result<BTreeMap<OfferName, Set>, Exhausted> {
        let mut shown = crowd(meanings, entries, places)?;
        if let Some(fallback) = &self.fallback {
            let mut left = meanings.truth(self.channel)?;
            for it in entries {
                left = meanings.minus(left, it.people)?;
            }
            let before = shown.get(fallback).copied().unwrap_or_else(|| meanings.nobody());
            let all = meanings.or(before, left)?;
            shown.insert(fallback.clone(), all);
        }
        Ok(shown)
    }
}

/// What became of the answers of a point.
#[derive(Default)]
pub(crate) struct Turned {
    /// Offers that somebody does not get any more, and who.
    pub lost: BTreeMap<OfferName, Set>,
    /// Offers that somebody gets who did not before, and who.
    pub gained: BTreeMap<OfferName, Set>,
    /// Whether that is said of what is shown; else only of what may be shown.
    pub exact: bool,
}

/// Compares two sides of a point.
pub(crate) fn turned(
    meanings: &mut Meanings,
    old: &Point,
    new: &Point,
) -> Result<Turned, Exhausted> {
    let ((was, one), (is, other)) = (old.entries(meanings)?, new.entries(meanings)?);
    let exact = one && other;
    let places = |it: &Point| if exact { it.places } else { usize::MAX };
    let was = old.shown(meanings, (&was, places(old)))?;
    let is = new.shown(meanings, (&is, places(new)))?;
    let mut turned = Turned { exact, ..Turned::default() };
    let names: BTreeSet<&OfferName> = was.keys().chain(is.keys()).collect();
    for name in names {
        let of = |from: &BTreeMap<OfferName, Set>, meanings: &Meanings| {
            from.get(name).copied().unwrap_or_else(|| meanings.nobody())
        };
        let (before, after) = (of(&was, meanings), of(&is, meanings));
        let lost = meanings.minus(before, after)?;
        if !meanings.is_empty(lost)? {
            turned.lost.insert(name.clone(), lost);
        }
        let gained = meanings.minus(after, before)?;
        if !meanings.is_empty(gained)? {
            turned.gained.insert(name.clone(), gained);
        }
    }
    Ok(turned)
}

/// The greatest score.
const MOST: f64 = 1000.0;

/// The better rank first; then the higher value; then the name.
fn before(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    let (ranks, values) = (b.rank.total_cmp(&a.rank), b.value.total_cmp(&a.value));
    ranks.then(values).then_with(|| a.offer.cmp(b.offer))
}

/// Who gets which offer, where there are so many places and the best come first.
fn crowd(
    meanings: &mut Meanings,
    entries: &[Entry<'_>],
    places: usize,
) -> Result<BTreeMap<OfferName, Set>, Exhausted> {
    let mut shown: BTreeMap<OfferName, Set> = BTreeMap::new();
    // taken[n]: who has more than n offers already.
    let mut taken: Vec<Set> = Vec::new();
    for it in entries {
        let full = places.checked_sub(1).and_then(|it| taken.get(it)).copied();
        let gets = match full {
            Some(full) => meanings.minus(it.people, full)?,
            None => it.people,
        };
        let own = shown.get(it.offer).copied().unwrap_or_else(|| meanings.nobody());
        let own = meanings.or(own, gets)?;
        shown.insert(it.offer.clone(), own);
        if places < MAX_PLACES {
            let mut more = gets;
            for level in &mut taken {
                let next = meanings.and(*level, more)?;
                *level = meanings.or(*level, more)?;
                more = next;
            }
            if taken.len() < places {
                taken.push(more);
            }
        }
    }
    Ok(shown)
}

/// Most places that an interaction point has.
const MAX_PLACES: usize = 51;

fn admitted(
    builder: &mut Builder,
    version: VersionId,
    (components, sites): (&Components, &Sites),
    name: &OfferName,
) -> Option<Admitted> {
    let offer = &components.offers.get(name)?.content;
    let mut all = vec![builder.within(version, &offer.valid)];
    if offer.eligible.is_some() {
        let own = |it: &&Site| {
            it.component.kind == taiwa_model::Kind::Offer
                && it.component.name == name.as_str()
                && it.path == "eligible"
        };
        all.push(builder.add(version, sites.iter().find(own)?.checked.expr.as_ref()?));
    }
    if let Some(purpose) = &offer.consent {
        all.push(builder.consented(version, purpose));
    }
    let capped =
        offer.cap.map(|it| builder.contacted(version, (name, History::Shown), it.per, it.shown));
    Some(Admitted { all, capped })
}

/// Whether anything that a point hangs on differs between two sides.
pub(crate) fn differs(
    (old, new): (&Components, &Components),
    channel: &ChannelName,
    (was, is): (&InteractionPoint, &InteractionPoint),
) -> bool {
    let arbitration = |from: &Components, zone: &ZoneName| {
        from.strategies
            .get(channel)
            .and_then(|it| it.arbitration.get(zone))
            .copied()
            .unwrap_or_default()
    };
    let rules = |from: &Components, zone: &ZoneName| {
        let all = from.strategies.get(channel).into_iter().flat_map(|it| it.rules.clone());
        all.filter(|it| it.zone == *zone)
            .map(|mut it| {
                it.zone = ZoneName::new("");
                it
            })
            .collect::<Vec<_>>()
    };
    let (mut before, mut after) = (was.clone(), is.clone());
    (before.title, after.title) = Default::default();
    (before.zone, after.zone) = (ZoneName::new(""), ZoneName::new(""));
    let theirs = rules(new, &is.zone);
    before != after
        || arbitration(old, &was.zone) != arbitration(new, &is.zone)
        || rules(old, &was.zone) != theirs
        || theirs.iter().any(|it| {
            let of = |from: &Components| {
                let offer = from.offers.get(&it.offer).map(|it| it.content.clone());
                offer.map(|it| {
                    let has = it.treatments.contains_key(channel);
                    (it.valid, it.value, it.consent, it.eligible, it.cap, has)
                })
            };
            of(old) != of(new)
        })
        || old.segments != new.segments
        || old.flowcharts != new.flowcharts
        || old.audience != new.audience
}
