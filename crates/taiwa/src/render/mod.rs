//! What people see: safe text, tables, findings, plans.

mod findings;
mod progress;
mod report;
mod table;

use taiwa_text::is_hidden;

pub(crate) use findings::findings;
pub(crate) use progress::{Bars, Step};
pub(crate) use report::report;
pub(crate) use table::table;

/// Text from outside, made harmless for a terminal: control characters and those that turn the direction of text
/// or hide are shown as their code (`\u{1b}`), line breaks stay.
pub(crate) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' && c != '\t' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A word as a person would type it in a shell.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// `1 offer`, `3 offers`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A length of time for people: `3 min 20 s`, `2 h`.
pub(crate) fn lasting(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..0 => "0 s".to_owned(),
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_apart() {
        for (word, typed) in [
            ("my-brand", "my-brand"),
            ("日本", "日本"),
            ("日本 語", "'日本 語'"),
            ("", "''"),
            ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(shell_word(word), typed);
        }
    }

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        assert_eq!(safe("a\u{1b}[31mb\u{202e}c\r\n日本"), "a\\u{1b}[31mb\\u{202e}c\\u{d}\n日本");
        assert_eq!((count(1, "offer"), count(2, "offer")), ("1 offer".into(), "2 offers".into()));
        assert_eq!(
            (lasting(12), lasting(61_000), lasting(7_200_000)),
            ("12 ms".into(), "1 min 1 s".into(), "2 h 0 min".into())
        );
    }
}
