//! `taiwa test --on … --exposure`: how many decisions the servers answered with the release, and the evidence of it.

use std::{collections::BTreeMap, path::Path};

use taiwa_api::admin::ExposureView;
use taiwa_model::{EnvironmentName, ServerId};
use taiwa_plan::{EvidenceResult, ExposureRule, Gate, Outcome, judge_exposure};

use crate::{
    Cx, Exit, Failure,
    edge::{
        limits,
        marked::Head,
        servers::{Group, call},
        signals,
    },
    moves::{self, Found},
};

/// What each server counted.
type Counts = BTreeMap<ServerId, Option<ExposureView>>;

pub(super) fn run(
    cx: &mut Cx<'_>,
    name: &EnvironmentName,
    key: Option<&Path>,
) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let group = Group::of(cx, &head, name)?;
    let rules = rules(&head, &group)?;
    let (found, counts) = read(cx, &group)?;
    let judged: BTreeMap<_, _> =
        rules.iter().map(|it| (it.0.clone(), judge(&group, &found, it))).collect();
    tell(cx, &found, &counts, &judged);
    // A count that is too low yet is not filed: it only grows, so there is no luck to be shown.
    let result = |of: &EnvironmentName| {
        judged.get(of).filter(|it| it.0 == Outcome::Passed).map(|_| EvidenceResult::Passed)
    };
    let offered = moves::offered(cx, (&head, &group), &found, key, &result)?;
    if cx.json() {
        let verdicts: BTreeMap<_, _> = judged
            .iter()
            .map(|(name, it)| (name, serde_json::json!({ "outcome": it.0, "why": it.1 })))
            .collect();
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": group.name, "release": found.release, "gate": "exposure",
            "decisions": found.numbers["decisions"], "servers": counts, "verdicts": verdicts,
            "evidence_for": offered,
        }));
    }
    let missing: Vec<_> = judged.iter().filter(|it| it.1.0 != Outcome::Passed).collect();
    if missing.is_empty() {
        return Ok(Exit::Yes);
    }
    let what = format!("{name} has not answered as many decisions as are asked for");
    let failure = Failure::no("soak-missing", what);
    Err(missing.iter().fold(failure, |failure, it| failure.help(format!("- {}: {}", it.0, it.1.1))))
}

/// What each environment that takes its releases from here asks for: by its policy, or as it is proposed.
fn rules(head: &Head, group: &Group) -> Result<Vec<(EnvironmentName, ExposureRule)>, Failure> {
    let mut rules = Vec::new();
    for name in moves::downstream(head, group) {
        let rule = match moves::policy(head, name)? {
            Some(policy) => policy.document().exposure(),
            None => head.project.environments[name].gates.soak.as_ref().and_then(limits::exposure),
        };
        rules.extend(rule.map(|it| (name.clone(), it)));
    }
    if rules.is_empty() {
        let what = format!(
            "no environment that takes its releases from {} asks for decisions in its soak",
            group.name
        );
        return Err(Failure::no("nothing-to-do", what)
            .help("in its environment.yaml: gates: { soak: { for: 30m, decisions: 1000 } }"));
    }
    Ok(rules)
}

/// Signed state, the count of each server, signed state again.
fn read(cx: &mut Cx<'_>, group: &Group) -> Result<(Found, Counts), Failure> {
    let clock = cx.clock();
    signals::block_on(async {
        let started = clock().whole_second();
        let before = group.states().await;
        let (release, generation) = moves::at_rest(group, &before)?;
        let mut counts = Counts::new();
        for server in &group.servers {
            let status = server.status().await.map_err(|it| call(&it))?;
            let live = |it: &ExposureView| it.release == release && it.generation == generation;
            counts.insert(server.id.clone(), status.exposure.filter(live));
        }
        let after = group.states().await;
        let count = |it: &Option<ExposureView>| it.as_ref().map_or(0, |it| it.decisions);
        let of_server: BTreeMap<_, _> = counts.iter().map(|it| (it.0, count(it.1))).collect();
        let numbers =
            [("decisions", of_server.values().sum()), ("servers", group.servers.len() as u64)];
        let found = Found {
            gate: Gate::Exposure,
            release,
            generation,
            before,
            after,
            started,
            ended: clock().whole_second(),
            numbers: numbers.map(|(name, number)| (name.to_owned(), number)).into(),
            inputs: [("decisions".to_owned(), serde_json::json!(of_server))].into(),
        };
        Ok((found, counts))
    })
}

fn judge(
    group: &Group,
    found: &Found,
    (name, rule): &(EnvironmentName, ExposureRule),
) -> (Outcome, String) {
    if !found.is_of_one_release(group) {
        return (Outcome::NoData, format!("{} changed meanwhile", group.name));
    }
    judge_exposure(&found.evidence(group, name, (EvidenceResult::Passed, 1)), rule)
}

fn tell(
    cx: &mut Cx<'_>,
    found: &Found,
    counts: &Counts,
    judged: &BTreeMap<EnvironmentName, (Outcome, String)>,
) {
    let (release, generation) = (found.release.short(), found.generation);
    cx.tell(format!("decisions answered with release {release} in generation {generation}:"));
    for (server, it) in counts {
        cx.tell(match it {
            Some(it) => format!("  {server}: {} since {}", it.decisions, it.since),
            None => format!("  {server}: none that it knows of"),
        });
    }
    for (name, (_, why)) in judged {
        cx.tell(format!("{name}: {why}"));
    }
}
