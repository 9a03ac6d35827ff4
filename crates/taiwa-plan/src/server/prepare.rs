//! Prepare: a server promises one move. At the anchor the promise is the lease and issues the epoch.

use taiwa_model::Digest;

use super::{Class, Effect, Entry, Here, Refused, ServerState, Slot, Transition, lead, receipt_by};
use crate::{Bundle, Envelope, Epoch, Move, Phase, Plan, Policy, Reading, Reason, admit};

/// `POST /admin/v1/preparation`.
#[derive(Clone, Copy, Debug)]
pub struct Preparation<'a> {
    /// What proves the move.
    pub bundle: &'a Bundle,
    /// The move.
    pub step: Move,
    /// The anchor's `prepared` receipt; not needed at the anchor.
    pub word: Option<&'a Envelope>,
}

/// Takes the slot for a move.
///
/// # Errors
/// [`Refused`]; nothing changed.
pub fn prepare(
    policy: &Policy,
    state: &ServerState,
    request: &Preparation<'_>,
    at: &Reading,
) -> Result<Transition, Refused> {
    let here = Here { policy, state, at };
    let (plan, digest) = Plan::read(&request.bundle.plan).map_err(|it| Refused::from(&it))?;
    if state.is_anchor(policy) {
        at_anchor(here, request, &plan, digest)
    } else {
        at_other(here, request, &plan, digest)
    }
}

fn at_anchor(
    here: Here<'_>,
    request: &Preparation<'_>,
    plan: &Plan,
    digest: Digest,
) -> Result<Transition, Refused> {
    let Here { policy, state, at } = here;
    lead::leads(policy, state)?;
    if state.is_over(at.now) {
        let what = "an emergency is over here; the anchor goes back by itself first";
        return Err(Refused::one(Class::Conflict, Reason::EmergencyOver, what));
    }
    if let Some(slot) = state.live_slot(at) {
        if slot.plan == digest && slot.step == request.step {
            return Ok(repeat(state, slot));
        }
        let what = format!(
            "the plan {} holds the slot since {} s, epoch {}, until {}",
            slot.plan.short(),
            at.now.millis_since(slot.receipt.issued) / 1000,
            slot.epoch,
            slot.until
        );
        return Err(Refused::one(Class::Conflict, Reason::Conflict, what));
    }
    here.compare(here.goal(plan, request.step))?;
    admit(policy, state, request.bundle, request.step, at).map_err(Refused::all)?;
    let epoch = state.epoch.next(policy.document().version);
    Ok(take(here, request, plan, (digest, epoch, policy.document().lease_s)))
}

fn at_other(
    here: Here<'_>,
    request: &Preparation<'_>,
    plan: &Plan,
    digest: Digest,
) -> Result<Transition, Refused> {
    let Here { policy, state, at } = here;
    let anchor = &policy.document().anchor;
    let brought = request.word.and_then(|it| it.open().ok());
    let word = brought.as_ref().and_then(|it| receipt_by(policy, anchor, Phase::Prepared, it));
    let goal = here.goal(plan, request.step);
    let of_move = word.filter(|it| {
        it.plan == Some(digest)
            && it.step == Some(request.step)
            && it.generation == goal.target
            && it.release == goal.to
    });
    let Some(word) = of_move else {
        let what = format!("a `prepared` receipt of the anchor {anchor} for this move is needed");
        return Err(Refused::one(Class::Forbidden, Reason::ReceiptMissing, what));
    };
    if let Some(slot) = &state.slot
        && (slot.epoch, slot.plan, slot.step) == (word.epoch, digest, request.step)
    {
        return Ok(repeat(state, slot));
    }
    if word.epoch <= state.epoch || word.epoch.version != policy.document().version {
        let (theirs, mine) = (word.epoch, state.epoch);
        let what = format!("the epoch {theirs} is over: {} has seen {mine}", state.server);
        return Err(Refused::one(Class::Conflict, Reason::Conflict, what));
    }
    here.compare(here.goal(plan, request.step))?;
    admit(policy, state, request.bundle, request.step, at).map_err(Refused::all)?;
    Ok(take(here, request, plan, (digest, word.epoch, policy.document().deadline_s)))
}

fn take(
    here: Here<'_>,
    request: &Preparation<'_>,
    plan: &Plan,
    (digest, epoch, for_s): (Digest, Epoch, u64),
) -> Transition {
    let until = here.after(for_s);
    let receipt =
        here.receipt(here.goal(plan, request.step), (digest, request.step, epoch), Phase::Prepared);
    let slot = Slot {
        plan: digest,
        step: request.step,
        epoch,
        until,
        doubt: false,
        receipt: receipt.clone(),
        bundle: request.bundle.clone(),
        word: request.word.filter(|_| !here.state.is_anchor(here.policy)).cloned(),
    };
    let mut state = here.next();
    state.slot = Some(slot);
    state.epoch = epoch;
    let entry = Entry::of(here.at.now, "prepared", Some(digest), state.generation());
    Transition { state, receipt: Some(receipt), effect: Effect::Slot { until }, entry: Some(entry) }
}

fn repeat(state: &ServerState, slot: &Slot) -> Transition {
    Transition {
        state: state.clone(),
        receipt: Some(slot.receipt.clone()),
        effect: Effect::Nothing,
        entry: None,
    }
}
