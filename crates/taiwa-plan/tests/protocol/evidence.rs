//! Gates: only passed opens.

use serde_json::json;
use taiwa_model::{EnvironmentName, RunnerId};
use taiwa_plan::{Evidence, EvidenceResult, Outcome, Runner, Verdict, gates};

use crate::world::{Case, RUNNER, STRANGER, TANAKA, in_s, key, now, passed, release};

fn verdict(evidence: Vec<(u8, Evidence)>) -> Verdict {
    let mut case = Case::new();
    case.evidence = evidence;
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let mut verdicts = gates(&policy, &case.plan.to, &bundle.open().unwrap().statements, now());
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

#[track_caller]
fn check(change: impl FnOnce(&mut Evidence), want: Outcome, why: &str) {
    let mut evidence = passed(release("espresso"));
    change(&mut evidence);
    let got = verdict(vec![(RUNNER, evidence)]);
    assert_eq!(got.outcome, want, "{got:?}");
    assert!(got.why.contains(why), "{got:?}");
}

fn numbers(it: &mut Evidence, run: u64, passed: u64, failed: u64) {
    let numbers = [("run", run), ("passed", passed), ("failed", failed)];
    it.numbers = numbers.map(|(name, number)| (name.to_owned(), number)).into();
}

#[test]
fn outcomes() {
    check(|_| (), Outcome::Passed, "4 of 4 passed, attempt 1");
    check(|it| it.result = EvidenceResult::Failed, Outcome::Failed, "4 of 4");
    check(|it| numbers(it, 4, 3, 1), Outcome::Failed, "3 of 4 passed");
    check(|it| numbers(it, 0, 0, 0), Outcome::NoData, "nothing was run");
    check(|it| numbers(it, 5, 4, 0), Outcome::Inconclusive, "do not add up");
    check(|it| numbers(it, 0, u64::from(u32::MAX), 1), Outcome::Inconclusive, "do not add up");
    check(|it| it.result = EvidenceResult::NoData, Outcome::NoData, "interrupted");
    check(|it| it.numbers.retain(|name, _| name != "failed"), Outcome::Inconclusive, "its numbers");
    check(
        |it| it.numbers.extend([("skipped".to_owned(), 9)]),
        Outcome::Inconclusive,
        "its numbers",
    );
    check(|it| it.inputs.clear(), Outcome::Inconclusive, "its inputs");
    let inputs = |value| {
        move |it: &mut Evidence| {
            it.inputs.insert("scenarios".to_owned(), value);
        }
    };
    check(inputs(json!([])), Outcome::NoData, "what was run");
    check(inputs(json!(["all"])), Outcome::Inconclusive, "its inputs");
    check(inputs(json!("all")), Outcome::Inconclusive, "its inputs");
}

#[test]
fn where_and_when() {
    check(|it| it.ended = in_s(-86_401), Outcome::Inconclusive, "its times");
    let old = |it: &mut Evidence| {
        it.started = in_s(-90_000);
        it.ended = in_s(-86_401);
    };
    check(old, Outcome::Inconclusive, "too old");
    check(|it| it.ended = in_s(6), Outcome::Inconclusive, "its times");
    check(|it| it.started = in_s(-300), Outcome::Inconclusive, "its times");
    let elsewhere = EnvironmentName::new("laptop");
    let ran_on = elsewhere.clone();
    check(|it| it.ran_on.environment = ran_on, Outcome::Inconclusive, "did not run on staging");
    check(|it| it.ran_on.servers.clear(), Outcome::Inconclusive, "did not run on staging");
    check(|it| it.environment = elsewhere, Outcome::Inconclusive, "offered to laptop");
    check(|it| it.release = release("other"), Outcome::NoData, "no evidence");
    check(|it| it.gate = "load".to_owned(), Outcome::NoData, "no evidence");
}

#[test]
fn only_a_runner_of_the_gate_speaks_of_it() {
    for stranger in [STRANGER, TANAKA] {
        let got = verdict(vec![(stranger, passed(release("espresso")))]);
        assert_eq!(got.outcome, Outcome::NoData);
    }
    assert_eq!(verdict(vec![]).outcome, Outcome::NoData);
    let mut case = Case::new();
    let (id, gates_of) = (RunnerId::new("other"), vec!["scenarios".to_owned()]);
    case.document.runners.insert(0, Runner { id, key: key(50), gates: gates_of });
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let got = gates(&policy, &case.plan.to, &bundle.open().unwrap().statements, now());
    assert_eq!(got[0].outcome, Outcome::Passed, "any runner of the gate will do");
}

#[test]
fn the_latest_run_decides_and_attempts_are_shown() {
    let run = |ended_s: i64, result, attempt| {
        let mut evidence = passed(release("espresso"));
        (evidence.result, evidence.attempt) = (result, attempt);
        (evidence.started, evidence.ended) = (in_s(ended_s - 5), in_s(ended_s));
        (RUNNER, evidence)
    };
    let (passed, failed) = (EvidenceResult::Passed, EvidenceResult::Failed);
    let got = verdict(vec![run(-200, failed, 1), run(-100, passed, 2)]);
    assert_eq!((got.outcome, got.attempts), (Outcome::Passed, 2));
    let got = verdict(vec![run(-100, failed, 2), run(-200, passed, 1)]);
    assert_eq!(got.outcome, Outcome::Failed);
    let got = verdict(vec![run(-100, failed, 2), run(-100, passed, 1)]);
    assert_eq!(got.outcome, Outcome::Failed, "of two at once the worse one");
}
