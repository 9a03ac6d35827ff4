//! A rollout in steps: waiting for the next step, watching the guard, making the step, and going back.
//! Long because every way out of the waiting has its words.
//!
//! **Invariants.** Nothing is remembered here: which step is live, since when, and by which plan is asked of the servers
//! each time, so any command at any time can go on where another one stopped. Every step asks everything again. Whatever
//! ends the waiting leaves every server at the same step.
#![expect(clippy::disallowed_methods, reason = "edge: waits for the next step")]

use std::{path::PathBuf, time::Duration};

use taiwa_deployer::{Deployed, States};
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{
    Move, Payload, Plan, PlanKind, Policy, Step,
    guard::{Comparison, Judgement, Trials, compare},
    server::{Active, Rest},
};
use tokio::time::sleep;

use super::{
    Cargo, Mending, Parachute, Planned, Promotion, Target, carry::carry, parachute, planned,
};
use crate::{
    Cx, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, call, refused},
        signals,
    },
    render::{Bars, lasting},
};

/// How often the guard is asked while a step lasts.
const LOOK: Duration = Duration::from_secs(1);
/// How often in a row the servers may fail to answer before the waiting ends.
const PATIENCE: u32 = 60;

/// How a command goes through the steps of a rollout.
#[derive(Debug, clap::Args)]
pub(crate) struct Pace {
    /// Do not wait for the next step of a rollout
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Go on with the rollout that is under way, and nothing else
    #[arg(long = "continue")]
    pub(crate) go_on: bool,
    /// The key that takes a rollout back if the guard finds the new release worse and the approvals cover the way back
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// A move that was made, and what came of it.
pub(crate) type Made = (Cargo, Deployed);

/// A rollout that is under way, as the anchor shows it.
pub(crate) struct Rollout {
    /// The plan.
    pub(crate) plan: Plan,
    /// What is live.
    pub(crate) active: Active,
    /// The number of the step that is live.
    number: u16,
    /// From when on the next one may be made.
    next_at: Timestamp,
}

/// `5 %`, `0.5 %`.
pub(crate) fn share(share_bp: u64) -> String {
    let (whole, rest) = (share_bp / 100, share_bp % 100);
    match (rest, rest % 10) {
        (0, _) => format!("{whole} %"),
        (_, 0) => format!("{whole}.{} %", rest / 10),
        _ => format!("{whole}.{rest:02} %"),
    }
}

/// The rollout that is under way on a group, if there is one.
pub(crate) async fn under_way(group: &Group) -> Result<Option<Rollout>, Failure> {
    let status = group.anchor().status().await.map_err(|it| call(&it))?;
    let Some(view) = status.active.filter(|it| it.rollout.is_some()) else { return Ok(None) };
    let (Some(since), Move::Step(number)) = (view.since, view.step) else { return Ok(None) };
    let proof = group.anchor().group_bundle().await.map_err(|it| call(&it))?.active;
    // Between the two questions another step may have been made: then there is something else to see.
    let Some(proof) = proof.filter(|it| it.step == view.step) else { return Ok(None) };
    let (bundle, plan) = super::mend::bundle(&proof.bundle)?;
    let receipt = proof.receipt.and_then(|it| it.open().ok()).map(|it| it.payload);
    let Some(Payload::Receipt(receipt)) = receipt else { return Ok(None) };
    let Some(next_at) = plan.next_at(view.step, since) else { return Ok(None) };
    let goal = plan.goal_at(view.step, receipt.generation);
    let rest = plan.rest(&goal).map(|release| Rest { release, share_bp: goal.share_bp });
    let active = Active {
        release: view.release,
        generation: receipt.generation,
        plan: bundle.plan_digest(),
        step: view.step,
        epoch: receipt.epoch,
        since,
        rest,
        revert_at: None,
        receipt,
        bundle,
        word: None,
    };
    Ok(Some(Rollout { plan, active, number, next_at }))
}

impl Rollout {
    fn share(&self) -> String {
        share(self.plan.goal(self.active.step, self.active.generation).share_bp)
    }

    /// Where it stands: `step-1 of 3, 5 % of the visitors of production get release …`.
    fn stands(&self, group: &Group) -> String {
        format!(
            "step-{} of {}, {} of the visitors of {} get release {}",
            self.number,
            self.plan.last_step(),
            self.share(),
            group.name,
            self.plan.to.short()
        )
    }

    fn next(&self) -> Move {
        Move::Step(self.number.saturating_add(1))
    }

    /// Whether the policy changed since it began: then its plan is void, and another one goes on with it.
    pub(crate) fn is_torn(&self, group: &Group) -> bool {
        self.plan.policy != *group.policy.digest()
    }

    /// What is live of it, with the move that is to follow, when it may at the earliest.
    pub(super) fn live(&self, step: Move, now: Timestamp) -> (Active, Move, Timestamp) {
        (self.active.clone(), step, now.max(self.next_at))
    }

    /// The wish for a plan that goes on with it, under the policy in force.
    pub(crate) fn wish(&self) -> Promotion<'static> {
        let goes_on = self.active.rest.map(|it| (it.release, it.share_bp));
        // It may come again as far as its first plan let it.
        let again = Some(self.plan.choices.again);
        Promotion { goes_on, ..Promotion::new(PlanKind::Change, self.plan.to, again) }
    }
}

/// The rollout that is under way on a group if its plan is void, because the policy changed since it began.
pub(crate) fn torn(group: &Group) -> Result<Option<Rollout>, Failure> {
    let rollout = signals::block_on(under_way(group))?;
    Ok(rollout.filter(|it| it.is_torn(group)))
}

/// What goes on with a torn rollout is about the release that is live, whatever is marked by now; its origin is asked only
/// as long as it runs that release, too.
pub(crate) fn torn_target(
    cx: &mut Cx<'_>,
    head: &Head,
    (group, rollout): (&Group, &Rollout),
    word: Option<&str>,
) -> Result<Target, Failure> {
    let to = rollout.plan.to;
    if let Some(word) =
        word.filter(|it| !to.hex().starts_with(it) && !to.to_string().starts_with(it))
    {
        let what = format!("the release `{word}` is not the one of the rollout: {}", to.short());
        return Err(Failure::no("conflict", what)
            .help(format!("go on with the rollout: {}", goes_on(group)))
            .help(format!("or take it back: taiwa rollback --on {}", group.name)));
    }
    let bytes = signals::block_on(group.release(&to))?;
    Ok(Target { release: super::read(&bytes)?, origin: origin(cx, head, group, &to)? })
}

/// The group that a release comes from, as long as that runs it.
fn origin(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    to: &Digest,
) -> Result<Option<(Group, States)>, Failure> {
    let Some(from) = &group.environment.from else { return Ok(None) };
    let origin = Group::of(cx, head, from)?;
    let states = signals::block_on(async { Ok(origin.states().await) })?;
    let runs = states.group.state(&origin.policy.document().anchor).and_then(|it| it.release);
    Ok((runs == Some(*to)).then_some((origin, states)))
}

/// Nobody goes on with what was taken back where it came from. What cannot be asked is said.
fn not_taken_back(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    rollout: &Rollout,
) -> Result<(), Failure> {
    let Some(from) = &group.environment.from else { return Ok(()) };
    let origin = Group::of(cx, head, from)?;
    let status = signals::block_on(async { Ok(origin.anchor().status().await) })?;
    match status {
        Ok(status) if status.rolled_back.contains(&rollout.plan.to) => {
            let (short, name) = (rollout.plan.to.short(), &group.name);
            let what = format!("{from} took release {short} back; {}", rollout.stands(group));
            Err(Failure::no("rolled-back", what)
                .help(format!("take it back here, too: taiwa rollback --on {name}"))
                .help(format!(
                    "or let {from} run it again first: taiwa deploy --to {from} --again"
                )))
        }
        Ok(_) => Ok(()),
        Err(_) => {
            cx.say(format!(
                "note: {from} does not answer, so it cannot say whether it took this back"
            ));
            Ok(())
        }
    }
}

/// The command that moves an environment forward.
pub(crate) fn forward(group: &Group) -> String {
    let verb = if group.environment.from.is_some() { "promote" } else { "deploy" };
    format!("taiwa {verb} --to {}", group.name)
}

/// The command that goes on with a rollout.
pub(crate) fn goes_on(group: &Group) -> String {
    format!("{} --continue", forward(group))
}

/// Nothing else is moved forward while a rollout is under way: most visitors would get a release that few have tried.
pub(crate) fn no_other(group: &Group) -> Result<(), Failure> {
    let Some(it) = signals::block_on(under_way(group))? else { return Ok(()) };
    Err(Failure::no("conflict", format!("a rollout is under way: {}", it.stands(group)))
        .help(format!("go on with it: {}", goes_on(group)))
        .help(format!("or take it back: taiwa rollback --on {}", group.name)))
}

/// The steps that a plan is to have before everybody, as the environment has them.
pub(crate) fn steps(group: &Group) -> Vec<Step> {
    let step = |it: &taiwa_config::environment::RolloutStep| Step {
        share_bp: u64::from(it.visitors.0),
        for_s: u64::try_from(it.lasts.as_seconds()).unwrap_or(0),
    };
    group.environment.rollout.iter().map(step).collect()
}

/// The steps of a plan, for people; nothing where there is one.
pub(crate) fn told(plan: &Plan) -> String {
    if plan.last_step() < 2 {
        return String::new();
    }
    let one = |it: &Step| {
        if *it == Step::ALL {
            return "then everybody".to_owned();
        }
        let lasts = i64::try_from(it.for_s).unwrap_or(i64::MAX).saturating_mul(1000);
        format!("{} of visitors for {}", share(it.share_bp), lasting(lasts))
    };
    format!(", {}", plan.steps.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// Goes through the steps that are left, or says how to; gives the last move that was made.
pub(crate) fn walk(
    cx: &mut Cx<'_>,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    pace: &Pace,
    mut made: Option<Made>,
) -> Result<Option<Made>, Failure> {
    loop {
        // After the last step nothing is left to walk, and the anchor need not be there to say so.
        if made.as_ref().is_some_and(|it| it.0.is_last()) {
            return Ok(made);
        }
        let rollout = signals::block_on(under_way(group));
        let rollout = rollout.map_err(|it| left(group, made.as_ref(), it))?;
        let Some(rollout) = rollout else { return Ok(made) };
        if pace.no_wait && made.is_some() {
            let from = rollout.next_at;
            cx.say(format!(
                "{}; the next step from {from}: {}",
                rollout.stands(group),
                goes_on(group)
            ));
            return Ok(made);
        }
        let judgement = wait(cx, group, &rollout, pace)?;
        match judgement.outcome {
            Comparison::Worse => return Err(back(cx, (group, book), &rollout, &judgement, pace)),
            Comparison::NoData => return Err(stays(group, &rollout, &judgement)),
            Comparison::NoWorse | Comparison::Inconclusive => {}
        }
        cx.say(format!("the guard: {} ({})", judgement.outcome.word(), judgement.why));
        made = Some(step(cx, head, (group, book), &rollout)?);
    }
}

/// A step was made, and then it could not be asked how it goes on: what is done stays, and anybody can go on.
fn left(group: &Group, made: Option<&Made>, failure: Failure) -> Failure {
    let Some((cargo, done)) = made else { return failure };
    let stands = format!(
        "{} of {} is made (generation {}): {} of the visitors of {} get release {}",
        cargo.step,
        cargo.plan.last_step(),
        done.generation,
        share(cargo.plan.goal(cargo.step, cargo.live).share_bp),
        group.name,
        cargo.plan.to.short()
    );
    let what =
        if failure.reason == "interrupted" { "stopped by you" } else { failure.message.as_str() };
    let message = format!("{what}; it stays so: {stands}");
    Failure { message, ..failure }
        .help(format!("go on: {}", goes_on(group)))
        .help(format!("or take it back: taiwa rollback --on {}", group.name))
}

/// Waits until the next step may be made, or the guard finds the release worse.
fn wait(
    cx: &mut Cx<'_>,
    group: &Group,
    rollout: &Rollout,
    pace: &Pace,
) -> Result<Judgement, Failure> {
    let left_ms = rollout.next_at.millis_since(cx.now()).max(0);
    let seconds = usize::try_from(left_ms / 1000).unwrap_or(0).saturating_add(1);
    let label = format!("step-{}: {} of visitors", rollout.number, rollout.share());
    let bar = (left_ms > 0 && !pace.no_wait).then(|| Bars::new(cx).step(&label, seconds, "second"));
    let work = async {
        let mut silent = 0;
        loop {
            match look(group, rollout).await {
                Ok((now, judgement)) => {
                    silent = 0;
                    if judgement.outcome == Comparison::Worse || now >= rollout.next_at {
                        return Ok(judgement);
                    }
                    if pace.no_wait {
                        return Err(early(group, rollout));
                    }
                }
                Err(failure) if silent >= PATIENCE || pace.no_wait => return Err(failure),
                Err(_) => silent += 1,
            }
            sleep(LOOK).await;
            if let Some(bar) = &bar {
                bar.one();
            }
        }
    };
    signals::runtime()?.block_on(async {
        tokio::select! {
            done = work => done,
            signal = signals::next() => Err(signal
                .failure(&format!("stopped by you; it stays so: {}", rollout.stands(group)))
                .help(format!("go on: {}", goes_on(group)))
                .help(format!("or take it back: taiwa rollback --on {}", group.name))),
        }
    })
}

fn early(group: &Group, rollout: &Rollout) -> Failure {
    let (number, from) = (rollout.number, rollout.next_at);
    Failure::no("step-too-early", format!("step-{number} lasts until {from}"))
        .help(format!("from then on: {}", goes_on(group)))
}

/// The anchor's time, and what the guard says over all servers that answer. A server that is at another step is not
/// counted.
async fn look(group: &Group, rollout: &Rollout) -> Result<(Timestamp, Judgement), Failure> {
    let mut now = None;
    let (mut new, mut before) = (Trials::default(), Trials::default());
    for server in &group.servers {
        let Ok(status) = server.status().await else { continue };
        if server.id == group.anchor().id {
            now = Some(status.now);
        }
        let same = status.sides.iter().filter(|it| it.generation == rollout.active.generation);
        for (side, trials) in same.filter_map(|it| Some((it, it.trials?))) {
            let seen = Trials {
                asked: trials.asked,
                errors: trials.errors,
                decided: trials.decided,
                fallbacks: trials.fallbacks,
                slow: trials.slow,
            };
            if side.release == rollout.plan.to {
                new = new.and(seen);
            } else {
                before = before.and(seen);
            }
        }
    }
    let silent = || {
        Failure::world("unreachable", format!("the anchor of {} does not answer", group.name))
            .help(format!(
                "every server stays at the step that it is at: {}",
                rollout.stands(group)
            ))
            .help(format!("when it answers again: {}", goes_on(group)))
    };
    Ok((now.ok_or_else(silent)?, compare(&new, &before)))
}

/// What the guard says of the rollout that is under way.
pub(crate) async fn guarded(group: &Group) -> Option<(Rollout, Judgement)> {
    let rollout = under_way(group).await.ok()??;
    let judgement = look(group, &rollout).await.ok()?.1;
    Some((rollout, judgement))
}

/// Makes the next step; everything is asked again.
fn step(
    cx: &mut Cx<'_>,
    head: &Head,
    (group, book): (&Group, &mut Book<'_>),
    rollout: &Rollout,
) -> Result<Made, Failure> {
    let (states, _) = super::begin(cx, group, book)?;
    not_taken_back(cx, head, group, rollout)?;
    let (plan, next, origin) = if rollout.is_torn(group) {
        cx.say("the policy changed since this rollout began: a new plan goes on with it");
        let origin = origin(cx, head, group, &rollout.plan.to)?;
        let of = origin.as_ref().map(|it| (&it.0, &it.1));
        let wish = Promotion { origin: of, ..rollout.wish() };
        match planned(cx, group, &states, book, &wish).map_err(|it| ways_out(it, group))? {
            Planned::Plan(plan) => (*plan, Move::FIRST, origin),
            Planned::NothingToDo(what) => return Err(Failure::no("nothing-to-do", what)),
        }
    } else {
        (rollout.plan.clone(), rollout.next(), None)
    };
    let origin = origin.as_ref().map(|it| (&it.0, &it.1));
    let live = rollout.live(next, cx.now());
    let proof = super::proof::unmet_step(cx, group, book, (&plan, live), origin)?;
    if !proof.refusals.is_empty() {
        let what = format!("{next} of the rollout is not taken; {}", rollout.stands(group));
        return Err(ways_out(refused(&what, &proof.refusals), group));
    }
    let live = rollout.active.generation;
    let cargo = Cargo { bundle: proof.bundle, plan, step: next, live, bytes: Vec::new() };
    let done = carry(cx, group, book, &cargo)?;
    Ok((cargo, done))
}

/// What can be done where a step is not taken.
fn ways_out(failure: Failure, group: &Group) -> Failure {
    failure
        .help(format!("then: {}", goes_on(group)))
        .help(format!("or take it back: taiwa rollback --on {}", group.name))
}

/// Too few visitors: nothing is known, so nothing is done.
fn stays(group: &Group, rollout: &Rollout, judgement: &Judgement) -> Failure {
    let what = format!("the guard has no data ({}); {}", judgement.why, rollout.stands(group));
    Failure::no("gate-failed", what)
        .help(format!("when visitors have come: {}", goes_on(group)))
        .help(format!("or take it back: taiwa rollback --on {}", group.name))
}

/// The new release is worse: back, if anybody here may; else who can, and how.
fn back(
    cx: &mut Cx<'_>,
    (group, book): (&Group, &mut Book<'_>),
    rollout: &Rollout,
    judgement: &Judgement,
    pace: &Pace,
) -> Failure {
    let what = format!(
        "the guard: release {} is worse than the one before: {}",
        rollout.plan.to.short(),
        judgement.why
    );
    cx.say(format!("{what}; going back"));
    let name = &group.name;
    match taken_back(cx, (group, book), rollout, pace) {
        Ok(Some(done)) => {
            let before = rollout.plan.from.map_or_else(String::new, |it| it.short());
            let generation = done.generation;
            let text =
                format!("{what}; {name} runs release {before} again (generation {generation})");
            Failure::no("gate-failed", text)
        }
        Ok(None) => {
            let document = group.policy.document();
            let may = document.people.iter();
            let may = may.filter(|it| Parachute::may_be_pulled_by(document, it));
            let who: Vec<&str> = may.map(|it| it.id.as_str()).collect();
            Failure::no("gate-failed", format!("{what}; {}", rollout.stands(group)))
                .help("no further step is taken by any server that sees this")
                .help(format!("these can take it back: {}", who.join(", ")))
                .help(format!("each with: taiwa rollback --on {name} --as ROLE"))
        }
        Err(failure) => Failure::no("gate-failed", format!("{what}; {}", rollout.stands(group)))
            .help(format!("taking it back failed: {}: {}", failure.reason, failure.message))
            .help(format!("try again: taiwa rollback --on {name}")),
    }
}

/// By the parachute, if a key was named for it; without anybody, where nobody has to be asked.
fn taken_back(
    cx: &mut Cx<'_>,
    (group, book): (&Group, &mut Book<'_>),
    rollout: &Rollout,
    pace: &Pace,
) -> Result<Option<Deployed>, Failure> {
    super::mend(cx, group, Mending::Wait)?;
    let document = group.policy.document();
    if let Some(key) = &pace.key
        && let Some(parachute) = parachute(cx, group, None)?
    {
        let may = |it: &taiwa_plan::Person| Parachute::may_be_pulled_by(document, it);
        let (signer, who) = super::signer_of(cx, group, Some(key), may)?;
        cx.tell(format!("back by parachute, by the signature of {who}"));
        let bytes = signals::block_on(group.release(&parachute.to))?;
        let bundle = parachute.pull(cx, signer.as_ref())?;
        let (plan, live) = (parachute.plan, parachute.live);
        let cargo = Cargo { bundle, plan, step: Move::Back, live, bytes };
        return carry(cx, group, book, &cargo).map(Some);
    }
    if !free(&group.policy) {
        return Ok(None);
    }
    let Some(to) = rollout.plan.from else { return Ok(None) };
    let states = signals::block_on(async { Ok(group.states().await) })?;
    let wish = Promotion::new(PlanKind::Rollback, to, Some(true));
    let Planned::Plan(plan) = planned(cx, group, &states, book, &wish)? else { return Ok(None) };
    let proof = super::unmet(cx, group, book, &plan, None)?;
    if !proof.refusals.is_empty() {
        return Err(refused("it cannot go back yet", &proof.refusals));
    }
    let live = plan.base;
    let cargo =
        Cargo { bundle: proof.bundle, plan: *plan, step: Move::FIRST, live, bytes: Vec::new() };
    carry(cx, group, book, &cargo).map(Some)
}

/// Whether going back asks nobody.
fn free(policy: &Policy) -> bool {
    let document = policy.document();
    !document.protected && document.rollback.iter().all(|it| it.count == 0)
}

impl Rollout {
    /// What `taiwa status` says of it.
    pub(crate) fn status(&self, group: &Group, judgement: &Judgement) -> String {
        let torn =
            if self.is_torn(group) { " by a new plan, because the policy changed" } else { "" };
        format!(
            "{}, all others release {}; the next step{torn} from {}; the guard: {} ({})",
            self.stands(group),
            self.plan.from.map_or_else(|| "nothing".to_owned(), |it| it.short()),
            self.next_at,
            judgement.outcome.word(),
            judgement.why
        )
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn shares_as_people_write_them() {
        let said = [500, 10_000, 50, 1, 1250, 0].map(super::share);
        assert_eq!(said, ["5 %", "100 %", "0.5 %", "0.01 %", "12.5 %", "0 %"]);
    }
}
