//! Why the store did not do it.

use std::io;

/// Why the store did not do it. Nothing of what was asked took effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full: {what}")]
    DiskFull {
        /// What was to be written.
        what: String,
    },
    /// The disk or the database failed.
    #[error("{what}: {why}")]
    Failed {
        /// What was to be done.
        what: String,
        /// What the system said.
        why: String,
    },
    /// What is stored is not what was written.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// What.
        what: String,
        /// How that is known.
        why: String,
    },
    /// Too much waits to be written.
    #[error("too much waits to be written")]
    Overloaded,
    /// The store was closed, or its writer ended.
    #[error("the store is closed")]
    Closed,
    /// Another process uses the data directory.
    #[error("{dir} is in use by another server; two servers must not share a data directory")]
    InUse {
        /// The directory.
        dir: String,
    },
    /// The data was written by a newer version.
    #[error(
        "the data has format {found}, this version knows up to {known}; start the version that wrote it, or a newer one"
    )]
    NewerFormat {
        /// Format of the data.
        found: i64,
        /// Format of this version.
        known: i64,
    },
    /// More than the store keeps.
    #[error("{what} is more than the store keeps ({limit})")]
    Limit {
        /// What.
        what: String,
        /// At most so much.
        limit: u64,
    },
}

impl StoreError {
    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> Self {
        let what = what.into();
        match error.kind() {
            // A limit on the size of files is to this process what a full disk is.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::DiskFull { what },
            _ => Self::Failed { what, why: error.to_string() },
        }
    }

    pub(crate) fn sql(what: &str, error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { what: what.to_owned() },
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged { what: what.to_owned(), why: error.to_string() }
            }
            _ => Self::Failed { what: what.to_owned(), why: error.to_string() },
        }
    }

    pub(crate) fn json(what: &str, error: &serde_json::Error) -> Self {
        Self::Damaged { what: what.to_owned(), why: error.to_string() }
    }
}
