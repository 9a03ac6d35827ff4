//! The journal: what is appended stays as it is, and stays at all as long as it is within the limit.
//!
//! Invariants: nothing changes an entry; the database itself refuses to lose one that is to be kept, whoever asks.

use rusqlite::{Transaction, params};

use super::apply::execute;
use crate::{ACTIVATED, JOURNAL_MAX, JournalRow, StoreError};

/// Entries that are forgotten with one that is appended at most, so that the writer is never away for long: one is
/// enough, and more only once, after a version without this limit.
const FORGOTTEN_MAX: u32 = 100;

/// An entry `old` is among the newest of its kind.
const RECENT: &str =
    "(SELECT count(*) FROM (SELECT 1 FROM journal WHERE what = old.what AND seq > old.seq LIMIT";

/// An entry `old` is the last activation of its release.
const LAST: &str = "NOT EXISTS (SELECT 1 FROM journal WHERE what = old.what AND release IS old.release AND seq > old.seq)";

/// What the database refuses by itself.
pub(super) fn triggers() -> String {
    format!(
        "CREATE INDEX IF NOT EXISTS journal_what ON journal (what, release);
         DROP TRIGGER IF EXISTS journal_stays;
         CREATE TRIGGER IF NOT EXISTS journal_keeps BEFORE DELETE ON journal
             WHEN {RECENT} {JOURNAL_MAX})) < {JOURNAL_MAX} OR (old.what = '{ACTIVATED}' AND {LAST})
             BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;
         CREATE TRIGGER IF NOT EXISTS journal_is_true BEFORE UPDATE ON journal
             BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;"
    )
}

/// Appends an entry, and forgets the oldest of its kind beyond the limit.
pub(super) fn append(to: &Transaction<'_>, entry: &JournalRow) -> Result<(), StoreError> {
    execute(
        to,
        "INSERT INTO journal (at, what, release, plan, detail, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            entry.at.as_millis(),
            entry.what,
            entry.release.map(|it| it.to_string()),
            entry.plan.map(|it| it.to_string()),
            entry.detail,
            entry.body,
        ],
    )?;
    let forget = format!(
        "DELETE FROM journal WHERE seq IN (SELECT seq FROM journal AS old
             WHERE what = ?1 AND seq <= (SELECT seq FROM journal WHERE what = ?1
                 ORDER BY seq DESC LIMIT 1 OFFSET {JOURNAL_MAX})
             AND NOT (what = '{ACTIVATED}' AND {LAST}) ORDER BY seq LIMIT {FORGOTTEN_MAX})"
    );
    execute(to, &forget, [&entry.what])
}
