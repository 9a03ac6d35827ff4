//! `taiwa validate`

use std::path::{Component, Path, PathBuf};

use taiwa_model::{Moment, Timestamp};
use taiwa_text::{Language, Severity};
use taiwa_validator::{Mended, Options, Stage, Tally, View, check, check_against};

use super::validate_fix::{self, FixArgs};
use crate::{
    Cx, Exit, Failure,
    edge::{
        baseline::baseline,
        files,
        remembered::{Answer, Memory, checked},
        workspace::{Workspace, folder},
    },
    render::{self, Bars, count},
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
    /// Also say what a change breaks: compare with a git revision, or with what an environment runs
    #[arg(long, value_name = "REV|ENV")]
    against: Option<String>,
    /// Let warnings fail too
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    fixes: FixArgs,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Read and check everything, also where nothing has changed since the last time
    #[arg(long)]
    no_cache: bool,
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
    if args.watch { super::validate_watch::run(cx, args) } else { once(cx, args) }
}

/// Checks once.
pub(super) fn once(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let at = args.at.as_deref().map_or_else(|| Ok(cx.now()), instant)?;
    let options = Options { at, stage: args.stage.into() };
    let wanted = relative(cx, &files::root(&cx.cwd)?, &args.paths)?;
    let keep = |path: &str| wanted.is_empty() || wanted.iter().any(|it| below(path, it));
    let (answer, mended) = if args.fixes.is_none() && args.against.is_none() {
        (remembered(cx, args, &options)?, Mended::default())
    } else {
        let (workspace, mended) = validate_fix::workspace(cx, args.fixes, &options, &keep)?;
        if let Some(verdict) = validate_fix::verdict(cx, args.fixes, &mended) {
            return verdict.map(|()| Exit::Yes);
        }
        (compared(cx, args, workspace, &options)?, mended)
    };
    let (mut report, sources) = (answer.report.clone(), &answer.sources);
    let all = report.findings.len();
    let mut files: Vec<&str> = sources.iter().map(|it| it.1.path.as_str()).collect();
    if !args.paths.is_empty() {
        report = report.only(sources, keep);
        files.retain(|it| keep(it));
    }
    report.mended = Some(Box::new(Tally { fixed: mended.fixed, refused: mended.refused }));
    let (language, folder) = (cx.language(), folder(&answer.root));
    let view = View {
        report: &report,
        sources,
        files: &files,
        language,
        folder: &folder,
        fails: if args.strict { Severity::Warning } else { Severity::Error },
    };
    render::report(cx, &view, &read(&answer, language));
    validate_fix::told(cx, &report);
    let elsewhere = all - report.findings.len();
    if elsewhere > 0 {
        cx.say(match language {
            Language::En => {
                format!("{} in other files; see all: taiwa validate", count(elsewhere, "finding"))
            }
            Language::Ja => {
                format!("ほかのファイルに {elsewhere} 件の指摘があります。すべて見るには: taiwa validate")
            }
        });
    }
    let no = !report.is_passed() || (args.strict && report.summary.warning > 0);
    if no {
        return Err(Failure::no("findings", report.summary.words(language)));
    }
    Ok(Exit::Yes)
}

/// What is to be said of the workspace as it is; from memory where nothing has changed.
fn remembered(cx: &Cx<'_>, args: &Args, options: &Options) -> Result<Answer, Failure> {
    // seen only where it takes longer than half a second
    let _busy = cx.draws_progress().then(|| Bars::new(cx).step("checking", 0, "file"));
    checked(cx, options, if args.no_cache { Memory::Ignore } else { Memory::Use })
}

/// What is to be said of a workspace beside another state, if one was named.
fn compared(
    cx: &mut Cx<'_>,
    args: &Args,
    workspace: Workspace,
    options: &Options,
) -> Result<Answer, Failure> {
    let before = args.against.as_deref().map(|it| baseline(cx, &workspace, it)).transpose()?;
    let Workspace { root, project, parsing } = workspace;
    let report = match &before {
        Some(it) => check_against(&project, parsing, it, options),
        None => check(&project, parsing, options),
    };
    let components = project.documents.len();
    let environments = project.environment_documents.len();
    Ok(Answer { root, report, sources: project.sources, components, environments })
}

/// What was read, for a person.
fn read(answer: &Answer, language: Language) -> String {
    let (components, environments) = (answer.components, answer.environments);
    match language {
        Language::En => format!(
            "{} and {} read",
            count(components, "component"),
            count(environments, "environment")
        ),
        Language::Ja => {
            format!("コンポーネント {components} 件と環境 {environments} 件を読み込みました")
        }
    }
}

/// A date means its first moment in UTC.
fn instant(text: &str) -> Result<Timestamp, Failure> {
    let moment = Moment::parse(text).map_err(|error| Failure::usage(format!("--at: {error}")))?;
    Ok(moment.begins(&jiff::tz::TimeZone::UTC))
}

/// Paths as people give them, relative to the workspace, with `/`.
fn relative(cx: &Cx<'_>, root: &Path, paths: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let one = |path: &PathBuf| {
        let full = cx.path(path);
        let known = full.canonicalize().map_err(|error| {
            Failure::wrong("unreadable", format!("cannot read {}: {error}", path.display()))
        })?;
        let inside = known.strip_prefix(root).map_err(|_| {
            Failure::usage(format!("{} is not in the workspace {}", path.display(), root.display()))
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
