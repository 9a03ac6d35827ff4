//! What an evaluation asks about the person in front of it.
//!
//! Whoever implements [`Facts`] decides where the answers come from. A program asks only for slots that its
//! condition names, and at most once for each time it is written there.

use taiwa_model::{SpanOfTime, Timestamp, Value};

use crate::{
    AttributeSlot, EventSlot, LevelSlot, OfferSlot, PropertySlot, PurposeSlot, SegmentSlot,
};

/// The variables `session.…`. Where no session is at hand only `now`, `weekday` and `hour` are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The instant of the evaluation.
    pub now: Timestamp,
    /// 1 Monday … 7 Sunday, in the person's zone.
    pub weekday: i64,
    /// 0–23, in the person's zone.
    pub hour: i64,
    /// The session's locale.
    pub locale: String,
    /// The session's channel.
    pub channel: String,
    /// Whether the person is known, that is, on the first level.
    pub known: bool,
    /// How many sessions there have been, this one included.
    pub visits: i64,
}

/// Answers about one person at one instant. Answers must not change while a program runs.
pub trait Facts {
    /// The value of an attribute, its declared default included; `None` if it is missing. The value is of the
    /// declared type (an int may stand for a number). A list that is `None` counts as empty.
    fn attribute(&self, attribute: AttributeSlot) -> Option<&Value>;
    /// Whether the person is in a segment; unknown counts as no.
    fn in_segment(&self, segment: SegmentSlot) -> bool;
    /// The audience level of the visitor now.
    fn level(&self) -> LevelSlot;
    /// How many events within (now − window, now].
    fn count(&self, event: EventSlot, window: SpanOfTime) -> i64;
    /// The sum of a numeric property over events within (now − window, now]; 0 for none.
    fn sum(&self, event: EventSlot, property: PropertySlot, window: SpanOfTime) -> f64;
    /// How long ago the last such event was; `None` if there was none.
    fn since(&self, event: EventSlot) -> Option<SpanOfTime>;
    /// Whether the offer was shown to the person within (now − window, now].
    fn shown(&self, offer: OfferSlot, window: SpanOfTime) -> bool;
    /// Whether the person accepted the offer within (now − window, now].
    fn accepted(&self, offer: OfferSlot, window: SpanOfTime) -> bool;
    /// Whether the person rejected the offer within (now − window, now].
    fn rejected(&self, offer: OfferSlot, window: SpanOfTime) -> bool;
    /// Whether the person consents, by the declared default where nothing was said.
    fn consented(&self, purpose: PurposeSlot) -> bool;
    /// Whether the person carries a flag.
    fn flagged(&self, flag: &str) -> bool;
    /// The session, or at least the time.
    fn session(&self) -> &SessionFacts;
    /// A property of the event that caused the evaluation; `None` if it is missing or there is no event.
    fn event_property(&self, property: PropertySlot) -> Option<&Value>;
}
