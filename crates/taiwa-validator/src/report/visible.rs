//! Text from outside, made visible: what a page or a terminal would act on instead of showing is shown as its code.

use taiwa_text::is_hidden;

/// The same text with every such character as `\u{1b}`; line breaks stay.
pub(super) fn visible(text: &str) -> String {
    shown(text, |c| c == '\n')
}

/// The same on one line: a line break is shown, too.
pub(super) fn in_line(text: &str) -> String {
    shown(text, |_| false)
}

fn shown(text: &str, stays: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !stays(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_shown() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\r\n日本\0"),
            "a\\u{1b}[31mb\\u{202e}c\\u{d}\n日本\\u{0}"
        );
        assert_eq!(in_line("a\nb\u{2028}\u{fffe}"), "a\\u{a}b\\u{2028}\\u{fffe}");
        assert_eq!(visible("飲む 👍🏽 e\u{301} \"<&>`"), "飲む 👍🏽 e\u{301} \"<&>`");
    }
}
