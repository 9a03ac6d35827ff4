//! The rules a workspace must obey before it can become a release.
//!
//! Every rule is one file in `rules/`: what it does, why it matters, a bad and a good example (both executed as
//! tests), its code, its level and its function. [`rules::ALL`] is the only list of them; explanations and the
//! pages of the reference are made from it. [`check`] looks at everything and reports everything at once, in one
//! order, whatever the order of the files was; [`validate`] gives the only proof from which a release can be built.
//!
//! Deliberately absent: reading files, the clock, terminal rendering (the command line draws the findings).

#[macro_use]
mod rule;
pub mod against;
mod analysis;
mod calendar;
mod cases;
mod clock;
mod closure;
mod context;
mod fingerprint;
mod fix;
mod index;
mod marks;
mod measure;
mod misfit;
mod pages;
mod partial;
mod parts;
mod placeholder;
mod proof;
mod ranking;
mod references;
mod report;
mod rings;
pub mod rules;
mod secrets;
mod sites;
mod suggest;
mod suppress;
mod treatments;
mod zones;

pub use clock::{Clock, Holds};
pub use closure::{Needed, closure, needs};
pub use context::Context;
pub use fingerprint::fingerprint;
pub use fix::{
    Applied, Kinds as FixKinds, Mended, Rewritten, Tally, Wanted, kinds as fix_kinds, mend,
};
pub use pages::{Page, explain, rule_pages};
pub use partial::{Files, Forced, PartialError, PartialRollback, partial_rollback};
pub use proof::{Checked, build, validate};
pub use references::{Reference, Strength, Target, references};
pub use report::{
    JsonApplied, JsonEdit, JsonFinding, JsonFix, JsonRelated, JsonReport, JsonSuppressed,
    JsonWitness, MAX_FINDINGS, Report, Summary, View, check, check_against, check_while,
    check_within, github, gitlab, junit, markdown, report_schema, sarif,
};
pub use rule::{Check, Level, Options, Rule, Stage};
pub use sites::{Site, SiteKind, Sites};
pub use suppress::{MAX_DAYS as MAX_SUPPRESSION_DAYS, Suppressed};
