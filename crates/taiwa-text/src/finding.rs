//! What is said about a text.

use crate::{Fix, LocalFix, Place, Span, Text};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Does not stop a mark or a release.
    Warning,
    /// Stops a mark and a release.
    Error,
}

impl Severity {
    /// As it is written in `taiwa.yaml` and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The author's mistake: data with a place and a help, never an `Err`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code of the rule, `TW0303`. Never reused.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line, without a full stop.
    pub message: Text,
    /// How to mend it.
    pub help: Option<Text>,
    /// Where.
    pub place: Place,
    /// The component it belongs to, as `kind/name`.
    pub component: Option<String>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// The smallest customer or case that shows it.
    pub witness: Option<Witness>,
    /// How a program can mend it.
    pub fix: Option<Fix>,
}

impl Finding {
    /// An error with nothing but its message.
    pub fn error(code: &'static str, place: Place, message: impl Into<Text>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            help: None,
            place,
            component: None,
            related: Vec::new(),
            witness: None,
            fix: None,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same as information.
    #[must_use]
    pub fn info(mut self) -> Self {
        self.severity = Severity::Info;
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<Text>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the component it belongs to.
    #[must_use]
    pub fn component(mut self, component: &impl ToString) -> Self {
        self.component = Some(component.to_string());
        self
    }

    /// With the smallest customer or case that shows it.
    #[must_use]
    pub fn witness(mut self, witness: Witness) -> Self {
        self.witness = Some(witness);
        self
    }

    /// With what a program can do about it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// With another place that explains it.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<Text>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: Text,
}

/// The smallest customer or case that shows that a finding is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// In words: "a customer with `tier` gold and no `age`".
    pub said: Text,
    /// The same as the `given` of a scenario, as JSON, so that it can be replayed; empty where it is no person.
    pub given: String,
}

/// A finding within one text, before it is known in which file that text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The code of the rule it belongs to.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Bytes of that text.
    pub span: Span,
    /// What is wrong.
    pub message: Text,
    /// How to mend it.
    pub help: Option<Text>,
    /// How a program can mend it; places are bytes of that text.
    pub fix: Option<LocalFix>,
}
