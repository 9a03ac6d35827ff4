//! Counting: distinct people, each once, in one role; whatever does not count says why.

use taiwa_model::{Digest, EnvironmentName, RoleName};
use taiwa_plan::{Approve, Count, count};

use crate::world::{
    Case, ITO, SATO, STRANGER, SUZUKI, TANAKA, TANAKA_TOO, approve, in_s, now, threshold,
};

fn counted(change: impl FnOnce(&mut Case)) -> Count {
    let mut case = Case::new();
    case.approvals.clear();
    change(&mut case);
    let policy = case.policy();
    let (plan, _, bundle) = case.bundle();
    count(&plan, &policy, &bundle.open().unwrap().statements, now())
}

fn have(count: &Count) -> Vec<u64> {
    count.roles.iter().map(|it| it.have).collect()
}

/// Signers and roles, against thresholds for manager and touchpoint-manager.
#[track_caller]
fn check(approvals: &[(u8, &str)], thresholds: (u64, u64), want: &[u64]) {
    let got = counted(|case| {
        case.document.approvals =
            vec![threshold("manager", thresholds.0), threshold("touchpoint-manager", thresholds.1)];
        case.approvals = approvals.iter().map(|(seed, role)| (*seed, approve(role))).collect();
    });
    assert_eq!(have(&got), want, "{got:#?}");
    let met = got.roles.iter().all(|it| it.have >= it.want);
    assert_eq!(got.is_met(), met);
}

const M: &str = "manager";
const T: &str = "touchpoint-manager";

#[test]
fn each_person_once_in_one_role() {
    check(&[(TANAKA, M), (SATO, T)], (1, 1), &[1, 1]);
    check(&[(TANAKA, M), (TANAKA_TOO, M)], (2, 1), &[1, 0]);
    check(&[(SUZUKI, M), (SUZUKI, T)], (1, 1), &[1, 0]);
    check(&[(SUZUKI, M), (SUZUKI, T), (TANAKA, M)], (1, 1), &[1, 1]);
    check(&[(SUZUKI, M), (SUZUKI, T), (SATO, T)], (1, 1), &[1, 1]);
    check(&[(SUZUKI, M), (SUZUKI, T), (TANAKA, M), (SATO, T)], (2, 1), &[2, 1]);
    check(&[(SUZUKI, M), (SUZUKI, T), (TANAKA, M), (SATO, T)], (1, 2), &[1, 2]);
    check(&[(TANAKA, M)], (1, 1), &[1, 0]);
    check(&[], (1, 1), &[0, 0]);
}

#[test]
fn the_matching_is_maximal_whoever_comes_first() {
    // sato < suzuki < tanaka: taken greedily in this order, suzuki would sit in tanaka's only place.
    let got = counted(|case| {
        case.approvals = vec![(SUZUKI, approve(T)), (SUZUKI, approve(M)), (SATO, approve(T))];
    });
    assert_eq!(have(&got), [1, 1]);
    assert_eq!(got.roles[0].people[0].as_str(), "suzuki");
    assert_eq!(got.roles[1].people[0].as_str(), "sato");
}

#[track_caller]
fn ignored(change: impl FnOnce(&mut Approve), signer: u8, why: &str) {
    let got = counted(|case| {
        let mut one = approve(M);
        change(&mut one);
        case.approvals = vec![(signer, one)];
    });
    assert_eq!(have(&got), [0, 0]);
    assert_eq!(got.ignored.len(), 1, "{got:#?}");
    assert!(got.ignored[0].why.contains(why), "{got:#?}");
}

#[test]
fn what_does_not_count_says_why() {
    ignored(|_| (), STRANGER, "no valid signature by a key of the policy");
    ignored(|_| (), SATO, "sato does not have the role manager");
    ignored(|_| (), ITO, "ito does not have the role manager");
    ignored(|it| it.plan = Digest::of(b"x"), TANAKA, "another plan");
    ignored(|it| it.environment = EnvironmentName::new("staging"), TANAKA, "staging");
    ignored(|it| it.expires = now(), TANAKA, "expired at");
    ignored(|it| it.expires = in_s(604_800), TANAKA, "longer than the policy allows");
    ignored(|it| it.issued = in_s(6), TANAKA, "in the future");
    ignored(|it| it.role = RoleName::new("owner"), TANAKA, "does not have the role owner");
}

#[test]
fn the_borders_of_time_are_inside() {
    let got = counted(|case| {
        let mut one = approve(M);
        one.issued = in_s(5);
        one.expires = in_s(1);
        case.approvals = vec![(TANAKA, one)];
    });
    assert_eq!(have(&got), [1, 0]);
    assert_eq!(got.expires(), Some(in_s(1)));
}

#[test]
fn the_longer_of_two_approvals_stays() {
    let got = counted(|case| {
        let mut longer = approve(M);
        longer.expires = in_s(7200);
        case.approvals = vec![(TANAKA, approve(M)), (TANAKA_TOO, longer)];
    });
    assert_eq!(got.valid.len(), 1);
    assert_eq!(got.expires(), Some(in_s(7200)));
    assert!(got.ignored[0].why.contains("tanaka approved as manager already"));
}

#[test]
fn contributors_never_count() {
    let got = counted(|case| {
        case.plan.contributors = vec![taiwa_model::PersonId::new("tanaka")];
        case.approvals = vec![(TANAKA, approve(M))];
    });
    assert_eq!(have(&got), [0, 0]);
    assert!(got.ignored[0].why.contains("wrote or asked for"));
}
