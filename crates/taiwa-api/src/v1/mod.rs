//! Version 1 of what touchpoints send and get.

mod batch;
mod events;
mod health;
mod offers;
mod profile;
mod session;

pub use batch::{Batch, BatchAnswer, Command, CommandResult};
pub use events::{EventAnswer, EventOutcome, PostEvent, PostEventFor};
pub use health::{Health, Readiness};
pub use offers::{
    AskPoints, DecideOnce, DecisionAnswer, DecisionRecord, OfferAnswer, OffersQuery, PointAnswer,
    PointsAnswer, ReasonAnswer,
};
pub use profile::{ConsentAnswer, Forgotten, PutConsent};
pub use session::{ChangeSession, SessionAnswer, SessionStarted, StartSession};
