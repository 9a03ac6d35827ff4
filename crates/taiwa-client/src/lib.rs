//! Talks to one runtime server over HTTP: every door, whom it believes to be a server, the signed state of a group.
//!
//! **Invariants.** Every call has a time limit and a limit of bytes; a failure says what the server said, and nothing of
//! a key. It decides nothing.
//! Deliberately absent: what a deployment is (`taiwa-deployer`), and what a server does with a peer's word
//! (`taiwa-runtime`); both call from here.

mod client;
mod group;
mod transfer;
mod trust;

pub use client::{CallError, PEER_HEADER, PeerKey, Server, Token};
pub use group::{States, challenge, state, states, states_within};
pub use trust::{Http, Trust, TrustError, http, http_with};
