//! A rollout under which the policy changed: a new plan, approved anew, goes on from the step that is live. Nobody who is
//! in goes out, and nothing that the step promised is passed over.

use taiwa_plan::{
    Move, Pull, Reason, Step,
    server::{Class, Learning, Preparation, Rest, learn, prepare, rotate},
};

use super::{refused, rotation::next, steps::Rollout};
use crate::world::{Case, TANAKA, at, in_s, release, secret};

/// The first step of a rollout is live on every server since second 10, for 600 s, and the policy changed in second 20.
fn torn() -> (Rollout, Case) {
    let mut it = Rollout::new();
    it.go(1, 10).unwrap();
    let other = next(&it.group.policy, &[TANAKA], |it| it.skew_s = 3);
    for server in &mut it.group.servers {
        *server = rotate(&it.group.policy, server, &other, &at(20)).unwrap().state;
    }
    it.group.policy = other;
    let mut case = Case::of(&release("espresso"), Some(release("old")), 2);
    case.document = it.group.policy.document().clone();
    case.plan.choices.goes_on_bp = Some(500);
    case.plan.steps = vec![Step { share_bp: 5000, for_s: 60 }, Step::ALL];
    case.plan.parachute_until = Some(in_s(5000));
    case.approvals.iter_mut().for_each(|it| it.1.parachute = true);
    (it, case)
}

/// What the anchor has against the first step of a plan.
fn against(it: &Rollout, case: &Case, after_s: i64) -> Vec<Reason> {
    let bundle = case.bundle().2;
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let got = prepare(&it.group.policy, &it.group.servers[0], &request, &at(after_s));
    got.err().map_or_else(Vec::new, |it| it.refusals.iter().map(|it| it.reason).collect())
}

#[track_caller]
fn check(change: impl FnOnce(&mut Case), want: &[Reason]) {
    let (it, mut case) = torn();
    change(&mut case);
    assert_eq!(against(&it, &case, 610), want);
}

#[test]
fn a_new_plan_goes_on_from_the_step_that_is_live() {
    let (mut it, case) = torn();
    let (old, new) = (Some(release("old")), Some(release("espresso")));
    assert_eq!(it.against(2, 700), [Reason::WrongPolicy], "the plan of the rollout is void");
    let asleep = it.group.servers[2].clone();
    let bundle = case.bundle().2;
    it.group.go(&bundle, Move::FIRST, &at(610)).unwrap();
    assert_eq!(it.group.live(), [(3, new, 5000); 3]);
    let rest = Some(Rest { release: release("old"), share_bp: 5000 });
    assert!(it.group.servers.iter().all(|it| it.active.as_ref().unwrap().rest == rest));
    // Who slept learns it as any other move.
    let word = it.group.word.clone().unwrap();
    let proof = Learning { bundle: &bundle, word: &word, earlier: &[], shown: None };
    let done = learn(&it.group.policy, &asleep, &proof, &at(620)).unwrap();
    assert_eq!(done.state.active.unwrap().rest, rest);
    it.group.go(&bundle, Move::Step(2), &at(670)).unwrap();
    assert_eq!(it.group.live(), [(4, new, 10_000); 3]);
    assert!(it.group.servers.iter().all(|it| it.release() != old));
}

#[test]
fn the_step_that_is_live_lasts_as_long_as_its_own_plan_says() {
    let (it, case) = torn();
    assert_eq!(against(&it, &case, 609), [Reason::StepTooEarly]);
    assert_eq!(against(&it, &case, 610), []);
    // Only the anchor judges time.
    let bundle = case.bundle().2;
    let first = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let done = prepare(&it.group.policy, &it.group.servers[0], &first, &at(610)).unwrap();
    let word = crate::world::sign(&done.receipt.unwrap());
    let other = Preparation { bundle: &bundle, step: Move::FIRST, word: Some(&word) };
    prepare(&it.group.policy, &it.group.servers[1], &other, &at(607)).unwrap();
}

#[test]
fn it_goes_on_with_exactly_what_is_live() {
    check(|_| (), &[]);
    check(|it| it.plan.choices.goes_on_bp = Some(400), &[Reason::StalePlan]);
    check(|it| it.plan.from = Some(release("another")), &[Reason::NotStored, Reason::StalePlan]);
    check(|it| it.plan.to = release("another"), &[Reason::StalePlan]);
    check(|it| (it.plan.base, it.plan.target) = (1, 2), &[Reason::StalePlan]);
    // Without the word it is a plan from something that is not live.
    check(|it| it.plan.choices.goes_on_bp = None, &[Reason::StalePlan]);
    // Where nothing is under way there is nothing to go on with: all have it, or nobody.
    let (mut it, case) = torn();
    let bundle = case.bundle().2;
    it.group.go(&bundle, Move::FIRST, &at(610)).unwrap();
    it.group.go(&bundle, Move::Step(2), &at(670)).unwrap();
    let (_, mut late) = torn();
    (late.plan.base, late.plan.target) = (4, 5);
    assert_eq!(against(&it, &late, 700), [Reason::StalePlan]);
}

#[test]
fn nobody_who_is_in_goes_out_and_only_a_change_goes_on() {
    let malformed = [Reason::Malformed];
    let begins = |share_bp| vec![Step { share_bp, for_s: 60 }, Step::ALL];
    check(|it| it.plan.steps = begins(500), &malformed);
    check(|it| it.plan.steps = begins(400), &malformed);
    check(|it| it.plan.steps = begins(501), &[]);
    check(|it| it.plan.steps = vec![Step::ALL], &[]);
    let (it, mut case) = torn();
    case.plan.choices.goes_on_bp = Some(0);
    assert!(against(&it, &case, 610).contains(&Reason::Malformed));
    let (it, mut case) = torn();
    case.plan.from = None;
    assert!(against(&it, &case, 610).contains(&Reason::Malformed));
    let (it, mut case) = torn();
    case.plan.kind = taiwa_plan::PlanKind::Rollback;
    case.plan.steps = vec![Step::ALL];
    assert!(against(&it, &case, 610).contains(&Reason::Malformed));
}

/// Everything but a fresh word of the origin is asked as of any other change.
#[test]
fn it_is_approved_and_proven_anew() {
    check(|it| it.approvals.truncate(1), &[Reason::ApprovalMissing]);
    check(|it| it.evidence[0].1.environment = "osaka".into(), &[Reason::GateFailed]);
    check(|it| it.origin.truncate(1), &[Reason::SoakMissing]);
    check(|it| it.origin.clear(), &[Reason::OriginMissing]);
}

#[test]
fn it_goes_back_to_what_ran_before_the_rollout() {
    let (mut it, case) = torn();
    let (plan, digest, bundle) = case.bundle();
    it.group.go(&bundle, Move::FIRST, &at(610)).unwrap();
    let pull = Pull {
        environment: "production".into(),
        issued: in_s(620),
        plan: digest,
        step: Move::Back,
        expires: in_s(900),
    };
    let pull = taiwa_plan::Envelope::signed(&pull, &secret(TANAKA)).unwrap();
    let statements = bundle.statements.iter().cloned().chain([pull]).collect();
    let bundle = taiwa_plan::Bundle::new(&plan, statements).unwrap();
    it.group.go(&bundle, Move::Back, &at(620)).unwrap();
    assert_eq!(it.group.live(), [(4, Some(release("old")), 10_000); 3]);
    // And from there nobody goes on.
    let (_, mut again) = torn();
    (again.plan.base, again.plan.target) = (4, 5);
    assert_eq!(against(&it, &again, 1300), [Reason::StalePlan]);
}

#[test]
fn a_plan_that_goes_on_is_another_text_and_the_others_stay_as_they_were() {
    let (_, case) = torn();
    let with = String::from_utf8(case.bundle().0.to_bytes().unwrap()).unwrap();
    assert!(with.contains(r#""goes_on_bp":500"#), "{with}");
    let plain = String::from_utf8(Case::new().bundle().0.to_bytes().unwrap()).unwrap();
    assert!(!plain.contains("goes_on"), "{plain}");
    let null = plain.replace(r#""revert_at":null"#, r#""goes_on_bp":null,"revert_at":null"#);
    assert_ne!(null, plain);
    assert!(taiwa_plan::Plan::read(null.as_bytes()).is_err(), "one text for one meaning");
    let (it, _) = torn();
    let request = Preparation { bundle: &case.bundle().2, step: Move::Step(2), word: None };
    let got = prepare(&it.group.policy, &it.group.servers[0], &request, &at(700));
    refused(got, Class::Conflict, Reason::Behind, "is at generation 2");
}
