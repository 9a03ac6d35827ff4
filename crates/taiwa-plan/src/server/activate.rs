//! Activate: the switch. The anchor's is the commit point; the others follow its word and nothing else.

use taiwa_model::{Digest, ServerId};

use super::{
    Active, Class, Effect, Entry, Here, Ran, Refused, ServerState, Slot, Transition, lead,
    receipt_by, revert, stay,
};
use crate::{
    Bundle, Envelope, Epoch, Move, Phase, Plan, Policy, Reading, Reason, Refusal, Refusals, admit,
};

/// `POST /admin/v1/activation`.
#[derive(Clone, Copy, Debug)]
pub struct Activation<'a> {
    /// What proves the move.
    pub bundle: &'a Bundle,
    /// The move.
    pub step: Move,
    /// At the anchor: everybody else's `prepared` receipts. At another: the anchor's `committed` one.
    pub receipts: &'a [Envelope],
}

/// Most receipts that may come with an activation.
const MAX_RECEIPTS: usize = 256;

/// Switches, by compare-and-set on generation and digest.
///
/// # Errors
/// [`Refused`]; nothing changed.
pub fn activate(
    policy: &Policy,
    state: &ServerState,
    request: &Activation<'_>,
    at: &Reading,
) -> Result<Transition, Refused> {
    let here = Here { policy, state, at };
    if request.receipts.len() > MAX_RECEIPTS {
        let what = format!("more than {MAX_RECEIPTS} receipts");
        return Err(Refused::one(Class::Malformed, Reason::Limit, what));
    }
    let (plan, digest) = Plan::read(&request.bundle.plan).map_err(|it| Refused::from(&it))?;
    if let Some(active) = &state.active
        && (active.plan, active.step) == (digest, request.step)
    {
        return Ok(Transition {
            state: state.clone(),
            receipt: Some(active.receipt.clone()),
            effect: Effect::Nothing,
            entry: None,
        });
    }
    if state.is_anchor(policy) {
        at_anchor(here, request, &plan, digest)
    } else {
        at_other(here, request, &plan, digest)
    }
}

fn at_anchor(
    here: Here<'_>,
    request: &Activation<'_>,
    plan: &Plan,
    digest: Digest,
) -> Result<Transition, Refused> {
    let Here { policy, state, at } = here;
    lead::leads(policy, state)?;
    let slot = my_slot(here, request, digest)?;
    let goal = here.goal(plan, request.step);
    here.compare(goal)?;
    let mut refusals = Refusals::new();
    if let Err(more) = admit(policy, state, request.bundle, request.step, at) {
        refusals.extend(more);
    }
    let brought: Vec<_> = request.receipts.iter().filter_map(|it| it.open().ok()).collect();
    let left_out = |id: &ServerId| plan.choices.absent.iter().any(|it| it.server == *id);
    let members = policy.document().members();
    for member in members.iter().filter(|it| **it != state.server && !left_out(it)) {
        let prepared = brought.iter().any(|statement| {
            receipt_by(policy, member, Phase::Prepared, statement).is_some_and(|it| {
                it.epoch == slot.epoch
                    && it.plan == Some(digest)
                    && it.step == Some(request.step)
                    && it.generation == goal.target
                    && it.release == goal.to
            })
        });
        if !prepared {
            let what = format!("{member} has not said that it is prepared in epoch {}", slot.epoch);
            refusals.push(Refusal::new(Reason::ReceiptMissing, what));
        }
    }
    if !refusals.is_empty() {
        return Err(Refused::all(refusals));
    }
    let Some(to) = goal.to else {
        let what = "there is no release to go back to";
        return Err(Refused::one(Class::Conflict, Reason::NeverRan, what));
    };
    let mut done = switch(here, request, (plan, to), slot.epoch, None);
    done.state.alone = stay::may_be_alone(policy, plan);
    Ok(done)
}

fn at_other(
    here: Here<'_>,
    request: &Activation<'_>,
    plan: &Plan,
    digest: Digest,
) -> Result<Transition, Refused> {
    let Here { policy, state, at } = here;
    if plan.policy != *policy.digest() {
        let what = "the plan was made under another policy";
        return Err(Refused::one(Class::Forbidden, Reason::WrongPolicy, what));
    }
    let anchor = &policy.document().anchor;
    let goal = here.goal(plan, request.step);
    let word = request.receipts.iter().find_map(|envelope| {
        let statement = envelope.open().ok()?;
        let receipt = receipt_by(policy, anchor, Phase::Committed, &statement)?;
        let right = receipt.plan == Some(digest)
            && receipt.step == Some(request.step)
            && receipt.generation == goal.target
            && receipt.release == goal.to;
        right.then_some((envelope, receipt.epoch))
    });
    let Some((word, epoch)) = word else {
        let what = format!("a `committed` receipt of the anchor {anchor} for this move is needed");
        return Err(Refused::one(Class::Forbidden, Reason::ReceiptMissing, what));
    };
    here.compare(goal)?;
    let active = state.active.as_ref();
    let ends = request.step == Move::Back
        && active.is_some_and(|it| it.plan == digest && it.revert_at.is_some());
    match my_slot(here, request, digest) {
        Ok(_) => {}
        // An emergency that ends is nobody's deployment: nothing was prepared for it.
        Err(_) if ends => revert::is_past(plan, at)?,
        Err(refused) => return Err(refused),
    }
    let to = here.whole(plan, &goal)?;
    let mut done = switch(here, request, (plan, to), epoch, Some(word));
    // Who follows another one's word is not alone, whatever it committed itself before.
    done.state.alone = false;
    Ok(done)
}

fn my_slot<'a>(
    here: Here<'a>,
    request: &Activation<'_>,
    digest: Digest,
) -> Result<&'a Slot, Refused> {
    let slot = here.state.live_slot(here.at);
    slot.filter(|it| it.plan == digest && it.step == request.step).ok_or_else(|| {
        let what = match (slot, &here.state.slot) {
            (Some(other), _) => format!("the slot is held by the plan {}", other.plan.short()),
            (None, Some(over)) => format!("the lease of epoch {} is over", over.epoch),
            (None, None) => "no slot is open for this plan".to_owned(),
        };
        Refused::one(Class::Conflict, Reason::Conflict, what)
    })
}

fn switch(
    here: Here<'_>,
    request: &Activation<'_>,
    (plan, to): (&Plan, Digest),
    epoch: Epoch,
    word: Option<&Envelope>,
) -> Transition {
    let (step, digest) = (request.step, request.bundle.plan_digest());
    let goal = here.goal(plan, step);
    let receipt = here.receipt(goal, (digest, step, epoch), Phase::Committed);
    let since = here.at.issued();
    let mut state = here.next();
    let proof = (request.bundle, word);
    let of = (step, goal, to);
    let active = Active::of(plan, of, epoch, (since, receipt.clone()), proof);
    let rest = active.rest;
    state.active = Some(active);
    state.after_doubt |= stay::is_relied_on(here.policy, here.state);
    state.slot = None;
    state.epoch = state.epoch.max(epoch);
    let ran = Ran { generation: goal.target, policy: *here.policy.digest(), since };
    state.remember((plan, step), to, ran);
    let mut entry = Entry::of(here.at.now, "activated", Some(digest), goal.target);
    entry.release = Some(to);
    entry.bundle = Some(request.bundle.clone());
    entry.statements = match word {
        Some(word) => vec![word.clone()],
        None => request.receipts.to_vec(),
    };
    let effect = Effect::Swap { release: to, generation: goal.target, rest };
    Transition { state, receipt: Some(receipt), effect, entry: Some(entry) }
}
