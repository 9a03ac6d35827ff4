//! Learning: a server that was left behind becomes what its group is, by the anchor's word and its own counting.
//!
//! **Invariants.** The generation only grows, and a generation is the same release on every server: what is learned was
//! committed by the anchor of the policy of its day, under approvals that counted then. Whoever brings it decides only
//! when. Expiry, windows and holds are not asked again: the anchor did, once.

use taiwa_model::Timestamp;

use super::{
    Active, Class, Effect, Entry, Here, Ran, Refused, ServerState, Transition, receipt_by,
};
use crate::{
    Bundle, Envelope, Move, Payload, Phase, Plan, Policy, Reading, Reason, Receipt, Statement,
    count, covered,
};

/// `POST /admin/v1/convergence`.
#[derive(Clone, Copy, Debug)]
pub struct Learning<'a> {
    /// What proved the move when it was made.
    pub bundle: &'a Bundle,
    /// The `committed` receipt of the anchor of that day.
    pub word: &'a Envelope,
    /// The policies before the one in force, the latest first ([`Policy::earlier`]).
    pub earlier: &'a [Policy],
}

/// Becomes a later generation of the group.
///
/// # Errors
/// [`Refused`]; nothing changed.
pub fn learn(
    policy: &Policy,
    state: &ServerState,
    proof: &Learning<'_>,
    at: &Reading,
) -> Result<Transition, Refused> {
    let here = Here { policy, state, at };
    let open = proof.bundle.open().map_err(|it| Refused::from(&it))?;
    let (plan, digest) = (&open.plan, open.digest);
    let known = std::iter::once(policy).chain(proof.earlier);
    let Some(of_day) = known.into_iter().find(|it| *it.digest() == plan.policy) else {
        let what = "the plan was made under a policy that does not lead to the one in force here";
        return Err(Refused::one(Class::Forbidden, Reason::WrongPolicy, what));
    };
    let anchor = &of_day.document().anchor;
    let brought = proof.word.open().map_err(|it| Refused::from(&it))?;
    let word = receipt_by(of_day, anchor, Phase::Committed, &brought).and_then(|it| {
        let step = it.step?;
        let goal = plan.goal(step);
        let right = it.plan == Some(digest) && it.generation == goal.target;
        (right && it.release == goal.to).then_some((it, step, goal))
    });
    let Some((word, step, goal)) = word else {
        let what = format!("a `committed` receipt of the anchor {anchor} for this plan is needed");
        return Err(Refused::one(Class::Forbidden, Reason::ReceiptMissing, what));
    };
    if goal.target == state.generation() && goal.to == state.release() {
        let state = state.clone();
        return Ok(Transition { state, receipt: None, effect: Effect::Nothing, entry: None });
    }
    if goal.target <= state.generation() {
        let (theirs, mine) = (goal.target, state.generation());
        let what = format!("it leads to generation {theirs}, live is {mine}");
        return Err(Refused::one(Class::Conflict, Reason::StalePlan, what));
    }
    let counted = match step {
        Move::Step1 => count(plan, of_day, &open.statements, word.issued),
        // They counted when the step was committed; the last of them is the earliest instant at which that can be.
        Move::Back => covered(plan, of_day, &open.statements, last_approval(&open.statements)),
    };
    if of_day.document().protected && !counted.is_met() {
        let what = "the approvals of its day do not count enough people";
        return Err(Refused::one(Class::Forbidden, Reason::ApprovalMissing, what));
    }
    let stored = goal.to.filter(|it| state.stored.contains(it));
    let Some(to) = stored else {
        let name = goal.to.map_or_else(|| "nothing".to_owned(), |it| it.short());
        let what = format!("{name} is not stored on {}", state.server);
        return Err(Refused::one(Class::Conflict, Reason::NotStored, what));
    };
    Ok(become_it(here, proof, (plan, step), word, to))
}

fn last_approval(statements: &[Statement]) -> Timestamp {
    let approvals = statements.iter().filter_map(|it| match &it.payload {
        Payload::Approve(approve) => Some(approve.issued),
        _ => None,
    });
    approvals.max().unwrap_or_default()
}

fn become_it(
    here: Here<'_>,
    proof: &Learning<'_>,
    (plan, step): (&Plan, Move),
    word: &Receipt,
    to: taiwa_model::Digest,
) -> Transition {
    let digest = proof.bundle.plan_digest();
    let goal = plan.goal(step);
    let receipt = here.receipt(goal, (digest, step, word.epoch), Phase::Committed);
    let since = here.at.issued();
    let mut state = here.next();
    state.active = Some(Active {
        release: to,
        generation: goal.target,
        plan: digest,
        step,
        epoch: word.epoch,
        since,
        receipt: receipt.clone(),
        bundle: proof.bundle.clone(),
        word: Some(proof.word.clone()),
    });
    state.epoch = state.epoch.max(word.epoch);
    if state.slot.as_ref().is_some_and(|it| it.epoch <= word.epoch) {
        state.slot = None;
    }
    let ran = Ran { generation: goal.target, policy: word.policy, since };
    state.remember((plan, step), to, ran);
    let mut entry = Entry::of(here.at.now, "learned", Some(digest), goal.target);
    entry.bundle = Some(proof.bundle.clone());
    entry.statements = vec![proof.word.clone()];
    let effect = Effect::Swap { release: to, generation: goal.target };
    Transition { state, receipt: Some(receipt), effect, entry: Some(entry) }
}
