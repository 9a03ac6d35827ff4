//! How a program can mend what YAML cannot read: by what stands at the place, whatever was said about it.

use taiwa_text::{LocalFix, Span, say};

use super::{code, first_line, goes_on, wide::narrow};
use crate::place::offsets;

/// A way to mend what was found at a place, where there is only one.
pub(crate) fn mend(text: &str, span: Span) -> Option<LocalFix> {
    let there = text.get(span.start as usize..span.end as usize)?;
    let first = there.chars().next()?;
    if there.len() == first.len_utf8() {
        return blank(text, span, first).or_else(|| sign(text, span, first));
    }
    if first == '-' && there.chars().nth(1).is_some_and(|it| !it.is_whitespace()) {
        let said = say!(en: "put a blank after `-`", ja: "`-` の後に空白を入れる");
        return Some(LocalFix::likely(
            said,
            offsets(span.start as usize + 1, span.start as usize + 1),
            " ",
        ));
    }
    let quoted = matches!(first, '"' | '\'') && goes_on(there);
    let begun = matches!(first, '%' | '@' | '`' | '!') || "{[&*".contains(first) && code(there);
    (quoted || begun).then(|| enclosed(span.start as usize, there)).flatten()
}

/// The tag that a `!` before a value makes: the whole value in quotes.
pub(crate) fn untag(text: &str, tag: Span) -> Option<LocalFix> {
    let start = tag.start as usize;
    enclosed(start, first_line(text, start))
}

/// A value that goes to the end of the line, in single quotes; where it may be part of more, nothing.
fn enclosed(start: usize, value: &str) -> Option<LocalFix> {
    let value = value.trim_end();
    let line_end = !value.contains(" #") && !value.contains('\n');
    let said = say!(en: "put it in single quotes", ja: "一重引用符で囲む");
    let text = format!("'{}'", value.replace('\'', "''"));
    line_end.then(|| LocalFix::likely(said, offsets(start, start + value.len()), text))
}

/// A blank that YAML does not take for one.
fn blank(text: &str, span: Span, c: char) -> Option<LocalFix> {
    let instead = match c {
        '\t' | '\u{3000}' if is_indent(text, span) => "  ",
        '\u{3000}' => " ",
        it if it.is_whitespace() && it != '\n' => " ",
        _ => return None,
    };
    let said = say!(en: "write plain blanks", ja: "半角の空白にする");
    Some(LocalFix::safe(said, span, instead))
}

fn is_indent(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default();
    before.rsplit('\n').next().is_none_or(|it| it.trim().is_empty())
}

/// A full-width sign where one of ASCII has a meaning.
fn sign(text: &str, span: Span, c: char) -> Option<LocalFix> {
    let narrow = narrow(c)?;
    let next = text.get(span.end as usize..).and_then(|it| it.chars().next());
    let blank = matches!(narrow, ':' | ',') && next.is_some_and(|it| !it.is_whitespace());
    let new = if blank { format!("{narrow} ") } else { narrow.to_string() };
    Some(LocalFix::safe(say!(en: "write `{narrow}`", ja: "`{narrow}` と書く"), span, new))
}
