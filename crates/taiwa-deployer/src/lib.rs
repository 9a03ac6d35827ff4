//! Talks to the servers of an environment: state, store, prepare, activate, verify, scenarios.
//!
//! **Invariants.** Stateless: what it needs again it reads from the servers. It decides nothing: plans and admissions are
//! `taiwa-plan`'s. It never prints; progress goes to a [`Watch`]. Everything that waits has a time limit.
//! Deliberately absent: git, the ledger, signing, questions to people.

mod client;
mod execute;
mod group;
mod scenarios;
mod trust;

pub use client::{CallError, Server, Token};
pub use execute::{Deployed, ExecuteError, Order, Stage, Watch, bring, execute, target, verify};
pub use group::{States, challenge, states};
pub use scenarios::run_on;
pub use trust::{Http, Trust, TrustError, http, http_with};
