//! The protocol from outside: each object, each precondition, each attack, and a simulation.
//!
//! Keys come from fixed seeds and every instant is written down, so a failure is always the same one.

#![expect(clippy::unwrap_used, reason = "every function here is part of a test")]

mod admission;
mod attacks;
mod authorship;
mod calendar;
mod counting;
mod evidence;
mod gates;
mod golden;
mod ledger;
mod peers;
mod planning;
mod policies;
mod preconditions;
mod red_team;
mod signatures;
mod simulation;
mod ssh_keygen;
mod transitions;
mod world;
