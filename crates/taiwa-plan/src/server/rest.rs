//! The other transitions: store, abort, the timer, restart, rejection; and what is live, to be signed.

use std::collections::BTreeSet;

use taiwa_model::{Digest, PersonId};

use super::{Class, Effect, Entry, Here, Refused, ServerState, Transition, peer};
use crate::{
    Envelope, Epoch, Payload, Policy, PolicyDocument, Reading, Reason, Receipt, Reject, Statement,
};

/// Longest challenge that a server repeats in a signed state, in bytes.
pub const MAX_CHALLENGE_BYTES: usize = 128;
/// Most rejections that a server remembers.
pub const MAX_REJECTIONS: usize = 10_000;

/// The release's bytes are durable, verified against their digest, and compiled. Moves nothing.
pub fn store(state: &ServerState, release: Digest) -> Transition {
    let mut stored = Transition::none(state);
    stored.state.stored.insert(release);
    stored
}

/// `DELETE /admin/v1/preparation/{epoch}`: afterwards this epoch can never commit.
///
/// # Errors
/// [`Refused`]: not the anchor, never issued, or committed already.
pub fn abort(
    policy: &Policy,
    state: &ServerState,
    epoch: Epoch,
    at: &Reading,
) -> Result<Transition, Refused> {
    if !state.is_anchor(policy) {
        let what = format!("only the anchor {} ends an epoch", policy.document().anchor);
        return Err(Refused::one(Class::Forbidden, Reason::NotTheAnchor, what));
    }
    if state.active.as_ref().is_some_and(|it| it.epoch == epoch) {
        let what = format!("the epoch {epoch} is committed");
        return Err(Refused::one(Class::Conflict, Reason::Conflict, what));
    }
    if epoch > state.epoch {
        let what = format!("the epoch {epoch} was never issued; the latest is {}", state.epoch);
        return Err(Refused::one(Class::Conflict, Reason::Conflict, what));
    }
    Ok(match state.slot.as_ref().filter(|it| it.epoch == epoch) {
        None => Transition::none(state),
        Some(slot) if slot.is_lease() => freed(Here { policy, state, at }, slot.plan, "aborted"),
        Some(_) => {
            let what = format!("the epoch {epoch} is of the anchor before, who may have committed");
            return Err(Refused::one(Class::Forbidden, Reason::NotTheAnchor, what));
        }
    })
}

/// The runtime's monotonic timer of an epoch ran out. At the anchor the lease is over for good, which
/// has to be durable before anybody hears it; another server goes on, and shows a doubt. Too early a
/// call costs a deployment and breaks nothing.
pub fn timer(policy: &Policy, state: &ServerState, epoch: Epoch, at: &Reading) -> Transition {
    match &state.slot {
        Some(slot) if slot.epoch == epoch && slot.is_lease() => {
            freed(Here { policy, state, at }, slot.plan, "expired")
        }
        Some(slot) if slot.epoch == epoch && !slot.doubt => doubtful(state),
        _ => Transition::none(state),
    }
}

/// A start: the anchor's lease does not survive it, another's slot does, with a doubt. `present` are the
/// releases whose bytes were verified and compiled at this start.
pub fn restart(
    policy: &Policy,
    state: &ServerState,
    present: BTreeSet<Digest>,
    at: &Reading,
) -> Transition {
    let mut transition = match &state.slot {
        Some(slot) if slot.is_lease() || state.policy != *policy.digest() => {
            freed(Here { policy, state, at }, slot.plan, "restarted")
        }
        Some(_) => doubtful(state),
        None => Transition::none(state),
    };
    transition.state.stored = present;
    transition.state.policy = *policy.digest();
    transition.state.floor = at.floor;
    transition
}

/// Takes a statement that a person sends ahead: a rejection, a hold, a lift. Repeating one changes nothing.
///
/// # Errors
/// [`Refused`]; nothing changed.
pub fn statement(
    policy: &Policy,
    state: &ServerState,
    envelope: &Envelope,
    at: &Reading,
) -> Result<Transition, Refused> {
    let document = policy.document();
    let statement = envelope.open().map_err(|it| Refused::from(&it))?;
    if *statement.payload.environment() != document.environment {
        let what = format!("it is for the environment {}", statement.payload.environment());
        return Err(Refused::one(Class::Forbidden, Reason::WrongEnvironment, what));
    }
    let here = Here { policy, state, at };
    let (next, mut entry) = match &statement.payload {
        Payload::Reject(it) => reject(here, it, &statement)?,
        Payload::Hold(it) => super::hold::hold(here, it, &statement)?,
        Payload::Lift(it) => super::hold::lift(here, it, &statement)?,
        _ => {
            let what =
                format!("a server takes rejections, holds and lifts here, not {}", envelope.kind);
            return Err(Refused::one(Class::Unsupported, Reason::Unsupported, what));
        }
    };
    if let Some(entry) = &mut entry {
        entry.statements = vec![envelope.clone()];
    }
    Ok(Transition { state: next, receipt: None, effect: Effect::Nothing, entry })
}

fn reject(
    here: Here<'_>,
    reject: &Reject,
    statement: &Statement,
) -> Result<(ServerState, Option<Entry>), Refused> {
    let state = here.state;
    if rejecter(here.policy.document(), statement).is_none() {
        let what = "no valid signature by somebody with an approving role";
        return Err(Refused::one(Class::Forbidden, Reason::BadSignature, what));
    }
    if state.rejections.contains_key(&reject.plan) {
        return Ok((state.clone(), None));
    }
    if state.rejections.len() >= MAX_REJECTIONS {
        let what = format!("{MAX_REJECTIONS} rejections are remembered already");
        return Err(Refused::one(Class::Forbidden, Reason::Limit, what));
    }
    let mut next = here.next();
    next.rejections.insert(reject.plan, statement.digest);
    let entry = Entry::of(here.at.now, "rejected", Some(reject.plan), state.generation());
    Ok((next, Some(entry)))
}

/// Who of the policy's people, with an approving role, signed a rejection.
pub(crate) fn rejecter(policy: &PolicyDocument, statement: &Statement) -> Option<PersonId> {
    let may = policy.people.iter().filter(|it| it.roles.iter().any(|role| policy.approves(role)));
    may.into_iter()
        .find(|it| it.keys.iter().any(|key| statement.signed_by(key)))
        .map(|it| it.id.clone())
}

/// What is live, to be signed for whoever asks: `GET /v1/group?challenge=`.
///
/// # Errors
/// [`Refused`] when the challenge is longer than its limit or not printable ASCII.
pub fn state_receipt(
    policy: &Policy,
    state: &ServerState,
    challenge: Option<&str>,
    at: &Reading,
) -> Result<Receipt, Refused> {
    let odd = |it: &str| {
        it.len() > MAX_CHALLENGE_BYTES || !it.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if challenge.is_some_and(odd) {
        let what = format!("a challenge is up to {MAX_CHALLENGE_BYTES} printable ASCII characters");
        return Err(Refused::one(Class::Malformed, Reason::Limit, what));
    }
    if challenge.is_some_and(peer::is_reserved) {
        let what = "a challenge of this form is a question of one server to another";
        return Err(Refused::one(Class::Malformed, Reason::Malformed, what));
    }
    let here = Here { policy, state, at };
    Ok(Receipt { challenge: challenge.map(str::to_owned), ..here.state_receipt() })
}

fn doubtful(state: &ServerState) -> Transition {
    let mut transition = Transition::none(state);
    if let Some(slot) = &mut transition.state.slot {
        slot.doubt = true;
    }
    transition
}

fn freed(here: Here<'_>, plan: Digest, what: &str) -> Transition {
    let mut next = here.next();
    next.slot = None;
    let entry = Entry::of(here.at.now, what, Some(plan), next.generation());
    Transition { state: next, receipt: None, effect: Effect::Freed, entry: Some(entry) }
}
