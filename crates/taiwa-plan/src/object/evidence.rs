//! Evidence: what a runner saw of a release, where, and under which circumstances.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use taiwa_model::{Digest, EnvironmentName, ServerId, Timestamp};

/// `evidence@taiwa`: signed by a runner's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The environment that it is offered to.
    pub environment: EnvironmentName,
    /// When it was signed.
    pub issued: Timestamp,
    /// The gate it speaks of: `scenarios`, `authorship`, `load`, `exposure`.
    pub gate: String,
    /// The release it speaks of.
    pub release: Digest,
    /// Where it ran.
    pub ran_on: RanOn,
    /// What came out.
    pub result: EvidenceResult,
    /// The gate's own numbers; for `scenarios`: `run`, `passed`, `failed`; for `load`: `planned`, `sent`, `errors`,
    /// `p50_us`, `p99_us`, `max_us`, `for_s`, `servers`; for `exposure`: `decisions`, `servers`.
    pub numbers: BTreeMap<String, u64>,
    /// Which attempt at this release this was, from 1; shown, so that luck can be seen.
    pub attempt: u64,
    /// When the run began.
    pub started: Timestamp,
    /// When the run ended: its age counts from here.
    pub ended: Timestamp,
    /// The gate's own inputs; for `scenarios`: `scenarios`, the digests of what was run; for `load`: `questions`, the
    /// digests of what was asked; for `exposure`: `decisions`, the count of each server by its id; for `authorship` the fields
    /// of `Authorship`.
    pub inputs: BTreeMap<String, Value>,
}

/// Where a run took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RanOn {
    /// The environment.
    pub environment: EnvironmentName,
    /// The servers asked.
    pub servers: Vec<ServerId>,
    /// Their generation before and after.
    pub generation: u64,
}

/// What came out of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceResult {
    /// Everything held.
    Passed,
    /// Something did not hold.
    Failed,
    /// It cannot be said: interrupted, or the release changed meanwhile.
    NoData,
}
