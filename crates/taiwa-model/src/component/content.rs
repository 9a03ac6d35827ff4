//! Components that belong to no channel in particular: workspace, audience, segments, flowcharts, offers, messages, policies, goals.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::{
    AttributeName, ChannelName, EventRef, FieldName, LevelName, LinkName, Locale, Moment, NodeName,
    OfferName, PurposeName, RoleName, SegmentName, SpanOfTime, Value, ValueType,
};

/// Text by locale. Text that was written without a locale stands under `und`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Localized(pub BTreeMap<Locale, String>);

impl Localized {
    /// The text for the first of these locales that has one, then the undetermined one, then any.
    pub fn get<'a>(&'a self, wanted: impl IntoIterator<Item = &'a Locale>) -> &'a str {
        let found = wanted.into_iter().find_map(|it| self.0.get(it));
        found
            .or_else(|| self.0.get("und"))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }
}

/// `taiwa.yaml`, as far as it has a meaning at run time; rule levels are the validator's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workspace {
    /// Version of the file forms, 1.
    pub format: u32,
    /// Name of the brand or business.
    pub title: Localized,
    /// Every locale that treatments must have; the first is the last resort.
    pub locales: Vec<Locale>,
    /// IANA name of the zone that dates without a zone are in.
    pub time_zone: String,
    /// ISO 4217 code; the unit of every `value`.
    pub currency: String,
}

/// `audience.yaml`: who we talk with, and what we know of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// Levels in the author's order; the first is the known one.
    pub levels: Vec<Level>,
    /// The profile.
    pub attributes: BTreeMap<AttributeName, Attribute>,
    /// Purposes that consent is asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: BTreeMap<PurposeName, ConsentRule>,
}

/// One audience level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name: `customer`.
    pub name: LevelName,
    /// The key that identifies a person (or household) on it: `customer_id`.
    pub key: String,
    /// The level it groups, for levels beyond known and unknown.
    #[serde(default, skip_serializing_if = "is_default")]
    pub of: Option<LevelName>,
}

/// One attribute of the profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// What an enum may be, in the author's order; empty for other types.
    #[serde(default, skip_serializing_if = "is_default")]
    pub values: Vec<String>,
    /// What it is where nothing is known; without it the attribute may be missing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default: Option<Value>,
    /// Least value of a number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min: Option<f64>,
    /// Greatest value of a number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max: Option<f64>,
    /// Personal data that must not appear in events and logs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pii: bool,
}

/// What holds for a purpose while a person has said nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRule {
    /// Granted or denied.
    pub default: ConsentDefault,
    /// The legal basis, which a default of `granted` needs.
    #[serde(default, skip_serializing_if = "is_default")]
    pub basis: Option<Basis>,
}

/// An answer to a question for consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentDefault {
    /// Yes.
    Granted,
    /// No.
    Denied,
}

/// Why data may be used without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A contract with the person needs it.
    Contract,
    /// A law demands it.
    Legal,
}

/// A segment: who matches a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// For people.
    pub title: Localized,
    /// CEL.
    pub when: String,
}

/// An interactive flowchart: decisions that end in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flowchart {
    /// For people.
    pub title: Localized,
    /// Where a visitor enters.
    pub start: NodeName,
    /// The nodes by name.
    pub nodes: BTreeMap<NodeName, Node>,
}

/// A node of a flowchart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Node {
    /// Cases in order; the last is `otherwise`.
    Decide(Vec<Branch>),
    /// A leaf: the visitor is in this segment, which it declares.
    Segment {
        /// The segment.
        name: SegmentName,
        /// For people.
        #[serde(default, skip_serializing_if = "is_default")]
        title: Localized,
    },
}

/// One case of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// CEL; absent for `otherwise`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when: Option<String>,
    /// The next node.
    pub go: NodeName,
}

/// An offer: what is proposed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// For people.
    pub title: Localized,
    /// When it may be proposed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub valid: Period,
    /// What an acceptance is worth, in the workspace's currency; may be negative; 0 if left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub value: f64,
    /// Free words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tags: BTreeSet<String>,
    /// The consent purpose that proposing it needs, if any.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: Option<PurposeName>,
    /// CEL: who may get it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub eligible: Option<String>,
    /// How often one person may see it, over all channels.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cap: Option<Cap>,
    /// Its forms by channel and locale.
    #[serde(default, skip_serializing_if = "is_default")]
    pub treatments: BTreeMap<ChannelName, Treatment>,
}

/// At most `shown` times within a rolling window of `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// How often, at least 1.
    pub shown: u32,
    /// The window.
    pub per: SpanOfTime,
}

/// From and until, either may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Its beginning.
    #[serde(default, skip_serializing_if = "is_default")]
    pub from: Option<Moment>,
    /// Its end; a day counts to its end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub until: Option<Moment>,
}

/// The fields of a treatment in one locale.
pub type Content = BTreeMap<FieldName, Value>;

/// A treatment: its content by locale.
pub type Treatment = BTreeMap<Locale, Content>;

/// A message that is sent on outbound channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// For people.
    pub title: Localized,
    /// The purpose it needs; absent: that of the channel.
    #[serde(default, skip_serializing_if = "is_default")]
    pub consent: Option<PurposeName>,
    /// The offer it proposes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub offer: Option<OfferName>,
    /// Free words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tags: BTreeSet<String>,
    /// Links by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub links: BTreeMap<LinkName, String>,
    /// Its forms by channel and locale.
    pub treatments: BTreeMap<ChannelName, Treatment>,
}

/// A contact policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// For people.
    pub title: Localized,
    /// The channels it counts together.
    pub channels: BTreeSet<ChannelName>,
    /// How many messages in which window.
    #[serde(default, skip_serializing_if = "is_default")]
    pub limits: Vec<Limit>,
    /// CEL: true means that nothing is sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub never: Option<String>,
    /// Purposes that are neither counted nor stopped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub exempt: BTreeSet<PurposeName>,
}

/// At most `sent` messages within a rolling window of `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many.
    pub sent: u32,
    /// The window.
    pub per: SpanOfTime,
}

/// A goal: one objective and its KPI.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// For people.
    pub title: Localized,
    /// What is to be reached.
    pub objective: String,
    /// How.
    #[serde(default, skip_serializing_if = "is_default")]
    pub use_case: Option<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub owner: Option<String>,
    /// Who agreed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stakeholders: Vec<String>,
    /// 1 is first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: Option<u32>,
    /// How success is measured.
    pub kpi: Kpi,
    /// When it is to be reached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub period: Period,
    /// Who signed it off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub signed_off: Vec<GoalSignature>,
}

/// A key performance indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// The event that is counted.
    pub event: EventRef,
    /// `count`, `people`, `sum(PROPERTY)` or `rate(channel/event)`.
    pub measure: String,
    /// Over what time.
    pub per: SpanOfTime,
    /// Where we are.
    pub baseline: f64,
    /// Where we want to be.
    pub target: f64,
    /// Whether lower is better.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lower_is_better: bool,
}

/// A signature below a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalSignature {
    /// Whose.
    pub name: String,
    /// In which role.
    pub role: RoleName,
    /// On which day.
    pub on: Moment,
}
