//! Decisions: what to show at an interaction point.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use taiwa_model::{AttributeName, ChannelName, Digest, Locale, OfferName, PointName, Timestamp};

/// Query of `GET /v1/sessions/{id}/offers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OffersQuery {
    /// The interaction point, bare or `channel/point`.
    #[schemars(with = "String")]
    pub point: PointName,
    /// At most so many offers; limited to what the point shows.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Whether the answer holds the reasons.
    #[serde(default)]
    pub explain: Option<bool>,
}

/// Body of `POST /v1/sessions/{id}/offers`: several points in one decision, no offer twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPoints {
    /// How many offers at most, by interaction point. Points are served in the order of their names.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub points: BTreeMap<PointName, u32>,
    /// Whether the answer holds the reasons.
    #[serde(default)]
    pub explain: bool,
}

/// Body of `POST /v1/decide`: a decision without a session. Nothing of it changes the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideOnce {
    /// The inbound channel.
    #[schemars(with = "String")]
    pub channel: ChannelName,
    /// The interaction point.
    #[schemars(with = "String")]
    pub point: PointName,
    /// Who it is: the key of an audience level. Without it: nobody that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audience: BTreeMap<String, String>,
    /// Attributes that hold for this decision only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub attributes: BTreeMap<AttributeName, Json>,
    /// A language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub locale: Option<Locale>,
    /// At most so many offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Whether the answer holds the reasons.
    #[serde(default)]
    pub explain: bool,
}

/// One offer of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferAnswer {
    /// The offer.
    #[schemars(with = "String")]
    pub offer: OfferName,
    /// Which treatment: its channel and locale, `web-store/en`.
    pub treatment: String,
    /// What it was ordered by.
    pub score: f64,
    /// The fields of the treatment, placeholders filled.
    pub content: BTreeMap<String, Json>,
    /// Send it back as `tracking` of a response event, and the response is credited to this showing.
    pub tracking: String,
}

/// Why an offer is in the answer, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonAnswer {
    /// The offer; none where the reason is about the whole point.
    #[schemars(with = "Option<String>")]
    pub offer: Option<OfferName>,
    /// Where it was decided: `segment`, `dates`, `consent`, `eligible`, `cap`, `score`, …
    pub stage: String,
    /// For people.
    pub detail: String,
}

/// Answer of `GET /v1/sessions/{id}/offers` and of `POST /v1/decide`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionAnswer {
    /// The id of the decision, for `GET /v1/decisions/{id}`.
    pub decision: String,
    /// The interaction point.
    #[schemars(with = "String")]
    pub point: PointName,
    /// The release that decided.
    #[schemars(with = "String")]
    pub release: Digest,
    /// The offers, best first; empty where nothing is to be shown.
    pub offers: Vec<OfferAnswer>,
    /// Whether nobody was eligible and the fallback stands in.
    pub fallback: bool,
    /// The reasons, if they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonAnswer>,
}

/// What one of several points shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointAnswer {
    /// The offers, best first.
    pub offers: Vec<OfferAnswer>,
    /// Whether the fallback stands in.
    pub fallback: bool,
    /// The reasons, if they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonAnswer>,
}

/// Answer of `POST /v1/sessions/{id}/offers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsAnswer {
    /// The id of the decision.
    pub decision: String,
    /// The release that decided.
    #[schemars(with = "String")]
    pub release: Digest,
    /// What each point shows.
    #[schemars(with = "BTreeMap<String, PointAnswer>")]
    pub points: BTreeMap<PointName, PointAnswer>,
}

/// Answer of `GET /v1/decisions/{id}`: a decision with all its reasons. It names no person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    /// The id of the decision.
    pub decision: String,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The channel.
    #[schemars(with = "String")]
    pub channel: ChannelName,
    /// The release that decided.
    #[schemars(with = "String")]
    pub release: Digest,
    /// What each point shows, and why.
    #[schemars(with = "BTreeMap<String, PointAnswer>")]
    pub points: BTreeMap<PointName, PointAnswer>,
}
