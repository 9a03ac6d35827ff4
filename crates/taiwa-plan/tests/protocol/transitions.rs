//! Each precondition of each transition: a good request, one thing changed, the refusal; and repeats.

use taiwa_model::{Digest, ServerId};
use taiwa_plan::{
    Bundle, Envelope, Epoch, Move, Phase, PlanKind, Policy, Reading, Reason, Receipt,
    server::{
        Activation, Class, Effect, Preparation, Refused, ServerState, Transition, abort, activate,
        prepare, reject, restart, state_receipt, store, timer,
    },
};

use crate::world::{Case, ITO, SATO, STRANGER, TANAKA, at, in_s, prepared, release, secret, sign};

/// A request to one server, which a test changes.
struct Request {
    policy: Policy,
    state: ServerState,
    bundle: Bundle,
    receipts: Vec<Envelope>,
    at: Reading,
}

impl Request {
    fn prepare(&self) -> Result<Transition, Refused> {
        let word = self.receipts.first();
        let request = Preparation { bundle: &self.bundle, step: Move::Step1, word };
        prepare(&self.policy, &self.state, &request, &self.at)
    }

    fn activate(&self) -> Result<Transition, Refused> {
        let receipts = &self.receipts;
        let request = Activation { bundle: &self.bundle, step: Move::Step1, receipts };
        activate(&self.policy, &self.state, &request, &self.at)
    }
}

/// A preparation for server `index` of the group, before anyone is prepared (but the anchor, for others).
fn to_prepare(index: usize) -> Request {
    let case = Case::new();
    let (states, receipts) = prepared(&case);
    let policy = case.policy();
    let fresh = ServerState::fresh(&policy, states[index].server.clone());
    let state = store(&fresh, case.plan.to).state;
    let receipts = if index == 0 { vec![] } else { vec![receipts[0].clone()] };
    Request { policy, state, bundle: case.bundle().2, receipts, at: at(1) }
}

/// An activation of server `index`, with everyone prepared.
fn to_activate(index: usize) -> Request {
    let case = Case::new();
    let (states, receipts) = prepared(&case);
    let state = states[index].clone();
    let mut request = Request {
        policy: case.policy(),
        state,
        bundle: case.bundle().2,
        receipts: receipts.get(1..).unwrap().to_vec(),
        at: at(1),
    };
    if index > 0 {
        let anchor = Request { state: states[0].clone(), ..to_activate(0) };
        request.receipts = vec![sign(&anchor.activate().unwrap().receipt.unwrap())];
    }
    request
}

#[track_caller]
fn refused(got: Result<Transition, Refused>, class: Class, reason: Reason, what: &str) {
    let refused = got.expect_err("it was granted");
    assert_eq!(refused.class, class, "{refused}");
    assert_eq!(refused.refusals.len(), 1, "{refused}");
    assert_eq!(refused.refusals[0].reason, reason, "{refused}");
    assert!(refused.refusals[0].what.contains(what), "{refused}");
}

#[track_caller]
fn check_prepare(
    index: usize,
    change: impl FnOnce(&mut Request),
    (class, reason): (Class, Reason),
    what: &str,
) {
    let mut request = to_prepare(index);
    request.prepare().expect("the good request is granted");
    change(&mut request);
    refused(request.prepare(), class, reason, what);
}

#[track_caller]
fn check_activate(
    index: usize,
    change: impl FnOnce(&mut Request),
    (class, reason): (Class, Reason),
    what: &str,
) {
    let mut request = to_activate(index);
    request.activate().expect("the good request is granted");
    change(&mut request);
    refused(request.activate(), class, reason, what);
}

/// Signs the first receipt again, changed.
fn resign(request: &mut Request, change: impl FnOnce(&mut Receipt)) {
    let taiwa_plan::Payload::Receipt(mut receipt) = request.receipts[0].open().unwrap().payload
    else {
        panic!("a receipt");
    };
    let signer = receipt.server.clone();
    change(&mut receipt);
    let seed = crate::world::SERVERS.iter().find(|it| it.0 == signer.as_str()).unwrap().1;
    request.receipts[0] = Envelope::signed(&receipt, &secret(seed)).unwrap();
}

const STALE: (Class, Reason) = (Class::Conflict, Reason::StalePlan);
const CONFLICT: (Class, Reason) = (Class::Conflict, Reason::Conflict);
const NO_RECEIPT: (Class, Reason) = (Class::Forbidden, Reason::ReceiptMissing);

/// Makes a release live in a state, as an earlier deployment would have.
fn live(request: &mut Request, generation: u64, name: &str) {
    let done = to_activate(0).activate().unwrap().state.active.unwrap();
    let (plan, release) = (Digest::of(b"earlier"), release(name));
    let epoch = Epoch { version: 1, counter: 0 };
    let active = taiwa_plan::server::Active { generation, release, plan, epoch, ..done };
    request.state.active = Some(active);
}

#[test]
fn prepare_gives_a_slot_and_an_epoch_and_moves_nothing() {
    for index in 0..3 {
        let done = to_prepare(index).prepare().unwrap();
        let slot = done.state.slot.clone().unwrap();
        assert_eq!(slot.epoch.to_string(), "1.1");
        assert_eq!(done.state.epoch, slot.epoch);
        assert_eq!(slot.until, in_s(if index == 0 { 11 } else { 16 }));
        assert_eq!(done.effect, Effect::Slot { until: slot.until });
        assert_eq!(done.state.active, None);
        assert_eq!(done.state.floor, in_s(1));
        assert_eq!(slot.word.is_some(), index > 0);
        let receipt = done.receipt.unwrap();
        assert_eq!(receipt.phase, Phase::Prepared);
        assert_eq!((receipt.generation, receipt.release), (1, Some(release("espresso"))));
    }
}

#[test]
fn prepare_compares_generation_and_digest() {
    for index in 0..3 {
        check_prepare(index, |it| live(it, 1, "espresso-0"), STALE, "live is 1");
        let behind = |it: &mut Request| {
            let mut case = Case::of(&release("espresso"), Some(release("x")), 4);
            case.at = at(1);
            let (plan, digest, bundle) = case.bundle();
            it.bundle = bundle;
            if index > 0 {
                resign(it, |receipt| {
                    (receipt.plan, receipt.generation) = (Some(digest), plan.target);
                });
            }
        };
        check_prepare(index, behind, (Class::Conflict, Reason::Behind), "at generation 0");
    }
    let mut digest_only = to_prepare(0);
    live(&mut digest_only, 1, "a");
    let case = Case::of(&release("espresso"), Some(release("b")), 1);
    digest_only.bundle = case.bundle().2;
    refused(digest_only.prepare(), STALE.0, STALE.1, "generation 1, live is 1");
}

#[test]
fn prepare_is_admitted() {
    for index in 0..3 {
        check_prepare(
            index,
            |it| it.state.stored.clear(),
            (Class::Forbidden, Reason::NotStored),
            "is not stored",
        );
        let unsupported = |it: &mut Request| {
            let mut case = Case::new();
            case.plan.parachute_until = Some(in_s(5));
            let (_, digest, bundle) = case.bundle();
            it.bundle = bundle;
            if index > 0 {
                resign(it, |receipt| receipt.plan = Some(digest));
            }
        };
        check_prepare(
            index,
            unsupported,
            (Class::Unsupported, Reason::Unsupported),
            "parachute_until",
        );
    }
}

#[test]
fn one_slot_at_a_time_at_the_anchor() {
    let mut request = to_prepare(0);
    let first = request.prepare().unwrap();
    request.state = first.state.clone();
    request.at = at(9);
    let again = request.prepare().unwrap();
    assert_eq!((again.receipt.as_ref(), again.effect), (first.receipt.as_ref(), Effect::Nothing));
    assert_eq!(again.state, first.state, "the lease is not extended");
    let mut other = Case::new();
    other.plan.ledger = Some(Digest::of(b"another plan"));
    let theirs = request.bundle.clone();
    request.bundle = other.bundle().2;
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "holds the slot since 8 s, epoch 1.1");
    request.at = at(12);
    let after = request.prepare().unwrap();
    assert_eq!(after.state.epoch.to_string(), "1.2", "the lease was over");
    request.state = after.state;
    request.bundle = theirs;
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "epoch 1.2");
}

#[test]
fn others_prepare_by_the_anchors_word_only() {
    check_prepare(1, |it| it.receipts.clear(), NO_RECEIPT, "`prepared` receipt of the anchor");
    let by_another = |it: &mut Request| it.receipts = vec![prepared(&Case::new()).1[2].clone()];
    check_prepare(1, by_another, NO_RECEIPT, "tokyo-1");
    let forged = |it: &mut Request| {
        let payload = it.receipts[0].payload.clone();
        it.receipts[0] = Envelope::signed(&crate::world::approve("x"), &secret(STRANGER)).unwrap();
        it.receipts[0].kind = taiwa_plan::Namespace::Receipt;
        it.receipts[0].payload = payload;
    };
    check_prepare(1, forged, NO_RECEIPT, "tokyo-1");
    let changes: [fn(&mut Receipt); 8] = [
        |it| it.phase = Phase::Committed,
        |it| it.plan = Some(Digest::of(b"another plan")),
        |it| it.step = None,
        |it| it.generation += 1,
        |it| it.release = Some(release("other")),
        |it| it.policy = Digest::of(b"another policy"),
        |it| it.environment = "staging".into(),
        |it| it.server = ServerId::new("tokyo-2"),
    ];
    for change in changes {
        check_prepare(1, |it| resign(it, change), NO_RECEIPT, "tokyo-1");
    }
}

#[test]
fn others_follow_growing_epochs_only() {
    let seen = |counter| move |it: &mut Request| it.state.epoch = Epoch { version: 1, counter };
    check_prepare(1, seen(1), CONFLICT, "the epoch 1.1 is over: tokyo-2 has seen 1.1");
    check_prepare(1, seen(2), CONFLICT, "has seen 1.2");
    let version = |it: &mut Request| {
        resign(it, |receipt| receipt.epoch = Epoch { version: 2, counter: 1 });
    };
    check_prepare(1, version, CONFLICT, "the epoch 2.1 is over");
}

#[test]
fn others_repeat_and_replace() {
    let mut request = to_prepare(1);
    let first = request.prepare().unwrap();
    request.state = first.state.clone();
    request.at = at(12);
    let again = request.prepare().unwrap();
    assert_eq!((again.receipt, again.state), (first.receipt, first.state));
    resign(&mut request, |it| it.epoch.counter = 2);
    let newer = request.prepare().unwrap();
    assert_eq!(newer.state.slot.as_ref().unwrap().epoch.to_string(), "1.2");
    request.state = newer.state;
    resign(&mut request, |it| it.epoch.counter = 1);
    refused(request.prepare(), CONFLICT.0, CONFLICT.1, "the epoch 1.1 is over");
}

#[test]
fn activate_switches_once() {
    for index in 0..3 {
        let mut request = to_activate(index);
        let done = request.activate().unwrap();
        let active = done.state.active.clone().unwrap();
        assert_eq!((active.release, active.generation), (release("espresso"), 1));
        assert_eq!(done.effect, Effect::Swap { release: release("espresso"), generation: 1 });
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
fn the_anchor_admits_again_at_the_commit() {
    let approvals_expired = |it: &mut Request| {
        let mut case = Case::new();
        case.approvals[0].1.expires = in_s(1);
        case.at = at(0);
        it.state = prepared(&case).0[0].clone();
        it.receipts = prepared(&case).1.get(1..).unwrap().to_vec();
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

#[test]
fn abort_ends_an_epoch_for_good() {
    let request = to_activate(0);
    let epoch = Epoch { version: 1, counter: 1 };
    let end = |state: &ServerState, epoch| abort(&request.policy, state, epoch, &at(2));
    let done = end(&request.state, epoch).unwrap();
    assert_eq!((done.state.slot.clone(), done.effect), (None, Effect::Freed));
    assert_eq!(done.state.epoch, epoch, "the epoch is not used again");
    let again = end(&done.state, epoch).unwrap();
    assert_eq!((again.state, again.effect), (done.state.clone(), Effect::Nothing));
    let late = Request { state: done.state, ..to_activate(0) };
    refused(late.activate(), CONFLICT.0, CONFLICT.1, "no slot is open");
    let next = Epoch { version: 1, counter: 2 };
    refused(end(&request.state, next), CONFLICT.0, CONFLICT.1, "1.2 was never issued");
    let committed = request.activate().unwrap().state;
    refused(end(&committed, epoch), CONFLICT.0, CONFLICT.1, "1.1 is committed");
    let other = to_activate(1);
    let got = abort(&other.policy, &other.state, epoch, &at(2));
    refused(got, Class::Forbidden, Reason::NotTheAnchor, "tokyo-1");
}

#[test]
fn another_epoch_is_not_ended_by_mistake() {
    let mut request = to_activate(0);
    request.state.slot.as_mut().unwrap().epoch.counter = 2;
    request.state.epoch.counter = 2;
    let epoch = Epoch { version: 1, counter: 1 };
    let done = abort(&request.policy, &request.state, epoch, &at(2)).unwrap();
    assert!(done.state.slot.is_some());
}

#[test]
fn timers_end_the_lease_and_show_the_doubt() {
    let epoch = Epoch { version: 1, counter: 1 };
    let (anchor, other) = (to_activate(0), to_activate(1));
    let over = timer(&anchor.policy, &anchor.state, epoch, &at(11));
    assert_eq!((over.state.slot, over.effect), (None, Effect::Freed));
    let doubt = timer(&other.policy, &other.state, epoch, &at(16)).state;
    assert!(doubt.slot.as_ref().unwrap().doubt);
    let late = Request { state: doubt, ..to_activate(1) };
    late.activate().expect("the anchor's word completes it all the same");
    let older = Epoch { version: 1, counter: 0 };
    assert_eq!(timer(&anchor.policy, &anchor.state, older, &at(11)).state, anchor.state);
}

#[test]
fn a_restart_drops_the_lease_and_keeps_the_promise() {
    let (anchor, other) = (to_activate(0), to_activate(1));
    let present = anchor.state.stored.clone();
    let state = restart(&anchor.policy, &anchor.state, present.clone(), &at(2)).state;
    assert_eq!(state.slot, None);
    let late = Request { state, ..to_activate(0) };
    refused(late.activate(), CONFLICT.0, CONFLICT.1, "no slot is open");
    let state = restart(&other.policy, &other.state, present, &at(2)).state;
    assert!(state.slot.as_ref().unwrap().doubt);
    let late = Request { state, ..to_activate(1) };
    let state = late.activate().unwrap().state;
    let state = restart(&other.policy, &state, [].into(), &at(3)).state;
    assert_eq!(state.release(), Some(release("espresso")), "the last whole release");
    assert!(state.stored.is_empty(), "only what was found whole counts as stored");
}

#[test]
fn rejections() {
    let request = to_activate(0);
    let plan = request.bundle.plan_digest();
    let send = |envelope: &Envelope| reject(&request.policy, &request.state, envelope, &at(2));
    let rejection = crate::admission::rejection;
    for signer in [TANAKA, SATO] {
        let done = send(&rejection(plan, signer)).unwrap();
        let late = Request { state: done.state.clone(), ..to_activate(0) };
        refused(late.activate(), Class::Forbidden, Reason::Rejected, "rejected");
        let again = reject(&request.policy, &done.state, &rejection(plan, signer), &at(3)).unwrap();
        assert_eq!(again.state, done.state);
    }
    for signer in [ITO, STRANGER] {
        let got = send(&rejection(plan, signer));
        refused(got, Class::Forbidden, Reason::BadSignature, "approving role");
    }
    let approval = Envelope::signed(&crate::world::approve("manager"), &secret(TANAKA)).unwrap();
    refused(send(&approval), Class::Unsupported, Reason::Unsupported, "approve@taiwa");
    let mut hold = approval;
    hold.kind = taiwa_plan::Namespace::Hold;
    refused(send(&hold), Class::Unsupported, Reason::Unsupported, "hold@taiwa");
    let elsewhere = taiwa_plan::Reject {
        environment: "staging".into(),
        issued: in_s(0),
        plan,
        why: String::new(),
    };
    let got = send(&Envelope::signed(&elsewhere, &secret(TANAKA)).unwrap());
    refused(got, Class::Forbidden, Reason::WrongEnvironment, "staging");
}

#[test]
fn the_number_of_rejections_is_bounded() {
    let mut request = to_activate(0);
    for number in 0..taiwa_plan::server::MAX_REJECTIONS {
        let plan = Digest::of(number.to_string().as_bytes());
        request.state.rejections.insert(plan, plan);
    }
    let one = crate::admission::rejection(Digest::of(b"one more"), TANAKA);
    let got = reject(&request.policy, &request.state, &one, &at(2));
    refused(got, Class::Forbidden, Reason::Limit, "remembered already");
}

#[test]
fn the_state_says_what_is_live_and_what_is_open() {
    let request = to_activate(0);
    let say =
        |state: &ServerState, challenge| state_receipt(&request.policy, state, challenge, &at(2));
    let open = say(&request.state, Some("abc")).unwrap();
    assert_eq!((open.generation, open.release), (0, None));
    assert_eq!(open.plan, Some(request.bundle.plan_digest()));
    assert_eq!(open.challenge.as_deref(), Some("abc"));
    let done = say(&request.activate().unwrap().state, None).unwrap();
    assert_eq!((done.generation, done.release), (1, Some(release("espresso"))));
    assert_eq!((done.plan, done.step, done.epoch.to_string().as_str()), (None, None, "1.1"));
    let long = "x".repeat(129);
    for odd in [long.as_str(), "a b", "é", "\n"] {
        let got = say(&request.state, Some(odd)).unwrap_err();
        assert_eq!(got.class, Class::Malformed, "{odd:?}");
    }
}

#[test]
fn a_slot_that_is_over_is_shown_until_its_end_is_durable() {
    let request = to_activate(0);
    let late = state_receipt(&request.policy, &request.state, None, &at(60)).unwrap();
    assert!(late.plan.is_some(), "else a clock set back could contradict what was said");
}

#[test]
fn the_state_survives_the_disk() {
    for index in 0..2 {
        for state in [to_activate(index).state, to_activate(index).activate().unwrap().state] {
            let text = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<ServerState>(&text).unwrap(), state);
        }
    }
}

#[test]
fn requests_that_cannot_be_read_are_malformed() {
    let mut request = to_prepare(0);
    request.bundle.plan = b"{}".to_vec();
    refused(request.prepare(), Class::Malformed, Reason::Malformed, "the plan");
    refused(request.activate(), Class::Malformed, Reason::Malformed, "the plan");
    let mut request = to_activate(0);
    request.receipts = vec![request.receipts[0].clone(); 257];
    refused(request.activate(), Class::Malformed, Reason::Limit, "receipts");
}
