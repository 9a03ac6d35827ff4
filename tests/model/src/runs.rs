//! The searches that are made: the whole set, each rule switched off once, and the small ones of every day.

use std::time::Duration;

use stateright::{Checker, Model as _, UniformChooser};

use crate::{Action, Bounds};

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Distinct states.
    pub states: usize,
    /// All states that were made, also those that were known.
    pub made: usize,
    /// The longest way that was gone.
    pub depth: usize,
    /// Whether the time was over before the end was reached.
    pub cut: bool,
    /// What was violated, with the shortest known way there.
    pub violated: Vec<(&'static str, Vec<Action>)>,
    /// What was reached.
    pub reached: Vec<&'static str>,
}

impl Outcome {
    /// Whether an invariant is violated, by its name's first word.
    pub fn violates(&self, number: &str) -> bool {
        self.violated.iter().any(|it| it.0.split(' ').next() == Some(number))
    }
}

/// Searches everything within the bounds, for so many seconds at most.
pub fn search(bounds: &Bounds, seconds: u64) -> Outcome {
    let limit = Duration::from_secs(seconds);
    let checker = bounds.clone().checker().threads(2).timeout(limit).spawn_bfs().join();
    outcome(&checker)
}

/// Goes random ways beyond what can be searched to the end.
pub fn walk(bounds: &Bounds, seconds: u64) -> Outcome {
    let limit = Duration::from_secs(seconds);
    let builder = bounds.clone().checker().threads(2).timeout(limit);
    outcome(&builder.spawn_simulation(7, UniformChooser).join())
}

fn outcome(checker: &impl Checker<Bounds>) -> Outcome {
    let found = checker.discoveries();
    let mut names: Vec<&'static str> = found.keys().copied().collect();
    names.sort_unstable();
    let is_bad = |it: &&'static str| it.starts_with('I');
    let path = |it: &'static str| (it, found[it].clone().into_actions());
    Outcome {
        states: checker.unique_state_count(),
        made: checker.state_count(),
        depth: checker.max_depth(),
        cut: !checker.is_done(),
        violated: names.iter().copied().filter(is_bad).map(path).collect(),
        reached: names.iter().copied().filter(|it| !is_bad(it)).collect(),
    }
}

/// The bounds that the protocol page reports: words, and seconds; 0 for random walks of a minute.
pub const WHOLE: [(&str, u64); 25] = [
    ("servers=3 honest=2", 600),
    ("servers=4 honest=1", 600),
    ("servers=3 honest=2 epochs=2 with=rotation,retired", 600),
    ("servers=3 honest=2 epochs=2 absent=2 with=rotation", 600),
    ("servers=3 honest=1 with=emergency,rotation,retired,expiry", 600),
    ("servers=3 honest=1 absent=2 with=emergency,rotation", 600),
    ("servers=4 honest=1 epochs=2 with=rotation,retired", 600),
    ("servers=2 honest=3 with=rotation", 600),
    ("servers=3 honest=2 epochs=2 with=late", 600),
    ("servers=3 honest=2 epochs=2 with=rotation,expiry", 600),
    ("servers=3 honest=2 epochs=3 with=steps", 600),
    ("servers=3 honest=2 epochs=3 with=stay", 600),
    ("servers=4 honest=1 epochs=2 with=stay", 600),
    ("servers=3 honest=1 epochs=2 with=stay,rotation", 600),
    ("servers=3 honest=1 epochs=2 with=stay,rotation,retired", 600),
    ("servers=3 honest=1 epochs=2 with=stay,emergency", 600),
    ("servers=3 honest=2 epochs=2 absent=2 with=stay", 600),
    ("servers=3 honest=1 epochs=2 with=stay,late", 600),
    ("servers=3 honest=2 epochs=2 with=disk", 600),
    ("servers=3 honest=1 epochs=2 with=disk,rotation,retired", 600),
    ("servers=3 honest=2 epochs=2 with=disk,stay", 600),
    ("servers=3 honest=1 epochs=2 with=disk,stay,rotation", 600),
    ("servers=3 honest=1 epochs=2 with=disk,emergency,rotation", 600),
    ("servers=4 honest=3 absent=2 with=rotation,emergency,late,expiry", 0),
    ("servers=4 honest=3 absent=2 with=rotation,emergency,late,expiry,stay", 0),
];

/// Each rule, the bounds within which its absence shows, and the invariant that breaks.
pub const MUTANTS: [(&str, &str, &str); 28] = [
    ("approvals", "servers=2 honest=1", "I1"),
    ("people", "servers=2 honest=1", "I1"),
    ("expiry", "servers=2 honest=1 with=expiry", "I3"),
    ("generation", "servers=2 honest=2", "I2"),
    ("epoch", "servers=2 honest=1", "I4"),
    ("barrier", "servers=2 honest=1", "I4"),
    ("receipts", "servers=2 honest=1", "I4"),
    ("word", "servers=2 honest=1", "I4"),
    ("slot", "servers=2 honest=1", "I4"),
    ("drain", "servers=2 honest=1", "I4"),
    ("skew", "servers=2 honest=1 with=emergency", "I4"),
    ("late-emergency", "servers=2 honest=1 with=emergency", "I4"),
    ("any-version", "servers=2 honest=1 with=emergency,rotation", "I7"),
    ("decides", "servers=3 honest=1 epochs=2 absent=2 with=rotation", "I4"),
    ("rotation", "servers=3 honest=1 epochs=2 absent=2 with=rotation", "I4"),
    ("handover", "servers=3 honest=1 epochs=2 absent=2 with=rotation,emergency", "I2"),
    ("old-word", "servers=3 honest=1 epochs=2 with=rotation,retired", "I4"),
    ("retired", "servers=4 honest=1 epochs=1 with=rotation,retired", "I4"),
    ("stay-all", "servers=4 honest=1 epochs=1 with=stay", "I4"),
    ("stay-lease", "servers=3 honest=1 epochs=1 with=stay", "I4"),
    ("stay-lease-kept", "servers=3 honest=1 epochs=1 with=stay", "I4"),
    ("anchor-alone", "servers=3 honest=1 epochs=1 with=stay", "I4"),
    ("anchor-alone-kept", "servers=3 honest=1 epochs=1 with=stay", "I4"),
    ("anchor-waits", "servers=3 honest=1 epochs=1 with=stay", "I4"),
    ("disk-anchor", "servers=2 honest=1 epochs=2 with=disk", "I3"),
    ("disk-member", "servers=2 honest=1 epochs=2 with=disk", "I4"),
    ("disk-waits", "servers=3 honest=1 epochs=2 with=disk,stay", "I4"),
    ("old-learned", "servers=3 honest=1 epochs=2 with=rotation,retired", "I4"),
];
