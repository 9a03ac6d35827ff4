//! What a server has to remember: all of it durable, all of it in one place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, ServerId, Timestamp};

use super::{Held, Lifted};
use crate::{Bundle, Envelope, Epoch, Move, Plan, PlanKind, Policy, Reading, Receipt};

/// The durable state of one server. Its journal is kept beside it, see [`super::Entry`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerState {
    /// Its id in the policy.
    pub server: ServerId,
    /// Digest of the policy it obeys.
    pub policy: Digest,
    /// What it answers with; none before the first activation.
    pub active: Option<Active>,
    /// The move it is prepared for.
    pub slot: Option<Slot>,
    /// The highest epoch it has seen or issued.
    pub epoch: Epoch,
    /// Releases whose bytes are on its disk, verified and compiled.
    pub stored: BTreeSet<Digest>,
    /// Releases that were active here, with the policy under which: where a rollback can go.
    pub ran: BTreeMap<Digest, Ran>,
    /// Plans that were rejected, with the digest of the statement.
    pub rejections: BTreeMap<Digest, Digest>,
    /// Releases that were left by a rollback: nothing promotes them again by accident.
    pub rolled_back: BTreeSet<Digest>,
    /// The policies that this server obeyed before: what ran under them, ran under approvals.
    #[serde(default)]
    pub earlier: BTreeSet<Digest>,
    /// What stops the line, by its name; also what has expired, until it is dropped for room.
    #[serde(default)]
    pub holds: BTreeMap<String, Held>,
    /// The names of holds that were lifted: they never hold again.
    #[serde(default)]
    pub lifts: BTreeMap<String, Lifted>,
    /// The clock never goes below this.
    pub floor: Timestamp,
}

/// What a server answers with, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// The release.
    pub release: Digest,
    /// The generation.
    pub generation: u64,
    /// The plan that brought it.
    pub plan: Digest,
    /// The move of that plan.
    #[serde(rename = "move")]
    pub step: Move,
    /// The attempt that succeeded.
    pub epoch: Epoch,
    /// Since when.
    pub since: Timestamp,
    /// What this server said of it; signing it again gives the same receipt.
    pub receipt: Receipt,
    /// What proved it.
    pub bundle: Bundle,
    /// The anchor's `committed` receipt; null at the anchor itself, whose own receipt it is.
    pub word: Option<Envelope>,
}

/// A slot: the promise to make one move, and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// The plan.
    pub plan: Digest,
    /// The move of that plan.
    #[serde(rename = "move")]
    pub step: Move,
    /// The attempt.
    pub epoch: Epoch,
    /// At the anchor: when the lease ends. At another: when the anchor's word is overdue.
    pub until: Timestamp,
    /// The anchor's word is overdue, or the server restarted meanwhile: shown, it goes on serving.
    pub doubt: bool,
    /// What this server said of it; signing it again gives the same receipt.
    pub receipt: Receipt,
    /// What proved it.
    pub bundle: Bundle,
    /// The anchor's `prepared` receipt; null at the anchor itself.
    pub word: Option<Envelope>,
}

/// When a release was last activated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    /// The generation it had.
    pub generation: u64,
    /// The policy whose approvals it had.
    pub policy: Digest,
    /// Since when.
    pub since: Timestamp,
}

impl ServerState {
    /// A server that has never been told anything.
    pub fn fresh(policy: &Policy, server: ServerId) -> Self {
        Self {
            server,
            policy: *policy.digest(),
            active: None,
            slot: None,
            epoch: Epoch { version: policy.document().version, counter: 0 },
            stored: BTreeSet::new(),
            ran: BTreeMap::new(),
            rejections: BTreeMap::new(),
            rolled_back: BTreeSet::new(),
            earlier: BTreeSet::new(),
            holds: BTreeMap::new(),
            lifts: BTreeMap::new(),
            floor: Timestamp::default(),
        }
    }

    /// The live generation; 0 before the first.
    pub fn generation(&self) -> u64 {
        self.active.as_ref().map_or(0, |it| it.generation)
    }

    /// The live release.
    pub fn release(&self) -> Option<Digest> {
        self.active.as_ref().map(|it| it.release)
    }

    /// Keeps what ran here by a move, and what the move left behind on purpose.
    pub(super) fn remember(&mut self, (plan, step): (&Plan, Move), to: Digest, ran: Ran) {
        self.ran.insert(to, ran);
        self.rolled_back.remove(&to);
        let left = match (step, plan.kind) {
            (Move::Back, _) => Some(plan.to),
            (Move::Step1, PlanKind::Rollback) => plan.from,
            (Move::Step1, _) => None,
        };
        self.rolled_back.extend(left);
    }

    /// Whether this server's commit decides.
    pub fn is_anchor(&self, policy: &Policy) -> bool {
        policy.document().anchor == self.server
    }

    /// The slot, if it can still be used: at the anchor only within the lease.
    pub fn live_slot(&self, policy: &Policy, at: &Reading) -> Option<&Slot> {
        self.slot.as_ref().filter(|it| !self.is_anchor(policy) || at.now <= it.until)
    }

    /// What `GET /v1/group/bundle` gives: the open slot's bundle and word, else what proves the live
    /// release. The anchor adds its own receipt, signed anew.
    pub fn proof(&self) -> Option<(&Bundle, Option<&Envelope>, &Receipt)> {
        let slot = self.slot.as_ref().map(|it| (&it.bundle, it.word.as_ref(), &it.receipt));
        slot.or_else(|| self.active_proof())
    }

    /// What proves the live release: its bundle, the anchor's word if another server gave it, and this
    /// server's own receipt.
    pub fn active_proof(&self) -> Option<(&Bundle, Option<&Envelope>, &Receipt)> {
        self.active.as_ref().map(|it| (&it.bundle, it.word.as_ref(), &it.receipt))
    }
}
