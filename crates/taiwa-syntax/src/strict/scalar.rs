//! Texts on one line: plain, `'…'`, `"…"`.

use super::Strict;
use crate::{NodeId, Style, place::offsets};

/// Longer keys are left to the general reader, which looks for a `:` only so far.
pub(super) const KEY_BYTES: usize = 512;

impl Strict<'_> {
    /// The text that begins here, within `[ ]` or `{ }` or not; ends behind it.
    pub(super) fn scalar(&mut self, flow: bool) -> Option<NodeId> {
        match self.byte()? {
            b'\'' => self.single(),
            b'"' => self.double(),
            _ => self.plain(flow),
        }
    }

    fn plain(&mut self, flow: bool) -> Option<NodeId> {
        let bracket = |it: u8| matches!(it, b',' | b'[' | b']' | b'{' | b'}');
        let start = self.at;
        match self.byte()? {
            b'-' => {
                let next = self.after(1);
                if Self::parts(next) || (flow && next.is_some_and(bracket)) {
                    return None;
                }
            }
            b' ' | b'\n' | b'\r' | b'?' | b':' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>'
            | b'\'' | b'"' | b'%' | b'@' | b'`' => {
                return None;
            }
            it if bracket(it) => return None,
            _ => {}
        }
        let mut previous = 0;
        while let Some(byte) = self.byte() {
            match byte {
                b'\n' | b'\r' => break,
                b'#' if previous == b' ' => break,
                b':' => {
                    let next = self.after(1);
                    if Self::parts(next) || (flow && next.is_some_and(bracket)) {
                        break;
                    }
                }
                _ if flow && bracket(byte) => break,
                _ => {}
            }
            previous = byte;
            self.at += 1;
        }
        // the blanks at its end are not its own
        while self.at > start && self.bytes.get(self.at - 1) == Some(&b' ') {
            self.at -= 1;
        }
        let text = self.text.get(start..self.at)?;
        let merges = text == "<<";
        (!merges).then_some(())?;
        self.push_scalar(text.to_owned(), Style::Plain, offsets(start, self.at))
    }

    fn single(&mut self) -> Option<NodeId> {
        let start = self.at;
        self.at += 1;
        let mut doubled = false;
        loop {
            match self.byte()? {
                b'\'' if self.after(1) == Some(b'\'') => {
                    doubled = true;
                    self.at += 2;
                }
                b'\'' => break,
                b'\n' | b'\r' => return None,
                _ => self.at += 1,
            }
        }
        let text = self.text.get(start + 1..self.at)?;
        let text = if doubled { text.replace("''", "'") } else { text.to_owned() };
        self.at += 1;
        self.push_scalar(text, Style::Single, offsets(start, self.at))
    }

    fn double(&mut self) -> Option<NodeId> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut from = self.at;
        loop {
            match self.byte()? {
                b'\\' => {
                    let escaped = match self.after(1)? {
                        b'"' => '"',
                        b'\\' => '\\',
                        b'/' => '/',
                        b'n' => '\n',
                        b't' => '\t',
                        _ => return None,
                    };
                    text.push_str(self.text.get(from..self.at)?);
                    text.push(escaped);
                    self.at += 2;
                    from = self.at;
                }
                b'"' => break,
                b'\n' | b'\r' => return None,
                _ => self.at += 1,
            }
        }
        text.push_str(self.text.get(from..self.at)?);
        self.at += 1;
        self.push_scalar(text, Style::Double, offsets(start, self.at))
    }
}
