//! What becomes of the questions to one release, from the moment at which it answers: for everybody who watches, and for
//! the guard of a rollout.
//!
//! Invariants: counting never waits and never fails a request; what is counted begins anew with each generation, because
//! numbers of two steps are not comparable.
//! Deliberately absent: what the numbers mean (`taiwa_plan::guard`).

use std::{
    fmt::Write as _,
    hash::{Hash as _, Hasher as _},
    sync::atomic::{AtomicU64, Ordering},
};

use taiwa_api::Code;
use taiwa_model::Digest;
use taiwa_plan::guard::{SLOW_MS, Trials};

use crate::problem::Failure;

/// Upper bounds of the histogram, in milliseconds.
const BUCKETS_MS: [u64; 10] = [1, 2, 5, 10, 25, SLOW_MS, 100, 250, 1_000, 5_000];
/// Places in which it is remembered that a visitor has asked for something: 128 KiB. Two questions that share a place
/// count as one, which says nothing for or against a release.
const PLACES: usize = 1 << 20;

/// A number that only grows.
#[derive(Debug, Default)]
struct Count(AtomicU64);

impl Count {
    fn one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What becomes of the questions to one release.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) release: Digest,
    /// Of the visitors, in basis points, whom it answers.
    pub(crate) share_bp: u64,
    pub(crate) generation: u64,
    decisions: Count,
    errors: Count,
    fallbacks: Count,
    took_ms: Count,
    slower: [Count; BUCKETS_MS.len()],
    trials: Option<Ledger>,
}

/// The first answers to each visitor, which alone are compared.
#[derive(Debug)]
struct Ledger {
    asked: Count,
    errors: Count,
    decided: Count,
    fallbacks: Count,
    slow: Count,
    places: Vec<AtomicU64>,
}

impl Default for Ledger {
    fn default() -> Self {
        let places = (0..PLACES / 64).map(|_| AtomicU64::new(0)).collect();
        let [asked, errors, decided, fallbacks, slow] = std::array::from_fn(|_| Count::default());
        Self { asked, errors, decided, fallbacks, slow, places }
    }
}

impl Ledger {
    /// Whether it is the first time that this visitor asks for this.
    fn first(&self, visitor: u64, question: (&str, &str)) -> bool {
        let first = self.mark(visitor, question);
        if first {
            self.asked.one();
        }
        first
    }

    /// Counts something bad, once for a visitor: one confused client is not many.
    fn bad(&self, visitor: u64, count: &Count, what: &str) {
        if self.mark(visitor, ("", what)) {
            count.one();
        }
    }

    /// Whether this visitor had no such mark.
    fn mark(&self, visitor: u64, question: (&str, &str)) -> bool {
        let mut hasher = std::hash::DefaultHasher::new();
        (visitor, question).hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % PLACES as u64).unwrap_or(0);
        let bit = 1 << (place % 64);
        let before = self.places.get(place / 64).map(|it| it.fetch_or(bit, Ordering::Relaxed));
        before.is_some_and(|it| it & bit == 0)
    }
}

/// Numbers for everybody who watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) decisions: u64,
    pub(crate) errors: u64,
    pub(crate) fallbacks: u64,
    pub(crate) slow: u64,
}

impl Tally {
    /// Nothing has been asked yet. It is compared with another while a share is less than everybody.
    pub(crate) fn new(release: Digest, share_bp: u64, generation: u64) -> Self {
        let compared = share_bp < taiwa_decide::EVERYBODY_BP;
        Self {
            release,
            share_bp,
            generation,
            decisions: Count::default(),
            errors: Count::default(),
            fallbacks: Count::default(),
            took_ms: Count::default(),
            slower: std::array::from_fn(|_| Count::default()),
            trials: compared.then(Ledger::default),
        }
    }

    /// One decision was answered.
    fn decided(&self, visitor: u64, point: (&str, &str), fallback: bool, took_ms: u64) {
        self.decisions.one();
        if fallback {
            self.fallbacks.one();
        }
        self.took_ms.0.fetch_add(took_ms, Ordering::Relaxed);
        for (count, _) in self.slower.iter().zip(BUCKETS_MS).filter(|it| took_ms > it.1) {
            count.one();
        }
        if let Some(trials) = self.trials.as_ref().filter(|it| it.first(visitor, point)) {
            trials.decided.one();
            if fallback {
                trials.bad(visitor, &trials.fallbacks, "fallback");
            }
            if took_ms > SLOW_MS {
                trials.bad(visitor, &trials.slow, "slow");
            }
        }
    }

    /// Something else was answered: a session began, an event was taken.
    fn answered(&self, visitor: u64, question: (&str, &str)) {
        if let Some(trials) = &self.trials {
            trials.first(visitor, question);
        }
    }

    /// A question could not be answered.
    fn failed(&self, visitor: u64, question: (&str, &str)) {
        self.errors.one();
        if let Some(trials) = self.trials.as_ref().filter(|it| it.first(visitor, question)) {
            trials.bad(visitor, &trials.errors, "error");
        }
    }

    /// What is shown.
    pub(crate) fn numbers(&self) -> Numbers {
        let bound = BUCKETS_MS.iter().position(|it| *it == SLOW_MS).unwrap_or(0);
        Numbers {
            decisions: self.decisions.get(),
            errors: self.errors.get(),
            fallbacks: self.fallbacks.get(),
            slow: self.slower[bound].get(),
        }
    }

    /// What is compared; none where nothing is.
    pub(crate) fn trials(&self) -> Option<Trials> {
        let it = self.trials.as_ref()?;
        Some(Trials {
            asked: it.asked.get(),
            errors: it.errors.get(),
            decided: it.decided.get(),
            fallbacks: it.fallbacks.get(),
            slow: it.slow.get(),
        })
    }
}

/// The lines that Prometheus reads.
pub(crate) fn render(tallies: &[&Tally]) -> String {
    let mut out = String::new();
    let labels =
        |it: &Tally| format!("release=\"{}\",generation=\"{}\"", it.release.short(), it.generation);
    let mut plain = |name: &str, kind: &str, of: &dyn Fn(&Tally) -> u64| {
        // Writing to a text cannot fail.
        writeln!(out, "# TYPE {name} {kind}").ok();
        for it in tallies {
            writeln!(out, "{name}{{{}}} {}", labels(it), of(it)).ok();
        }
    };
    plain("taiwa_release_share_basis_points", "gauge", &|it| it.share_bp);
    plain("taiwa_release_decisions_total", "counter", &|it| it.decisions.get());
    plain("taiwa_release_errors_total", "counter", &|it| it.errors.get());
    plain("taiwa_release_fallbacks_total", "counter", &|it| it.fallbacks.get());
    let name = "taiwa_release_decision_milliseconds";
    writeln!(out, "# TYPE {name} histogram").ok();
    for it in tallies {
        let (all, labels) = (it.decisions.get(), labels(it));
        for (count, bound) in it.slower.iter().zip(BUCKETS_MS) {
            let within = all.saturating_sub(count.get());
            writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {within}").ok();
        }
        writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {all}").ok();
        writeln!(out, "{name}_sum{{{labels}}} {}", it.took_ms.get()).ok();
        writeln!(out, "{name}_count{{{labels}}} {all}").ok();
    }
    out
}

/// One request to one release: whatever becomes of it is counted, also if it meets a bug.
pub(crate) struct Asked<'a> {
    tally: Option<&'a Tally>,
    clock: &'a dyn crate::Clock,
    visitor: u64,
    since_ms: i64,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(tally: Option<&'a Tally>, clock: &'a dyn crate::Clock, visitor: u64) -> Self {
        let since_ms = if tally.is_some() { clock.elapsed_ms() } else { 0 };
        Self { tally, clock, visitor, since_ms }
    }

    /// A point was decided, alone or with others at once.
    pub(crate) fn decided(&self, channel: &str, point: &str, fallback: bool) {
        if let Some(tally) = self.tally {
            let took_ms = u64::try_from(self.clock.elapsed_ms() - self.since_ms).unwrap_or(0);
            tally.decided(self.visitor, (channel, point), fallback, took_ms);
        }
    }

    /// What came of a question that is no decision.
    pub(crate) fn ended<T>(&self, kind: &str, what: &str, result: &Result<T, Failure>) {
        match (self.tally, result) {
            (Some(tally), Ok(_)) => tally.answered(self.visitor, (kind, what)),
            (Some(_), Err(failure)) => self.failed(kind, what, failure),
            (None, _) => {}
        }
    }

    /// A question that could not be answered; what no release can be blamed for does not count.
    pub(crate) fn failed(&self, kind: &str, what: &str, failure: &Failure) {
        let blameless = matches!(
            failure.0.code,
            Code::UnknownSession
                | Code::Overloaded
                | Code::RateLimited
                | Code::DiskFull
                | Code::StoreFailed
                | Code::Ending
        );
        if let Some(tally) = self.tally.filter(|_| !blameless) {
            tally.failed(self.visitor, (kind, what));
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if let Some(tally) = self.tally.filter(|_| std::thread::panicking()) {
            tally.failed(self.visitor, ("bug", ""));
        }
    }
}

#[cfg(test)]
mod tests {
    use taiwa_model::Timestamp;

    use super::*;
    use crate::ManualClock;

    fn tally(share_bp: u64) -> Tally {
        Tally::new(Digest::of(b"espresso"), share_bp, 7)
    }

    #[test]
    fn a_visitor_counts_once_for_each_thing_that_is_asked_for() {
        let tally = tally(500);
        let clock = ManualClock::new(Timestamp::default());
        for visitor in [1, 1, 2] {
            let asked = Asked::new(Some(&tally), &clock, visitor);
            asked.ended("start", "", &Ok(()));
            clock.advance_ms(60);
            asked.decided("shop", "hero", visitor == 1);
            asked.decided("shop", "footer", false);
            let unknown = Failure::at("/point", "unknown-point", "there is none");
            asked.failed("shop", "gone", &unknown);
            asked.failed("shop", "busy", &Failure::new(Code::Overloaded, "busy"));
        }
        let all = Numbers { decisions: 6, errors: 3, fallbacks: 2, slow: 6 };
        assert_eq!(tally.numbers(), all);
        let once = Trials { asked: 8, errors: 2, decided: 4, fallbacks: 1, slow: 2 };
        assert_eq!(tally.trials(), Some(once));
        let text = render(&[&tally]);
        for line in [
            "taiwa_release_share_basis_points{release=\"",
            "generation=\"7\"} 500",
            "_bucket{release=\"",
            "le=\"50\"} 0",
            "le=\"100\"} 6",
            "le=\"+Inf\"} 6",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_bug_is_an_error_of_the_release_that_met_it() {
        let tally = tally(500);
        let clock = ManualClock::new(Timestamp::default());
        let met = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _asked = Asked::new(Some(&tally), &clock, 3);
            panic!("a bug");
        }));
        assert!(met.is_err());
        assert_eq!((tally.numbers().errors, tally.trials().unwrap().errors), (1, 1));
    }

    #[test]
    fn whoever_answers_everybody_is_compared_with_nobody() {
        let tally = tally(10_000);
        let clock = ManualClock::new(Timestamp::default());
        Asked::new(Some(&tally), &clock, 3).decided("shop", "hero", true);
        assert_eq!(tally.trials(), None);
        assert_eq!(tally.numbers().fallbacks, 1);
    }
}
