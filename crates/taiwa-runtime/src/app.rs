//! What every handler may reach.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use taiwa_api::{Code, v1};
use taiwa_model::Digest;
use tokio::sync::Semaphore;

use crate::{
    Clock, actions::Scene, exposure::Exposure, keys::Keys, meters::Meters, peers::Peers,
    problem::Failure, protocol::Protocol, sandboxes::Sandboxes, shelf::Shelf, world::World,
};

/// Requests that are worked on at a time; more are answered with 503, so that those in work end in time.
pub const REQUESTS_MAX: usize = 4_096;
/// Releases that are taken in at a time: each may be 64 MiB.
pub const UPLOADS_MAX: usize = 2;
/// States that are signed in a second, and at once.
pub(crate) const GROUP_RATE: f64 = 200.0;

/// What every handler may reach.
pub(crate) struct App {
    pub(crate) keys: Keys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) world: Arc<World>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) protocol: Arc<Protocol>,
    pub(crate) peers: Peers,
    pub(crate) sandboxes: Sandboxes,
    pub(crate) meters: Meters,
    pub(crate) exposure: Exposure,
    pub(crate) requests: Arc<Semaphore>,
    pub(crate) uploads: Semaphore,
    pub(crate) group_rate: Rate,
    pub(crate) ending: AtomicBool,
    pub(crate) store_fails: AtomicBool,
}

impl App {
    /// Where a request acts: in the sandbox that its header names, else on the server's own memory.
    pub(crate) fn scene(&self, sandbox: Option<&str>) -> Result<Scene, Failure> {
        if let Some(id) = sandbox {
            return self.sandboxes.scene(id, self.clock.elapsed_ms());
        }
        let none = || Failure::new(Code::NoRelease, "no release is active on this server yet");
        let serving = self.shelf.serving().ok_or_else(none)?;
        // Who nobody knows yet is asked about in the words of the release that most have.
        let side = serving.rest.as_ref().unwrap_or(&serving.new);
        Ok(Scene {
            world: self.world.clone(),
            release: side.served.clone(),
            tally: serving.rest.is_none().then(|| side.tally.clone()),
            visitor: 0,
            serving: serving.rest.is_some().then_some(serving),
            now: self.world.now(),
            default_person: None,
        })
    }

    /// A decision was answered: it counts as exposure of the live release, unless a sandbox asked.
    pub(crate) fn decided(&self, scene: &Scene, release: Digest) {
        if Arc::ptr_eq(&scene.world, &self.world) {
            self.exposure.answered(release, &self.protocol.state(), scene.now);
        }
    }

    /// Whether a balancer should prefer this server, and why not.
    pub(crate) fn readiness(&self) -> v1::Readiness {
        let state = self.protocol.state();
        let serving = self.shelf.serving();
        let rest = serving.as_ref().and_then(|it| it.rest.as_ref());
        let rest = rest.map(|it| it.served.compiled.digest());
        let serving = serving.as_ref().map(|it| it.new.served.compiled.digest());
        let wanted = state.active.as_ref().and_then(|it| it.rest).map(|it| it.release);
        let whole = serving == state.release() && rest == wanted;
        let policy = self.protocol.policy();
        let own = [
            (serving.is_none(), "no-release"),
            (serving.is_some() && !whole, "last-known-good"),
            (self.store_fails.load(Ordering::Relaxed), "store-failed"),
            (self.ending.load(Ordering::Relaxed), "ending"),
        ];
        let peers = self.peers.unready(policy.document());
        let own = own.into_iter().filter(|it| it.0).map(|it| it.1);
        let reasons: Vec<String> =
            own.chain(self.protocol.unready()).chain(peers).map(str::to_owned).collect();
        v1::Readiness {
            ready: reasons.is_empty(),
            reasons,
            release: serving,
            generation: state.generation(),
        }
    }
}

/// So many a second, measured by the clock that only runs on.
pub(crate) struct Rate {
    per_s: f64,
    state: Mutex<(f64, i64)>,
}

impl Rate {
    pub(crate) const fn new(per_s: f64) -> Self {
        Self { per_s, state: Mutex::new((per_s, 0)) }
    }

    /// Whether one more is allowed now.
    pub(crate) fn allows(&self, now_ms: i64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed_ms = u32::try_from((now_ms - state.1).max(0)).unwrap_or(u32::MAX);
        let tokens = (state.0 + f64::from(passed_ms) / 1000.0 * self.per_s).min(self.per_s);
        let allowed = tokens >= 1.0;
        *state = (if allowed { tokens - 1.0 } else { tokens }, now_ms);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_held_and_recovers() {
        let rate = Rate::new(2.0);
        assert_eq!([0, 0, 0].map(|it| rate.allows(it)), [true, true, false]);
        assert_eq!([400, 500, 600].map(|it| rate.allows(it)), [false, true, false]);
    }
}
