//! A date or a date-time as people write it, and the instant it means in a zone.

use std::fmt;

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What stands in `valid`, `freeze` and `period`: a whole day, a local time, or an exact instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// `2027-01-31`: the whole day in the workspace's zone.
    Day(Date),
    /// `2026-12-24T09:00`: a time of the workspace's zone.
    Local(DateTime),
    /// `2026-12-24T09:00:00+09:00`: exact.
    Exact(Timestamp),
}

/// Why a text is neither a date nor a date-time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date such as 2027-01-31 or 2026-12-24T09:00")]
pub struct MomentError {
    /// The text.
    pub text: String,
}

impl Moment {
    /// Reads a date, a local date-time, or an instant with offset.
    ///
    /// # Errors
    /// When the text is none of these, or names a day that does not exist.
    pub fn parse(text: &str) -> Result<Self, MomentError> {
        let error = || MomentError { text: text.to_owned() };
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b"-:.T+Z".contains(&b));
        if !plain || text.len() > 35 || !text.get(..5).is_some_and(|it| it.ends_with('-')) {
            return Err(error());
        }
        if text.len() == 10 {
            return text.parse().map(Self::Day).map_err(|_| error());
        }
        if let Ok(exact) = Timestamp::parse(text) {
            return Ok(Self::Exact(exact));
        }
        text.parse().map(Self::Local).map_err(|_| error())
    }

    /// The instant at which something that begins `from` here begins: a day at its first moment.
    ///
    /// A time that a change of the clocks skips is taken at the next one that exists, a doubled one at its first.
    pub fn begins(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Day(date) => instant(date.at(0, 0, 0, 0), zone),
            Self::Local(time) => instant(time, zone),
            Self::Exact(at) => at,
        }
    }

    /// The first instant after something that ends `until` here: a day counts to its end, a time is exclusive.
    pub fn ends(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Day(date) => {
                instant(date.checked_add(1.day()).unwrap_or(Date::MAX).at(0, 0, 0, 0), zone)
            }
            other => other.begins(zone),
        }
    }
}

fn instant(local: DateTime, zone: &TimeZone) -> Timestamp {
    let at = zone.to_ambiguous_timestamp(local).compatible();
    Timestamp::from_millis(at.map_or(i64::MAX, jiff::Timestamp::as_millisecond))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::Local(time) => write!(f, "{time}"),
            Self::Exact(at) => write!(f, "{at}"),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, zone: &str, begins: &str, ends: &str) {
        let (moment, zone) = (Moment::parse(text).unwrap(), TimeZone::get(zone).unwrap());
        assert_eq!(
            (moment.begins(&zone).to_string(), moment.ends(&zone).to_string()),
            (begins.into(), ends.into())
        );
    }

    #[test]
    fn days_and_times_in_their_zone() {
        check("2027-01-31", "Asia/Tokyo", "2027-01-30T15:00:00Z", "2027-01-31T15:00:00Z");
        check("2026-12-24T09:00", "Asia/Tokyo", "2026-12-24T00:00:00Z", "2026-12-24T00:00:00Z");
        check(
            "2026-12-24T09:00:00+01:00",
            "Asia/Tokyo",
            "2026-12-24T08:00:00Z",
            "2026-12-24T08:00:00Z",
        );
        check("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T01:30:00Z", "2027-03-28T01:30:00Z");
        for bad in ["2027-02-29", "tomorrow", "2027-1-1", "20270131", "2027-01-31T25:00"] {
            assert!(Moment::parse(bad).is_err(), "{bad}");
        }
    }
}
