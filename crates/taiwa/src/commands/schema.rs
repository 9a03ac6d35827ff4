//! `taiwa schema`

use taiwa_config::FileKind;

use crate::{Cx, Exit, Failure};

/// Print the JSON Schema of a file kind, for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The kind: channel, offer, segment, …
    kind: Option<String>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let kinds: Vec<(String, FileKind)> =
        FileKind::all().map(|it| (it.as_str().to_owned(), it)).collect();
    let names: Vec<&str> = kinds.iter().map(|it| it.0.as_str()).collect();
    let Some(word) = &args.kind else {
        cx.print(names.join("\n"));
        return Ok(Exit::Yes);
    };
    let kind = kinds.iter().find(|it| it.0 == *word);
    let (_, kind) = kind.ok_or_else(|| {
        Failure::usage(format!("there is no file kind `{word}`"))
            .help(format!("there is: {}", names.join(", ")))
    })?;
    cx.print_json(&taiwa_config::shape::json_schema(*kind));
    Ok(Exit::Yes)
}
