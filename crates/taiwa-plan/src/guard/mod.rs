//! The guard of a rollout: is the new release worse than the one before, as far as its first visitors tell?
//!
//! Both releases answer at the same time, and a hash decides who gets which, so the two groups differ in nothing but
//! the release. Three measures are compared: how many questions end in an error, how many decisions fall back, how many
//! are slow. **Invariants.** Whoever looks may look as often as they like and stop whenever they like: the chance that
//! a release which is not worse is *ever* called worse during a step is at most [`ALPHA`], over all three measures.
//! Numbers of two steps are never added up: the share and the time of day differ, and with them who visits.
//! Deliberately absent: who counts (the servers), when to look, and what is done about it (the commands).

mod test;

pub use test::log_evidence;
use test::{Null, Seen};

/// The chance of a false alarm in one step, over all measures and all looks.
pub const ALPHA: f64 = 0.01;
/// Fewer first questions than this on either side say nothing: there is no traffic.
pub const LEAST: u64 = 30;
/// A decision that took longer than this counts as slow, in milliseconds.
pub const SLOW_MS: u64 = 50;

/// What the visitors of one release met in a step. Each visitor counts once for each thing that they ask for, with its
/// first answer, because the second answer is not independent of the first; and at most once as bad in each measure, so
/// that one confused client is not many. That makes the numbers spread less than the test assumes, never more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trials {
    /// Questions asked for the first time by a visitor.
    pub asked: u64,
    /// Of those: answered with a problem.
    pub errors: u64,
    /// Of those that were asked: decisions.
    pub decided: u64,
    /// Of the decisions: nothing but the fallback was left.
    pub fallbacks: u64,
    /// Of the decisions: slower than [`SLOW_MS`].
    pub slow: u64,
}

impl Trials {
    /// Both together: what two servers saw of one release in one step.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked.saturating_add(other.asked),
            errors: self.errors.saturating_add(other.errors),
            decided: self.decided.saturating_add(other.decided),
            fallbacks: self.fallbacks.saturating_add(other.fallbacks),
            slow: self.slow.saturating_add(other.slow),
        }
    }
}

/// What the comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The new release is worse in one measure at least: stop, and go back.
    Worse,
    /// It is shown that it is not worse by more than is tolerated, in any measure.
    NoWorse,
    /// Neither is shown yet.
    Inconclusive,
    /// One side has hardly any visitors.
    NoData,
}

impl Comparison {
    /// The word as it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::NoWorse => "no worse",
            Self::Inconclusive => "inconclusive",
            Self::NoData => "no data",
        }
    }

    /// Whether the next step may be made, as far as the guard is asked.
    pub const fn opens(self) -> bool {
        matches!(self, Self::NoWorse | Self::Inconclusive)
    }
}

/// What the comparison comes to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it comes to.
    pub outcome: Comparison,
    /// The numbers, for people: one lower-case clause.
    pub why: String,
}

/// One measure, with what is tolerated.
struct Measure {
    name: &'static str,
    of: fn(&Trials) -> Seen,
    /// Worse is more than this above the release before, as a share.
    margin: f64,
    /// No worse is shown to be less than this above it.
    tolerance: f64,
}

const MEASURES: [Measure; 3] = [
    Measure {
        name: "errors",
        of: |it| Seen { trials: it.asked, bad: it.errors },
        margin: 0.0,
        tolerance: 0.01,
    },
    Measure {
        name: "fallbacks",
        of: |it| Seen { trials: it.decided, bad: it.fallbacks },
        margin: 0.01,
        tolerance: 0.05,
    },
    Measure {
        name: "slow decisions",
        of: |it| Seen { trials: it.decided, bad: it.slow },
        margin: 0.01,
        tolerance: 0.05,
    },
];

/// Compares the new release with the one before, by what their visitors met in the same step.
pub fn compare(new: &Trials, before: &Trials) -> Judgement {
    let strict = (3.0 / ALPHA).ln();
    let against = |it: &Measure, null| log_evidence(&(it.of)(new), &(it.of)(before), null);
    let said = |it: &Measure| {
        let (new, old) = ((it.of)(new), (it.of)(before));
        format!("{} {} against {}", it.name, new.words(), old.words())
    };
    let worse = MEASURES.iter().filter(|it| against(it, Null::NotAbove(it.margin)) >= strict);
    let worse: Vec<String> = worse.map(said).collect();
    if !worse.is_empty() {
        return Judgement { outcome: Comparison::Worse, why: worse.join(", ") };
    }
    let few = [("new release", new), ("release before", before)];
    if let Some((name, it)) = few.into_iter().find(|it| it.1.asked < LEAST) {
        let why = format!("{} visitors' questions to the {name}, {LEAST} are needed", it.asked);
        return Judgement { outcome: Comparison::NoData, why };
    }
    // All three have to be shown, so each may be tested at the whole level.
    let level = (1.0 / ALPHA).ln();
    let safe = |it: &Measure| against(it, Null::NotBelow(it.tolerance)) >= level;
    let outcome =
        if MEASURES.iter().all(safe) { Comparison::NoWorse } else { Comparison::Inconclusive };
    Judgement { outcome, why: MEASURES.iter().map(said).collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests;
