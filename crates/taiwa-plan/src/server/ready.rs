//! Whether a balancer should prefer others: what the protocol says of it. A server that is not ready goes on answering.

use super::{ServerState, Sight};
use crate::{InDoubt, Policy, Reading};

/// Why a server is not ready, as far as its group is concerned; stable words. Empty: it is. `now_ms` is of the clock of
/// the sight.
pub fn unready(
    policy: &Policy,
    state: &ServerState,
    at: &Reading,
    (sight, now_ms): (&Sight, i64),
) -> Vec<&'static str> {
    let document = policy.document();
    let drains = document.in_doubt == InDoubt::Drain;
    let reasons = [
        (document.server(&state.server).is_none(), "not-a-member"),
        (state.in_doubt() && drains && !sight.stays(policy, state, now_ms), "in-doubt"),
        (state.may_have_forgotten() && drains, "fresh-disk"),
        (state.after_doubt && drains, "after-doubt"),
        (drains && sight.is_overdue(policy, state, now_ms), "alone"),
        (state.is_over(at.now), "emergency-over"),
    ];
    reasons.into_iter().filter(|it| it.0).map(|it| it.1).collect()
}
