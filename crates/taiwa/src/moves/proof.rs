//! What proves a plan: approvals and evidence from the ledger, and the origin's word on what runs there.

use std::collections::BTreeSet;

use taiwa_deployer::States;
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{
    Bundle, Envelope, Move, Payload, Phase, Plan, PlanKind, Policy, Reading, Reason, Refusal,
    Refusals, admit,
    ledger::{Record, RecordKind},
    server::{Active, Held, ServerState},
};

use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::{self, Book, Entry},
        servers::{Group, call},
        signals,
    },
    notify::{self, Event},
};

/// A bundle, and what still stands against it.
pub(crate) struct Proof {
    /// The plan with what is at hand.
    pub(crate) bundle: Bundle,
    /// Every unmet condition, as the servers will see it.
    pub(crate) refusals: Refusals,
}

/// Collects what proves a plan and judges it with the same function as the servers do.
pub(crate) fn unmet(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    plan: &Plan,
    origin: Option<(&Group, &States)>,
) -> Result<Proof, Failure> {
    if plan.choices.goes_on_bp.is_none() {
        return judged(cx, group, book, (plan, None), origin);
    }
    let Some(rollout) = signals::block_on(super::rollout::under_way(group))? else {
        let what = format!("the rollout is over that the plan for {} goes on with", group.name);
        return Err(Failure::no("stale-plan", what).help(format!("taiwa status {}", group.name)));
    };
    judged(cx, group, book, (plan, Some(rollout.live(Move::FIRST, cx.now()))), origin)
}

/// The same where the anchor is away: what only it knows (what was rolled back, what is held) is left out.
pub(crate) fn unmet_unasked(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    plan: &Plan,
    origin: Option<(&Group, &States)>,
) -> Result<Proof, Failure> {
    let nothing = (Vec::new(), Vec::new());
    judged_by(cx, group, book, (plan, None, nothing), origin)
}

/// What is live of a rollout, the step that is to follow, and when.
pub(super) type Live = (Active, Move, Timestamp);

/// The same for a further step of a plan that is live.
pub(super) fn unmet_step(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    (plan, live): (&Plan, Live),
    origin: Option<(&Group, &States)>,
) -> Result<Proof, Failure> {
    judged(cx, group, book, (plan, Some(live)), origin)
}

fn judged(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    (plan, live): (&Plan, Option<Live>),
    origin: Option<(&Group, &States)>,
) -> Result<Proof, Failure> {
    let status =
        signals::block_on(async { group.anchor().status().await.map_err(|it| call(&it)) })?;
    judged_by(cx, group, book, (plan, live, (status.rolled_back, status.holds)), origin)
}

/// What the anchor says of itself: what was rolled back there, and what holds.
type Said = (Vec<Digest>, Vec<taiwa_api::admin::HoldView>);

fn judged_by(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    (plan, live, (rolled_back, holds)): (&Plan, Option<Live>, Said),
    origin: Option<(&Group, &States)>,
) -> Result<Proof, Failure> {
    let bytes = plan.to_bytes().map_err(|it| Failure::no("limit", it.to_string()))?;
    let digest = Plan::digest_of(&bytes);
    let mut statements: Vec<Envelope> =
        book.story.about_plan(&digest).into_iter().cloned().collect();
    let evidence: BTreeSet<&Digest> = plan.evidence.values().flatten().collect();
    statements.extend(
        book.story.statements().filter(|it| evidence.contains(&it.1.digest)).map(|it| it.0.clone()),
    );
    if plan.kind == PlanKind::Change
        && let Some((origin, states)) = origin
    {
        statements.extend(ran(book, origin, states, &plan.to));
    }
    if let Some((active, _, _)) = &live {
        let known: BTreeSet<Digest> = statements.iter().map(Envelope::digest).collect();
        let new = plan.choices.goes_on_bp.is_some();
        let proved = active.bundle.statements.iter().filter(|it| !known.contains(&it.digest()));
        // Of what proved another plan only the origin's word says something of this one.
        let of_this = |it: &&Envelope| {
            !new || matches!(it.open().map(|it| it.payload), Ok(Payload::Receipt(_)))
        };
        statements.extend(proved.filter(of_this).cloned());
    }
    let bundle =
        Bundle::new(plan, statements).map_err(|it| Failure::no("limit", it.to_string()))?;
    let mut state = assumed(&group.policy, plan, rolled_back, cx.now());
    for it in holds {
        let held = Held { statement: digest, by: it.by, why: it.why, until: it.until };
        state.holds.insert(it.id, held);
    }
    let (step, now) = live.as_ref().map_or((Move::FIRST, cx.now()), |it| (it.1, it.2));
    state.active = live.map(|it| it.0);
    let at = Reading::once(now);
    let refusals = match admit(&group.policy, &state, &bundle, step, &at) {
        Ok(_) => Refusals::new(),
        Err(refusals) => refusals,
    };
    let verb = if group.environment.from.is_some() { "promote" } else { "deploy" };
    let again = format!("taiwa {verb} --to {} --again", group.name);
    Ok(Proof { bundle, refusals: explained(refusals, origin, &again) })
}

/// The end of a command that would have moved something and may not: the ledger keeps it, and who wants to hear of it does,
/// unless it was a dry run.
pub(crate) fn denied(
    cx: &mut Cx<'_>,
    (group, dry_run): (&Group, bool),
    book: &mut Book<'_>,
    (to, plan): (Digest, Option<&Plan>),
    failure: Failure,
) -> Failure {
    if !dry_run && failure.exit == Exit::No {
        file(cx, group, book, plan, &failure);
        notify::tell(cx, group, &Event::refused(Some(to), &failure));
    }
    failure
}

/// Files a refusal; once, however often it is asked for in vain.
fn file(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    plan: Option<&Plan>,
    failure: &Failure,
) {
    // The words of all conditions; what else is said of them changes with the time.
    let words: BTreeSet<_> = failure.conditions.iter().copied().chain([failure.reason]).collect();
    let words: Vec<_> = words.into_iter().collect();
    let text = format!("{}: {} ({})", failure.reason, failure.message, words.join(", "));
    let plan = plan.and_then(ledger::plan).map(|it| it.0);
    let mut of_group =
        book.story.records.iter().map(|it| &it.0).filter(|it| it.environment == group.name);
    let said = |it: &Record| it.kind == RecordKind::Refusal && (it.plan, &it.text) == (plan, &text);
    if of_group.next_back().is_some_and(said) {
        return;
    }
    let environment = &group.name;
    let refusal = Entry { kind: RecordKind::Refusal, environment, plan, objects: Vec::new(), text };
    if let Err(failure) = book.append(cx, &refusal) {
        cx.say(format!("ledger-pending: the refusal could not be recorded: {failure}"));
    }
}

/// The anchor as it will be once the bytes are stored; what only it can know, it judges itself.
fn assumed(policy: &Policy, plan: &Plan, rolled_back: Vec<Digest>, now: Timestamp) -> ServerState {
    let mut state = ServerState::fresh(policy, policy.document().anchor.clone());
    state.stored.insert(plan.to);
    state.rolled_back.extend(rolled_back);
    if plan.kind == PlanKind::Rollback {
        let ran =
            taiwa_plan::server::Ran { generation: plan.base, policy: *policy.digest(), since: now };
        state.ran.insert(plan.to, ran);
    }
    state
}

/// The first and the latest word of the origin's anchor that the release runs there, at one generation.
pub(super) fn ran(
    book: &Book<'_>,
    origin: &Group,
    states: &States,
    release: &Digest,
) -> Vec<Envelope> {
    let anchor = &origin.policy.document().anchor;
    let Some(fresh) = states.envelopes.get(anchor) else { return Vec::new() };
    let Some(now) = state(fresh).filter(|it| it.0 == Some(*release)) else {
        return vec![fresh.clone()];
    };
    let filed = book.story.states_of(&origin.name, release).into_iter();
    let same = filed.filter(|it| {
        let by_anchor = it.open().is_ok_and(|it| match it.payload {
            Payload::Receipt(receipt) => receipt.server == *anchor,
            _ => false,
        });
        by_anchor && state(it).is_some_and(|it| it.1 == now.1)
    });
    let first = same.filter_map(|it| Some((state(it)?.2, it))).min_by_key(|it| it.0);
    first.map(|it| it.1.clone()).into_iter().chain([fresh.clone()]).collect()
}

/// Release, generation and instant of a `state` receipt.
fn state(envelope: &Envelope) -> Option<(Option<Digest>, u64, taiwa_model::Timestamp)> {
    match envelope.open().ok()?.payload {
        Payload::Receipt(it) if it.phase == Phase::State => {
            Some((it.release, it.generation, it.issued))
        }
        _ => None,
    }
}

/// An origin that runs something else now is said as such, and what was rolled back with the way to bring it again.
fn explained(mut refusals: Refusals, origin: Option<(&Group, &States)>, again: &str) -> Refusals {
    for it in refusals.iter_mut().filter(|it| it.reason == Reason::RolledBack) {
        it.command = Some(again.to_owned());
    }
    if let Some((origin, states)) = origin
        && let Err(more) = states.group.settled(&origin.policy)
    {
        refusals.extend(
            more.into_iter()
                .map(|it| Refusal { what: format!("{}: {}", origin.name, it.what), ..it }),
        );
    }
    refusals.retain(|it| it.reason != Reason::NotStored);
    refusals
}
