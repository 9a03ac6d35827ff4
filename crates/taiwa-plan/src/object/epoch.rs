//! The number of an attempt: (policy version, counter), issued by the anchor, compared as two numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An epoch. Text: `1.7`; `1.10` is later than `1.9`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch {
    /// Version of the policy under which the anchor issued it.
    pub version: u64,
    /// Counts the anchor's attempts under that version, from 1.
    pub counter: u64,
}

/// Why a text is not an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an epoch is written as two whole numbers, such as 1.7")]
pub struct EpochError;

impl Epoch {
    /// Reads `1.7`; signs, leading zeros and numbers beyond 2^53 − 1 are refused.
    ///
    /// # Errors
    /// [`EpochError`].
    pub fn parse(text: &str) -> Result<Self, EpochError> {
        let (version, counter) = text.split_once('.').ok_or(EpochError)?;
        let number = |it: &str| {
            let digits = !it.is_empty() && it.bytes().all(|c| c.is_ascii_digit());
            let plain = digits && (it == "0" || !it.starts_with('0'));
            it.parse::<u64>().ok().filter(|it| plain && *it < 1 << 53).ok_or(EpochError)
        };
        Ok(Self { version: number(version)?, counter: number(counter)? })
    }

    /// The one after this, under a policy version.
    #[must_use]
    pub const fn next(self, version: u64) -> Self {
        let counter = if version == self.version { self.counter + 1 } else { 1 };
        Self { version, counter }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.version, self.counter)
    }
}

impl Serialize for Epoch {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_numbers() {
        let epoch = |it: &str| Epoch::parse(it).unwrap();
        assert!(epoch("1.10") > epoch("1.9") && epoch("2.0") > epoch("1.99"));
        assert_eq!(epoch("1.7").next(1).to_string(), "1.8");
        assert_eq!(epoch("1.7").next(2).to_string(), "2.1");
        for bad in
            ["", "1", "1.", ".1", "01.1", "1.+1", "1.1.1", "1.-1", "1.9007199254740992", "a.b"]
        {
            assert!(Epoch::parse(bad).is_err(), "{bad}");
        }
    }
}
