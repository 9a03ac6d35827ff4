//! Characters that are not of the language: the full-width forms of an input method, typographic quotes,
//! names in other scripts. Each is named with what to write instead, and read as what was meant.

use super::lex::{Lexer, T};
use taiwa_text::{LocalFix, say};

/// Full-width forms and signs with what they stand for.
const FORMS: [(char, &str, T); 21] = [
    ('（', "(", T::OpenParen),
    ('）', ")", T::CloseParen),
    ('［', "[", T::OpenBracket),
    ('］', "]", T::CloseBracket),
    ('，', ",", T::Comma),
    ('、', ",", T::Comma),
    ('．', ".", T::Dot),
    ('。', ".", T::Dot),
    ('！', "!", T::Not),
    ('＞', ">", T::Greater),
    ('＜', "<", T::Less),
    ('＝', "==", T::Equal),
    ('≥', ">=", T::AtLeast),
    ('≧', ">=", T::AtLeast),
    ('≤', "<=", T::AtMost),
    ('≦', "<=", T::AtMost),
    ('≠', "!=", T::Unequal),
    ('＆', "&&", T::And),
    ('｜', "||", T::Or),
    ('＋', "+", T::Plus),
    ('－', "-", T::Minus),
];

/// Quotes of word processors and of Japanese.
const OPENING: [char; 9] = ['“', '”', '„', '‘', '’', '「', '『', '＂', '＇'];
const CLOSING: [char; 8] = ['“', '”', '’', '」', '』', '＂', '＇', '\n'];

impl Lexer<'_> {
    /// A character that begins no token.
    pub(super) fn foreign(&mut self, start: usize) -> T {
        let Some(c) = self.rest().chars().next() else { return T::End };
        self.at += c.len_utf8();
        if matches!(c, '\u{3000}' | '\u{a0}' | '\u{2003}' | '\u{feff}' | '\u{200b}') {
            let message = say!(
                en: "an unusual blank (U+{:04X}) is not part of the language",
                ja: "特殊な空白 (U+{:04X}) は使えません",
                u32::from(c),
            );
            let help = say!(en: "write a plain blank (half-width)", ja: "半角の空白にしてください");
            self.trouble(start, T::Skip, message, Some(help));
            let said = say!(en: "write a plain blank", ja: "半角の空白を書く");
            return self.mended(T::Skip, LocalFix::safe(said, self.span_since(start), " "));
        }
        if let Some((_, right, kind)) = FORMS.iter().find(|it| it.0 == c) {
            return self.full_width(start, c, right, *kind);
        }
        if OPENING.contains(&c) {
            return self.foreign_quote(start, c);
        }
        if c.is_alphanumeric() {
            let word = |it: &char| it.is_alphanumeric() || *it == '_';
            self.at += self.rest().chars().take_while(word).map(char::len_utf8).sum::<usize>();
            let (message, help) = if c.is_numeric() {
                (
                    say!(en: "digits are written 0 to 9", ja: "数字は 0 から 9 で書きます"),
                    say!(
                        en: "write the digits half-width: 0123456789",
                        ja: "数字は半角 (0123456789) で書いてください",
                    ),
                )
            } else {
                (
                    say!(
                        en: "names are written in ASCII letters, digits and _",
                        ja: "名前に使えるのは半角の英数字と `_` だけです",
                    ),
                    say!(en: "is this text? then put it in quotes", ja: "文字列であれば引用符で囲んでください"),
                )
            };
            self.trouble(start, T::Name, message, Some(help));
            return match digits(self.since(start)) {
                Some(narrow) => {
                    self.mended(T::Name, LocalFix::write(self.span_since(start), narrow))
                }
                None => T::Name,
            };
        }
        let message = say!(
            en: "the character `{c}` (U+{:04X}) has no meaning here",
            ja: "文字 `{c}` (U+{:04X}) はここでは意味を持ちません",
            u32::from(c),
        );
        self.trouble(start, T::Skip, message, None)
    }

    fn full_width(&mut self, start: usize, c: char, right: &str, kind: T) -> T {
        // Doubled signs are one operator: `＝＝`, `＆＆`, `｜｜`; so are `！＝`, `＞＝`, `＜＝`.
        let next = self.rest().chars().next().unwrap_or(' ');
        let equals = matches!(next, '＝' | '=');
        let (right, kind) = match c {
            '！' if equals => ("!=", T::Unequal),
            '＞' if equals => (">=", T::AtLeast),
            '＜' if equals => ("<=", T::AtMost),
            _ => (right, kind),
        };
        let taken = match c {
            '！' | '＞' | '＜' | '＝' => equals,
            '＆' | '｜' => next == c,
            _ => false,
        };
        if taken {
            self.at += next.len_utf8();
        }
        let message = say!(
            en: "`{}` is not part of the language",
            ja: "`{}` は使えない文字です",
            self.since(start),
        );
        self.trouble(
            start,
            kind,
            message,
            Some(say!(en: "write {right} (half-width)", ja: "半角の `{right}` を書いてください")),
        );
        self.mended(kind, LocalFix::write(self.span_since(start), right))
    }

    fn foreign_quote(&mut self, start: usize, c: char) -> T {
        let rest = self.rest();
        let close = rest.find(CLOSING).unwrap_or(rest.len());
        let text = rest.get(..close).unwrap_or_default();
        self.body = text.as_bytes().to_vec();
        let closing = rest.get(close..).and_then(|it| it.chars().next()).filter(|it| *it != '\n');
        self.at += close + closing.map_or(0, char::len_utf8);
        let message =
            say!(en: "`{c}` is not a quote of the language", ja: "`{c}` は引用符として使えません");
        let help = say!(
            en: "write \"{}\" with straight quotes",
            ja: "半角の引用符で `\"{}\"` と書いてください",
            short(text),
        );
        self.trouble(start, T::Text, message, Some(help));
        if closing.is_none() || text.contains(['"', '\\']) {
            return T::Text;
        }
        self.mended(T::Text, LocalFix::write(self.span_since(start), format!("\"{text}\"")))
    }
}

/// The number that full-width digits mean.
fn digits(word: &str) -> Option<String> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0),
        '0'..='9' => Some(c),
        _ => None,
    };
    word.chars().map(narrow).collect()
}

/// A text for a message: long ones are cut.
fn short(text: &str) -> &str {
    let end = text.char_indices().nth(30).map_or(text.len(), |it| it.0);
    text.get(..end).unwrap_or(text)
}
