//! Shapes of other crates' types, for the schemas only: those crates know no HTTP.
#![expect(dead_code, reason = "only their schemas are used")]

use schemars::JsonSchema;

/// `granted` or `denied`.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(crate) enum Consent {
    /// Yes.
    Granted,
    /// No.
    Denied,
}
