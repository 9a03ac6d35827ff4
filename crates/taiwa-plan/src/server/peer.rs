//! A server that asks another one for what proves its state: it signs the question.
//!
//! **Invariants.** The signature is for one target and one path, and counts for a minute. Nobody can have a server sign
//! such a question for them: a `state` never repeats a challenge of this form (see [`super::state_receipt`]).
//! Deliberately absent: secrecy. Whoever repeats a question within its minute reads what the peer could read; what is
//! read proves itself, and decides nothing.

use taiwa_model::{Digest, ServerId};

use super::{Here, ServerState};
use crate::{Envelope, Payload, Phase, Policy, Reading, Receipt, clock::millis};

/// How old a signed question may be, in seconds, beside the clocks' skew.
pub const QUESTION_S: u64 = 60;
/// How the challenge of a question begins.
const PREFIX: &str = "peer:";

/// What to sign to ask `target` for `path`.
pub fn question(
    policy: &Policy,
    state: &ServerState,
    (target, path): (&ServerId, &str),
    at: &Reading,
) -> Receipt {
    let here = Here { policy, state, at };
    Receipt { challenge: Some(challenge(target, path)), ..here.state_receipt() }
}

/// Whether a signed question is one of a member of this server's group, for this server and path, and fresh.
pub fn is_peer(
    policy: &Policy,
    state: &ServerState,
    (path, envelope): (&str, &Envelope),
    at: &Reading,
) -> bool {
    let Ok(statement) = envelope.open() else { return false };
    let Payload::Receipt(receipt) = &statement.payload else { return false };
    let document = policy.document();
    let age_ms = at.now.millis_since(receipt.issued);
    let skew_ms = millis(document.skew_s);
    receipt.phase == Phase::State
        && receipt.environment == document.environment
        && receipt.challenge.as_deref() == Some(challenge(&state.server, path).as_str())
        && (-skew_ms..=millis(QUESTION_S) + skew_ms).contains(&age_ms)
        && document.server(&receipt.server).is_some_and(|it| statement.signed_by(&it.key))
}

/// Whether a challenge is of a form that no state repeats.
pub(super) fn is_reserved(challenge: &str) -> bool {
    challenge.starts_with(PREFIX)
}

fn challenge(target: &ServerId, path: &str) -> String {
    let asked = Digest::of_kind("peer", format!("{target}\0{path}").as_bytes());
    format!("{PREFIX}{}", asked.hex())
}
