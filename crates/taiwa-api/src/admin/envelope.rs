//! How signed objects look on the wire, for the schemas. The types themselves are those of the protocol.
#![expect(dead_code, reason = "only the schemas are used")]

use schemars::JsonSchema;

/// A signature of a statement.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Signature")]
pub(super) struct SignatureShape {
    /// Which key it is said to be; the key itself comes from the policy.
    key: String,
    /// An SSHSIG.
    sig: String,
}

/// A signed statement.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Envelope")]
pub(super) struct EnvelopeShape {
    /// The type, which is the namespace of the signature: `approve@taiwa`.
    #[schemars(rename = "type")]
    kind: String,
    /// The canonical JSON that is signed, in base64.
    payload: String,
    /// Who signed.
    signatures: Vec<SignatureShape>,
}

/// A plan with what proves it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Bundle")]
pub(super) struct BundleShape {
    /// Version of the form, 1.
    format: u64,
    /// The bytes of the plan, in base64.
    plan: String,
    /// Approvals, evidence, receipts of the origin.
    statements: Vec<EnvelopeShape>,
    /// Policies newer than the server's; empty in this version.
    policies: Vec<EnvelopeShape>,
}
