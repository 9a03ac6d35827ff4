//! `taiwa validate`

use std::path::{Component, Path, PathBuf};

use taiwa_model::{Moment, Timestamp};
use taiwa_text::Severity;
use taiwa_validator::{Options, Report, Stage, check, github_annotations};

use crate::{
    Cx, Exit, Failure, Format,
    edge::workspace::Workspace,
    render::{self, count},
};

/// Check the workspace against every rule
///
/// Reports all findings of all files at once, each under the text it is about. Reads the files as they are now,
/// committed or not, and needs no server, no network and no secret.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Report only on these files and folders; the whole workspace is read all the same
    paths: Vec<PathBuf>,
    /// Check as of this time: 2028-02-29 or 2028-02-29T10:00:00+09:00 (default: now)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How strict: the nearer to customers, the stricter
    #[arg(long, value_name = "STAGE", default_value = "edit")]
    stage: StageArg,
    /// Let warnings fail too
    #[arg(long)]
    strict: bool,
}

/// What the check is for.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum StageArg {
    /// Somebody writes
    Edit,
    /// Content is marked
    Mark,
    /// A release is promoted
    Promote,
}

impl From<StageArg> for Stage {
    fn from(stage: StageArg) -> Self {
        match stage {
            StageArg::Edit => Self::Edit,
            StageArg::Mark => Self::Mark,
            StageArg::Promote => Self::Promote,
        }
    }
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let at = args.at.as_deref().map_or_else(|| Ok(cx.now()), instant)?;
    let workspace = Workspace::read(cx)?;
    let options = Options { at, stage: args.stage.into() };
    let mut report = check(&workspace.project, workspace.parsing.clone(), &options);
    let all = report.findings.len();
    if !args.paths.is_empty() {
        let wanted = relative(cx, &workspace, &args.paths)?;
        report =
            report.only(&workspace.project.sources, |path| wanted.iter().any(|it| below(path, it)));
    }
    match cx.format() {
        Format::Json => cx.print_json(
            &serde_json::to_value(report.json(&workspace.project.sources, cx.language()))
                .unwrap_or_default(),
        ),
        Format::Github => {
            for line in github_annotations(&report, &workspace.project.sources, cx.language()) {
                cx.print(line);
            }
        }
        Format::Human | Format::Markdown => draw(cx, &workspace, &report),
    }
    let elsewhere = all - report.findings.len();
    if elsewhere > 0 {
        cx.say(format!("{} in other files; see all: taiwa validate", count(elsewhere, "finding")));
    }
    let no = !report.is_passed() || (args.strict && report.summary.warning > 0);
    if no {
        return Err(Failure::no("findings", words(&report)));
    }
    Ok(Exit::Yes)
}

fn draw(cx: &mut Cx<'_>, workspace: &Workspace, report: &Report) {
    let (language, colour) = (cx.language(), cx.colour());
    for finding in &report.findings {
        cx.print(render::findings(&workspace.project.sources, finding, language, colour));
        cx.print("");
    }
    let components = workspace.project.documents.len();
    let environments = workspace.project.environment_documents.len();
    let read = format!(
        "{} and {} read",
        count(components, "component"),
        count(environments, "environment")
    );
    if report.findings.is_empty() {
        let allowed = words(report);
        let comma = if allowed.is_empty() { "" } else { "; " };
        cx.print(format!("{read}: no findings{comma}{allowed}"));
    } else {
        cx.print(format!("{read}: {}", words(report)));
        if let Some(first) = report.findings.iter().max_by_key(|it| it.severity) {
            cx.print(format!("more about a rule: taiwa explain {}", first.code));
        }
    }
}

fn words(report: &Report) -> String {
    let found = severities(report);
    match report.summary.suppressed {
        0 => found,
        some if found.is_empty() => format!("{some} allowed by comments"),
        some => format!("{found}; {some} allowed by comments"),
    }
}

fn severities(report: &Report) -> String {
    let parts = [
        (report.summary.error, Severity::Error),
        (report.summary.warning, Severity::Warning),
        (report.summary.info, Severity::Info),
    ];
    let named = parts.iter().filter(|it| it.0 > 0).map(|(number, severity)| match severity {
        Severity::Info => count(*number, "note"),
        other => count(*number, other.as_str()),
    });
    named.collect::<Vec<_>>().join(", ")
}

/// A date means its first moment in UTC.
fn instant(text: &str) -> Result<Timestamp, Failure> {
    let moment = Moment::parse(text).map_err(|error| Failure::usage(format!("--at: {error}")))?;
    Ok(moment.begins(&jiff::tz::TimeZone::UTC))
}

/// Paths as people give them, relative to the workspace, with `/`.
fn relative(cx: &Cx<'_>, workspace: &Workspace, paths: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let one = |path: &PathBuf| {
        let full = cx.path(path);
        let known = full.canonicalize().map_err(|error| {
            Failure::wrong("unreadable", format!("cannot read {}: {error}", path.display()))
        })?;
        let inside = known.strip_prefix(&workspace.root).map_err(|_| {
            Failure::usage(format!(
                "{} is not in the workspace {}",
                path.display(),
                workspace.root.display()
            ))
        })?;
        Ok(slashed(inside))
    };
    paths.iter().map(one).collect()
}

fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|it| match it {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path.strip_prefix(folder).is_some_and(|it| it.starts_with('/'))
}
