//! What can be written.

use taiwa_decide::Person;
use taiwa_model::Timestamp;

use crate::{
    DecisionId, DecisionRow, Identity, JournalRow, MessageHash, PersonNumber, ProtocolRow,
    SessionId, SessionRow, StoreError,
};

/// Writes that take effect together or not at all.
pub type Unit = Vec<Write>;

/// Called once a unit is durable, or is known not to be.
pub type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// One write.
#[derive(Clone, Debug)]
pub enum Write {
    /// A person as they are now.
    Person(PersonNumber, Box<Person>),
    /// From now on the identity means this person.
    Identity(Identity, PersonNumber),
    /// The person was merged into another, to whom every identity was repointed before.
    Merged {
        /// Who is no more.
        from: PersonNumber,
        /// Who they are now.
        into: PersonNumber,
    },
    /// Forget a person with every identity and session; a salted hash of each identity stays on the suppression list.
    Forget(PersonNumber, Timestamp),
    /// A session as it is now.
    Session(SessionId, Box<SessionRow>),
    /// The session ended.
    EndSession(SessionId),
    /// A decision was made.
    Decision(DecisionId, Box<DecisionRow>),
    /// A `message_id` was used.
    Message(MessageHash, Timestamp),
    /// An event was posted that nobody declared.
    Undeclared(String, Timestamp),
    /// The state of the protocol; its version must be the stored one's and one more.
    Protocol(ProtocolRow, Vec<JournalRow>),
    /// Remove what is over: sessions, message ids, decisions beyond what is kept; a bounded part at a time.
    Tidy(Timestamp),
}
