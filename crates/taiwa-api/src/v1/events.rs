//! Events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use taiwa_model::{ChannelName, PropertyName};

/// Body of `POST /v1/sessions/{id}/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostEvent {
    /// The event, bare (of the session's channel) or `channel/event`.
    pub event: String,
    /// Its properties.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub properties: BTreeMap<PropertyName, Json>,
    /// The caller's own id of the event; for 24 hours the same one counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it happened (RFC 3339), up to 72 hours back; left out: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The `tracking` of the offer that a response is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

/// Body of `POST /v1/events`: an event without a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostEventFor {
    /// The channel that a bare event name means.
    #[schemars(with = "String")]
    pub channel: ChannelName,
    /// Who it is: the key of an audience level.
    pub audience: BTreeMap<String, String>,
    /// The event, bare or `channel/event`.
    pub event: String,
    /// Its properties.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub properties: BTreeMap<PropertyName, Json>,
    /// The caller's own id of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it happened (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The `tracking` of the offer that a response is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventOutcome {
    /// Stored, durably.
    Accepted,
    /// Its `message_id` was stored before; it counts once.
    Duplicate,
    /// Nobody declared it: counted, and proposed to the designers (202).
    Undeclared,
}

/// Answer to a posted event, once it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventAnswer {
    /// What became of it.
    pub outcome: EventOutcome,
}
