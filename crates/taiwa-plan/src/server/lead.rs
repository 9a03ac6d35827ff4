//! What a server does with the signed state of a peer, over a challenge of its own: it learns that an attempt is over,
//! or that it may lead.
//!
//! **Invariants.** A doubt ends by the word of who decides, and of nobody else. Who became the anchor by a policy leads
//! only when every other member has shown a state under that policy, at a generation not above its own: then nobody can
//! be moved by the old word any more. A peer that is ahead is not believed here but learned from, see [`super::learn`].
//! An anchor that is shown what only it can have begun, and does not know it, never leads under that policy again.

use std::collections::BTreeSet;

use taiwa_model::ServerId;

use super::{Class, Effect, Entry, Here, Refused, ServerState, Transition, stay};
use crate::{Epoch, Policy, Reading, Reason, Receipt, Refusal};

/// Hears a peer. The receipt is a `state` that the peer signed over a challenge of this server's: verified by
/// [`crate::read_state`] under the policy in force.
pub fn hear(policy: &Policy, state: &ServerState, peer: &Receipt, at: &Reading) -> Transition {
    let here = Here { policy, state, at };
    let mut next = here.next();
    let mut entry = None;
    let mut effect = Effect::Nothing;
    if is_unknown(here, peer) {
        forgets(policy, &mut next);
        entry = Some(Entry::of(at.now, "forgot", None, state.generation()));
        effect = Effect::Freed;
    } else if saw(here, peer, &mut next) {
        let version = policy.document().version;
        next.handover = None;
        // Nor can a promise count that its disk forgot: whoever held it has shown this policy.
        next.fresh_disk = None;
        next.slot = None;
        next.epoch = next.epoch.max(Epoch { version, counter: 0 });
        entry = Some(Entry::of(at.now, "leads", None, state.generation()));
        effect = Effect::Freed;
    } else if is_over(here, peer) {
        let plan = next.slot.take().map(|it| it.plan);
        entry = Some(Entry::of(at.now, "over", plan, state.generation()));
        effect = Effect::Freed;
    }
    if next.fresh_disk.is_some() && knows(here, peer) {
        next.fresh_disk = None;
        // Somebody may rely a moment longer on what its old disk showed.
        next.after_doubt |= state.active.is_some() && stay::applies(policy);
    }
    let same = next.handover == state.handover && next.fresh_disk == state.fresh_disk;
    if same && entry.is_none() {
        next = state.clone();
    }
    Transition { state: next, receipt: None, effect, entry }
}

/// Whether nothing that a replaced disk may have promised can be committed any more: who leads shows no open attempt, and
/// is not ahead.
fn knows(here: Here<'_>, peer: &Receipt) -> bool {
    let Here { policy, state, at: _ } = here;
    let document = policy.document();
    let leads = peer.policy == *policy.digest() && peer.epoch.version == document.version;
    let decides = peer.server == document.anchor && leads;
    decides && peer.plan.is_none() && peer.generation == state.generation()
}

/// Notes who has the policy too. True when that was the last one.
fn saw(here: Here<'_>, peer: &Receipt, next: &mut ServerState) -> bool {
    let Here { policy, state, at: _ } = here;
    let Some(seen) = next.handover.as_mut().filter(|_| !forgot(policy, state)) else {
        return false;
    };
    let same = peer.policy == *policy.digest() && peer.generation <= state.generation();
    if same && policy.document().server(&peer.server).is_some() {
        seen.insert(peer.server.clone());
    }
    others(here).iter().all(|it| seen.contains(it))
}

fn others(here: Here<'_>) -> Vec<ServerId> {
    let mut members = here.policy.document().members();
    members.retain(|it| *it != here.state.server);
    members
}

/// Whether the attempt of the open slot can never commit any more, by the word of who decides.
fn is_over(here: Here<'_>, peer: &Receipt) -> bool {
    let Here { policy, state, at: _ } = here;
    let document = policy.document();
    let Some(slot) = state.slot.as_ref().filter(|_| !state.is_anchor(policy)) else {
        return false;
    };
    if peer.generation != state.generation() || peer.server != document.anchor {
        return false;
    }
    let by_slots_anchor = slot.word.as_ref().and_then(|it| it.open().ok()).is_some_and(|it| {
        let anchor = document.server(&document.anchor);
        anchor.is_some_and(|anchor| it.signed_by(&anchor.key))
    });
    // The epoch of an anchor is of the version in force from the moment on at which it leads.
    let leads = peer.policy == *policy.digest() && peer.epoch.version == document.version;
    let later = peer.policy == *policy.digest() && document.version > slot.epoch.version;
    let ended = peer.epoch > slot.epoch || (peer.epoch == slot.epoch && peer.plan.is_none());
    // Whoever shows less than the epoch of its own attempt has forgotten it.
    (by_slots_anchor || leads) && ((later && peer.epoch >= slot.epoch) || ended)
}

/// Whether a peer has seen an attempt under the policy in force that this anchor, which issues them, does not know.
fn is_unknown(here: Here<'_>, peer: &Receipt) -> bool {
    let Here { policy, state, at: _ } = here;
    let version = policy.document().version;
    let of_today = peer.policy == *policy.digest() && peer.epoch.version == version;
    state.is_anchor(policy) && !forgot(policy, state) && of_today && peer.epoch > state.epoch
}

/// The anchor's disk is not the one that it had. What it committed and nobody else knows would be a second release of the
/// same generation: it leads again under the next policy, under which that word is void.
pub(super) fn forgets(policy: &Policy, state: &mut ServerState) {
    state.fresh_disk = Some(policy.document().version);
    state.handover = Some(BTreeSet::new());
    state.slot = None;
}

/// Whether an anchor's disk was replaced under the policy in force: whatever it hears, it does not lead under that.
fn forgot(policy: &Policy, state: &ServerState) -> bool {
    state.is_anchor(policy) && state.fresh_disk == Some(policy.document().version)
}

/// Whose word an anchor still waits for before it leads; empty: it leads, or is none.
pub fn waits_for(policy: &Policy, state: &ServerState) -> Vec<ServerId> {
    let Some(seen) = state.handover.as_ref().filter(|_| state.is_anchor(policy)) else {
        return Vec::new();
    };
    let mut missing = policy.document().members();
    missing.retain(|it| *it != state.server && !seen.contains(it));
    missing
}

/// Only who leads decides.
pub(super) fn leads(policy: &Policy, state: &ServerState) -> Result<(), Refused> {
    let (document, missing) = (policy.document(), waits_for(policy, state));
    if missing.is_empty() {
        return Ok(());
    }
    if forgot(policy, state) {
        let environment = &document.environment;
        let what = format!(
            "the disk of {} was replaced, and the anchor cannot know what else it had committed: it leads again under \
             the next policy",
            state.server
        );
        let refusal = Refusal::new(Reason::NotLeading, what)
            .by("whoever signs the policy")
            .with(format!("taiwa policy propose {environment}"));
        return Err(Refused { class: Class::Conflict, refusals: vec![refusal] });
    }
    let names: Vec<&str> = missing.iter().map(ServerId::as_str).collect();
    let what = format!(
        "{} is the anchor by a new policy and does not lead yet: it waits for the word of {}",
        state.server,
        names.join(", ")
    );
    let refusal = Refusal::new(Reason::NotLeading, what)
        .by("the servers themselves, once they run with this policy and reach each other")
        .with(format!("taiwa policy install {}", document.environment));
    Err(Refused { class: Class::Conflict, refusals: vec![refusal] })
}
