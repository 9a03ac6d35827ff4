//! Admission: the one way to a move. Policy, state, bundle and clock in; admitted or every refusal out.
//!
//! The deployer, `approve` and `promote` ask it so that people learn early; the server asks it because
//! it believes nobody. Deliberately absent: whether the move fits the live generation, which is the
//! compare-and-set of the transitions.

use taiwa_model::{Digest, PersonId, RoleName};

mod emergency;
mod parachute;
mod steps;

pub use emergency::MAX_EMERGENCY_S;
pub(crate) use emergency::{as_change, unfit as emergency_unfit};
pub use parachute::{MAX_PULL_S, covered, puller};

use crate::{
    Absent, Bundle, Count, Gate, Move, OpenBundle, Outcome, Payload, Plan, PlanKind, Policy,
    Reading, Reason, Receipt, Refusal, Refusals, Statement, Verdict,
    approvals::{When, count_as},
    authorship::{of_change, said, separates},
    clock::millis,
    evidence::origin_states,
    fit::plan_against_policy,
    frozen, gates, opened,
    planner::gate_refusal,
    server::{ServerState, hold_refusals},
};

/// How old the later of the origin's two states may be when the plan commits, in seconds.
pub const ORIGIN_FRESH_S: u64 = 600;

/// A plan that satisfied every condition of a policy at an instant. Only made by [`admit`].
#[derive(Clone, Debug)]
pub struct Admitted {
    open: OpenBundle,
    count: Count,
    verdicts: Vec<Verdict>,
}

impl Admitted {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.open.plan
    }

    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.open.digest
    }

    /// What the approvals came to.
    pub fn count(&self) -> &Count {
        &self.count
    }

    /// What the gates said.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }
}

/// Whether a server may make the plan's move now.
///
/// # Errors
/// Every unmet condition at once, with who can meet it.
pub fn admit(
    policy: &Policy,
    state: &ServerState,
    bundle: &Bundle,
    step: Move,
    at: &Reading,
) -> Result<Admitted, Refusals> {
    let open = bundle.open().map_err(|error| vec![Refusal::from(&error)])?;
    let plan = &open.plan;
    let mut out = plan_against_policy(plan, policy);
    if !at.trusted {
        let what =
            "the clock is unset or behind what it showed before; nothing that expires counts";
        out.push(Refusal::new(Reason::Clock, what));
    }
    membership(policy, state, plan, step, &mut out);
    let (count, verdicts) = match step {
        Move::Step(_) | Move::Ratify => forth(policy, state, (&open, step), at, &mut out),
        Move::Back => (parachute::back(policy, state, &open, at, &mut out), Vec::new()),
    };
    if out.is_empty() { Ok(Admitted { open, count, verdicts }) } else { Err(out) }
}

/// What a step has to meet.
fn forth(
    policy: &Policy,
    state: &ServerState,
    (open, step): (&OpenBundle, Move),
    at: &Reading,
    out: &mut Refusals,
) -> (Count, Vec<Verdict>) {
    let plan = &open.plan;
    if step == Move::FIRST && plan.not_after < at.now {
        let what = format!("the plan could be committed until {}", plan.not_after);
        out.push(Refusal::new(Reason::Expired, what));
    }
    history(state, plan, policy, out);
    rejected(policy, state, open, out);
    steps::in_order(policy, state, (open, step), at, out);
    let ordinary = (step == Move::Ratify).then(|| as_change(policy, open, at.now));
    let counted = ordinary.as_ref().unwrap_or(plan);
    let of = (counted.kind, Some(open.digest));
    let count = count_as(of, counted, policy, &open.statements, When::Now(at.now));
    approvals(policy, (counted, step), &count, out);
    let verdicts = match (plan.kind, step) {
        (PlanKind::Rollback, _) => Vec::new(),
        (PlanKind::Change, _) => {
            out.extend(hold_refusals(policy, state, at));
            calendar(policy, at, out);
            origin(policy, (open, step), at, out);
            evidence(policy, (open, step), at, out)
        }
        (PlanKind::Emergency, Move::Ratify) => {
            emergency::in_time(plan, at, out);
            origin(policy, (open, step), at, out);
            evidence(policy, (open, step), at, out)
        }
        (PlanKind::Emergency, _) => {
            out.extend(hold_refusals(policy, state, at));
            emergency::in_time(plan, at, out);
            Vec::new()
        }
    };
    (count, verdicts)
}

/// Freezes and windows: they stop changes, never the way back.
fn calendar(policy: &Policy, at: &Reading, out: &mut Refusals) {
    let document = policy.document();
    if let Some((freeze, until)) = frozen(&document.freeze, at.now) {
        let what = match until {
            Some(until) => format!("frozen until {until}: {}", freeze.reason),
            None => format!("frozen, because a freeze cannot be understood: {}", freeze.reason),
        };
        let refusal = Refusal::new(Reason::Freeze, what);
        out.push(match until {
            Some(until) => refusal.since(until),
            None => refusal,
        });
    }
    if let Err(next) = opened(&document.windows, at.now) {
        let what = match next {
            Some(next) => format!("outside the windows for changes; the next opens at {next}"),
            None => "outside the windows for changes".to_owned(),
        };
        let refusal = Refusal::new(Reason::Window, what);
        out.push(match next {
            Some(next) => refusal.since(next),
            None => refusal,
        });
    }
}

fn membership(policy: &Policy, state: &ServerState, plan: &Plan, step: Move, out: &mut Refusals) {
    if policy.document().server(&state.server).is_none() || !plan.servers.contains(&state.server) {
        let what = format!("{} is not among the plan's servers", state.server);
        out.push(Refusal::new(Reason::NotAMember, what));
    }
    if state.policy != *policy.digest() {
        out.push(Refusal::new(Reason::WrongPolicy, "this server obeys another policy"));
    }
    let goal = plan.goal(step, state.generation());
    for needed in
        goal.to.into_iter().chain(plan.rest(&goal)).filter(|it| !state.stored.contains(it))
    {
        let what = format!("{} is not stored on {}", needed.short(), state.server);
        out.push(Refusal::new(Reason::NotStored, what));
    }
}

fn history(state: &ServerState, plan: &Plan, policy: &Policy, out: &mut Refusals) {
    if state.rolled_back.contains(&plan.to) && !plan.choices.again {
        let what =
            format!("{} was rolled back here, and the plan does not say again", plan.to.short());
        out.push(Refusal::new(Reason::RolledBack, what));
    }
    let obeyed = |it: &Digest| it == policy.digest() || state.earlier.contains(it);
    let ran = state.ran.get(&plan.to).is_some_and(|it| obeyed(&it.policy));
    if plan.kind == PlanKind::Rollback && !ran {
        let what = format!("{} never ran on {} under approvals", plan.to.short(), state.server);
        out.push(Refusal::new(Reason::NeverRan, what));
    }
}

fn rejected(policy: &Policy, state: &ServerState, open: &OpenBundle, out: &mut Refusals) {
    let document = policy.document();
    let inside = open.statements.iter().any(|it| match &it.payload {
        Payload::Reject(reject) => {
            reject.plan == open.digest
                && reject.environment == document.environment
                && crate::server::rejecter(document, it).is_some()
        }
        _ => false,
    });
    if inside || state.rejections.contains_key(&open.digest) {
        let what = "somebody with an approving role rejected exactly this plan";
        out.push(Refusal::new(Reason::Rejected, what));
    }
}

/// The command with which somebody approves a plan in a role: of a change, of what is ratified, of an emergency, or, where
/// nothing has to be shown first, of the way back.
pub fn approving(plan: &Plan, step: Move, role: &str) -> String {
    let environment = &plan.environment;
    let how = match (plan.kind, step) {
        (_, Move::Ratify) => " --ratify",
        (PlanKind::Emergency, _) => " --emergency",
        (PlanKind::Rollback, _) => {
            let (to, without) = (plan.to.short(), without(&plan.choices.absent));
            return format!("taiwa rollback --on {environment} --to {to}{without} --as {role}");
        }
        (PlanKind::Change, _) => "",
    };
    format!("taiwa approve --to {environment} --as {role}{how}")
}

/// The words of a command that leave the same servers out as a plan does, for the same reason, quoted for a shell.
fn without(absent: &[Absent]) -> String {
    let Some(first) = absent.first() else { return String::new() };
    let mut words = String::new();
    for it in absent {
        words.push_str(" --without ");
        words.push_str(it.server.as_str());
    }
    format!("{words} --why '{}'", first.why.replace('\'', "'\\''"))
}

fn approvals(policy: &Policy, (plan, step): (&Plan, Move), count: &Count, out: &mut Refusals) {
    let document = policy.document();
    for role in count.roles.iter().filter(|it| it.have < it.want) {
        let free = document.people_of(&role.role).filter(|it| able(plan, count, &it.id));
        let who: Vec<_> = free.map(|it| it.id.as_str()).collect();
        let what = format!("{} of {} approvals as {}", role.have, role.want, role.role);
        let role = &role.role;
        out.push(
            Refusal::new(Reason::ApprovalMissing, what)
                .by(format!("{role}: {}", who.join(", ")))
                .with(approving(plan, step, role.as_str())),
        );
    }
    let asked = crate::approvals::thresholds(document, plan.kind);
    if let Some(more) = count.more.as_ref().filter(|it| it.have < it.want) {
        let may = |role: &RoleName| asked.iter().any(|it| it.role == *role);
        let people = document.people.iter().filter(|it| it.roles.iter().any(may));
        let free = people.filter(|it| able(plan, count, &it.id));
        let who: Vec<_> = free.map(|it| it.id.as_str()).collect();
        let what = format!("{} of {} approvals more, {}", more.have, more.want, more.why);
        let command = approving(plan, step, "ROLE");
        out.push(Refusal::new(Reason::ApprovalMissing, what).by(who.join(", ")).with(command));
    }
    let guarded = document.protected || plan.kind == PlanKind::Emergency;
    if guarded && asked.iter().map(|it| it.count).sum::<u64>() == 0 {
        let what = "the policy asks for no approval of this kind of plan, and is protected";
        out.push(Refusal::new(Reason::PolicyInvalid, what));
    }
}

/// Whether somebody who does not count yet could.
fn able(plan: &Plan, count: &Count, person: &PersonId) -> bool {
    let shut = plan.contributors.contains(person) || plan.choices.asked_by.as_ref() == Some(person);
    !shut && !count.counts(person)
}

fn evidence(
    policy: &Policy,
    (open, step): (&OpenBundle, Move),
    at: &Reading,
    out: &mut Refusals,
) -> Vec<Verdict> {
    let document = policy.document();
    if document.protected && document.gates.is_empty() {
        let what = "the policy has no gates, and is protected";
        out.push(Refusal::new(Reason::PolicyInvalid, what));
    }
    let named = |gate: &str, it: &Statement| {
        open.plan.evidence.get(gate).is_some_and(|list| list.contains(&it.digest))
    };
    let mut verdicts = Vec::new();
    let brought = of_change(policy, open.plan.from, &open.statements);
    for all in gates(policy, &open.plan.to, &brought, at.now) {
        // What the plan names, and the origin's word on its generation. An emergency was planned before there was any
        // evidence: what came since counts.
        let receipt = |it: &Statement| matches!(it.payload, Payload::Receipt(_));
        let counts = |it: &&Statement| step == Move::Ratify || named(&all.gate, it) || receipt(it);
        let approved: Vec<_> = brought.iter().filter(counts).cloned().collect();
        let listed = gates(policy, &open.plan.to, &approved, at.now);
        let of_plan = listed.into_iter().find(|it| it.gate == all.gate);
        // A later run that failed counts although the plan does not name it; one that passed does not.
        let verdict = if all.outcome == Outcome::Failed { Some(all) } else { of_plan };
        let Some(verdict) = verdict else { continue };
        if verdict.outcome != Outcome::Passed {
            out.push(gate_refusal(policy, &verdict));
        }
        verdicts.push(verdict);
    }
    if step != Move::Ratify {
        authorship(policy, open, &verdicts, out);
    }
    let brought: Vec<_> = open.statements.iter().map(|it| it.digest).collect();
    for (gate, digests) in &open.plan.evidence {
        let missing = digests.iter().any(|it| !brought.contains(it));
        if missing || !document.gates.contains_key(gate) {
            let what = format!("the plan names evidence of the gate {gate} that is not there");
            out.push(Refusal::new(Reason::GateFailed, what));
        }
    }
    verdicts
}

/// Where those who wrote a change cannot approve it, the plan names exactly those whom the evidence names.
fn authorship(policy: &Policy, open: &OpenBundle, verdicts: &[Verdict], out: &mut Refusals) {
    let gate = Gate::Authorship.name();
    let passed = verdicts.iter().find(|it| it.gate == gate && it.outcome == Outcome::Passed);
    let Some(verdict) = passed.filter(|_| separates(policy.document())) else { return };
    let plan = &open.plan;
    let same = said(&open.statements, &verdict.evidence)
        .is_some_and(|it| it.contributors == plan.contributors && it.unknown == plan.unknown);
    if !same {
        let what = "the plan names other people behind the change than the evidence does";
        out.push(Refusal::new(Reason::AuthorshipUnknown, what));
    }
}

/// What the origin's anchor signed: that it ran these bytes for long enough, and, where nobody here has them yet, that it
/// does now. A rollout that is under way needs no fresh word: it had one when it began, and the origin moves on.
fn origin(policy: &Policy, (open, step): (&OpenBundle, Move), at: &Reading, out: &mut Refusals) {
    let document = policy.document();
    let Some(origin) = &document.origin else { return };
    let to = &open.plan.to;
    let states = origin_states(document, origin, to, &open.statements, at.now);
    let further = open.plan.goes_further(step);
    let fresh = |it: &&&Receipt| further || it.issued.plus_millis(millis(ORIGIN_FRESH_S)) > at.now;
    let Some(last) = states.iter().filter(fresh).max_by_key(|it| (it.generation, it.issued)) else {
        let what = format!(
            "no fresh word of {} that it runs {}",
            origin.environment,
            open.plan.to.short()
        );
        let refusal = Refusal::new(Reason::OriginMissing, what);
        out.push(refusal.with(format!("taiwa deploy --to {}", origin.environment)));
        return;
    };
    let same = states.iter().filter(|it| it.generation == last.generation);
    let first = same.map(|it| it.issued).min().unwrap_or(last.issued);
    if last.issued.millis_since(first) < millis(origin.soak_s) {
        let (name, soak) = (&origin.environment, origin.soak_s);
        let what = format!("it has not run on {name} for {soak} s by {name}'s own clock");
        out.push(Refusal::new(Reason::SoakMissing, what).since(first.plus_millis(millis(soak))));
    }
}
