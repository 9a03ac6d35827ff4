//! Sandboxes: how a scenario runs on a live server, with a clock and a memory of its own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use taiwa_model::{
    AttributeName, ConsentDefault, Digest, EventRef, OfferName, PropertyName, PurposeName,
    SpanOfTime, Timestamp,
};

/// Body of `POST /admin/v1/sandboxes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeSandbox {
    /// What the clock says.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The person: the key of an audience level.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audience: BTreeMap<String, String>,
    /// The person's attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub attributes: BTreeMap<AttributeName, Json>,
    /// What the person said about purposes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, crate::schema::Consent>")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
    /// What happened before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastEntry>,
}

/// Something that happened before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PastEntry {
    /// An event was posted.
    Event {
        /// How long ago: `3d`.
        #[schemars(with = "String")]
        ago: SpanOfTime,
        /// Which, `channel/event`.
        #[schemars(with = "String")]
        event: EventRef,
        /// With what.
        #[serde(default)]
        #[schemars(with = "BTreeMap<String, Json>")]
        properties: BTreeMap<PropertyName, Json>,
    },
    /// An offer was shown.
    Shown {
        /// How long ago.
        #[schemars(with = "String")]
        ago: SpanOfTime,
        /// Which.
        #[schemars(with = "String")]
        offer: OfferName,
    },
    /// An offer was accepted.
    Accepted {
        /// How long ago.
        #[schemars(with = "String")]
        ago: SpanOfTime,
        /// Which.
        #[schemars(with = "String")]
        offer: OfferName,
    },
    /// An offer was rejected.
    Rejected {
        /// How long ago.
        #[schemars(with = "String")]
        ago: SpanOfTime,
        /// Which.
        #[schemars(with = "String")]
        offer: OfferName,
    },
}

/// Answer of `POST /admin/v1/sandboxes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxMade {
    /// Its id, for the header `Taiwa-Sandbox` of requests to the ordinary doors.
    pub sandbox: String,
    /// The release that answers in it: the one that was active when it was made.
    #[schemars(with = "String")]
    pub release: Digest,
    /// For how many seconds it lives.
    pub lives_s: u64,
}

/// Body of `POST /admin/v1/sandboxes/{id}/clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceClock {
    /// How far: `25h`.
    #[schemars(with = "String")]
    pub advance: SpanOfTime,
}

/// Answer of `POST /admin/v1/sandboxes/{id}/clock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxClock {
    /// What the clock says now.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// Answer of `DELETE /admin/v1/sandboxes/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SandboxEnded {
    /// Whether it was there.
    pub existed: bool,
}
