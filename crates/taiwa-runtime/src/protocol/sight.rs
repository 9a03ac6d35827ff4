//! What the peers have shown, and what this server owes its group because of it.

use std::sync::{Arc, MutexGuard, PoisonError};

use taiwa_plan::{
    Policy, Receipt,
    server::{self, ServerState, Sight, Transition},
};

use super::Protocol;
use crate::problem::Failure;

impl Protocol {
    /// A peer showed its state over a challenge that was made at `asked_ms`.
    pub(crate) fn saw(&self, peer: &Receipt, asked_ms: i64) {
        let (policy, state) = (self.policy(), self.state());
        let when = (asked_ms, self.clock.elapsed_ms());
        self.sight().hear((&policy, &state), peer, when);
    }

    /// Why this server is not ready, as far as its group is concerned.
    pub(crate) fn unready(&self) -> Vec<&'static str> {
        let (policy, state, at) = (self.policy(), self.state(), self.reading());
        let sight = self.sight();
        server::unready(&policy, &state, &at, (&sight, self.clock.elapsed_ms()))
    }

    /// Ends the waits after a doubt, and of an anchor that was alone, once they are over.
    pub(crate) async fn settle(self: &Arc<Self>) -> Result<(), Failure> {
        let done = |state: &ServerState| {
            let sight = self.sight();
            server::settle(state, &sight, self.clock.elapsed_ms())
        };
        if done(&self.state()).is_none() {
            return Ok(());
        }
        let check = |_: &Policy, state: &ServerState, _: &_| {
            Ok(done(state).unwrap_or_else(|| Transition::none(state)))
        };
        self.transit(None, check).await.map(drop)
    }

    pub(super) fn sight(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
