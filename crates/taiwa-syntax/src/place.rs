//! Bytes of a decoded scalar to bytes of the file.
//!
//! A finding in a condition knows its place in the decoded text. Plain and quoted texts on one line differ from the file
//! by a constant and by escapes; folded and literal ones lose their indentation. The raw text is walked again, beside
//! the decoded one, and each decoded byte is given the place it came from. Only done when there is something to say.

use taiwa_text::Span;

use crate::{NodeId, NodeKind, Style, Tree};

/// Where bytes `inner` of the decoded text of a scalar stand in `text`, the text of the file. A node that is no scalar,
/// and bytes beyond its end: the whole node.
pub fn source_span(text: &str, tree: &Tree, id: NodeId, inner: Span) -> Span {
    let node = tree.node(id);
    let NodeKind::Scalar { text: decoded, style } = &node.kind else { return node.span };
    if inner.end as usize > decoded.len() || inner.start > inner.end {
        return node.span;
    }
    let (base, raw) = content(text, node.span, *style);
    let origin = Walk { raw, decoded, style: *style }.origins();
    let first = origin.get(inner.start as usize).copied();
    let last = (inner.end as usize).checked_sub(1).and_then(|it| origin.get(it)).copied();
    let end_of_text = origin.last().map_or((0, 0), |it| (it.1, it.1));
    let start = first.unwrap_or(end_of_text).0;
    let end = if inner.end > inner.start { last.map_or(start, |it| it.1) } else { start };
    offsets(base + start, base + end.max(start))
}

/// The raw text between the quotes, and where it begins.
fn content(text: &str, span: Span, style: Style) -> (usize, &str) {
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    match style {
        Style::Single | Style::Double => {
            start += 1;
            end = end.saturating_sub(1).max(start);
        }
        // the span of a block begins with its first line, behind the header
        Style::Plain | Style::Literal | Style::Folded => {}
    }
    (start, text.get(start..end).unwrap_or_default())
}

/// For each byte of the decoded text the bytes of the raw text that it came from.
struct Walk<'a> {
    raw: &'a str,
    decoded: &'a str,
    style: Style,
}

impl Walk<'_> {
    fn origins(&self) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::with_capacity(self.decoded.len());
        let mut at = 0;
        while let Some(c) = self.decoded.get(found.len()..).and_then(|it| it.chars().next()) {
            let (from, escaped) = self.skip(at, c);
            at = from;
            let rest = self.raw.get(at..).unwrap_or_default();
            let blanks = blanks(rest);
            let (taken, length) = if c.is_ascii_whitespace() && ends_line(rest, blanks) {
                let lines = rest.get(..blanks).unwrap_or_default().matches('\n').count();
                (self.folded(found.len(), if escaped { lines + 1 } else { lines }), blanks)
            } else {
                (c.len_utf8(), self.character(rest, c))
            };
            if taken == length {
                found.extend((at..at + length).map(|it| (it, it + 1)));
            } else {
                found.extend(std::iter::repeat_n((at, at + length), taken));
            }
            at += length;
        }
        found
    }

    /// Steps over what stands for nothing: escaped line ends, and indentation before the first word of a block. Says whether
    /// a line end was escaped just before.
    fn skip(&self, mut at: usize, c: char) -> (usize, bool) {
        let mut escaped = false;
        loop {
            let rest = self.raw.get(at..).unwrap_or_default();
            let after = rest.strip_prefix('\\').filter(|_| self.style == Style::Double);
            let line_end = after.map_or(0, |it| {
                if it.starts_with("\r\n") { 2 } else { usize::from(it.starts_with(['\n', '\r'])) }
            });
            if line_end > 0 {
                at += 1 + line_end;
                escaped = true;
                let rest = self.raw.get(at..).unwrap_or_default();
                if !ends_line(rest, blanks(rest)) {
                    at += blanks(rest);
                }
            } else if !c.is_ascii_whitespace() && blanks(rest) > 0 {
                at += blanks(rest);
            } else {
                return (at, escaped);
            }
        }
    }

    /// How many decoded bytes a run of blanks with so many line ends became.
    fn folded(&self, from: usize, lines: usize) -> usize {
        let rest = self.decoded.get(from..).unwrap_or_default();
        match self.style {
            Style::Literal | Style::Folded => blanks(rest),
            _ => lines.saturating_sub(1).max(1).min(blanks(rest)),
        }
    }

    /// How many raw bytes stand for one decoded character.
    fn character(&self, rest: &str, c: char) -> usize {
        let mut raw = rest.chars();
        let Some(first) = raw.next() else { return 0 };
        let length = match (self.style, first, raw.next()) {
            (Style::Single, '\'', Some('\'')) => 2,
            (Style::Double, '\\', Some('x')) => 4,
            (Style::Double, '\\', Some('u')) if c > '\u{FFFF}' => 12,
            (Style::Double, '\\', Some('u')) => 6,
            (Style::Double, '\\', Some('U')) => 10,
            (Style::Double, '\\', Some(other)) => 1 + other.len_utf8(),
            _ if first == c => first.len_utf8(),
            _ => 0,
        };
        length.min(rest.len())
    }
}

/// How many bytes of blanks and line ends a text begins with.
fn blanks(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_whitespace).count()
}

fn ends_line(text: &str, blanks: usize) -> bool {
    text.get(..blanks).is_some_and(|it| it.contains('\n'))
}

/// A span from offsets, which the limits keep far below 4 GiB.
pub(crate) fn offsets(start: usize, end: usize) -> Span {
    let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    Span::new(at(start), at(end))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::{Limits, Step, parse};
    use proptest::prelude::*;

    /// The place of `word` in the decoded value of `when`, as text of the file.
    #[track_caller]
    fn check(file: &str, word: &str, expect: &str) {
        let (tree, remarks) = parse(file, &Limits::FILE);
        assert_eq!(remarks, [], "{file}");
        let (_, id) = tree.get(tree.root().unwrap(), "when").unwrap();
        let at = tree.scalar(id).unwrap().find(word).unwrap();
        let span = source_span(file, &tree, id, offsets(at, at + word.len()));
        assert_eq!(&file[span.start as usize..span.end as usize], expect, "{file}");
        assert!(span.start as usize >= tree.locate(&[Step::Key("when")]).value.start as usize);
    }

    #[test]
    fn a_word_in_a_condition_is_found_in_the_file() {
        check("when: a == b\n", "b", "b");
        check("when: '日本 == x' # x\n", "x", "x");
        check("when: 'it''s == x'\n", "x", "x");
        check("when: 'it''s == x'\n", "'", "''");
        check("when: \"a \\\"q\\\" == x\"\n", "x", "x");
        check("when: \"a \\\"q\\\" == x\"\n", "\"q", "\\\"q");
        check("when: \"\\u00e9\\x41 \\U0001F600 x\"\n", "x", "x");
        check("when: \"a \\\n  b x\"\n", "b x", "b x");
        check("when: >-\n  a &&\n  b\n", "b", "b");
        check("when: >-\n  a &&\n\n  b\n    c\n  x\n", "x", "x");
        check("when: |\n  a\n    b\n  x\n", "b", "b");
        check("when: |\n  a\n    b\n  x\n", "x", "x");
        check("when: a &&\n  b &&\n  x\n", "x", "x");
        check("when: 'a &&\n\n\n  b && x'\n", "b && x", "b && x");
        check("when: >- # why\n  x\n", "x", "x");
        check("when: >-\n  a &&\n  b\n", "a && b", "a &&\n  b");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]
        /// Whatever is written, each visible character of a decoded text comes from itself or from an escape.
        #[test]
        fn every_character_comes_from_itself(value in prop_oneof![
            "[a-c][a-c \né日]{0,30}[a-c]",
            "'([a-c \n\"\\\\é日]|''){0,20}'",
            "\"([a-c \n'é日]|\\\\\"|\\\\\\\\|\\\\n|\\\\u00e9|\\\\x41|\\\\\n|\\\\U0001F600){0,20}\"",
            "[>|][-+]?\n[a-c][a-c \n'\"\\\\é日]{0,30}",
        ]) {
            let file = format!("when: {}\n", value.replace('\n', "\n  "));
            let (tree, remarks) = parse(&file, &Limits::FILE);
            if !remarks.is_empty() {
                return Ok(()); // few are no YAML
            }
            let Some((_, id)) = tree.root().and_then(|it| tree.get(it, "when")) else { return Ok(()) };
            let Some(decoded) = tree.scalar(id) else { return Ok(()) };
            for (at, c) in decoded.char_indices().filter(|it| !it.1.is_whitespace()) {
                let span = source_span(&file, &tree, id, offsets(at, at + c.len_utf8()));
                let found = &file[span.start as usize..span.end as usize];
                prop_assert!(found.starts_with([c, '\\', '\'']), "{found:?} for {c:?} in {file:?}");
            }
        }
    }
}
