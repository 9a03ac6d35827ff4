//! How names are spelled where they are declared.

use taiwa_model::{is_kebab, is_locale, is_snake};
use taiwa_syntax::NodeId;
use taiwa_text::{Finding, Safety, Text, say};

use super::{Walker, mend::ascii};
use crate::shape::Spelling;

/// Names that mean something already.
pub(crate) const RESERVED: [&str; 3] = ["none", "everyone", "shared"];

/// What is wrong with the spelling of a name: code, words, way out.
pub(crate) fn misspelled(spelling: Spelling, name: &str) -> Option<(&'static str, Text, Text)> {
    let good = match spelling {
        Spelling::Kebab => is_kebab(name),
        Spelling::Snake => is_snake(name),
        Spelling::Locale => is_locale(name),
        Spelling::Field => is_field(name),
        Spelling::Code => name
            .strip_prefix("TW")
            .is_some_and(|it| it.len() == 4 && it.bytes().all(|it| it.is_ascii_digit())),
        Spelling::Elsewhere => !name.is_empty(),
    };
    if good {
        return None;
    }
    if let Some(c) = name.chars().find(|it| !it.is_ascii()) {
        return Some(foreign(name, c));
    }
    let (kind, separator) = match spelling {
        Spelling::Kebab => (
            say!(en: "lower-case words joined by `-`", ja: "小文字の単語を `-` でつないだもの"),
            "-",
        ),
        Spelling::Snake => (
            say!(en: "lower-case words joined by `_`", ja: "小文字の単語を `_` でつないだもの"),
            "_",
        ),
        Spelling::Locale => {
            return Some((
                "TW0017",
                say!(en: "`{name}` is not a locale", ja: "`{name}` はロケールではありません"),
                say!(en: "such as en, ja or ja-JP", ja: "たとえば `en`、`ja`、`ja-JP` です"),
            ));
        }
        Spelling::Code => {
            return Some((
                "TW0017",
                say!(en: "`{name}` is not the code of a rule", ja: "`{name}` はルールのコードではありません"),
                say!(en: "such as TW0105", ja: "たとえば `TW0105` です"),
            ));
        }
        Spelling::Field | Spelling::Elsewhere => {
            (say!(en: "letters, digits, `_` and `-`", ja: "英字、数字、`_`、`-` からなるもの"), "_")
        }
    };
    let message = say!(
        en: "`{name}` is not spelled as such a name is: {}",
        ja: "名前 `{name}` の書き方が違います。使えるのは{}です",
        kind,
    );
    let better = respelled(name, separator);
    let help = if better.is_empty() {
        say!(en: "give it another name", ja: "別の名前にしてください")
    } else {
        say!(en: "write `{better}`", ja: "`{better}` と書いてください")
    };
    Some(("TW0015", message, help))
}

/// What is wrong with a name that is not of ASCII.
fn foreign(name: &str, c: char) -> (&'static str, Text, Text) {
    let code = u32::from(c);
    let twin = matches!(code, 0x0370..=0x052F | 0xFF01..=0xFF5E | 0x2010..=0x2015 | 0x2212 | 0x00A0 | 0x3000);
    let message = if twin {
        say!(
            en: "`{name}` holds U+{code:04X}, which looks like another character",
            ja: "`{name}` には、別の文字に見える文字 U+{code:04X} が含まれています",
        )
    } else {
        say!(
            en: "`{name}` holds `{c}` (U+{code:04X}); a name is ASCII",
            ja: "`{name}` には `{c}` (U+{code:04X}) が含まれています。名前に使えるのは半角英数字と記号だけです",
        )
    };
    let help = say!(
        en: "type the name in ASCII; a `title` may be any text",
        ja: "名前は半角で入力してください。`title` には日本語も書けます",
    );
    (if twin { "TW0011" } else { "TW0015" }, message, help)
}

/// The name that was probably meant by one that is not spelled as it should be.
fn meant(spelling: Spelling, name: &str) -> Option<String> {
    let plain = ascii(name)?;
    let better = match spelling {
        Spelling::Kebab => respelled(&plain, "-"),
        Spelling::Snake => respelled(&plain, "_"),
        _ => plain,
    };
    (!better.is_empty() && misspelled(spelling, &better).is_none()).then_some(better)
}

fn is_field(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// The same words in the spelling that is wanted.
fn respelled(name: &str, separator: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut upper = true;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
        } else if c.is_ascii_uppercase() && !upper || words.is_empty() {
            words.push(c.to_ascii_lowercase().into());
        } else if let Some(last) = words.last_mut() {
            last.push(c.to_ascii_lowercase());
        }
        upper = c.is_ascii_uppercase();
    }
    words.retain(|it| !it.is_empty());
    words.join(separator).chars().take(64).collect()
}

impl Walker<'_> {
    /// Says it where a name is not spelled as it should be.
    pub(super) fn spelled(&mut self, spelling: Spelling, node: NodeId, name: &str) {
        // What cannot be seen is said by the reader, at its letter.
        let unseen = name.chars().any(taiwa_syntax::is_deceptive);
        if let Some((code, message, help)) = misspelled(spelling, name).filter(|_| !unseen) {
            self.findings.push(Finding::error(code, self.place(node), message).help(help));
            if let Some(meant) = meant(spelling, name) {
                self.respell(node, &meant, Safety::Unsafe);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(spelling: Spelling, name: &str, expect: Option<(&str, &str)>) {
        let found = misspelled(spelling, name);
        assert_eq!(found.as_ref().map(|it| (it.0, it.2.as_str())), expect, "{name}");
    }

    #[test]
    fn a_misspelled_name_is_respelled() {
        check(Spelling::Kebab, "web-store", None);
        check(Spelling::Kebab, "WebStore", Some(("TW0015", "write `web-store`")));
        check(Spelling::Kebab, "web_store", Some(("TW0015", "write `web-store`")));
        check(Spelling::Kebab, "web store", Some(("TW0015", "write `web-store`")));
        check(Spelling::Snake, "addToCart", Some(("TW0015", "write `add_to_cart`")));
        check(Spelling::Kebab, "SKU", Some(("TW0015", "write `sku`")));
        check(Spelling::Kebab, "--", Some(("TW0015", "give it another name")));
        check(
            Spelling::Kebab,
            "\u{430}bc",
            Some(("TW0011", "type the name in ASCII; a `title` may be any text")),
        );
        check(
            Spelling::Kebab,
            "豆",
            Some(("TW0015", "type the name in ASCII; a `title` may be any text")),
        );
        check(Spelling::Locale, "japanese", Some(("TW0017", "such as en, ja or ja-JP")));
        check(Spelling::Field, "cta_Link-2", None);
        check(Spelling::Code, "TW0105", None);
        check(Spelling::Code, "TW105", Some(("TW0017", "such as TW0105")));
    }
}
