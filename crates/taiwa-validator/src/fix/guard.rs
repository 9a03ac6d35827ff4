//! Whether what fixes did is what they promised.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::place_of;
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Fix, Safety, Severity};

use super::State;

/// Every finding that was to be mended is gone, no error came, fewer findings are left; and where all fixes are safe,
/// what could have been released is the same.
pub(super) fn holds(before: &State, after: &State, fixes: &[(&Finding, &Fix)]) -> bool {
    let mut allowed = counts(before, |_| true);
    for (finding, _) in fixes {
        if let Some(it) = allowed.get_mut(&(finding.code, before.path(finding))) {
            *it = it.saturating_sub(1);
        }
    }
    let mended: BTreeSet<(&str, &str)> =
        fixes.iter().map(|(it, _)| (it.code, before.path(it))).collect();
    let left = counts(after, |it| {
        it.severity == Severity::Error || mended.contains(&(it.code, after.path(it)))
    });
    let fits = left.iter().all(|(key, number)| *number <= allowed.get(key).copied().unwrap_or(0));
    let fewer = after.findings.len() + fixes.len() <= before.findings.len();
    let safe = fixes.iter().all(|it| it.1.safety == Safety::Safe);
    fits && fewer && (!safe || is_kept(before, after))
}

/// How many findings of each code each file has.
fn counts(state: &State, keep: impl Fn(&Finding) -> bool) -> BTreeMap<(&'static str, &str), usize> {
    let mut counts = BTreeMap::new();
    for it in state.findings.iter().filter(|it| keep(it)) {
        *counts.entry((it.code, state.path(it))).or_default() += 1;
    }
    counts
}

/// Whether everything that was read without error is still there, and the same.
fn is_kept(before: &State, after: &State) -> bool {
    let errors = || before.findings.iter().filter(|it| it.severity == Severity::Error);
    let wrong: BTreeSet<ComponentId> =
        errors().filter_map(|it| ComponentId::parse(it.component.as_deref()?)).collect();
    let sound = |kind: Kind, name: &str| !wrong.contains(&ComponentId::new(kind, name));
    let (old, new) = (&before.project.components, &after.project.components);
    macro_rules! kept {
        ($map:ident, $kind:ident) => {
            old.$map
                .iter()
                .filter(|it| sound(Kind::$kind, it.0.as_str()))
                .all(|(name, it)| new.$map.get(name) == Some(it))
        };
    }
    let workspace = !sound(Kind::Workspace, "taiwa")
        || old.workspace == new.workspace && before.project.settings == after.project.settings;
    let audience = !sound(Kind::Audience, "shared") || old.audience == new.audience;
    let components = kept!(channels, Channel)
        && kept!(strategies, Strategy)
        && kept!(goals, Goal)
        && kept!(segments, Segment)
        && kept!(flowcharts, Flowchart)
        && kept!(offers, Offer)
        && kept!(messages, Message)
        && kept!(policies, Policy)
        && kept!(touchpoints, Touchpoint)
        && kept!(scenarios, Scenario);
    let wrong: BTreeSet<&str> = errors().map(|it| before.path(it)).collect();
    let folder = |path: &str| match place_of(path) {
        taiwa_config::FilePlace::Environment(it) | taiwa_config::FilePlace::Marks(it) => Some(it),
        _ => None,
    };
    let wrong: BTreeSet<_> = wrong.into_iter().filter_map(folder).collect();
    let (old, new) = (&before.project, &after.project);
    let environments = old.environments.iter().filter(|it| !wrong.contains(it.0));
    let marks = old.marks.iter().filter(|it| !wrong.contains(it.0));
    workspace
        && audience
        && components
        && environments.into_iter().all(|(name, it)| new.environments.get(name) == Some(it))
        && marks.into_iter().all(|(name, it)| new.marks.get(name) == Some(it))
}
