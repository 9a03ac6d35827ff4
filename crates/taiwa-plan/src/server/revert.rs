//! The end of an emergency that nobody ratified: the anchor goes back by itself.
//!
//! **Invariant.** It needs no barrier, because by then all others have passed the same instant by their own clocks and
//! ask the balancer to prefer others ([`ServerState::is_over`]); twice the skew is waited out for that. The others
//! follow the anchor's `committed` receipt like any.

use super::{Active, Class, Effect, Entry, Here, Ran, Refused, ServerState, Transition, lead};
use crate::{Move, Phase, Plan, Policy, Reading, Reason, Refusal, clock::millis};

/// When the anchor goes back by itself, if what is live here is an emergency.
pub fn reverts_at(policy: &Policy, state: &ServerState) -> Option<taiwa_model::Timestamp> {
    let end = state.active.as_ref()?.revert_at?;
    let waited = millis(policy.document().skew_s.saturating_mul(2));
    state.is_anchor(policy).then(|| end.plus_millis(waited))
}

/// Who has not passed the end by its own clock does not follow it yet, whatever the anchor's clock was: another member
/// may still be ready with the emergency. A clock that is not believed says nothing of it.
pub(super) fn is_past(plan: &Plan, at: &Reading) -> Result<(), Refused> {
    let Some(end) = plan.choices.revert_at.filter(|it| at.trusted && at.now < *it) else {
        return Ok(());
    };
    let what = format!("the emergency ends at {end}, which this server's clock has not reached");
    let refusals = vec![Refusal::new(Reason::Clock, what).since(end)];
    Err(Refused { class: Class::Conflict, refusals })
}

/// Goes back from an emergency whose time is over. Nothing is done before, or by another than the anchor that leads.
///
/// # Errors
/// [`Refused`] when this anchor does not lead yet, or the release before is not stored here any more.
pub fn revert(policy: &Policy, state: &ServerState, at: &Reading) -> Result<Transition, Refused> {
    let here = Here { policy, state, at };
    // By the moment that the receipt will name, not by a wall clock that leapt forwards: the others have not passed the
    // end then, and could never learn of a way back that says it was made before it.
    let due = at.trusted && reverts_at(policy, state).is_some_and(|it| it <= at.issued());
    let Some(active) = state.active.as_ref().filter(|_| due) else {
        return Ok(Transition::none(state));
    };
    lead::leads(policy, state)?;
    let open = active.bundle.open().map_err(|it| Refused::from(&it))?;
    let goal = open.plan.goal(Move::Back, state.generation());
    let Some(to) = goal.to.filter(|it| state.stored.contains(it)) else {
        let what = "the release before the emergency is not stored here";
        return Err(Refused::one(Class::Conflict, Reason::NotStored, what));
    };
    let epoch = state.epoch.next(policy.document().version);
    let receipt = here.receipt(goal, (open.digest, Move::Back, epoch), Phase::Committed);
    let since = at.issued();
    let mut next = here.next();
    let (of, proof) = ((Move::Back, goal, to), (&active.bundle, None));
    next.active = Some(Active::of(&open.plan, of, epoch, (since, receipt.clone()), proof));
    next.slot = None;
    next.epoch = epoch;
    let ran = Ran { generation: goal.target, policy: *policy.digest(), since };
    next.remember((&open.plan, Move::Back), to, ran);
    let mut entry = Entry::of(at.now, "reverted", Some(open.digest), goal.target);
    entry.release = Some(to);
    entry.bundle = Some(active.bundle.clone());
    let effect = Effect::Swap { release: to, generation: goal.target, rest: None };
    Ok(Transition { state: next, receipt: Some(receipt), effect, entry: Some(entry) })
}
