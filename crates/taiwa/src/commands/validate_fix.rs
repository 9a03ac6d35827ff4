//! `taiwa validate --fix`, and `--diff`, which shows what it would do.

use similar::TextDiff;
use taiwa_text::{Language, Safety};
use taiwa_validator::{Applied, JsonApplied, Mended, Options, Report, Rewritten, Wanted, mend};

use crate::{
    Cx, Failure, Format,
    edge::{files, rewrite::rewrite, workspace::Workspace},
    render::{count, safe},
};

/// Most fixes that are named one by one.
const MAX_NAMED: usize = 200;

/// What to mend.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct FixArgs {
    /// Mend what a program can mend without changing meaning; then check what is left
    #[arg(long)]
    fix: bool,
    /// With --fix or --diff: mend also what was probably meant; look at the result
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long)]
    diff: bool,
}

impl FixArgs {
    /// Whether nothing was asked for.
    pub(super) const fn is_none(self) -> bool {
        !self.fix && !self.diff && !self.unsafe_fixes
    }
}

/// The workspace that the current folder is in, with what is wanted mended in files that are to be `kept` an eye on; as
/// it was, where nothing is wanted or only the difference.
pub(super) fn workspace(
    cx: &mut Cx<'_>,
    args: FixArgs,
    options: &Options,
    kept: &dyn Fn(&str) -> bool,
) -> Result<(Workspace, Mended), Failure> {
    if !args.fix && !args.diff {
        if args.unsafe_fixes {
            return Err(Failure::usage("--unsafe-fixes goes with --fix or --diff"));
        }
        return Ok((Workspace::read(cx)?, Mended::default()));
    }
    let root = files::root(&cx.cwd)?;
    let safety = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
    let mut mended = mend(files::read(&root)?, options, Wanted { safety, files: kept });
    if args.diff {
        return Ok((Workspace::read(cx)?, mended));
    }
    rewrite(&root, &mended.texts)?;
    let project = std::mem::take(&mut mended.project);
    let parsing = std::mem::take(&mut mended.parsing);
    Ok((Workspace { root, project, parsing }, mended))
}

fn difference(it: &Rewritten) -> String {
    let diff = TextDiff::from_lines(it.before.as_str(), it.after.as_str());
    let (old, new) = (format!("a/{}", it.path), format!("b/{}", it.path));
    diff.unified_diff().context_radius(3).header(&old, &new).to_string()
}

/// The answer to `--diff`: a difference is a no.
pub(super) fn verdict(
    cx: &mut Cx<'_>,
    args: FixArgs,
    mended: &Mended,
) -> Option<Result<(), Failure>> {
    if !args.diff {
        return None;
    }
    let language = cx.language();
    if cx.format() == Format::Json {
        let one = |it: &Rewritten| serde_json::json!({ "file": it.path, "diff": difference(it) });
        let json = |all: &[Applied]| {
            all.iter().map(|it| JsonApplied::new(it, language)).collect::<Vec<_>>()
        };
        cx.print_json(&serde_json::json!({
            "version": 1, "diff": mended.texts.iter().map(one).collect::<Vec<_>>(),
            "fixed": json(&mended.fixed), "refused": json(&mended.refused),
        }));
    } else {
        for it in &mended.texts {
            cx.print(safe(difference(it).trim_end()));
        }
    }
    refused(cx, &mended.refused);
    if mended.texts.is_empty() {
        cx.say(match language {
            Language::En => "nothing to fix",
            Language::Ja => "修正するものはありません",
        });
        return Some(Ok(()));
    }
    let (found, files) = (mended.fixed.len(), mended.texts.len());
    let text = match language {
        Language::En => format!(
            "{} would be fixed in {}; nothing was changed",
            count(found, "finding"),
            count(files, "file")
        ),
        Language::Ja => {
            format!("{files} 個のファイルで {found} 件を修正できます。何も変更していません")
        }
    };
    Some(Err(Failure::no("fixable", text)))
}

/// Tells a person what was mended, and what could be.
pub(super) fn told(cx: &mut Cx<'_>, report: &Report) {
    if cx.format() == Format::Human {
        fixed(cx, report.mended.as_deref().map_or(&[], |it| &it.fixed));
        if let Some(hint) = hint(report, cx.language()) {
            cx.print(hint);
        }
    }
    refused(cx, report.mended.as_deref().map_or(&[], |it| &it.refused));
}

fn fixed(cx: &mut Cx<'_>, fixed: &[Applied]) {
    let language = cx.language();
    for it in fixed.iter().take(MAX_NAMED) {
        let (path, said) = (it.path.replace('\n', "\\n"), it.said.to(language));
        let word = match language {
            Language::En => "fixed",
            Language::Ja => "修正",
        };
        cx.print(safe(&format!("{word} {path}:{}: {} {said}", it.line, it.code)));
    }
    if !fixed.is_empty() {
        let number = fixed.len();
        cx.print(match language {
            Language::En => format!("{number} fixed; look at the changes: git diff"),
            Language::Ja => format!("{number} 件を修正しました。変更を見るには: git diff"),
        });
    }
}

fn refused(cx: &mut Cx<'_>, refused: &[Applied]) {
    let language = cx.language();
    for it in refused.iter().take(MAX_NAMED) {
        let (path, line, code, said) = (&it.path, it.line, it.code, it.said.to(language));
        let text = match language {
            Language::En => {
                format!(
                    "not fixed {path}:{line}: {code} {said}: it would not have mended it, or broken more"
                )
            }
            Language::Ja => {
                format!(
                    "未修正 {path}:{line}: {code} {said}: 直らないか、別の問題が生じるため取りやめました"
                )
            }
        };
        cx.say(safe(&text.replace('\n', "\\n")));
    }
}

const FIX: &str = "taiwa validate --fix";
const ALL: &str = "taiwa validate --fix --unsafe-fixes";

/// What could still be mended, in words; none where nothing can.
fn hint(report: &Report, language: Language) -> Option<String> {
    let number = |safety| {
        let fixes = report.findings.iter().filter_map(|it| it.fix.as_ref());
        fixes.filter(|it| it.safety == safety).count()
    };
    let (some, more) = (number(Safety::Safe), number(Safety::Unsafe));
    Some(match (language, some, more) {
        (_, 0, 0) => return None,
        (Language::En, some, 0) => format!("{some} can be fixed: {FIX}"),
        (Language::En, 0, more) => format!("{more} can be fixed, with a look at the result: {ALL}"),
        (Language::En, some, more) => {
            format!("{some} can be fixed: {FIX}; {more} more, with a look at the result: {ALL}")
        }
        (Language::Ja, some, 0) => format!("{some} 件は自動で修正できます: {FIX}"),
        (Language::Ja, 0, more) => {
            format!("{more} 件は、結果の確認を前提に修正できます: {ALL}")
        }
        (Language::Ja, some, more) => {
            format!(
                "{some} 件は自動で修正できます: {FIX} (結果の確認を前提にさらに {more} 件: {ALL})"
            )
        }
    })
}
