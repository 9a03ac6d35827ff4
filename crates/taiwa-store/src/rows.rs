//! What is stored, row by row.

use std::fmt;

use serde::{Deserialize, Serialize};
use taiwa_decide::{Decision, Session};
use taiwa_model::{ChannelName, Digest, LevelName, Timestamp};

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $Name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $Name(String);

        impl $Name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// Id of a session: random, hard to guess.
    SessionId;
    /// Id of a decision: random, hard to guess.
    DecisionId;
}

/// A person of this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonNumber(pub i64);

/// A key of an audience level, which means a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The level.
    pub level: LevelName,
    /// The key.
    pub key: String,
}

/// A `message_id`, hashed.
pub type MessageHash = [u8; 16];

/// A session with the end of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The session.
    pub session: Session,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

impl SessionRow {
    /// Who it is.
    pub fn identity(&self) -> Identity {
        Identity { level: self.session.level.clone(), key: self.session.key.clone() }
    }

    /// Who it was when it began: a sign-in changes [`Self::identity`], and not this.
    pub fn began(&self) -> Identity {
        let began = self.session.began_as.clone();
        began.map_or_else(|| self.identity(), |(level, key)| Identity { level, key })
    }
}

/// A decision with all its reasons. It names no person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRow {
    /// When.
    pub at: Timestamp,
    /// The channel.
    pub channel: ChannelName,
    /// One a point.
    pub decisions: Vec<Decision>,
}

/// An event that nobody declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// `channel/event`.
    pub event: String,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Timestamp,
}

/// The state of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolRow {
    /// Grows by one with every change.
    pub version: u64,
    /// The state, as `taiwa-plan` writes it (JSON).
    pub state: String,
}

/// An entry of the journal. It never changes; it is kept up to [`crate::JOURNAL_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Its number, from 1; 0 in a write, where the store gives it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// A stable word.
    pub what: String,
    /// The release it is about.
    pub release: Option<Digest>,
    /// The plan it is about.
    pub plan: Option<Digest>,
    /// For people.
    pub detail: String,
    /// What proves it (JSON), or empty.
    pub body: String,
}
