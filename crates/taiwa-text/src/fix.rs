//! How a finding can be mended by a program.
//!
//! **Invariants.** The edits of one fix do not overlap and lie in any order; together they are applied whole or not at
//! all. Deliberately absent: applying them to files (`taiwa-validator`), and deciding whether a person wants them.

use crate::{Place, Span, Text, say};

/// Whether a fix can change what a workspace does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Cannot change meaning: every release made before and after it is the same, or there could be none before.
    Safe,
    /// Is what was probably meant; a person should look at it.
    Unsafe,
}

impl Safety {
    /// As it is written in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// One way to mend a finding. `At` is a [`Place`] in a file, or a [`Span`] of a text whose file is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix<At = Place> {
    /// What it does, in the imperative: "write `profile.tier`".
    pub said: Text,
    /// Whether it can change meaning.
    pub safety: Safety,
    /// What it changes.
    pub edits: Vec<Edit<At>>,
}

/// One piece of text that is put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit<At = Place> {
    /// What is replaced; empty to insert.
    pub at: At,
    /// What stands there then.
    pub text: String,
}

impl<At> Fix<At> {
    /// One replacement that cannot change meaning.
    pub fn safe(said: impl Into<Text>, at: At, text: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            safety: Safety::Safe,
            edits: vec![Edit { at, text: text.into() }],
        }
    }

    /// One replacement by what was probably meant.
    pub fn likely(said: impl Into<Text>, at: At, text: impl Into<String>) -> Self {
        Self { safety: Safety::Unsafe, ..Self::safe(said, at, text) }
    }

    /// Writes what every reader takes the old text for.
    pub fn write(at: At, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::safe(say!(en: "write `{text}`", ja: "`{text}` と書く"), at, text)
    }

    /// Writes what was probably meant.
    pub fn guess(at: At, text: impl Into<String>) -> Self {
        Self { safety: Safety::Unsafe, ..Self::write(at, text) }
    }

    /// The same with one more edit.
    #[must_use]
    pub fn and(mut self, at: At, text: impl Into<String>) -> Self {
        self.edits.push(Edit { at, text: text.into() });
        self
    }

    /// The same at other places.
    pub fn at<To>(self, place: impl Fn(At) -> To) -> Fix<To> {
        let edits = self.edits.into_iter();
        let edits = edits.map(|it| Edit { at: place(it.at), text: it.text }).collect();
        Fix { said: self.said, safety: self.safety, edits }
    }
}

/// A fix of a text before it is known in which file that text stands.
pub type LocalFix = Fix<Span>;
