//! A server's signed question to another: for one target, one path, a minute.

use taiwa_model::ServerId;
use taiwa_plan::{
    Envelope, Policy, Receipt,
    server::{QUESTION_S, ServerState, is_peer, question, state_receipt},
};

use crate::world::{Case, at, in_s, secret, sign};

const PATH: &str = "/v1/group/bundle";

fn servers() -> (Policy, ServerState, ServerState) {
    let policy = Case::new().policy();
    let of = |it: &str| ServerState::fresh(&policy, ServerId::new(it));
    let (from, target) = (of("tokyo-2"), of("tokyo-1"));
    (policy, from, target)
}

#[track_caller]
fn check(change: impl FnOnce(&mut Receipt), seconds: i64, path: &str, believed: bool) {
    let (policy, from, target) = servers();
    let mut said = question(&policy, &from, (&target.server, PATH), &at(0));
    change(&mut said);
    let got = is_peer(&policy, &target, (path, &sign(&said)), &at(seconds));
    assert_eq!(got, believed);
}

#[test]
fn a_question_is_for_one_target_one_path_and_a_minute() {
    let last = i64::try_from(QUESTION_S).unwrap() + 5;
    check(|_| (), 0, PATH, true);
    check(|_| (), last, PATH, true);
    check(|_| (), last + 1, PATH, false);
    check(|_| (), -5, PATH, true);
    check(|_| (), -6, PATH, false);
    check(|_| (), 0, "/admin/v1/status", false);
    check(|it| it.environment = "staging".into(), 0, PATH, false);
    check(|it| it.phase = taiwa_plan::Phase::Committed, 0, PATH, false);
    check(|it| it.challenge = None, 0, PATH, false);
    let (policy, from, target) = servers();
    let elsewhere = question(&policy, &from, (&ServerId::new("tokyo-3"), PATH), &at(0));
    assert!(!is_peer(&policy, &target, (PATH, &sign(&elsewhere)), &at(0)));
    // Somebody else's key, under a member's name.
    let said = question(&policy, &from, (&target.server, PATH), &at(0));
    let forged = Envelope::signed(&said, &secret(crate::world::STRANGER)).unwrap();
    assert!(!is_peer(&policy, &target, (PATH, &forged), &at(0)));
    assert!(in_s(0) < in_s(1));
}

/// Anybody may have a server sign its state over any challenge, but for those that are questions.
#[test]
fn nobody_has_a_server_ask_for_them() {
    let (policy, from, target) = servers();
    let said = question(&policy, &from, (&target.server, PATH), &at(0));
    let stolen = said.challenge.unwrap();
    let got = state_receipt(&policy, &from, Some(&stolen), &at(0)).unwrap_err();
    assert!(got.refusals[0].what.contains("a question of one server to another"), "{got}");
    state_receipt(&policy, &from, Some("fresh"), &at(0)).unwrap();
}
