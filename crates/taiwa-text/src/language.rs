//! Words for people, in every language that taiwa speaks.
//!
//! **Invariants.** The English text is always there; it is what sorting, comparing and fingerprints look at, so that
//! a report has one order and one identity in every language. Both texts are made at the same place, by [`say!`]; there
//! is no way from a plain string to a [`Text`], so that a sentence without its translation does not compile.
//! Deliberately absent: choosing the language (the command line does), and titles written by authors.

use std::{cmp::Ordering, fmt, ops::Deref};

use crate::say;

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
    ja: String,
}

impl Text {
    /// The same sentence in English and in Japanese; [`say!`] is the short way.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: en.into(), ja: ja.into() }
    }

    /// What needs no translation: a name, a number, a piece of a file.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { ja: en.clone(), en }
    }

    /// In English.
    pub fn as_str(&self) -> &str {
        &self.en
    }

    /// In one language.
    pub fn to(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Ja => &self.ja,
        }
    }

    /// Whether there is a Japanese text, and it is written in Japanese: for tests of those who speak.
    pub fn speaks_japanese(&self) -> bool {
        let kana_or_kanji =
            |it: char| matches!(it, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
        self.ja.contains(kana_or_kanji)
    }

    /// One of several things, each as it is: "a, b or c", 「a、b、c のいずれか」. Nothing where there are none.
    pub fn any_of<T: AsRef<str>>(all: &[T]) -> Self {
        match all {
            [] => Self::same(""),
            [one] => Self::same(one.as_ref()),
            [first @ .., last] => {
                let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
                let (en, ja, last) = (first.join(", "), first.join("、"), last.as_ref());
                say!(en: "{en} or {last}", ja: "{ja}、{last} のいずれか")
            }
        }
    }

    /// Several things, each as it is: "a, b and c", 「a、b、c」. Nothing where there are none.
    pub fn all_of<T: AsRef<str>>(all: &[T]) -> Self {
        match all {
            [] => Self::same(""),
            [one] => Self::same(one.as_ref()),
            [first @ .., last] => {
                let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
                let (en, ja, last) = (first.join(", "), first.join("、"), last.as_ref());
                say!(en: "{en} and {last}", ja: "{ja}、{last}")
            }
        }
    }

    /// Several things in a row: "a, b, c", 「a、b、c」.
    pub fn row<T: AsRef<str>>(all: &[T]) -> Self {
        let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
        Self::new(all.join(", "), all.join("、"))
    }

    /// The same with every text changed, for example shortened.
    #[must_use]
    pub fn map(self, change: impl Fn(String) -> String) -> Self {
        Self { en: change(self.en), ja: change(self.ja) }
    }
}

/// One sentence in both languages: `say!(en: "no offer `{name}`", ja: "オファー `{name}` はありません")`, with the names
/// of variables in braces as in `format!`, or with arguments after both, in their order or by name:
/// `say!(en: "{} left", ja: "残り {}", count)`, `say!(en: "it is {what}", ja: "{what}です", what = kind.words())`.
/// An argument that is a [`Text`] itself is put into each sentence in that sentence's language; a `Text` cannot be
/// put into braces by its variable's name, because it would be English in both.
#[macro_export]
macro_rules! say {
    (en: $en:literal, ja: $ja:literal $(, $name:ident = $value:expr)+ $(,)?) => {{
        use $crate::SaidPlainly as _;
        $crate::Said("").plainly();
        $crate::Text::new(
            ::std::format!($en $(, $name = $crate::Said(&$value).en())+),
            ::std::format!($ja $(, $name = $crate::Said(&$value).ja())+),
        )
    }};
    (en: $en:literal, ja: $ja:literal $(, $arg:expr)+ $(,)?) => {{
        use $crate::SaidPlainly as _;
        $crate::Said("").plainly();
        $crate::Text::new(
            ::std::format!($en $(, $crate::Said(&$arg).en())+),
            ::std::format!($ja $(, $crate::Said(&$arg).ja())+),
        )
    }};
    (en: $en:literal, ja: $ja:literal $(,)?) => {
        $crate::Text::new(::std::format!($en), ::std::format!($ja))
    };
}

/// An argument of [`say!`]: a text is said in the language of the sentence that it becomes a part of.
#[doc(hidden)]
pub struct Said<'a, T: ?Sized>(pub &'a T);

impl<'a> Said<'a, Text> {
    pub fn en(&self) -> &'a str {
        &self.0.en
    }

    pub fn ja(&self) -> &'a str {
        self.0.to(Language::Ja)
    }
}

impl<'a> Said<'a, &Text> {
    pub fn en(&self) -> &'a str
    where
        Self: 'a,
    {
        let text: &'a Text = self.0;
        &text.en
    }

    pub fn ja(&self) -> &'a str
    where
        Self: 'a,
    {
        let text: &'a Text = self.0;
        text.to(Language::Ja)
    }
}

/// An argument of [`say!`] that is no text: the same in every language.
#[doc(hidden)]
pub trait SaidPlainly<'a> {
    type Plain: fmt::Display + ?Sized;
    fn en(&self) -> &'a Self::Plain;
    fn ja(&self) -> &'a Self::Plain;
    /// Nothing; a call keeps the import of this trait from being unused.
    fn plainly(&self) {}
}

impl<'a, T: fmt::Display + ?Sized> SaidPlainly<'a> for Said<'a, T> {
    type Plain = T;

    fn en(&self) -> &'a T {
        self.0
    }

    fn ja(&self) -> &'a T {
        self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.en
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
        assert!(text.speaks_japanese() && !Text::same("x").speaks_japanese());
        assert!(!Text::new("x", "x、").speaks_japanese());
        let counted = say!(en: "{} left", ja: "残り {}", 1 + 1);
        assert_eq!(counted.map(|it| it + "!").to(Language::Ja), "残り 2!");
        let whole = say!(en: "a whole number", ja: "整数");
        let by_name =
            say!(en: "{name} is {what}", ja: "{name} は{what}です", name = name, what = whole);
        assert_eq!(by_name, "espresso is a whole number");
        assert_eq!(by_name.to(Language::Ja), "espresso は整数です");
        let by_order = say!(en: "{}: {}", ja: "{}：{}", 7, &whole);
        assert_eq!(by_order.to(Language::Ja), "7：整数");
    }

    #[test]
    fn lists_are_joined_as_each_language_does() {
        let check = |text: Text, en: &str, ja: &str| {
            assert_eq!((text.as_str(), text.to(Language::Ja)), (en, ja));
        };
        check(Text::any_of(&["a", "b", "c"]), "a, b or c", "a、b、c のいずれか");
        check(Text::any_of(&["a", "b"]), "a or b", "a、b のいずれか");
        check(Text::any_of(&["a"]), "a", "a");
        check(Text::any_of::<&str>(&[]), "", "");
        check(Text::all_of(&["a", "b", "c"]), "a, b and c", "a、b、c");
        check(Text::row(&["a", "b", "c"]), "a, b, c", "a、b、c");
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
