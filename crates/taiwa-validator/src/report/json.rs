//! The report for programs: versioned, documented in `docs/reference/reports.md`; other forms are made from it.
//!
//! **Invariants.** A field is added, never changed or taken away, as long as `version` is 1. Lines and columns count
//! from 1, columns in Unicode code points.

use std::cell::Cell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use taiwa_model::Timestamp;
use taiwa_text::{Finding, Fix, Language, Place, Position, Related, Source, Sources, Witness};

use super::{Report, Summary};
use crate::{Applied, Rule, Suppressed, against::Breaking, rules::by_code};

impl Report {
    /// The report for programs, version 1.
    pub fn json(&self, sources: &Sources, language: Language) -> JsonReport {
        let texts = Texts::new(sources, language);
        let pairs = self.findings.iter().zip(&self.fingerprints);
        let findings = pairs.map(|(it, print)| JsonFinding::new(it, print, &texts)).collect();
        let texts = Texts::new(sources, language);
        let suppressed = self.suppressed.iter().map(|it| JsonSuppressed::new(it, &texts));
        let suppressed = suppressed.collect();
        let (stage, summary) = (self.stage.as_str().to_owned(), self.summary);
        let (at, breaking) = (self.at, self.breaking.as_deref().cloned());
        let applied = |all: &[Applied]| {
            all.iter().map(|it| JsonApplied::new(it, language)).collect::<Vec<_>>()
        };
        let tally = self.mended.as_deref().cloned().unwrap_or_default();
        let (fixed, refused) = (applied(&tally.fixed), applied(&tally.refused));
        JsonReport {
            version: 1,
            at,
            stage,
            summary,
            breaking,
            findings,
            suppressed,
            fixed,
            refused,
        }
    }
}

/// The report for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonReport {
    /// Of this form: 1.
    pub version: u32,
    /// The time the report was made for.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The stage it was made for: `edit`, `mark` or `promote`.
    #[serde(default)]
    pub stage: String,
    /// How many findings of each severity.
    pub summary: Summary,
    /// What was broken, where there was something to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaking: Option<Breaking>,
    /// The findings.
    pub findings: Vec<JsonFinding>,
    /// What comments of the authors allow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<JsonSuppressed>,
    /// What was mended before the findings were looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<JsonApplied>,
    /// Fixes that did not do what they promised; nothing of them is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<JsonApplied>,
}

/// A fix, by what it was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonApplied {
    /// The rule.
    pub code: String,
    /// The file of the finding.
    pub file: String,
    /// Where the finding stood when it was mended, from 1.
    pub line: u32,
    /// What the fix does.
    pub said: String,
    /// `safe` or `unsafe`.
    pub safety: String,
}

impl JsonApplied {
    /// In one language.
    pub fn new(it: &Applied, language: Language) -> Self {
        Self {
            code: it.code.to_owned(),
            file: it.path.clone(),
            line: it.line,
            said: it.said.to(language).to_owned(),
            safety: it.safety.as_str().to_owned(),
        }
    }
}

/// A finding that a comment allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonSuppressed {
    /// What is allowed, as severe as it would be.
    pub finding: JsonFinding,
    /// The last day.
    pub until: String,
    /// Why, in the author's words.
    pub reason: String,
    /// The line of the comment, from 1.
    pub line: u32,
}

impl JsonSuppressed {
    fn new(it: &Suppressed, texts: &Texts<'_>) -> Self {
        Self {
            finding: JsonFinding::new(&it.finding, &it.fingerprint, texts),
            until: it.until.to_string(),
            reason: it.reason.clone(),
            line: Lines::of(it.place, texts).from.0,
        }
    }
}

/// A finding for programs. Lines and columns count from 1, columns in Unicode code points; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonFinding {
    /// The rule.
    pub code: String,
    /// The name of the rule: `unknown-offer`.
    #[serde(default)]
    pub name: String,
    /// `contract`, `state`, `behaviour` or `measurement`, where it is about a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
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
    /// How a program can mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<JsonFix>,
    /// Other places.
    pub related: Vec<JsonRelated>,
}

/// The smallest customer or case that shows a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// How a program can mend a finding: all edits together, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonFix {
    /// What it does.
    pub said: String,
    /// `safe` where it cannot change meaning, `unsafe` where a person should look at it.
    pub safety: String,
    /// What it changes; edits do not overlap.
    pub edits: Vec<JsonEdit>,
}

/// A piece of a file and what is put in its place. The end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonEdit {
    /// Relative to the workspace.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Where it begins.
    pub column: u32,
    /// Where it ends.
    pub end_line: u32,
    /// Where it ends.
    pub end_column: u32,
    /// What stands there then.
    pub text: String,
}

impl JsonFix {
    fn new(fix: &Fix, texts: &Texts<'_>) -> Self {
        let edits = fix.edits.iter().map(|it| {
            let at = Lines::of(it.at, texts);
            let (from, to) = (at.from, at.to);
            JsonEdit {
                file: at.file,
                line: from.0,
                column: from.1,
                end_line: to.0,
                end_column: to.1,
                text: it.text.clone(),
            }
        });
        Self {
            said: fix.said.to(texts.language).to_owned(),
            safety: fix.safety.as_str().to_owned(),
            edits: edits.collect(),
        }
    }
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonRelated {
    /// Relative to the workspace.
    pub file: String,
    /// Where it begins.
    pub line: u32,
    /// Where it begins.
    #[serde(default)]
    pub column: u32,
    /// Where it ends.
    #[serde(default)]
    pub end_line: u32,
    /// Where it ends.
    #[serde(default)]
    pub end_column: u32,
    /// What is there.
    pub message: String,
}

impl JsonRelated {
    fn new(related: &Related, texts: &Texts<'_>) -> Self {
        let at = Lines::of(related.place, texts);
        Self {
            file: at.file,
            line: at.from.0,
            column: at.from.1,
            end_line: at.to.0,
            end_column: at.to.1,
            message: related.message.to(texts.language).to_owned(),
        }
    }
}

impl JsonFinding {
    /// `TW0101 unknown-offer`.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.code, self.name).trim_end().to_owned()
    }

    /// The message and, on lines of their own, the help and the witness.
    pub(super) fn said(&self, language: Language) -> String {
        let (help, example) = match language {
            Language::En => ("help", "for example"),
            Language::Ja => ("ヒント", "例"),
        };
        let mut said = self.message.clone();
        if let Some(text) = &self.help {
            said.extend(["\n", help, ": ", text]);
        }
        if let Some(witness) = &self.witness {
            said.extend(["\n", example, ": ", &witness.said]);
        }
        said
    }

    fn new(finding: &Finding, fingerprint: &str, texts: &Texts<'_>) -> Self {
        let language = texts.language;
        let lines = Lines::of(finding.place, texts);
        let (line, column) = lines.from;
        let seen = (finding.place.file.0, finding.place.span.start, Position { line, column });
        texts.last.set(seen);
        let related = finding.related.iter().map(|it| JsonRelated::new(it, texts)).collect();
        Self {
            code: finding.code.to_owned(),
            name: by_code(finding.code).map_or("", |it| it.name).to_owned(),
            category: by_code(finding.code)
                .and_then(Rule::category)
                .map(|it| it.as_str().to_owned()),
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
            fix: finding.fix.as_ref().map(|it| JsonFix::new(it, texts)),
            related,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample;

    #[test]
    fn places_count_characters_and_findings_are_in_order() {
        let (report, sources) = sample();
        let json = report.json(&sources, Language::En);
        assert_eq!((json.findings[0].line, json.findings[0].column), (1, 4));
        assert_eq!((json.findings[1].line, json.findings[1].end_column), (2, 8));
        assert_eq!(json.summary, Summary { error: 1, warning: 1, ..Summary::default() });
        let text = serde_json::to_string(&json).unwrap();
        assert!(text.starts_with(
            r#"{"version":1,"at":"1970-01-01T00:00:00Z","stage":"edit","summary":{"error":1,"#
        ));
        assert_eq!(serde_json::from_str::<JsonReport>(&text).unwrap(), json);
    }
}
