//! Maps and lists by indentation.

use taiwa_text::Span;

use super::Strict;
use crate::{NodeId, NodeKind, Style, place::offsets};

/// A text that may turn out to be a key.
#[derive(Clone, Copy)]
struct Word {
    id: NodeId,
    start: usize,
}

impl Strict<'_> {
    /// The map or list whose first word is the next one, in this column. Ends at the first word that is not its own.
    pub(super) fn node(&mut self, column: usize, depth: usize) -> Option<NodeId> {
        if self.is_dash() {
            return self.list(column, self.at, depth);
        }
        let word = self.word()?;
        self.map(column, word, depth)
    }

    fn is_dash(&self) -> bool {
        self.byte() == Some(b'-') && Self::parts(self.after(1))
    }

    /// Whether the text before this byte is a key.
    fn is_colon(&self) -> bool {
        self.byte() == Some(b':') && Self::parts(self.after(1))
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let id = self.scalar(false)?;
        Some(Word { id, start })
    }

    /// The entries in this column; the key of the first was read.
    fn map(&mut self, column: usize, first: Word, depth: usize) -> Option<NodeId> {
        if depth > self.limits.levels {
            return None;
        }
        let start = first.start;
        let mut entries = Vec::new();
        let mut key = self.key(first)?;
        loop {
            let value = self.value(column, key, depth)?;
            entries.push((key, value));
            if self.byte().is_none() || self.column() < column {
                break;
            }
            if self.column() > column {
                return None;
            }
            let word = self.word()?;
            key = self.key(word)?;
        }
        let end = entries.last().map_or(0, |it| self.end_of(it.1));
        self.push_map(entries, false, start, end)
    }

    /// Checks that a word is a key, and steps over its colon.
    fn key(&mut self, word: Word) -> Option<NodeId> {
        let first = self.bytes.get(word.start).copied();
        // further documents and what git could not merge begin lines; a merge is refused
        let odd = matches!(first, Some(b'-' | b'.' | b'<'));
        if odd || !self.is_colon() || self.at - word.start > super::scalar::KEY_BYTES {
            return None;
        }
        self.at += 1;
        Some(word.id)
    }

    /// What stands behind the colon of a key in this column.
    fn value(&mut self, column: usize, key: NodeId, depth: usize) -> Option<NodeId> {
        let from = self.at;
        self.blanks();
        match self.byte() {
            Some(b'#') if self.at == from => None,
            None | Some(b'\n' | b'\r' | b'#') => {
                self.next_line();
                match self.content() {
                    Some(it) if it > column => self.node(it, depth + 1),
                    Some(it) if it == column && self.is_dash() => {
                        // such a list begins, for the general reader, with its first item
                        let start = self.at + 1;
                        let blanks = self.bytes.get(start..).unwrap_or_default();
                        let blanks = blanks.iter().take_while(|it| **it == b' ').count();
                        let start = start + blanks;
                        let comment = self.bytes.get(start) == Some(&b'#');
                        if comment { None } else { self.list(column, start, depth + 1) }
                    }
                    _ => self.push_nothing(key),
                }
            }
            Some(b'|' | b'>') => self.block_text(column),
            Some(_) => self.leaf(column, depth),
        }
    }

    /// A text or `[ ]` or `{ }` that ends its line.
    fn leaf(&mut self, column: usize, depth: usize) -> Option<NodeId> {
        let id = match self.byte() {
            Some(b'[' | b'{') => self.flow(column, depth + 1)?,
            _ => self.scalar(false)?,
        };
        self.line_end()?;
        Some(id)
    }

    /// The items in this column.
    fn list(&mut self, column: usize, start: usize, depth: usize) -> Option<NodeId> {
        if depth > self.limits.levels {
            return None;
        }
        let mut items = Vec::new();
        while self.column() == column && self.is_dash() {
            items.push(self.item(column, depth)?);
        }
        if self.byte().is_some() && self.column() > column {
            return None;
        }
        let end = items.last().map_or(0, |it| self.end_of(*it));
        let span = Span::new(offsets(start, start).start, end);
        self.push(NodeKind::List { items, flow: false }, span)
    }

    /// What stands behind a dash in this column.
    fn item(&mut self, column: usize, depth: usize) -> Option<NodeId> {
        self.at += 1;
        self.blanks();
        match self.byte() {
            None | Some(b'\n' | b'\r' | b'#') => {
                self.next_line();
                let inner = self.content().filter(|it| *it > column)?;
                self.node(inner, depth + 1)
            }
            Some(b'|' | b'>') => self.block_text(column),
            Some(b'[' | b'{') => self.leaf(column, depth),
            Some(_) if self.is_dash() => self.node(self.column(), depth + 1),
            Some(_) => {
                let inner = self.column();
                let word = self.word()?;
                if self.is_colon() {
                    return self.map(inner, word, depth + 1);
                }
                self.line_end()?;
                Some(word.id)
            }
        }
    }

    /// `|` or `>` with the lines that are deeper than this column.
    fn block_text(&mut self, column: usize) -> Option<NodeId> {
        let style = if self.byte() == Some(b'|') { Style::Literal } else { Style::Folded };
        self.at += 1;
        let chomp = self.byte().filter(|it| matches!(it, b'-' | b'+'));
        self.at += usize::from(chomp.is_some());
        let from = self.at;
        self.blanks();
        if !Self::ends(self.byte()) && (self.byte() != Some(b'#') || self.at == from) {
            return None;
        }
        self.next_line();
        let mut text = String::new();
        let mut span = None;
        let mut lines = Folding { style, break_before: false, empty: 0, blank_before: false };
        let mut indent = column + 1;
        loop {
            self.blanks();
            let byte = self.byte();
            if byte.is_none() && self.column() > 0 {
                return None; // blanks that no line end follows may be text
            }
            if byte.is_none() {
                break;
            }
            if Self::ends(byte) {
                // blanks that are text, or that are more than the first line has
                let text = self.column() > if span.is_some() { indent } else { 0 };
                if text {
                    return None;
                }
                lines.empty += 1;
                self.next_line();
                continue;
            }
            if self.column() < indent {
                break;
            }
            if span.is_none() {
                indent = self.column();
            }
            self.at = self.line + indent;
            let start = self.at;
            self.next_line();
            let raw = self.text.get(start..self.at)?;
            // the last line of a file has to end, or else more is to be known than is here
            let line = raw.strip_suffix('\n')?;
            let line = line.strip_suffix('\r').unwrap_or(line);
            let written = line.trim_end().len();
            if written == 0 {
                return None; // blanks of other scripts: where the text ends is not for here
            }
            lines.add(&mut text, line);
            let end = start + written;
            span = Some((span.map_or(start, |it: (usize, usize)| it.0), end));
        }
        let (start, end) = span?;
        if chomp != Some(b'-') {
            text.push('\n');
        }
        if chomp == Some(b'+') {
            text.extend(std::iter::repeat_n('\n', lines.empty));
        }
        self.content();
        self.push_scalar(text, style, offsets(start, end))
    }
}

/// How lines of a block become one text.
struct Folding {
    style: Style,
    /// Whether a line was there.
    break_before: bool,
    /// Empty lines since.
    empty: usize,
    /// Whether that line began with a blank: then it is not folded.
    blank_before: bool,
}

impl Folding {
    fn add(&mut self, text: &mut String, line: &str) {
        let blank = line.starts_with(' ');
        let folds =
            self.style == Style::Folded && self.break_before && !blank && !self.blank_before;
        if folds && self.empty == 0 {
            text.push(' ');
        } else {
            let breaks = self.empty + usize::from(self.break_before && !folds);
            text.extend(std::iter::repeat_n('\n', breaks));
        }
        text.push_str(line);
        (self.break_before, self.empty, self.blank_before) = (true, 0, blank);
    }
}
