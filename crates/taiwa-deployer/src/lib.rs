//! Talks to the servers of an environment: state, store, prepare, activate, verify, scenarios, load, probes.
//!
//! **Invariants.** Stateless: what it needs again it reads from the servers. It decides nothing: plans and admissions are
//! `taiwa-plan`'s. It never prints; progress goes to a [`Watch`]. Everything that waits has a time limit.
//! Deliberately absent: git, the ledger, signing, questions to people.

mod execute;
mod load;
mod probe;
mod scenarios;

pub use execute::{Deployed, ExecuteError, Order, Stage, Watch, bring, execute, target, verify};
pub use load::{Driven, Latencies, Pace, Tally, Visitor, drive, questions};
pub use probe::{Differs, Probed, probe};
pub use scenarios::run_on;
pub use taiwa_client::{
    CallError, Http, Server, States, Token, Trust, TrustError, challenge, http, http_with, state,
    states,
};
