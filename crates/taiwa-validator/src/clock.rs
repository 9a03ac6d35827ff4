//! The time of a check, and how long its answer holds.
//!
//! Rules ask whether an instant has passed; which instants were asked for is remembered, so that it is known between
//! which two the same project gets the same report. **Invariant.** Rules know the time only from here: a report that is
//! remembered would be wrong later otherwise. Deliberately absent: how long ago something was, which no rule may say.

use std::sync::atomic::{AtomicI64, Ordering};

use taiwa_model::Timestamp;

use crate::Options;

/// The time of a check.
#[derive(Debug)]
pub struct Clock {
    at: Timestamp,
    /// The latest instant asked for that has passed.
    since: AtomicI64,
    /// The earliest instant asked for that lies ahead.
    until: AtomicI64,
}

/// The times for which a report is the same: from the first, until before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// From this on.
    pub since: Timestamp,
    /// Until before this.
    pub until: Timestamp,
}

impl Default for Holds {
    /// Always.
    fn default() -> Self {
        Self { since: Timestamp::from_millis(i64::MIN), until: Timestamp::from_millis(i64::MAX) }
    }
}

impl Holds {
    /// Whether the report is the same at this time.
    pub fn at(&self, time: Timestamp) -> bool {
        self.since <= time && (time < self.until || self.until == Timestamp::MAX)
    }
}

impl Clock {
    /// The clock of a check.
    pub const fn of(options: &Options) -> Self {
        let Options { at, stage: _ } = *options;
        Self::new(at)
    }

    const fn new(at: Timestamp) -> Self {
        Self { at, since: AtomicI64::new(i64::MIN), until: AtomicI64::new(i64::MAX) }
    }

    /// Whether it is this time, or later.
    pub fn has_passed(&self, instant: Timestamp) -> bool {
        let passed = instant <= self.at;
        if passed {
            self.since.fetch_max(instant.as_millis(), Ordering::Relaxed);
        } else {
            self.until.fetch_min(instant.as_millis(), Ordering::Relaxed);
        }
        passed
    }

    /// What is said would be said otherwise at any other time.
    pub fn only_now(&self) {
        self.has_passed(self.at);
        self.has_passed(self.at.plus_millis(1));
    }

    /// The time, to be compared with the dates of offers, and with the instants 30 days before them: those are asked for
    /// by whoever makes the context. A witness may live at it; a report with one holds at this time only.
    pub const fn now(&self) -> Timestamp {
        self.at
    }

    /// When all that was asked has the same answers.
    pub fn holds(&self) -> Holds {
        let at = |it: &AtomicI64| Timestamp::from_millis(it.load(Ordering::Relaxed));
        Holds { since: at(&self.since), until: at(&self.until) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_between_what_it_stood() {
        let clock = Clock::new(Timestamp::from_millis(50));
        assert!(clock.holds().at(Timestamp::from_millis(-1_000_000)));
        let asked = [10, 50, 51, 90];
        let answers = asked.map(|it| clock.has_passed(Timestamp::from_millis(it)));
        assert_eq!(answers, [true, true, false, false]);
        assert_eq!(clock.holds().since.as_millis(), 50);
        assert_eq!(clock.holds().until.as_millis(), 51);
        for time in [50, 49, 51] {
            let other = Clock::new(Timestamp::from_millis(time));
            let same = asked.map(|it| other.has_passed(Timestamp::from_millis(it))) == answers;
            assert_eq!(clock.holds().at(Timestamp::from_millis(time)), same, "{time}");
        }
    }

    /// A rule that reads the time another way would be remembered wrongly.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test reads the sources")]
    fn nobody_else_reads_the_time() {
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut read = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let looked = text.contains(&format!("options{}at", '.'));
                    // what compares two states is never remembered
                    let compares = text.contains("Check::Against")
                        || path.components().any(|it| it.as_os_str() == "against");
                    assert!(!looked || compares, "{} asks for the time", path.display());
                    read += 1;
                }
            }
        }
        assert!(read > 100, "the sources were not found");
    }
}
