//! From files to the typed project: layout, shapes, normalised components, environments and marks.
//!
//! **Invariants.** [`load`] never fails and never panics: it returns what could be made of the files and every finding.
//! The order of the files does not matter. Nothing here reads a file, a clock or git.
//! Deliberately absent: everything that needs a second component to be decided (`taiwa-validator`), the meaning of
//! conditions (`taiwa-condition`).

pub mod editor;
pub mod environment;
mod file;
mod layout;
mod load;
pub mod lower;
pub mod marks;
mod mend;
mod nouns;
mod project;
mod scalar;
mod settings;
pub mod shape;

pub use layout::{FileKind, Place as FilePlace, place_of};
pub use load::{Content, InputFile, load};
pub use nouns::noun;
pub use project::{Document, Project};
pub use settings::{RuleLevel, Settings};
