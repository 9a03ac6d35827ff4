//! The words of taiwa: names, time, digests, canonical JSON and the components of a release.
//!
//! Data and its textual form, no behaviour: nothing here reads a file, a clock or the network.
//! Deliberately absent: places in files (`taiwa-text`), rules (`taiwa-validator`), meaning of
//! conditions (`taiwa-condition`).

mod blob_id;
pub mod canonical;
mod component;
mod digest;
mod moment;
mod name;
mod span_of_time;
mod time;
mod value;

pub use blob_id::BlobId;
pub use component::{
    Arbitration, Attribute, Audience, Basis, Branch, Cap, Category, Channel, ComponentId,
    Components, ConsentDefault, ConsentRule, Content, Conversion, Direction, Event, Expect,
    Fallback, FieldKind, Flowchart, Given, Goal, GoalSignature, InteractionPoint, Kind, Kpi, Level,
    Limit, Localized, Medium, Message, Node, Offer, Past, PastWhat, Period, Policy, Property,
    QuietHours, Responses, Rule, Scenario, Scope, Scoped, Score, Segment, Signal, Step, Strategy,
    Touchpoint, Treatment, Uses, Workspace, Zone,
};
pub use digest::{Digest, DigestError, Hasher};
pub use moment::{Moment, MomentError};
pub use name::{
    AttributeName, CategoryName, ChannelName, EnvironmentName, EventName, EventRef, FieldName,
    FlowchartName, GoalName, LevelName, LinkName, Locale, MessageName, NodeName, OfferName,
    PersonId, PointName, PolicyName, PropertyName, PurposeName, RoleName, RunnerId, ScenarioName,
    SegmentName, ServerId, SignalName, TouchpointName, ZoneName, is_kebab, is_locale, is_snake,
};
pub use span_of_time::{SpanError, SpanOfTime};
pub use time::{Timestamp, TimestampError};
pub use value::{Value, ValueType};
