//! What a person did: events, the responses among them, and the delivery of a decision.
//!
//! **Invariants.** An event is taken in whole or not at all, and every offence is said at once. Only what the release
//! reads is kept. Deliberately absent: counting the same `message_id` once, which is the store's business, and proposals
//! for undeclared events, which the runtime collects.

use serde_json::{Map, Value as Json};
use taiwa_model::{ChannelName, EventRef, OfferName, Timestamp};

use crate::{Compiled, ContactKind, Decision, InputProblem, Person, Session};

/// How late an event may be told and still count where it belongs: 72 hours.
pub const MAX_LATE_MS: i64 = 72 * 3_600_000;

/// How far ahead of ours a touchpoint's clock may be: 5 minutes. What lies ahead counts as now.
pub const MAX_AHEAD_MS: i64 = 5 * 60_000;

/// Most properties of one posted event.
pub const MAX_PROPERTIES: usize = 100;

/// An event as a touchpoint posts it.
#[derive(Clone, Copy, Debug)]
pub struct Posted<'a> {
    /// The channel that a bare name means.
    pub channel: &'a ChannelName,
    /// `add_to_cart`, or with its channel `web-store/add_to_cart`.
    pub event: &'a str,
    /// Its properties.
    pub properties: &'a Map<String, Json>,
    /// When it happened; absent: now.
    pub at: Option<Timestamp>,
    /// The session, if it was posted in one: a response without offer is credited to what it saw last.
    pub session: Option<&'a Session>,
}

/// What became of a posted event.
#[derive(Clone, Debug, PartialEq)]
pub enum PostOutcome {
    /// It is declared and well formed, and the person's history holds what the release reads of it.
    Accepted(Accepted),
    /// Nobody declared it: nothing is kept, and it is to be counted and proposed.
    Unknown {
        /// Its qualified name.
        event: EventRef,
    },
    /// It is not well formed; nothing is kept.
    Invalid(Vec<InputProblem>),
}

/// An event that was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// Its qualified name.
    pub event: EventRef,
    /// When it counts.
    pub at: Timestamp,
    /// Properties that nobody declared: kept out, and to be proposed.
    pub undeclared: Vec<String>,
    /// The offers it is credited to as a response, and as which.
    pub responses: Vec<(OfferName, ContactKind)>,
    /// Whether it is declared a conversion.
    pub conversion: bool,
}

/// Takes in an event.
pub fn post(
    compiled: &Compiled,
    person: &mut Person,
    posted: &Posted<'_>,
    now: Timestamp,
) -> PostOutcome {
    let _ = (compiled, person, now);
    PostOutcome::Unknown { event: EventRef::new(posted.channel.clone(), posted.event) }
}

/// A decision was handed to the touchpoint: the session remembers it, and where the channel declares no `shown` response
/// it counts as shown. Call it once for each decision.
pub fn delivered(
    compiled: &Compiled,
    person: &mut Person,
    session: &mut Session,
    decision: &Decision,
    now: Timestamp,
) {
    let _ = (compiled, person, session, decision, now);
}

/// The value of `tracking` in an answer, which a response may carry instead of the offer: `decision.offer`.
pub fn tracking(decision: &str, offer: &OfferName) -> String {
    format!("{decision}.{offer}")
}
