//! Channels and what lies in their folders: strategy and touchpoints.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Fallback, Localized, is_default};
use crate::{
    CategoryName, EventName, EventRef, FieldName, GoalName, OfferName, PointName, PropertyName,
    PurposeName, SegmentName, SignalName, SpanOfTime, ValueType, ZoneName,
};

/// An interactive channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// For people.
    pub title: Localized,
    /// Whether touchpoints ask, or we send.
    pub direction: Direction,
    /// The goal it serves; required for inbound channels.
    #[serde(default, skip_serializing_if = "is_default")]
    pub goal: Option<GoalName>,
    /// What kind of outbound channel it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub medium: Option<Medium>,
    /// The signals of a custom medium; empty where the medium's own are used (`interactions: standard`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub interactions: BTreeMap<SignalName, Signal>,
    /// The purpose that its messages need unless they name one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: Option<PurposeName>,
    /// When nothing is sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub quiet_hours: Vec<QuietHours>,
    /// Zones by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub zones: BTreeMap<ZoneName, Zone>,
    /// Interaction points by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interaction_points: BTreeMap<PointName, InteractionPoint>,
    /// Event categories by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub categories: BTreeMap<CategoryName, Category>,
    /// Events by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub events: BTreeMap<EventName, Event>,
    /// Which events tell how an offer was received.
    #[serde(default, skip_serializing_if = "is_default")]
    pub responses: Responses,
}

/// Whether touchpoints ask, or we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Touchpoints ask.
    Inbound,
    /// We send.
    Outbound,
}

/// The kind of an outbound channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// Email.
    Email,
    /// Text message.
    Sms,
    /// Push notification.
    Push,
    /// Voice call.
    Voice,
    /// Anything else; lists its own interactions.
    Custom,
}

/// The life of a signal of a custom medium.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The signal it needs before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub after: Option<SignalName>,
    /// Signals that can no longer come after it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub excludes: BTreeSet<SignalName>,
}

/// A daily time in which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`; earlier than `from`: on the next day.
    pub until: String,
    /// `mon` to `sun`; empty: every day.
    #[serde(default, skip_serializing_if = "is_default")]
    pub days: Vec<String>,
}

/// A zone groups interaction points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// For people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Localized,
    /// The fields that treatments shown here must have; empty: not checked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub content: BTreeMap<FieldName, FieldKind>,
}

/// What a field of a treatment must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FieldKind {
    /// Text of at most so many characters (absent: any).
    String {
        /// Most characters.
        #[serde(default, skip_serializing_if = "is_default")]
        max: Option<u32>,
    },
    /// An https address, or a path that begins with `/`.
    Url,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list of texts.
    List,
}

/// Where an offer is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionPoint {
    /// For people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Localized,
    /// Its zone.
    pub zone: ZoneName,
    /// How many offers it shows at most, 1 to 50.
    pub offers: u32,
    /// What it shows when nobody is eligible.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fallback: Fallback,
}

/// Groups events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// For people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Localized,
}

/// What a visitor does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// For people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Localized,
    /// Its category.
    pub category: CategoryName,
    /// Its properties.
    #[serde(default, skip_serializing_if = "is_default")]
    pub properties: BTreeMap<PropertyName, Property>,
    /// Whether it is a conversion, and of how old contacts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub conversion: Option<Conversion>,
}

/// A property of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// What an enum may be.
    #[serde(default, skip_serializing_if = "is_default")]
    pub values: Vec<String>,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
}

/// A conversion is credited to contacts of this long before it; 30 days unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// How long before.
    pub within: SpanOfTime,
}

/// The events that tell how an offer was received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Responses {
    /// It was seen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shown: BTreeSet<EventName>,
    /// It was taken.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accepted: BTreeSet<EventName>,
    /// It was refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rejected: BTreeSet<EventName>,
}

/// The interaction strategy of a channel: offers to segments in zones, with scores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// How the winner is found, by zone; a zone that is absent: by score.
    #[serde(default, skip_serializing_if = "is_default")]
    pub arbitration: BTreeMap<ZoneName, Arbitration>,
    /// The assignments, in the author's order.
    pub rules: Vec<Rule>,
}

/// How the winner is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arbitration {
    /// By the written score.
    #[default]
    Score,
    /// By score ÷ 100 × value × acceptance rate.
    Value,
    /// By what was learned; not served yet.
    Learning,
    /// Drawn with the scores as weights; not served yet.
    Weights,
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Where.
    pub zone: ZoneName,
    /// To whom; `everyone` is built in.
    pub segment: SegmentName,
    /// What.
    pub offer: OfferName,
    /// How strongly, 0 to 1000.
    pub score: Score,
}

/// A score: a number, or CEL that gives one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Score {
    /// Written as a number.
    Fixed(f64),
    /// Computed for each visitor.
    Cel(String),
}

/// What a website, an app or a call centre uses of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touchpoint {
    /// For people.
    pub title: Localized,
    /// What it uses.
    pub uses: Uses,
}

/// What a touchpoint uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uses {
    /// Interaction points it asks for, by bare name of its channel or `channel/point`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interaction_points: BTreeSet<PointName>,
    /// Events it posts, qualified.
    #[serde(default, skip_serializing_if = "is_default")]
    pub events: BTreeSet<EventRef>,
}
