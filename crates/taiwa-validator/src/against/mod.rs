//! Breaking changes: a workspace compared with what it was, or with what an environment runs.
//!
//! **Invariants.** A workspace compared with itself gives nothing, and so does one in which only layout, comments or
//! the names of nodes changed. Only what differs is looked at. What cannot be read on either side is not called removed:
//! the reader has said already what is wrong there. A finding stands in the files of now; where the old thing stood is
//! said in words, because those lines are not in the work tree any more.
//!
//! Deliberately absent: git, environments and the ledger (the command line finds the other side).

mod baseline;
mod comparison;
mod kept;
mod moved;
mod renamed;
mod shown;
mod types;

pub use baseline::{Baseline, Past};
pub use comparison::{Comparison, Used};
pub(crate) use comparison::{joined, lowered};
pub(crate) use kept::Kept;
pub(crate) use moved::{Changed, Moved, Somebody, Subject, changed, somebody};
pub(crate) use renamed::{Gone, gone, share};
pub(crate) use shown::{Point, Turned, differs, turned};
pub(crate) use types::narrowed;

use serde::{Deserialize, Serialize};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Rule, rules::by_code};

/// What a change breaks, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A touchpoint that is installed somewhere would fail or be told less.
    Contract,
    /// What is stored about people is lost, or is read in another way.
    State,
    /// Other people see other things.
    Behaviour,
    /// A series of numbers is broken.
    Measurement,
}

impl Category {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::Contract, Self::State, Self::Behaviour, Self::Measurement];

    /// As sentences say it.
    pub fn words(self) -> taiwa_text::Text {
        use taiwa_text::say;
        match self {
            Self::Contract => say!(en: "contract", ja: "タッチポイントとの契約"),
            Self::State => say!(en: "state", ja: "保存された状態"),
            Self::Behaviour => say!(en: "behaviour", ja: "振る舞い"),
            Self::Measurement => say!(en: "measurement", ja: "計測"),
        }
    }

    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::State => "state",
            Self::Behaviour => "behaviour",
            Self::Measurement => "measurement",
        }
    }
}

impl Rule {
    /// What it is a breaking change of, for the rules that compare.
    pub const fn category(&self) -> Option<Category> {
        match self.check {
            Check::Against(category, _) => Some(category),
            _ => None,
        }
    }
}

/// How many breaking changes of each category a report holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaking {
    /// With what was compared: `main (1a2b3c4d)`.
    pub against: String,
    /// How many errors of reading the other side has: what they stand in is not compared.
    pub unread: usize,
    /// Of the contract with touchpoints.
    pub contract: usize,
    /// Of what is stored.
    pub state: usize,
    /// Of who sees what.
    pub behaviour: usize,
    /// Of what is measured.
    pub measurement: usize,
}

impl Breaking {
    pub(crate) fn of(baseline: &Baseline, findings: &[Finding]) -> Self {
        let against = baseline.name().to_owned();
        Self { against, unread: baseline.errors(), ..Self::default() }.count(findings)
    }

    /// The same comparison, with the counts of these findings.
    #[must_use]
    pub fn count(&self, findings: &[Finding]) -> Self {
        let (against, unread) = (self.against.clone(), self.unread);
        let mut all = Self { against, unread, ..Self::default() };
        for it in findings.iter().filter_map(|it| by_code(it.code)?.category()) {
            match it {
                Category::Contract => all.contract += 1,
                Category::State => all.state += 1,
                Category::Behaviour => all.behaviour += 1,
                Category::Measurement => all.measurement += 1,
            }
        }
        all
    }

    /// In one line.
    pub fn said(&self) -> Text {
        let Self { against, unread: _, contract, state, behaviour, measurement } = self;
        say!(
            en: "against {against}: {contract} contract, {state} state, {behaviour} behaviour, {measurement} measurement",
            ja: "{against} との比較: 契約 {contract}、状態 {state}、振る舞い {behaviour}、計測 {measurement}",
        )
    }
}
