//! The calendar: the dates of offers cut time into stretches within which nothing begins and nothing ends.
//!
//! **Invariants.** A stretch is half-open, `[from, until)`; the last one has no end. The stretches of a calendar are in
//! order, touch each other, and begin at the instant that is asked for: the past does not matter any more.

use jiff::tz::TimeZone;
use taiwa_model::{Moment, Period as Valid, Timestamp};
use taiwa_text::{Text, say};

/// From an instant on, up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period {
    /// The first instant that belongs to it.
    pub from: Timestamp,
    /// The first one that does not.
    pub until: Timestamp,
}

impl Period {
    /// When an offer may be proposed.
    pub(crate) fn of(valid: &Valid, zone: &TimeZone) -> Self {
        Self {
            from: valid.from.map_or(Timestamp::from_millis(i64::MIN), |it| it.begins(zone)),
            until: valid.until.map_or(Timestamp::MAX, |it| it.ends(zone)),
        }
    }

    /// Whether an instant lies in it.
    pub(crate) fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether the other one lies within this one.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// Whether it ends at some time.
    pub(crate) fn ends(self) -> bool {
        self.until < Timestamp::MAX
    }

    /// In words: `from 2026-12-01 to 2026-12-08`, whole days as days, the last one included.
    pub(crate) fn said(self, now: Timestamp, zone: &TimeZone) -> Text {
        let from = day(self.from, zone, false);
        let until = day(self.until, zone, true);
        match (self.from <= now, self.ends()) {
            (true, true) => say!(en: "until {until}", ja: "{until} まで"),
            (true, false) => say!(en: "from now on", ja: "今後ずっと"),
            (false, true) => say!(en: "from {from} to {until}", ja: "{from} から {until} まで"),
            (false, false) => say!(en: "from {from} on", ja: "{from} 以降"),
        }
    }
}

/// A day where the instant is its beginning, else the local time. What ends with a day ends on the day before.
fn day(at: Timestamp, zone: &TimeZone, end: bool) -> String {
    let local = at.to_jiff().to_zoned(zone.clone());
    let begins = Moment::Day(local.date()).begins(zone) == at;
    match (begins, end) {
        (true, false) => local.date().to_string(),
        (true, true) => {
            local.date().yesterday().map_or_else(|_| String::new(), |it| it.to_string())
        }
        (false, _) => local.datetime().to_string(),
    }
}

/// The stretches from an instant on.
pub(crate) fn stretches(periods: impl Iterator<Item = Period>, now: Timestamp) -> Vec<Period> {
    let mut cuts: Vec<Timestamp> = periods.flat_map(|it| [it.from, it.until]).collect();
    cuts.retain(|it| *it > now && *it < Timestamp::MAX);
    cuts.sort_unstable();
    cuts.dedup();
    let begins = std::iter::once(now).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([Timestamp::MAX]);
    begins.zip(ends).map(|(from, until)| Period { from, until }).collect()
}

/// How far ahead it is said that a zone runs dry for good, in milliseconds: 30 days.
pub(crate) const SOON: i64 = 30 * 86_400_000;

/// A time in which nothing may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// When.
    pub period: Period,
    /// Whether something may be shown before it.
    follows: bool,
}

impl Gap {
    /// Whether something may be shown before it and behind it.
    pub(crate) fn is_inner(self) -> bool {
        self.follows && self.period.ends()
    }

    /// Whether it lies between two offers, or is an end that comes soon.
    pub(crate) fn is_worth_saying(self, now: Timestamp) -> bool {
        self.follows && (self.period.ends() || self.period.from < now.plus_millis(SOON))
    }
}

/// What these periods leave open from an instant on.
pub(crate) fn gaps(periods: impl Iterator<Item = Period>, now: Timestamp) -> Vec<Gap> {
    let mut all: Vec<Period> = periods.filter(|it| it.from < it.until && it.until > now).collect();
    all.sort_unstable();
    let mut found = Vec::new();
    let mut at = now;
    for it in &all {
        if it.from > at {
            let period = Period { from: at, until: it.from };
            found.push(Gap { period, follows: at > now });
        }
        at = at.max(it.until);
    }
    if at < Timestamp::MAX {
        let period = Period { from: at, until: Timestamp::MAX };
        found.push(Gap { period, follows: at > now });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * 86_400_000)
    }

    fn period(from: i64, until: i64) -> Period {
        let until = if until == 0 { Timestamp::MAX } else { at(until) };
        Period { from: at(from), until }
    }

    #[test]
    fn dates_cut_time_from_now_on() {
        let all = [period(1, 5), period(3, 9), period(5, 0)];
        let found = stretches(all.into_iter(), at(2));
        assert_eq!(found, [period(2, 3), period(3, 5), period(5, 9), period(9, 0)]);
        assert_eq!(stretches(std::iter::empty(), at(2)), [period(2, 0)]);
    }

    #[track_caller]
    fn check(periods: &[(i64, i64)], expect: &[(i64, i64, bool)]) {
        let all = periods.iter().map(|it| period(it.0, it.1));
        let found: Vec<_> =
            gaps(all, at(10)).into_iter().map(|it| (it.period, it.is_inner())).collect();
        let expect: Vec<_> = expect.iter().map(|it| (period(it.0, it.1), it.2)).collect();
        assert_eq!(found, expect, "{periods:?}");
    }

    #[test]
    fn gaps_lie_before_between_and_behind() {
        check(&[(1, 0)], &[]);
        check(&[(1, 20), (20, 0)], &[]);
        check(&[(1, 20), (22, 30), (5, 21)], &[(21, 22, true), (30, 0, false)]);
        check(&[(12, 0)], &[(10, 12, false)]);
        // What is over, and what ends before it begins, is not there.
        check(&[(1, 5), (30, 20)], &[(10, 0, false)]);
        check(&[], &[(10, 0, false)]);
    }

    #[test]
    fn periods_are_said_in_days_where_they_are_days() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let day = |text: &str| Moment::parse(text).unwrap();
        let said = |from: &str, until: &str| {
            let until = if until.is_empty() { Timestamp::MAX } else { day(until).ends(&zone) };
            let it = Period { from: day(from).begins(&zone), until };
            it.said(day("2026-11-21T10:00").begins(&zone), &zone)
        };
        assert_eq!(said("2026-12-01", "2026-12-07"), "from 2026-12-01 to 2026-12-07");
        let exact = said("2026-12-01T09:00", "2026-12-07T18:00");
        assert_eq!(exact, "from 2026-12-01T09:00:00 to 2026-12-07T18:00:00");
        assert_eq!(said("2026-11-21", "2026-12-07"), "until 2026-12-07");
        assert_eq!(said("2026-12-01", ""), "from 2026-12-01 on");
        assert_eq!(said("2026-11-21", ""), "from now on");
    }
}
