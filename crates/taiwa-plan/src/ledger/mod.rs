//! The ledger: the story of an environment, which a stranger can check.
//!
//! One record after the other, each naming the SHA-256 of the one before, and the objects they speak of,
//! by digest, written once. Servers need nothing of it. Deliberately absent: git (`taiwa-git`).

mod record;
mod story;
mod verify;

pub use record::{Draft, OutcomeWord, Record, RecordKind, object_path, record_path};
pub use story::{Ledger, Object};
pub use verify::{Problem, verify};
