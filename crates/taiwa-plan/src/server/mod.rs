//! One server of a group, as a state and its transitions.
//!
//! Each transition is a pure function `(policy, state, request, clock) → new state or refusals`. The
//! runtime makes the new state durable in one transaction, then swaps the release, then signs the
//! receipt, then answers. A crash before the commit is a lost request, one after it a lost answer:
//! repeating any request gives the same answer and no second effect.
//! Deliberately absent: the disk, the compiled releases, timers, signing.

mod activate;
mod hold;
mod lead;
mod learn;
mod peer;
mod prepare;
mod ready;
mod rest;
mod revert;
mod rotate;
mod state;
mod stay;

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, ServerId, Timestamp};

use crate::{
    Envelope, Epoch, Goal, Move, Payload, Phase, Plan, Policy, Reading, Reason, Receipt, Refusal,
    Refusals, Statement, clock::millis,
};

pub use activate::{Activation, activate};
pub(crate) use hold::refusals as hold_refusals;
pub use hold::{Held, Lifted, MAX_HOLD_S, MAX_HOLDS, held};
pub use lead::{hear, waits_for};
pub use learn::{Learning, learn};
pub use peer::{QUESTION_S, is_peer, question};
pub use prepare::{Preparation, prepare};
pub use ready::unready;
pub(crate) use rest::rejecter;
pub use rest::{
    MAX_CHALLENGE_BYTES, MAX_REJECTIONS, abort, restart, state_receipt, statement, store, timer,
};
pub use revert::{revert, reverts_at};
pub use rotate::rotate;
pub use state::{Active, Ran, Rest, ServerState, Slot};
pub use stay::{COOL_MS, STAY_MS, Sight, settle};

/// What comes of a request that was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state from now on. Durable before anything else happens.
    pub state: ServerState,
    /// The receipt to sign and answer with, after the state is durable.
    pub receipt: Option<Receipt>,
    /// What the runtime does in memory, after the state is durable.
    pub effect: Effect,
    /// What goes into the journal in the same transaction.
    pub entry: Option<Entry>,
}

impl Transition {
    /// Nothing changes.
    pub fn none(state: &ServerState) -> Self {
        Self { state: state.clone(), receipt: None, effect: Effect::Nothing, entry: None }
    }
}

/// What the runtime does once the state is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: a repeat, or only the record changed.
    Nothing,
    /// A slot is taken: at its end call [`timer`].
    Slot {
        /// When the lease or the deadline ends.
        until: Timestamp,
    },
    /// The slot is gone.
    Freed,
    /// The release to answer with from now on.
    Swap {
        /// The release.
        release: Digest,
        /// Its generation.
        generation: u64,
        /// Who is still answered from another.
        rest: Option<Rest>,
    },
}

/// A line of the server's own journal: append only, kept as long as its bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What happened, as a word: `prepared`, `activated`, `aborted`, `rejected`, `held`, `lifted`, `rotated`, `learned`,
    /// `leads`, `over`, `reverted`, `refused`.
    pub what: String,
    /// The plan it is about.
    pub plan: Option<Digest>,
    /// The generation from then on.
    pub generation: u64,
    /// The release from then on, if it was a switch.
    #[serde(default)]
    pub release: Option<Digest>,
    /// The bundle that proved an activation.
    pub bundle: Option<crate::Bundle>,
    /// The receipts and statements that came with it.
    pub statements: Vec<Envelope>,
    /// The refusals, if it was refused.
    pub refusals: Refusals,
}

impl Entry {
    fn of(at: Timestamp, what: &str, plan: Option<Digest>, generation: u64) -> Self {
        Self {
            at,
            what: what.to_owned(),
            plan,
            generation,
            release: None,
            bundle: None,
            statements: Vec::new(),
            refusals: Refusals::new(),
        }
    }
}

/// How a refusal is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What was sent cannot be read (400).
    Malformed,
    /// The policy is not satisfied (403).
    Forbidden,
    /// The world moved, or another holds the slot (409).
    Conflict,
    /// It asks for what this version does not do (422).
    Unsupported,
}

/// A request that was refused: nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", .refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused {
    /// How it is answered.
    pub class: Class,
    /// Why: at least one.
    pub refusals: Refusals,
}

impl Refused {
    pub(crate) fn one(class: Class, reason: Reason, what: impl Into<String>) -> Self {
        Self { class, refusals: vec![Refusal::new(reason, what)] }
    }

    pub(crate) fn all(refusals: Refusals) -> Self {
        let only = |wanted: &[Reason]| refusals.iter().all(|it| wanted.contains(&it.reason));
        let class = if only(&[Reason::Malformed, Reason::Limit]) {
            Class::Malformed
        } else if only(&[Reason::Unsupported]) {
            Class::Unsupported
        } else {
            Class::Forbidden
        };
        Self { class, refusals }
    }

    /// The journal line of this refusal.
    pub fn entry(&self, at: Timestamp, plan: Option<Digest>, generation: u64) -> Entry {
        let refusals = self.refusals.clone();
        Entry { refusals, ..Entry::of(at, "refused", plan, generation) }
    }
}

impl From<&crate::ReadError> for Refused {
    fn from(error: &crate::ReadError) -> Self {
        Self::all(vec![Refusal::from(error)])
    }
}

/// What every transition looks at.
#[derive(Clone, Copy)]
struct Here<'a> {
    policy: &'a Policy,
    state: &'a ServerState,
    at: &'a Reading,
}

impl Here<'_> {
    /// Where a move starts and ends, from what is live here.
    fn goal(self, plan: &Plan, step: Move) -> Goal {
        plan.goal(step, self.state.generation())
    }

    /// Compare before set: the plan starts from exactly what is live here.
    fn compare(self, goal: Goal) -> Result<(), Refused> {
        let (base, live) = (goal.base, self.state.generation());
        if base > live {
            let what = format!("{} is at generation {live}, the plan at {base}", self.state.server);
            return Err(Refused::one(Class::Conflict, Reason::Behind, what));
        }
        if base < live || goal.from != self.state.release() || goal.target != live + 1 {
            let what = format!("the plan starts from generation {base}, live is {live}");
            return Err(Refused::one(Class::Conflict, Reason::StalePlan, what));
        }
        Ok(())
    }

    /// The release at which a move ends, if everything is here that answers afterwards.
    fn whole(self, plan: &Plan, goal: &Goal) -> Result<Digest, Refused> {
        let missing = |what: String| Err(Refused::one(Class::Conflict, Reason::NotStored, what));
        let Some(to) = goal.to else { return missing("there is no release to go to".to_owned()) };
        let mut needed = std::iter::once(to).chain(plan.rest(goal));
        match needed.find(|it| !self.state.stored.contains(it)) {
            Some(it) => missing(format!("{} is not stored on {}", it.short(), self.state.server)),
            None => Ok(to),
        }
    }

    fn after(self, seconds: u64) -> Timestamp {
        self.at.now.plus_millis(millis(seconds))
    }

    /// The state to change, with the clock's new floor.
    fn next(self) -> ServerState {
        ServerState { floor: self.at.floor, ..self.state.clone() }
    }

    /// What is live here, without a challenge.
    fn state_receipt(self) -> Receipt {
        let Here { policy, state, at } = self;
        // Until its end is durable, a slot is shown although its time is over: what is said stays true.
        let slot = state.slot.as_ref();
        Receipt {
            environment: policy.document().environment.clone(),
            issued: at.issued(),
            server: state.server.clone(),
            policy: *policy.digest(),
            phase: Phase::State,
            plan: slot.map(|it| it.plan),
            step: slot.map(|it| it.step),
            epoch: state.epoch,
            generation: state.generation(),
            release: state.release(),
            challenge: None,
            // Who forgot may have followed already: nobody may rely on its doubt.
            doubt: state.in_doubt() && state.fresh_disk.is_none(),
        }
    }

    fn receipt(self, goal: Goal, of: (Digest, Move, Epoch), phase: Phase) -> Receipt {
        Receipt {
            environment: self.policy.document().environment.clone(),
            issued: self.at.issued(),
            server: self.state.server.clone(),
            policy: *self.policy.digest(),
            phase,
            plan: Some(of.0),
            step: Some(of.1),
            epoch: of.2,
            generation: goal.target,
            release: goal.to,
            challenge: None,
            doubt: false,
        }
    }
}

/// A receipt that must be by a certain server of the policy, and of a certain phase.
fn receipt_by<'a>(
    policy: &Policy,
    server: &ServerId,
    phase: Phase,
    statement: &'a Statement,
) -> Option<&'a Receipt> {
    let document = policy.document();
    let Payload::Receipt(receipt) = &statement.payload else { return None };
    let right = receipt.server == *server
        && receipt.phase == phase
        && receipt.environment == document.environment
        && receipt.policy == *policy.digest();
    let key = &document.server(server)?.key;
    (right && statement.signed_by(key)).then_some(receipt)
}
