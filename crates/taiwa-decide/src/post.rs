//! What a person did: events, the responses among them, and the delivery of a decision.
//!
//! **Invariants.** An event is taken in whole or not at all, and every offence is said at once. Only what the release
//! reads is kept. Deliberately absent: counting the same `message_id` once, which is the store's business, and proposals
//! for undeclared events, which the runtime collects.

use serde_json::{Map, Value as Json};
use taiwa_model::{ChannelName, EventRef, OfferName, Timestamp, is_snake};

use crate::{
    Compiled, ContactKind, Decision, InputProblem, MAX_LAST_SHOWN, Person, Session,
    compiled::CompiledEvent,
    record::{self, problem},
};

/// The property that names the offer of a response.
const OFFER: &str = "offer";

/// The property that holds the `tracking` value of an answer.
const TRACKING: &str = "tracking";

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
    let mut problems = Vec::new();
    let at = instant(posted.at, now, &mut problems);
    if posted.properties.len() > MAX_PROPERTIES {
        let words = format!("has {} entries, more than {MAX_PROPERTIES}", posted.properties.len());
        problem(&mut problems, "properties", words);
    }
    let event = EventRef::parse(posted.event, Some(posted.channel))
        .unwrap_or_else(|| EventRef::new(posted.channel.clone(), posted.event));
    let channel = compiled.channels.get(&event.channel);
    if channel.is_none() {
        problem(&mut problems, "channel", format!("channel `{}` is unknown", event.channel));
    }
    if !is_snake(event.event.as_str()) {
        problem(&mut problems, "event", "is written in lower case with underscores: add_to_cart");
    }
    let declared = channel.and_then(|it| it.events.get(&event.event));
    let Some(declared) = declared.filter(|_| posted.properties.len() <= MAX_PROPERTIES) else {
        let unknown = problems.is_empty();
        return if unknown {
            PostOutcome::Unknown { event }
        } else {
            PostOutcome::Invalid(problems)
        };
    };
    let (properties, undeclared) =
        record::properties(&declared.properties, posted.properties, &mut problems);
    if !problems.is_empty() {
        return PostOutcome::Invalid(problems);
    }
    record::event(compiled, person, (&event, at), &properties, now);
    let responses = responses(compiled, declared, posted);
    for (offer, kind) in &responses {
        record::contact(compiled, person, (offer, *kind), at, now);
    }
    let tracks = |name: &String| declared.tells.is_empty() || name != TRACKING;
    let undeclared = undeclared.into_iter().filter(tracks).collect();
    let conversion = declared.conversion;
    PostOutcome::Accepted(Accepted { event, at, undeclared, responses, conversion })
}

/// When it counts: where it belongs, and what lies a little ahead counts as now.
fn instant(at: Option<Timestamp>, now: Timestamp, problems: &mut Vec<InputProblem>) -> Timestamp {
    let Some(at) = at else { return now };
    if now.millis_since(at) > MAX_LATE_MS {
        problem(problems, "time", "lies more than 72 hours back");
    }
    if at.millis_since(now) > MAX_AHEAD_MS {
        problem(problems, "time", "lies more than 5 minutes ahead");
    }
    at.min(now)
}

/// Which offers an event is a response to: the one it names, the one its tracking names, or what the session saw last.
/// An offer that the release does not have is credited with nothing; nor is an acceptance or a rejection that names none
/// where the session saw several.
fn responses(
    compiled: &Compiled,
    declared: &CompiledEvent,
    posted: &Posted<'_>,
) -> Vec<(OfferName, ContactKind)> {
    if declared.tells.is_empty() {
        return Vec::new();
    }
    let text = |name: &str| posted.properties.get(name).and_then(Json::as_str);
    let tracked = || text(TRACKING).and_then(|it| it.rsplit_once('.')).map(|it| it.1);
    let named = text(OFFER).or_else(tracked).map(OfferName::from);
    let last = posted.session.map(|it| it.last_shown.as_slice()).unwrap_or_default();
    let mut responses = Vec::new();
    for kind in &declared.tells {
        match &named {
            Some(offer) if compiled.has_offer(offer) => responses.push((offer.clone(), *kind)),
            None if *kind == ContactKind::Shown || last.len() == 1 => {
                responses.extend(last.iter().map(|offer| (offer.clone(), *kind)));
            }
            Some(_) | None => {}
        }
    }
    responses
}

/// A decision was handed to the touchpoint: the session remembers it, and where the channel declares no `shown` response
/// it counts as shown. Call it once for each decision. Whether the person changed.
pub fn delivered(
    compiled: &Compiled,
    person: &mut Person,
    session: &mut Session,
    decision: &Decision,
    now: Timestamp,
) -> bool {
    if decision.offers.is_empty() {
        return false;
    }
    let shown = decision.offers.iter().map(|it| it.offer.clone());
    session.last_shown = shown.take(MAX_LAST_SHOWN).collect();
    if compiled.channels.get(&decision.channel).is_some_and(|it| it.tells_shown) {
        return false;
    }
    for it in &decision.offers {
        record::contact(compiled, person, (&it.offer, ContactKind::Shown), now, now);
    }
    true
}

/// The value of `tracking` in an answer, which a response may carry instead of the offer: `decision.offer`.
pub fn tracking(decision: &str, offer: &OfferName) -> String {
    format!("{decision}.{offer}")
}
