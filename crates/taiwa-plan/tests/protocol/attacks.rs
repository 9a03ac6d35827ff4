//! The attacks that touch the protocol, by their numbers.

use taiwa_model::{Digest, EnvironmentName};
use taiwa_plan::{
    Envelope, EvidenceResult, GroupState, Move, Policy, PolicyError, Reason, Recovery, Refusals,
    Seen, admit, count, read_state, recover,
    server::{Activation, Class, Preparation, activate, prepare, state_receipt},
    validate,
};

use crate::world::{
    Case, RUNNER, SATO, STRANGER, SUZUKI, TANAKA, TANAKA_TOO, accept, approve, at, in_s, key, now,
    passed, prepared, production, release, secret, sign,
};

fn refusals(mut case: Case) -> Refusals {
    let (policy, state, bundle) = (case.policy(), case.server_state(), case.bundle().2);
    admit(&policy, &state, &bundle, case.step, &case.at).err().unwrap_or_default()
}

#[track_caller]
fn refused(case: Case, reason: Reason) {
    let got = refusals(case);
    assert!(got.iter().any(|it| it.reason == reason), "no {reason} in {got:#?}");
}

/// The state of the anchor after a deployment of `Case::new()`.
fn deployed() -> (Case, taiwa_plan::server::ServerState) {
    let case = Case::new();
    let (states, receipts) = prepared(&case);
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    let state = activate(&policy, &states[0], &request, &at(1)).unwrap().state;
    (case, state)
}

#[test]
fn attack_01_a_stale_plan_is_refused_on_every_server() {
    let (_, state) = deployed();
    let mut other = Case::new();
    other.plan.ledger = Some(Digest::of(b"made before the first was done"));
    let (policy, bundle) = (other.policy(), other.bundle().2);
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let refused = prepare(&policy, &state, &request, &at(2)).unwrap_err();
    assert_eq!(refused.class, Class::Conflict);
    assert_eq!(refused.refusals[0].reason, Reason::StalePlan);
}

#[test]
fn attack_02_an_approval_is_for_exactly_one_plan() {
    let mut case = Case::new();
    let approved = case.bundle().1;
    for (_, approval) in &mut case.approvals {
        approval.plan = approved;
    }
    assert_eq!(refusals(Case { plan: case.plan.clone(), ..Case::new() }), vec![]);
    case.plan.to = release("another");
    case.evidence = vec![(RUNNER, passed(release("another")))];
    refused(case, Reason::ApprovalMissing);
}

#[test]
fn attack_03_an_approval_is_for_one_environment_and_one_time() {
    let mut elsewhere = Case::new();
    for (_, approval) in &mut elsewhere.approvals {
        approval.environment = EnvironmentName::new("staging");
    }
    refused(elsewhere, Reason::ApprovalMissing);
    let mut late = Case::new();
    late.at = at(3600);
    refused(late, Reason::ApprovalMissing);
    let mut plan = Case::new();
    plan.plan.environment = EnvironmentName::new("staging");
    refused(plan, Reason::WrongEnvironment);
    let (case, state) = deployed();
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let again = prepare(&policy, &state, &request, &at(2)).unwrap_err();
    assert_eq!(again.refusals[0].reason, Reason::StalePlan, "once is once");
}

#[test]
fn attack_05_people_are_counted_not_signatures() {
    let mut case = Case::new();
    case.document.approvals[0].count = 2;
    case.approvals = vec![
        (TANAKA, approve("manager")),
        (TANAKA, approve("manager")),
        (TANAKA_TOO, approve("manager")),
        (SATO, approve("touchpoint-manager")),
    ];
    let (policy, (plan, _, bundle)) = (case.policy(), case.bundle());
    let counted = count(&plan, &policy, &bundle.open().unwrap().statements, now());
    assert_eq!((counted.roles[0].have, counted.ignored.len()), (1, 2), "ignored, and said");
    refused(case, Reason::ApprovalMissing);
    let mut one = Envelope::signed(&approve("manager"), &secret(TANAKA)).unwrap();
    let twin = one.signatures[0].clone();
    one.signatures = vec![twin; 64];
    let statement = one.open().unwrap();
    assert!(statement.signed_by(&key(TANAKA)) && !statement.signed_by(&key(SATO)));
}

#[test]
fn attack_05_two_signatures_in_one_envelope_are_two_people() {
    let mut case = Case::new();
    case.document.approvals = vec![crate::world::threshold("manager", 2)];
    case.approvals.clear();
    let mut both = approve("manager");
    both.plan = case.bundle().1;
    let mut envelope = Envelope::signed(&both, &secret(TANAKA)).unwrap();
    envelope.add_signature(&secret(SUZUKI)).unwrap();
    case.extra.push(envelope);
    assert_eq!(refusals(case), vec![]);
}

#[test]
fn attack_06_an_empty_policy_is_closed() {
    let empty: [fn(&mut taiwa_plan::PolicyDocument); 5] = [
        |it| it.approvals.clear(),
        |it| it.gates.clear(),
        |it| it.people.clear(),
        |it| it.servers.clear(),
        |it| it.rollback.clear(),
    ];
    for clear in empty {
        let mut document = production();
        clear(&mut document);
        assert_ne!(validate(&document), vec![]);
        // Nobody obeys it, whoever signed; nor does it take the place of one that is obeyed.
        let mut envelope = Envelope::unsigned(&document).unwrap();
        for key in [TANAKA, SATO, SUZUKI] {
            envelope.add_signature(&secret(key)).unwrap();
        }
        assert!(matches!(Policy::accept(&envelope), Err(PolicyError::Refused(_))));
        let stored = accept(&production());
        taiwa_plan::adopt(Some(stored.envelope()), Some(&envelope)).unwrap_err();
    }
}

#[test]
fn attack_07_a_change_cannot_bring_its_own_policy() {
    let mut mine = production();
    mine.people[0].keys = vec![key(STRANGER)];
    let signed = Envelope::signed(&mine, &secret(STRANGER)).unwrap();
    Policy::accept(&signed).expect("by itself it is a policy");
    let stored = accept(&production()).envelope().clone();
    let another = taiwa_plan::adopt(Some(&stored), Some(&signed));
    assert!(matches!(another, Err(PolicyError::Another { .. })));
    let mut case = Case::new();
    case.plan.policy = Policy::digest_of(&signed.payload);
    case.approvals[0].0 = STRANGER;
    case.extra.push(signed.clone());
    refused(case, Reason::WrongPolicy);
    let mut bundle = Case::new().bundle().2;
    bundle.policies.push(signed);
    assert!(bundle.open().unwrap_err().to_string().contains("not supported"));
}

#[test]
fn attack_08_nothing_is_never_a_success() {
    let mut nothing_ran = Case::new();
    for number in nothing_ran.evidence[0].1.numbers.values_mut() {
        *number = 0;
    }
    refused(nothing_ran, Reason::GateFailed);
    let mut no_evidence = Case::new();
    no_evidence.evidence.clear();
    refused(no_evidence, Reason::GateFailed);
    let mut no_change = Case::of(&release("espresso"), Some(release("espresso")), 4);
    no_change.state = Box::new(|_, _| ());
    refused(no_change, Reason::NothingToDo);
    let mut other_digest = Case::new();
    other_digest.evidence = vec![(RUNNER, passed(release("another")))];
    refused(other_digest, Reason::GateFailed);
}

#[test]
fn attack_09_an_old_release_needs_new_signatures() {
    let (case, state) = deployed();
    let policy = case.policy();
    let mut back = Case::rollback(&release("old"), release("espresso"), 1);
    back.approvals = case.approvals.clone();
    back.approvals[0].1.plan = case.bundle().1;
    let mut known = state;
    known = taiwa_plan::server::store(&known, release("old")).state;
    let ran = taiwa_plan::server::Ran { generation: 1, policy: *policy.digest(), since: now() };
    known.ran.insert(release("old"), ran);
    let got = admit(&policy, &known, &back.bundle().2, Move::FIRST, &at(2)).unwrap_err();
    assert_eq!(got.len(), 1, "{got:#?}");
    assert_eq!(got[0].reason, Reason::ApprovalMissing);
}

#[test]
fn attack_13_a_paused_deployer_wakes_in_vain() {
    let case = Case::new();
    let (states, receipts) = prepared(&case);
    let (policy, bundle) = (case.policy(), case.bundle().2);
    // The lease runs out; another deployer takes the slot for its own plan.
    let mut other = Case::new();
    other.plan.ledger = Some(Digest::of(b"another"));
    other.at = at(20);
    let theirs = other.bundle().2;
    let request = Preparation { bundle: &theirs, step: Move::FIRST, word: None };
    let taken = prepare(&policy, &states[0], &request, &at(20)).unwrap();
    let late = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    let refused = activate(&policy, &taken.state, &late, &at(21)).unwrap_err();
    assert_eq!((refused.class, refused.refusals[0].reason), (Class::Conflict, Reason::Conflict));
    // The others follow the newer epoch, and the old word has no effect on them any more.
    let word = sign(&taken.receipt.unwrap());
    let request = Preparation { bundle: &theirs, step: Move::FIRST, word: Some(&word) };
    let followed = prepare(&policy, &states[1], &request, &at(21)).unwrap();
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: Some(&receipts[0]) };
    let refused = prepare(&policy, &followed.state, &request, &at(22)).unwrap_err();
    assert_eq!(refused.refusals[0].reason, Reason::Conflict);
}

#[test]
fn attack_13_the_loser_hears_of_it_before_any_side_effect() {
    let case = Case::new();
    let (states, _) = prepared(&case);
    let mut other = Case::new();
    other.plan.ledger = Some(Digest::of(b"another"));
    let (policy, bundle) = (case.policy(), other.bundle().2);
    let request = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let refused = prepare(&policy, &states[0], &request, &at(1)).unwrap_err();
    assert_eq!(refused.class, Class::Conflict);
    assert!(refused.refusals[0].what.contains("holds the slot since 1 s"));
}

#[test]
fn attack_14_a_wrong_unlock_is_harmless() {
    let case = Case::new();
    let (states, receipts) = prepared(&case);
    let (policy, bundle) = (case.policy(), case.bundle().2);
    let epoch = states[0].epoch;
    let aborted = taiwa_plan::server::abort(&policy, &states[0], epoch, &at(1)).unwrap().state;
    let request = Activation { bundle: &bundle, step: Move::FIRST, receipts: &receipts };
    let refused = activate(&policy, &aborted, &request, &at(2)).unwrap_err();
    assert_eq!(refused.class, Class::Conflict);
    let again = Preparation { bundle: &bundle, step: Move::FIRST, word: None };
    let next = prepare(&policy, &aborted, &again, &at(2)).unwrap();
    assert_eq!(next.state.epoch.to_string(), "1.2");
    let old = activate(&policy, &next.state, &request, &at(3)).unwrap_err();
    assert!(old.refusals.iter().all(|it| it.reason == Reason::ReceiptMissing), "{old}");
}

#[test]
fn attack_16_a_soak_is_by_one_clock() {
    // Our own clock is hours ahead of nothing: only the two instants of the origin's clock are compared.
    let mut case = Case::new();
    case.origin[0].1.issued = in_s(-12);
    refused(case, Reason::SoakMissing);
    let mut future = Case::new();
    future.origin[1].1.issued = in_s(3_600);
    future.origin.remove(0);
    refused(future, Reason::OriginMissing);
    let mut untrusted = Case::new();
    untrusted.at.trusted = false;
    refused(untrusted, Reason::Clock);
}

#[test]
fn attack_18_a_gate_is_not_talked_open() {
    let with = |change: fn(&mut taiwa_plan::Evidence)| {
        let mut case = Case::new();
        change(&mut case.evidence[0].1);
        case
    };
    refused(with(|it| it.result = EvidenceResult::NoData), Reason::GateFailed);
    refused(with(|it| it.result = EvidenceResult::Failed), Reason::GateFailed);
    refused(with(|it| it.numbers.clear()), Reason::GateFailed);
    refused(with(|it| it.ended = in_s(-90_000)), Reason::GateFailed);
    refused(with(|it| it.ran_on.environment = "laptop".into()), Reason::GateFailed);
    refused(with(|it| it.release = release("another")), Reason::GateFailed);
    refused(with(|it| it.environment = "staging".into()), Reason::GateFailed);
    for signer in [STRANGER, TANAKA, 11] {
        let mut spoofed = Case::new();
        spoofed.evidence[0].0 = signer;
        refused(spoofed, Reason::GateFailed);
    }
    let mut later_failed = Case::new();
    let mut failed = passed(release("espresso"));
    (failed.result, failed.ended, failed.attempt) = (EvidenceResult::Failed, in_s(-5), 2);
    later_failed.more_evidence.push((RUNNER, failed));
    refused(later_failed, Reason::GateFailed);
    let mut not_approved = Case::new();
    not_approved.plan.evidence.insert("scenarios".to_owned(), vec![Digest::of(b"another run")]);
    refused(not_approved, Reason::GateFailed);
    let mut later_passed = Case::new();
    let mut again = passed(release("espresso"));
    (again.ended, again.attempt) = (in_s(-5), 2);
    later_passed.more_evidence.push((RUNNER, again));
    assert_eq!(refusals(later_passed), vec![]);
}

#[test]
fn attack_32_names_are_exact() {
    for pattern in ["*", "manager*", "Manager", "manager "] {
        let mut case = Case::new();
        case.approvals[0].1.role = pattern.into();
        refused(case, Reason::ApprovalMissing);
        let mut document = production();
        document.people[0].roles = vec![pattern.into()];
        assert_ne!(validate(&document), vec![], "`{pattern}`");
    }
    let mut environment = Case::new();
    environment.plan.environment = "production*".into();
    refused(environment, Reason::WrongEnvironment);
}

/// What a server says of itself counts only with its own key, over this very challenge; and a false word shows, because
/// the others do not say the same.
#[test]
fn attack_26_a_false_status_is_not_believed() {
    let (case, state) = deployed();
    let policy = case.policy();
    let (id, challenge) = (state.server.clone(), "fresh");
    let said = state_receipt(&policy, &state, Some(challenge), &at(2)).unwrap();
    let read = |envelope: &Envelope| read_state(&policy, &id, envelope, challenge);
    let believed = |envelope: &Envelope| matches!(read(envelope), Seen::State(_));
    let signed = sign(&said);
    assert!(believed(&signed));
    // An admin edits what is said, and has every key but the server's.
    let edited = taiwa_plan::Receipt { release: Some(release("another")), ..said.clone() };
    let mut kept = Envelope::unsigned(&edited).unwrap();
    kept.signatures.clone_from(&signed.signatures);
    assert!(!believed(&kept), "the old signature under other words");
    for key in [STRANGER, TANAKA, RUNNER, crate::world::STAGING_ANCHOR] {
        assert!(!believed(&Envelope::signed(&edited, &secret(key)).unwrap()), "another key");
    }
    let others = [
        taiwa_plan::Receipt { server: "tokyo-2".into(), ..said.clone() },
        taiwa_plan::Receipt { challenge: Some("yesterday".to_owned()), ..said.clone() },
        taiwa_plan::Receipt { environment: "staging".into(), ..said.clone() },
        taiwa_plan::Receipt { phase: taiwa_plan::Phase::Committed, ..said.clone() },
    ];
    for other in others {
        let key = secret(crate::world::SERVERS[0].1);
        assert!(!believed(&Envelope::signed(&other, &key).unwrap()), "{other:?}");
    }
    // The server itself lies: its key is good, and what it says is not what the group is at.
    let mut group = GroupState::default();
    for (place, server) in policy.document().members().into_iter().enumerate() {
        let truth = if place == 1 { &edited } else { &said };
        let word = sign(&taiwa_plan::Receipt { server: server.clone(), ..truth.clone() });
        let seen = read_state(&policy, &server, &word, challenge);
        group.servers.insert(server, seen);
    }
    assert!(group.settled(&policy).is_err(), "never done");
    assert!(matches!(recover(&policy, &group), Recovery::Stuck(_)));
    assert!(matches!(taiwa_plan::drift(&policy, &group), taiwa_plan::Drift::Drifted(_)));
}
