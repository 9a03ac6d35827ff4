//! The guard of a rollout, at the server: it does not promise a further step of what it has seen to be worse.
//!
//! It judges by its own visitors; whoever carries the rollout out judges by those of all servers. Too few visitors here
//! are no reason against: a balancer may prefer others.

use taiwa_plan::{
    Move, Plan, Reason, Refusal,
    guard::{Comparison, Judgement, compare},
    server::{Class, Refused},
};

use crate::shelf::Serving;

/// What the comparison of the two releases comes to here; none where one answers everybody.
pub(crate) fn judged(serving: Option<&Serving>) -> Option<Judgement> {
    let serving = serving?;
    let (new, before) = (serving.new.tally.trials()?, serving.rest.as_ref()?.tally.trials()?);
    Some(compare(&new, &before))
}

/// Refuses a further step of a release that is worse than the one before.
pub(crate) fn allows(
    serving: Option<&Serving>,
    (plan, step): (&Plan, Move),
) -> Result<(), Refused> {
    let further = plan.goes_further(step);
    match judged(serving).filter(|it| further && it.outcome == Comparison::Worse) {
        Some(it) => {
            let what =
                format!("the guard: the new release is worse than the one before: {}", it.why);
            let refusals = vec![Refusal::new(Reason::GateFailed, what)];
            Err(Refused { class: Class::Forbidden, refusals })
        }
        None => Ok(()),
    }
}
