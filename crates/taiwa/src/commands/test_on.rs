//! `taiwa test --on`: the scenarios of a release on the servers that run it, and the evidence of it.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;
use taiwa_decide::scenario::ScenarioResult;
use taiwa_deployer::{CallError, run_on};
use taiwa_model::{Digest, EnvironmentName, canonical};
use taiwa_plan::{EvidenceResult, Gate};
use taiwa_release::Release;

use crate::{
    Cx, Exit, Failure,
    edge::{
        marked::Head,
        servers::{Group, call},
        signals,
    },
    moves::{self, Found},
    render::{Bars, count},
};

/// A run on every server.
struct Run {
    release: Release,
    found: Found,
    /// By server.
    results: Vec<(String, Vec<ScenarioResult>)>,
}

impl Run {
    fn all(&self) -> impl Iterator<Item = &ScenarioResult> {
        self.results.iter().flat_map(|it| &it.1)
    }

    /// What came out; a release or generation that changed meanwhile proves nothing.
    fn result(&self, group: &Group) -> EvidenceResult {
        if !self.found.is_of_one_release(group) || self.all().next().is_none() {
            EvidenceResult::NoData
        } else if self.all().all(|it| it.passed) {
            EvidenceResult::Passed
        } else {
            EvidenceResult::Failed
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
    let done = perform(cx, &group)?;
    let failed = done.all().filter(|it| !it.passed).count();
    tell(cx, &done);
    let result = done.result(&group);
    let offered = if let Some(key) = moves::runners_key(cx, key) {
        let ran = super::test_wrote::Ran {
            group: &group,
            release: done.found.release,
            generation: done.found.generation,
            started: done.found.started,
        };
        let (mut offered, believed) =
            moves::file(cx, (&head, &group), &done.found, &key, &|_| Some(result))?;
        offered.extend(super::test_wrote::file(cx, &head, &ran, &key)?);
        if offered.is_empty() && !believed {
            return Err(moves::unbelieved(cx, &key));
        }
        offered.sort();
        offered.dedup();
        offered
    } else {
        Vec::new()
    };
    if cx.json() {
        let word = serde_json::to_value(result).unwrap_or_default();
        let servers: BTreeMap<_, _> = done.results.iter().map(|it| (&it.0, &it.1)).collect();
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": name, "release": done.release.digest(), "result": word,
            "run": done.all().count(), "failed": failed, "evidence_for": offered, "servers": servers,
        }));
    }
    match result {
        EvidenceResult::Passed => {
            for environment in &offered {
                cx.say(format!("next: taiwa mark {name} --for {environment}, then commit"));
            }
            Ok(Exit::Yes)
        }
        EvidenceResult::Failed => {
            Err(Failure::no("scenario-failed", count(failed, "scenario") + " failed"))
        }
        EvidenceResult::NoData => Err(Failure::no(
            "no-data",
            format!("nothing is shown: no scenario ran, or {name} changed meanwhile"),
        )),
    }
}

/// Asks for signed state, runs every scenario of the release on each server, asks for state again.
fn perform(cx: &mut Cx<'_>, group: &Group) -> Result<Run, Failure> {
    let (clock, bars) = (cx.clock(), Bars::new(cx));
    signals::block_on(async {
        let before = group.states().await;
        let (digest, generation) = moves::at_rest(group, &before)?;
        let release = moves::read(&group.release(&digest).await?)?;
        let started = clock().whole_second();
        let names: Vec<_> = release.components().scenarios.keys().collect();
        let step = bars.step("running scenarios", names.len() * group.servers.len(), "run");
        let mut results = Vec::new();
        for server in &group.servers {
            let mut of_server = Vec::new();
            for name in &names {
                let ran: Result<_, CallError> = run_on(server, release.components(), name).await;
                of_server.extend(ran.map_err(|it| call(&it))?);
                step.one();
            }
            results.push((server.id.to_string(), of_server));
        }
        drop(step);
        let ended = clock().whole_second();
        let after = group.states().await;
        let run =
            results.iter().map(|it: &(String, Vec<ScenarioResult>)| it.1.len()).sum::<usize>();
        let failed = results.iter().flat_map(|it| &it.1).filter(|it| !it.passed).count();
        let numbers = [("run", run), ("passed", run - failed), ("failed", failed)];
        let found = Found {
            gate: Gate::Scenarios,
            release: digest,
            generation,
            before,
            after,
            started,
            ended,
            numbers: numbers.map(|(name, it)| (name.to_owned(), it as u64)).into(),
            inputs: inputs(&release)?,
        };
        Ok(Run { release, found, results })
    })
}

fn tell(cx: &mut Cx<'_>, run: &Run) {
    for (server, results) in &run.results {
        for result in results.iter().filter(|it| !it.passed) {
            let title = run
                .release
                .components()
                .scenarios
                .get(&result.name)
                .map(|it| it.content.title.get([]).to_owned());
            super::test::tell(cx, result, &format!("{} (on {server})", title.unwrap_or_default()));
        }
    }
    let failed = run.all().filter(|it| !it.passed).count();
    let (all, servers) = (run.all().count(), count(run.results.len(), "server"));
    cx.tell(format!(
        "release {}: {} run on {servers}: {} passed, {failed} failed",
        run.release.digest().short(),
        count(all, "scenario"),
        all - failed,
    ));
}

/// The digests of what was run.
fn inputs(release: &Release) -> Result<BTreeMap<String, Value>, Failure> {
    let mut scenarios = Vec::new();
    for it in release.components().scenarios.values() {
        let bytes =
            canonical::to_bytes(&it.content).map_err(|it| Failure::no("limit", it.to_string()))?;
        scenarios.push(serde_json::json!(Digest::of_kind("scenario", &bytes)));
    }
    Ok([("scenarios".to_owned(), scenarios.into())].into())
}
