//! What a rule is, and the macro that declares one.

use taiwa_model::Timestamp;
use taiwa_text::{Finding, Severity};

use crate::{
    Context,
    against::{Category, Comparison},
};

/// What the check is for: the nearer to customers, the stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Somebody writes.
    #[default]
    Edit,
    /// Content is marked for an environment.
    Mark,
    /// A release goes to an environment that takes it from another.
    Promote,
}

impl Stage {
    /// Every stage, from the most lenient on.
    pub const ALL: [Self; 3] = [Self::Edit, Self::Mark, Self::Promote];

    /// As it is written on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Mark => "mark",
            Self::Promote => "promote",
        }
    }
}

/// What a check depends on besides the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The instant for which it is asked what has expired.
    pub at: Timestamp,
    /// What the check is for.
    pub stage: Stage,
}

/// How bad a finding of a rule is, unless `taiwa.yaml` says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// An error that `taiwa.yaml` cannot lower: a release that broke it could not be served.
    Guard,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// Information.
    Info,
    /// A warning while people edit and mark, an error before a promotion.
    ErrorAtPromotion,
    /// Information, and only where `taiwa.yaml` asks for it.
    Off,
}

impl Level {
    /// The severity at a stage.
    pub const fn at(self, stage: Stage) -> Severity {
        match (self, stage) {
            (Self::Guard | Self::Error, _) | (Self::ErrorAtPromotion, Stage::Promote) => {
                Severity::Error
            }
            (Self::Warning | Self::ErrorAtPromotion, _) => Severity::Warning,
            (Self::Info | Self::Off, _) => Severity::Info,
        }
    }
}

/// Who looks for violations.
#[derive(Clone, Copy)]
pub enum Check {
    /// A function over the whole project. Such rules run at the same time: they may not ask what conditions mean.
    Project(fn(&Context<'_>, &mut Vec<Finding>)),
    /// A function over the whole project that asks what conditions mean. Such rules run one after the other, so that they
    /// share the budget in one order, beside those that do not ask.
    Meaning(fn(&Context<'_>, &mut Vec<Finding>)),
    /// A function over two sides of a project; runs only where there is something to compare with.
    Against(Category, fn(&Comparison<'_>, &mut Vec<Finding>)),
    /// A function over the whole project that runs behind all others: it says how they fared.
    Last(fn(&Context<'_>, &mut Vec<Finding>)),
    /// The reader of files reports it while it reads.
    Reader,
    /// The checker of conditions reports it, for every condition of every component.
    Conditions,
    /// The reader of comments that allow findings reports it, after all others.
    Comments,
}

/// A rule: a stable code, prose, and who looks for violations.
pub struct Rule {
    /// Stable code. Never reused, also after the rule is gone.
    pub code: &'static str,
    /// Name that reads well after "allow".
    pub name: &'static str,
    /// How bad a finding is.
    pub level: Level,
    /// The Markdown documentation, with its `Bad` and `Good` examples.
    pub docs: &'static str,
    /// The same in Japanese, without the examples: what it does and why it matters.
    pub docs_ja: &'static str,
    /// The source file, for the test that none is missing from the list.
    pub file: &'static str,
    /// Who looks for violations.
    pub check: Check,
}

macro_rules! rule {
    (
        $(#[doc = $doc:literal])+
        $vis:vis static $NAME:ident = {
            code: $code:literal,
            name: $name:literal,
            level: $level:ident,
            ja: $ja:literal,
            check: $check:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        $vis static $NAME: $crate::Rule = $crate::Rule {
            code: $code,
            name: $name,
            level: $crate::Level::$level,
            docs: concat!($($doc, "\n"),+),
            docs_ja: $ja,
            file: file!(),
            check: $check,
        };
    };
}
