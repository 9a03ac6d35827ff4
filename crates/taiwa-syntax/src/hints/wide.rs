//! Blanks and signs of a Japanese keyboard where YAML wants those of ASCII, and other blanks that cannot indent.
//!
//! They look right, so each is named with its code point and shown where it stands.

use taiwa_text::{Text, say};

use super::{Said, Scene};
use crate::place::offsets;

/// What a sign is called.
#[derive(Clone, Copy)]
enum Sign {
    Colon,
    Comma,
    Brace,
    Bracket,
}

impl Sign {
    fn words(self) -> Text {
        match self {
            Self::Colon => say!(en: "colon", ja: "コロン"),
            Self::Comma => say!(en: "comma", ja: "コンマ"),
            Self::Brace => say!(en: "brace", ja: "波括弧"),
            Self::Bracket => say!(en: "bracket", ja: "角括弧"),
        }
    }
}

/// A full-width sign, the one that YAML reads, and what it is called.
const SIGNS: [(char, char, Sign); 7] = [
    ('：', ':', Sign::Colon),
    ('，', ',', Sign::Comma),
    ('、', ',', Sign::Comma),
    ('｛', '{', Sign::Brace),
    ('｝', '}', Sign::Brace),
    ('［', '[', Sign::Bracket),
    ('］', ']', Sign::Bracket),
];

/// The sign of ASCII that a full-width one stands for.
pub(super) fn narrow(c: char) -> Option<char> {
    SIGNS.into_iter().find(|it| it.0 == c).map(|it| it.1)
}

/// A full-width blank behind the colon.
pub(super) fn blank(it: &Scene<'_>) -> Option<Said> {
    let lines = [(it.start, it.line), it.above];
    let (start, at) =
        lines.iter().find_map(|(start, line)| Some((*start, line.find(":\u{3000}")?)))?;
    let span = offsets(start + at + 1, start + at + 1 + '\u{3000}'.len_utf8());
    let message = say!(
        en: "a full-width blank (U+3000) stands after `:`",
        ja: "`:` の後に全角の空白 (U+3000) があります",
    );
    Some((
        span,
        message,
        Some(say!(en: "put an ordinary blank there", ja: "半角の空白にしてください")),
    ))
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
            '\t' => say!(en: "a tab cannot indent", ja: "タブでは字下げできません"),
            '\u{3000}' => say!(
                en: "a full-width blank (U+3000) cannot indent",
                ja: "全角の空白 (U+3000) では字下げできません",
            ),
            other => say!(
                en: "the blank U+{:04X} cannot indent",
                ja: "空白 U+{:04X} では字下げできません",
                u32::from(other),
            ),
        };
        let span = offsets(start + at, start + at + c.len_utf8());
        Some((
            span,
            message,
            Some(say!(
                en: "indent with ordinary blanks, two a level",
                ja: "1 段につき半角の空白 2 つで字下げしてください",
            )),
        ))
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
    let message = say!(
        en: "a full-width {} `{wide}` stands here",
        ja: "全角の{} `{wide}` があります",
        name.words(),
    );
    let help = say!(
        en: "write `{narrow}`, and a blank after it; or put the text in quotes",
        ja: "半角の `{narrow}` と、その後に空白を書いてください。文字列の一部であれば引用符で囲みます",
    );
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
