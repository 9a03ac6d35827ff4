//! How names are spelled where they are declared.

use taiwa_model::{is_kebab, is_locale, is_snake};
use taiwa_syntax::NodeId;
use taiwa_text::Finding;

use super::Walker;
use crate::shape::Spelling;

/// Names that mean something already.
pub(crate) const RESERVED: [&str; 3] = ["none", "everyone", "shared"];

/// What is wrong with the spelling of a name: code, words, way out.
pub(crate) fn misspelled(spelling: Spelling, name: &str) -> Option<(&'static str, String, String)> {
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
        let code = u32::from(c);
        let twin = matches!(code, 0x0370..=0x052F | 0xFF01..=0xFF5E | 0x2010..=0x2015 | 0x2212 | 0x00A0 | 0x3000);
        let message = if twin {
            format!("`{name}` holds U+{code:04X}, which looks like another character")
        } else {
            format!("`{name}` holds `{c}` (U+{code:04X}); a name is ASCII")
        };
        let help = "type the name in ASCII; a `title` may be any text";
        return Some((if twin { "TW0011" } else { "TW0015" }, message, help.into()));
    }
    let (kind, separator) = match spelling {
        Spelling::Kebab => ("lower-case words joined by `-`", "-"),
        Spelling::Snake => ("lower-case words joined by `_`", "_"),
        Spelling::Locale => {
            return Some((
                "TW0017",
                format!("`{name}` is not a locale"),
                "such as en, ja or ja-JP".into(),
            ));
        }
        Spelling::Code => {
            return Some((
                "TW0017",
                format!("`{name}` is not the code of a rule"),
                "such as TW0105".into(),
            ));
        }
        Spelling::Field | Spelling::Elsewhere => ("letters, digits, `_` and `-`", "_"),
    };
    let message = format!("`{name}` is not spelled as such a name is: {kind}");
    let better = respelled(name, separator);
    let help = if better.is_empty() {
        "give it another name".to_owned()
    } else {
        format!("write `{better}`")
    };
    Some(("TW0015", message, help))
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
        if let Some((code, message, help)) = misspelled(spelling, name) {
            self.findings.push(Finding::error(code, self.place(node), message).help(help));
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
