//! Releases. Their bytes travel as they are, `application/octet-stream`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::Digest;

/// Answer of `PUT /admin/v1/releases/{digest}`: the bytes are durable, compiled and warm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseStored {
    /// The digest.
    #[schemars(with = "String")]
    pub release: Digest,
    /// Size of the release.
    pub size_bytes: u64,
    /// How many components it holds.
    pub components: u64,
    /// Whether it was stored before.
    pub known: bool,
}
