//! The report: all findings in one order; a file for each of its forms.
//!
//! **Invariants.** The same project, time and stage give the same report. A finding of a guarding rule stays an error
//! whatever `taiwa.yaml` says. Counts are of all findings, also where the list was cut.

mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod schema;
mod view;
mod visible;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_config::{Project, RuleLevel};
use taiwa_meaning::Budget;
use taiwa_model::Timestamp;
use taiwa_text::{Finding, Place, Severity, Source, Sources};

use crate::{
    Check, Context, Holds, Level, Options, Rule, Stage, Tally,
    against::{Baseline, Breaking, Comparison},
    fingerprint,
    fingerprint::key,
    rules::{self, by_code},
    suppress::{self, Suppressed},
};

pub use github::github;
pub use gitlab::gitlab;
pub use json::{
    JsonApplied, JsonEdit, JsonFinding, JsonFix, JsonRelated, JsonReport, JsonSuppressed,
    JsonWitness,
};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use schema::report_schema;
pub use view::View;

/// Most findings that a report lists; the counts go on.
pub const MAX_FINDINGS: usize = 10_000;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The time it was made for.
    pub at: Timestamp,
    /// The stage it was made for.
    pub stage: Stage,
    /// At most [`MAX_FINDINGS`], sorted by file, place and code.
    pub findings: Vec<Finding>,
    /// A fingerprint for each finding, unique within the report.
    pub fingerprints: Vec<String>,
    /// How many there are, the ones that are not listed included.
    pub summary: Summary,
    /// What comments of the authors allow, sorted likewise; not among the findings.
    pub suppressed: Vec<Suppressed>,
    /// What was broken, by category; none where there was nothing to compare with.
    pub breaking: Option<Box<Breaking>>,
    /// What was mended before the findings were looked for, where something was to be.
    pub mended: Option<Box<Tally>>,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Information.
    pub info: usize,
    /// What comments of the authors allow.
    #[serde(default, skip_serializing_if = "is_none")]
    pub suppressed: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_none(number: &usize) -> bool {
    *number == 0
}

impl Summary {
    /// The counts of these findings.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        Self {
            error: count(Severity::Error),
            warning: count(Severity::Warning),
            info: count(Severity::Info),
            suppressed: 0,
        }
    }
}

/// Looks at everything. `parsing` is what the reader of the files found; all other rules run here.
pub fn check(project: &Project, parsing: Vec<Finding>, options: &Options) -> Report {
    whole(project, parsing, None, (options, Budget::default())).0
}

/// The same with another budget for what conditions mean.
pub fn check_within(
    project: &Project,
    parsing: Vec<Finding>,
    options: &Options,
    budget: Budget,
) -> Report {
    whole(project, parsing, None, (options, budget)).0
}

/// Looks at everything, and says when the same files get the same report.
pub fn check_while(project: &Project, parsing: Vec<Finding>, options: &Options) -> (Report, Holds) {
    whole(project, parsing, None, (options, Budget::default()))
}

/// Looks at everything, and at what became of the other side: what a change breaks.
pub fn check_against(
    project: &Project,
    parsing: Vec<Finding>,
    baseline: &Baseline,
    options: &Options,
) -> Report {
    whole(project, parsing, Some(baseline), (options, Budget::default())).0
}

fn whole(
    project: &Project,
    parsing: Vec<Finding>,
    baseline: Option<&Baseline>,
    (options, budget): (&Options, Budget),
) -> (Report, Holds) {
    let (findings, suppressed, holds) = look(project, parsing, baseline, (options, budget));
    let breaking = baseline.map(|it| Box::new(Breaking::of(it, &findings)));
    let report =
        Report { suppressed, breaking, ..Report::new(findings, &project.sources, options) };
    (report.counted(&project.sources), holds)
}

/// All findings, however many, in no order; what is allowed; and when the same files get the same.
pub(crate) fn look(
    project: &Project,
    parsing: Vec<Finding>,
    baseline: Option<&Baseline>,
    (options, budget): (&Options, Budget),
) -> (Vec<Finding>, Vec<Suppressed>, Holds) {
    let cx = Context::new(project, &parsing, options).within(budget);
    let mut findings = parsing;
    rules::run(&cx, &mut findings);
    if let Some(baseline) = baseline {
        compare(&cx, baseline, &mut findings);
    }
    for rule in rules::ALL {
        if let Check::Last(check) = rule.check {
            check(&cx, &mut findings);
        }
    }
    findings.retain_mut(|it| apply_level(it, project, options.stage));
    let (mut findings, suppressed) = suppress::apply(&cx, findings);
    let ours =
        |it: &Finding| by_code(it.code).is_some_and(|it| matches!(it.check, Check::Comments));
    findings.retain_mut(|it| !ours(it) || apply_level(it, project, options.stage));
    // a witness lives at the time of the check
    let mut all = findings.iter().chain(suppressed.iter().map(|it| &it.finding));
    if all.any(|it| it.witness.is_some()) {
        cx.clock.only_now();
    }
    (findings, suppressed, cx.clock.holds())
}

/// Runs the rules about changes, where anything changed.
fn compare(cx: &Context<'_>, baseline: &Baseline, findings: &mut Vec<Finding>) {
    if baseline.components() == cx.components && baseline.past.is_empty() {
        return;
    }
    let comparison = Comparison::new(cx, baseline);
    for rule in rules::ALL {
        if let Check::Against(_, check) = rule.check {
            check(&comparison, findings);
        }
    }
}

/// Sets the severity that holds here; false where the finding is switched off.
fn apply_level(finding: &mut Finding, project: &Project, stage: Stage) -> bool {
    let rule = by_code(finding.code);
    // A rule about changes weighs each case, and any rule may say that one is less grave.
    let weighed = |it: &Rule| matches!(it.check, Check::Against(..));
    let open = finding.severity != Severity::Info;
    if open && rule.is_some_and(|it| it.level == Level::ErrorAtPromotion && !weighed(it)) {
        finding.severity = Level::ErrorAtPromotion.at(stage);
    }
    let guarded = rule.is_some_and(|it| it.level == Level::Guard);
    match project.settings.rules.get(finding.code) {
        _ if guarded => {}
        Some(RuleLevel::Off) => return false,
        Some(RuleLevel::Error) => finding.severity = Severity::Error,
        Some(RuleLevel::Warning) => finding.severity = Severity::Warning,
        Some(RuleLevel::Info) => finding.severity = Severity::Info,
        None => return rule.is_none_or(|it| it.level != Level::Off),
    }
    true
}

/// A fingerprint for each finding, unique among them.
fn fingerprints<'f>(findings: impl Iterator<Item = &'f Finding>, texts: &[&Source]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let one = |it: &Finding| {
        let source = texts.get(it.place.file.0 as usize).copied();
        let nth = seen.entry(key(source, it)).or_default();
        *nth += 1;
        fingerprint(source, it, *nth - 1)
    };
    findings.map(one).collect()
}

impl Report {
    /// Sorts, counts and names the findings.
    pub fn new(mut findings: Vec<Finding>, sources: &Sources, options: &Options) -> Self {
        let texts: Vec<&Source> = sources.iter().map(|it| it.1).collect();
        let source = |place: Place| texts.get(place.file.0 as usize).copied();
        let order = |it: &Finding| {
            let path = source(it.place).map_or("", |it| it.path.as_str());
            (path, it.place.span)
        };
        findings.sort_by(|a, b| {
            order(a).cmp(&order(b)).then_with(|| (a.code, &a.message).cmp(&(b.code, &b.message)))
        });
        findings.dedup_by(|a, b| a.code == b.code && a.place == b.place && a.message == b.message);
        let summary = Summary::of(&findings);
        findings.truncate(MAX_FINDINGS);
        let fingerprints = fingerprints(findings.iter(), &texts);
        let Options { at, stage } = *options;
        Self { at, stage, findings, fingerprints, summary, ..Self::default() }
    }

    /// The same with what is allowed in order, and counted.
    fn counted(mut self, sources: &Sources) -> Self {
        self.suppressed.sort_by_key(|it| (it.finding.place, it.finding.code));
        self.suppressed.dedup_by(|a, b| a.finding == b.finding);
        self.summary.suppressed = self.suppressed.len();
        self.suppressed.truncate(MAX_FINDINGS);
        let texts: Vec<&Source> = sources.iter().map(|it| it.1).collect();
        let prints = fingerprints(self.suppressed.iter().map(|it| &it.finding), &texts);
        for (it, fingerprint) in self.suppressed.iter_mut().zip(prints) {
            it.fingerprint = fingerprint;
        }
        self
    }

    /// Whether nothing stops a mark or a release.
    pub fn is_passed(&self) -> bool {
        self.summary.error == 0
    }

    /// The same report with the findings of some files only; `keep` is asked with the path of each finding.
    #[must_use]
    pub fn only(&self, sources: &Sources, keep: impl Fn(&str) -> bool) -> Self {
        let texts: Vec<&Source> = sources.iter().map(|it| it.1).collect();
        let path = |it: &Finding| texts.get(it.place.file.0 as usize).map_or("", |it| &it.path);
        let pairs = self.findings.iter().zip(&self.fingerprints);
        let (findings, fingerprints): (Vec<_>, Vec<_>) =
            pairs.filter(|it| keep(path(it.0))).map(|it| (it.0.clone(), it.1.clone())).unzip();
        let mut suppressed = self.suppressed.clone();
        suppressed.retain(|it| keep(path(&it.finding)));
        let summary = Summary { suppressed: suppressed.len(), ..Summary::of(&findings) };
        let breaking = self.breaking.as_ref().map(|it| Box::new(it.count(&findings)));
        let mended = self.mended.clone();
        Self { findings, fingerprints, summary, suppressed, breaking, mended, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::{Span, Text, say};

    pub(super) fn sample() -> (Report, Sources) {
        let mut sources = Sources::default();
        let text = "名: x\nb: 100%\n".to_owned();
        let file = sources.add(Source { path: "channels/a,b:c.yaml".into(), text });
        let place = |from, to| Place { file, span: Span::new(from, to) };
        let odd = "no `x`\r\n::set-output name=a::b \u{1b}[31m 100%";
        let findings = vec![
            Finding::error("TW0101", place(10, 14), Text::same(odd))
                .help(say!(en: "did you mean `y`?", ja: "もしかして `y` ですか？")),
            Finding::error(
                "TW0101",
                place(5, 6),
                say!(en: "no offer `x`", ja: "オファー `x` はありません"),
            )
            .warning(),
        ];
        let options = Options { at: Timestamp::default(), stage: Stage::Edit };
        (Report::new(findings, &sources, &options), sources)
    }

    #[test]
    fn equal_findings_get_different_fingerprints_and_long_lists_are_cut() {
        let options = Options { at: Timestamp::default(), stage: Stage::Edit };
        let at = |n| Place { span: Span::new(n, n), ..Place::default() };
        let count = u32::try_from(MAX_FINDINGS).unwrap() + 5;
        let many = (0..count).map(|n| Finding::error("TW0101", at(n), Text::same("x"))).collect();
        let report = Report::new(many, &Sources::default(), &options);
        assert_eq!((report.findings.len(), report.summary.error), (MAX_FINDINGS, MAX_FINDINGS + 5));
        assert_ne!(report.fingerprints[0], report.fingerprints[1]);
    }
}
