//! How many decisions this server answered with the live release in the present generation: the soak by exposure.
//!
//! Invariants: what a sandbox asked is not counted, nor what another release answered, nor what was refused; a new
//! generation begins at 0. After a restart it goes on from what was noted last, which is what was counted or less. So the
//! number is never too high.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::server::ServerState;
use taiwa_store::{Note, StoreError};

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

/// What is noted of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    generation: u64,
    release: Option<Digest>,
    since: Timestamp,
    decisions: u64,
}

/// The count of what is live.
#[derive(Debug)]
pub(crate) struct Exposure {
    live: ArcSwap<Exposed>,
    note: Note,
    noted: Mutex<Option<Noted>>,
}

impl Exposure {
    /// Goes on from what was noted before, if anything was; what cannot be read counts for nothing.
    pub(crate) fn open(note: Note) -> Self {
        let noted: Option<Noted> = note.read().and_then(|it| serde_json::from_slice(&it).ok());
        let live = noted.clone().map_or_else(Exposed::default, |it| Exposed {
            generation: it.generation,
            release: it.release,
            since: it.since,
            decisions: AtomicU64::new(it.decisions),
        });
        Self { live: ArcSwap::from_pointee(live), note, noted: Mutex::new(noted) }
    }

    /// Notes what was counted, if it is something else than before.
    ///
    /// # Errors
    /// When it cannot be written; then a restart goes on from less.
    pub(crate) fn keep(&self) -> Result<(), StoreError> {
        let live = self.live.load_full();
        let (generation, release, since) = (live.generation, live.release, live.since);
        let now = Some(Noted { generation, release, since, decisions: live.decisions() });
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if *noted == now {
            return Ok(());
        }
        self.note.write(&serde_json::to_vec(&now).unwrap_or_default())?;
        *noted = now;
        Ok(())
    }

    /// The count of what is live by `state`, begun now if it is another than before.
    pub(crate) fn live(&self, state: &ServerState, now: Timestamp) -> Arc<Exposed> {
        self.counted((state.generation(), state.release()), now)
    }

    fn counted(&self, wanted: (u64, Option<Digest>), now: Timestamp) -> Arc<Exposed> {
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

#[cfg(test)]
mod tests {
    use taiwa_store::DataDir;

    use super::*;

    fn exposed(exposure: &Exposure, generation: u64, release: Digest) -> u64 {
        exposure.counted((generation, Some(release)), Timestamp::from_millis(5)).decisions()
    }

    #[test]
    fn a_restart_goes_on_from_what_was_noted_and_never_from_more() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::open(dir.path()).unwrap();
        let open = || Exposure::open(data.note("exposure.json"));
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let first = open();
        let count = |it: &Exposure, times: u64| {
            let live = it.counted((3, Some(one)), Timestamp::from_millis(5));
            live.decisions.fetch_add(times, Ordering::Relaxed);
        };
        count(&first, 7);
        first.keep().unwrap();
        count(&first, 2);
        let second = open();
        assert_eq!(exposed(&second, 3, one), 7, "what was not noted is answered again");
        count(&second, 1);
        second.keep().unwrap();
        assert_eq!(exposed(&open(), 3, one), 8);
        // Another generation, or another release in it, begins at 0.
        assert_eq!(exposed(&open(), 4, one), 0);
        let other = open();
        assert_eq!(exposed(&other, 4, two), 0);
        other.keep().unwrap();
        assert_eq!(exposed(&open(), 4, two), 0);
        for damaged in [&b""[..], b"{", b"{\"generation\":4,\"decisions\":-1}", &[b'9'; 9000]] {
            data.note("exposure.json").write(damaged).unwrap();
            assert_eq!(exposed(&open(), 3, one), 0);
        }
    }
}
