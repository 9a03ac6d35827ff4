//! Plans: made once, filed where the environment is protected, taken again as long as they fit the world.

use taiwa_deployer::States;
use taiwa_model::{Digest, PersonId};
use taiwa_plan::{
    Absent, Outcome, Plan, PlanKind, Reason, Refusal, Refusals, Separation, Statement, Step,
    Threshold, Wish, draft, ledger::RecordKind, plan, plan_against_world,
};

use crate::{
    Cx, Failure,
    edge::{
        ledger::{self, Book, Entry},
        servers::{Group, refused},
    },
    notify::{self, Event},
};

/// A plan, or that there is nothing to plan.
pub(crate) enum Planned {
    /// The plan.
    Plan(Box<Plan>),
    /// The group runs it already.
    NothingToDo(String),
}

/// A plan for what is wished: for a protected environment its open plan, filed; else a new one.
pub(crate) fn planned(
    cx: &mut Cx<'_>,
    group: &Group,
    states: &States,
    book: &mut Book<'_>,
    wish: &Promotion<'_>,
) -> Result<Planned, Failure> {
    let weighed = weighed(cx, group, states, book, wish)?;
    weighed.map_err(|it| refused(&format!("{} cannot be planned", group.name), &it))
}

/// The same, with everything that stands against a plan where there can be none.
pub(crate) fn weighed(
    cx: &mut Cx<'_>,
    group: &Group,
    states: &States,
    book: &mut Book<'_>,
    wish: &Promotion<'_>,
) -> Result<Result<Planned, Refusals>, Failure> {
    if group.policy.document().protected {
        return promotion(cx, group, states, book, wish);
    }
    let again = wish.again.unwrap_or(false);
    let absent = wish.absent.as_deref().unwrap_or_default();
    let steps = stepwise(group, wish);
    let plain = Wish::change(wish.to);
    let plain = Wish { goes_on: wish.goes_on, ..plain };
    let full = Wish { kind: wish.kind, ledger: book.head(), again, absent, steps: &steps, ..plain };
    Ok(outcome(plan(&group.policy, &states.group, &full, cx.now())))
}

/// The plan that there will be once its gates are open; none where something else stands against one.
pub(crate) fn drafted(
    cx: &Cx<'_>,
    group: &Group,
    states: &States,
    book: &Book<'_>,
    wish: &Promotion<'_>,
) -> Option<Plan> {
    let evidence = offered(group, book, wish);
    let again = wish.again.unwrap_or(false);
    let evidence = evidence.as_slice();
    let absent = wish.absent.as_deref().unwrap_or_default();
    let steps = stepwise(group, wish);
    let plain = Wish { again, absent, steps: &steps, ..Wish::change(wish.to) };
    let plain = Wish { goes_on: wish.goes_on, ..plain };
    let full = Wish { kind: wish.kind, evidence, ledger: book.head(), ..plain };
    draft(&group.policy, &states.group, &full, cx.now()).ok()
}

/// The plan that would count if everybody answered: the open one if it is for this, else one as it would be. For saying
/// what else is not met; nothing is filed.
pub(crate) fn presumed(
    cx: &Cx<'_>,
    group: &Group,
    all: &States,
    book: &Book<'_>,
    wish: &Promotion<'_>,
) -> Option<Plan> {
    let now = cx.now();
    let open = book.story.open_plan(&group.policy).map(|it| it.0).filter(|open| {
        let same = open.to == wish.to && open.kind == wish.kind;
        let goes_on = open.choices.goes_on_bp == wish.goes_on.map(|it| it.1);
        let fits = plan_against_world(open, &group.policy, &all.group, now).is_empty();
        same && goes_on && fits && still_proven(book, group, (open, wish), now)
    });
    open.cloned().or_else(|| drafted(cx, group, all, book, wish))
}

fn outcome(made: Result<Plan, Refusals>) -> Result<Planned, Refusals> {
    match made {
        Ok(plan) => Ok(Planned::Plan(Box::new(plan))),
        Err(refusals) if refusals.iter().all(|it| it.reason == Reason::NothingToDo) => {
            Ok(Planned::NothingToDo(refusals.first().map(|it| it.what.clone()).unwrap_or_default()))
        }
        Err(refusals) => Err(refusals),
    }
}

/// The evidence at hand, and the origin's word on its generation.
fn offered(group: &Group, book: &Book<'_>, wish: &Promotion<'_>) -> Vec<Statement> {
    let filed = book.story.evidence_of(&group.name, &wish.to).into_iter();
    filed.filter_map(|it| it.open().ok()).chain(wish.states()).collect()
}

/// The environment's open plan for a release, if it fits the world; else a new one, which is filed.
fn promotion(
    cx: &mut Cx<'_>,
    group: &Group,
    states: &States,
    book: &mut Book<'_>,
    wish: &Promotion<'_>,
) -> Result<Result<Planned, Refusals>, Failure> {
    let now = cx.now();
    if let Some((open, _)) = book.story.open_plan(&group.policy) {
        let fits = open.to == wish.to
            && open.kind == wish.kind
            && wish.again.is_none_or(|it| it == open.choices.again)
            && wish.absent.as_ref().is_none_or(|it| *it == open.choices.absent)
            && open.choices.revert_at.is_none_or(|it| it > now)
            && wish.goes_on.map(|it| it.1) == open.choices.goes_on_bp
            && (!wish.at_once || open.last_step() == 1)
            && plan_against_world(open, &group.policy, &states.group, now).is_empty();
        if fits && still_proven(book, group, (open, wish), now) {
            return Ok(Ok(Planned::Plan(Box::new(open.clone()))));
        }
    }
    if wish.kind == PlanKind::Emergency && wish.emergency_s.is_none() {
        let (to, name) = (wish.to.short(), &group.name);
        let what = format!("nobody has asked for an emergency with release {to} on {name}");
        return Err(Failure::no("nothing-to-do", what)
            .help(format!("taiwa promote --to {name} --emergency 1h --why '…'")));
    }
    let evidence = offered(group, book, wish);
    let steps = stepwise(group, wish);
    let full = Wish {
        kind: wish.kind,
        to: wish.to,
        evidence: &evidence,
        again: wish.again.unwrap_or(false),
        asked_by: asked_by(group, book, wish),
        ledger: book.head(),
        steps: &steps,
        absent: wish.absent.as_deref().unwrap_or_default(),
        emergency_s: wish.emergency_s,
        goes_on: wish.goes_on,
        parachute_s: (wish.kind != PlanKind::Rollback).then_some(group.policy.document().max_age_s),
    };
    let made = plan(&group.policy, &states.group, &full, now).map_err(|mut refusals| {
        let closed = [Reason::GateFailed, Reason::AuthorshipUnknown];
        if refusals.iter().any(|it| closed.contains(&it.reason)) {
            refusals.extend(unapproved(group, wish.kind));
        }
        refusals
    });
    let made = outcome(made);
    if let Ok(Planned::Plan(plan)) = &made {
        file(cx, group, book, plan, wish.why.as_deref())?;
    }
    Ok(made)
}

/// Who wants an exception, where whoever wants it is not to approve it: the person of the policy whom git here names.
fn asked_by(group: &Group, book: &Book<'_>, wish: &Promotion<'_>) -> Option<PersonId> {
    let document = group.policy.document();
    let again = wish.kind == PlanKind::Change && wish.again == Some(true);
    let chosen = again && document.separation != Separation::Off;
    // The way back needs nobody else: whoever is there and may approve a rollback can leave a dead server out of it.
    let without = wish.absent.is_some() && wish.kind != PlanKind::Rollback;
    if !chosen && wish.emergency_s.is_none() && !without {
        return None;
    }
    let email = book.email().to_lowercase();
    document.people.iter().find(|it| it.emails.contains(&email)).map(|it| it.id.clone())
}

/// Without evidence there is no plan, so nobody can have approved it: that will be asked for, too.
fn unapproved(group: &Group, kind: PlanKind) -> Vec<Refusal> {
    let document = group.policy.document();
    let asked = if kind == PlanKind::Rollback { &document.rollback } else { &document.approvals };
    let one = |it: &Threshold| {
        let who: Vec<&str> = document.people_of(&it.role).map(|it| it.id.as_str()).collect();
        let what =
            format!("0 of {} approvals as {}, which come after the gates", it.count, it.role);
        Refusal::new(Reason::ApprovalMissing, what)
            .by(format!("{}: {}", it.role, who.join(", ")))
            .with(format!("taiwa approve --to {} --as {}", group.name, it.role))
    };
    asked.iter().map(one).collect()
}

/// What a deployment, a promotion or a rollback wants.
pub(crate) struct Promotion<'a> {
    /// Change or rollback.
    pub(crate) kind: PlanKind,
    /// The release.
    pub(crate) to: Digest,
    /// Again, although it was rolled back; none: as the open plan says, else no.
    pub(crate) again: Option<bool>,
    /// The group that ran it before, whose word says on which generation evidence must have run.
    pub(crate) origin: Option<(&'a Group, &'a States)>,
    /// Servers to leave out; none: as the open plan says, else nobody.
    pub(crate) absent: Option<Vec<Absent>>,
    /// For how long an emergency may last, in seconds; none: as the open plan says.
    pub(crate) emergency_s: Option<u64>,
    /// Why, in words for the ledger.
    pub(crate) why: Option<String>,
    /// Go on with a rollout whose plan is void: what answers those who are not in, and the share who are.
    pub(crate) goes_on: Option<(Digest, u64)>,
    /// For all visitors at once, whatever the environment says of its rollouts.
    pub(crate) at_once: bool,
}

impl Promotion<'_> {
    /// An ordinary wish, built where it is to run.
    pub(crate) fn new(kind: PlanKind, to: Digest, again: Option<bool>) -> Self {
        let at_once = kind != PlanKind::Change;
        let (origin, absent, emergency_s, why, goes_on) = (None, None, None, None, None);
        Self { kind, to, again, origin, absent, emergency_s, why, goes_on, at_once }
    }

    /// What the origin's servers signed just now.
    fn states(&self) -> impl Iterator<Item = Statement> {
        let envelopes = self.origin.into_iter().flat_map(|it| it.1.envelopes.values());
        envelopes.filter_map(|it| it.open().ok())
    }
}

/// The steps before everybody.
fn stepwise(group: &Group, wish: &Promotion<'_>) -> Vec<Step> {
    if wish.at_once {
        return Vec::new();
    }
    let mut steps = super::rollout::steps(group);
    steps.retain(|it| wish.goes_on.is_none_or(|(_, share_bp)| it.share_bp > share_bp));
    steps
}

/// Whether the evidence that a plan relies on still opens every gate.
fn still_proven(
    book: &Book<'_>,
    group: &Group,
    (plan, wish): (&Plan, &Promotion<'_>),
    now: taiwa_model::Timestamp,
) -> bool {
    if plan.kind != PlanKind::Change {
        return true;
    }
    let named: Vec<&Digest> = plan.evidence.values().flatten().collect();
    let statements: Vec<Statement> = book
        .story
        .statements()
        .filter(|it| named.contains(&&it.1.digest))
        .map(|it| it.1.clone())
        .chain(wish.states())
        .collect();
    let all = offered(group, book, wish);
    let verdicts = |of: &[Statement]| taiwa_plan::gates(&group.policy, &plan.to, of, now);
    // A run that failed after the plan was made counts; one that passed leaves the plan as it is.
    verdicts(&statements).iter().all(|it| it.outcome == Outcome::Passed)
        && verdicts(&all).iter().all(|it| it.outcome != Outcome::Failed)
}

/// Files a plan as the environment's open plan.
fn file(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    plan: &Plan,
    why: Option<&str>,
) -> Result<(), Failure> {
    let why = why.map_or_else(String::new, |it| format!("; {it}"));
    let object =
        ledger::plan(plan).ok_or_else(|| Failure::no("limit", "the plan is beyond its limit"))?;
    let digest = object.0;
    let entry = Entry {
        kind: RecordKind::Statement,
        environment: &group.name,
        plan: Some(digest),
        objects: vec![object],
        text: format!("plan {}: {}{why}", digest.short(), super::headline(plan)),
    };
    book.append(cx, &entry)?;
    waiting(cx, group, book, plan, digest);
    Ok(())
}

/// Tells whom the environment names that a plan waits for people, if it does.
pub(crate) fn waiting(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    plan: &Plan,
    digest: Digest,
) {
    let count = book.story.count(plan, &group.policy, cx.now());
    if !count.is_met() {
        notify::tell(cx, group, &Event::waiting(plan, digest, &count));
    }
}
