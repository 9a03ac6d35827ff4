//! Profiles without a session: consent, and being forgotten.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::{ConsentDefault, PurposeName};

/// Body of `PUT /v1/profiles/{level}/{key}/consent`; purposes that are not named stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutConsent {
    /// What the person says, by purpose.
    #[schemars(with = "BTreeMap<String, crate::schema::Consent>")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
}

/// Answer of `PUT /v1/profiles/{level}/{key}/consent`: all that the person has said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentAnswer {
    /// What the person said, by purpose.
    #[schemars(with = "BTreeMap<String, crate::schema::Consent>")]
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
}

/// Answer of `DELETE /v1/profiles/{level}/{key}`, once it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// Whether anything was stored about the person.
    pub existed: bool,
}
