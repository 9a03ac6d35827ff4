//! Where the comments of a text stand. The tree has none; whoever needs them has them found in the text, beside it.
//!
//! **Invariant.** A `#` within a scalar is no comment, whatever the scalar's style: the tree's spans decide. Only a tree
//! that was read to its end knows all scalars; of another nothing is said.

use taiwa_text::Span;

use crate::{NodeKind, Tree, place::offsets};

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From `#` to the end of the line, without trailing blanks.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub alone: bool,
}

/// The comments of a text in their order; `tree` is what was read from this text.
pub fn comments(text: &str, tree: &Tree) -> Vec<Comment> {
    if !tree.is_complete() {
        return Vec::new();
    }
    let holds_sign = |it: &&crate::Node| match &it.kind {
        NodeKind::Scalar { text, style: _ } => text.contains('#'),
        NodeKind::Hole => true,
        NodeKind::List { .. } | NodeKind::Map { .. } => false,
    };
    let mut taken: Vec<Span> = tree.nodes.iter().filter(holds_sign).map(|it| it.span).collect();
    taken.sort_unstable();
    let mut taken = taken.into_iter().filter(|it| it.end > it.start).peekable();
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        while taken.next_if(|it| it.end as usize <= at).is_some() {}
        let stop = match taken.peek() {
            Some(it) if it.start as usize <= at => {
                at = it.end as usize;
                continue;
            }
            Some(it) => (it.start as usize).min(bytes.len()),
            None => bytes.len(),
        };
        let sign = bytes.get(at..stop).and_then(|it| it.iter().position(|it| *it == b'#'));
        let Some(sign) = sign.map(|it| at + it) else {
            at = stop;
            continue;
        };
        let before = text.get(..sign).unwrap_or_default();
        if !(before.is_empty() || before.ends_with([' ', '\t', '\n', '\r', '\u{FEFF}'])) {
            at = sign + 1;
            continue;
        }
        let line = text.get(sign..).and_then(|it| it.split(['\n', '\r']).next());
        let line = line.unwrap_or_default();
        let start = before.rfind(['\n', '\r']).map_or(0, |it| it + 1);
        let alone = before.get(start..).is_some_and(|it| it.trim().is_empty());
        found.push(Comment { span: offsets(sign, sign + line.trim_end().len()), alone });
        at = sign + line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, parse};
    use granit_parser::{Event, Options, Parser};
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<&str> {
        let (tree, _) = parse(text, &Limits::FILE);
        let words = |it: Comment| text.get(it.span.start as usize..it.span.end as usize);
        comments(text, &tree).into_iter().filter_map(words).collect()
    }

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        assert_eq!(found(text), expect, "{text}");
    }

    #[test]
    fn a_sign_within_a_text_is_no_comment() {
        check("# a\nb: c # d\n", &["# a", "# d"]);
        check("a: 'b # c' # d\n", &["# d"]);
        check("a: \"b # c\" # d  \r\n# e\r\n", &["# d", "# e"]);
        check("a: b#c\nd: [e, # f\n g]\n", &["# f"]);
        check("a: | # h\n  b\n  # c\n# d\ne: f\n", &["# h", "# d"]);
        check("a: >-\n  b # c\n\n # d\ne: f\n", &["# d"]);
        check("a:\n  # b\n  c: d\n  # e", &["# b", "# e"]);
        check("# 日本語 # x\n", &["# 日本語 # x"]);
        check("#\n", &["#"]);
        check("a: [b\n# c\n", &[]);
    }

    /// What the scanner of YAML says about comments.
    fn oracle(text: &str) -> Option<usize> {
        let mut options = Options::default();
        options.emit_comments = true;
        let mut number = 0;
        for event in Parser::new_from_str_with_options(text, options) {
            number += usize::from(matches!(event.ok()?.0, Event::Comment(..)));
        }
        Some(number)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]
        /// As many comments as the scanner of YAML finds.
        #[test]
        fn as_many_as_the_scanner_finds(lines in prop::collection::vec(prop_oneof![
            "[a-c]: [a-c#' ]{0,6}", "[a-c]: '[a-c# ]{0,5}'( # x)?", "[d-f]: [|>][-+]?( # x)?", " {0,4}#[a# ]{0,3}",
            "  [a-c# ]{0,6}", "[g-i]: \"[a-c# ]{0,5}\" ?#?", "j: \\[ a, # b", "  b \\] # c", "", "  - [ab# ]{0,4}", "[k-m]:",
        ], 0..8)) {
            let text = lines.join("\n");
            let (tree, remarks) = parse(&text, &Limits::FILE);
            if tree.is_complete() && remarks.is_empty() && let Some(number) = oracle(&text) {
                prop_assert_eq!(comments(&text, &tree).len(), number, "{:?}", text);
            }
        }
    }
}
