//! Ways in which people break a file, and what is said about each: `broken.txt` holds the snippets, with the place, the
//! code, the words and the way out that are expected below each of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;

use taiwa_syntax::{Limits, parse};
use taiwa_text::Source;

fn said(text: &str) -> String {
    let (_, remarks) = parse(text, &Limits::FILE);
    let source = Source { path: String::new(), text: text.into() };
    let mut out = String::new();
    for it in remarks {
        let (from, to) = (source.position(it.span.start), source.position(it.span.end));
        let until = if from.line == to.line {
            format!("-{}", to.column)
        } else {
            format!("-{}:{}", to.line, to.column)
        };
        writeln!(out, "=> {}:{}{until} {} {}", from.line, from.column, it.code, &*it.message)
            .unwrap();
        assert!(it.message.speaks_japanese(), "{it:?}");
        assert!(it.help.as_ref().is_none_or(taiwa_text::Text::speaks_japanese), "{it:?}");
        if let Some(help) = it.help {
            writeln!(out, "=> help: {}", &*help).unwrap();
        }
    }
    out
}

#[test]
fn every_broken_file_is_told_what_is_wrong_where() {
    let mut actual = Vec::new();
    for piece in include_str!("broken.txt").split("%%%\n") {
        let text: String =
            piece.split_inclusive('\n').filter(|it| !it.starts_with("=> ")).collect();
        actual.push(format!("{text}{}", said(&text)));
    }
    let actual = actual.join("%%%\n");
    assert!(actual == include_str!("broken.txt"), "{actual}");
}
