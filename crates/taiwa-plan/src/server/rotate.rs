//! Rotation: a newer policy takes the place of the one in force, on a running server.

use super::{Class, Effect, Entry, Here, Refused, ServerState, Transition};
use crate::{Epoch, Policy, Reading, Reason};

/// Takes the next policy. A lease ends with it; a promise to an anchor stays, and is ended by what the anchor did or
/// did not do (see [`super::learn`]).
///
/// # Errors
/// [`Refused`]; nothing changed.
pub fn rotate(
    policy: &Policy,
    state: &ServerState,
    next: &Policy,
    at: &Reading,
) -> Result<Transition, Refused> {
    let here = Here { policy, state, at };
    if next.digest() == policy.digest() {
        return Ok(Transition::none(state));
    }
    next.follows(policy).map_err(Refused::all)?;
    let listed = next.document().servers.iter();
    if let Some(again) = listed.clone().find(|it| state.retired_keys.contains(&it.key)) {
        let what = format!("{} has the key of a server that was retired", again.id);
        return Err(Refused::one(Class::Forbidden, Reason::PolicyInvalid, what));
    }
    if next.document().server(&state.server).is_none() {
        let what = format!("{} is not among the servers of the new policy", state.server);
        return Err(Refused::one(Class::Forbidden, Reason::NotAMember, what));
    }
    let mut new = here.next();
    new.floor = new.floor.max(next.document().issued);
    new.policy = *next.digest();
    new.earlier.insert(*policy.digest());
    let gone = policy.document().servers.iter();
    let gone = gone.filter(|it| next.document().server(&it.id).is_none());
    new.retired_keys.extend(gone.map(|it| it.key.clone()));
    // Who becomes the anchor leads once it has seen everybody under this policy; who waited for that waits again.
    let waits = next.hands_over(policy) || state.handover.is_some();
    new.handover = (state.is_anchor(next) && waits).then(Default::default);
    if state.is_anchor(next) && !waits {
        // Everybody sees by its epoch that it leads.
        new.epoch = new.epoch.max(Epoch { version: next.document().version, counter: 0 });
    }
    let mut effect = Effect::Nothing;
    if new.slot.take_if(|it| it.is_lease()).is_some() {
        effect = Effect::Freed;
    }
    let mut entry = Entry::of(at.now, "rotated", None, state.generation());
    entry.statements = vec![next.envelope().clone()];
    Ok(Transition { state: new, receipt: None, effect, entry: Some(entry) })
}
