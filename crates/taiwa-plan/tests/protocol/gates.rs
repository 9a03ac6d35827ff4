//! The gates `load` and `exposure`, and what every gate has in common: a row for each way not to be passed, and the
//! places that ask: planner, prepare, activate.

use serde_json::{Value, json};
use taiwa_model::{Digest, ServerId};
use taiwa_plan::{
    Evidence, EvidenceResult, GroupState, Move, Outcome, Policy, Reason, Refusals, Seen, Statement,
    Verdict, Wish, admit, gates, plan, read_state,
    server::{Activation, Preparation, activate, prepare},
};

use crate::world::{
    Case, RUNNER, SERVERS, STAGING_ANCHOR, STRANGER, TANAKA, at, in_s, now, origin_state, passed,
    prepared, release, sign,
};

/// Production asks for all three gates, and each has good evidence.
pub(crate) fn three() -> Case {
    let mut case = Case::new();
    let load = json!({
        "max_age_s": 86_400, "rate_per_s": 500, "for_s": 10, "p99_us": 20_000, "errors_bp": 50,
    });
    let exposure = json!({ "max_age_s": 86_400, "decisions": 1_000 });
    case.document.gates.insert("load".to_owned(), load);
    case.document.gates.insert("exposure".to_owned(), exposure);
    case.document.runners[0].gates.extend(["load".to_owned(), "exposure".to_owned()]);
    let to = case.plan.to;
    case.evidence.extend([(RUNNER, bore(to)), (RUNNER, answered(to))]);
    case
}

/// 500 requests a second for ten seconds on two servers; one request in a thousand failed.
fn bore(to: Digest) -> Evidence {
    let mut it = Evidence { gate: "load".to_owned(), ..passed(to) };
    it.numbers = [
        ("planned", 5_000),
        ("sent", 5_000),
        ("errors", 5),
        ("p50_us", 900),
        ("p99_us", 20_000),
        ("max_us", 31_000),
        ("for_s", 10),
        ("servers", 2),
    ]
    .map(|(name, number)| (name.to_owned(), number))
    .into();
    it.inputs = [("questions".to_owned(), json!([Digest::of(b"a question").to_string()]))].into();
    it
}

/// A thousand decisions on two servers.
fn answered(to: Digest) -> Evidence {
    let mut it = Evidence { gate: "exposure".to_owned(), ..passed(to) };
    it.numbers =
        [("decisions", 1_000), ("servers", 2)].map(|(name, it)| (name.to_owned(), it)).into();
    it.inputs = [("decisions".to_owned(), json!({ "s-1": 400, "s-2": 600 }))].into();
    it
}

fn verdict(case: &Case, gate: &str) -> Verdict {
    let statements = case.bundle().2.open().unwrap().statements;
    let all = gates(&case.policy(), &case.plan.to, &statements, now());
    all.into_iter().find(|it| it.gate == gate).unwrap()
}

#[track_caller]
fn check(gate: &str, change: impl FnOnce(&mut Evidence), want: Outcome, why: &str) {
    let mut case = three();
    let evidence = case.evidence.iter_mut().find(|it| it.1.gate == gate).unwrap();
    change(&mut evidence.1);
    let got = verdict(&case, gate);
    assert_eq!(got.outcome, want, "{got:?}");
    assert!(got.why.contains(why), "{got:?}");
    // Whatever it is called: only passed opens.
    let closed = refusals(case);
    assert_eq!(closed.is_empty(), want == Outcome::Passed, "{closed:#?}");
    assert!(closed.iter().all(|it| it.reason == Reason::GateFailed), "{closed:#?}");
}

#[track_caller]
fn load(change: impl FnOnce(&mut Evidence), want: Outcome, why: &str) {
    check("load", change, want, why);
}

#[track_caller]
fn exposure(change: impl FnOnce(&mut Evidence), want: Outcome, why: &str) {
    check("exposure", change, want, why);
}

fn refusals(mut case: Case) -> Refusals {
    let (policy, state, bundle) = (case.policy(), case.server_state(), case.bundle().2);
    admit(&policy, &state, &bundle, case.step, &case.at).err().unwrap_or_default()
}

fn with(numbers: &'static [(&str, u64)]) -> impl FnOnce(&mut Evidence) {
    move |it| it.numbers.extend(numbers.iter().map(|it| (it.0.to_owned(), it.1)))
}

fn input(name: &'static str, value: Value) -> impl FnOnce(&mut Evidence) {
    move |it| drop(it.inputs.insert(name.to_owned(), value))
}

#[test]
fn a_load_is_judged_by_the_limits_of_the_policy() {
    load(|_| (), Outcome::Passed, "p99 20000 µs of 5000 requests");
    let even = with(&[("p50_us", 20_000), ("p99_us", 20_000), ("max_us", 20_000)]);
    load(even, Outcome::Passed, "p99 20000 µs of 5000 requests");
    load(with(&[("p99_us", 20_001)]), Outcome::Failed, "p99 20001 µs of 5000 requests; 20000 µs");
    load(with(&[("errors", 25)]), Outcome::Passed, "p99");
    load(with(&[("errors", 26)]), Outcome::Failed, "26 of 5000 requests failed; 0.50 % may");
    load(|it| it.result = EvidenceResult::Failed, Outcome::Failed, "its runner says failed");
    load(|it| it.result = EvidenceResult::NoData, Outcome::NoData, "interrupted");
    load(with(&[("sent", 0), ("errors", 0)]), Outcome::NoData, "nothing was asked");
    load(input("questions", json!([])), Outcome::NoData, "nothing was asked");
}

#[test]
fn attack_18_a_load_that_was_too_small_proves_nothing() {
    load(with(&[("sent", 4_499)]), Outcome::Inconclusive, "only 4499 of 5000 planned");
    load(with(&[("sent", 4_500)]), Outcome::Passed, "of 4500 requests");
    // Less than the policy asks for, and all of it sent.
    let slow = &[("planned", 4_999), ("sent", 4_999)];
    load(with(slow), Outcome::Inconclusive, "less than the 500/s that the policy asks for");
    load(with(&[("for_s", 9)]), Outcome::Inconclusive, "it lasted 9 s; the policy asks for 10 s");
    // More is fine, longer only at the same rate.
    load(with(&[("planned", 9_000), ("sent", 9_000)]), Outcome::Passed, "of 9000 requests");
    load(with(&[("for_s", 11)]), Outcome::Inconclusive, "5000 requests in 11 s");
}

#[test]
fn attack_18_a_load_whose_numbers_cannot_be_proves_nothing() {
    let odd = "do not add up";
    load(with(&[("sent", 5_001)]), Outcome::Inconclusive, odd);
    load(with(&[("errors", 5_001)]), Outcome::Inconclusive, odd);
    load(with(&[("p50_us", 20_001)]), Outcome::Inconclusive, odd);
    load(with(&[("max_us", 19_999)]), Outcome::Inconclusive, odd);
    load(with(&[("servers", 3)]), Outcome::Inconclusive, odd);
    load(with(&[("servers", 0)]), Outcome::Inconclusive, odd);
    // Ten seconds do not fit between the beginning and the end that it gives.
    load(|it| it.started = it.ended.plus_millis(-8_000), Outcome::Inconclusive, odd);
    let many = &[("planned", (1 << 53) - 1), ("sent", (1 << 53) - 1), ("errors", (1 << 53) - 1)];
    load(with(many), Outcome::Failed, "requests failed");
    load(
        |it| it.numbers.retain(|name, _| name != "errors"),
        Outcome::Inconclusive,
        "its numbers are not",
    );
    load(with(&[("skipped", 1)]), Outcome::Inconclusive, "its numbers are not");
    load(|it| it.inputs.clear(), Outcome::Inconclusive, "its inputs");
    load(input("questions", json!(["all"])), Outcome::Inconclusive, "its inputs");
    load(input("more", json!(1)), Outcome::Inconclusive, "its inputs");
}

#[test]
fn exposure_is_so_many_decisions_of_the_servers_that_it_names() {
    exposure(|_| (), Outcome::Passed, "1000 of 1000 decisions");
    let fewer = |it: &mut Evidence| {
        it.numbers.insert("decisions".to_owned(), 999);
        it.inputs.insert("decisions".to_owned(), json!({ "s-1": 399, "s-2": 600 }));
    };
    exposure(fewer, Outcome::Inconclusive, "999 of 1000 decisions");
    let none = |it: &mut Evidence| {
        it.numbers.insert("decisions".to_owned(), 0);
        it.inputs.insert("decisions".to_owned(), json!({ "s-1": 0, "s-2": 0 }));
    };
    exposure(none, Outcome::NoData, "no decision was answered");
    exposure(|it| it.result = EvidenceResult::Failed, Outcome::Failed, "1000 of 1000");
    exposure(|it| it.result = EvidenceResult::NoData, Outcome::NoData, "interrupted");
    let odd = "do not add up";
    exposure(with(&[("decisions", 5_000)]), Outcome::Inconclusive, odd);
    exposure(with(&[("servers", 1)]), Outcome::Inconclusive, odd);
    exposure(with(&[("more", 1)]), Outcome::Inconclusive, "its numbers are not");
    let inputs = "its inputs are not the counts";
    exposure(input("decisions", json!({ "s-1": 1_000 })), Outcome::Inconclusive, inputs);
    exposure(input("decisions", json!({ "s-1": 400, "s-9": 600 })), Outcome::Inconclusive, inputs);
    exposure(
        input("decisions", json!({ "s-1": 400, "s-2": 600, "s-3": 0 })),
        Outcome::Inconclusive,
        inputs,
    );
    exposure(
        input("decisions", json!({ "s-1": -400, "s-2": 1_400 })),
        Outcome::Inconclusive,
        inputs,
    );
    exposure(input("decisions", json!({ "s-1": 401, "s-2": 600 })), Outcome::Inconclusive, odd);
    exposure(input("more", json!(1)), Outcome::Inconclusive, inputs);
}

#[test]
fn attack_18_evidence_of_something_else_proves_nothing() {
    for gate in ["scenarios", "load", "exposure"] {
        let other = |it: &mut Evidence| it.release = release("another");
        check(gate, other, Outcome::NoData, "no evidence by an authorised runner");
        let offered = |it: &mut Evidence| it.environment = "osaka".into();
        check(gate, offered, Outcome::Inconclusive, "offered to osaka");
        let elsewhere = |it: &mut Evidence| it.ran_on.environment = "laptop".into();
        check(gate, elsewhere, Outcome::Inconclusive, "did not run on staging");
        let before = |it: &mut Evidence| it.ran_on.generation = 2;
        check(gate, before, Outcome::Inconclusive, "generation 2 of staging; live is 3");
        let after = |it: &mut Evidence| it.ran_on.generation = 4;
        check(gate, after, Outcome::Inconclusive, "generation 4 of staging; live is 3");
        let old = |it: &mut Evidence| {
            (it.started, it.ended) = (in_s(-90_000), in_s(-86_401));
        };
        check(gate, old, Outcome::Inconclusive, "too old");
        for stranger in [STRANGER, TANAKA, STAGING_ANCHOR] {
            let mut spoofed = three();
            spoofed
                .evidence
                .iter_mut()
                .filter(|it| it.1.gate == gate)
                .for_each(|it| it.0 = stranger);
            assert_eq!(verdict(&spoofed, gate).outcome, Outcome::NoData);
            assert_eq!(refusals(spoofed).len(), 1);
        }
        let mut missing = three();
        missing.evidence.retain(|it| it.1.gate != gate);
        assert_eq!(verdict(&missing, gate).outcome, Outcome::NoData);
        assert_eq!(refusals(missing).len(), 1);
        // Another gate's runner is nobody here.
        let mut other_runner = three();
        other_runner.document.runners[0].gates.retain(|it| it != gate);
        other_runner.document.runners.push(taiwa_plan::Runner {
            id: "other".into(),
            key: crate::world::key(50),
            gates: vec![gate.to_owned()],
        });
        assert_eq!(verdict(&other_runner, gate).outcome, Outcome::NoData);
    }
}

#[test]
fn attack_18_the_release_came_back_and_what_was_proven_before_is_not_carried_over() {
    // Two words of the origin: generation 3, when everything was proven, and 5, after something else ran.
    let mut case = three();
    case.origin = [(3, -400), (5, -120), (5, -10)]
        .map(|(generation, seconds)| {
            let mut state = origin_state(case.plan.to, in_s(seconds));
            state.generation = generation;
            (STAGING_ANCHOR, state)
        })
        .into();
    let got = refusals(case);
    assert_eq!(got.len(), 3, "{got:#?}");
    assert!(got.iter().all(|it| it.what.contains("generation 3 of staging; live is 5")));
}

#[test]
fn attack_18_luck_is_seen_and_a_later_failure_counts() {
    for gate in ["load", "exposure"] {
        let mut case = three();
        let mut failed = case.evidence.iter().find(|it| it.1.gate == gate).unwrap().clone();
        (failed.1.result, failed.1.attempt) = (EvidenceResult::Failed, 7);
        let mut earlier = failed.clone();
        (earlier.1.started, earlier.1.ended) = (in_s(-900), in_s(-800));
        case.evidence.push(earlier);
        let got = verdict(&case, gate);
        assert_eq!((got.outcome, got.attempts), (Outcome::Passed, 7), "{got:?}");
        assert_eq!(refusals(case), vec![]);
        let mut case = three();
        failed.1.ended = in_s(-5);
        case.more_evidence.push(failed);
        assert_eq!(refusals(case).len(), 1, "the plan does not name it, and it counts");
    }
}

#[test]
fn the_refusal_names_runner_and_command() {
    let mut case = three();
    case.evidence.clear();
    case.plan.evidence.clear();
    let said: Vec<_> = refusals(case)
        .into_iter()
        .map(|it| format!("{} {}", it.who, it.command.unwrap_or_default()))
        .collect();
    let want = [
        "runner ci taiwa test --on staging --exposure",
        "runner ci taiwa test --on staging --load",
        "runner ci taiwa test --on staging",
    ];
    assert_eq!(said, want);
}

/// A group in which nothing runs yet.
fn group(policy: &Policy) -> GroupState {
    let mut group = GroupState::default();
    for (id, _) in SERVERS {
        let mut receipt = origin_state(release("x"), now());
        (receipt.environment, receipt.server) = ("production".into(), ServerId::new(id));
        (receipt.policy, receipt.generation, receipt.release) = (*policy.digest(), 0, None);
        receipt.challenge = Some("fresh".to_owned());
        let seen = read_state(policy, &ServerId::new(id), &sign(&receipt), "fresh");
        assert!(matches!(seen, Seen::State(_)), "{seen:?}");
        group.servers.insert(ServerId::new(id), seen);
    }
    group
}

#[test]
fn planner_and_servers_ask_each_gate() {
    for gate in ["scenarios", "load", "exposure"] {
        let break_it = |it: &mut Case| {
            let evidence = it.evidence.iter_mut().find(|it| it.1.gate == gate).unwrap();
            evidence.1.result = EvidenceResult::Failed;
        };
        let (good, mut bad) = (three(), three());
        break_it(&mut bad);
        // At plan.
        let planned = |case: &Case| {
            let policy = case.policy();
            let statements: Vec<Statement> = case.bundle().2.open().unwrap().statements;
            let wish = Wish { evidence: &statements, ..Wish::change(case.plan.to) };
            plan(&policy, &group(&policy), &wish, now())
        };
        assert_eq!(planned(&good).unwrap().evidence.len(), 3);
        let refused = planned(&bad).unwrap_err();
        assert_eq!(refused.len(), 1, "{refused:#?}");
        assert!(refused[0].what.contains(&format!("the gate {gate} ")), "{refused:#?}");
        // By a server that is asked to prepare: the anchor itself.
        let (policy, bundle, state) = (bad.policy(), bad.bundle().2, bad.server_state());
        let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
        let refused = prepare(&policy, &state, &request, &at(0)).unwrap_err();
        assert_eq!(refused.refusals[0].reason, Reason::GateFailed);
        // At commit: it was in order when it was prepared, and is too old seconds later.
        let mut old = three();
        let evidence = old.evidence.iter_mut().find(|it| it.1.gate == gate).unwrap();
        (evidence.1.started, evidence.1.ended) = (in_s(-86_500), in_s(-86_397));
        let (states, receipts) = prepared(&old);
        let (policy, bundle) = (old.policy(), old.bundle().2);
        let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
        let refused = activate(&policy, &states[0], &request, &at(4)).unwrap_err();
        assert_eq!(refused.refusals.len(), 1, "{refused}");
        assert!(refused.refusals[0].what.contains("too old"), "{refused}");
        activate(&policy, &states[0], &request, &at(3)).unwrap();
    }
}
