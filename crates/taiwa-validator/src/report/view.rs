//! A report as somebody is going to read it: what every form needs to know besides the findings.

use taiwa_text::{Language, Severity, Sources};

use super::{JsonReport, Report, Summary};

/// A report, and for whom it is written. The forms are functions of it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The texts it was found in.
    pub sources: &'a Sources,
    /// The paths of the files that it is about; those without findings are named, too, where a form can.
    pub files: &'a [&'a str],
    /// The language of messages.
    pub language: Language,
    /// The folder of the workspace within its repository, empty or ending with `/`: a host of repositories looks for
    /// files from there.
    pub folder: &'a str,
    /// The least severity that makes the answer a no.
    pub fails: Severity,
}

impl View<'_> {
    /// The report for programs.
    pub fn json(&self) -> JsonReport {
        self.report.json(self.sources, self.language)
    }

    /// The path of a file as the host of the repository knows it; what belongs to no file is said of `taiwa.yaml`.
    pub(super) fn path(&self, file: &str) -> String {
        let file = if file.is_empty() { "taiwa.yaml" } else { file };
        format!("{}{file}", self.folder)
    }

    /// One of two texts, by language.
    pub(super) const fn say<'t>(&self, en: &'t str, ja: &'t str) -> &'t str {
        match self.language {
            Language::En => en,
            Language::Ja => ja,
        }
    }

    /// The word for a severity.
    pub(super) fn severity(&self, severity: Severity) -> &'static str {
        severity_in(severity, self.language)
    }

    /// How many findings there are that are not listed.
    pub(super) fn left_out(&self) -> usize {
        let Summary { error, warning, info, .. } = self.report.summary;
        (error + warning + info).saturating_sub(self.report.findings.len())
    }

    /// "2 errors, 1 warning"; "no findings".
    pub(super) fn words(&self) -> String {
        self.report.summary.words(self.language)
    }
}

/// The word for a severity.
fn severity_in(severity: Severity, language: Language) -> &'static str {
    match (severity, language) {
        (Severity::Error, Language::En) => "error",
        (Severity::Warning, Language::En) => "warning",
        (Severity::Info, Language::En) => "note",
        (Severity::Error, Language::Ja) => "エラー",
        (Severity::Warning, Language::Ja) => "警告",
        (Severity::Info, Language::Ja) => "情報",
    }
}

impl Summary {
    /// "2 errors, 1 warning; 1 allowed by comments"; "no findings".
    pub fn words(&self, language: Language) -> String {
        let found = self.found(language);
        match (self.suppressed, language) {
            (0, _) => found,
            (some, Language::En) => format!("{found}; {some} allowed by comments"),
            (some, Language::Ja) => format!("{found}（コメントで許可: {some} 件）"),
        }
    }

    fn found(self, language: Language) -> String {
        let counts = [
            (self.error, Severity::Error),
            (self.warning, Severity::Warning),
            (self.info, Severity::Info),
        ];
        let named = counts.iter().filter(|it| it.0 > 0).map(|(number, severity)| {
            let word = severity_in(*severity, language);
            match (language, number) {
                (Language::En, 1) => format!("1 {word}"),
                (Language::En, _) => format!("{number} {word}s"),
                (Language::Ja, _) => format!("{word} {number} 件"),
            }
        });
        let named: Vec<String> = named.collect();
        match (named.is_empty(), language) {
            (true, Language::En) => "no findings".to_owned(),
            (true, Language::Ja) => "指摘はありません".to_owned(),
            (false, Language::En) => named.join(", "),
            (false, Language::Ja) => named.join("、"),
        }
    }
}
