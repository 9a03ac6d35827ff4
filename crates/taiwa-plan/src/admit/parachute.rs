//! The parachute: whoever approved a promotion may have covered the way back, too; then one person pulls it.
//!
//! **Invariants.** It goes back only from the plan that is live here, to where that plan began, and once: the generation
//! sees to "once". Gates, holds, freezes and the expiry of the approvals are not asked again: they counted when the plan
//! was committed, and going back must stay possible at any hour.

use taiwa_model::{PersonId, Timestamp};

use crate::{
    Count, Move, OpenBundle, Payload, Plan, Policy, PolicyDocument, Reading, Reason, Refusal,
    Refusals, Statement, approvals::count_again, clock::millis, server::ServerState,
};

/// Longest time for which a `pull` counts, in seconds: an hour.
pub const MAX_PULL_S: u64 = 3600;

/// The approvals of a plan that cover its way back, as they stood when it was committed.
pub fn covered(
    plan: &Plan,
    policy: &Policy,
    statements: &[Statement],
    committed: Timestamp,
) -> Count {
    let with = |it: &&Statement| matches!(&it.payload, Payload::Approve(it) if it.parachute);
    let with: Vec<Statement> = statements.iter().filter(with).cloned().collect();
    count_again(plan, policy, &with, committed)
}

/// Who signed a `pull`: anybody with a role that approves, rolls back or holds.
pub fn puller(policy: &PolicyDocument, statement: &Statement) -> Option<PersonId> {
    let may = |role| policy.approves(role) || policy.hold.contains(role);
    let mut people = policy.people.iter().filter(|it| it.roles.iter().any(may));
    people.find(|it| it.keys.iter().any(|key| statement.signed_by(key))).map(|it| it.id.clone())
}

pub(super) fn back(
    policy: &Policy,
    state: &ServerState,
    open: &OpenBundle,
    at: &Reading,
    out: &mut Refusals,
) -> Count {
    let plan = &open.plan;
    let active = state.active.as_ref();
    let live = active.filter(|it| it.plan == open.digest && it.step != Move::Back);
    if live.is_none() {
        let what = "the plan is not the one that is live here";
        out.push(Refusal::new(Reason::StalePlan, what));
    }
    if plan.from.is_none() {
        out.push(Refusal::new(Reason::NeverRan, "there is no release to go back to"));
    }
    match plan.parachute_until {
        None => out.push(Refusal::new(Reason::NoParachute, "the plan has no parachute")),
        Some(until) if until < at.now => {
            let what = format!("the parachute could be used until {until}");
            out.push(Refusal::new(Reason::NoParachute, what));
        }
        Some(_) => {}
    }
    let committed = live.map_or(at.now, |it| it.since);
    let count = covered(plan, policy, &open.statements, committed);
    if !count.is_met() {
        let what = "the approvals of the promotion do not cover going back";
        out.push(Refusal::new(Reason::NoParachute, what));
    }
    if !open.statements.iter().any(|it| pulled(policy.document(), open, it, at.now)) {
        let document = policy.document();
        let may = document.people.iter().filter(|person| {
            person.roles.iter().any(|it| document.approves(it) || document.hold.contains(it))
        });
        let who: Vec<&str> = may.map(|it| it.id.as_str()).collect();
        let what = "nobody has pulled the parachute";
        out.push(
            Refusal::new(Reason::ApprovalMissing, what)
                .by(who.join(", "))
                .with(format!("taiwa rollback --on {} --as ROLE", document.environment)),
        );
    }
    count
}

fn pulled(
    policy: &PolicyDocument,
    open: &OpenBundle,
    statement: &Statement,
    now: Timestamp,
) -> bool {
    let Payload::Pull(pull) = &statement.payload else { return false };
    pull.plan == open.digest
        && pull.environment == policy.environment
        && pull.step == Move::Back
        && pull.issued <= now.plus_millis(millis(policy.skew_s))
        && pull.expires > now
        && pull.expires <= pull.issued.plus_millis(millis(MAX_PULL_S))
        && puller(policy, statement).is_some()
}
