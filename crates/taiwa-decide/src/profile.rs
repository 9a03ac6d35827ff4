//! What is known of a person changes: attributes, consent, signing in.
//!
//! **Invariants.** A change is made whole or not at all, and every offence is said at once.

use serde_json::{Map, Value as Json};
use taiwa_model::{SegmentName, Timestamp};

use crate::{Compiled, InputProblem, Person, Session};

/// Sets attributes; null makes one missing.
///
/// # Errors
/// Every attribute that is unknown, of another type, or outside its values or range.
pub fn set_attributes(
    compiled: &Compiled,
    person: &mut Person,
    attributes: &Map<String, Json>,
) -> Result<(), Vec<InputProblem>> {
    let _ = (compiled, person, attributes);
    Ok(())
}

/// Records what the person said about purposes: `granted` or `denied`, with time and source.
///
/// # Errors
/// Every purpose that is unknown, and every other word.
pub fn set_consent(
    compiled: &Compiled,
    person: &mut Person,
    purposes: &Map<String, Json>,
    source: &str,
    now: Timestamp,
) -> Result<(), Vec<InputProblem>> {
    let _ = (compiled, person, purposes, source, now);
    Ok(())
}

/// A visitor signs in: everything of the visitor moves to the customer, and the visitor is left empty, so that doing it
/// again changes nothing. Attributes of the customer win; of two answers about a purpose the later one, then `denied`.
pub fn merge(compiled: &Compiled, customer: &mut Person, visitor: &mut Person, now: Timestamp) {
    let _ = (compiled, customer, visitor, now);
}

/// The segments that the person is in now, sorted, without `everyone`.
pub fn segments_of(
    compiled: &Compiled,
    session: &Session,
    person: &Person,
    now: Timestamp,
) -> Vec<SegmentName> {
    let _ = (compiled, session, person, now);
    Vec::new()
}
