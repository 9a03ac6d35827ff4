//! The store on disk: `SQLite` in WAL mode with `synchronous=FULL`, one writer thread, readers with connections of their own.

mod apply;
mod journal;
mod read;
mod records;
mod schema;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
        mpsc::{SyncSender, TrySendError, sync_channel},
    },
    thread::JoinHandle,
};

use rusqlite::{Connection, OpenFlags};
use taiwa_decide::Person;
use taiwa_model::Timestamp;

pub use schema::FORMAT;

use records::Records;

use crate::{
    DecisionId, DecisionRow, Done, Identity, JournalRow, MessageHash, PersonNumber, ProtocolRow,
    QUEUE_MAX, SessionId, SessionRow, Store, StoreError, Undeclared, Unit,
};

/// Reader connections that are kept open; more are opened and closed as needed.
const READERS_MAX: usize = 8;

/// The store on disk. Dropping it writes what was submitted, and closes it.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    queue: Option<SyncSender<(Unit, Done)>>,
    records: Arc<Records>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
    people: Arc<AtomicI64>,
}

pub(crate) fn wrong_version(given: u64, stored: u64) -> StoreError {
    StoreError::Failed {
        what: "the state of the protocol".to_owned(),
        why: format!("version {given} was written over version {stored}"),
    }
}

impl SqliteStore {
    /// Opens a database, or makes it.
    ///
    /// # Errors
    /// When it is damaged, of a newer format, or cannot be opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)
            .map_err(|it| StoreError::sql("cannot open the database", &it))?;
        schema::prepare(&mut connection)?;
        let last = read::last_person(&connection)?;
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        let records = Arc::new(Records::default());
        let recorded = records.clone();
        let writer = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(connection, &receiver, &recorded))
            .map_err(|it| StoreError::io("cannot start the writer", &it))?;
        Ok(Self {
            path: path.to_owned(),
            queue: Some(sender),
            records,
            writer: Some(writer),
            readers: Mutex::default(),
            people: Arc::new(AtomicI64::new(last)),
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.reader()?,
        };
        let value = read(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_MAX {
            readers.push(connection);
        }
        value
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .map_err(|it| StoreError::sql("cannot open the database for reading", &it))?;
        schema::prepare_reader(&connection)?;
        Ok(connection)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

impl Store for SqliteStore {
    fn person(&self, who: &Identity) -> Result<Option<(PersonNumber, Person)>, StoreError> {
        self.read(|it| read::person(it, who))
    }

    fn new_person(&self) -> PersonNumber {
        PersonNumber(self.people.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        self.read(|it| read::session(it, id))
    }

    fn sessions(&self) -> Result<u64, StoreError> {
        self.read(read::sessions)
    }

    fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        self.read(|it| read::decision(it, id))
    }

    fn messages(&self) -> Result<Vec<(MessageHash, Timestamp)>, StoreError> {
        self.read(read::messages)
    }

    fn undeclared(&self) -> Result<Vec<Undeclared>, StoreError> {
        self.read(read::undeclared)
    }

    fn protocol(&self) -> Result<Option<ProtocolRow>, StoreError> {
        self.read(read::protocol)
    }

    fn journal(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
        self.read(|it| read::journal(it, limit))
    }

    fn activations(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
        self.read(|it| read::activations(it, limit))
    }

    fn record(&self, id: &DecisionId, row: &DecisionRow) -> Result<(), StoreError> {
        self.records.add(id, apply::json("a decision", row)?)
    }

    fn submit(&self, unit: Unit, done: Done) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send((unit, done)).map_err(|it| match it {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })
    }
}
