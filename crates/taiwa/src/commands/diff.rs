//! `taiwa diff`

use taiwa_model::{Components, Digest, EnvironmentName};
use taiwa_release::{Release, diff};

use crate::{
    Cx, Exit, Failure,
    edge::{marked::Head, servers::Group, signals},
    moves::{self, Change},
};

/// Say what differs between two releases, environments or git revisions
///
/// Answers like `diff`: 0 if nothing differs, 1 if something does.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A release (digest or its beginning), an environment (what is live there), or a git revision
    a: String,
    /// The other one
    b: String,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let old = side(cx, &head, &args.a)?;
    let new = side(cx, &head, &args.b)?;
    let change = Change { diff: diff(Some(&old), &new), first: None };
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "a": args.a, "b": args.b, "summary": change.diff.summary(), "diff": change.diff,
        }));
    } else {
        cx.tell(format!("{} → {}", args.a, args.b));
        moves::tell(cx, &change);
    }
    if change.diff.is_empty() {
        return Ok(Exit::Yes);
    }
    Err(Failure::no("differs", format!("{} and {} differ", args.a, args.b)))
}

/// The components that a word means.
fn side(cx: &Cx<'_>, head: &Head, word: &str) -> Result<Components, Failure> {
    if let Some(release) = release(cx, head, word)? {
        return Ok(release.components().clone());
    }
    let (project, parsing) = head.at(word)?;
    let broken = parsing.iter().any(|it| it.severity == taiwa_text::Severity::Error);
    if broken {
        let text = format!("the workspace at `{word}` has files that cannot be read");
        return Err(Failure::no("findings", text).help("taiwa validate"));
    }
    Ok(project.components)
}

/// The release that a word means: what an environment runs, or a digest that some server has.
pub(super) fn release(cx: &Cx<'_>, head: &Head, word: &str) -> Result<Option<Release>, Failure> {
    let name = EnvironmentName::new(word);
    if head.project.environments.contains_key(&name) {
        let group = Group::of(cx, head, &name)?;
        let digest = crate::edge::servers::live(cx, head, &name)?;
        return fetch(&group, &digest).map(Some);
    }
    let hex = word.strip_prefix("sha256:").unwrap_or(word);
    if hex.len() < 6 || !hex.chars().all(|it| it.is_ascii_hexdigit()) {
        return Ok(None);
    }
    for name in head.project.environments.keys() {
        let Ok(group) = Group::of(cx, head, name) else { continue };
        let stored = signals::block_on(async {
            Ok(group.anchor().status().await.map(|it| it.stored).unwrap_or_default())
        })?;
        let found: Vec<&Digest> = stored.iter().filter(|it| it.hex().starts_with(hex)).collect();
        match found.as_slice() {
            [] => {}
            [digest] => return fetch(&group, digest).map(Some),
            _ => {
                return Err(Failure::usage(format!(
                    "`{word}` is the beginning of several releases; write more of it"
                )));
            }
        }
    }
    Ok(None)
}

fn fetch(group: &Group, digest: &Digest) -> Result<Release, Failure> {
    moves::read(&signals::block_on(group.release(digest))?)
}
