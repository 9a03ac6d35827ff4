//! Tables, and the number of their format.

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;

/// The format that this version writes. It reads this one only; a newer one is refused with words.
pub const FORMAT: i64 = 1;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS identity (level TEXT NOT NULL, key TEXT NOT NULL, person INTEGER NOT NULL,
    PRIMARY KEY (level, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identity_person ON identity (person);
CREATE TABLE IF NOT EXISTS suppressed (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, level TEXT NOT NULL, key TEXT NOT NULL,
    expires_at INTEGER NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_expires ON session (expires_at);
CREATE INDEX IF NOT EXISTS session_identity ON session (level, key);
CREATE TABLE IF NOT EXISTS decision (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS message (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_at ON message (at);
CREATE TABLE IF NOT EXISTS undeclared (event TEXT PRIMARY KEY, count INTEGER NOT NULL,
    last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS protocol (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,
    state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
    what TEXT NOT NULL, release TEXT, plan TEXT, detail TEXT NOT NULL, body TEXT NOT NULL);
";

/// Makes the writer's connection ready.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot prepare the database", &it);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384;",
        )
        .map_err(failed)?;
    let known: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'meta')", [], |it| {
            it.get(0)
        })
        .map_err(failed)?;
    if known {
        let found: Option<i64> = connection
            .query_row("SELECT value FROM meta WHERE key = 'format'", [], |it| it.get(0))
            .optional()
            .map_err(failed)?;
        if let Some(found) = found.filter(|it| *it > FORMAT) {
            return Err(StoreError::NewerFormat { found, known: FORMAT });
        }
    }
    let transaction = connection.transaction().map_err(failed)?;
    transaction.execute_batch(TABLES).map_err(failed)?;
    transaction.execute_batch(&super::journal::triggers()).map_err(failed)?;
    transaction
        .execute("INSERT OR IGNORE INTO meta VALUES ('format', ?1)", [FORMAT])
        .map_err(failed)?;
    transaction
        .execute("INSERT OR IGNORE INTO meta VALUES ('salt', randomblob(32))", [])
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// Makes a reader's connection ready.
pub(super) fn prepare_reader(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -4096;",
        )
        .map_err(|it| StoreError::sql("cannot prepare a reader", &it))?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
