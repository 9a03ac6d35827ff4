//! Whether the process lives, and whether it should be asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::Digest;

/// Answer of `GET /healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// Answer of `GET /readyz`, with 200 or 503. A server that is not ready still answers decisions if it can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    /// Whether a balancer should prefer this server.
    pub ready: bool,
    /// Why not, as stable words: `no-release`, `last-known-good`, `store-failed`, `ending`, `not-a-member`, `in-doubt`,
    /// `after-doubt`, `alone` (an anchor that nobody follows), `fresh-disk`, `emergency-over`, `behind` (a peer is
    /// ahead), `asking` (its peers, right after a start).
    pub reasons: Vec<String>,
    /// The release that answers now.
    #[schemars(with = "Option<String>")]
    pub release: Option<Digest>,
    /// The generation of the group's state that this server is at.
    pub generation: u64,
}
