//! The signed state of a server, for peers and deployers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::{EnvironmentName, ServerId};
use taiwa_plan::Move;

use super::{
    Bundle, Envelope, SlotView,
    envelope::{BundleShape, EnvelopeShape},
};

/// Query of `GET /v1/group`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupQuery {
    /// A fresh text of the caller, at most 128 characters, that the receipt repeats.
    #[serde(default)]
    pub challenge: Option<String>,
}

/// Answer of `GET /v1/group`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupAnswer {
    /// The server, by its id.
    #[schemars(with = "String")]
    pub server: ServerId,
    /// Its environment.
    #[schemars(with = "String")]
    pub environment: EnvironmentName,
    /// Its public key, as a line of OpenSSH.
    pub key: String,
    /// A `state` receipt over the challenge.
    #[schemars(with = "EnvelopeShape")]
    pub state: Envelope,
    /// The open slot, if any. Not signed.
    pub slot: Option<SlotView>,
    /// Whether the server is ready. Not signed.
    pub ready: bool,
    /// Why it is not, as stable words. Not signed.
    pub reasons: Vec<String>,
}

/// A move with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The plan with what proves it.
    #[schemars(with = "BundleShape")]
    pub bundle: Bundle,
    /// Which move.
    #[serde(rename = "move")]
    #[schemars(with = "String")]
    pub step: Move,
    /// The receipt of this server for it: `committed` of the active release, `prepared` of a slot.
    #[schemars(with = "Option<EnvelopeShape>")]
    pub receipt: Option<Envelope>,
    /// The anchor's word that moved this server; none at the anchor itself, whose receipt is its word.
    #[serde(default)]
    #[schemars(with = "Option<EnvelopeShape>")]
    pub word: Option<Envelope>,
}

/// Answer of `GET /v1/group/bundle`: what proves the state, so that an interrupted deployment can be ended by anyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupBundle {
    /// What made the active release active.
    pub active: Option<Proof>,
    /// What holds the slot.
    pub slot: Option<Proof>,
}
