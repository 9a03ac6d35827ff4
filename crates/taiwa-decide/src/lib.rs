//! What do we say to this person, here, now: decisions, history and scenarios.
//!
//! **Invariants.** A decision is a function of release, request and time, and says why. A person's history is bounded,
//! and its windows are exact up to [`MAX_INSTANTS`] instants a history; beyond that the reasons say so.
//! Deliberately absent: clock, randomness, store, HTTP, learned scores (`learning`, `weights`), journeys.

mod compiled;
mod decide;
mod decision;
mod explain;
mod facts;
mod person;
mod post;
mod probe;
mod problem;
mod profile;
mod record;
mod rollout;
pub mod scenario;
mod session;
mod stages;
#[cfg(test)]
mod tests;

pub use compiled::{
    CREDIT_WINDOW, CompileError, Compiled, Keep, KeptEvent, MAX_FILLED_BYTES, MAX_POINT_OFFERS,
    MAX_READ, MAX_SCORE, MAX_SEGMENT_DEPTH, MAX_SUMS,
};
pub use decide::decide;
pub use decision::{Chosen, DecideError, Decision, Explain, Reason, Request, Stage};
pub use explain::{MAX_DETAIL_CHARS, MAX_REASONS, why_not};
pub use person::{
    Consent, ContactKind, Contacts, MAX_ENTRIES, MAX_HISTORIES, MAX_HOURS, MAX_INSTANTS, Moments,
    Numbers, Person, Reading,
};
pub use post::{
    Accepted, MAX_AHEAD_MS, MAX_LATE_MS, MAX_PROPERTIES, PostOutcome, Posted, delivered, post,
    tracking,
};
pub use probe::{Probe, probes};
pub use problem::{InputProblem, MAX_PROBLEMS};
pub use profile::{
    MAX_ITEMS, MAX_SOURCE_BYTES, MAX_TEXT_BYTES, merge, segments_of, set_attributes, set_consent,
};
pub use record::trim;
pub use rollout::{EVERYBODY_BP, is_in, place};
pub use session::{MAX_LAST_SHOWN, Session};
pub use stages::{Stages, kept_reasons};
