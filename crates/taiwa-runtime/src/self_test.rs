//! Before a release is stored it decides: what would panic or never end is refused while nobody asks it.
//!
//! **Invariants.** Bounded in time, but for a single decision that never ends: then the release is not stored either, and its
//! upload ends with its own time limit. Nothing is recorded. A slow machine refuses nothing: only what is slow three times
//! over is. Deliberately absent: whether what it decides is right, which scenarios show.

use std::panic::{AssertUnwindSafe, catch_unwind};

use taiwa_api::{Code, Offence, Problem};
use taiwa_decide::{Compiled, Explain, Probe, probes};

use crate::{Clock, problem::Failure};

/// Made-up people who ask at every point, besides nobody in particular.
const PEOPLE: usize = 2;
/// How long one decision may take, in milliseconds.
const DECISION_MAX_MS: i64 = 1_000;
/// How often a decision is made again that took longer.
const TRIES: usize = 3;
/// How long all of it may take, in milliseconds.
const ALL_MAX_MS: i64 = 60_000;

/// Has a release decide at every interaction point.
///
/// # Errors
/// Where it panics, takes too long, or cannot be asked.
pub(crate) fn run(compiled: &Compiled, clock: &dyn Clock) -> Result<(), Failure> {
    let now = clock.wall();
    let ask = |it: &Probe| {
        let made = it.ask(compiled, now, Explain::EveryCandidate);
        made.map(drop).map_err(|it| it.to_string())
    };
    tried(clock, probes(compiled, PEOPLE), ask)
}

fn tried(
    clock: &dyn Clock,
    questions: impl Iterator<Item = Probe>,
    ask: impl Fn(&Probe) -> Result<(), String>,
) -> Result<(), Failure> {
    let began_ms = clock.elapsed_ms();
    for question in questions {
        let place = format!("{}/{}", question.channel, question.point);
        once(clock, &question, &ask).map_err(|why| refused(&format!("{place} {why}")))?;
        if clock.elapsed_ms() - began_ms > ALL_MAX_MS {
            let why = format!("all its points together take longer than {} s", ALL_MAX_MS / 1000);
            return Err(refused(&why));
        }
    }
    Ok(())
}

fn once(
    clock: &dyn Clock,
    question: &Probe,
    ask: &impl Fn(&Probe) -> Result<(), String>,
) -> Result<(), String> {
    for _ in 0..TRIES {
        let began_ms = clock.elapsed_ms();
        // What is asked is never changed, so a panic leaves nothing half done.
        match catch_unwind(AssertUnwindSafe(|| ask(question))) {
            Err(_) => return Err("panics".to_owned()),
            Ok(Err(why)) => return Err(format!("cannot be asked: {why}")),
            Ok(Ok(())) if clock.elapsed_ms() - began_ms <= DECISION_MAX_MS => return Ok(()),
            Ok(Ok(())) => {}
        }
    }
    Err(format!("takes longer than {DECISION_MAX_MS} ms to decide, {TRIES} times"))
}

fn refused(why: &str) -> Failure {
    let detail = format!("the release failed its self-test: {why}; it was not stored");
    let problem = Problem::new(Code::InvalidRelease, detail);
    Failure(Box::new(problem.with_errors(vec![Offence::new("", "self-test", why)])))
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::BTreeMap};

    use taiwa_model::Timestamp;

    use super::*;
    use crate::ManualClock;

    fn question() -> Probe {
        Probe {
            channel: "web".into(),
            point: "banner".into(),
            audience: BTreeMap::new(),
            locale: None,
            attributes: BTreeMap::new(),
        }
    }

    #[track_caller]
    fn check(asked: usize, ask: impl Fn(&ManualClock) -> Result<(), String>, why: Option<&str>) {
        let clock = ManualClock::new(Timestamp::default());
        let questions = (0..asked).map(|_| question());
        let got = tried(&clock, questions, |_| ask(&clock));
        let got = got.err().map(|it| it.0);
        assert_eq!(got.as_ref().map(|it| it.errors[0].detail.as_str()), why);
        assert!(got.is_none_or(|it| it.code == Code::InvalidRelease && it.errors[0].code == "self-test"));
    }

    #[test]
    fn attack_25_what_panics_or_is_slow_is_not_stored() {
        check(3, |_| Ok(()), None);
        check(3, |_| panic!("a bug"), Some("web/banner panics"));
        check(1, |_| Err("no".to_owned()), Some("web/banner cannot be asked: no"));
        let takes = |ms| {
            move |clock: &ManualClock| {
                clock.advance_ms(ms);
                Ok(())
            }
        };
        check(3, takes(1_000), None);
        check(1, takes(1_001), Some("web/banner takes longer than 1000 ms to decide, 3 times"));
        check(61, takes(1_000), Some("all its points together take longer than 60 s"));
        // A machine that was busy once.
        let busy = Cell::new(2);
        let hiccup = |clock: &ManualClock| {
            clock.advance_ms(if busy.replace((busy.get() - 1).max(0)) > 0 { 5_000 } else { 1 });
            Ok(())
        };
        check(5, hiccup, None);
    }
}
