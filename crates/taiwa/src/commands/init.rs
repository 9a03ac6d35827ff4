//! `taiwa init`

use std::path::PathBuf;

use taiwa_text::{Text, say};

use crate::{
    Cx, Exit, Failure,
    edge::files,
    render::{count, shell_word},
    sample,
};

/// Begin a new workspace that validates
///
/// Writes the Contoso Coffee sample to start from, a workflow that checks pull requests, and what editors need to
/// complete and check while somebody types. Nothing that is already there is overwritten, but for schemas.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder; made if it is not there
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Only what editors need, in a workspace that is there already: schemas of this version, and settings that are
    /// missing
    #[arg(long)]
    editor: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let root = cx.path(&args.dir);
    let free = |it: &(String, Vec<u8>)| root.join(&it.0).symlink_metadata().is_err();
    let mut all = sample::schemas();
    if args.editor {
        files::root(&root)?;
        all.extend(sample::extras().into_iter().filter(|it| !is_workflow(&it.0) && free(it)));
    } else {
        all.extend(sample::begun());
        all.extend(sample::extras());
        if let Some((path, _)) = all.iter().find(|it| !free(it)) {
            let text = format!("{} is there already", root.join(path).display());
            return Err(Failure::no("conflict", text)
                .help("begin in an empty folder: taiwa init my-brand")
                .help("only help for editors, in a workspace: taiwa init --editor"));
        }
    }
    if !args.dry_run {
        sample::write(&root, &all)?;
    }
    if cx.json() {
        let paths: Vec<&str> = all.iter().map(|it| it.0.as_str()).collect();
        cx.print_json(&serde_json::json!({ "version": 1, "root": root.display().to_string(), "files": paths }));
        return Ok(Exit::Yes);
    }
    let (number, at) = (count(all.len(), "file"), root.display());
    let many = all.len();
    let wrote = if args.dry_run {
        Text::new(
            format!("would write {number} to {at}"),
            format!("{at} に {many} 個のファイルを書き込みます (まだ書き込んでいません)"),
        )
    } else {
        Text::new(
            format!("wrote {number} to {at}"),
            format!("{at} に {many} 個のファイルを書き込みました"),
        )
    };
    let language = cx.language();
    cx.tell(wrote.to(language));
    if !args.editor && files::root(&root).is_ok() && !args.dry_run {
        let next = say!(
            en: "next: cd {} && git init && taiwa validate",
            ja: "次は: cd {} && git init && taiwa validate",
            shell_word(&args.dir.display().to_string()),
        );
        cx.say(next.to(language));
    }
    Ok(Exit::Yes)
}

fn is_workflow(path: &str) -> bool {
    path.starts_with(".github/")
}
