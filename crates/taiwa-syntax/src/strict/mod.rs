//! The fast reader: what people write nearly always, in one pass over the bytes.
//!
//! It knows block maps and lists, `[ ]` and `{ }`, plain and quoted texts on one line, `|` and `>`, comments. Whatever
//! else stands there, and whatever would be worth a remark, it declines; then the general reader (`read`) reads the text
//! from the beginning, and only that one speaks.
//!
//! **Invariants.** *What is accepted here the general reader accepts without a remark, and the two trees are equal*, spans
//! and order of nodes included; held by `tests/strict.rs` and by fuzzing. Every loop consumes bytes or declines, so time
//! grows with the bytes; depth is limited. Deliberately absent: remarks, recovery, guessing.

mod block;
mod flow;
mod scalar;

use taiwa_text::Span;

use crate::{Limits, Node, NodeId, NodeKind, Style, Tree, hints, place::offsets};

/// So few keys are compared each with each; more are sorted.
const FEW_KEYS: usize = 8;

/// Reads a text of the plain kind; `None` where it is not, or where something would be to say about it.
pub fn parse_strictly(text: &str, limits: &Limits) -> Option<Tree> {
    if text.len() > limits.bytes || !is_harmless(text) {
        return None;
    }
    let nodes = Vec::with_capacity(text.len() / 16);
    let mut reader = Strict { text, bytes: text.as_bytes(), at: 0, line: 0, limits, nodes };
    let column = reader.content();
    let root = column.map(|it| reader.node(it, 1).ok_or(())).transpose().ok()?;
    let ended = reader.at == text.len() && reader.nodes.len() <= limits.nodes;
    ended.then_some(Tree { nodes: reader.nodes, root, broken: false })
}

/// Whether no reader stumbles over a character: no controls, no tabs, nothing invisible, no line ends but those of Unix
/// and Windows.
fn is_harmless(text: &str) -> bool {
    let control = |it: u8| (it < b' ' && it != b'\n' && it != b'\r') || it == 0x7F;
    // the first bytes of all that is invisible, and of much that is not
    let first = |it: u8| matches!(it, 0xC2 | 0xE2 | 0xEF);
    let (mut controls, mut returns, mut firsts) = (false, false, false);
    for it in text.bytes() {
        controls |= control(it);
        returns |= it == b'\r';
        firsts |= first(it);
    }
    let alone = || text.match_indices('\r').any(|it| text.as_bytes().get(it.0 + 1) != Some(&b'\n'));
    let odd = |c: char| {
        hints::is_deceptive(c)
            || matches!(c, '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
    };
    let harmful = controls || (returns && alone()) || (firsts && text.chars().any(odd));
    !harmful
}

struct Strict<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
    /// Where its line begins.
    line: usize,
    limits: &'a Limits,
    nodes: Vec<Node>,
}

impl Strict<'_> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn after(&self, distance: usize) -> Option<u8> {
        self.bytes.get(self.at + distance).copied()
    }

    fn column(&self) -> usize {
        self.at - self.line
    }

    fn blanks(&mut self) {
        while self.byte() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Whether a line, or the text, ends at a byte.
    const fn ends(byte: Option<u8>) -> bool {
        matches!(byte, None | Some(b'\n' | b'\r'))
    }

    /// Whether a word ends before a byte.
    const fn parts(byte: Option<u8>) -> bool {
        Self::ends(byte) || matches!(byte, Some(b' '))
    }

    /// From within a line to the beginning of the next.
    fn next_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|it| *it == b'\n').map_or(rest.len(), |it| it + 1);
        self.line = self.at;
    }

    /// From the beginning of a line over empty lines and comments to the first word, and its column; none at the end.
    fn content(&mut self) -> Option<usize> {
        loop {
            self.blanks();
            match self.byte() {
                None => return None,
                Some(b'#' | b'\n' | b'\r') => self.next_line(),
                Some(_) => return Some(self.column()),
            }
        }
    }

    /// From behind a value to the first word of a later line. Only blanks and a comment may stand behind a value.
    fn line_end(&mut self) -> Option<()> {
        let from = self.at;
        self.blanks();
        let comment = self.byte() == Some(b'#') && self.at > from;
        if !comment && !Self::ends(self.byte()) {
            return None;
        }
        self.next_line();
        self.content();
        Some(())
    }

    fn push(&mut self, kind: NodeKind, span: Span) -> Option<NodeId> {
        if self.nodes.len() >= self.limits.nodes {
            return None;
        }
        self.nodes.push(Node { kind, span });
        Some(NodeId(u32::try_from(self.nodes.len() - 1).ok()?))
    }

    fn push_scalar(&mut self, text: String, style: Style, span: Span) -> Option<NodeId> {
        let fits = text.len() <= self.limits.scalar_bytes;
        fits.then_some(())?;
        self.push(NodeKind::Scalar { text, style }, span)
    }

    /// The value that nobody wrote: it stands where its key ends.
    fn push_nothing(&mut self, key: NodeId) -> Option<NodeId> {
        let end = self.end_of(key);
        self.push_scalar(String::new(), Style::Plain, Span::new(end, end))
    }

    fn end_of(&self, id: NodeId) -> u32 {
        self.nodes.get(id.0 as usize).map_or(0, |it| it.span.end)
    }

    fn key_text(&self, id: NodeId) -> &str {
        match self.nodes.get(id.0 as usize).map(|it| &it.kind) {
            Some(NodeKind::Scalar { text, .. }) => text,
            _ => "",
        }
    }

    fn push_map(
        &mut self,
        entries: Vec<(NodeId, NodeId)>,
        flow: bool,
        start: usize,
        end: u32,
    ) -> Option<NodeId> {
        let twice = if entries.len() <= FEW_KEYS {
            let mut rest = entries.as_slice();
            let mut found = false;
            while let [(first, _), others @ ..] = rest {
                found |= others.iter().any(|it| self.key_text(it.0) == self.key_text(*first));
                rest = others;
            }
            found
        } else {
            let mut keys: Vec<&str> = entries.iter().map(|it| self.key_text(it.0)).collect();
            keys.sort_unstable();
            keys.windows(2).any(|it| it.first() == it.last())
        };
        let span = Span::new(offsets(start, start).start, end);
        if twice { None } else { self.push(NodeKind::Map { entries, flow }, span) }
    }
}
