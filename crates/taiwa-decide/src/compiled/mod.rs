//! A release made ready to decide: names resolved, conditions compiled, dates turned into instants.
//!
//! **Invariants.** Immutable; equal components give equal answers. What compiles is served as it was written, or not at
//! all: an arbitration that this version does not know, an unknown name, a segment that hangs on itself is a refusal.
//! Deliberately absent: the rules of authors (`taiwa-validator`), persons, the clock.

mod build;
mod channels;
mod condition;
mod keep;
mod offers;
mod segments;
mod template;

use std::collections::BTreeMap;

use build::Builder;
use jiff::tz::TimeZone;
use taiwa_condition::{LevelSlot, Slots};
use taiwa_model::{
    Attribute, AttributeName, ChannelName, Components, ConsentDefault, Digest, EventRef, LevelName,
    Locale, OfferName, PointName, PurposeName, Timestamp,
};

pub(crate) use channels::{
    Bid, BidScore, Candidate, CompiledChannel, CompiledEvent, Point, Zone, better, rank,
};
pub use channels::{MAX_POINT_OFFERS, MAX_SCORE};
pub(crate) use condition::Condition;
pub use keep::{CREDIT_WINDOW, Keep, KeptEvent, MAX_SUMS};
pub(crate) use offers::{CompiledOffer, CompiledTreatment, Form};
pub use segments::MAX_SEGMENT_DEPTH;
pub(crate) use segments::{Chart, SegmentRule};
pub use template::MAX_FILLED_BYTES;

use crate::{Person, Session, facts::PersonFacts};

/// Most attributes, and most events, whose history conditions of one release may read.
pub const MAX_READ: usize = 4_096;

/// A release made ready to decide. Immutable.
#[derive(Debug)]
pub struct Compiled {
    digest: Digest,
    pub(crate) zone: TimeZone,
    pub(crate) locales: Vec<Locale>,
    levels: Vec<(LevelName, String)>,
    pub(crate) level_slots: Vec<LevelSlot>,
    pub(crate) attributes: BTreeMap<AttributeName, Attribute>,
    pub(crate) purposes: BTreeMap<PurposeName, bool>,
    pub(crate) read: Read,
    pub(crate) segments: Vec<SegmentRule>,
    pub(crate) charts: Vec<Chart>,
    pub(crate) offers: Vec<CompiledOffer>,
    pub(crate) channels: BTreeMap<ChannelName, CompiledChannel>,
    pub(crate) keep: Keep,
    pub(crate) slots: Slots,
}

/// The facts that conditions of the release read, by the index of their slots.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) attributes: Vec<(AttributeName, Attribute)>,
    pub(crate) events: Vec<EventRef>,
    /// With what holds where nothing was said.
    pub(crate) purposes: Vec<(PurposeName, bool)>,
}

/// Why a release cannot be served: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the release cannot be served: {}", problems.join("; "))]
pub struct CompileError {
    /// Each with the component it is about: `strategy/web-store: …`.
    pub problems: Vec<String>,
}

impl Compiled {
    /// Compiles, proves the limits, and evaluates every program once against nobody.
    ///
    /// # Errors
    /// Everything that keeps this release from being served.
    pub fn new(digest: Digest, components: &Components) -> Result<Self, CompileError> {
        let mut builder = Builder::new(components);
        let (zone, locales) = builder.workspace();
        let levels = builder.levels();
        let (segments, charts) = builder.segments();
        let offers = builder.offers(&zone);
        let channels = builder.channels(&offers);
        let mut audience = components.audience.clone().unwrap_or_default();
        for it in audience.attributes.values_mut() {
            // JSON does not tell a time from a text, nor 3 from 3.0: the declared type does.
            it.default = it.default.take().and_then(|value| it.kind.read(&value.to_json()));
        }
        let (slots, keep, mut problems) = builder.into_problems();
        let granted = |it: &taiwa_model::ConsentRule| it.default == ConsentDefault::Granted;
        let purposes = audience.consent.iter().map(|(name, it)| (name.clone(), granted(it)));
        let compiled = Self {
            digest,
            zone,
            locales,
            level_slots: levels.iter().filter_map(|it| slots.levels.slot(it.0.as_str())).collect(),
            levels,
            read: read(&slots, &audience),
            attributes: audience.attributes,
            purposes: purposes.collect(),
            segments,
            charts,
            offers,
            channels,
            keep,
            slots,
        };
        if compiled.read.attributes.len().max(compiled.read.events.len()) > MAX_READ {
            problems.push(format!("conditions read more than {MAX_READ} attributes or events"));
        }
        for (event, _) in compiled.keep.events().filter(|it| it.1.sums.len() > MAX_SUMS) {
            problems.push(format!("conditions sum more than {MAX_SUMS} properties of `{event}`"));
        }
        if !problems.is_empty() {
            return Err(CompileError { problems });
        }
        compiled.self_test();
        Ok(compiled)
    }

    /// The digest of the release.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The audience levels with their keys, the known one first.
    pub fn levels(&self) -> &[(LevelName, String)] {
        &self.levels
    }

    /// The level whose key has this name: `customer_id`.
    pub fn level_of_key(&self, key: &str) -> Option<&LevelName> {
        self.levels.iter().find(|it| it.1 == key).map(|it| &it.0)
    }

    /// Whether the level is the known one.
    pub fn is_known(&self, level: &LevelName) -> bool {
        self.levels.first().is_some_and(|it| it.0 == *level)
    }

    /// Whether the release has this channel.
    pub fn has_channel(&self, channel: &ChannelName) -> bool {
        self.channels.contains_key(channel)
    }

    /// The channels with their interaction points, and how many offers each shows at most.
    pub fn points(&self) -> impl Iterator<Item = (&ChannelName, &PointName, usize)> {
        self.channels.iter().flat_map(|(channel, it)| {
            it.points.iter().map(move |(point, it)| (channel, point, it.offers))
        })
    }

    /// The attributes of the profile.
    pub const fn attributes(&self) -> &BTreeMap<AttributeName, Attribute> {
        &self.attributes
    }

    /// Every condition and every computed score, as it was written.
    pub(crate) fn condition_texts(&self) -> impl Iterator<Item = &str> {
        let segments = self.segments.iter().filter_map(|it| match it {
            SegmentRule::When(it) => Some(it.as_ref()),
            _ => None,
        });
        let zones = self.channels.values().flat_map(|it| &it.zones);
        let bids = zones.flat_map(|it| &it.candidates).flat_map(|it| &it.rules);
        let scores = bids.filter_map(|it| match &it.score {
            BidScore::Computed(it) => Some(it.as_ref()),
            BidScore::Fixed(_) => None,
        });
        let charts = self.charts.iter().flat_map(Chart::conditions);
        let offers = self.offers.iter().filter_map(|it| it.eligible.as_ref());
        segments.chain(charts).chain(offers).chain(scores).map(|it| it.text.as_str())
    }

    /// Whether the release has this offer.
    pub fn has_offer(&self, offer: &OfferName) -> bool {
        self.offer_index(offer).is_some()
    }

    /// What of a history this release reads.
    pub const fn keep(&self) -> &Keep {
        &self.keep
    }

    pub(crate) fn offer_index(&self, offer: &OfferName) -> Option<usize> {
        self.slots.offers.slot(offer.as_str()).map(taiwa_condition::Slot::index)
    }

    /// Evaluates everything once against a person of whom nothing is known, so that what cannot run is found before it is served.
    fn self_test(&self) {
        let person = Person::default();
        for (level, _) in &self.levels {
            for channel in self.channels.keys() {
                let session = Session {
                    channel: channel.clone(),
                    level: level.clone(),
                    key: String::new(),
                    locale: None,
                    started: Timestamp::default(),
                    last_shown: Vec::new(),
                    began_as: None,
                };
                let facts = PersonFacts::new(self, &session, &person, Timestamp::default());
                facts.evaluate_all();
            }
        }
    }
}

fn read(slots: &Slots, audience: &taiwa_model::Audience) -> Read {
    let attribute = |name: &AttributeName| {
        Some((name.clone(), audience.attributes.get(name.as_str()).cloned()?))
    };
    let purpose = |name: &PurposeName| {
        let default = audience.consent.get(name.as_str()).map(|it| it.default);
        (name.clone(), default == Some(ConsentDefault::Granted))
    };
    Read {
        attributes: slots.attributes.iter().filter_map(|it| attribute(it.1)).collect(),
        events: slots.events.iter().map(|it| it.1.clone()).collect(),
        purposes: slots.purposes.iter().map(|it| purpose(it.1)).collect(),
    }
}

impl Builder<'_> {
    fn workspace(&mut self) -> (TimeZone, Vec<Locale>) {
        let Some(workspace) = &self.components.workspace else {
            self.problem("workspace/taiwa", "it is missing");
            return (TimeZone::UTC, Vec::new());
        };
        if workspace.locales.is_empty() {
            self.problem("workspace/taiwa", "it names no locale");
        }
        let zone = TimeZone::get(&workspace.time_zone).unwrap_or_else(|_| {
            let words = format!("time zone `{}` is unknown", workspace.time_zone);
            self.problem("workspace/taiwa", &words);
            TimeZone::UTC
        });
        (zone, workspace.locales.clone())
    }

    fn levels(&mut self) -> Vec<(LevelName, String)> {
        let levels = self.components.audience.as_ref().map(|it| it.levels.as_slice());
        let levels = levels.unwrap_or_default();
        if levels.is_empty() {
            self.problem("audience/shared", "it is missing, or declares no level");
        }
        levels.iter().map(|it| (it.name.clone(), it.key.clone())).collect()
    }
}
