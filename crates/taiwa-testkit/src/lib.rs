//! Worlds for tests: a git repository with the sample workspace, keys, signed policies and real servers.
//!
//! **Invariants.** Hermetic: a process of a [`World`] sees only the variables that the world gives it, and a home of its
//! own. No fixed ports. Nothing waits without a condition and a deadline. Dropping a world ends its processes and
//! removes its files. Deliberately absent: any logic of taiwa; a test goes through the same doors as everybody else.
#![expect(
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "everything here insists: what does not hold is a panic, and what holds may be dropped"
)]

mod answer;
mod fake;
mod group;
mod http;
mod path;
mod random;
mod receiver;
mod server;
mod setting;
mod wait;
mod world;

pub use answer::{Answer, Running};
pub use fake::{Fake, Manner};
pub use group::{Group, Member, Seen};
pub use http::{Reply, request, request_with};
pub use random::Random;
pub use receiver::{Received, Receiver};
pub use server::Node;
pub use setting::{Cast, Key};
pub use wait::until;
pub use world::World;
