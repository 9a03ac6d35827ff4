//! `taiwa schema`

use std::path::PathBuf;

use taiwa_config::{FileKind, editor};

use taiwa_text::Text;

use crate::{
    Cx, Exit, Failure,
    edge::files,
    render::{count, safe},
};

/// Print the JSON Schema of a file kind, for editors, or of the report for programs
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The kind: channel, offer, segment, …; `report` for the answer of `taiwa validate --format json`
    kind: Option<String>,
    /// Write the schemas of all kinds of files into this folder, over older ones
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    write: Option<PathBuf>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if let Some(dir) = &args.write {
        let schemas = editor::schemas("");
        for (path, text) in &schemas {
            let path = cx.path(dir).join(path.trim_start_matches('/'));
            files::write_file(&path, text.as_bytes())?;
        }
        let shown = dir.display().to_string();
        let (many, shown) = (schemas.len(), safe(&shown));
        let wrote = Text::new(
            format!("wrote {} to {shown}", count(many, "schema")),
            format!("{shown} に {many} 個のスキーマを書き込みました"),
        );
        let language = cx.language();
        cx.tell(wrote.to(language));
        return Ok(Exit::Yes);
    }
    let kinds: Vec<FileKind> = FileKind::all().chain([FileKind::Marks]).collect();
    let names: Vec<&str> = kinds.iter().map(|it| it.as_str()).chain(["report"]).collect();
    let Some(word) = &args.kind else {
        cx.print(names.join("\n"));
        return Ok(Exit::Yes);
    };
    if word == "report" {
        cx.print_json(&taiwa_validator::report_schema());
        return Ok(Exit::Yes);
    }
    let kind = kinds.iter().find(|it| it.as_str() == word);
    let kind = kind.ok_or_else(|| {
        Failure::usage(format!("there is no file kind `{word}`"))
            .help(format!("there is: {}", names.join(", ")))
    })?;
    cx.print_json(&taiwa_config::shape::json_schema(*kind));
    Ok(Exit::Yes)
}
