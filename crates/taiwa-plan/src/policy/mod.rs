//! The policy: who may move one environment, and under which conditions. The only trust root of a server.
//!
//! A [`PolicyDocument`] is what is written; a [`Policy`] is the proof that it is valid and, if it is
//! protected, signed by its own `policy` threshold. A later version takes the place of one by [`Policy::follows`].
//! Deliberately absent: another anchor.

mod accept;
mod calendar;
mod difference;
mod document;
mod propose;
mod validate;

pub use accept::{Policy, PolicyError, adopt, own_policy};
pub use calendar::{Freeze, Window, frozen, opened};
pub use difference::difference;
pub use document::{
    Bot, ExposureRule, GateRule, InDoubt, LoadRule, Origin, Person, PolicyDocument, Runner,
    Separation, Server, Threshold,
};
pub use propose::{EVIDENCE_AGE_S, Proposal, propose};
pub use validate::{MAX_LOAD_S, validate};
