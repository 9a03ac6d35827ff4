//! Words for people, in every language that taiwa speaks.
//!
//! **Invariants.** The English text is always there; it is what sorting, comparing and fingerprints look at, so that
//! a report has one order and one identity in every language. Both texts are made at the same place, by [`say!`].
//! Deliberately absent: choosing the language (the command line does), and titles written by authors.

use std::{cmp::Ordering, fmt, ops::Deref};

/// A language that taiwa speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// As it is written after `--lang`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language of a locale as POSIX writes it, `ja_JP.UTF-8`; English for everything that is not Japanese.
    pub fn of_locale(locale: &str) -> Self {
        let word = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        if word.eq_ignore_ascii_case("ja") { Self::Ja } else { Self::En }
    }
}

/// One sentence in every language. Read as `&str` it is English.
#[derive(Clone, Debug, Default)]
pub struct Text {
    en: String,
    ja: Option<String>,
}

impl Text {
    /// The same sentence in English and in Japanese; [`say!`] is the short way.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: en.into(), ja: Some(ja.into()) }
    }

    /// What needs no translation: a name, a number, a piece of a file.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { ja: Some(en.clone()), en }
    }

    /// In English.
    pub fn as_str(&self) -> &str {
        &self.en
    }

    /// In one language; in English where that language has no text yet.
    pub fn to(&self, language: Language) -> &str {
        match (language, &self.ja) {
            (Language::Ja, Some(ja)) => ja,
            _ => &self.en,
        }
    }

    /// Whether every language has its text.
    pub const fn is_whole(&self) -> bool {
        self.ja.is_some()
    }

    /// The same with every text changed, for example shortened.
    #[must_use]
    pub fn map(self, change: impl Fn(String) -> String) -> Self {
        Self { en: change(self.en), ja: self.ja.map(change) }
    }
}

/// One sentence in both languages: `say!(en: "no offer `{name}`", ja: "オファー `{name}` はありません")`, with the names
/// of variables in braces as in `format!`, or with arguments after both: `say!(en: "{} left", ja: "残り {}", count)`.
#[macro_export]
macro_rules! say {
    (en: $en:literal, ja: $ja:literal $(, $arg:expr)* $(,)?) => {
        $crate::Text::new(::std::format!($en $(, $arg)*), ::std::format!($ja $(, $arg)*))
    };
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.en
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl From<String> for Text {
    fn from(en: String) -> Self {
        Self { en, ja: None }
    }
}

impl From<&str> for Text {
    fn from(en: &str) -> Self {
        Self { en: en.to_owned(), ja: None }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.en == other.en
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.en.cmp(&other.en)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.en == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.en == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_the_same_in_both_languages() {
        let name = "espresso";
        let text = say!(en: "no offer `{name}`", ja: "オファー `{name}` はありません");
        assert_eq!(text, "no offer `espresso`");
        assert_eq!(text.to(Language::Ja), "オファー `espresso` はありません");
        assert!(text.is_whole() && !Text::from("x").is_whole());
        let counted = say!(en: "{} left", ja: "残り {}", 1 + 1);
        assert_eq!(counted.clone().map(|it| it + "!").to(Language::Ja), "残り 2!");
        assert_eq!(Text::from("only English").to(Language::Ja), "only English");
    }

    #[test]
    fn the_language_of_a_locale() {
        for (locale, language) in [
            ("ja_JP.UTF-8", Language::Ja),
            ("ja", Language::Ja),
            ("JA-JP", Language::Ja),
            ("C", Language::En),
            ("", Language::En),
            ("jav_ID", Language::En),
            ("en_US", Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
