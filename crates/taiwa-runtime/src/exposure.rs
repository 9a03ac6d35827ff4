//! How many decisions this server answered with the live release in the present generation: the soak by exposure.
//!
//! Invariants: what a sandbox asked is not counted, nor what another release answered, nor what was refused; a new
//! generation begins at 0, and so does a restart. So the number is never too high.
//! Deliberately absent: the disk. What a restart forgets is answered again, and until then the gate stays shut.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::server::ServerState;

/// What was answered with one release in one generation.
#[derive(Debug, Default)]
pub(crate) struct Exposed {
    pub(crate) generation: u64,
    pub(crate) release: Option<Digest>,
    /// From when it is counted: the later of the start of this process and of the generation, as far as it was seen.
    pub(crate) since: Timestamp,
    decisions: AtomicU64,
}

impl Exposed {
    /// How many decisions.
    pub(crate) fn decisions(&self) -> u64 {
        self.decisions.load(Ordering::Relaxed)
    }
}

/// The count of what is live.
#[derive(Debug, Default)]
pub(crate) struct Exposure {
    live: ArcSwap<Exposed>,
}

impl Exposure {
    /// The count of what is live by `state`, begun now if it is another than before.
    pub(crate) fn live(&self, state: &ServerState, now: Timestamp) -> Arc<Exposed> {
        let wanted = (state.generation(), state.release());
        let is_live = |it: &Exposed| (it.generation, it.release) == wanted;
        let present = self.live.load_full();
        if is_live(&present) {
            return present;
        }
        self.live.rcu(|it| {
            if is_live(it) || it.generation > wanted.0 {
                return it.clone();
            }
            let (generation, release) = wanted;
            Arc::new(Exposed { generation, release, since: now, decisions: AtomicU64::new(0) })
        });
        self.live.load_full()
    }

    /// A decision was answered with a release.
    pub(crate) fn answered(&self, release: Digest, state: &ServerState, now: Timestamp) {
        if state.release() == Some(release) {
            let live = self.live(state, now);
            if live.release == Some(release) {
                live.decisions.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
