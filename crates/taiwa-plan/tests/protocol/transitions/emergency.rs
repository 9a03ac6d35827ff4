//! Break-glass: other people, no gates, an end; ratified, or over.
//! Long because the whole life of an emergency is told in one place.

use taiwa_model::Digest;
use taiwa_plan::{
    Absent, Bundle, Envelope, Epoch, MAX_EMERGENCY_S, Move, Payload, Plan, PlanKind, Policy,
    Reading, Reason, admit,
    server::{Class, Effect, Learning, ServerState, Slot, learn, revert, reverts_at},
};

use super::{STALE, group::Group, refused};
use crate::world::{
    Case, SATO, SUZUKI, TANAKA, approve, at, in_s, passed, release, secret, sign, threshold,
};
use crate::world::{RUNNER, STAGING_ANCHOR, origin_state};

const SKEW_S: i64 = 5;
const END_S: i64 = 600;

/// An emergency from `old` to `fix`, approved by two people who break the glass.
fn case() -> Case {
    let mut case = Case::of(&release("fix"), Some(release("old")), 1);
    case.document.emergency = vec![threshold("manager", 1), threshold("touchpoint-manager", 1)];
    case.plan.kind = PlanKind::Emergency;
    case.plan.choices.revert_at = Some(in_s(END_S));
    case.evidence.clear();
    case.origin.clear();
    case
}

/// A group that runs `old` at generation 1, of the case's policy.
fn group(case: &Case) -> Group {
    let mut first = Case::new();
    first.document = case.document.clone();
    first.plan.to = release("old");
    first.evidence = vec![(RUNNER, passed(release("old")))];
    for (_, state) in &mut first.origin {
        state.release = Some(release("old"));
    }
    let mut group = Group::new(&case.policy(), &[release("old"), release("fix")]);
    group.go(&first.bundle().2, Move::FIRST, &at(0)).unwrap();
    group
}

#[track_caller]
fn check(change: impl FnOnce(&mut Case), reasons: &[Reason], what: &str) {
    let mut case = case();
    let mut group = group(&case);
    change(&mut case);
    let bundle = case.bundle().2;
    let got = admit(&case.policy(), &group.servers[0], &bundle, Move::FIRST, &case.at);
    let got = got.err().unwrap_or_default();
    assert_eq!(got.iter().map(|it| it.reason).collect::<Vec<_>>(), reasons, "{got:#?}");
    assert!(what.is_empty() || got.iter().any(|it| it.what.contains(what)), "{got:#?}");
    if !reasons.is_empty() {
        group.prepare(&bundle, Move::FIRST, &case.at).unwrap_err();
    }
}

#[test]
fn it_needs_its_own_people_and_an_end_and_nothing_else() {
    check(|_| (), &[], "");
    check(|it| it.approvals.truncate(1), &[Reason::ApprovalMissing], "touchpoint-manager");
    let over = |it: &mut Case| it.plan.choices.revert_at = Some(in_s(0));
    check(over, &[Reason::EmergencyOver], "was to end at");
    let limit = i64::try_from(MAX_EMERGENCY_S).unwrap();
    check(|it| it.plan.choices.revert_at = Some(in_s(limit)), &[], "");
    let long = |it: &mut Case| it.plan.choices.revert_at = Some(in_s(limit + 1));
    check(long, &[Reason::EmergencyOver], "within 4 hours");
    let endless = |it: &mut Case| it.plan.choices.revert_at = None;
    check(endless, &[Reason::Malformed, Reason::Malformed], "says when it ends");
    let steps = |it: &mut Case| {
        it.plan.steps.insert(0, taiwa_plan::Step { share_bp: 500, for_s: 1 });
    };
    let got = [Reason::Malformed, Reason::Malformed];
    check(steps, &got, "all visitors at once");
    check(|it| it.plan.from = None, &[Reason::NeverRan], "no release to which");
}

#[test]
fn without_people_for_it_there_is_none_and_two_are_the_least() {
    let mut case = case();
    case.document.emergency.clear();
    let state = ServerState::fresh(&case.policy(), "tokyo-1".into());
    let got = admit(&case.policy(), &state, &case.bundle().2, Move::FIRST, &case.at).unwrap_err();
    assert!(got.iter().any(|it| it.what.contains("lets nobody break the glass")), "{got:#?}");
    assert!(got.iter().any(|it| it.what.contains("asks for no approval of this kind")), "{got:#?}");
    case.document.emergency = vec![threshold("manager", 1)];
    let got = taiwa_plan::validate(&case.document);
    assert!(got.iter().any(|it| it.what.contains("fewer than two people")), "{got:#?}");
}

#[test]
fn a_freeze_does_not_stop_it() {
    let mut case = case();
    let mut group = group(&case);
    case.document.freeze = vec![taiwa_plan::Freeze {
        from: taiwa_model::Moment::parse("2026-11-20").unwrap(),
        until: taiwa_model::Moment::parse("2026-11-23").unwrap(),
        zone: "UTC".to_owned(),
        reason: "audit".to_owned(),
    }];
    group.policy = case.policy();
    group.servers.iter_mut().for_each(|it| it.policy = *group.policy.digest());
    group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
}

#[test]
fn a_hold_stops_it() {
    let mut case = case();
    case.document.hold = vec!["manager".into()];
    let mut group = group(&case);
    let hold = taiwa_plan::Hold {
        environment: "production".into(),
        issued: in_s(-1),
        id: "stop".to_owned(),
        why: "look first".to_owned(),
        expires: in_s(3600),
    };
    let said = Envelope::signed(&hold, &secret(TANAKA)).unwrap();
    group.servers[0] =
        taiwa_plan::server::statement(&group.policy, &group.servers[0], &said, &at(1))
            .unwrap()
            .state;
    let got = group.prepare(&case.bundle().2, Move::FIRST, &at(2)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::Held, "{got}");
}

#[test]
fn it_ends_by_itself_at_the_anchor_and_the_others_follow() {
    let case = case();
    let bundle = case.bundle().2;
    let mut group = group(&case);
    group.go(&bundle, Move::FIRST, &at(10)).unwrap();
    assert!(group.servers.iter().all(|it| it.release() == Some(release("fix"))));
    assert_eq!(reverts_at(&group.policy, &group.servers[0]), Some(in_s(END_S + 2 * SKEW_S)));
    assert_eq!(reverts_at(&group.policy, &group.servers[1]), None, "only the anchor ends it");
    // The others are over at its end, the anchor waits out twice the skew.
    assert!(!group.servers[1].is_over(in_s(END_S - 1)));
    assert!(group.servers[1].is_over(in_s(END_S)));
    let early = revert(&group.policy, &group.servers[0], &at(END_S + 2 * SKEW_S - 1)).unwrap();
    assert_eq!(early.effect, Effect::Nothing);
    let mut doubtful = at(END_S + 60);
    doubtful.trusted = false;
    let blind = revert(&group.policy, &group.servers[0], &doubtful).unwrap();
    assert_eq!(blind.effect, Effect::Nothing, "a clock that is not believed ends nothing");
    // Nor does one that leapt there: the receipt would say that it went back before the end, and nobody could learn it.
    let leapt = Reading::of(in_s(20), in_s(END_S + 60), Some(1_000), SKEW_S.unsigned_abs());
    assert!(leapt.trusted && leapt.now == in_s(END_S + 60));
    let early = revert(&group.policy, &group.servers[0], &leapt).unwrap();
    assert_eq!(early.effect, Effect::Nothing, "a clock that leapt ends nothing");
    // Nothing else begins at an anchor whose emergency is over.
    let got = group.prepare(&bundle, Move::Ratify, &at(END_S)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::EmergencyOver, "{got}");
    let done = revert(&group.policy, &group.servers[0], &at(END_S + 2 * SKEW_S)).unwrap();
    let back = Effect::Swap { release: release("old"), generation: 3, rest: None };
    assert_eq!(done.effect, back);
    assert!(done.state.rolled_back.contains(&release("fix")));
    let again = revert(&group.policy, &done.state, &at(END_S + 60)).unwrap();
    assert_eq!(again.effect, Effect::Nothing, "once");
    group.word = Some(sign(&done.receipt.unwrap()));
    group.servers[0] = done.state;
    // One of them promised a later attempt meanwhile: what it has seen is never forgotten.
    let later = Epoch { version: 1, counter: 9 };
    group.servers[2].epoch = later;
    // The anchor's clock may have been wrong: nobody follows before the end by its own, which is believed.
    let soon = at(END_S - 1);
    let got = group.follow(1, (&bundle, Move::Back), &soon).unwrap_err();
    assert_eq!((got.class, got.refusals[0].reason), (Class::Conflict, Reason::Clock), "{got}");
    assert_eq!(got.refusals[0].from, Some(in_s(END_S)));
    let learning =
        Learning { bundle: &bundle, word: group.word.as_ref().unwrap(), earlier: &[], shown: None };
    let got = learn(&group.policy, &group.servers[1], &learning, &soon);
    refused(got, Class::Conflict, Reason::Clock, "clock has not reached");
    learn(&group.policy, &group.servers[1], &learning, &at(END_S)).unwrap();
    let blind = Reading { trusted: false, ..soon };
    learn(&group.policy, &group.servers[1], &learning, &blind).unwrap();
    for index in [1, 2] {
        group.follow(index, (&bundle, Move::Back), &at(END_S)).unwrap();
    }
    assert_eq!(group.live(), vec![(3, Some(release("old")), 10_000); 3]);
    let epochs: Vec<_> = group.servers.iter().map(|it| it.epoch).collect();
    assert_eq!(epochs, [Epoch { version: 1, counter: 3 }, Epoch { version: 1, counter: 3 }, later]);
    assert!(!group.servers[1].is_over(in_s(END_S + 100)), "its generation grew");
}

#[test]
fn a_way_back_that_nobody_prepared_is_only_the_end_of_an_emergency() {
    let case = case();
    let bundle = case.bundle().2;
    let mut group = group(&case);
    group.go(&bundle, Move::FIRST, &at(10)).unwrap();
    let done = revert(&group.policy, &group.servers[0], &at(END_S + 10)).unwrap();
    group.word = Some(sign(&done.receipt.unwrap()));
    // One who does not run the emergency needs a slot as for any move.
    let active = group.servers[1].active.as_mut().unwrap();
    active.revert_at = None;
    let got = group.follow(1, (&bundle, Move::Back), &at(END_S + 20)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::Conflict, "{got}");
    // So does one that runs another emergency.
    group.servers[2].active.as_mut().unwrap().plan = Digest::of(b"another emergency");
    let got = group.follow(2, (&bundle, Move::Back), &at(END_S + 20)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::Conflict, "{got}");
}

/// Only its end comes without a slot: to be ratified it is prepared for, as anything is.
#[test]
fn nobody_ratifies_without_a_promise() {
    let case = case();
    let mut group = group(&case);
    group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
    let bundle = ratified(&case, |_| ());
    let receipts = group.prepare(&bundle, Move::Ratify, &at(100)).unwrap();
    group.commit(&bundle, (Move::Ratify, &receipts), &at(100)).unwrap();
    let promise = group.servers[1].slot.take();
    let got = group.follow(1, (&bundle, Move::Ratify), &at(101)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::Conflict, "{got}");
    // Nor by the promise of another move of the same plan.
    group.servers[1].slot = promise.map(|it| Slot { step: Move::Back, ..it });
    let got = group.follow(1, (&bundle, Move::Ratify), &at(101)).unwrap_err();
    assert_eq!(got.refusals[0].reason, Reason::Conflict, "{got}");
    group.follow(2, (&bundle, Move::Ratify), &at(101)).unwrap();
}

#[test]
fn who_was_away_learns_of_the_emergency_late_and_is_over_at_once() {
    let mut case = case();
    let away = Absent { server: "tokyo-3".into(), why: "its disk is being replaced".to_owned() };
    case.plan.choices.absent = vec![away];
    let bundle = case.bundle().2;
    let mut group = group(&case);
    group.go(&bundle, Move::FIRST, &at(10)).unwrap();
    assert_eq!(group.servers[2].generation(), 1, "left out");
    let learning =
        Learning { bundle: &bundle, word: group.word.as_ref().unwrap(), earlier: &[], shown: None };
    let late = learn(&group.policy, &group.servers[2], &learning, &at(END_S + 1)).unwrap();
    assert!(late.state.is_over(in_s(END_S + 1)));
    // And whoever slept through all of it learns the end by the word alone.
    let done = revert(&group.policy, &group.servers[0], &at(END_S + 10)).unwrap();
    let word = sign(&done.receipt.unwrap());
    let learning = Learning { bundle: &bundle, word: &word, earlier: &[], shown: None };
    let back = learn(&group.policy, &group.servers[2], &learning, &at(END_S + 60)).unwrap().state;
    assert_eq!((back.generation(), back.release()), (3, Some(release("old"))));
    // A word from before the end is no end: such a way back had to be covered, and was not.
    let Payload::Receipt(mut early) = word.open().unwrap().payload else { panic!("a receipt") };
    early.issued = in_s(END_S - 1);
    let early = sign(&early);
    let learning = Learning { bundle: &bundle, word: &early, earlier: &[], shown: None };
    let got = learn(&group.policy, &group.servers[2], &learning, &at(END_S + 60));
    refused(got, Class::Forbidden, Reason::ApprovalMissing, "do not count enough people");
}

/// The bundle of an emergency with what came since.
fn ratified(case: &Case, change: impl FnOnce(&mut Case)) -> Bundle {
    let (plan, digest, bundle) = case.bundle();
    let mut since = Case::of(&plan.to, plan.from, plan.base);
    since.origin.iter_mut().for_each(|it| it.1.issued = it.1.issued.plus_millis(100_000));
    change(&mut since);
    let mut statements = bundle.statements;
    let evidence = since.evidence.iter().map(|(seed, it)| Envelope::signed(it, &secret(*seed)));
    let states = since.origin.iter().map(|(seed, it)| Envelope::signed(it, &secret(*seed)));
    statements.extend(evidence.chain(states).map(Result::unwrap));
    for (seed, approval) in since.approvals {
        let approval = taiwa_plan::Approve { plan: digest, ..approval };
        statements.push(Envelope::signed(&approval, &secret(seed)).unwrap());
    }
    Bundle::new(&plan, statements).unwrap()
}

#[track_caller]
fn check_ratify(change: impl FnOnce(&mut Case), reasons: &[Reason]) {
    let mut case = case();
    // Those who broke the glass here are not all that an ordinary change needs.
    case.document.emergency = vec![threshold("manager", 2)];
    case.approvals = vec![(TANAKA, approve("manager")), (SUZUKI, approve("manager"))];
    let mut group = group(&case);
    group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
    let bundle = ratified(&case, change);
    let got = admit(&group.policy, &group.servers[0], &bundle, Move::Ratify, &at(100));
    let got = got.err().unwrap_or_default();
    assert_eq!(got.iter().map(|it| it.reason).collect::<Vec<_>>(), reasons, "{got:#?}");
    if reasons.is_empty() {
        group.go(&bundle, Move::Ratify, &at(100)).unwrap();
        assert_eq!(group.live(), vec![(3, Some(release("fix")), 10_000); 3]);
        assert!(!group.servers[1].is_over(in_s(END_S * 10)), "its debt is gone");
        let late = revert(&group.policy, &group.servers[0], &at(END_S * 10)).unwrap();
        assert_eq!(late.effect, Effect::Nothing);
        // Once.
        let got = group.prepare(&bundle, Move::Ratify, &at(101)).map(drop).unwrap_err();
        assert_eq!((got.class, got.refusals[0].reason), STALE);
    }
}

#[test]
fn it_is_ratified_by_what_an_ordinary_change_needs() {
    check_ratify(|_| (), &[]);
    check_ratify(|it| it.approvals.truncate(1), &[Reason::ApprovalMissing]);
    check_ratify(|it| it.evidence.clear(), &[Reason::GateFailed]);
    check_ratify(|it| it.origin.clear(), &[Reason::OriginMissing]);
    let failed = |it: &mut Case| it.evidence[0].1.result = taiwa_plan::EvidenceResult::Failed;
    check_ratify(failed, &[Reason::GateFailed]);
    let elsewhere = |it: &mut Case| {
        let other = origin_state(release("old"), in_s(90));
        it.origin = vec![(STAGING_ANCHOR, other)];
    };
    check_ratify(elsewhere, &[Reason::OriginMissing]);
}

#[test]
fn after_its_end_it_is_not_ratified() {
    let case = case();
    let mut group = group(&case);
    group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
    let bundle = ratified(&case, |_| ());
    let at_the_end = |s| {
        let got = admit(&group.policy, &group.servers[0], &bundle, Move::Ratify, &at(s));
        got.err().unwrap_or_default().iter().map(|it| it.reason).collect::<Vec<_>>()
    };
    assert_eq!(at_the_end(END_S - 1), []);
    assert_eq!(at_the_end(END_S), [Reason::EmergencyOver]);
}

/// Nobody could say who wrote it while the glass was broken; who ratifies must not have.
#[test]
fn whoever_wrote_it_does_not_ratify_it() {
    let mut case = case();
    case.document.separation = taiwa_plan::Separation::On;
    let gates = &mut case.document.gates;
    gates.insert("authorship".to_owned(), serde_json::json!({ "max_age_s": 86_400 }));
    case.document.runners[0].gates.push("authorship".to_owned());
    let mut group = group_that_runs(&case);
    group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
    let by = |authors: &[&str]| {
        let mut wrote = Case::of(&release("fix"), Some(release("old")), 1);
        wrote.document = case.document.clone();
        wrote.plan.contributors = authors.iter().map(|it| (*it).into()).collect();
        let evidence = wrote.wrote();
        let bundle = ratified(&case, |it| it.evidence.push((RUNNER, evidence)));
        let got = admit(&group.policy, &group.servers[0], &bundle, Move::Ratify, &at(100));
        got.err().unwrap_or_default().iter().map(|it| it.reason).collect::<Vec<_>>()
    };
    assert_eq!(by(&["ito"]), []);
    assert_eq!(by(&["tanaka"]), [Reason::ApprovalMissing]);
    let without = ratified(&case, |_| ());
    let got = admit(&group.policy, &group.servers[0], &without, Move::Ratify, &at(100));
    assert_eq!(got.unwrap_err()[0].reason, Reason::AuthorshipUnknown);
}

/// A group that runs `old`, put there without a deployment.
fn group_that_runs(case: &Case) -> Group {
    let mut plain = self::case();
    plain.document.emergency.clone_from(&case.document.emergency);
    let mut group = group(&plain);
    group.policy = case.policy();
    group.servers.iter_mut().for_each(|it| it.policy = *group.policy.digest());
    group
}

#[test]
fn only_a_live_emergency_is_ratified() {
    let case = case();
    let bundle = ratified(&case, |_| ());
    let group = group(&case);
    let got = admit(&group.policy, &group.servers[0], &bundle, Move::Ratify, &at(100));
    let got = got.unwrap_err();
    assert!(got.iter().any(|it| it.reason == Reason::StalePlan), "{got:#?}");
    let ordinary = Case::of(&release("fix"), Some(release("old")), 1);
    let got =
        admit(&ordinary.policy(), &group.servers[0], &ordinary.bundle().2, Move::Ratify, &at(1));
    let got = got.unwrap_err();
    assert!(got.iter().any(|it| it.what == "only an emergency is ratified"), "{got:#?}");
}

/// Nobody is asked for more than the plan has already, so a courier could do it: the generation would be one from which no
/// `back` starts, and the parachute gone.
#[test]
fn a_live_change_and_a_live_rollback_are_not_ratified() {
    for kind in [PlanKind::Change, PlanKind::Rollback] {
        let mut case = Case::of(&release("fix"), Some(release("old")), 1);
        let mut group = group(&case);
        if kind == PlanKind::Rollback {
            group.go(&case.bundle().2, Move::FIRST, &at(10)).unwrap();
            case = Case::rollback(&release("old"), release("fix"), 2);
        }
        let bundle = case.bundle().2;
        group.go(&bundle, Move::FIRST, &at(20)).unwrap();
        let got = group.prepare(&bundle, Move::Ratify, &at(30)).map(drop).unwrap_err();
        assert_eq!(got.refusals[0].what, "only an emergency is ratified", "{kind:?}");
    }
}

/// The emergency goes back by a `pull`, too, before its end.
#[test]
fn it_can_be_taken_back_before_its_end() {
    let mut case = case();
    case.plan.parachute_until = Some(in_s(5000));
    case.approvals.iter_mut().for_each(|it| it.1.parachute = true);
    let (plan, digest, bundle): (Plan, _, Bundle) = case.bundle();
    let mut group = group(&case);
    group.go(&bundle, Move::FIRST, &at(10)).unwrap();
    let pull = taiwa_plan::Pull {
        environment: "production".into(),
        issued: in_s(20),
        plan: digest,
        step: Move::Back,
        expires: in_s(600),
    };
    let mut statements = bundle.statements;
    statements.push(Envelope::signed(&pull, &secret(SATO)).unwrap());
    let bundle = Bundle::new(&plan, statements).unwrap();
    group.go(&bundle, Move::Back, &at(30)).unwrap();
    assert_eq!(group.live(), vec![(3, Some(release("old")), 10_000); 3]);
    let policy: &Policy = &group.policy;
    assert_eq!(reverts_at(policy, &group.servers[0]), None);
}
