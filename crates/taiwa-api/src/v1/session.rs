//! Sessions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use taiwa_model::{
    AttributeName, ChannelName, ConsentDefault, Digest, Locale, PurposeName, SegmentName, Timestamp,
};

/// Body of `POST /v1/sessions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// The inbound channel.
    #[schemars(with = "String")]
    pub channel: ChannelName,
    /// Who it is: the key of an audience level, `{"customer_id": "c-1"}`. Without it a visitor id is made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audience: BTreeMap<String, String>,
    /// Attributes that change; `null` takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub attributes: BTreeMap<AttributeName, Json>,
    /// A language tag such as `ja` or `ja-JP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub locale: Option<Locale>,
}

/// Answer of `POST /v1/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionStarted {
    /// The id of the session, for the paths.
    pub session: String,
    /// Whether the person is known (the first audience level).
    pub known: bool,
    /// When the session ends unless it is used; each use moves it on.
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// Who it is; here is the visitor id that was made.
    pub audience: BTreeMap<String, String>,
}

/// Body of `PATCH /v1/sessions/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSession {
    /// Attributes that change; `null` takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub attributes: BTreeMap<AttributeName, Json>,
    /// Sign in: the key of a known level. What is known of the visitor goes over to the customer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audience: BTreeMap<String, String>,
    /// What the person says about purposes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, crate::schema::Consent>")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
}

/// Answer of `GET` and `PATCH /v1/sessions/{id}`: the person as seen now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionAnswer {
    /// The id of the session.
    pub session: String,
    /// The channel.
    #[schemars(with = "String")]
    pub channel: ChannelName,
    /// Who it is.
    pub audience: BTreeMap<String, String>,
    /// Whether the person is known.
    pub known: bool,
    /// The locale of the session, if one was said.
    #[schemars(with = "Option<String>")]
    pub locale: Option<Locale>,
    /// When it began.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// When it ends unless it is used.
    #[schemars(with = "String")]
    pub expires_at: Timestamp,
    /// The release that said what follows.
    #[schemars(with = "Option<String>")]
    pub release: Option<Digest>,
    /// What is known of the person; defaults are not listed.
    #[schemars(with = "BTreeMap<String, Json>")]
    pub attributes: BTreeMap<AttributeName, Json>,
    /// What the person said about purposes.
    #[schemars(with = "BTreeMap<String, crate::schema::Consent>")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
    /// The segments that the person is in now.
    #[schemars(with = "Vec<String>")]
    pub segments: Vec<SegmentName>,
}
