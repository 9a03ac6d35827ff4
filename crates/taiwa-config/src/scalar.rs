//! What a scalar means by the core schema of YAML 1.2, and which plain ones people read differently.

use taiwa_syntax::Style;
use taiwa_text::{Text, say};

/// A scalar by the core schema.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// Nothing, `~` or `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number within ±(2^53 − 1).
    Whole(i64),
    /// A whole number beyond.
    Huge,
    /// Another finite number.
    Number(f64),
    /// A number too large for a double, `.inf` or `.nan`.
    Infinite,
    /// Text.
    Text,
}

/// 2^53 − 1: whole numbers up to this are the same in every program.
pub(crate) const LARGEST: i64 = (1 << 53) - 1;

/// What a scalar means. Quoted is text, always.
pub(crate) fn resolve(text: &str, style: Style) -> Scalar {
    if style != Style::Plain {
        return Scalar::Text;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Infinite,
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Scalar::Infinite;
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|it| it.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text).parse::<i64>().ok();
        return whole.filter(|it| it.abs() <= LARGEST).map_or(Scalar::Huge, Scalar::Whole);
    }
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        let digits = text.strip_prefix(prefix).filter(|it| it.starts_with(char::is_alphanumeric));
        if let Some(Ok(number)) = digits.map(|it| i64::from_str_radix(it, base)) {
            return if number <= LARGEST { Scalar::Whole(number) } else { Scalar::Huge };
        }
    }
    if is_decimal(unsigned) {
        let number = text.strip_prefix('+').unwrap_or(text).parse::<f64>();
        return number.ok().filter(|it| it.is_finite()).map_or(Scalar::Infinite, Scalar::Number);
    }
    Scalar::Text
}

/// `12.5`, `.5`, `1e3`: digits with at most one point and one exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|it| {
        let it = it.strip_prefix(['-', '+']).unwrap_or(it);
        !it.is_empty() && digits(it)
    });
    exponent && digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// Why a plain scalar is read differently by people or by other programs; `None` for the great majority.
pub(crate) fn ambiguity(text: &str, style: Style) -> Option<Text> {
    if style != Style::Plain {
        return None;
    }
    if ["yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(say!(
            en: "`{text}` without quotes is text here, but true or false elsewhere",
            ja: "引用符のない `{text}` は、ここでは文字列ですが、ほかのプログラムでは真偽値になります",
        ));
    }
    if is_clock(text) {
        return Some(say!(
            en: "`{text}` without quotes is a number to some programs",
            ja: "引用符のない `{text}` を数値と読むプログラムがあります",
        ));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let octal =
        digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|it| it.is_ascii_digit());
    if octal {
        return Some(say!(
            en: "`{text}` without quotes is a number: its leading zero is lost",
            ja: "引用符のない `{text}` は数値になり、先頭の 0 が失われます",
        ));
    }
    if ["0x", "0o", "0b"].iter().any(|it| digits.starts_with(it))
        && resolve(text, style) != Scalar::Text
    {
        return Some(say!(
            en: "`{text}` without quotes is a number in another notation",
            ja: "引用符のない `{text}` は、別の書き方の数値になります",
        ));
    }
    text.starts_with('\u{3000}').then(|| {
        say!(
            en: "a full-width blank (U+3000) stands before the text",
            ja: "文字列の前に全角の空白 (U+3000) があります",
        )
    })
}

/// `8:00` or `08:00:30`: digits and colons.
fn is_clock(text: &str) -> bool {
    text.contains(':')
        && text
            .split(':')
            .all(|it| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema() {
        use Scalar::{Bool, Huge, Infinite, Null, Number, Text, Whole};
        for (text, expect) in [
            ("", Null),
            ("~", Null),
            ("true", Bool(true)),
            ("yes", Text),
            ("no", Text),
            ("12", Whole(12)),
            ("-12", Whole(-12)),
            ("+12", Whole(12)),
            ("001", Whole(1)),
            ("0x1F", Whole(31)),
            ("0o17", Whole(15)),
            ("0x+1", Text),
            ("9007199254740991", Whole(LARGEST)),
            ("9007199254740992", Huge),
            ("99999999999999999999", Huge),
            ("12.5", Number(12.5)),
            (".5", Number(0.5)),
            ("1.", Number(1.0)),
            ("1e3", Number(1000.0)),
            ("1e9999", Infinite),
            (".inf", Infinite),
            ("-.inf", Infinite),
            ("inf", Text),
            ("nan", Text),
            (".", Text),
            ("1_000", Text),
            ("1.2.3", Text),
            ("e3", Text),
            ("1e", Text),
            ("2026-11-01", Text),
            ("-", Text),
        ] {
            assert_eq!(resolve(text, Style::Plain), expect, "{text}");
            assert_eq!(resolve(text, Style::Single), Text);
        }
    }

    #[test]
    fn what_people_read_differently() {
        for text in ["yes", "No", "on", "08:00", "8:00", "001", "-07", "0x1F", "\u{3000}a"] {
            assert!(ambiguity(text, Style::Plain).is_some(), "{text}");
            assert!(ambiguity(text, Style::Double).is_none(), "{text}");
        }
        for text in ["0", "10", "0.5", "a:b", "2026-11-01", "none", "a", "", "0xyz", "1:2:3x"] {
            assert!(ambiguity(text, Style::Plain).is_none(), "{text}");
        }
    }
}
