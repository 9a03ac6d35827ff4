//! Blanks and signs of a Japanese keyboard where YAML wants those of ASCII, and other blanks that cannot indent.
//!
//! They look right, so each is named with its code point and shown where it stands.

use super::{Said, Scene};
use crate::place::offsets;

/// A full-width sign, the one that YAML reads, and what it is called.
const SIGNS: [(char, char, &str); 7] = [
    ('：', ':', "colon"),
    ('，', ',', "comma"),
    ('、', ',', "comma"),
    ('｛', '{', "brace"),
    ('｝', '}', "brace"),
    ('［', '[', "bracket"),
    ('］', ']', "bracket"),
];

/// A full-width blank behind the colon.
pub(super) fn blank(it: &Scene<'_>) -> Option<Said> {
    let lines = [(it.start, it.line), it.above];
    let (start, at) =
        lines.iter().find_map(|(start, line)| Some((*start, line.find(":\u{3000}")?)))?;
    let span = offsets(start + at + 1, start + at + 1 + '\u{3000}'.len_utf8());
    let message = "a full-width blank (U+3000) stands after `:`";
    Some((span, message.into(), Some("put an ordinary blank there".into())))
}

/// A tab, a full-width or a no-break blank before the first word of this line, the one above or the one below.
pub(super) fn indent(it: &Scene<'_>) -> Option<Said> {
    let next = it.start + it.line.len();
    let below = it.text.get(next..)?.trim_start_matches(['\r', '\n']);
    let below = (it.text.len() - below.len(), below.lines().next().unwrap_or_default());
    [(it.start, it.line), it.above, below].into_iter().find_map(|(start, line)| {
        let blanks = line.get(..line.len() - line.trim_start().len())?;
        let (at, c) = blanks.char_indices().find(|it| it.1 != ' ' && it.1 != '\r')?;
        let message = match c {
            '\t' => "a tab cannot indent".to_owned(),
            '\u{3000}' => "a full-width blank (U+3000) cannot indent".to_owned(),
            other => format!("the blank U+{:04X} cannot indent", u32::from(other)),
        };
        let span = offsets(start + at, start + at + c.len_utf8());
        Some((span, message, Some("indent with ordinary blanks, two a level".into())))
    })
}

/// A full-width sign in a line that YAML cannot read without it.
pub(super) fn sign(it: &Scene<'_>) -> Option<Said> {
    let lines = [(it.start, it.line), it.above];
    let (start, at, (wide, narrow, name)) = lines.into_iter().find_map(|(start, line)| {
        line.char_indices().find_map(|(at, c)| {
            let sign = SIGNS.into_iter().find(|it| it.0 == c)?;
            structural(line, at, c).then_some((start, at, sign))
        })
    })?;
    let span = offsets(start + at, start + at + wide.len_utf8());
    let message = format!("a full-width {name} `{wide}` stands here");
    let help = format!("write `{narrow}`, and a blank after it; or put the text in quotes");
    Some((span, message, Some(help)))
}

/// Whether a sign stands where one of ASCII would have a meaning, not inside a text.
fn structural(line: &str, at: usize, c: char) -> bool {
    let before = line.get(..at).unwrap_or_default().trim_start().trim_start_matches("- ");
    match c {
        '：' => {
            let key = before.rsplit(['{', ',']).next().unwrap_or_default().trim();
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        }
        '｛' | '［' => before.is_empty() || before.ends_with(": "),
        _ => before.contains(['{', '[']),
    }
}
