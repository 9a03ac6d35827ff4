//! `taiwa show`

use taiwa_release::{Release, diff};

use crate::{
    Cx, Exit, Failure,
    edge::marked::Head,
    moves,
    render::{safe, table},
};

/// Show a release: its components
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A digest (or its beginning), an environment (what is live there), or a file
    release: String,
    /// One component in full, such as offer/espresso-starter
    component: Option<String>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let release = match file(cx, &args.release)? {
        Some(release) => release,
        None => super::diff::release(cx, &Head::read(cx)?, &args.release)?.ok_or_else(|| {
            Failure::no("unknown-release", format!("no server has a release `{}`", args.release))
                .help("name a digest, an environment, or a file that `taiwa build --out` wrote")
        })?,
    };
    let all = diff(None, release.components());
    let changes = all
        .changes
        .iter()
        .filter(|it| args.component.as_ref().is_none_or(|id| it.component.to_string() == *id));
    let chosen: Vec<_> = changes.cloned().collect();
    if chosen.is_empty() {
        return Err(Failure::wrong(
            "unknown-component",
            format!(
                "the release has no component `{}`",
                args.component.as_deref().unwrap_or_default()
            ),
        ));
    }
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "release": release.digest(), "bytes": release.bytes().len(), "components": chosen }));
        return Ok(Exit::Yes);
    }
    cx.tell(format!("{} ({} bytes)", release.digest(), release.bytes().len()));
    if args.component.is_some() {
        for line in (taiwa_release::Diff { changes: chosen }).lines() {
            cx.tell(safe(&line));
        }
        return Ok(Exit::Yes);
    }
    let rendered = all.render();
    let rows = rendered
        .groups
        .iter()
        .flat_map(|it| &it.changes)
        .map(|it| [it.component.to_string(), it.title.clone()]);
    cx.tell(table(["component", "title"], rows.collect::<Vec<_>>()));
    Ok(Exit::Yes)
}

/// A release in a file, if the word is one.
fn file(cx: &Cx<'_>, word: &str) -> Result<Option<Release>, Failure> {
    let path = cx.path(word);
    if !path.is_file() {
        return Ok(None);
    }
    moves::read(&crate::edge::files::read_file(&path)?)
        .map(Some)
        .map_err(|it| Failure::wrong("malformed", it.message))
}
