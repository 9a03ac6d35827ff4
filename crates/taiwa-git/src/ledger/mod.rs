//! The ledger: an orphan branch with one commit a record, shared through the remote of the repository.
//!
//! **Invariants.** A record is never lost: it is on the branch, or in the outbox, before `append` says that it is kept.
//! The branch moves by compare-and-set (locally) or by a fast-forward push (at the remote), so that two writers never
//! write one `seq`. A content-addressed object is written once. Records are opaque but for two fields, `seq` and `prev`,
//! which are set again when another writer was first. The index, the work tree and `HEAD` are not touched.
//!
//! | ref | what it is |
//! |---|---|
//! | `refs/heads/taiwa/ledger` | the ledger as this clone knows it |
//! | `refs/taiwa/seen/REMOTE` | the ledger as it was last seen at the remote; it only grows, so a rewritten one is noticed |
//! | `refs/remotes/REMOTE/taiwa/ledger` | what a clone brought along; looked at while the two above do not exist |
//! | `refs/taiwa/rewritten/REMOTE` | what the remote has where it was rewritten, to say what is different; never believed |
//! | `refs/taiwa/outbox` | records on top of the ledger that could not be published yet |
//!
//! What if it dies here? Objects without a ref are garbage, and harmless. A commit that was pushed, but not noted, is
//! found in the remote's history by its id, a copy of it by the line `Replays:` of its message.

mod append;
mod chain;
mod form;
mod read;
mod share;

use taiwa_model::{Digest, Timestamp};

pub use append::{AppendError, Appended, Published, Refreshed};
pub use form::FormError;
pub use read::{CommitFacts, RawRecord};

use crate::{Author, CommitId, GitError, Program, Repository};

/// The branch.
pub const LEDGER_REF: &str = "refs/heads/taiwa/ledger";
/// Where records wait that could not be published.
pub const OUTBOX_REF: &str = "refs/taiwa/outbox";
/// How often an append is tried against other writers before the record goes to the outbox.
pub const MAX_TRIES: u32 = 8;
/// The longest record, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 << 10;
/// The longest object, in bytes: that of a bundle.
pub const MAX_OBJECT_BYTES: usize = 2 << 20;
/// The most objects of one record.
const MAX_OBJECTS: usize = 256;

/// The ledger of a repository.
pub struct Ledger<'a> {
    repository: &'a Repository,
    settings: Settings,
}

/// How the ledger is shared, and who writes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The remote it is shared by; `None`: it stays in this clone.
    pub remote: Option<String>,
    /// Author and committer of the commits.
    pub author: Author,
    /// Their time.
    pub at: Timestamp,
    /// The program that fetches and pushes.
    pub program: Program,
}

/// What the next record must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number, from 1.
    pub seq: u64,
    /// SHA-256 of the bytes of the record before it; none for the first.
    pub prev: Option<Digest>,
}

/// A record to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Canonical JSON of an object whose `seq` and `prev` are those of the head it was made for.
    pub record: Vec<u8>,
    /// The objects it names, by the digest that they are filed under.
    pub objects: Vec<(Digest, Vec<u8>)>,
    /// First line of the commit's message, for people who look with git.
    pub summary: String,
}

impl<'a> Ledger<'a> {
    /// The ledger of a repository; nothing is read yet, and it need not exist.
    pub const fn new(repository: &'a Repository, settings: Settings) -> Self {
        Self { repository, settings }
    }

    /// The ref of what was last seen at the remote.
    fn seen_ref(&self) -> Option<String> {
        self.settings.remote.as_ref().map(|it| format!("refs/taiwa/seen/{it}"))
    }

    const fn git(&self) -> &git2::Repository {
        &self.repository.git
    }

    /// The commit that a ref names; `None` where it does not exist.
    fn tip(&self, name: &str) -> Result<Option<git2::Oid>, GitError> {
        match self.git().refname_to_id(name) {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The newest published commit that this clone knows.
    fn known(&self) -> Result<Option<git2::Oid>, GitError> {
        let local = self.tip(LEDGER_REF)?;
        let Some(seen) = self.seen_ref() else { return Ok(local) };
        Ok(match (local, self.tip(&seen)?) {
            (Some(local), Some(seen)) if self.contains(local, seen)? => Some(local),
            (None, None) => self.fetched()?,
            (local, seen) => seen.or(local),
        })
    }

    /// What `git clone` or `git fetch` brought along: the ledger of a clone in which nobody used it yet.
    fn fetched(&self) -> Result<Option<git2::Oid>, GitError> {
        let Some(remote) = &self.settings.remote else { return Ok(None) };
        self.tip(&LEDGER_REF.replacen("refs/heads/", &format!("refs/remotes/{remote}/"), 1))
    }

    /// Whether the history of a commit holds another one, or is it.
    fn contains(&self, commit: git2::Oid, other: git2::Oid) -> Result<bool, GitError> {
        Ok(commit == other || self.git().graph_descendant_of(commit, other)?)
    }

    /// The commit at the head of the ledger, as far as this clone knows it.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn commit(&self) -> Result<Option<CommitId>, GitError> {
        Ok(self.known()?.map(CommitId::from))
    }
}

/// How long to wait before a try: 50 ms doubled with each try, at most 3.2 s, of which a random half is taken off.
pub const fn pause_ms(attempt: u32, random: u64) -> u64 {
    let most = 50_u64 << if attempt > 6 { 6 } else { attempt };
    most / 2 + random % (most / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_and_differ() {
        for (attempt, least_ms, most_ms) in
            [(1, 50, 100), (2, 100, 200), (6, 1600, 3200), (99, 1600, 3200)]
        {
            assert_eq!(pause_ms(attempt, 0), least_ms);
            assert_eq!(pause_ms(attempt, most_ms - least_ms), most_ms);
            assert!((least_ms..=most_ms).contains(&pause_ms(attempt, u64::MAX)));
        }
    }
}
