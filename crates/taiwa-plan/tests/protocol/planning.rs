//! The planner, a plan against the world, and recovery: all from signed states.

use taiwa_model::{Digest, PersonId, ServerId};
use taiwa_plan::{
    Drift, Envelope, Epoch, GroupState, Phase, Plan, PlanKind, Policy, Reason, Receipt, Recovery,
    Refusals, Seen, Statement, Wish, drift, plan, plan_against_world, read_state, recover,
};

use crate::world::{
    RUNNER, SERVERS, STRANGER, accept, in_s, now, passed, production, release, secret, sign,
};

fn state(server: &str, generation: u64, live: Option<Digest>) -> Receipt {
    let policy = accept(&production());
    Receipt {
        environment: "production".into(),
        issued: now(),
        server: ServerId::new(server),
        policy: *policy.digest(),
        phase: Phase::State,
        plan: None,
        step: None,
        epoch: Epoch { version: 1, counter: 7 },
        generation,
        release: live,
        challenge: Some("fresh".to_owned()),
        doubt: false,
    }
}

/// A group at one release, changed by the test before it is signed and read.
fn group(change: impl Fn(&str, &mut Receipt)) -> (Policy, GroupState) {
    let policy = accept(&production());
    let mut group = GroupState::default();
    for (id, _) in SERVERS {
        let mut receipt = state(id, 4, Some(release("live")));
        change(id, &mut receipt);
        let seen = read_state(&policy, &ServerId::new(id), &sign(&receipt), "fresh");
        group.servers.insert(ServerId::new(id), seen);
    }
    (policy, group)
}

fn evidence() -> Vec<Statement> {
    let envelope = Envelope::signed(&passed(release("espresso")), &secret(RUNNER)).unwrap();
    vec![envelope.open().unwrap()]
}

fn planned(group: &(Policy, GroupState), wish: &Wish<'_>) -> Result<Plan, Refusals> {
    plan(&group.0, &group.1, wish, now())
}

#[track_caller]
fn reasons(got: Result<Plan, Refusals>, want: &[Reason]) {
    let got: Vec<_> = got.unwrap_err().iter().map(|it| it.reason).collect();
    assert_eq!(got, want);
}

#[test]
fn a_plan_is_a_function_of_the_world() {
    let group = group(|_, _| ());
    let evidence = evidence();
    let wish = Wish { evidence: &evidence, ..Wish::change(release("espresso")) };
    let one = planned(&group, &wish).unwrap();
    assert_eq!((one.from, one.base, one.target), (Some(release("live")), 4, 5));
    assert_eq!(one.evidence["scenarios"], [evidence[0].digest]);
    assert_eq!(one.not_after, in_s(604_800));
    assert_eq!(one.unsupported(), Vec::<String>::new());
    assert_eq!(planned(&group, &wish).unwrap(), one);
    let read = Plan::read(&one.to_bytes().unwrap()).unwrap();
    assert_eq!((read.0, read.1), (one.clone(), Plan::digest_of(&one.to_bytes().unwrap())));
    assert_eq!(plan_against_world(&one, &group.0, &group.1, now()), vec![]);
}

#[test]
fn choices_are_in_the_plan() {
    let group = group(|_, _| ());
    let wish = Wish {
        kind: PlanKind::Rollback,
        again: true,
        asked_by: Some(PersonId::new("ito")),
        ledger: Some(Digest::of(b"head")),
        ..Wish::change(release("old"))
    };
    let plan = planned(&group, &wish).unwrap();
    assert!(plan.choices.again && plan.evidence.is_empty());
    assert_eq!(plan.choices.asked_by, Some(PersonId::new("ito")));
    assert_eq!(plan.ledger, Some(Digest::of(b"head")));
}

#[test]
fn what_stands_against_a_plan() {
    let evidence = evidence();
    let wish = Wish { evidence: &evidence, ..Wish::change(release("espresso")) };
    let one = |id: &str| id == "tokyo-2";
    let stale = group(|id, it| it.generation += u64::from(one(id)));
    reasons(planned(&stale, &wish), &[Reason::StalePlan]);
    let drifted = group(|id, it| it.release = it.release.filter(|_| !one(id)));
    reasons(planned(&drifted, &wish), &[Reason::StalePlan]);
    let held = group(|id, it| it.plan = (id == "tokyo-1").then(|| Digest::of(b"theirs")));
    reasons(planned(&held, &wish), &[Reason::Conflict]);
    let left_over = group(|id, it| it.plan = one(id).then(|| Digest::of(b"theirs")));
    planned(&left_over, &wish).expect("a slot left over at another hinders nothing");
    let policy = group(|id, it| {
        if one(id) {
            it.policy = Digest::of(b"another");
        }
    });
    reasons(planned(&policy, &wish), &[Reason::WrongPolicy]);
    let mut missing = group(|_, _| ());
    missing.1.servers.remove("tokyo-3");
    let down = Seen::Unreachable("refused".to_owned());
    missing.1.servers.insert(ServerId::new("tokyo-2"), down);
    reasons(planned(&missing, &wish), &[Reason::Unreachable, Reason::Unreachable]);
    let ready = group(|_, _| ());
    reasons(planned(&ready, &Wish::change(release("espresso"))), &[Reason::GateFailed]);
    let back = Wish { kind: PlanKind::Rollback, ..Wish::change(release("live")) };
    reasons(planned(&ready, &back), &[Reason::NothingToDo]);
    let fresh = group(|_, it| (it.generation, it.release) = (0, None));
    reasons(planned(&fresh, &back), &[Reason::NothingToDo]);
    let emergency = Wish { kind: PlanKind::Emergency, ..wish };
    reasons(planned(&ready, &emergency), &[Reason::PolicyInvalid, Reason::Malformed]);
}

#[test]
fn only_a_fresh_signed_state_is_believed() {
    let policy = accept(&production());
    let id = ServerId::new("tokyo-1");
    let untrusted = |envelope: &Envelope, what: &str| {
        let seen = read_state(&policy, &id, envelope, "fresh");
        let Seen::Untrusted(why) = &seen else { panic!("{seen:?}") };
        assert!(why.contains(what), "{why}");
    };
    let good = state("tokyo-1", 4, None);
    assert!(matches!(read_state(&policy, &id, &sign(&good), "fresh"), Seen::State(_)));
    untrusted(&Envelope::signed(&good, &secret(STRANGER)).unwrap(), "did not sign");
    untrusted(&sign(&state("tokyo-2", 4, None)), "did not sign");
    let old = Receipt { challenge: Some("old".to_owned()), ..good.clone() };
    untrusted(&sign(&old), "an old state");
    untrusted(&sign(&Receipt { challenge: None, ..good.clone() }), "an old state");
    untrusted(&sign(&Receipt { phase: Phase::Committed, ..good.clone() }), "something else");
    let staging = Receipt { environment: "staging".into(), ..good.clone() };
    untrusted(&sign(&staging), "a server of staging");
    let mut broken = sign(&good);
    broken.payload.pop();
    untrusted(&broken, "no statement");
    let osaka = ServerId::new("osaka");
    let seen = read_state(&policy, &osaka, &sign(&good), "fresh");
    assert!(matches!(seen, Seen::Untrusted(_)));
}

#[test]
fn a_plan_is_void_when_the_world_moved() {
    let ready = group(|_, _| ());
    let evidence = evidence();
    let wish = Wish { evidence: &evidence, ..Wish::change(release("espresso")) };
    let plan = planned(&ready, &wish).unwrap();
    let void = |group: &(Policy, GroupState), plan: &Plan, at_s| {
        let got = plan_against_world(plan, &group.0, &group.1, in_s(at_s));
        got.iter().map(|it| it.reason).collect::<Vec<_>>()
    };
    assert_eq!(void(&ready, &plan, 604_800), vec![]);
    assert_eq!(void(&ready, &plan, 604_801), vec![Reason::Expired]);
    let moved = group(|_, it| it.generation = 5);
    assert_eq!(void(&moved, &plan, 0), vec![Reason::StalePlan]);
    let other = group(|_, it| it.release = Some(release("x")));
    assert_eq!(void(&other, &plan, 0), vec![Reason::StalePlan]);
    let changed = Plan { anchor: ServerId::new("tokyo-2"), ..plan };
    assert_eq!(void(&ready, &changed, 0), vec![Reason::StalePlan]);
}

#[test]
fn what_an_interruption_left() {
    let (policy, ready) = group(|_, _| ());
    assert_eq!(recover(&policy, &ready), Recovery::Nothing);
    let (_, ahead) = group(|id, it| {
        if id == "tokyo-1" {
            (it.generation, it.release) = (5, Some(release("new")));
        }
    });
    let Recovery::BringForward { anchor, behind, release: live, generation } =
        recover(&policy, &ahead)
    else {
        panic!("the anchor is ahead");
    };
    assert_eq!((anchor.as_str(), behind.len()), ("tokyo-1", 2));
    assert_eq!((live, generation), (Some(release("new")), 5));
    let (_, held) = group(|id, it| it.plan = (id == "tokyo-1").then(|| Digest::of(b"open")));
    let epoch = Epoch { version: 1, counter: 7 };
    let open = Recovery::SlotOpen { anchor, plan: Digest::of(b"open"), epoch };
    assert_eq!(recover(&policy, &held), open);
    let stuck = |group: &GroupState| match recover(&policy, group) {
        Recovery::Stuck(why) => why[0].reason,
        other => panic!("{other:?}"),
    };
    let (_, liar) = group(|id, it| it.generation += u64::from(id == "tokyo-2"));
    assert_eq!(stuck(&liar), Reason::Untrusted);
    let (_, split) = group(|id, it| it.release = it.release.filter(|_| id != "tokyo-2"));
    assert_eq!(stuck(&split), Reason::Untrusted);
    let (_, mut silent) = group(|_, _| ());
    silent.servers.remove("tokyo-1");
    assert_eq!(stuck(&silent), Reason::Unreachable);
    let (_, mut partly) = group(|_, _| ());
    partly.servers.remove("tokyo-3");
    assert_eq!(recover(&policy, &partly), Recovery::Nothing, "who is there is in step");
}

#[test]
fn drift_names_the_servers() {
    let (policy, ready) = group(|_, _| ());
    let in_step = Drift::InStep { release: Some(release("live")), generation: 4 };
    assert_eq!(drift(&policy, &ready), in_step);
    let (_, apart) = group(|id, it| it.generation += u64::from(id == "tokyo-1"));
    let Drift::Drifted(places) = drift(&policy, &apart) else { panic!("they differ") };
    assert_eq!(places[&(4, Some(release("live")))].len(), 2);
    assert_eq!(drift(&policy, &GroupState::default()), Drift::Drifted([].into()));
}
