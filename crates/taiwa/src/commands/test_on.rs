//! `taiwa test --on`: the scenarios of a release on the servers that run it, and the evidence of it.

use std::{collections::BTreeMap, path::Path};

use taiwa_decide::scenario::ScenarioResult;
use taiwa_deployer::{CallError, States, run_on};
use taiwa_model::{Digest, EnvironmentName, Timestamp, canonical};
use taiwa_plan::{
    Envelope, Evidence, EvidenceResult, Payload, Policy, RanOn, Runner, Signer, ledger::RecordKind,
};
use taiwa_release::Release;

use crate::{
    Cx, Exit, Failure,
    edge::{
        keys,
        ledger::{self, Book, Entry},
        marked::Head,
        servers::{Group, call, refused},
        signals,
    },
    moves,
    render::{Bars, count},
};

/// A run on every server.
struct Run {
    release: Release,
    generation: u64,
    before: States,
    after: States,
    started: Timestamp,
    ended: Timestamp,
    /// By server.
    results: Vec<(String, Vec<ScenarioResult>)>,
}

impl Run {
    fn all(&self) -> impl Iterator<Item = &ScenarioResult> {
        self.results.iter().flat_map(|it| &it.1)
    }

    /// What came out; a release or generation that changed meanwhile proves nothing.
    fn result(&self, group: &Group) -> EvidenceResult {
        let same = self.after.group.settled(&group.policy)
            == Ok((Some(self.release.digest()), self.generation));
        if !same || self.all().next().is_none() {
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
    let key = key.map(Path::to_owned).or_else(|| cx.var("TAIWA_RUNNER_KEY").map(Into::into));
    let offered = if let Some(key) = key {
        let ran = super::test_wrote::Ran {
            group: &group,
            release: done.release.digest(),
            generation: done.generation,
            started: done.started,
        };
        let mut offered = file(cx, &head, &group, &done, &key)?;
        offered.extend(super::test_wrote::file(cx, &head, &ran, &key)?);
        somebody(cx, &key, &offered)?;
        offered.sort();
        offered.dedup();
        offered
    } else {
        cx.say("this is no evidence: it is not signed; CI signs with --key or TAIWA_RUNNER_KEY");
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
        let (release, generation) = match before.group.settled(&group.policy) {
            Ok((Some(release), generation)) => (release, generation),
            Ok((None, _)) => {
                return Err(Failure::no(
                    "not-running",
                    format!("{} runs no release yet", group.name),
                )
                .help(format!("taiwa deploy --to {}", group.name)));
            }
            Err(refusals) => {
                return Err(refused(&format!("{} cannot be tested now", group.name), &refusals));
            }
        };
        let release = moves::read(&group.release(&release).await?)?;
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
        Ok(Run { release, generation, before, after, started, ended, results })
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

/// Signs the result for every environment that takes its releases from here and believes this runner.
fn file(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    run: &Run,
    key: &Path,
) -> Result<Vec<EnvironmentName>, Failure> {
    let signer = keys::from_file(&cx.path(key))?;
    let mut book = Book::open(cx, head)?;
    let mut filed = Vec::new();
    for (name, environment) in &head.project.environments {
        if environment.from.as_ref() != Some(&group.name) {
            continue;
        }
        let Some(policy) = policy(head, name)? else {
            cx.say(format!("note: {name} has no policy yet, so nothing can be proven for it"));
            continue;
        };
        if runner(&policy, signer.as_ref(), "scenarios").is_none() {
            cx.say(format!("note: this key is no runner of {name} for the gate scenarios; nothing is filed for it"));
            continue;
        }
        let evidence = evidence(group, run, name, &book)?;
        let (attempt, result) = (evidence.attempt, evidence.result);
        let envelope = Envelope::signed(&evidence, signer.as_ref())
            .map_err(|it| Failure::no("not-signed", it.to_string()))?;
        let states = run.before.envelopes.values().chain(run.after.envelopes.values());
        let objects =
            std::iter::once(&envelope).chain(states).filter_map(ledger::statement).collect();
        let word = serde_json::to_value(result).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().to_owned();
        let text = format!(
            "scenarios {word} on {} for release {} (attempt {attempt})",
            group.name,
            run.release.digest().short()
        );
        book.append(
            cx,
            &Entry { kind: RecordKind::Statement, environment: name, plan: None, objects, text },
        )?;
        cx.tell(format!(
            "evidence for {name}: scenarios {word}, attempt {attempt}, signed and filed"
        ));
        filed.push(name.clone());
    }
    Ok(filed)
}

/// A key that proves nothing to anybody is the wrong one.
fn somebody(cx: &Cx<'_>, key: &Path, offered: &[EnvironmentName]) -> Result<(), Failure> {
    if !offered.is_empty() {
        return Ok(());
    }
    let signer = keys::from_file(&cx.path(key))?;
    Err(Failure::no(
        "bad-signature",
        "this key is a runner of no environment that takes its releases from here",
    )
    .help(format!("the key is {}", signer.public_key().fingerprint()))
    .help("runners are named in environments/ENV/environment.yaml and in the signed policy"))
}

/// The policy of an environment as it is committed, if it is in force.
pub(super) fn policy(head: &Head, name: &EnvironmentName) -> Result<Option<Policy>, Failure> {
    let Some(bytes) = head.file(&format!("environments/{name}/policy.json"))? else {
        return Ok(None);
    };
    Ok(Envelope::read(bytes.trim_ascii_end()).ok().and_then(|it| Policy::accept(&it).ok()))
}

/// The runner that has a key and may speak of a gate.
pub(super) fn runner<'a>(
    policy: &'a Policy,
    signer: &dyn Signer,
    gate: &str,
) -> Option<&'a Runner> {
    let of =
        |it: &&Runner| it.key == *signer.public_key() && it.gates.iter().any(|name| name == gate);
    policy.document().runners.iter().find(of)
}

/// How often a gate was proven, or not, for a release.
pub(super) fn attempts(
    book: &Book<'_>,
    name: &EnvironmentName,
    release: &Digest,
    gate: &str,
) -> u64 {
    let of = |it: &&Envelope| {
        it.open().is_ok_and(|it| matches!(it.payload, Payload::Evidence(it) if it.gate == gate))
    };
    book.story.evidence_of(name, release).into_iter().filter(of).count() as u64
}

fn evidence(
    group: &Group,
    run: &Run,
    name: &EnvironmentName,
    book: &Book<'_>,
) -> Result<Evidence, Failure> {
    let release = run.release.digest();
    let attempt = attempts(book, name, &release, "scenarios") + 1;
    let (all, failed) =
        (run.all().count() as u64, run.all().filter(|it| !it.passed).count() as u64);
    let mut scenarios = Vec::new();
    for it in run.release.components().scenarios.values() {
        let bytes =
            canonical::to_bytes(&it.content).map_err(|it| Failure::no("limit", it.to_string()))?;
        scenarios.push(serde_json::json!(Digest::of_kind("scenario", &bytes)));
    }
    Ok(Evidence {
        environment: name.clone(),
        issued: run.ended,
        gate: "scenarios".to_owned(),
        release,
        ran_on: RanOn {
            environment: group.name.clone(),
            servers: group.servers.iter().map(|it| it.id.clone()).collect(),
            generation: run.generation,
        },
        result: run.result(group),
        numbers: [
            ("run".to_owned(), all),
            ("passed".to_owned(), all - failed),
            ("failed".to_owned(), failed),
        ]
        .into(),
        attempt,
        started: run.started,
        ended: run.ended,
        inputs: [("scenarios".to_owned(), scenarios.into())].into(),
    })
}
