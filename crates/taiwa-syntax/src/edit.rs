//! An edit of a decoded scalar as an edit of the file.
//!
//! **Invariant.** What is given back was tried: the scalar, rewritten, is read again and says exactly what was wanted.
//! Where that cannot be had (escapes, folded lines, line breaks in a block) there is no edit, rather than a near one.
//! A plain text that would no longer be one is put in single quotes.

use taiwa_text::{Edit, LocalFix, Span};

use crate::{Limits, NodeId, NodeKind, Style, Tree, parse, place::offsets, source_span};

/// The same fix with places in `text`, the text of the file; `None` where it cannot be put there exactly.
pub fn source_fix(text: &str, tree: &Tree, id: NodeId, fix: LocalFix) -> Option<LocalFix> {
    let node = tree.node(id);
    let NodeKind::Scalar { text: decoded, style } = &node.kind else { return None };
    let wanted = applied(decoded, &fix.edits)?;
    let map = |it: &Edit<Span>| {
        let at = source_span(text, tree, id, it.at);
        Some(Edit { at, text: written(&it.text, *style)? })
    };
    let edits: Option<Vec<_>> = fix.edits.iter().map(map).collect();
    let raw = text.get(node.span.start as usize..node.span.end as usize)?;
    if let Some(edits) = edits {
        let good = match style {
            Style::Literal | Style::Folded => block_says(text, node.span, &edits, &wanted)?,
            _ => {
                let local = |it: &Edit<Span>| {
                    Some(Edit { at: within(it.at, node.span)?, text: it.text.clone() })
                };
                let local: Option<Vec<_>> = edits.iter().map(local).collect();
                let rewritten = local.and_then(|it| applied(raw, &it));
                let in_flow = !raw.contains([',', '[', ']', '{', '}']);
                rewritten.is_some_and(|it| says(&it, &wanted, in_flow))
            }
        };
        if good {
            return Some(LocalFix { edits, ..fix });
        }
    }
    let quoted = format!("'{}'", wanted.replace('\'', "''"));
    let can = *style == Style::Plain && !raw.contains('\n') && says(&quoted, &wanted, false);
    can.then(|| LocalFix { edits: vec![Edit { at: node.span, text: quoted }], ..fix })
}

/// A text with edits applied; `None` where one lies outside or they overlap.
fn applied(text: &str, edits: &[Edit<Span>]) -> Option<String> {
    let mut edits: Vec<&Edit<Span>> = edits.iter().collect();
    edits.sort_by_key(|it| it.at);
    let (mut out, mut at) = (String::with_capacity(text.len() + 16), 0);
    for edit in edits {
        out.push_str(text.get(at..edit.at.start as usize)?);
        out.push_str(&edit.text);
        at = edit.at.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

fn within(span: Span, outer: Span) -> Option<Span> {
    let inside = outer.start <= span.start && span.end <= outer.end;
    inside.then(|| Span::new(span.start - outer.start, span.end - outer.start))
}

/// A piece as it is written in a scalar of this style.
fn written(text: &str, style: Style) -> Option<String> {
    if text.contains(char::is_control) {
        return None;
    }
    Some(match style {
        Style::Single => text.replace('\'', "''"),
        Style::Double => text.replace('\\', "\\\\").replace('"', "\\\""),
        Style::Plain | Style::Literal | Style::Folded => text.to_owned(),
    })
}

/// Whether this scalar, on a line of its own, is read as that text; `flow` where it may stand in brackets.
fn says(scalar: &str, wanted: &str, flow: bool) -> bool {
    let read = |file: String, list: bool| {
        let (tree, remarks) = parse(&file, &Limits::FILE);
        let value = tree.root().and_then(|it| tree.get(it, "k")).map(|it| it.1);
        let value = if list {
            value.and_then(|it| match &tree.node(it).kind {
                NodeKind::List { items, flow: true } if items.len() == 1 => items.first().copied(),
                _ => None,
            })
        } else {
            value
        };
        remarks.is_empty() && value.and_then(|it| tree.scalar(it)) == Some(wanted)
    };
    read(format!("k: {scalar}\n"), false) && (!flow || read(format!("k: [{scalar}]\n"), true))
}

/// Whether a block, with the line on which it begins, is read as that text once it is edited.
fn block_says(text: &str, span: Span, edits: &[Edit<Span>], wanted: &str) -> Option<bool> {
    if wanted.trim().is_empty() {
        return None; // how many blank lines a block of blank lines has depends on what comes after it
    }
    let before = text.get(..span.start as usize)?.trim_end();
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let rest = text.get(span.end as usize..)?;
    let lines = rest.split_inclusive('\n').enumerate();
    let blank = lines.take_while(|(index, it)| *index == 0 || it.trim().is_empty());
    let end = span.end as usize + blank.map(|it| it.1.len()).sum::<usize>();
    let outer = offsets(start, end);
    let local =
        edits.iter().map(|it| Some(Edit { at: within(it.at, outer)?, text: it.text.clone() }));
    let piece = applied(text.get(start..end)?, &local.collect::<Option<Vec<_>>>()?)?;
    let (tree, remarks) = parse(&piece, &Limits::FILE);
    let last = tree.nodes().filter_map(|it| match &it.kind {
        NodeKind::Scalar { text, style: Style::Literal | Style::Folded } => Some(text.as_str()),
        _ => None,
    });
    Some(remarks.is_empty() && last.last() == Some(wanted))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The file after `word` of the value of `when` became `new`; `-` where that cannot be written.
    fn edited(file: &str, word: &str, new: &str) -> String {
        let (tree, _) = parse(file, &Limits::FILE);
        let (_, id) = tree.get(tree.root().unwrap(), "when").unwrap();
        let at = tree.scalar(id).unwrap().find(word).unwrap();
        let fix = LocalFix::write(offsets(at, at + word.len()), new);
        let fix = source_fix(file, &tree, id, fix);
        fix.and_then(|it| applied(file, &it.edits)).unwrap_or_else(|| "-".into())
    }

    #[track_caller]
    fn check(file: &str, word: &str, new: &str, expect: &str) {
        assert_eq!(edited(file, word, new), expect, "{file}");
    }

    #[test]
    fn an_edit_is_written_as_the_scalar_is() {
        check("when: a = b # c\n", "=", "==", "when: a == b # c\n");
        check("when: 'a = b'\n", "b", "'b'", "when: 'a = ''b'''\n");
        check("when: \"a = b\"\n", "b", "\"b\"", "when: \"a = \\\"b\\\"\"\n");
        check("when: >-\n  a =\n  b # c\n", "=", "==", "when: >-\n  a ==\n  b # c\n");
        check("when: |\n  a\n  b\n", "b", "\"b\"", "when: |\n  a\n  \"b\"\n");
        check("{ when: a = b }\n", "=", "==", "{ when: a == b }\n");
        // what would be no plain text any more is put in quotes
        check("when: a == b # c\n", "a", "!a", "when: '!a == b' # c\n");
        check("when: a = b\n", "b", "'b'", "when: a = 'b'\n");
        check("when: a == b\n", "a", "\"a\"", "when: '\"a\" == b'\n");
        check("{ when: a == b }\n", "b", "[b, c]", "{ when: 'a == [b, c]' }\n");
        check("when: a == [b]\n", "b", "b, c", "when: a == [b, c]\n");
        check("when: a == b\n", "b", "b # c", "when: 'a == b # c'\n");
        check("when: a == b\n", "b", "b: c", "when: 'a == b: c'\n");
        // not within what was folded or escaped, and never with a line end
        check("when: >-\n  a\n  b\n", "a b", "x", "when: >-\n  x\n");
        check("when: |\n  a\n  b\n", "a", " a", "-");
        check("when: |\n  a\n  b\n", "a", "", "when: |\n  \n  b\n");
        check("when: a\n", "a", "b\nc", "-");
        check("when: |+\n  a\nz: w\n", "a", "", "-");
        check("when: \"\\u0061 = b\"\n", "a", "x", "when: \"x = b\"\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]
        /// Whatever is written and whatever is put there: it says exactly that, and the rest of the file says the same.
        #[test]
        fn an_edited_scalar_says_what_was_wanted(
            value in prop_oneof![
                "[a-c][a-c \né=]{0,20}[a-c]",
                "'([a-c \n\"\\\\é=]|''){0,20}'",
                "\"([a-c \n'é=]|\\\\\"|\\\\\\\\|\\\\u00e9|\\\\x41|\\\\\n){0,20}\"",
                "[>|][-+]?\n[a-c][a-c \n'\"\\\\é=]{0,20}",
            ],
            from in 0_usize..20,
            length in 0_usize..5,
            new in "[a-c =\"'!#:,\\[\\]{}\\\\-]{0,5}",
        ) {
            let file = format!("x: [y]\nwhen: {}\nz: 'w' # v\n", value.replace('\n', "\n  "));
            let (tree, remarks) = parse(&file, &Limits::FILE);
            if !remarks.is_empty() {
                return Ok(()); // few are no YAML
            }
            let Some((_, id)) = tree.root().and_then(|it| tree.get(it, "when")) else { return Ok(()) };
            let Some(decoded) = tree.scalar(id) else { return Ok(()) };
            let (from, to) = (from.min(decoded.len()), (from + length).min(decoded.len()));
            if decoded.get(from..to).is_none() {
                return Ok(());
            }
            let wanted = format!("{}{new}{}", &decoded[..from], &decoded[to..]);
            let Some(fix) = source_fix(&file, &tree, id, LocalFix::write(offsets(from, to), new)) else {
                return Ok(());
            };
            let after = applied(&file, &fix.edits).unwrap();
            let (tree, remarks) = parse(&after, &Limits::FILE);
            prop_assert_eq!(remarks, [], "{:?} to {:?}", file, after);
            let root = tree.root().unwrap();
            let said = |key| tree.get(root, key).and_then(|it| tree.scalar(it.1)).unwrap();
            prop_assert_eq!(said("when"), wanted, "{:?} to {:?}", file, after);
            prop_assert_eq!(said("z"), "w");
        }
    }
}
