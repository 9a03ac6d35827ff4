//! What a runtime server keeps: releases, the state of the protocol, people, sessions, decisions.
//!
//! Traits in the words of the domain; one implementation on disk (`SQLite` and files), one in memory for
//! sandboxes, both held to one conformance suite.
//! Invariants: what was acknowledged survives a crash; a unit of writes is there whole or not at all; units take
//! effect in the order in which they were submitted; a row names a release only when its bytes are durable; everything
//! that grows has a limit here.
//! Deliberately absent: any decision about what is written, clocks, and HTTP.
#![expect(
    clippy::disallowed_methods,
    reason = "edge crate: this is the file system, and the one writer thread"
)]

#[cfg(test)]
mod conformance;
mod data_dir;
mod error;
mod memory;
mod releases;
mod rows;
mod sqlite;
mod write;

pub use data_dir::{DataDir, Note};
pub use error::StoreError;
pub use memory::{MemoryReleases, MemoryStore};
pub use releases::{FileReleases, Releases};
pub use rows::{
    DecisionId, DecisionRow, Identity, JournalRow, MessageHash, PersonNumber, ProtocolRow,
    SessionId, SessionRow, Undeclared,
};
pub use sqlite::{FORMAT, SqliteStore};
pub use write::{Done, Unit, Write};

use std::collections::BTreeSet;

use taiwa_decide::Person;
use taiwa_model::Timestamp;

/// Decisions that are kept; older ones are forgotten.
pub const DECISIONS_MAX: u64 = 100_000;
/// Different undeclared events that are counted; further ones are not.
pub const UNDECLARED_MAX: u64 = 1_000;
/// Sessions that are kept at once; a store that has more refuses to begin another.
pub const SESSIONS_MAX: u64 = 1_000_000;
/// How long a `message_id` counts once.
pub const MESSAGE_KEPT_MS: i64 = 24 * 3_600_000;
/// Message ids that are kept; the oldest are forgotten first.
pub const MESSAGES_MAX: u64 = 1_000_000;
/// Entries of one kind (one `what`) that the journal keeps, the newest; and of every release the last activation, which is
/// where a rollback can go.
pub const JOURNAL_MAX: u64 = 1_000;
/// The kind of an entry that tells of an activation.
pub const ACTIVATED: &str = "activated";
/// Units that wait for the writer at most; more is answered with [`StoreError::Overloaded`].
pub const QUEUE_MAX: usize = 16_384;
/// Recorded decisions that wait for the writer at most, in bytes of JSON; more is answered with [`StoreError::Overloaded`].
pub const RECORDS_WAITING_MAX_BYTES: usize = 32 * 1024 * 1024;
/// How long a recorded decision waits at most before it is written, while the writer keeps up.
pub const RECORD_DELAY_MS: u64 = 50;
/// Rows of a kind that one [`Write::Tidy`] removes at most, so that the writer is never away for long.
pub const TIDY_MAX: u64 = 10_000;

/// The state of one server, or of one sandbox. Reads see every unit that was acknowledged before.
pub trait Store: Send + Sync {
    /// The person that an identity means.
    fn person(&self, who: &Identity) -> Result<Option<(PersonNumber, Person)>, StoreError>;

    /// A number that no person has or had.
    fn new_person(&self) -> PersonNumber;

    /// A session, also one whose time is over and that was not tidied away yet.
    fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError>;

    /// How many sessions are kept.
    fn sessions(&self) -> Result<u64, StoreError>;

    /// A decision.
    fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRow>, StoreError>;

    /// The message ids that are kept, oldest first.
    fn messages(&self) -> Result<Vec<(MessageHash, Timestamp)>, StoreError>;

    /// Undeclared events, most frequent first.
    fn undeclared(&self) -> Result<Vec<Undeclared>, StoreError>;

    /// The state of the protocol, as it was last written.
    fn protocol(&self) -> Result<Option<ProtocolRow>, StoreError>;

    /// Entries of the journal, newest first.
    fn journal(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError>;

    /// The last activation of each release, newest first: where a rollback can go.
    fn activations(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut last = self.journal(u64::MAX)?;
        last.retain(|it| it.what == ACTIVATED && seen.insert(it.release));
        last.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(last)
    }

    /// Hands a unit to the writer; `done` is called once it is durable, or is known not to be.
    ///
    /// # Errors
    /// When the queue is full or the store is closed; then nothing of it is written and `done` is not called.
    fn submit(&self, unit: Unit, done: Done) -> Result<(), StoreError>;

    /// Keeps a decision, soon: nobody waits for it. It is written with the next commit, at the latest after
    /// [`RECORD_DELAY_MS`]; until then it is not found, and a crash loses it. A unit that is submitted later and
    /// acknowledged has it on the disk too.
    ///
    /// # Errors
    /// When too much waits already, or the store is closed; then it is not kept.
    fn record(&self, id: &DecisionId, row: &DecisionRow) -> Result<(), StoreError> {
        self.submit(vec![Write::Decision(id.clone(), Box::new(row.clone()))], Box::new(drop))
    }

    /// Whether writing works: a unit of nothing, waited for.
    fn probe(&self) -> Result<(), StoreError> {
        self.commit(Vec::new())
    }

    /// Hands a unit to the writer and waits until it is durable.
    ///
    /// # Errors
    /// When it is not.
    fn commit(&self, unit: Unit) -> Result<(), StoreError> {
        let (sender, receiver) = std::sync::mpsc::channel();
        self.submit(unit, Box::new(move |it| drop(sender.send(it))))?;
        receiver.recv().map_err(|_| StoreError::Closed)?
    }
}
