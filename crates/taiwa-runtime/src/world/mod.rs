//! The memory of one server, or of one sandbox: people, sessions, decisions, and what counts once.
//!
//! Invariants: one person is changed by one request at a time; what is in memory is never behind the disk; what is
//! answered as stored was durable before; a failed write is forgotten in memory too.
//! Deliberately absent: what a change means (`taiwa-decide`), and HTTP.

mod cell;
mod messages;
mod people;
mod sessions;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use taiwa_model::Timestamp;
use taiwa_store::{DecisionId, DecisionRow, SESSIONS_MAX, Store, StoreError, Unit, Write};
use tokio::sync::oneshot;

pub(crate) use cell::{Cell, Held};
pub(crate) use messages::{Fresh, Messages};
pub(crate) use people::{Directory, PersonCell, Who};
pub(crate) use sessions::{SESSION_IDLE_MS, SessionCell, Sessions};

use crate::Clock;

/// The memory of one server, or of one sandbox.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) people: Arc<Directory>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) messages: Arc<Mutex<Messages>>,
    open_sessions: AtomicU64,
    /// Decisions that there was no room to record.
    pub(crate) unrecorded: AtomicU64,
}

/// What memory does with a change that the queue had no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhenFull {
    /// It is undone: the disk is asked again.
    Forget,
    /// It stays.
    Keep,
}

/// Waits until something is durable.
#[must_use = "an answer that says stored must wait"]
pub(crate) struct Durable(oneshot::Receiver<Result<(), StoreError>>);

impl Durable {
    /// Waits.
    pub(crate) async fn wait(self) -> Result<(), StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// What a unit of writes changes in memory.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) people: Vec<Arc<PersonCell>>,
    pub(crate) sessions: Vec<Arc<SessionCell>>,
    pub(crate) message: Option<[u8; 16]>,
}

impl World {
    /// A memory over a store; what counts once is read back.
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let messages = Messages::restored(store.messages()?);
        let open_sessions = AtomicU64::new(store.sessions()?);
        Ok(Self {
            people: Arc::new(Directory::default()),
            sessions: Arc::new(Sessions::default()),
            messages: Arc::new(Mutex::new(messages)),
            open_sessions,
            unrecorded: AtomicU64::new(0),
            store,
            clock,
        })
    }

    /// Counts a session that begins, unless too many are open. Counted exactly whenever the world is tidied.
    pub(crate) fn admit_session(&self) -> bool {
        self.open_sessions.fetch_add(1, Ordering::Relaxed) < SESSIONS_MAX
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// Hands a unit to the writer. In memory it holds from now on; if it fails, memory forgets what it touched and
    /// reads it again from the disk.
    pub(crate) fn write(&self, unit: Unit, touched: Touched) -> Result<Durable, StoreError> {
        self.submit(unit, touched, WhenFull::Forget)
    }

    /// The same for what nobody waits for: if there is no room, memory stays ahead, and the next write brings it all.
    pub(crate) fn write_if_room(&self, unit: Unit, touched: Touched) -> Result<(), StoreError> {
        let result = self.submit(unit, touched, WhenFull::Keep).map(drop);
        if result.is_err() {
            self.unrecorded.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    /// Keeps a decision that changed nobody. If there is no room it was answered all the same, and is not found again.
    pub(crate) fn record(&self, id: &DecisionId, row: &DecisionRow) {
        if self.store.record(id, row).is_err() {
            self.unrecorded.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn submit(&self, unit: Unit, touched: Touched, full: WhenFull) -> Result<Durable, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let Touched { people, sessions, message } = touched;
        for person in &people {
            person.cell.hold();
        }
        for session in &sessions {
            session.cell.hold();
        }
        let (directory, cells, messages) =
            (self.people.clone(), self.sessions.clone(), self.messages.clone());
        let settle = move |result: &Result<(), StoreError>, forget: bool| {
            // What failed, was forgotten or ended stays in memory, refusing, until nothing of it is on its way any
            // more; only then is the disk asked again. Otherwise a write that is still queued would be lost.
            for person in &people {
                if person.cell.release(forget) {
                    directory.forget(person);
                }
            }
            for session in &sessions {
                if session.cell.release(forget) {
                    cells.forget(session);
                }
            }
            if let (Some(message), Err(_)) = (message, result) {
                messages.lock().unwrap_or_else(PoisonError::into_inner).remove(&message);
            }
        };
        let settle = Arc::new(settle);
        let later = settle.clone();
        let submitted = self.store.submit(
            unit,
            Box::new(move |result| {
                later(&result, result.is_err());
                drop(sender.send(result));
            }),
        );
        if let Err(error) = submitted {
            settle(&Err(error.clone()), full == WhenFull::Forget);
            return Err(error);
        }
        Ok(Durable(receiver))
    }

    /// Removes what is over, from memory and from the disk.
    pub(crate) fn tidy(&self) -> Result<Durable, StoreError> {
        let now = self.now();
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).tidy(now);
        self.sessions.tidy(now);
        self.open_sessions.store(self.store.sessions()?, Ordering::Relaxed);
        self.write(vec![Write::Tidy(now)], Touched::default())
    }
}
