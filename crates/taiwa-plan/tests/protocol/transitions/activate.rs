//! Activate, at the anchor and at another.

use super::{
    CONFLICT, NO_RECEIPT, Request, STALE, check_activate, live, refused, resign, to_activate,
    to_prepare,
};
use crate::world::{Case, at, in_s, prepared, release, sign};
use taiwa_model::{Digest, ServerId};
use taiwa_plan::server::{Class, Effect, store};
use taiwa_plan::{Envelope, Epoch, Phase, PlanKind, Reading, Reason, Receipt};

#[test]
fn activate_switches_once() {
    for index in 0..3 {
        let mut request = to_activate(index);
        let done = request.activate().unwrap();
        let active = done.state.active.clone().unwrap();
        assert_eq!((active.release, active.generation), (release("espresso"), 1));
        assert_eq!(
            done.effect,
            Effect::Swap { release: release("espresso"), generation: 1, rest: None }
        );
        assert_eq!(done.state.slot, None);
        assert!(done.state.ran.contains_key(&release("espresso")));
        assert_eq!(done.receipt.as_ref().unwrap().phase, Phase::Committed);
        assert_eq!(active.word.is_some(), index > 0);
        assert!(done.entry.unwrap().bundle.is_some());
        request.state = done.state.clone();
        request.receipts.clear();
        request.at = at(1_000_000);
        let again = request.activate().unwrap();
        assert_eq!((again.receipt, again.state), (done.receipt, done.state), "server {index}");
        assert_eq!(again.effect, Effect::Nothing);
    }
}

#[test]
fn the_anchor_commits_within_its_lease() {
    check_activate(0, |it| it.at = at(11), CONFLICT, "the lease of epoch 1.1 is over");
    check_activate(0, |it| it.state.slot = None, CONFLICT, "no slot is open");
    let mut in_time = to_activate(0);
    in_time.at = at(10);
    in_time.activate().unwrap();
    let other = |it: &mut Request| {
        let mut case = Case::new();
        case.plan.ledger = Some(Digest::of(b"another plan"));
        it.bundle = case.bundle().2;
    };
    check_activate(0, other, CONFLICT, "the slot is held by the plan");
}

#[test]
fn the_anchor_commits_while_it_leads() {
    let waits = |it: &mut Request| it.state.handover = Some([].into());
    check_activate(0, waits, (Class::Conflict, Reason::NotLeading), "does not lead yet");
}

#[test]
fn a_commit_comes_with_so_many_receipts_and_no_more() {
    let bring = |number: usize| {
        move |it: &mut Request| {
            let first = it.receipts[0].clone();
            it.receipts.resize(number, first);
        }
    };
    check_activate(0, bring(257), (Class::Malformed, Reason::Limit), "more than 256");
    let mut most = to_activate(0);
    bring(256)(&mut most);
    most.activate().unwrap();
}

#[test]
fn the_anchor_admits_again_at_the_commit() {
    let approvals_expired = |it: &mut Request| {
        let mut case = Case::new();
        case.approvals[0].1.expires = in_s(1);
        case.at = at(0);
        it.state = prepared(&case).0[0].clone();
        it.receipts = prepared(&case).1[1..].to_vec();
        it.bundle = case.bundle().2;
    };
    let missing = (Class::Forbidden, Reason::ApprovalMissing);
    check_activate(0, approvals_expired, missing, "as manager");
    let rejected = |it: &mut Request| {
        it.state.rejections.insert(it.bundle.plan_digest(), Digest::of(b"a rejection"));
    };
    check_activate(0, rejected, (Class::Forbidden, Reason::Rejected), "rejected");
    let clock = |it: &mut Request| it.at.trusted = false;
    check_activate(0, clock, (Class::Forbidden, Reason::Clock), "the clock");
}

#[test]
fn the_anchor_waits_for_everyone_in_this_epoch() {
    check_activate(0, |it| drop(it.receipts.pop()), NO_RECEIPT, "tokyo-3 has not said");
    let twice = |it: &mut Request| it.receipts[1] = it.receipts[0].clone();
    check_activate(0, twice, NO_RECEIPT, "tokyo-3 has not said");
    let changes: [fn(&mut Receipt); 8] = [
        |it| it.epoch = Epoch { version: 1, counter: 0 },
        |it| it.phase = Phase::State,
        |it| it.plan = Some(Digest::of(b"another plan")),
        |it| it.step = None,
        |it| it.generation += 1,
        |it| it.release = Some(release("other")),
        |it| it.policy = Digest::of(b"another policy"),
        |it| it.server = ServerId::new("tokyo-3"),
    ];
    for change in changes {
        check_activate(0, |it| resign(it, change), NO_RECEIPT, "tokyo-2 has not said");
    }
}

#[test]
fn activate_compares_generation_and_digest() {
    for index in 0..3 {
        check_activate(index, |it| live(it, 1, "x"), STALE, "live is 1");
    }
    let mut behind = to_activate(1);
    let case = Case::of(&release("espresso"), Some(release("x")), 4);
    let (plan, digest, bundle) = case.bundle();
    behind.bundle = bundle;
    resign(&mut behind, |it| (it.plan, it.generation) = (Some(digest), plan.target));
    refused(behind.activate(), Class::Conflict, Reason::Behind, "at generation 0");
}

#[test]
fn others_activate_by_the_anchors_commit_only() {
    check_activate(1, |it| it.receipts.clear(), NO_RECEIPT, "`committed` receipt of the anchor");
    let only_prepared = |it: &mut Request| it.receipts = prepared(&Case::new()).1;
    check_activate(1, only_prepared, NO_RECEIPT, "`committed`");
    let by_another = |it: &mut Request| {
        let other = to_activate(2).activate().unwrap().receipt.unwrap();
        it.receipts = vec![sign(&other)];
    };
    check_activate(1, by_another, NO_RECEIPT, "tokyo-1");
    let changes: [fn(&mut Receipt); 6] = [
        |it| it.plan = Some(Digest::of(b"another plan")),
        |it| it.step = None,
        |it| it.generation += 1,
        |it| it.release = Some(release("other")),
        |it| it.policy = Digest::of(b"another policy"),
        |it| it.environment = "staging".into(),
    ];
    for change in changes {
        check_activate(1, |it| resign(it, change), NO_RECEIPT, "tokyo-1");
    }
    check_activate(1, |it| it.state.slot = None, CONFLICT, "no slot is open");
    let other_slot = |it: &mut Request| {
        let slot = it.state.slot.as_mut().unwrap();
        slot.plan = Digest::of(b"another plan");
    };
    check_activate(1, other_slot, CONFLICT, "the slot is held by the plan");
    let gone = (Class::Conflict, Reason::NotStored);
    check_activate(1, |it| it.state.stored.clear(), gone, "not stored");
    let policy = |it: &mut Request| {
        let mut case = Case::new();
        case.plan.policy = Digest::of(b"another policy");
        it.bundle = case.bundle().2;
    };
    check_activate(1, policy, (Class::Forbidden, Reason::WrongPolicy), "another policy");
}

#[test]
fn others_do_not_judge_time_again() {
    let mut late = to_activate(1);
    late.at = Reading { trusted: false, ..at(1_000_000) };
    late.activate().expect("the anchor judged it, once, by one clock");
}

#[test]
fn a_rollback_marks_what_it_left() {
    let mut case = Case::rollback(&release("old"), release("new"), 2);
    case.at = at(0);
    let policy = case.policy();
    let mut states = Vec::new();
    let mut receipts: Vec<Envelope> = Vec::new();
    let bundle = case.bundle().2;
    for (id, _) in crate::world::SERVERS {
        let mut request = to_prepare(0);
        live(&mut request, 2, "new");
        let ran =
            taiwa_plan::server::Ran { generation: 1, policy: *policy.digest(), since: in_s(-9) };
        request.state.ran.insert(release("old"), ran);
        request.state.server = ServerId::new(id);
        request.state = store(&request.state, release("old")).state;
        request.bundle = bundle.clone();
        request.receipts = receipts.first().cloned().into_iter().collect();
        let done = request.prepare().unwrap();
        receipts.push(sign(&done.receipt.unwrap()));
        states.push(done.state);
    }
    let request = Request { policy, state: states[0].clone(), bundle, receipts, at: at(1) };
    let state = request.activate().unwrap().state;
    assert_eq!(state.release(), Some(release("old")));
    assert_eq!(state.generation(), 3);
    assert!(state.rolled_back.contains(&release("new")));
    assert!(!state.rolled_back.contains(&release("old")));
    assert_eq!(case.plan.kind, PlanKind::Rollback);
}
