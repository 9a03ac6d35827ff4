//! What a server says about itself. Nothing here is signed; `GET /v1/group` is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, EnvironmentName, PersonId, ServerId, Timestamp};
use taiwa_plan::{Epoch, Move};

/// The active release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActiveView {
    /// Its digest.
    #[schemars(with = "String")]
    pub release: Digest,
    /// The plan that made it active.
    #[schemars(with = "Option<String>")]
    pub plan: Option<Digest>,
    /// The move of that plan: `step-1`, …
    #[serde(rename = "move")]
    #[schemars(with = "String")]
    pub step: Move,
    /// Since when.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// When it ends by itself: an emergency that nobody has ratified.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub revert_at: Option<Timestamp>,
    /// The step of a rollout; none where it answers everybody.
    #[serde(default)]
    pub rollout: Option<RolloutView>,
}

/// A step of a rollout: two releases answer, each its visitors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutView {
    /// Share of the visitors whom the active release answers, in basis points.
    pub share_bp: u64,
    /// The release that answers all others.
    #[schemars(with = "String")]
    pub rest: Digest,
    /// How many steps the plan has; the last one is everybody.
    pub steps: u64,
    /// From when on the next step may be made, by the anchor's clock.
    #[schemars(with = "String")]
    pub next_at: Timestamp,
}

/// What became of the questions to a release that answers, since this generation began here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SideView {
    /// The release.
    #[schemars(with = "String")]
    pub release: Digest,
    /// Share of the visitors whom it answers, in basis points.
    pub share_bp: u64,
    /// The generation.
    pub generation: u64,
    /// Decisions that were answered.
    pub decisions: u64,
    /// Questions that could not be answered.
    pub errors: u64,
    /// Decisions for which nothing but the fallback was left.
    pub fallbacks: u64,
    /// Decisions that took more than 50 ms.
    pub slow: u64,
    /// What is compared while two releases answer: each visitor once for each thing that they ask for.
    #[serde(default)]
    pub trials: Option<TrialsView>,
}

/// First questions of visitors, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrialsView {
    /// Questions.
    pub asked: u64,
    /// Those that could not be answered.
    pub errors: u64,
    /// Decisions among them.
    pub decided: u64,
    /// Those for which nothing but the fallback was left.
    pub fallbacks: u64,
    /// Those that took more than 50 ms.
    pub slow: u64,
}

/// What was answered with the live release in this generation; nothing that a sandbox asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureView {
    /// The release.
    #[schemars(with = "String")]
    pub release: Digest,
    /// The generation.
    pub generation: u64,
    /// How many decisions.
    pub decisions: u64,
    /// From when they are counted: a restart begins anew.
    #[schemars(with = "String")]
    pub since: Timestamp,
}

/// An open slot: a deployment between preparation and activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotView {
    /// The plan that holds it.
    #[schemars(with = "String")]
    pub plan: Digest,
    /// Which move.
    #[serde(rename = "move")]
    #[schemars(with = "String")]
    pub step: Move,
    /// The epoch: `1.7`.
    #[schemars(with = "String")]
    pub epoch: Epoch,
    /// When its lease or deadline ends.
    #[schemars(with = "String")]
    pub until: Timestamp,
    /// Whether it outlived its deadline (not at the anchor, where it is then gone).
    pub overdue: bool,
}

/// The policy in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyView {
    /// Its digest.
    #[schemars(with = "String")]
    pub digest: Digest,
    /// Its version; 0 is the one that a server without policy made for itself.
    pub version: u64,
    /// Whether the environment is protected.
    pub protected: bool,
    /// The group's anchor.
    #[schemars(with = "String")]
    pub anchor: ServerId,
    /// All members.
    #[schemars(with = "Vec<String>")]
    pub servers: Vec<ServerId>,
}

/// One entry of the journal, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalView {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `activated`, `refused`, …
    pub what: String,
    /// The release, if it is about one.
    #[schemars(with = "Option<String>")]
    pub release: Option<Digest>,
    /// The plan, if it is about one.
    #[schemars(with = "Option<String>")]
    pub plan: Option<Digest>,
    /// For people.
    pub detail: String,
}

/// A rejection that this server knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectionView {
    /// The plan that was rejected.
    #[schemars(with = "String")]
    pub plan: Digest,
}

/// A hold that stops changes here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldView {
    /// Its name.
    pub id: String,
    /// Who said it.
    #[schemars(with = "String")]
    pub by: PersonId,
    /// For people.
    pub why: String,
    /// Until when, if nobody lifts it.
    #[schemars(with = "String")]
    pub until: Timestamp,
}

/// An event that touchpoints post and nobody declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UndeclaredView {
    /// `channel/event`.
    pub event: String,
    /// How often.
    pub count: u64,
    /// When last.
    #[schemars(with = "String")]
    pub last: Timestamp,
}

/// What a peer said last to this server, signed and fresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeerView {
    /// The peer.
    #[schemars(with = "String")]
    pub server: ServerId,
    /// Its generation then.
    pub generation: u64,
    /// Its release then.
    #[schemars(with = "Option<String>")]
    pub release: Option<Digest>,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// Answer of `GET /admin/v1/status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// The server, by its id.
    #[schemars(with = "String")]
    pub server: ServerId,
    /// Its environment.
    #[schemars(with = "String")]
    pub environment: EnvironmentName,
    /// The version of the program.
    pub version: String,
    /// Its public key.
    pub key: String,
    /// What it takes for now.
    #[schemars(with = "String")]
    pub now: Timestamp,
    /// Whether it is ready.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// The active release.
    pub active: Option<ActiveView>,
    /// The release that answers, where that is not the active one (its bytes are damaged).
    #[schemars(with = "Option<String>")]
    pub serving: Option<Digest>,
    /// The generation of the group's state.
    pub generation: u64,
    /// The highest epoch seen.
    #[schemars(with = "String")]
    pub epoch: Epoch,
    /// The open slot.
    pub slot: Option<SlotView>,
    /// Where this server is the anchor and does not lead yet: the members whose word it waits for.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub waits_for: Vec<ServerId>,
    /// What the other servers of the group said last; empty: nothing since the start (`unconfirmed`).
    #[serde(default)]
    pub peers: Vec<PeerView>,
    /// The policy in force.
    pub policy: PolicyView,
    /// The clock never counts as earlier than this.
    #[schemars(with = "String")]
    pub floor: Timestamp,
    /// Plans that were rejected.
    pub rejections: Vec<RejectionView>,
    /// Holds that stop changes here.
    #[serde(default)]
    pub holds: Vec<HoldView>,
    /// Releases that were rolled back.
    #[schemars(with = "Vec<String>")]
    pub rolled_back: Vec<Digest>,
    /// Releases stored here.
    #[schemars(with = "Vec<String>")]
    pub stored: Vec<Digest>,
    /// What was answered with the live release.
    #[serde(default)]
    pub exposure: Option<ExposureView>,
    /// The releases that answer, the active one first.
    #[serde(default)]
    pub sides: Vec<SideView>,
    /// Counters by name.
    pub counters: BTreeMap<String, u64>,
    /// Events that nobody declared.
    pub undeclared: Vec<UndeclaredView>,
    /// The newest entries of the journal, newest first, and after them the last activations of earlier releases.
    pub journal: Vec<JournalView>,
}
