//! The steps of a rollout: each after the one before, for as long as the plan says; and servers left out.

use taiwa_plan::{Absent, Move, Reason, Step, admit};

use super::group::Group;
use crate::world::{Case, at, in_s, passed, release};
use crate::world::{RUNNER, SERVERS};

const SHARES: [Step; 3] =
    [Step { share_bp: 500, for_s: 600 }, Step { share_bp: 5000, for_s: 60 }, Step::ALL];

#[track_caller]
fn unfit(steps: &[Step], what: &str) {
    let mut case = Case::of(&release("espresso"), Some(release("old")), 1);
    case.plan.steps = steps.to_vec();
    let state = case.server_state();
    let got = admit(&case.policy(), &state, &case.bundle().2, Move::FIRST, &case.at).unwrap_err();
    assert!(got.iter().any(|it| it.what.contains(what)), "{got:#?}");
}

#[test]
fn steps_grow_and_end_with_everybody() {
    let share = |share_bp, for_s| Step { share_bp, for_s };
    unfit(&[], "the last step is all visitors");
    unfit(&[share(500, 60)], "the last step is all visitors");
    unfit(&[share(10_000, 60)], "the last step is all visitors");
    unfit(&[share(500, 60), share(500, 60), Step::ALL], "the steps of a plan grow");
    unfit(&[share(10_000, 60), Step::ALL], "the steps of a plan grow");
    unfit(&[share(0, 60), Step::ALL], "a step has a share");
    unfit(&[share(500, 15 * 86_400), Step::ALL], "at most 14 days");
    let many: Vec<Step> = (1..=20).map(|it| share(it, 1)).chain([Step::ALL]).collect();
    unfit(&many, "at most 20 steps");
    let mut first = Case::new();
    first.plan.steps = SHARES.to_vec();
    let state = first.server_state();
    let got = admit(&first.policy(), &state, &first.bundle().2, Move::FIRST, &first.at);
    let got = got.unwrap_err();
    assert!(got.iter().any(|it| it.what.contains("a release that runs")), "{got:#?}");
}

/// What was left out is nobody's obstacle, and nobody else may be missing.
#[test]
fn who_is_left_out_does_not_hinder_and_nobody_else_may_be_missing() {
    let mut case = Case::new();
    let away = Absent { server: "tokyo-3".into(), why: "its disk is being replaced".to_owned() };
    case.plan.choices.absent = vec![away];
    let bundle = case.bundle().2;
    let mut group = Group::new(&case.policy(), &[release("espresso")]);
    let receipts = group.prepare(&bundle, Move::FIRST, &at(1)).unwrap();
    assert_eq!(receipts.len(), SERVERS.len() - 1);
    let got = group.commit(&bundle, (Move::FIRST, &receipts[..1]), &at(2)).unwrap_err();
    assert_eq!(got.refusals.len(), 1, "{got}");
    assert!(got.refusals[0].what.contains("tokyo-2 has not said"), "{got}");
    assert_eq!(got.refusals[0].reason, Reason::ReceiptMissing);
    group.commit(&bundle, (Move::FIRST, &receipts), &at(2)).unwrap();
    let all = Case::new();
    let mut whole = Group::new(&all.policy(), &[release("espresso")]);
    let bundle = all.bundle().2;
    let receipts = whole.prepare(&bundle, Move::FIRST, &at(1)).unwrap();
    let got = whole.commit(&bundle, (Move::FIRST, &receipts[..2]), &at(2)).unwrap_err();
    assert!(got.refusals[0].what.contains("tokyo-3 has not said"), "{got}");
}

/// The order of moves, before steps other than all at once are carried out by servers.
#[test]
fn a_move_is_one_that_the_plan_has() {
    let case = Case::of(&release("espresso"), Some(release("old")), 1);
    let mut old = Case::new();
    old.plan.to = release("old");
    old.evidence = vec![(RUNNER, passed(release("old")))];
    old.origin.iter_mut().for_each(|it| it.1.release = Some(release("old")));
    let mut group = Group::new(&case.policy(), &[release("old"), release("espresso")]);
    group.go(&old.bundle().2, Move::FIRST, &at(0)).unwrap();
    let bundle = case.bundle().2;
    let got = admit(&group.policy, &group.servers[0], &bundle, Move::Step(2), &at(1)).unwrap_err();
    assert!(got.iter().any(|it| it.what.contains("has 1 steps, and no step-2")), "{got:#?}");
    let goal = case.plan.goal(Move::Back, 2);
    assert_eq!((goal.base, goal.target, goal.to), (2, 3, Some(release("old"))));
    let mut stepwise = case.plan;
    stepwise.steps = SHARES.to_vec();
    let goals = [1, 2, 3].map(|it| stepwise.goal(Move::Step(it), 0));
    assert_eq!(
        goals.map(|it| (it.base, it.target, it.share_bp)),
        [(1, 2, 500), (2, 3, 5000), (3, 4, 10_000)]
    );
    assert_eq!(
        goals.map(|it| it.from),
        [Some(release("old")), Some(release("espresso")), Some(release("espresso"))]
    );
    // Back from whichever step is live, and from nowhere else.
    assert_eq!([0, 2, 3, 4, 9].map(|it| stepwise.goal(Move::Back, it).base), [2, 2, 3, 4, 4]);
    assert!(stepwise.not_after > in_s(0));
}
