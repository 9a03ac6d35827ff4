//! YAML to a tree in which every value knows where it stands, with limits and plain words.
//!
//! **Invariants.** Reading never fails and never panics: [`parse`] returns what it could read and the remarks. Every
//! span lies on character boundaries. Anchors, aliases, tags, merge keys, further documents, `? keys` and duplicate
//! keys are remarks, never obeyed; what can grow is limited by [`Limits`]. There are two readers, one fast and one that
//! knows all of YAML and every word about it; what the first accepts both read alike.
//! Deliberately absent: the meaning of scalars and keys (`taiwa-config`), and encodings: a text is UTF-8 already.

mod comments;
mod edit;
mod hints;
mod limits;
mod place;
mod read;
mod recover;
mod strict;
mod tree;

pub use comments::{Comment, comments};
pub use edit::source_fix;
pub use hints::is_deceptive;
pub use limits::Limits;
pub use place::source_span;
pub use read::parse_generally;
pub use strict::parse_strictly;
pub use tree::{Located, Node, NodeId, NodeKind, Step, Style, Tree};

use taiwa_text::Remark;

/// Reads a text. Never fails: what could be read, and what is to be said about the rest.
pub fn parse(text: &str, limits: &Limits) -> (Tree, Vec<Remark>) {
    match parse_strictly(text, limits) {
        Some(tree) => (tree, Vec::new()),
        None => parse_generally(text, limits),
    }
}
