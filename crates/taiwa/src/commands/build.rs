//! `taiwa build`

use std::path::PathBuf;

use taiwa_model::EnvironmentName;

use crate::{
    Cx, Exit, Failure,
    edge::{files, marked::Head, workspace::environment},
    render::count,
};

/// Build the release of what is marked, and tell its digest
///
/// Needs no server and no network. The same marks give the same bytes on every machine; `sha256sum` of the file is
/// the digest.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The environment whose marks count
    #[arg(long = "for", value_name = "ENV")]
    environment: EnvironmentName,
    /// Write the release to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    environment(&head.project, &args.environment)?;
    let release = head.release(cx, &args.environment)?;
    if let Some(out) = &args.out {
        files::write_file(&cx.path(out), release.bytes())?;
    }
    let components = release.components().ids().len();
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1,
            "environment": args.environment,
            "release": release.digest(),
            "bytes": release.bytes().len(),
            "components": components,
            "out": args.out,
        }));
        return Ok(Exit::Yes);
    }
    cx.tell(format!("{}", release.digest()));
    cx.say(format!("{} in {} bytes", count(components, "component"), release.bytes().len()));
    cx.say(format!("next: taiwa plan --to {}", args.environment));
    Ok(Exit::Yes)
}
