//! The form in which a report is remembered: made for this program only, and read by no other.
//!
//! Every field of a finding is named, so that one that is added later cannot be forgotten here.

use serde::{Deserialize, Serialize};
use taiwa_model::{Moment, Timestamp};
use taiwa_text::{
    Edit, FileId, Finding, Fix, Language, Place, Related, Safety, Severity, Source, Sources, Span,
    Text, Witness,
};
use taiwa_validator::{Holds, Options, Report, Summary, Suppressed, rules};

use super::files::Stamp;

/// A report, and all it was made from.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Which program made it.
    pub(super) program: String,
    pub(super) stage: String,
    since_ms: i64,
    until_ms: i64,
    pub(super) files: Vec<KeptFile>,
    pub(super) components: usize,
    pub(super) environments: usize,
    /// The paths of the sources in their order, with the texts that the report is about.
    sources: Vec<(String, Option<String>)>,
    findings: Vec<KeptFinding>,
    fingerprints: Vec<String>,
    summary: Summary,
    suppressed: Vec<KeptSuppressed>,
}

/// A file that the report was made from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptFile {
    pub(super) path: String,
    /// None where it was written too late to be known by its time.
    pub(super) stamp: Option<Stamp>,
    /// Of its content, or of what stands for it.
    pub(super) digest: String,
}

type KeptText = (String, String);
/// File, first byte, the byte after the last.
type KeptPlace = (u32, u32, u32);

#[derive(Debug, Serialize, Deserialize)]
struct KeptFinding {
    code: String,
    severity: String,
    message: KeptText,
    help: Option<KeptText>,
    place: KeptPlace,
    component: Option<String>,
    related: Vec<(KeptPlace, KeptText)>,
    witness: Option<(KeptText, String)>,
    fix: Option<KeptFix>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFix {
    said: KeptText,
    safe: bool,
    edits: Vec<(KeptPlace, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptSuppressed {
    finding: KeptFinding,
    fingerprint: String,
    place: KeptPlace,
    until: String,
    reason: String,
}

/// What is remembered besides the report.
pub(super) struct Around {
    pub(super) program: String,
    pub(super) files: Vec<KeptFile>,
    pub(super) components: usize,
    pub(super) environments: usize,
    pub(super) holds: Holds,
}

impl Kept {
    /// `None` for a report that is compared with another state: that state is not known here.
    pub(super) fn new(around: Around, report: &Report, sources: &Sources) -> Option<Self> {
        let Around { program, files, components, environments, holds: Holds { since, until } } =
            around;
        let Report { at: _, stage, findings, fingerprints, summary, suppressed, breaking, mended } =
            report;
        if breaking.is_some() || mended.is_some() {
            return None;
        }
        let findings: Vec<KeptFinding> = findings.iter().map(KeptFinding::of).collect();
        let suppressed: Vec<KeptSuppressed> = suppressed.iter().map(KeptSuppressed::of).collect();
        let about: std::collections::BTreeSet<u32> = findings
            .iter()
            .chain(suppressed.iter().map(|it| &it.finding))
            .flat_map(KeptFinding::files)
            .chain(suppressed.iter().map(|it| it.place.0))
            .collect();
        let source = |(id, it): (FileId, &Source)| {
            (it.path.clone(), about.contains(&id.0).then(|| it.text.clone()))
        };
        Some(Self {
            program,
            stage: stage.as_str().to_owned(),
            since_ms: since.as_millis(),
            until_ms: until.as_millis(),
            files,
            components,
            environments,
            sources: sources.iter().map(source).collect(),
            findings,
            fingerprints: fingerprints.clone(),
            summary: *summary,
            suppressed,
        })
    }

    fn holds(&self) -> Holds {
        Holds {
            since: Timestamp::from_millis(self.since_ms),
            until: Timestamp::from_millis(self.until_ms),
        }
    }

    /// Whether it answers a question of this time and stage.
    pub(super) fn answers(&self, options: &Options) -> bool {
        self.stage == options.stage.as_str() && self.holds().at(options.at)
    }

    /// The report for this time, and its sources; `None` where something in it is not understood.
    pub(super) fn report(&self, options: &Options) -> Option<(Report, Sources)> {
        let mut sources = Sources::default();
        for (path, text) in &self.sources {
            sources.add(Source { path: path.clone(), text: text.clone().unwrap_or_default() });
        }
        let findings = self.findings.iter().map(KeptFinding::read).collect::<Option<_>>()?;
        let suppressed = self.suppressed.iter().map(KeptSuppressed::read).collect::<Option<_>>()?;
        let report = Report {
            at: options.at,
            stage: options.stage,
            findings,
            fingerprints: self.fingerprints.clone(),
            summary: self.summary,
            suppressed,
            breaking: None,
            mended: None,
        };
        Some((report, sources))
    }
}

fn text(it: &Text) -> KeptText {
    (it.to(Language::En).to_owned(), it.to(Language::Ja).to_owned())
}

fn read_text((en, ja): &KeptText) -> Text {
    Text::new(en.as_str(), ja.as_str())
}

const fn place(it: Place) -> KeptPlace {
    let Place { file, span } = it;
    (file.0, span.start, span.end)
}

const fn read_place((file, start, end): KeptPlace) -> Place {
    Place { file: FileId(file), span: Span::new(start, end) }
}

impl KeptFinding {
    fn of(it: &Finding) -> Self {
        let Finding { code, severity, message, help, place: at, component, related, witness, fix } =
            it;
        let related =
            related.iter().map(|Related { place: at, message }| (place(*at), text(message)));
        Self {
            code: (*code).to_owned(),
            severity: severity.as_str().to_owned(),
            message: text(message),
            help: help.as_ref().map(text),
            place: place(*at),
            component: component.clone(),
            related: related.collect(),
            witness: witness.as_ref().map(|Witness { said, given }| (text(said), given.clone())),
            fix: fix.as_ref().map(|Fix { said, safety, edits }| KeptFix {
                said: text(said),
                safe: *safety == Safety::Safe,
                edits: edits.iter().map(|Edit { at, text }| (place(*at), text.clone())).collect(),
            }),
        }
    }

    fn read(&self) -> Option<Finding> {
        let severities = [Severity::Error, Severity::Warning, Severity::Info];
        let related = self
            .related
            .iter()
            .map(|(at, message)| Related { place: read_place(*at), message: read_text(message) });
        Some(Finding {
            code: rules::by_code(&self.code)?.code,
            severity: severities.into_iter().find(|it| it.as_str() == self.severity)?,
            message: read_text(&self.message),
            help: self.help.as_ref().map(read_text),
            place: read_place(self.place),
            component: self.component.clone(),
            related: related.collect(),
            witness: self
                .witness
                .as_ref()
                .map(|(said, given)| Witness { said: read_text(said), given: given.clone() }),
            fix: self.fix.as_ref().map(|it| Fix {
                said: read_text(&it.said),
                safety: if it.safe { Safety::Safe } else { Safety::Unsafe },
                edits: it
                    .edits
                    .iter()
                    .map(|(at, text)| Edit { at: read_place(*at), text: text.clone() })
                    .collect(),
            }),
        })
    }

    /// The files whose texts it needs to be shown.
    fn files(&self) -> impl Iterator<Item = u32> {
        let related = self.related.iter().map(|it| it.0.0);
        let edits = self.fix.iter().flat_map(|it| it.edits.iter().map(|it| it.0.0));
        std::iter::once(self.place.0).chain(related).chain(edits)
    }
}

impl KeptSuppressed {
    fn of(it: &Suppressed) -> Self {
        let Suppressed { finding, fingerprint, place: at, until, reason } = it;
        Self {
            finding: KeptFinding::of(finding),
            fingerprint: fingerprint.clone(),
            place: place(*at),
            until: until.to_string(),
            reason: reason.clone(),
        }
    }

    fn read(&self) -> Option<Suppressed> {
        Some(Suppressed {
            finding: self.finding.read()?,
            fingerprint: self.fingerprint.clone(),
            place: read_place(self.place),
            until: Moment::parse(&self.until).ok()?,
            reason: self.reason.clone(),
        })
    }
}
