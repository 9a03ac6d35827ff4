//! A group that stays ready without its anchor, when that is lost between the promises and its word.
//!
//! 1. *Stay.* A member in doubt stays ready while every other member but the anchor has lately shown it the same doubt:
//!    same policy, generation, plan, move and epoch. Lately: asked less than [`STAY_MS`] ago, and after its own doubt began.
//! 2. *After a doubt.* Who moves on from a doubt is ready only [`COOL_MS`] later: by then nobody stays by what it had
//!    shown.
//! 3. *Alone.* An anchor that committed, and by the deadline, counted from its own promise, has not seen that anybody
//!    follows, is not ready until it has, and [`COOL_MS`] more. One is enough: whoever stays needs the word of all.
//!
//! It is for groups of three and more with `in_doubt: drain`, and for plans that leave nobody out. With two, whichever of
//! them is lost, the other cannot know.
//!
//! **Invariants.** What 2 and 3 owe is in the durable state; the times are not, and run anew in full after a restart.
//! Times are those of a clock that only runs on, so it does not matter how far apart clocks are set. Proven by the model
//! under `tests/model`, where each of the three rules is switched off once.

use std::collections::BTreeMap;

use taiwa_model::{Digest, ServerId};

use super::{ServerState, Slot, Transition};
use crate::{Epoch, InDoubt, Move, Phase, Plan, Policy, Receipt, clock::millis};

/// How long what a peer showed counts, from the moment on at which it was asked, in milliseconds.
pub const STAY_MS: i64 = 2_000;
/// How long who moved on waits, in milliseconds: longer than [`STAY_MS`] by as much as two clocks may differ in pace.
pub const COOL_MS: i64 = 3_000;
/// How many servers a group has at least in which anybody stays.
const STAY_SERVERS: usize = 3;

/// What a server has seen of its peers in this life of its process, by a clock that only runs on, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    doubt: Option<Doubt>,
    since_ms: i64,
    /// Who showed the same doubt, and when it was asked.
    shown: BTreeMap<ServerId, i64>,
    /// The last promise of this anchor.
    promised: Option<(Epoch, i64)>,
    /// The promise of the move that it committed, and is alone with.
    alone: Option<(Epoch, i64)>,
    /// When the wait after a doubt is over.
    cool_ms: Option<i64>,
    /// The generation for which it is alone, and when it saw that somebody follows.
    followed: Option<(u64, i64)>,
}

/// What is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubt {
    policy: Digest,
    generation: u64,
    plan: Digest,
    step: Move,
    epoch: Epoch,
}

impl Sight {
    /// At the start of a process.
    pub const fn new(now_ms: i64) -> Self {
        Self {
            doubt: None,
            since_ms: now_ms,
            shown: BTreeMap::new(),
            promised: None,
            alone: None,
            cool_ms: None,
            followed: None,
        }
    }

    /// Another state is durable, and nobody has heard of it yet.
    pub fn follow(&mut self, policy: &Policy, state: &ServerState, now_ms: i64) {
        let doubt = doubt_of(policy, state);
        if doubt != self.doubt {
            (self.doubt, self.since_ms) = (doubt, now_ms);
            self.shown.clear();
        }
        let committed = state.active.as_ref().filter(|_| state.alone).map(|it| it.epoch);
        let of = |it: &(Epoch, i64)| Some(it.0) == committed;
        self.alone = self.alone.filter(of).or_else(|| self.promised.filter(of));
        if let Some(slot) = state.slot.as_ref().filter(|it| it.is_lease())
            && self.promised.is_none_or(|it| it.0 != slot.epoch)
        {
            self.promised = Some((slot.epoch, now_ms));
        }
        self.cool_ms = state
            .after_doubt
            .then(|| self.cool_ms.unwrap_or_else(|| now_ms.saturating_add(COOL_MS)));
        self.followed = self.followed.filter(|it| state.alone && it.0 == state.generation());
    }

    /// What a peer said of itself over a fresh challenge, verified by [`crate::read_state`]. `asked_ms` is when the
    /// challenge was made, `now_ms` when the answer was read.
    pub fn hear(
        &mut self,
        (policy, state): (&Policy, &ServerState),
        peer: &Receipt,
        (asked_ms, now_ms): (i64, i64),
    ) {
        let member = policy.document().server(&peer.server).is_some();
        if peer.phase != Phase::State || peer.server == state.server || !member {
            return;
        }
        if state.alone && peer.generation >= state.generation() {
            self.followed.get_or_insert((state.generation(), now_ms));
        }
        let same = self.doubt.is_some() && self.doubt == shown_by(peer);
        if same && asked_ms >= self.since_ms {
            let latest = self.shown.entry(peer.server.clone()).or_insert(asked_ms);
            *latest = asked_ms.max(*latest);
        } else if !same {
            self.shown.remove(&peer.server);
        }
    }

    /// Whether a member in doubt stays ready.
    pub fn stays(&self, policy: &Policy, state: &ServerState, now_ms: i64) -> bool {
        let document = policy.document();
        let Some(doubt) = self.doubt.filter(|it| doubt_of(policy, state) == Some(*it)) else {
            return false;
        };
        let slots = state.slot.as_ref().is_some_and(leaves_nobody_out);
        let lately = |it: &ServerId| {
            self.shown.get(it).is_some_and(|asked_ms| now_ms.saturating_sub(*asked_ms) < STAY_MS)
        };
        let mut others = document.members();
        others.retain(|it| *it != state.server && *it != document.anchor);
        applies(policy)
            && doubt.epoch.version == document.version
            && slots
            && others.iter().all(lately)
    }

    /// Whether an anchor that is alone has to ask balancers to prefer others.
    pub fn is_overdue(&self, policy: &Policy, state: &ServerState, now_ms: i64) -> bool {
        let deadline_ms = millis(policy.document().deadline_s);
        state.alone && self.alone.is_none_or(|it| now_ms.saturating_sub(it.1) >= deadline_ms)
    }
}

/// What was owed is over: the waits after a doubt, and of an anchor that was alone. None: nothing changes.
pub fn settle(state: &ServerState, sight: &Sight, now_ms: i64) -> Option<Transition> {
    let cooled = state.after_doubt && sight.cool_ms.is_some_and(|it| it <= now_ms);
    let waited = |it: (u64, i64)| now_ms.saturating_sub(it.1) >= COOL_MS;
    let followed = state.alone && sight.followed.is_some_and(waited);
    if !cooled && !followed {
        return None;
    }
    let mut done = Transition::none(state);
    done.state.after_doubt &= !cooled;
    done.state.alone &= !followed;
    Some(done)
}

/// Whether anybody stays under a policy.
pub(super) fn applies(policy: &Policy) -> bool {
    let document = policy.document();
    document.in_doubt == InDoubt::Drain && document.servers.len() >= STAY_SERVERS
}

/// Whether somebody may stay ready by the doubt that a server shows, and it has to wait when it moves on.
pub(super) fn is_relied_on(policy: &Policy, state: &ServerState) -> bool {
    let version = policy.document().version;
    let doubt = state.slot.as_ref().filter(|it| it.doubt);
    doubt.is_some_and(|it| applies(policy) || it.epoch.version < version)
}

/// Whether the anchor that commits a plan may be the only one who does.
pub(super) fn may_be_alone(policy: &Policy, plan: &Plan) -> bool {
    applies(policy) && plan.choices.absent.is_empty()
}

fn leaves_nobody_out(slot: &Slot) -> bool {
    Plan::read(&slot.bundle.plan).is_ok_and(|it| it.0.choices.absent.is_empty())
}

fn doubt_of(policy: &Policy, state: &ServerState) -> Option<Doubt> {
    let slot = state.slot.as_ref().filter(|it| it.doubt)?;
    let (policy, generation) = (*policy.digest(), state.generation());
    Some(Doubt { policy, generation, plan: slot.plan, step: slot.step, epoch: slot.epoch })
}

fn shown_by(peer: &Receipt) -> Option<Doubt> {
    let (plan, step) = (peer.plan.filter(|_| peer.doubt)?, peer.step?);
    let (policy, generation, epoch) = (peer.policy, peer.generation, peer.epoch);
    Some(Doubt { policy, generation, plan, step, epoch })
}
