//! What a server has to remember: all of it durable, all of it in one place.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, ServerId, Timestamp};

use super::{Held, Lifted};
use crate::{
    Bundle, Envelope, Epoch, Goal, Move, Plan, PlanKind, Policy, PublicKey, Reading, Receipt,
};

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
    /// The keys of servers that were retired: no later policy lists them again.
    #[serde(default)]
    pub retired_keys: BTreeSet<PublicKey>,
    /// This server became the anchor by a policy, and does not lead yet: who has shown it a signed state under that
    /// policy, at a generation not above its own. None: an anchor leads.
    #[serde(default)]
    pub handover: Option<BTreeSet<ServerId>>,
    /// It moved on from a doubt, and somebody may stay ready a moment longer by what it had shown (see
    /// [`super::Sight`]).
    #[serde(default)]
    pub after_doubt: bool,
    /// It committed, as the anchor, and has not seen yet that anybody follows (see [`super::Sight`]).
    #[serde(default)]
    pub alone: bool,
    /// Its disk began empty under the policy of this version, and may have forgotten a promise that the anchor can still
    /// commit, or, at the anchor, what it committed: until it has heard the anchor, or leads under a later policy.
    #[serde(default)]
    pub fresh_disk: Option<u64>,
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
    /// Who is still answered from the release before; none: nobody.
    #[serde(default)]
    pub rest: Option<Rest>,
    /// When it ends by itself: an emergency that is not ratified.
    #[serde(default)]
    pub revert_at: Option<Timestamp>,
    /// What this server said of it; signing it again gives the same receipt.
    pub receipt: Receipt,
    /// What proved it.
    pub bundle: Bundle,
    /// The anchor's `committed` receipt; null at the anchor itself, whose own receipt it is.
    pub word: Option<Envelope>,
}

/// In the steps of a rollout: the visitors who do not yet get the new release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// The release that they get.
    pub release: Digest,
    /// The share of visitors who get the new one, in basis points: 1 to 9999.
    pub share_bp: u64,
}

impl Active {
    /// What a move makes of a server: every field that follows from the plan.
    pub(super) fn of(
        plan: &Plan,
        (step, goal, to): (Move, Goal, Digest),
        epoch: Epoch,
        (since, receipt): (Timestamp, Receipt),
        (bundle, word): (&Bundle, Option<&Envelope>),
    ) -> Self {
        let rest = plan.rest(&goal).map(|release| Rest { release, share_bp: goal.share_bp });
        let revert_at = plan.choices.revert_at.filter(|_| matches!(step, Move::Step(_)));
        let (bundle, word) = (bundle.clone(), word.cloned());
        let (release, plan, generation) = (to, bundle.plan_digest(), goal.target);
        Self {
            release,
            generation,
            plan,
            step,
            epoch,
            since,
            rest,
            revert_at,
            receipt,
            bundle,
            word,
        }
    }
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

impl Slot {
    /// Whether it is this server's own to end: it was the anchor of the slot's epoch. A promise to another anchor stays,
    /// also when this server became the anchor by a later policy.
    pub const fn is_lease(&self) -> bool {
        self.word.is_none()
    }
}

impl ServerState {
    /// A server that has never been told anything.
    pub fn fresh(policy: &Policy, server: ServerId) -> Self {
        // Under a later policy than the first, the disk may only have forgotten: who decides has to ask the others.
        let version = policy.document().version;
        let later = version > 1;
        let anchor = policy.document().anchor == server;
        let waits = later && anchor;
        Self {
            server,
            policy: *policy.digest(),
            active: None,
            slot: None,
            epoch: Epoch { version: if later { 0 } else { version }, counter: 0 },
            stored: BTreeSet::new(),
            ran: BTreeMap::new(),
            rejections: BTreeMap::new(),
            rolled_back: BTreeSet::new(),
            earlier: BTreeSet::new(),
            holds: BTreeMap::new(),
            lifts: BTreeMap::new(),
            retired_keys: BTreeSet::new(),
            handover: waits.then(BTreeSet::new),
            after_doubt: false,
            alone: false,
            fresh_disk: (!anchor).then_some(version),
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
            (Move::Step(_), PlanKind::Rollback) => plan.from,
            (Move::Step(_) | Move::Ratify, _) => None,
        };
        self.rolled_back.extend(left);
    }

    /// Whether what is live is an emergency whose time is over: the server asks the balancer to prefer others, until
    /// its generation grows.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.active.as_ref().and_then(|it| it.revert_at).is_some_and(|it| it <= now)
    }

    /// Whether the anchor's word on the open slot is overdue here.
    pub fn in_doubt(&self) -> bool {
        self.slot.as_ref().is_some_and(|it| it.doubt)
    }

    /// Whether its disk began empty, and it answers although it may have forgotten a promise.
    pub fn may_have_forgotten(&self) -> bool {
        self.fresh_disk.is_some() && self.active.is_some()
    }

    /// Whether this server's commit decides.
    pub fn is_anchor(&self, policy: &Policy) -> bool {
        policy.document().anchor == self.server
    }

    /// The slot, if it can still be used: at its anchor only within the lease.
    pub fn live_slot(&self, at: &Reading) -> Option<&Slot> {
        self.slot.as_ref().filter(|it| !it.is_lease() || at.now <= it.until)
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
