//! The report: all findings in one order, and its forms for programs.
//!
//! **Invariants.** The same project, time and stage give the same report. A finding of a guarding rule stays an error
//! whatever `taiwa.yaml` says. Counts are of all findings, also where the list was cut.

use std::{cell::Cell, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use taiwa_config::{Project, RuleLevel};
use taiwa_model::Timestamp;
use taiwa_text::{Finding, Language, Place, Position, Severity, Source, Sources, Witness};

use crate::{
    Check, Context, Level, Options, Stage, fingerprint,
    fingerprint::key,
    rules::{self, by_code},
};

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
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Information.
    pub info: usize,
}

impl Summary {
    /// The counts of these findings.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        Self {
            error: count(Severity::Error),
            warning: count(Severity::Warning),
            info: count(Severity::Info),
        }
    }
}

/// Looks at everything. `parsing` is what the reader of the files found; all other rules run here.
pub fn check(project: &Project, parsing: Vec<Finding>, options: &Options) -> Report {
    let cx = Context::new(project, &parsing, options);
    let mut findings = parsing;
    rules::conditions(&cx, &mut findings);
    for rule in rules::ALL {
        if let Check::Project(check) = rule.check {
            check(&cx, &mut findings);
        }
    }
    findings.retain_mut(|it| apply_level(it, project, options.stage));
    Report::new(findings, &project.sources, options)
}

/// Sets the severity that holds here; false where the finding is switched off.
fn apply_level(finding: &mut Finding, project: &Project, stage: Stage) -> bool {
    let rule = by_code(finding.code);
    if rule.is_some_and(|it| it.level == Level::ErrorAtPromotion) {
        finding.severity = Level::ErrorAtPromotion.at(stage);
    }
    let guarded = rule.is_some_and(|it| it.level == Level::Guard);
    match project.settings.rules.get(finding.code) {
        _ if guarded => {}
        Some(RuleLevel::Off) => return false,
        Some(RuleLevel::Error) => finding.severity = Severity::Error,
        Some(RuleLevel::Warning) => finding.severity = Severity::Warning,
        Some(RuleLevel::Info) => finding.severity = Severity::Info,
        None => {}
    }
    true
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
            let rest = |it: &Finding| (it.code, it.message.clone());
            order(a).cmp(&order(b)).then_with(|| rest(a).cmp(&rest(b)))
        });
        findings.dedup_by(|a, b| a.code == b.code && a.place == b.place && a.message == b.message);
        let summary = Summary::of(&findings);
        findings.truncate(MAX_FINDINGS);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let fingerprints = findings
            .iter()
            .map(|it| {
                let nth = seen.entry(key(source(it.place), it)).or_default();
                *nth += 1;
                fingerprint(source(it.place), it, *nth - 1)
            })
            .collect();
        let Options { at, stage } = *options;
        Self { at, stage, findings, fingerprints, summary }
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
        let summary = Summary::of(&findings);
        Self { findings, fingerprints, summary, ..*self }
    }

    /// The report for programs, version 1.
    pub fn json(&self, sources: &Sources, language: Language) -> JsonReport {
        let texts = Texts::new(sources, language);
        let pairs = self.findings.iter().zip(&self.fingerprints);
        let findings = pairs.map(|(it, print)| JsonFinding::new(it, print, &texts)).collect();
        JsonReport { version: 1, at: self.at, summary: self.summary, findings }
    }
}

/// The report for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonReport {
    /// Of this form: 1.
    pub version: u32,
    /// The time the report was made for.
    pub at: Timestamp,
    /// How many findings of each severity.
    pub summary: Summary,
    /// The findings.
    pub findings: Vec<JsonFinding>,
}

/// A finding for programs. Lines and columns count from 1, columns in Unicode code points; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonFinding {
    /// The rule.
    pub code: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Relative to the workspace, with `/`; empty where it belongs to no file.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Where it begins.
    pub column: u32,
    /// Where it ends.
    pub end_line: u32,
    /// Where it ends.
    pub end_column: u32,
    /// The same in the next run.
    pub fingerprint: String,
    /// `kind/name`.
    pub component: Option<String>,
    /// The smallest case that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<JsonWitness>,
    /// Other places.
    pub related: Vec<JsonRelated>,
}

/// The smallest customer or case that shows a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonWitness {
    /// In words.
    pub said: String,
    /// The `given` of a scenario that replays it; `null` where it is no person.
    pub given: serde_json::Value,
}

impl JsonWitness {
    fn new(witness: &Witness, language: Language) -> Self {
        let given = serde_json::from_str(&witness.given).unwrap_or_default();
        Self { said: witness.said.to(language).to_owned(), given }
    }
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonRelated {
    /// Relative to the workspace.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// What is there.
    pub message: String,
}

impl JsonFinding {
    fn new(finding: &Finding, fingerprint: &str, texts: &Texts<'_>) -> Self {
        let language = texts.language;
        let lines = Lines::of(finding.place, texts);
        let (line, column) = lines.from;
        let seen = (finding.place.file.0, finding.place.span.start, Position { line, column });
        texts.last.set(seen);
        let related = finding.related.iter().map(|it| {
            let at = Lines::of(it.place, texts);
            JsonRelated {
                file: at.file,
                line: at.from.0,
                message: it.message.to(language).to_owned(),
            }
        });
        Self {
            code: finding.code.to_owned(),
            severity: finding.severity.as_str().to_owned(),
            message: finding.message.to(language).to_owned(),
            help: finding.help.as_ref().map(|it| it.to(language).to_owned()),
            line: lines.from.0,
            column: lines.from.1,
            end_line: lines.to.0,
            end_column: lines.to.1,
            file: lines.file,
            fingerprint: fingerprint.to_owned(),
            component: finding.component.clone(),
            witness: finding.witness.as_ref().map(|it| JsonWitness::new(it, language)),
            related: related.collect(),
        }
    }
}

struct Lines {
    file: String,
    from: (u32, u32),
    to: (u32, u32),
}

/// The texts, and the last place that was looked up: findings are sorted, so that the next one is counted on from it
/// and a file is read once, however many findings it has.
struct Texts<'a> {
    sources: Vec<&'a Source>,
    language: Language,
    last: Cell<(u32, u32, Position)>,
}

impl<'a> Texts<'a> {
    fn new(sources: &'a Sources, language: Language) -> Self {
        let start = (0, 0, Position { line: 1, column: 1 });
        Self { sources: sources.iter().map(|it| it.1).collect(), language, last: Cell::new(start) }
    }

    /// Where a place begins and ends.
    fn positions(&self, source: &Source, place: Place) -> (Position, Position) {
        let (file, offset, position) = self.last.get();
        let follows = file == place.file.0 && offset <= place.span.start;
        let known = if follows { (offset, position) } else { (0, Position { line: 1, column: 1 }) };
        let from = source.position_from(known, place.span.start);
        (from, source.position_from((place.span.start, from), place.span.end))
    }
}

impl Lines {
    fn of(place: Place, texts: &Texts<'_>) -> Self {
        let Some(source) = texts.sources.get(place.file.0 as usize) else {
            return Self { file: String::new(), from: (1, 1), to: (1, 1) };
        };
        let (from, to) = texts.positions(source, place);
        let pair = |it: Position| (it.line, it.column);
        Self { file: source.path.clone(), from: pair(from), to: pair(to) }
    }
}

/// The findings as workflow commands of GitHub Actions, one a line; texts cannot start another command.
pub fn github_annotations(report: &Report, sources: &Sources, language: Language) -> Vec<String> {
    let json = report.json(sources, language);
    json.findings.iter().map(annotation).collect()
}

fn annotation(it: &JsonFinding) -> String {
    let command = match it.severity.as_str() {
        "error" => "error",
        "warning" => "warning",
        _ => "notice",
    };
    let name = by_code(&it.code).map_or("", |rule| rule.name);
    let title = format!("{} {name}", it.code);
    let help = it.help.iter().map(|help| format!("\nhelp: {help}"));
    let text: String = [it.message.clone()].into_iter().chain(help).collect();
    format!(
        "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
        escaped(&it.file, &[':', ',']),
        it.line,
        it.end_line,
        it.column,
        it.end_column,
        escaped(title.trim_end(), &[':', ',']),
        escaped(&text, &[]),
    )
}

fn escaped(text: &str, further: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\n' => out.push_str("%0A"),
            '\r' => out.push_str("%0D"),
            ':' if further.contains(&c) => out.push_str("%3A"),
            ',' if further.contains(&c) => out.push_str("%2C"),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::Span;

    fn sample() -> (Report, Sources) {
        let mut sources = Sources::default();
        let text = "名: x\nb: 100%\n".to_owned();
        let file = sources.add(Source { path: "channels/a,b:c.yaml".into(), text });
        let place = |from, to| Place { file, span: Span::new(from, to) };
        let odd = "no `x`\r\n::set-output name=a::b \u{1b}[31m 100%";
        let findings = vec![
            Finding::error("TW0101", place(10, 14), odd).help("did you mean `y`?"),
            Finding::error("TW0101", place(5, 6), "no offer `x`").warning(),
        ];
        let options = Options { at: Timestamp::default(), stage: Stage::Edit };
        (Report::new(findings, &sources, &options), sources)
    }

    #[test]
    fn places_count_characters_and_findings_are_in_order() {
        let (report, sources) = sample();
        let json = report.json(&sources, Language::En);
        assert_eq!((json.findings[0].line, json.findings[0].column), (1, 4));
        assert_eq!((json.findings[1].line, json.findings[1].end_column), (2, 8));
        assert_eq!(json.summary, Summary { error: 1, warning: 1, info: 0 });
        let text = serde_json::to_string(&json).unwrap();
        assert!(
            text.starts_with(r#"{"version":1,"at":"1970-01-01T00:00:00Z","summary":{"error":1,"#)
        );
        assert_eq!(serde_json::from_str::<JsonReport>(&text).unwrap(), json);
    }

    #[test]
    fn a_name_cannot_start_a_command() {
        let (report, sources) = sample();
        let lines = github_annotations(&report, &sources, Language::En);
        assert_eq!(
            lines[1],
            "::error file=channels/a%2Cb%3Ac.yaml,line=2,endLine=2,col=4,endColumn=8,\
             title=TW0101 unknown-offer::no `x`%0D%0A::set-output name=a::b \u{fffd}[31m 100%25\
             %0Ahelp: did you mean `y`?"
        );
        assert!(lines.iter().all(|it| !it.contains('\n') && !it.contains('\u{1b}')));
    }

    #[test]
    fn equal_findings_get_different_fingerprints_and_long_lists_are_cut() {
        let options = Options { at: Timestamp::default(), stage: Stage::Edit };
        let at = |n| Place { span: Span::new(n, n), ..Place::default() };
        let count = u32::try_from(MAX_FINDINGS).unwrap() + 5;
        let many = (0..count).map(|n| Finding::error("TW0101", at(n), "x")).collect();
        let report = Report::new(many, &Sources::default(), &options);
        assert_eq!((report.findings.len(), report.summary.error), (MAX_FINDINGS, MAX_FINDINGS + 5));
        assert_ne!(report.fingerprints[0], report.fingerprints[1]);
    }
}
