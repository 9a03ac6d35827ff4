//! The promotion protocol as an explicit-state model: every order in which anybody could deliver anything to a group of
//! two to four servers, and an honest deployment run to its end from every state that can be reached.
//!
//! The network and every deployer, honest, paused, crashed or malicious, are one thing here: a courier that can deliver
//! any request made of signed artefacts that exist, to any server, at any time, in any order, repeatedly or never. That
//! covers loss, duplication, reordering, races, pauses and a stolen token. It cannot forge a signature: it holds both
//! keys of one approver, which is one person fewer than must approve, and signs everything with both.
//!
//! A server's transition is atomic because its record on disk is; a crash before it is a lost request, one after it a
//! lost answer, and [`Action::Restart`] is the start after it. A timer may run out at any moment after it began.
//! Waiting out a time is a condition on what nobody can rely on any more by then (see [`rules`]).
//!
//! Deliberately absent: bytes and signatures themselves, clocks in seconds, holds, windows, `rollback` plans (they are
//! forward moves here), the ledger. Those are kept by the tests and the simulation of `taiwa-plan`, by the same numbers.
#![expect(
    clippy::unused_self,
    reason = "a transition is a method of the bounds, whether or not they can switch a rule of it off"
)]

pub mod bounds;
pub mod group;
pub mod plans;
pub mod properties;
pub mod recovery;
pub mod rules;
pub mod runs;
pub mod search;
pub mod stay;

pub use bounds::{Bounds, Part, Parts, Rule};
pub use group::{Epoch, Group, Server, Shown, Slot};
pub use plans::{Move, Plan};
pub use search::Action;
