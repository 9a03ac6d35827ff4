//! Learning: a server that was left behind becomes what its group is, by the anchor's word and its own counting.
//!
//! **Invariants.** The generation only grows, and a generation is the same release on every server: what is learned was
//! committed by the anchor of the policy of its day, under approvals that counted then. Whoever brings it decides only
//! when. Expiry, windows and holds are not asked again: the anchor did, once. What was said under an earlier policy moves
//! nobody beyond where the anchor in force is: that one began from what the members showed it, and what none of them had
//! by then (the last word of an anchor that was lost, in a deployer's hands) would be a second release of its generation.

use taiwa_model::Timestamp;

use super::{
    Active, Class, Effect, Entry, Here, Ran, Refused, ServerState, Transition, lead, receipt_by,
    revert, stay,
};
use crate::{
    Bundle, Envelope, Move, Payload, Phase, Plan, PlanKind, Policy, Reading, Reason, Receipt,
    Statement,
    admit::as_change,
    approvals::{When, count_again, count_as},
    covered,
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
    /// A `state` of the anchor in force that shows the same release at the same generation. Needed by others than that
    /// anchor where the plan was made under an earlier policy; of any age, as its generation only grows.
    pub shown: Option<&'a Envelope>,
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
    let word = spoken(policy, proof, of_day, &brought).and_then(|it| {
        let step = it.step?;
        let goal = plan.goal_at(step, it.generation);
        let right = it.plan == Some(digest) && it.generation == goal.target;
        (right && it.release == goal.to).then_some((it, step, goal))
    });
    let Some((word, step, goal)) = word else {
        let what = format!("a `committed` receipt of the anchor {anchor} for this plan is needed");
        return Err(Refused::one(Class::Forbidden, Reason::ReceiptMissing, what));
    };
    if goal.target == state.generation() && goal.to == state.release() {
        return Ok(Transition::none(state));
    }
    if goal.target <= state.generation() {
        let (theirs, mine) = (goal.target, state.generation());
        let what = format!("it leads to generation {theirs}, live is {mine}");
        return Err(Refused::one(Class::Conflict, Reason::StalePlan, what));
    }
    let counted = match step {
        Move::Step(_) => count_again(plan, of_day, &open.statements, word.issued),
        Move::Ratify => {
            let ordinary = as_change(of_day, &open, word.issued);
            let of = (ordinary.kind, Some(digest));
            count_as(of, &ordinary, of_day, &open.statements, When::Again(word.issued))
        }
        // They counted when the step was committed; the last of them is the earliest instant at which that can be.
        Move::Back if ended(plan, word) => {
            revert::is_past(plan, at)?;
            count_again(plan, of_day, &open.statements, last_approval(&open.statements))
        }
        Move::Back => covered(plan, of_day, &open.statements, last_approval(&open.statements)),
    };
    if of_day.document().protected && !counted.is_met() {
        let what = "the approvals of its day do not count enough people";
        return Err(Refused::one(Class::Forbidden, Reason::ApprovalMissing, what));
    }
    if !still_counts(here, proof, (of_day, word)) {
        let who = &policy.document().anchor;
        let what = format!(
            "the plan was made under an earlier policy, and nothing shows that {who}, which decides now, is at its release"
        );
        return Err(Refused::one(Class::Conflict, Reason::WrongPolicy, what));
    }
    let to = here.whole(plan, &goal)?;
    Ok(become_it(here, proof, (plan, step), word, to))
}

/// Whether the word of an earlier policy may still move this server. The anchor in force takes it while it collects what
/// there is and does not lead, or if it said it itself; everybody else where that anchor is at exactly that.
fn still_counts(here: Here<'_>, proof: &Learning<'_>, (of_day, word): (&Policy, &Receipt)) -> bool {
    let Here { policy, state, at: _ } = here;
    if of_day.digest() == policy.digest() || word.policy == *policy.digest() {
        return true;
    }
    let document = policy.document();
    if state.is_anchor(policy) {
        let key = |of: &Policy, id| of.document().server(id).map(|it| it.key.clone());
        let own =
            word.server == state.server && key(of_day, &word.server) == key(policy, &state.server);
        return state.handover.is_some() || own;
    }
    let shown = proof.shown.and_then(|it| it.open().ok());
    let shown =
        shown.as_ref().and_then(|it| receipt_by(policy, &document.anchor, Phase::State, it));
    shown.is_some_and(|it| (it.generation, it.release) == (word.generation, word.release))
}

/// The `committed` receipt, if it is by the anchor of the day; the end of an emergency may be by one that came after it.
fn spoken<'a>(
    policy: &Policy,
    proof: &Learning<'_>,
    of_day: &Policy,
    word: &'a Statement,
) -> Option<&'a Receipt> {
    let by = |it: &Policy| receipt_by(it, &it.document().anchor, Phase::Committed, word);
    let later = |it: &&Policy| it.document().version > of_day.document().version;
    let since = std::iter::once(policy).chain(proof.earlier).filter(later);
    let ends = |it: &&Receipt| it.step == Some(Move::Back);
    let emergency = proof.bundle.open().is_ok_and(|it| it.plan.kind == PlanKind::Emergency);
    by(of_day).or_else(|| since.filter_map(by).find(|it| emergency && ends(it)))
}

/// Whether the move is the end of an emergency, for which nobody had to pull.
fn ended(plan: &Plan, word: &Receipt) -> bool {
    plan.kind == PlanKind::Emergency && plan.choices.revert_at.is_some_and(|it| it <= word.issued)
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
    let goal = plan.goal_at(step, word.generation);
    let receipt = here.receipt(goal, (digest, step, word.epoch), Phase::Committed);
    let since = here.at.issued();
    let mut state = here.next();
    let proven = (proof.bundle, Some(proof.word));
    let active = Active::of(plan, (step, goal, to), word.epoch, (since, receipt.clone()), proven);
    let rest = active.rest;
    state.active = Some(active);
    state.epoch = state.epoch.max(word.epoch);
    state.alone = false;
    state.after_doubt |= stay::is_relied_on(here.policy, here.state);
    // An anchor that has to be told what it said itself does not have the disk that it had.
    if here.state.is_anchor(here.policy) && word.server == here.state.server {
        lead::forgets(here.policy, &mut state);
    }
    if state.slot.as_ref().is_some_and(|it| it.epoch <= word.epoch) {
        state.slot = None;
    }
    let ran = Ran { generation: goal.target, policy: word.policy, since };
    state.remember((plan, step), to, ran);
    let mut entry = Entry::of(here.at.now, "learned", Some(digest), goal.target);
    entry.release = Some(to);
    entry.bundle = Some(proof.bundle.clone());
    entry.statements = vec![proof.word.clone()];
    let effect = Effect::Swap { release: to, generation: goal.target, rest };
    Transition { state, receipt: Some(receipt), effect, entry: Some(entry) }
}
