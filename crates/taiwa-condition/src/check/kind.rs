//! The types of conditions, and their words.

use std::collections::BTreeSet;

use taiwa_model::{ChannelName, LevelName, ValueType};
use taiwa_text::say;

/// The type of a part of a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Type<'n> {
    /// Something was wrong and has been reported: fits everywhere.
    Hole,
    Bool,
    Int,
    Number,
    Text,
    Enum(Values<'n>),
    Time,
    Duration,
    Texts,
    Ints,
    Numbers,
}

/// The values of an enum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Values<'n> {
    Declared(&'n [String]),
    Levels(&'n [LevelName]),
    Channels(&'n BTreeSet<ChannelName>),
}

impl<'n> Values<'n> {
    pub(super) fn list(self) -> Vec<&'n str> {
        match self {
            Self::Declared(it) => it.iter().map(String::as_str).collect(),
            Self::Levels(it) => it.iter().map(LevelName::as_str).collect(),
            Self::Channels(it) => it.iter().map(ChannelName::as_str).collect(),
        }
    }
}

impl<'n> Type<'n> {
    pub(super) const fn declared(kind: ValueType, values: &'n [String]) -> Self {
        match kind {
            ValueType::Bool => Self::Bool,
            ValueType::Int => Self::Int,
            ValueType::Number => Self::Number,
            ValueType::String => Self::Text,
            ValueType::Enum => Self::Enum(Values::Declared(values)),
            ValueType::Timestamp => Self::Time,
            ValueType::Strings => Self::Texts,
            ValueType::Ints => Self::Ints,
        }
    }

    /// As in "profile.age is a whole number".
    pub(super) fn words(self) -> taiwa_text::Text {
        match self {
            Self::Hole => say!(en: "wrong", ja: "誤り"),
            Self::Bool => say!(en: "true or false", ja: "真偽値"),
            Self::Int => say!(en: "a whole number", ja: "整数"),
            Self::Number => say!(en: "a number", ja: "数値"),
            Self::Text => say!(en: "a text", ja: "文字列"),
            Self::Enum(_) => say!(en: "one of fixed texts", ja: "列挙型"),
            Self::Time => say!(en: "a time", ja: "時刻"),
            Self::Duration => say!(en: "a length of time", ja: "期間"),
            Self::Texts => say!(en: "a list of texts", ja: "文字列のリスト"),
            Self::Ints => say!(en: "a list of whole numbers", ja: "整数のリスト"),
            Self::Numbers => say!(en: "a list of numbers", ja: "数値のリスト"),
        }
    }

    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Number)
    }

    pub(super) const fn is_textual(self) -> bool {
        matches!(self, Self::Text | Self::Enum(_))
    }

    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Ints | Self::Numbers)
    }

    /// The type of the elements of a list.
    pub(super) const fn element(self) -> Self {
        match self {
            Self::Texts => Self::Text,
            Self::Ints => Self::Int,
            Self::Numbers => Self::Number,
            _ => Self::Hole,
        }
    }
}
