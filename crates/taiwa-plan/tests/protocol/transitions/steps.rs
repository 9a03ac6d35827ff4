//! The steps of a rollout: each after the one before, for as long as the plan says; and servers left out.

use taiwa_plan::{
    Absent, Bundle, Envelope, Freeze, Hold, Move, Pull, Reason, Reject, Step, admit,
    server::{
        Activation, Class, Effect, Learning, Preparation, Rest, activate, learn, prepare, restart,
        statement,
    },
};

use super::{STALE, group::Group, refused};
use crate::world::{
    Case, RUNNER, SATO, SERVERS, STAGING_ANCHOR, TANAKA, at, in_s, origin_state, passed, release,
    secret,
};

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

/// A rollout of `espresso` in three steps, on three servers that run `old`.
pub(super) struct Rollout {
    pub(super) group: Group,
    case: Case,
}

impl Rollout {
    pub(super) fn new() -> Self {
        Self::of(|_| ())
    }

    fn of(change: impl FnOnce(&mut Case)) -> Self {
        let mut case = Case::of(&release("espresso"), Some(release("old")), 1);
        case.document.hold = vec!["manager".into()];
        case.plan.steps = SHARES.to_vec();
        case.plan.parachute_until = Some(in_s(5000));
        case.approvals.iter_mut().for_each(|it| it.1.parachute = true);
        change(&mut case);
        let mut first = Case::new();
        first.document = case.document.clone();
        first.plan.to = release("old");
        first.evidence = vec![(RUNNER, passed(release("old")))];
        first.origin.iter_mut().for_each(|it| it.1.release = Some(release("old")));
        let releases = [release("old"), release("espresso")];
        let mut group = Group::new(&case.policy(), &releases);
        group.go(&first.bundle().2, Move::FIRST, &at(0)).unwrap();
        Self { group, case }
    }

    /// The plan with what proves it so many seconds later: the origin has said again what it runs.
    fn bundle(&mut self, after_s: i64) -> Bundle {
        let fresh = origin_state(release("espresso"), in_s(after_s - 5));
        self.case.origin.retain(|it| it.1.issued <= in_s(-60));
        self.case.origin.push((STAGING_ANCHOR, fresh));
        self.case.bundle().2
    }

    pub(super) fn go(&mut self, step: u16, after_s: i64) -> Result<(), super::Refused> {
        let bundle = self.bundle(after_s);
        self.group.go(&bundle, Move::Step(step), &at(after_s))
    }

    /// What the anchor has against a step.
    pub(super) fn against(&mut self, step: u16, after_s: i64) -> Vec<Reason> {
        let bundle = self.bundle(after_s);
        let (policy, anchor) = (&self.group.policy, &self.group.servers[0]);
        let got = admit(policy, anchor, &bundle, Move::Step(step), &at(after_s));
        got.err().unwrap_or_default().into_iter().map(|it| it.reason).collect()
    }

    fn pulled(&mut self, after_s: i64) -> Bundle {
        let bundle = self.bundle(after_s);
        let pull = Pull {
            environment: "production".into(),
            issued: in_s(after_s),
            plan: bundle.plan_digest(),
            step: Move::Back,
            expires: in_s(after_s + 600),
        };
        let pull = Envelope::signed(&pull, &secret(TANAKA)).unwrap();
        let statements = bundle.statements.iter().cloned().chain([pull]).collect();
        Bundle::new(&bundle.open().unwrap().plan, statements).unwrap()
    }
}

/// Each step is one generation more on every server, and all of them leave out the same share.
#[test]
fn a_share_at_a_time_on_every_server() {
    let mut it = Rollout::new();
    let (old, new) = (Some(release("old")), Some(release("espresso")));
    assert_eq!(it.group.live(), [(1, old, 10_000); 3]);
    it.go(1, 10).unwrap();
    assert_eq!(it.group.live(), [(2, new, 500); 3]);
    let rest = Some(Rest { release: release("old"), share_bp: 500 });
    for server in &it.group.servers {
        assert_eq!(server.active.as_ref().unwrap().rest, rest);
        assert!(server.rolled_back.is_empty());
    }
    it.go(2, 610).unwrap();
    assert_eq!(it.group.live(), [(3, new, 5000); 3]);
    it.go(3, 670).unwrap();
    assert_eq!(it.group.live(), [(4, new, 10_000); 3]);
    assert!(it.group.servers.iter().all(|it| it.active.as_ref().unwrap().rest.is_none()));
    assert_eq!(it.against(4, 800), [Reason::Malformed]);
}

/// What the runtime is told to do, and that a repeat tells it nothing.
#[test]
fn the_effect_names_both_releases() {
    let mut it = Rollout::new();
    let bundle = it.bundle(10);
    let receipts = it.group.prepare(&bundle, Move::FIRST, &at(10)).unwrap();
    let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    let done = activate(&it.group.policy, &it.group.servers[0], &request, &at(11)).unwrap();
    let rest = Some(Rest { release: release("old"), share_bp: 500 });
    let swap = Effect::Swap { release: release("espresso"), generation: 2, rest };
    assert_eq!(done.effect, swap);
    let again = activate(&it.group.policy, &done.state, &request, &at(12)).unwrap();
    assert_eq!((again.effect, again.receipt), (Effect::Nothing, done.receipt));
    // A restart forgets neither of the two.
    let stored = done.state.stored.clone();
    let up = restart(&it.group.policy, &done.state, stored, &at(13)).state;
    assert_eq!(up.active, done.state.active);
}

#[test]
fn no_step_is_left_out_or_made_twice() {
    let mut it = Rollout::new();
    assert_eq!(it.against(2, 700), [Reason::StalePlan], "before the first");
    it.go(1, 10).unwrap();
    assert_eq!(it.against(3, 700), [Reason::StalePlan], "not over the second");
    let bundle = it.bundle(20);
    let again = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let got = prepare(&it.group.policy, &it.group.servers[0], &again, &at(20));
    refused(got, STALE.0, STALE.1, "live is 2");
    it.go(2, 610).unwrap();
    let again = Preparation { bundle: &bundle, step: Move::Step(2), word: None };
    let got = prepare(&it.group.policy, &it.group.servers[0], &again, &at(611));
    assert!(got.is_err_and(|it| it.refusals.iter().any(|it| it.reason == Reason::StalePlan)));
}

/// Another plan for the same release is another rollout: its second step does not follow this one's first.
#[test]
fn a_step_follows_the_step_of_the_same_plan() {
    let mut it = Rollout::new();
    it.go(1, 10).unwrap();
    it.case.plan.not_after = in_s(90_000);
    assert_eq!(it.against(2, 700), [Reason::StalePlan]);
}

/// Only the anchor judges time: the others follow its word, whatever their clocks say.
#[test]
fn a_step_lasts_as_long_as_the_plan_says_by_the_anchors_clock() {
    let mut it = Rollout::new();
    it.go(1, 10).unwrap();
    assert_eq!(it.against(2, 609), [Reason::StepTooEarly]);
    assert_eq!(it.against(2, 610), []);
    let (policy, bundle) = (it.group.policy.clone(), it.bundle(610));
    let got = admit(&policy, &it.group.servers[0], &bundle, Move::Step(2), &at(609)).unwrap_err();
    assert_eq!((got.len(), got[0].from), (1, Some(in_s(610))));
    let anchor = Preparation { bundle: &bundle, step: Move::Step(2), word: None };
    let done = prepare(&policy, &it.group.servers[0], &anchor, &at(610)).unwrap();
    let word = crate::world::sign(&done.receipt.unwrap());
    // Its clock is four seconds behind.
    let other = Preparation { bundle: &bundle, step: Move::Step(2), word: Some(&word) };
    prepare(&policy, &it.group.servers[1], &other, &at(606)).unwrap();
}

#[test]
fn each_step_asks_everything_again() {
    let mut it = Rollout::of(|it| {
        it.plan.not_after = in_s(100);
        let freeze = Freeze {
            from: taiwa_model::Moment::Exact(in_s(2000)),
            until: taiwa_model::Moment::Exact(in_s(2100)),
            zone: "UTC".to_owned(),
            reason: "New year".to_owned(),
        };
        it.document.freeze = vec![freeze];
    });
    it.go(1, 10).unwrap();
    assert_eq!(it.against(2, 1900), []);
    assert_eq!(it.against(2, 2050), [Reason::Freeze]);
    assert_eq!(it.against(2, 4000), [Reason::ApprovalMissing, Reason::ApprovalMissing]);
    // The origin may run something else by now; that it ran this for long enough has to be there.
    let ran = |issued_s| (STAGING_ANCHOR, origin_state(release("espresso"), in_s(issued_s)));
    it.case.origin = vec![ran(-120), ran(-10)];
    let (policy, anchor) = (it.group.policy.clone(), it.group.servers[0].clone());
    let against = |case: &Case| {
        let got = admit(&policy, &anchor, &case.bundle().2, Move::Step(2), &at(1900));
        got.err().unwrap_or_default().into_iter().map(|it| it.reason).collect::<Vec<_>>()
    };
    assert_eq!(against(&it.case), []);
    it.case.origin.truncate(1);
    assert_eq!(against(&it.case), [Reason::SoakMissing]);
    it.case.origin.clear();
    assert_eq!(against(&it.case), [Reason::OriginMissing]);
    it.case.origin = vec![ran(-120), ran(-10)];
    // A later run of the gate failed.
    let mut failed = passed(release("espresso"));
    failed.result = taiwa_plan::EvidenceResult::Failed;
    failed.issued = in_s(1000);
    failed.numbers.insert("failed".to_owned(), 1);
    failed.numbers.insert("passed".to_owned(), 3);
    (failed.started, failed.ended) = (in_s(980), in_s(990));
    it.case.more_evidence = vec![(RUNNER, failed)];
    assert_eq!(it.against(2, 1900), [Reason::GateFailed]);
    it.case.more_evidence.clear();
    // Who approves again opens it again; the plan's `not_after` is about its first step.
    it.case
        .approvals
        .iter_mut()
        .for_each(|it| (it.1.issued, it.1.expires) = (in_s(3900), in_s(9000)));
    assert_eq!(it.against(2, 4000), []);
}

#[test]
fn a_hold_between_two_steps_stops_the_second_and_not_the_way_back() {
    let mut it = Rollout::new();
    it.go(1, 10).unwrap();
    let hold = Hold {
        environment: "production".into(),
        issued: in_s(20),
        id: "h-1".to_owned(),
        why: "prices are wrong".to_owned(),
        expires: in_s(3000),
    };
    let hold = Envelope::signed(&hold, &secret(TANAKA)).unwrap();
    for server in &mut it.group.servers {
        *server = statement(&it.group.policy, server, &hold, &at(20)).unwrap().state;
    }
    assert_eq!(it.against(2, 700), [Reason::Held]);
    let bundle = it.pulled(710);
    it.group.go(&bundle, Move::Back, &at(710)).unwrap();
    assert_eq!(it.group.live(), [(3, Some(release("old")), 10_000); 3]);
}

#[test]
fn a_rejection_between_two_steps_stops_the_second() {
    let mut it = Rollout::new();
    it.go(1, 10).unwrap();
    let plan = it.case.bundle().1;
    let reject = Reject {
        environment: "production".into(),
        issued: in_s(20),
        plan,
        why: "it is not what I read".to_owned(),
    };
    let reject = Envelope::signed(&reject, &secret(SATO)).unwrap();
    let server = &mut it.group.servers[0];
    *server = statement(&it.group.policy, server, &reject, &at(20)).unwrap().state;
    assert_eq!(it.against(2, 700), [Reason::Rejected]);
}

#[test]
fn back_from_every_step() {
    for last in [1, 2, 3] {
        let mut it = Rollout::new();
        for (step, after_s) in [(1, 10), (2, 610), (3, 670)].into_iter().take(last) {
            it.go(step, after_s).unwrap();
        }
        let bundle = it.pulled(700);
        it.group.go(&bundle, Move::Back, &at(700)).unwrap();
        let generation = 2 + last as u64;
        assert_eq!(it.group.live(), [(generation, Some(release("old")), 10_000); 3]);
        assert!(it.group.servers.iter().all(|it| it.rolled_back.contains(&release("espresso"))));
        // Nobody goes on from there.
        assert_ne!(it.against(2, 1300), []);
    }
}

/// A server that slept through two steps becomes what the group is, if it has both releases.
#[test]
fn a_step_is_learned_with_the_release_that_answers_the_others() {
    let mut it = Rollout::new();
    let asleep = it.group.servers[2].clone();
    it.go(1, 10).unwrap();
    it.go(2, 610).unwrap();
    let (bundle, word) = (it.bundle(610), it.group.word.clone().unwrap());
    let proof = Learning { bundle: &bundle, word: &word, earlier: &[], shown: None };
    let done = learn(&it.group.policy, &asleep, &proof, &at(620)).unwrap();
    let rest = Some(Rest { release: release("old"), share_bp: 5000 });
    let swap = Effect::Swap { release: release("espresso"), generation: 3, rest };
    assert_eq!(done.effect, swap);
    let mut without = asleep;
    without.stored.remove(&release("old"));
    let got = learn(&it.group.policy, &without, &proof, &at(620));
    refused(got, Class::Conflict, Reason::NotStored, "is not stored on tokyo-3");
    // Nor does anybody follow without it.
    let bundle = it.bundle(700);
    let receipts = it.group.prepare(&bundle, Move::Step(3), &at(700)).unwrap();
    it.group.commit(&bundle, (Move::Step(3), &receipts), &at(700)).unwrap();
    it.group.follow(1, (&bundle, Move::Step(3)), &at(700)).unwrap();
}

/// Both releases have to be there before anybody promises anything.
#[test]
fn both_releases_are_stored_before_a_step() {
    for missing in ["old", "espresso"] {
        let mut it = Rollout::new();
        for server in &mut it.group.servers {
            server.stored.remove(&release(missing));
        }
        assert_eq!(it.against(1, 10), [Reason::NotStored], "{missing}");
    }
    let mut it = Rollout::new();
    let bundle = it.bundle(10);
    let receipts = it.group.prepare(&bundle, Move::FIRST, &at(10)).unwrap();
    it.group.commit(&bundle, (Move::FIRST, &receipts), &at(10)).unwrap();
    it.group.servers[1].stored.remove(&release("old"));
    let got = it.group.follow(1, (&bundle, Move::FIRST), &at(10)).unwrap_err();
    assert_eq!((got.class, got.refusals[0].reason), (Class::Conflict, Reason::NotStored));
}

/// The order of moves.
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
