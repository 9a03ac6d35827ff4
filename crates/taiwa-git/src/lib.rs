//! The only crate that knows git: workspaces at a commit, blobs, history, the ledger branch.
//!
//! **Invariants.** Contents come from the object database by full id, never from a checkout: no filter, hook or
//! attribute of a repository runs. Only regular files are read; whatever else a tree holds is reported by path. The
//! ledger never touches the index, the work tree or `HEAD` of its user. The network belongs to the `git` program, which
//! never asks anyone for a password and never runs for longer than it was given.
//! Deliberately absent: what a file means (`taiwa-config`), what a record means (`taiwa-plan`), merging, checkouts.

mod authorship;
mod blob;
mod create;
mod history;
mod ledger;
mod past;
mod program;
mod repository;
mod status;
mod tree;

pub use authorship::{AuthorshipError, MAX_AUTHORSHIP_COMMITS, MAX_COMMIT_BYTES, Touched, Writing};
pub use blob::{BlobError, blob_id};
pub use history::{MAX_HISTORY_COMMITS, Origin};
pub use ledger::{
    AppendError, Appended, CommitFacts, FormError, Head, LEDGER_REF, Ledger, MAX_OBJECT_BYTES,
    MAX_RECORD_BYTES, MAX_TRIES, NewRecord, OUTBOX_REF, Published, RawRecord, Refreshed, Settings,
    pause_ms,
};
pub use past::{Buried, MAX_PAST_COMMITS, Version};
pub use program::Program;
pub use repository::{Author, Commit, CommitId, GitError, HeadError, OpenError, Repository};
pub use status::{DirtyFile, DirtyState};
pub use tree::{MAX_TREE_DEPTH, MAX_TREE_FILES, Refused, TreeError, TreeFile};
