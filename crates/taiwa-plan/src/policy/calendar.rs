//! When a policy lets things move: freezes and windows, in IANA zones, half-open.
//!
//! **Invariants.** Whatever a change of the clocks makes doubtful denies: a freeze begins at the earlier and ends at the
//! later of two readings of a local time, and an instant whose local time occurs twice lies in no window. A zone that
//! cannot be found freezes for ever. Deliberately absent: the clock (`now` is an argument), and holds.

use jiff::{
    civil::{Date, DateTime, Time, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};
use taiwa_model::{Moment, Timestamp};

/// Days that are searched for the next window: a week and the day that may run over midnight.
const SEARCHED_DAYS: i64 = 9;

/// A time in which no change is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Its beginning; a day counts from its first moment.
    pub from: Moment,
    /// Its end; a day counts to its end, a time is exclusive.
    pub until: Moment,
    /// The IANA zone in which days and local times are meant.
    pub zone: String,
    /// For people.
    pub reason: String,
}

/// A time of the week in which changes may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The days on which it begins, `mon` to `sun`; empty: every day.
    pub days: Vec<String>,
    /// Its beginning, `HH:MM`.
    pub from: String,
    /// Its end, `HH:MM`, exclusive; not after `from`: on the next day.
    pub until: String,
    /// The IANA zone.
    pub zone: String,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Freeze {
    /// Its first instant and the first one after it; none where zone or order is wrong.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let (from, until) = (bounds(self.from, false, &zone)?, bounds(self.until, true, &zone)?);
        (from.0 < until.1).then_some((from.0, until.1))
    }

    /// Whether it is on; without a valid span it always is.
    fn is_on(&self, now: Timestamp) -> bool {
        self.span().is_none_or(|(from, until)| from <= now && now < until)
    }
}

impl Window {
    /// Whether it can be understood: zone, days, times, and that it is not empty.
    pub fn is_valid(&self) -> bool {
        let days = self.days.iter().all(|it| DAYS.iter().any(|day| day.0 == it));
        let zone = TimeZone::get(&self.zone).is_ok();
        match (clock(&self.from), clock(&self.until)) {
            (Some(from), Some(until)) => days && zone && from != until,
            _ => false,
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let Ok(zone) = TimeZone::get(&self.zone) else { return false };
        let local = zone.to_datetime(now.to_jiff());
        if !matches!(
            zone.to_ambiguous_timestamp(local).offset(),
            AmbiguousOffset::Unambiguous { .. }
        ) {
            return false;
        }
        let mut spans = (-1..=0).filter_map(|day| self.span_of(local.date(), day, &zone));
        spans.any(|(from, until)| from <= now && now < until)
    }

    /// The next beginning after `now`.
    fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let today = zone.to_datetime(now.to_jiff()).date();
        let spans = (-1..SEARCHED_DAYS).filter_map(|day| self.span_of(today, day, &zone));
        spans.map(|it| it.0).filter(|from| *from > now && self.is_open(*from)).min()
    }

    /// The narrowest reading of the window that begins `after` days after a date.
    fn span_of(&self, date: Date, after: i64, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let date = date.checked_add(jiff::Span::new().days(after)).ok()?;
        let on = |it: &String| DAYS.iter().any(|day| day.0 == it && day.1 == date.weekday());
        if !self.days.is_empty() && !self.days.iter().any(on) {
            return None;
        }
        let (from, until) = (clock(&self.from)?, clock(&self.until)?);
        let last = if until <= from { date.tomorrow().ok()? } else { date };
        let from = readings(DateTime::from_parts(date, from), zone)?;
        let until = readings(DateTime::from_parts(last, until), zone)?;
        Some((from.1, until.0))
    }
}

/// The freeze that is on, and when it ends (none: it cannot be understood, so it does not).
pub fn frozen(freezes: &[Freeze], now: Timestamp) -> Option<(&Freeze, Option<Timestamp>)> {
    let on = freezes.iter().filter(|it| it.is_on(now));
    let on = on.map(|it| (it, it.span().map(|span| span.1)));
    on.max_by_key(|it| it.1.map_or(i64::MAX, |until| until.millis_since(now)))
}

/// Whether one of the windows is open; no windows: always. If none is, when the next one opens.
///
/// # Errors
/// The next opening, if there is one.
pub fn opened(windows: &[Window], now: Timestamp) -> Result<(), Option<Timestamp>> {
    if windows.is_empty() || windows.iter().any(|it| it.is_open(now)) {
        return Ok(());
    }
    Err(windows.iter().filter_map(|it| it.opens(now)).min())
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':').filter(|_| text.len() == 5)?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// The earliest and the latest instant that a moment can mean.
fn bounds(moment: Moment, end: bool, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    match moment {
        Moment::Exact(at) => Some((at, at)),
        Moment::Local(time) => readings(time, zone),
        Moment::Day(date) => {
            let date = if end { date.tomorrow().ok()? } else { date };
            readings(date.at(0, 0, 0, 0), zone)
        }
    }
}

fn readings(time: DateTime, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let read = zone.to_ambiguous_timestamp(time);
    let (one, other) = (read.earlier().ok()?, read.later().ok()?);
    let stamp = |it: jiff::Timestamp| Timestamp::from_millis(it.as_millisecond());
    Some((stamp(one.min(other)), stamp(one.max(other))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn freeze(from: &str, until: &str, zone: &str) -> Freeze {
        Freeze {
            from: Moment::parse(from).unwrap(),
            until: Moment::parse(until).unwrap(),
            zone: zone.to_owned(),
            reason: "New year".to_owned(),
        }
    }

    fn window(days: &[&str], from: &str, until: &str, zone: &str) -> Window {
        Window {
            days: days.iter().map(|it| (*it).to_owned()).collect(),
            from: from.to_owned(),
            until: until.to_owned(),
            zone: zone.to_owned(),
        }
    }

    #[track_caller]
    fn check_freeze(freeze: &Freeze, now: &str, until: Option<&str>) {
        let on = frozen(std::slice::from_ref(freeze), at(now));
        assert_eq!(on.map(|it| it.1), until.map(|it| Some(at(it))));
    }

    #[test]
    fn attack_16_a_freeze_counts_its_last_day_and_ends_half_open() {
        let it = freeze("2026-12-30", "2027-01-03", "Asia/Tokyo");
        check_freeze(&it, "2026-12-29T14:59:59Z", None);
        check_freeze(&it, "2026-12-29T15:00:00Z", Some("2027-01-03T15:00:00Z"));
        check_freeze(&it, "2027-01-03T14:59:59Z", Some("2027-01-03T15:00:00Z"));
        check_freeze(&it, "2027-01-03T15:00:00Z", None);
    }

    #[test]
    fn attack_16_a_doubled_hour_is_frozen_in_both_readings_and_a_skipped_one_too() {
        // Berlin, 25 October 2026: 02:00 to 03:00 happens twice, at 00:00Z and again at 01:00Z.
        let it = freeze("2026-10-25T02:00", "2026-10-25T02:30", "Europe/Berlin");
        check_freeze(&it, "2026-10-25T00:00:00Z", Some("2026-10-25T01:30:00Z"));
        check_freeze(&it, "2026-10-25T01:29:59Z", Some("2026-10-25T01:30:00Z"));
        check_freeze(&it, "2026-10-25T01:30:00Z", None);
        // Berlin, 29 March 2026: 02:00 to 03:00 does not happen.
        let it = freeze("2026-03-29T02:15", "2026-03-29T02:45", "Europe/Berlin");
        check_freeze(&it, "2026-03-29T00:14:59Z", None);
        check_freeze(&it, "2026-03-29T00:15:00Z", Some("2026-03-29T01:45:00Z"));
        check_freeze(&it, "2026-03-29T01:44:59Z", Some("2026-03-29T01:45:00Z"));
    }

    #[test]
    fn a_zone_that_nobody_knows_freezes_for_ever_and_opens_never() {
        let it = freeze("2026-12-30", "2027-01-03", "Mars/Olympus");
        assert_eq!(frozen(&[it], at("2026-01-01T00:00:00Z")).map(|it| it.1), Some(None));
        let it = window(&[], "09:00", "17:00", "Mars/Olympus");
        assert!(!it.is_valid());
        assert_eq!(opened(&[it], at("2026-01-01T12:00:00Z")), Err(None));
    }

    #[track_caller]
    fn check_window(window: &Window, now: &str, next: Option<&str>) {
        let got = opened(std::slice::from_ref(window), at(now));
        assert_eq!(got, next.map_or(Ok(()), |it| Err(Some(at(it)))));
    }

    #[test]
    fn a_window_is_half_open_and_may_run_over_midnight() {
        let it = window(&["mon", "tue"], "09:00", "17:00", "Asia/Tokyo");
        check_window(&it, "2026-11-23T00:00:00Z", None);
        check_window(&it, "2026-11-22T23:59:59Z", Some("2026-11-23T00:00:00Z"));
        check_window(&it, "2026-11-23T07:59:59Z", None);
        check_window(&it, "2026-11-23T08:00:00Z", Some("2026-11-24T00:00:00Z"));
        check_window(&it, "2026-11-24T08:00:00Z", Some("2026-11-30T00:00:00Z"));
        let it = window(&["fri"], "22:00", "02:00", "UTC");
        check_window(&it, "2026-11-27T23:00:00Z", None);
        check_window(&it, "2026-11-28T01:59:59Z", None);
        check_window(&it, "2026-11-28T02:00:00Z", Some("2026-12-04T22:00:00Z"));
        assert_eq!(opened(&[], at("2026-11-28T02:00:00Z")), Ok(()));
    }

    #[test]
    fn attack_16_the_doubled_hour_lies_in_no_window() {
        let it = window(&[], "01:00", "05:00", "Europe/Berlin");
        check_window(&it, "2026-10-24T23:59:59Z", None);
        check_window(&it, "2026-10-25T00:00:00Z", Some("2026-10-26T00:00:00Z"));
        check_window(&it, "2026-10-25T01:59:59Z", Some("2026-10-26T00:00:00Z"));
        check_window(&it, "2026-10-25T02:00:00Z", None);
        // What begins in the skipped hour begins after it; what ends there ends before it.
        let it = window(&[], "02:30", "04:00", "Europe/Berlin");
        check_window(&it, "2026-03-29T01:15:00Z", Some("2026-03-29T01:30:00Z"));
        let it = window(&[], "00:30", "02:30", "Europe/Berlin");
        check_window(&it, "2026-03-29T00:29:59Z", None);
        check_window(&it, "2026-03-29T00:30:00Z", Some("2026-03-29T22:30:00Z"));
    }
}
