//! A length of time: a whole number and one unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of time in whole milliseconds, never negative. Text: a number and one of `ms s m h d`, such as `36h`;
/// a day is 24 hours. `w` (7 days) is read and written as days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanOfTime(i64);

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Only a number.
    #[error("`{text}` has no unit: is it {text}h or {text}d?")]
    NoUnit {
        /// The text.
        text: String,
    },
    /// Anything else.
    #[error("`{text}` is not a length of time such as 12h, 30d or 8w")]
    Malformed {
        /// The text.
        text: String,
    },
}

const UNITS: [(&str, i64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

impl SpanOfTime {
    /// 400 days, the longest window that a condition may look back.
    pub const LONGEST_WINDOW: Self = Self(400 * 86_400_000);

    /// From milliseconds; a negative number counts as 0.
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    /// From days of 24 hours.
    pub const fn from_days(days: i64) -> Self {
        Self::from_millis(days * 86_400_000)
    }

    /// Milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded up, as the protocol writes durations.
    pub const fn as_seconds(self) -> i64 {
        (self.0 + 999) / 1000
    }

    /// Reads `36h`, `500ms`, `2w`.
    ///
    /// # Errors
    /// When there is no unit, two units, a sign, a fraction, or more than a thousand years.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let malformed = || SpanError::Malformed { text: text.to_owned() };
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| {
            if text.is_empty() { malformed() } else { SpanError::NoUnit { text: text.to_owned() } }
        })?;
        let (digits, unit) = text.split_at(split);
        let number: i64 = digits.parse().map_err(|_| malformed())?;
        let (_, factor) = UNITS.iter().find(|it| it.0 == unit).ok_or_else(malformed)?;
        let millis = number
            .checked_mul(*factor)
            .filter(|it| *it <= 366_000 * 86_400_000)
            .ok_or_else(malformed)?;
        Ok(Self(millis))
    }
}

impl fmt::Display for SpanOfTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let (unit, factor) = UNITS
            .iter()
            .take(5)
            .rev()
            .find(|(_, factor)| self.0 % factor == 0)
            .copied()
            .unwrap_or(("ms", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Serialize for SpanOfTime {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SpanOfTime {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meaning_one_text() {
        for (text, canonical) in [
            ("24h", "1d"),
            ("7d", "7d"),
            ("2w", "14d"),
            ("90s", "90s"),
            ("60m", "1h"),
            ("0d", "0s"),
        ] {
            assert_eq!(SpanOfTime::parse(text).unwrap().to_string(), canonical);
        }
        for bad in
            ["", "48", "1d12h", "-3d", "1.5h", "d", "30 days", "9999999999999999999d", "999999999d"]
        {
            assert!(SpanOfTime::parse(bad).is_err(), "{bad}");
        }
    }
}
