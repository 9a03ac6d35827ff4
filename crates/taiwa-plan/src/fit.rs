//! Whether a plan fits: the world as it is now, and the policy whose group it is for.
//!
//! Used by whoever takes a filed plan again and by [`crate::admit`], so that both say the same.

use std::collections::BTreeSet;

use taiwa_model::Timestamp;

use crate::{
    GroupState, MAX_STEPS, Move, Plan, PlanKind, Policy, Reason, Refusal, Refusals, Step,
    authorship::separates,
};

/// Longest time that one step may last, in seconds: 14 days.
const MAX_STEP_S: u64 = 14 * 86_400;

/// Whether a plan that was made before still fits the world; it is void as soon as anything differs.
pub fn plan_against_world(
    plan: &Plan,
    policy: &Policy,
    group: &GroupState,
    now: Timestamp,
) -> Refusals {
    let mut out = plan_against_policy(plan, policy);
    if plan.not_after < now {
        let what = format!("the plan could be committed until {}", plan.not_after);
        out.push(Refusal::new(Reason::Expired, what));
    }
    match group.settled_without(policy, &plan.choices.absent) {
        Err(more) => out.extend(more),
        Ok(live) if live != (plan.goal(Move::FIRST, plan.base).from, plan.base) => {
            let (release, generation) = live;
            let live = release.map_or_else(|| "nothing".to_owned(), |it| it.short());
            let what = format!(
                "the plan starts from generation {}; live is generation {generation}, {live}",
                plan.base
            );
            out.push(Refusal::new(Reason::StalePlan, what));
        }
        Ok(_) => {}
    }
    out
}

/// Whether a plan is one for this policy's group, and asks for nothing that is not built.
pub(crate) fn plan_against_policy(plan: &Plan, policy: &Policy) -> Refusals {
    let document = policy.document();
    let mut out: Refusals = plan
        .unsupported()
        .into_iter()
        .map(|it| Refusal::new(Reason::Unsupported, format!("the plan asks for {it}")))
        .collect();
    // Contributors come from evidence, which only a change under a policy that separates has.
    let separated = separates(document) && plan.kind == PlanKind::Change;
    let named =
        [("contributors", plan.contributors.is_empty()), ("unknown", plan.unknown.is_empty())];
    for (field, _) in named.into_iter().filter(|it| !it.1 && !separated) {
        let what = format!("the plan names {field}, for which it has no evidence");
        out.push(Refusal::new(Reason::Unsupported, what));
    }
    if plan.environment != document.environment {
        let what = format!("the plan is for {}, not {}", plan.environment, document.environment);
        out.push(Refusal::new(Reason::WrongEnvironment, what));
    }
    if plan.policy != *policy.digest() {
        let (theirs, mine) = (plan.policy.short(), policy.digest().short());
        let what = format!("the plan was made under the policy {theirs}; in force is {mine}");
        out.push(Refusal::new(Reason::WrongPolicy, what));
    }
    if plan.anchor != document.anchor || plan.servers != document.members() {
        let what = "the plan names another anchor or other servers than the policy";
        out.push(Refusal::new(Reason::StalePlan, what));
    }
    if plan.base.checked_add(1) != Some(plan.target) {
        let what = "the plan's target is not the generation after its base";
        out.push(Refusal::new(Reason::Malformed, what));
    }
    if plan.from == Some(plan.to) {
        out.push(Refusal::new(Reason::NothingToDo, "the plan changes nothing"));
    }
    steps(plan, &mut out);
    goes_on(plan, &mut out);
    absent(plan, policy, &mut out);
    out.extend(crate::admit::emergency_unfit(plan, policy));
    out
}

/// Steps grow, and end with everybody; where nothing ran before, and on the way back, there is one.
fn steps(plan: &Plan, out: &mut Refusals) {
    let mut say = |what: &str| out.push(Refusal::new(Reason::Malformed, what));
    if plan.steps.len() > usize::from(MAX_STEPS) {
        say("a plan has at most 20 steps");
    }
    if plan.steps.last() != Some(&Step::ALL) {
        say("the last step is all visitors, without an end");
    }
    let pairs = plan.steps.iter().zip(plan.steps.iter().skip(1));
    if pairs.into_iter().any(|(one, next)| one.share_bp >= next.share_bp) {
        say("the steps of a plan grow");
    }
    if plan.steps.iter().any(|it| it.share_bp == 0 || it.for_s > MAX_STEP_S) {
        say("a step has a share, and lasts at most 14 days");
    }
    if plan.steps.len() > 1 && (plan.from.is_none() || plan.kind != PlanKind::Change) {
        say("only a change of a release that runs is made in steps");
    }
}

/// Who goes on with a rollout takes nobody out of it again, and everything else is as for a rollout that begins.
fn goes_on(plan: &Plan, out: &mut Refusals) {
    let Some(share_bp) = plan.choices.goes_on_bp else { return };
    let mut say = |what: &str| out.push(Refusal::new(Reason::Malformed, what));
    if plan.kind != PlanKind::Change || plan.from.is_none() {
        say("only a change of a release that runs goes on with a rollout");
    }
    if share_bp == 0 || plan.steps.first().is_none_or(|it| it.share_bp <= share_bp) {
        say("a plan that goes on with a rollout begins with more visitors than are in already");
    }
}

/// Who is left out is a member, is not the anchor, has a reason, and is named once.
fn absent(plan: &Plan, policy: &Policy, out: &mut Refusals) {
    let mut seen = BTreeSet::new();
    for it in &plan.choices.absent {
        let id = &it.server;
        let mut say = |what: String| out.push(Refusal::new(Reason::Malformed, what));
        if policy.document().server(id).is_none() || *id == policy.document().anchor {
            say(format!("{id} cannot be left out: it is the anchor, or no member"));
        }
        if it.why.trim().is_empty() {
            say(format!("the plan does not say why {id} is left out"));
        }
        if !seen.insert(id) {
            say(format!("{id} is left out twice"));
        }
    }
}
