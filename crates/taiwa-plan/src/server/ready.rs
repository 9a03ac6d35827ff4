//! Whether a balancer should prefer others: what the protocol says of it. A server that is not ready goes on answering.

use super::ServerState;
use crate::{InDoubt, Policy, Reading};

/// Why a server is not ready, as far as its group is concerned; stable words. Empty: it is.
pub fn unready(policy: &Policy, state: &ServerState, at: &Reading) -> Vec<&'static str> {
    let document = policy.document();
    let doubt = state.slot.as_ref().is_some_and(|it| it.doubt);
    let reasons = [
        (document.server(&state.server).is_none(), "not-a-member"),
        (doubt && document.in_doubt == InDoubt::Drain, "in-doubt"),
        (state.is_over(at.now), "emergency-over"),
    ];
    reasons.into_iter().filter(|it| it.0).map(|it| it.1).collect()
}
