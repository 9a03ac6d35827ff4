//! What the conditions of a project mean, made once a check for all rules about meaning.
//!
//! **Invariants.** Everything that a rule asks about was added before the first question, so that answers do not depend on
//! who asks first. A question without an answer is remembered: what it was about is said by TW0099, never left silent.
//! Nothing is analysed while a file that conditions count on cannot be read: that is said already, and all else would be
//! guessed. Deliberately absent: decision diagrams (`taiwa-meaning`), and what is wrong with an answer (the rules).

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use taiwa_condition::{ExprKind, History};
use taiwa_meaning::{
    Budget, Builder, Exhausted, Handle, Meanings, Person, ScoreHandle, Set, VersionId,
};
use taiwa_model::{ChannelName, ComponentId, Kind, OfferName, PurposeName, SegmentName};
use taiwa_text::Witness;

use crate::{
    Context, Site, SiteKind,
    parts::{demands, parts, without},
    zones::{BidScore, Candidate, EVERYONE, ZoneModel, zones},
};

/// Most parts of one condition of which it is asked what it says without them.
pub(crate) const MOST_PARTS: usize = 48;

/// A condition with what rules ask of it.
pub(crate) struct SiteMeaning {
    /// All of it.
    pub whole: Handle,
    /// What stands side by side at its top, where that is a chain.
    pub chain: Vec<Handle>,
    /// The parts that must all hold.
    pub demands: Vec<Handle>,
    /// The condition without each part that stands deeper than its top, in the order of [`parts`].
    pub without: Vec<(Vec<usize>, Handle)>,
}

/// Who may get an offer, whatever the zone.
#[derive(Clone, Copy)]
struct OfferMeaning {
    eligible: Option<Handle>,
    consent: Option<Handle>,
    /// Who has seen it as often as one may.
    capped: Option<Handle>,
}

/// The meaning of a project.
pub(crate) struct Analysis {
    /// The components.
    pub version: VersionId,
    /// Every zone of which everything is known.
    pub zones: Vec<ZoneModel>,
    sites: BTreeMap<ComponentId, BTreeMap<String, SiteMeaning>>,
    segments: BTreeMap<SegmentName, Handle>,
    channels: BTreeMap<ChannelName, Handle>,
    offers: BTreeMap<OfferName, OfferMeaning>,
    scores: BTreeMap<(ChannelName, usize), ScoreHandle>,
    meanings: Mutex<Meanings>,
    unanswered: Mutex<Vec<ComponentId>>,
}

impl Analysis {
    /// Reads every condition. `None` where too little is known.
    pub(crate) fn new(cx: &Context<'_>, budget: Budget) -> Option<Self> {
        let counts = [Kind::Audience, Kind::Segment, Kind::Flowchart, Kind::Channel];
        let lost = cx.index.broken().any(|it| counts.contains(&it.kind));
        if lost || cx.is_doubtful(&ComponentId::new(Kind::Audience, "shared")) {
            return None;
        }
        let components = cx.components;
        let mut builder = Builder::new(budget);
        builder.at(cx.clock.now());
        let version = builder.version(components);
        let mut sites: BTreeMap<ComponentId, BTreeMap<String, SiteMeaning>> = BTreeMap::new();
        let mut scores = BTreeMap::new();
        for site in cx.sites.iter() {
            if site.kind == SiteKind::Score {
                score(&mut builder, version, site, &mut scores);
            } else if let Some(it) = meaning(&mut builder, version, site) {
                sites.entry(site.component.clone()).or_default().insert(site.path.clone(), it);
            }
        }
        let names = cx.index.segments.keys().cloned().chain([SegmentName::new(EVERYONE)]);
        let segments = names.map(|it| (it.clone(), builder.segment(version, &it))).collect();
        let channels = components.channels.keys();
        let channels = channels.map(|it| (it.clone(), builder.on_channel(version, it))).collect();
        let zones = zones(cx);
        let mut offers = BTreeMap::new();
        for it in zones.iter().flat_map(|it| &it.candidates) {
            if offers.contains_key(&it.offer) {
                continue;
            }
            let id = ComponentId::new(Kind::Offer, it.offer.as_str());
            let eligible = sites.get(&id).and_then(|it| it.get("eligible")).map(|it| it.whole);
            offers.insert(it.offer.clone(), offer(&mut builder, version, it, eligible));
        }
        Some(Self {
            version,
            zones,
            sites,
            segments,
            channels,
            offers,
            scores,
            meanings: Mutex::new(builder.finish()),
            unanswered: Mutex::default(),
        })
    }

    /// The meaning of a condition.
    pub(crate) fn site(&self, site: &Site) -> Option<&SiteMeaning> {
        self.sites.get(&site.component)?.get(&site.path)
    }

    /// Asks; `None` where there is no answer, which is remembered as being about a component.
    pub(crate) fn ask<T>(
        &self,
        about: &ComponentId,
        question: impl FnOnce(&mut Meanings) -> Result<T, Exhausted>,
    ) -> Option<T> {
        let answer = question(&mut locked(&self.meanings));
        if answer.is_err() {
            locked(&self.unanswered).push(about.clone());
        }
        answer.ok()
    }

    /// What had no answer, each once.
    pub(crate) fn unanswered(&self) -> Vec<ComponentId> {
        let mut all = locked(&self.unanswered).clone();
        all.sort();
        all.dedup();
        all
    }

    /// Who of the visitors of a channel is in a segment.
    pub(crate) fn members(
        &self,
        meanings: &mut Meanings,
        channel: &ChannelName,
        segment: &SegmentName,
    ) -> Result<Set, Exhausted> {
        let here = self.visitors(meanings, channel)?;
        match self.segments.get(segment) {
            Some(it) => {
                let members = meanings.truth(*it)?;
                meanings.and(here, members)
            }
            None => Ok(meanings.nobody()),
        }
    }

    /// Who visits a channel.
    pub(crate) fn visitors(
        &self,
        meanings: &mut Meanings,
        channel: &ChannelName,
    ) -> Result<Set, Exhausted> {
        match self.channels.get(channel) {
            Some(it) => meanings.truth(*it),
            None => Ok(meanings.nobody()),
        }
    }

    /// Who is in a segment.
    pub(crate) fn segment(
        &self,
        meanings: &mut Meanings,
        segment: &SegmentName,
    ) -> Result<Set, Exhausted> {
        match self.segments.get(segment) {
            Some(it) => meanings.truth(*it),
            None => Ok(meanings.nobody()),
        }
    }

    /// Who fulfils the eligibility of an offer.
    pub(crate) fn eligible(
        &self,
        meanings: &mut Meanings,
        offer: &OfferName,
    ) -> Result<Set, Exhausted> {
        match self.offers.get(offer).and_then(|it| it.eligible) {
            Some(it) => meanings.truth(it),
            None => Ok(meanings.everybody()),
        }
    }

    /// Who may get an offer within its dates: consent, eligibility and cap.
    pub(crate) fn admitted(
        &self,
        meanings: &mut Meanings,
        offer: &OfferName,
    ) -> Result<Set, Exhausted> {
        let Some(it) = self.offers.get(offer) else { return Ok(meanings.nobody()) };
        let mut set = meanings.everybody();
        for handle in [it.eligible, it.consent].into_iter().flatten() {
            let those = meanings.truth(handle)?;
            set = meanings.and(set, those)?;
        }
        if let Some(capped) = it.capped {
            let full = meanings.truth(capped)?;
            set = meanings.minus(set, full)?;
        }
        Ok(set)
    }

    /// Where a rule of a strategy gives scores between which numbers; who is nowhere has no score.
    pub(crate) fn scores(
        &self,
        meanings: &mut Meanings,
        channel: &ChannelName,
        bid: &crate::zones::Bid,
    ) -> Result<Vec<Scored>, Exhausted> {
        let certain = match bid.score {
            BidScore::Fixed(score) => {
                let people = meanings.everybody();
                return Ok(vec![Scored { people, least: score, most: score, certain: true }]);
            }
            BidScore::Computed(certain) => certain,
        };
        let Some(handle) = self.scores.get(&(channel.clone(), bid.index)) else {
            return Ok(Vec::new());
        };
        let cells = meanings
            .score_cells(*handle)?
            .into_iter()
            .filter(|it| it.most.is_nan() || it.most >= 0.0);
        let scored = cells.map(|it| Scored {
            people: it.people,
            least: if it.least.is_nan() { f64::NEG_INFINITY } else { it.least },
            most: if it.most.is_nan() { f64::INFINITY } else { it.most },
            certain: certain && it.least >= 0.0,
        });
        Ok(scored.collect())
    }
}

/// Whoever panicked while asking left half a diagram at most, which nobody knows of.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// People to whom a rule gives a score between two numbers.
#[derive(Clone, Copy)]
pub(crate) struct Scored {
    /// Who.
    pub people: Set,
    /// At least this.
    pub least: f64,
    /// At most this.
    pub most: f64,
    /// Whether all of them have a score.
    pub certain: bool,
}

fn meaning(builder: &mut Builder, version: VersionId, site: &Site) -> Option<SiteMeaning> {
    let whole = site.checked.expr.as_ref()?;
    let chain = match &whole.kind {
        ExprKind::All(of) | ExprKind::Any(of) => of.as_slice(),
        _ => &[],
    };
    let deeper = parts(whole, MOST_PARTS).into_iter().filter(|it| it.way.len() > 1);
    Some(SiteMeaning {
        whole: builder.add(version, whole),
        chain: chain.iter().map(|it| builder.add(version, it)).collect(),
        demands: demands(whole).into_iter().map(|it| builder.add(version, it)).collect(),
        without: deeper
            .map(|it| {
                let rest = builder.add(version, &without(whole, &[&it.way]));
                (it.way, rest)
            })
            .collect(),
    })
}

fn score(
    builder: &mut Builder,
    version: VersionId,
    site: &Site,
    scores: &mut BTreeMap<(ChannelName, usize), ScoreHandle>,
) {
    let rule = site.path.split('/').nth(1).and_then(|it| it.parse().ok());
    if let (Some(rule), Some(expr)) = (rule, &site.checked.expr) {
        let channel = ChannelName::new(&site.component.name);
        scores.insert((channel, rule), builder.score(version, expr));
    }
}

fn offer(
    builder: &mut Builder,
    version: VersionId,
    it: &Candidate,
    eligible: Option<Handle>,
) -> OfferMeaning {
    let consent: Option<&PurposeName> = it.consent.as_ref();
    OfferMeaning {
        eligible,
        consent: consent.map(|it| builder.consented(version, it)),
        capped: it
            .cap
            .map(|cap| builder.contacted(version, (&it.offer, History::Shown), cap.per, cap.shown)),
    }
}

/// A person as a finding shows them. What a scenario cannot say leaves only the words.
pub(crate) fn witness(person: &Person, channel: Option<&ChannelName>) -> Witness {
    let elsewhere = person.channel.is_some() && person.channel.as_ref() != channel;
    let unsaid = elsewhere
        || person.locale.is_some()
        || person.visits.is_some_and(|it| it != 1)
        || !person.properties.is_empty()
        || !person.assumed.is_empty();
    let given = if unsaid { String::new() } else { person.given().to_string() };
    Witness { said: person.said().clone(), given }
}
