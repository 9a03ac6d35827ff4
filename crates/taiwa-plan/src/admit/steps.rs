//! The order of a plan's moves: each step needs the one before, for as long as the plan says by the anchor's clock.
//!
//! A plan that goes on with a rollout whose own plan is void has its first step after whichever step is live, for as long
//! as the plan of *that* step says: a new plan is no way round a promise of the old one.

use taiwa_model::Timestamp;

use crate::{
    Move, OpenBundle, Plan, PlanKind, Policy, Reading, Reason, Refusal, Refusals,
    server::{Active, Rest, ServerState},
};

/// What stands against a further step, or against ratifying. The first step needs none before it, unless it goes on with
/// a rollout.
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
        // It would be a generation that no `back` of the plan starts from: the parachute would be gone.
        Move::Ratify if plan.kind != PlanKind::Emergency => {
            let what = "only an emergency is ratified";
            out.push(Refusal::new(Reason::Malformed, what));
            return;
        }
        Move::Ratify => plan.last_step(),
        Move::FIRST if plan.goes_further(step) => {
            return goes_on(policy, state, plan, at, out);
        }
        Move::Step(_) | Move::Back => return,
    };
    let live = state.active.as_ref();
    let Some(live) = live.filter(|it| it.plan == open.digest && it.step == Move::Step(before))
    else {
        let what = format!("{step} follows step-{before} of the same plan, which is not live here");
        out.push(Refusal::new(Reason::StalePlan, what));
        return;
    };
    if matches!(step, Move::Step(_)) {
        lasts((policy, state), (live, plan.next_at(live.step, live.since)), at, out);
    }
}

/// The rollout that a plan goes on with is the one that is live here: the same two releases and the same share.
fn goes_on(policy: &Policy, state: &ServerState, plan: &Plan, at: &Reading, out: &mut Refusals) {
    let rest = plan.from.zip(plan.choices.goes_on_bp);
    let rest = rest.map(|(release, share_bp)| Rest { release, share_bp });
    let live = state.active.as_ref().filter(|it| it.release == plan.to && it.rest == rest);
    let begun = live.and_then(|it| Some((it, it.bundle.open().ok()?.plan)));
    let Some((live, begun)) = begun else {
        let what = "the plan goes on with a rollout of these releases that is not live here";
        out.push(Refusal::new(Reason::StalePlan, what));
        return;
    };
    lasts((policy, state), (live, begun.next_at(live.step, live.since)), at, out);
}

/// Only the anchor judges time: the others follow its word, and their clocks may differ.
fn lasts(
    (policy, state): (&Policy, &ServerState),
    (live, from): (&Active, Option<Timestamp>),
    at: &Reading,
    out: &mut Refusals,
) {
    if let Some(from) = from
        && state.is_anchor(policy)
        && at.now < from
    {
        let (step, since) = (live.step, live.since);
        let what = format!("{step} lasts until {from}, and began at {since}");
        out.push(Refusal::new(Reason::StepTooEarly, what).since(from));
    }
}
