//! One line of the story, and where it and its objects lie.

use serde::{Deserialize, Serialize};
use taiwa_model::{Digest, EnvironmentName, Timestamp, canonical};

use crate::ReadError;

/// Largest record that is read, in bytes.
const MAX_RECORD_BYTES: usize = 64 << 10;

/// One record: `records/00001234.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// SHA-256 of the record before, as it lies there; null for the first.
    pub prev: Option<Digest>,
    /// When, by the writer's clock.
    pub time: Timestamp,
    /// What sort of record.
    pub kind: RecordKind,
    /// The environment.
    pub environment: EnvironmentName,
    /// The plan it is about.
    pub plan: Option<Digest>,
    /// The objects it files or speaks of.
    pub objects: Vec<Digest>,
    /// Who wrote it, as git names them; not proven.
    pub by: String,
    /// For people. In an outcome it begins with an [`OutcomeWord`].
    pub text: String,
}

/// The sorts of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A deployment is about to begin.
    Intent,
    /// What came of it.
    Outcome,
    /// A plan, approval, rejection or evidence is filed.
    Statement,
    /// Something was refused.
    Refusal,
    /// A policy is filed.
    Policy,
}

/// The word with which the text of an outcome begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeWord {
    /// Every server signed that it runs the plan's release at its target.
    Done,
    /// The anchor committed; not every server has followed yet.
    PartlyActivated,
    /// The anchor ended the epoch; nothing changed.
    Aborted,
    /// Nobody knows: the anchor gave no word.
    OutcomeUnknown,
}

impl OutcomeWord {
    const ALL: [Self; 4] = [Self::Done, Self::PartlyActivated, Self::Aborted, Self::OutcomeUnknown];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::PartlyActivated => "partly-activated",
            Self::Aborted => "aborted",
            Self::OutcomeUnknown => "outcome-unknown",
        }
    }
}

/// A record before it has its place; the loser of a race takes the next place with the same draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// When.
    pub time: Timestamp,
    /// What sort of record.
    pub kind: RecordKind,
    /// The environment.
    pub environment: EnvironmentName,
    /// The plan it is about.
    pub plan: Option<Digest>,
    /// The objects it files or speaks of.
    pub objects: Vec<Digest>,
    /// Who writes it.
    pub by: String,
    /// For people.
    pub text: String,
}

impl Draft {
    /// The record that follows `head` (number and bytes' SHA-256), or the first.
    pub fn after(self, head: Option<(u64, Digest)>) -> Record {
        let Self { time, kind, environment, plan, objects, by, text } = self;
        let (seq, prev) = match head {
            Some((seq, digest)) => (seq + 1, Some(digest)),
            None => (1, None),
        };
        Record { seq, prev, time, kind, environment, plan, objects, by, text }
    }
}

impl Record {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`ReadError`] when it is beyond its limit.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReadError> {
        let bytes = canonical::to_bytes(self).map_err(malformed)?;
        within(&bytes).map(|()| bytes)
    }

    /// Reads a record from exactly its canonical bytes.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        within(bytes)?;
        canonical::from_bytes(bytes).map_err(malformed)
    }

    /// What `prev` of the next record and `ledger` of a plan name: the SHA-256 of the bytes.
    pub fn digest_of(bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }

    /// The word of an outcome.
    pub fn outcome(&self) -> Option<OutcomeWord> {
        let word = self.text.split(':').next().filter(|_| self.kind == RecordKind::Outcome)?;
        OutcomeWord::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// Where a record lies.
pub fn record_path(seq: u64) -> String {
    format!("records/{seq:08}.json")
}

/// Where an object lies.
pub fn object_path(digest: &Digest) -> String {
    let hex = digest.hex();
    let folder: String = hex.chars().take(2).collect();
    format!("objects/{folder}/{hex}.json")
}

fn malformed(source: canonical::CanonicalError) -> ReadError {
    ReadError::Malformed { what: "a record", source }
}

fn within(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.len() > MAX_RECORD_BYTES {
        return Err(ReadError::Limit { what: "a record", limit: MAX_RECORD_BYTES });
    }
    Ok(())
}
