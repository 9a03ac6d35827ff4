//! The order of a plan's moves: each step needs the one before, for as long as the plan says by the anchor's clock.

use crate::{Move, OpenBundle, Policy, Reading, Reason, Refusal, Refusals, server::ServerState};

/// What stands against a further step, or against ratifying. The first step needs none before it.
pub(super) fn in_order(
    policy: &Policy,
    state: &ServerState,
    (open, step): (&OpenBundle, Move),
    at: &Reading,
    out: &mut Refusals,
) {
    let plan = &open.plan;
    let before = match step {
        Move::Step(number) if number > plan.last_step() => {
            let what = format!("the plan has {} steps, and no {step}", plan.last_step());
            out.push(Refusal::new(Reason::Malformed, what));
            return;
        }
        Move::Step(number) if number > 1 => number - 1,
        Move::Ratify => plan.last_step(),
        Move::Step(_) | Move::Back => return,
    };
    let live = state.active.as_ref();
    let Some(live) = live.filter(|it| it.plan == open.digest && it.step == Move::Step(before))
    else {
        let what = format!("{step} follows step-{before} of the same plan, which is not live here");
        out.push(Refusal::new(Reason::StalePlan, what));
        return;
    };
    let Some(from) = plan.next_at(live.step, live.since) else { return };
    // Only the anchor judges time: the others follow its word, and their clocks may differ.
    if matches!(step, Move::Step(_)) && state.is_anchor(policy) && at.now < from {
        let what = format!("step-{before} lasts until {from}, and began at {}", live.since);
        out.push(Refusal::new(Reason::StepTooEarly, what).since(from));
    }
}
