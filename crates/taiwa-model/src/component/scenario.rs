//! Scenarios: what should happen, executable.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{ConsentDefault, Localized, is_default};
use crate::{
    AttributeName, ChannelName, EventRef, LevelName, Locale, Moment, OfferName, PointName,
    PropertyName, PurposeName, SegmentName, SpanOfTime, Value,
};

/// A scenario: who comes when, what they do, and what we must say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// For people.
    pub title: Localized,
    /// Where the story begins.
    pub given: Given,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// The beginning of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The clock.
    pub at: Moment,
    /// The audience level of the person: `customer` or `visitor`.
    pub level: LevelName,
    /// The key of that level and attributes, as written; the key's name is the audience's to say.
    pub profile: BTreeMap<AttributeName, Value>,
    /// What the person said about purposes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
    /// What happened before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub history: Vec<Past>,
}

/// Something that happened before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// How long before `given.at`.
    pub ago: SpanOfTime,
    /// What.
    pub what: PastWhat,
}

/// What happened before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PastWhat {
    /// An event was posted.
    Event {
        /// Which.
        event: EventRef,
        /// With what.
        #[serde(default, skip_serializing_if = "is_default")]
        properties: BTreeMap<PropertyName, Value>,
    },
    /// An offer was shown.
    Shown(OfferName),
    /// An offer was accepted.
    Accepted(OfferName),
    /// An offer was rejected.
    Rejected(OfferName),
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A session begins; later bare names mean this channel.
    Start {
        /// The channel.
        channel: ChannelName,
        /// The locale of the session.
        #[serde(default, skip_serializing_if = "is_default")]
        locale: Option<Locale>,
    },
    /// An interaction point is asked.
    Offers {
        /// Which point, bare or `channel/point`.
        point: PointName,
        /// At most so many; absent: what the point allows.
        #[serde(default, skip_serializing_if = "is_default")]
        limit: Option<u32>,
        /// The whole answer in order, fallback included.
        #[serde(default, skip_serializing_if = "is_default")]
        expect: Option<Vec<OfferName>>,
        /// These must be in the answer.
        #[serde(default, skip_serializing_if = "is_default")]
        contains: BTreeSet<OfferName>,
        /// These must not.
        #[serde(default, skip_serializing_if = "is_default")]
        excludes: BTreeSet<OfferName>,
    },
    /// An event is posted.
    Post {
        /// Which event, bare or `channel/event`.
        event: String,
        /// With what.
        #[serde(default, skip_serializing_if = "is_default")]
        properties: BTreeMap<PropertyName, Value>,
    },
    /// The clock moves on.
    Advance(SpanOfTime),
    /// Something must be so now.
    Expect(Expect),
}

/// What must be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expect {
    /// The person is in this segment.
    Segment(SegmentName),
    /// The person is not in this segment.
    NotSegment(SegmentName),
}
