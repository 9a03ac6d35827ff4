//! An instant, in milliseconds, and its text.

use std::fmt;

use jiff::{SignedDuration, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A point in time, in whole milliseconds since the Unix epoch, UTC. Text: `2026-11-21T10:00:00Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an instant such as 2026-11-21T10:00:00Z or 2026-11-21T19:00:00+09:00")]
pub struct TimestampError {
    /// The text.
    pub text: String,
}

impl Timestamp {
    /// The last instant that has a text: the end of the year 9999.
    pub const MAX: Self = Self(253_402_207_200_999);

    /// From milliseconds since the Unix epoch; clamped to the years 0 to 9999 AD, which all have a text.
    pub const fn from_millis(millis: i64) -> Self {
        const MIN: i64 = -62_135_596_800_000;
        if millis > Self::MAX.0 {
            Self::MAX
        } else if millis < MIN {
            Self(MIN)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant without its part of a second, as the protocol writes instants.
    #[must_use]
    pub const fn whole_second(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }

    /// Later by so many milliseconds (earlier if negative), clamped.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to here; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339 with any offset; finer parts than milliseconds are cut off.
    ///
    /// # Errors
    /// When the text is no RFC 3339 instant.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp =
            text.parse().map_err(|_| TimestampError { text: text.to_owned() })?;
        Ok(Self::from_millis(instant.as_millisecond()))
    }

    /// The same instant for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH + SignedDuration::from_millis(self.0)
    }

    /// The same instant on the clocks of a zone.
    pub fn in_zone(self, zone: &TimeZone) -> jiff::Zoned {
        self.to_jiff().to_zoned(zone.clone())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["2026-11-21T10:00:00Z", "2028-02-29T23:59:59.125Z", "1969-12-31T23:59:59Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Timestamp::parse("2026-11-21T19:00:00+09:00").unwrap().to_string(),
            "2026-11-21T10:00:00Z"
        );
        assert!(Timestamp::parse("2027-02-29T00:00:00Z").is_err());
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string().len(), 24);
        assert_eq!(
            Timestamp::from_millis(i64::MIN).plus_millis(i64::MIN),
            Timestamp::from_millis(i64::MIN)
        );
    }
}
