//! The change, in words: between two releases, and for the terminal, a program or a pull request.

use dialoguer::Confirm;
use taiwa_model::{Components, Digest};
use taiwa_plan::{Plan, PlanKind};
use taiwa_release::{Diff, Release, diff};

use crate::{Cx, Failure, Format, edge::servers::Group, render::safe};

/// What would be different.
pub(crate) struct Change {
    /// In structure.
    pub(crate) diff: Diff,
    /// The release that is new as a whole: nothing ran before it.
    pub(crate) first: Option<Digest>,
}

/// The change from what a group runs to a release.
pub(crate) async fn between(
    group: &Group,
    from: Option<Digest>,
    to: &Release,
) -> Result<Change, Failure> {
    let old = match from {
        Some(digest) => Some(read(&group.release(&digest).await?)?),
        None => None,
    };
    let before: Option<&Components> = old.as_ref().map(Release::components);
    Ok(Change { diff: diff(before, to.components()), first: from.is_none().then(|| to.digest()) })
}

/// Reads the bytes of a release that came from a server.
pub(crate) fn read(bytes: &[u8]) -> Result<Release, Failure> {
    Release::read(bytes)
        .map_err(|it| Failure::world("untrusted", format!("a release cannot be read: {it}")))
}

/// `production: from nothing to release 1c9e… (generation 1)`.
pub(crate) fn headline(plan: &Plan) -> String {
    let from =
        plan.from.map_or_else(|| "nothing".to_owned(), |it| format!("release {}", it.short()));
    let end = plan.choices.revert_at.map(|it| format!("; an EMERGENCY, which ends at {it}"));
    let again = if plan.choices.again && plan.kind == PlanKind::Change {
        ", also if it was taken back here"
    } else {
        ""
    };
    let begun = plan
        .choices
        .goes_on_bp
        .map(|it| format!(", which {} of the visitors get already", super::share(it)));
    let out: Vec<_> =
        plan.choices.absent.iter().map(|it| format!("{} ({})", it.server, it.why)).collect();
    let without =
        if out.is_empty() { String::new() } else { format!("; without {}", out.join(", ")) };
    format!(
        "{}: from {from} to release {} (generation {}){again}{}{}{}{without}",
        plan.environment,
        plan.to.short(),
        plan.target,
        begun.unwrap_or_default(),
        super::rollout::told(plan),
        end.unwrap_or_default(),
    )
}

/// Tells a change in words.
pub(crate) fn tell(cx: &mut Cx<'_>, change: &Change) {
    if change.diff.is_empty() {
        cx.tell("  nothing differs");
        return;
    }
    if cx.format() == Format::Markdown {
        cx.print(format!("**{}**\n", markdown(&change.diff.summary().join(", "))));
        cx.print("```");
        for line in change.diff.lines() {
            cx.print(safe(&line).replace("```", "'''"));
        }
        cx.print("```");
        return;
    }
    cx.tell(format!("  {}", safe(&change.diff.summary().join(", "))));
    if let Some(first) = &change.first {
        cx.tell(format!("  everything is new; to see it: taiwa show {}", first.short()));
        return;
    }
    for line in shortened(change) {
        cx.tell(format!("  {}", safe(&line)));
    }
}

/// Of a change of very many facts the names are enough.
fn shortened(change: &Change) -> Vec<String> {
    const MANY: usize = 80;
    let lines = change.diff.lines();
    if lines.len() <= MANY {
        return lines;
    }
    let rendered = change.diff.render();
    let names = rendered.groups.iter().map(|group| {
        let of = group.changes.iter().map(|it| {
            if it.verb == "added" {
                it.component.name.clone()
            } else {
                format!("{} ({})", it.component.name, it.verb)
            }
        });
        format!("{}: {}", group.kind, of.collect::<Vec<_>>().join(", "))
    });
    names.chain(["attribute by attribute: --format json".to_owned()]).collect()
}

/// Text of people cannot become markup.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        if "\\`*_{}[]<>()#+-.!|@".contains(c) && c != '.' && c != '-' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Asks on a terminal; without one, and without `--yes`, the answer is no.
pub(crate) fn confirm(cx: &Cx<'_>, yes: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !cx.interactive {
        return Err(Failure::no(
            "not-confirmed",
            "there is no terminal to ask on; nothing was changed",
        )
        .help("say --yes to go on without being asked"));
    }
    match Confirm::new().with_prompt(question).default(false).interact() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::no("not-confirmed", "you said no; nothing was changed")),
        Err(error) => {
            Err(Failure::no("not-confirmed", format!("no answer ({error}); nothing was changed")))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_title_cannot_become_markup() {
        assert_eq!(
            super::markdown("<img src=x> [a](b) `c` *d*"),
            "\\<img src=x\\> \\[a\\]\\(b\\) \\`c\\` \\*d\\*"
        );
    }
}
