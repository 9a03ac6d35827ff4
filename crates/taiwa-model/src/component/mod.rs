//! The components: what people write, lowered to plain data. The same types stand in a project and in a release.
//!
//! **Invariants.** No place, path or id of git in here; maps are sorted; lists keep the author's order where it means
//! something (levels, cases, rules) and are sorted where it does not (tags). Conditions stay text. What a file
//! leaves out is absent in JSON, so that a field that is added later does not change older digests.

mod channel;
mod content;
mod scenario;
mod set;

pub use channel::{
    Arbitration, Category, Channel, Conversion, Direction, Event, FieldKind, InteractionPoint,
    Medium, Property, QuietHours, Responses, Rule, Score, Signal, Strategy, Touchpoint, Uses, Zone,
};
pub use content::{
    Attribute, Audience, Basis, Branch, Cap, ConsentDefault, ConsentRule, Content, Flowchart, Goal,
    GoalSignature, Kpi, Level, Limit, Localized, Message, Node, Offer, Period, Policy, Segment,
    Treatment, Workspace,
};
pub use scenario::{Expect, Given, Past, PastWhat, Scenario, Step};
pub use set::{ComponentId, Components, Kind, Scope, Scoped};

/// What an interaction point shows when nobody is eligible: an offer, or nothing.
pub type Fallback = Option<crate::OfferName>;

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
