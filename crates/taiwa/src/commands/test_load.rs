//! `taiwa test --on … --load`: whether the servers bear what the next environments ask for, and the evidence of it.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use taiwa_deployer::{Driven, Pace, States, Tally, Visitor, drive, questions};
use taiwa_model::EnvironmentName;
use taiwa_plan::{EvidenceResult, Gate, LoadRule, Outcome, judge_load};

use crate::{
    Cx, Exit, Failure,
    edge::{
        limits,
        marked::Head,
        servers::{Group, call},
        signals::{self, Signal},
    },
    moves::{self, Found},
    render::{Bars, Step, count},
};

/// Most digests of questions in one statement, which has a limit of its own.
const QUESTIONS_MAX: usize = 256;

/// A run, and how it ended.
struct Run {
    found: Found,
    pace: Pace,
    tally: Tally,
    signal: Option<Signal>,
}

/// What the run is for one environment.
struct Judged {
    name: EnvironmentName,
    rule: LoadRule,
    outcome: Outcome,
    why: String,
}

impl Judged {
    /// The runner's word; the policy judges the numbers by itself.
    const fn result(&self) -> EvidenceResult {
        match self.outcome {
            Outcome::Passed => EvidenceResult::Passed,
            Outcome::Failed => EvidenceResult::Failed,
            Outcome::Inconclusive | Outcome::NoData => EvidenceResult::NoData,
        }
    }
}

pub(super) fn run(
    cx: &mut Cx<'_>,
    name: &EnvironmentName,
    key: Option<&Path>,
) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, name)?;
    let rules = rules(&head, &group)?;
    let rate_per_s = rules.iter().map(|it| it.1.rate_per_s).max().unwrap_or(0);
    let for_s = rules.iter().map(|it| it.1.for_s).max().unwrap_or(0);
    let run = perform(cx, &group, Pace { rate_per_s, for_s })?;
    let judged: Vec<_> = rules.into_iter().map(|it| judge(&group, &run, it)).collect();
    tell(cx, &group, &run, &judged);
    let result = |of: &EnvironmentName| judged.iter().find(|it| it.name == *of).map(Judged::result);
    let offered = moves::offered(cx, (&head, &group), &run.found, key, &result)?;
    report(cx, (&group, &run), &judged, &offered);
    ended(&group, &run, &judged)
}

/// What each environment that takes its releases from here asks for: by its policy, or as it is proposed.
fn rules(head: &Head, group: &Group) -> Result<Vec<(EnvironmentName, LoadRule)>, Failure> {
    let mut rules = Vec::new();
    for name in moves::downstream(head, group) {
        let rule = match moves::policy(head, name)? {
            Some(policy) => policy.document().load(),
            None => head.project.environments[name].gates.load.as_ref().map(limits::load),
        };
        rules.extend(rule.map(|it| (name.clone(), it)));
    }
    if rules.is_empty() {
        let what =
            format!("no environment that takes its releases from {} asks for a load", group.name);
        return Err(Failure::no("nothing-to-do", what)
            .help("in its environment.yaml: gates: { load: { rate: 500/s, for: 10s, p99: 20ms, errors: 0% } }"));
    }
    Ok(rules)
}

/// Asks for signed state, drives the load, asks for state again.
fn perform(cx: &mut Cx<'_>, group: &Group, pace: Pace) -> Result<Run, Failure> {
    let (clock, bars) = (cx.clock(), Bars::new(cx));
    let (before, release, generation) = signals::block_on(async {
        let before = group.states().await;
        let (digest, generation) = moves::at_rest(group, &before)?;
        let release = moves::read(&group.release(&digest).await?)?;
        Ok((before, release, generation))
    })?;
    let started = clock().whole_second();
    let visitors = questions(release.components(), started);
    if visitors.is_empty() {
        return Err(Failure::no(
            "no-data",
            "the release has no interaction point that could be asked",
        ));
    }
    let stop = AtomicBool::new(false);
    let load = Driven {
        servers: &group.servers,
        visitors: &visitors,
        release: release.digest(),
        pace,
        stop: &stop,
    };
    let progress =
        bars.step("sending requests", usize::try_from(pace.for_s).unwrap_or(0), "second");
    let (tally, signal, after) = signals::runtime()?.block_on(driven(group, &load, &progress))?;
    drop(progress);
    let found = Found {
        gate: Gate::Load,
        release: release.digest(),
        generation,
        before,
        after,
        started,
        ended: clock().whole_second(),
        numbers: numbers(group, pace, &tally),
        inputs: inputs(&visitors),
    };
    Ok(Run { found, pace, tally, signal })
}

/// The load, ended early by a signal; what the servers say after it is not asked then.
async fn driven(
    group: &Group,
    load: &Driven<'_>,
    step: &Step,
) -> Result<(Tally, Option<Signal>, States), Failure> {
    let work = drive(load, || step.one());
    tokio::pin!(work);
    let (done, signal) = tokio::select! {
        done = &mut work => (done, None),
        signal = signals::next() => {
            load.stop.store(true, Ordering::Relaxed);
            (work.await, Some(signal))
        }
    };
    let tally = done.map_err(|it| call(&it))?;
    let after = if signal.is_none() { group.states().await } else { States::default() };
    Ok((tally, signal, after))
}

fn numbers(group: &Group, pace: Pace, tally: &Tally) -> BTreeMap<String, u64> {
    let numbers = [
        ("planned", pace.planned()),
        ("sent", tally.sent),
        ("errors", tally.errors),
        ("p50_us", tally.latencies.at_bp(5_000)),
        ("p99_us", tally.latencies.at_bp(9_900)),
        ("max_us", tally.latencies.max_us()),
        ("for_s", pace.for_s),
        ("servers", group.servers.len() as u64),
    ];
    numbers.map(|(name, number)| (name.to_owned(), number)).into()
}

fn inputs(visitors: &[Visitor]) -> BTreeMap<String, serde_json::Value> {
    let mut digests: Vec<_> = visitors.iter().flat_map(Visitor::digests).collect();
    digests.sort();
    digests.dedup();
    digests.truncate(QUESTIONS_MAX);
    [("questions".to_owned(), serde_json::json!(digests))].into()
}

/// By the limits of one environment. What was interrupted, or changed meanwhile, proves nothing.
fn judge(group: &Group, run: &Run, (name, rule): (EnvironmentName, LoadRule)) -> Judged {
    let whole = run.signal.is_none() && run.found.is_of_one_release(group);
    let word = if whole { EvidenceResult::Passed } else { EvidenceResult::NoData };
    let (outcome, why) = judge_load(&run.found.evidence(group, &name, (word, 1)), &rule);
    let (outcome, why) = match (run.signal, whole) {
        (Some(_), _) => (Outcome::NoData, "the run was interrupted".to_owned()),
        (None, false) => (Outcome::NoData, format!("{} changed meanwhile", group.name)),
        (None, true) => (outcome, why.trim_end_matches(", attempt 1").to_owned()),
    };
    Judged { name, rule, outcome, why }
}

fn tell(cx: &mut Cx<'_>, group: &Group, run: &Run, judged: &[Judged]) {
    let Run { tally, pace, .. } = run;
    let servers = count(group.servers.len(), "server");
    cx.tell(format!(
        "release {}: {} of {} requests sent to {servers} ({}/s for {} s), {} failed",
        run.found.release.short(),
        tally.sent,
        pace.planned(),
        pace.rate_per_s,
        pace.for_s,
        tally.errors,
    ));
    let latencies = &tally.latencies;
    cx.tell(format!(
        "latency from when each was due: p50 {} µs, p99 {} µs, longest {} µs",
        latencies.at_bp(5_000),
        latencies.at_bp(9_900),
        latencies.max_us(),
    ));
    for it in judged {
        cx.tell(format!("{}: {}: {}", it.name, word(it.outcome), it.why));
    }
}

/// A verdict as it is written.
fn word(outcome: Outcome) -> String {
    let word = serde_json::to_value(outcome).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn report(
    cx: &mut Cx<'_>,
    (group, run): (&Group, &Run),
    judged: &[Judged],
    offered: &[EnvironmentName],
) {
    if !cx.json() {
        return;
    }
    let of = |it: &Judged| {
        (
            it.name.clone(),
            serde_json::json!({ "outcome": it.outcome, "why": it.why, "limits": it.rule }),
        )
    };
    let verdicts: BTreeMap<_, _> = judged.iter().map(of).collect();
    let worst = judged.iter().map(|it| it.outcome).max().map(word);
    cx.print_json(&serde_json::json!({
        "version": 1, "environment": group.name, "release": run.found.release, "gate": "load",
        "result": worst, "rate_per_s": run.pace.rate_per_s, "numbers": run.found.numbers,
        "verdicts": verdicts, "evidence_for": offered,
    }));
}

/// Yes only if every environment that asks for a load would have it so.
fn ended(group: &Group, run: &Run, judged: &[Judged]) -> Result<Exit, Failure> {
    if let Some(signal) = run.signal {
        return Err(signal.failure("stopped by you; the load shows nothing"));
    }
    let name = &group.name;
    let closed = [Outcome::Failed, Outcome::Inconclusive, Outcome::NoData];
    let of = |outcome| judged.iter().filter(move |it| it.outcome == outcome).peekable();
    let Some(outcome) = closed.into_iter().find(|it| of(*it).peek().is_some()) else {
        return Ok(Exit::Yes);
    };
    let failure = match outcome {
        Outcome::Failed => {
            Failure::no("load-failed", format!("{name} does not bear the load that is asked for"))
        }
        Outcome::Inconclusive => {
            Failure::no("inconclusive", format!("{name} was not loaded as much as is asked for"))
        }
        _ => Failure::no("no-data", format!("{name} shows nothing under load")),
    };
    Err(of(outcome).fold(failure, |failure, it| failure.help(format!("- {}: {}", it.name, it.why))))
}
