//! Bodies of the doors through which a deployment moves a server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::Digest;
use taiwa_plan::Move;

use super::{
    Bundle, Envelope,
    envelope::{BundleShape, EnvelopeShape},
};

/// Body of `POST /admin/v1/preparation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// The plan with what proves it.
    #[schemars(with = "BundleShape")]
    pub bundle: Bundle,
    /// Which move of the plan: `step-1`.
    #[serde(rename = "move")]
    #[schemars(with = "String")]
    pub step: Move,
    /// For servers other than the anchor: the anchor's `prepared` receipt.
    #[serde(default)]
    #[schemars(with = "Vec<EnvelopeShape>")]
    pub receipts: Vec<Envelope>,
}

/// Body of `POST /admin/v1/activation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// The plan with what proves it.
    #[schemars(with = "BundleShape")]
    pub bundle: Bundle,
    /// Which move of the plan: `step-1`; left out: that one.
    #[serde(rename = "move", default = "first")]
    #[schemars(with = "String")]
    pub step: Move,
    /// At the anchor: the `prepared` receipts of every other member. Elsewhere: the anchor's `committed` receipt.
    #[schemars(with = "Vec<EnvelopeShape>")]
    pub receipts: Vec<Envelope>,
}

/// Answer of preparation, activation and abort: what this server did, signed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptAnswer {
    /// `prepared`, `committed`, or after an abort `state`.
    #[schemars(with = "EnvelopeShape")]
    pub receipt: Envelope,
}

/// Body of `POST /admin/v1/statements`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// A rejection, a hold or a lift, signed by a person who may.
    #[schemars(with = "EnvelopeShape")]
    pub statement: Envelope,
}

/// Answer of `POST /admin/v1/statements`, once it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementAnswer {
    /// The digest of the statement.
    #[schemars(with = "String")]
    pub statement: Digest,
}

/// Body of `POST /admin/v1/policy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The next version of the policy, signed by the thresholds of the one in force and of its own.
    #[schemars(with = "EnvelopeShape")]
    pub policy: Envelope,
}

/// Answer of `POST /admin/v1/policy`, once it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyAnswer {
    /// The digest of the policy in force.
    #[schemars(with = "String")]
    pub policy: Digest,
    /// Its version.
    pub version: u64,
}

/// Body of `POST /admin/v1/convergence`: what proves a later generation to a server that was left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Convergence {
    /// The plan with what proved it.
    #[schemars(with = "BundleShape")]
    pub bundle: Bundle,
    /// The `committed` receipt of the anchor of that day; and, where the plan was made under an earlier policy, a `state`
    /// of the anchor in force that shows the same release at the same generation.
    #[schemars(with = "Vec<EnvelopeShape>")]
    pub receipts: Vec<Envelope>,
    /// The policies before the one in force, where the plan was made under one of them.
    #[serde(default)]
    #[schemars(with = "Vec<EnvelopeShape>")]
    pub policies: Vec<Envelope>,
}

const fn first() -> Move {
    Move::FIRST
}
