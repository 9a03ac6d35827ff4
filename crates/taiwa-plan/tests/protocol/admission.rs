//! Admission: a good request, one thing changed, and the refusal that it gets.

use taiwa_model::{Digest, EnvironmentName, PersonId, ServerId, Timestamp};
use taiwa_plan::{Absent, Envelope, Reading, Reason, Refusals, Reject, admit};

use crate::world::{Case, SUZUKI, TANAKA, at, in_s, now, release, secret};

fn refusals(mut case: Case) -> Refusals {
    let policy = case.policy();
    let state = case.server_state();
    let bundle = case.bundle().2;
    admit(&policy, &state, &bundle, case.step, &case.at).err().unwrap_or_default()
}

#[track_caller]
fn check(change: impl FnOnce(&mut Case), reason: Reason, what: &str) {
    let mut case = Case::new();
    change(&mut case);
    only(case, reason, what);
}

#[track_caller]
fn check_rollback(change: impl FnOnce(&mut Case), reason: Reason, what: &str) {
    let mut case = rollback();
    change(&mut case);
    only(case, reason, what);
}

#[track_caller]
fn only(case: Case, reason: Reason, what: &str) {
    let got = refusals(case);
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!(got[0].reason, reason, "{got:#?}");
    assert!(got[0].what.contains(what), "{got:#?}");
}

fn rollback() -> Case {
    let mut case = Case::rollback(&release("old"), release("new"), 2);
    let policy = *case.policy().digest();
    case.state = Box::new(move |state, _| {
        let ran = taiwa_plan::server::Ran { generation: 1, policy, since: in_s(-9000) };
        state.ran.insert(release("old"), ran);
    });
    case
}

#[test]
fn good_requests_are_admitted() {
    assert_eq!(refusals(Case::new()), vec![]);
    assert_eq!(refusals(rollback()), vec![]);
}

#[test]
fn the_plan_is_one_for_this_group() {
    check(|it| it.plan.policy = Digest::of(b"other"), Reason::WrongPolicy, "under the policy");
    check(
        |it| it.plan.anchor = ServerId::new("tokyo-2"),
        Reason::StalePlan,
        "another anchor or other servers",
    );
    check(|it| drop(it.plan.servers.pop()), Reason::StalePlan, "another anchor or other servers");
    check(|it| it.plan.target += 1, Reason::Malformed, "target");
    check(|it| it.plan.from = Some(it.plan.to), Reason::NothingToDo, "changes nothing");
    check(
        |it| it.state = Box::new(|state, _| state.policy = Digest::of(b"mine")),
        Reason::WrongPolicy,
        "this server obeys another policy",
    );
}

#[test]
fn a_server_that_is_no_member_moves_nothing() {
    check(
        |it| it.state = Box::new(|state, _| state.server = ServerId::new("osaka-1")),
        Reason::NotAMember,
        "osaka-1",
    );
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    check(|it| it.plan.format = 2, Reason::Unsupported, "format");
    check(
        |it| it.plan.contributors = vec![PersonId::new("ito")],
        Reason::Unsupported,
        "contributors",
    );
}

#[test]
fn who_is_left_out_is_a_member_with_a_reason_and_never_the_anchor() {
    let without = |server: &str, why: &str| Absent { server: server.into(), why: why.to_owned() };
    let malformed = Reason::Malformed;
    let anchor = vec![without("tokyo-1", "broken")];
    check(|it| it.plan.choices.absent = anchor, malformed, "tokyo-1 cannot be left out");
    let stranger = vec![without("osaka-1", "broken")];
    check(|it| it.plan.choices.absent = stranger, malformed, "osaka-1 cannot be left out");
    let silent = vec![without("tokyo-3", " ")];
    check(|it| it.plan.choices.absent = silent, malformed, "does not say why tokyo-3");
    let twice = vec![without("tokyo-3", "broken"), without("tokyo-3", "broken")];
    check(|it| it.plan.choices.absent = twice, malformed, "tokyo-3 is left out twice");
    let mut good = Case::new();
    good.plan.choices.absent = vec![without("tokyo-3", "its disk is being replaced")];
    assert_eq!(refusals(good), vec![]);
}

#[test]
fn an_ordinary_plan_has_no_end() {
    check(
        |it| it.plan.choices.revert_at = Some(in_s(60)),
        Reason::Malformed,
        "only an emergency has an instant",
    );
}

#[test]
fn bytes_time_and_history() {
    check(
        |it| it.state = Box::new(|state, _| state.stored.clear()),
        Reason::NotStored,
        "not stored on tokyo-1",
    );
    check(|it| it.plan.not_after = in_s(-1), Reason::Expired, "could be committed until");
    check(
        |it| it.state = Box::new(|state, _| state.rolled_back.extend([release("espresso")])),
        Reason::RolledBack,
        "was rolled back here",
    );
    let mut again = Case::new();
    again.plan.choices.again = true;
    again.state = Box::new(|state, _| state.rolled_back.extend([release("espresso")]));
    assert_eq!(refusals(again), vec![]);
}

#[test]
fn an_instant_before_the_end_is_in_time() {
    let mut case = Case::new();
    case.plan.not_after = now();
    assert_eq!(refusals(case), vec![]);
}

#[test]
fn a_clock_that_is_not_believed_lets_nothing_through() {
    check(
        |it| it.at = Reading { trusted: false, ..at(0) },
        Reason::Clock,
        "the clock is unset or behind",
    );
}

#[test]
fn a_rejection_is_for_good_wherever_it_is_known() {
    check(
        |it| {
            it.state = Box::new(|state, plan| {
                state.rejections.insert(plan, Digest::of(b"the rejection"));
            });
        },
        Reason::Rejected,
        "rejected exactly this plan",
    );
    check(|it| it.extra.push(rejection(it.bundle().1, SUZUKI)), Reason::Rejected, "rejected");
    let mut other = Case::new();
    other.extra.push(rejection(Digest::of(b"another plan"), SUZUKI));
    assert_eq!(refusals(other), vec![]);
    let mut nobody = Case::new();
    nobody.extra.push(rejection(nobody.bundle().1, crate::world::ITO));
    assert_eq!(refusals(nobody), vec![], "ito has no approving role");
}

pub(crate) fn rejection(plan: Digest, signer: u8) -> Envelope {
    let reject = Reject {
        environment: EnvironmentName::new("production"),
        issued: in_s(-30),
        plan,
        why: "the price is wrong".to_owned(),
    };
    Envelope::signed(&reject, &secret(signer)).unwrap()
}

#[test]
fn approvals_are_counted() {
    check(
        |it| drop(it.approvals.pop()),
        Reason::ApprovalMissing,
        "0 of 1 approvals as touchpoint-manager",
    );
    let mut case = Case::new();
    case.approvals.pop();
    let refusal = refusals(case).remove(0);
    assert_eq!(refusal.who, "touchpoint-manager: sato, suzuki");
    let command = "taiwa approve --to production --as touchpoint-manager";
    assert_eq!(refusal.command.as_deref(), Some(command));
    check(|it| it.approvals[0].1.expires = now(), Reason::ApprovalMissing, "as manager");
}

#[test]
fn the_origin_must_have_run_it_long_enough() {
    let refused = |seconds: &[i64], change: &dyn Fn(&mut taiwa_plan::Receipt)| {
        let mut case = Case::new();
        case.origin = seconds
            .iter()
            .map(|it| {
                let mut receipt = crate::world::origin_state(case.plan.to, in_s(*it));
                change(&mut receipt);
                (crate::world::STAGING_ANCHOR, receipt)
            })
            .collect();
        refusals(case).iter().map(|it| it.reason).collect::<Vec<_>>()
    };
    let (missing, soak) = (vec![Reason::OriginMissing], vec![Reason::SoakMissing]);
    assert_eq!(refused(&[-15, -10], &|_| ()), vec![]);
    assert_eq!(refused(&[-14, -10], &|_| ()), soak, "4 s are less than 5");
    assert_eq!(refused(&[-10], &|_| ()), soak);
    assert_eq!(refused(&[], &|_| ()), missing);
    assert_eq!(refused(&[-700, -600], &|_| ()), missing, "the later one is 10 minutes old");
    assert_eq!(refused(&[-700, -599], &|_| ()), vec![]);
    assert_eq!(refused(&[0, 6], &|_| ()), soak, "one is from the future");
    assert_eq!(refused(&[-15, -10], &|it| it.release = Some(release("x"))), missing);
    assert_eq!(refused(&[-15, -10], &|it| it.phase = taiwa_plan::Phase::Committed), missing);
    let production = EnvironmentName::new("production");
    assert_eq!(refused(&[-15, -10], &|it| it.environment = production.clone()), missing);
    let generation = |it: &mut taiwa_plan::Receipt| {
        it.generation = 2 + u64::from(it.issued.as_seconds().unsigned_abs().is_multiple_of(2));
    };
    assert_eq!(refused(&[-15, -10], &generation), soak, "it left and came back in between");
}

#[test]
fn the_soak_says_from_when_on() {
    let mut case = Case::new();
    case.origin.remove(0);
    assert_eq!(refusals(case)[0].from, Some(in_s(-5)));
}

#[test]
fn the_origins_word_is_its_anchors() {
    check(
        |it| it.origin.iter_mut().for_each(|it| it.0 = 12),
        Reason::OriginMissing,
        "no fresh word of staging",
    );
}

#[test]
fn a_rollback_goes_where_it_has_been() {
    check_rollback(
        |it| it.state = Box::new(|state, _| state.ran.clear()),
        Reason::NeverRan,
        "never ran on tokyo-1",
    );
    check_rollback(
        |it| {
            it.state = Box::new(|state, _| {
                let policy = Digest::of(b"a policy of another time");
                let since = Timestamp::default();
                let ran = taiwa_plan::server::Ran { generation: 1, policy, since };
                state.ran.insert(release("old"), ran);
            });
        },
        Reason::NeverRan,
        "under approvals",
    );
    check_rollback(|it| it.approvals.clear(), Reason::ApprovalMissing, "as manager");
    check_rollback(
        |it| it.approvals[0].0 = crate::world::SATO,
        Reason::ApprovalMissing,
        "as manager",
    );
}

#[test]
fn all_refusals_come_at_once() {
    let mut case = Case::new();
    case.approvals.clear();
    case.evidence.clear();
    case.origin.clear();
    case.state = Box::new(|state, _| state.stored.clear());
    case.plan.not_after = in_s(-1);
    let reasons: Vec<_> = refusals(case).iter().map(|it| it.reason).collect();
    for reason in [
        Reason::NotStored,
        Reason::Expired,
        Reason::ApprovalMissing,
        Reason::OriginMissing,
        Reason::GateFailed,
    ] {
        assert!(reasons.contains(&reason), "{reason}: {reasons:?}");
    }
    assert_eq!(reasons.iter().filter(|it| **it == Reason::ApprovalMissing).count(), 2);
}

#[test]
fn whoever_asked_for_an_exception_cannot_approve_it() {
    check(
        |it| {
            it.plan.choices.asked_by = Some(PersonId::new("tanaka"));
            it.approvals.push((TANAKA, crate::world::approve("manager")));
        },
        Reason::ApprovalMissing,
        "as manager",
    );
}

/// Found by the red team: a plan without steps was a panic before anybody judged it.
#[test]
fn a_plan_whose_ends_are_the_wrong_way_round_has_goals_too() {
    let mut plan = Case::of(&release("new"), Some(release("old")), 1).plan;
    plan.steps.clear();
    assert_eq!(plan.goal(taiwa_plan::Move::Back, 1).base, plan.target);
    plan.target = u64::MAX;
    assert_eq!(plan.goal(taiwa_plan::Move::Back, 1).target, u64::MAX);
}
