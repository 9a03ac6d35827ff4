//! `[ ]` and `{ }`, on one line or on several.

use taiwa_text::Span;

use super::{Strict, scalar::KEY_BYTES};
use crate::{NodeId, NodeKind, place::offsets};

impl Strict<'_> {
    /// The brackets that open here; `column` is that of the key or the dash before them.
    pub(super) fn flow(&mut self, column: usize, depth: usize) -> Option<NodeId> {
        if depth > self.limits.levels {
            return None;
        }
        let start = self.at;
        let map = self.byte() == Some(b'{');
        self.at += 1;
        if map { self.entries(start, column, depth) } else { self.items(start, column, depth) }
    }

    fn items(&mut self, start: usize, column: usize, depth: usize) -> Option<NodeId> {
        let mut items = Vec::new();
        loop {
            self.between(column)?;
            if self.byte()? == b']' {
                break;
            }
            items.push(self.inner(column, depth)?);
            self.between(column)?;
            match self.byte()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return None,
            }
        }
        self.at += 1;
        self.push(NodeKind::List { items, flow: true }, offsets(start, self.at))
    }

    fn entries(&mut self, start: usize, column: usize, depth: usize) -> Option<NodeId> {
        let mut entries = Vec::new();
        loop {
            self.between(column)?;
            if self.byte()? == b'}' {
                break;
            }
            let from = self.at;
            let key = self.scalar(true)?;
            if self.byte()? != b':' || self.after(1)? != b' ' || self.at - from > KEY_BYTES {
                return None;
            }
            self.at += 1;
            self.blanks();
            let value = match self.byte()? {
                b',' | b'}' => self.push_nothing(key)?,
                _ => self.inner(column, depth)?,
            };
            entries.push((key, value));
            self.between(column)?;
            match self.byte()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        let Span { end, .. } = offsets(self.at, self.at);
        self.push_map(entries, true, start, end)
    }

    fn inner(&mut self, column: usize, depth: usize) -> Option<NodeId> {
        match self.byte()? {
            b'[' | b'{' => self.flow(column, depth + 1),
            _ => self.scalar(true),
        }
    }

    /// Over blanks, line ends and comments. What follows on another line has to be deeper than the key or the dash.
    fn between(&mut self, column: usize) -> Option<()> {
        let from = self.at;
        self.blanks();
        match self.byte()? {
            b'#' if self.at == from => return None,
            b'#' | b'\n' | b'\r' => {}
            _ => return Some(()),
        }
        self.next_line();
        (self.content()? > column).then_some(())
    }
}
