//! The objects of the protocol, with the field names they keep for ever.
//!
//! Canonical JSON (RFC 8785); every field present, empty or null where nothing is to be said. A digest
//! is made over `taiwa/<kind>/1` and a zero byte, then the bytes. Reading is strict: unknown, repeated
//! or reordered fields are refused, since nobody signs what a reader would skip.

mod bundle;
mod envelope;
mod epoch;
mod evidence;
mod plan;
mod statement;

use taiwa_model::canonical::CanonicalError;

pub use bundle::{Bundle, MAX_BUNDLE_BYTES, MAX_STATEMENTS, OpenBundle};
pub use envelope::{
    Envelope, MAX_SIGNATURES, MAX_STATEMENT_BYTES, Namespace, Signature, Statement,
};
pub use epoch::{Epoch, EpochError};
pub use evidence::{Evidence, EvidenceResult, RanOn};
pub use plan::{Absent, Choices, Goal, MAX_PLAN_BYTES, MAX_STEPS, Plan, PlanKind, Step};
pub use statement::{
    Approve, Body, Hold, Lift, Move, MoveError, Payload, Phase, Pull, Receipt, Reject,
};

/// Why bytes are not the object they are offered as.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// More bytes, statements or signatures than the limit.
    #[error("{what} is beyond its limit of {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The limit, in bytes or pieces.
        limit: usize,
    },
    /// Not the canonical JSON of the object.
    #[error("{what}: {source}")]
    Malformed {
        /// The object.
        what: &'static str,
        /// Where it fails.
        #[source]
        source: CanonicalError,
    },
    /// Well-formed, and asks for what this version does not do.
    #[error("{0} is not supported by this version")]
    Unsupported(String),
}

impl From<&ReadError> for crate::Refusal {
    fn from(error: &ReadError) -> Self {
        let reason = match error {
            ReadError::Limit { .. } => crate::Reason::Limit,
            ReadError::Malformed { .. } => crate::Reason::Malformed,
            ReadError::Unsupported(_) => crate::Reason::Unsupported,
        };
        Self::new(reason, error.to_string())
    }
}
