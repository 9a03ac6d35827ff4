//! The id that git gives to a content.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Full id of a git blob: 40 hex digits (64 in a SHA-256 repository), lower case. A mark pins content by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(String);

impl BlobId {
    /// Reads the full id; `None` when it is shortened, in upper case, or not hexadecimal.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        (hex && matches!(text.len(), 40 | 64)).then(|| Self(text.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 8 hex digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for BlobId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a full git blob id has 40 or 64 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_ids() {
        assert!(
            BlobId::parse(&"a1".repeat(20)).is_some() && BlobId::parse(&"0f".repeat(32)).is_some()
        );
        for bad in ["", "a1b2c3d", &"A1".repeat(20), &"g1".repeat(20), &"a1".repeat(21)] {
            assert!(BlobId::parse(bad).is_none(), "{bad}");
        }
    }
}
