//! Signed objects on the wire, as they travel: not yet verified.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A signature of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Which key it is said to be; the key itself comes from the policy.
    pub key: String,
    /// An SSHSIG.
    pub sig: String,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The type, which is the namespace of the signature: `approve@taiwa`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The canonical JSON that is signed, in base64.
    pub payload: String,
    /// Who signed.
    pub signatures: Vec<Signature>,
}

/// A plan with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the form, 1.
    pub format: u64,
    /// The bytes of the plan, in base64.
    pub plan: String,
    /// Approvals, evidence, receipts of the origin.
    pub statements: Vec<Envelope>,
    /// Policies newer than the server's; empty in this version.
    pub policies: Vec<Envelope>,
}
