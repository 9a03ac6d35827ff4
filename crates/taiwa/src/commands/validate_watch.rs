//! `taiwa validate --watch`

use super::validate::{Args, once};
use crate::{
    Cx, Exit, Failure, Format,
    edge::{files, signals, watch},
    render::safe,
};

/// Most changed files that are named.
const MAX_NAMED: usize = 5;

/// Checks again whenever a file changes, until a signal comes.
pub(super) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    if cx.format() != Format::Human {
        return Err(Failure::usage("--watch is for a person; it writes no other format")
            .help("for a program, run it again: taiwa validate --format json"));
    }
    let root = files::root(&cx.cwd)?;
    signals::listen();
    let mut seen = watch::look(&root);
    loop {
        match once(cx, args) {
            Ok(_) => {}
            Err(failure) if failure.exit == Exit::No => cx.report("validate", &failure),
            // A workspace that is being moved or switched to another branch may be whole again in a moment.
            Err(failure) if failure.reason == "no-workspace" => cx.report("validate", &failure),
            Err(failure) => return Err(failure),
        }
        cx.finish();
        cx.announce("watching; Ctrl-C ends it");
        let changed = watch::change(&root, &mut seen)?;
        cx.clear();
        cx.announce(safe(&said(&changed)));
    }
}

/// "channels/a.yaml changed".
fn said(changed: &[String]) -> String {
    let named: Vec<String> =
        changed.iter().take(MAX_NAMED).map(|it| it.replace('\n', "\\n")).collect();
    let more = changed.len().saturating_sub(MAX_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest} changed", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_named_up_to_a_number() {
        let paths: Vec<String> = (0..7).map(|it| format!("{it}.yaml")).collect();
        assert_eq!(said(&paths[..1]), "0.yaml changed");
        assert_eq!(said(&paths), "0.yaml, 1.yaml, 2.yaml, 3.yaml, 4.yaml and 2 more changed");
        assert_eq!(said(&["a\nb".to_owned()]), "a\\nb changed");
    }
}
