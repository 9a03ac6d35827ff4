//! Abort, timers, restart, rejections, and what a server says of itself.

use super::{CONFLICT, Request, refused, to_activate, to_prepare};
use crate::world::{ITO, SATO, STRANGER, TANAKA, at, in_s, release, secret};
use taiwa_model::Digest;
use taiwa_plan::server::{
    Class, Effect, ServerState, abort, restart, state_receipt, statement, timer,
};
use taiwa_plan::{Envelope, Epoch, Reason};

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
    let send = |envelope: &Envelope| statement(&request.policy, &request.state, envelope, &at(2));
    let rejection = crate::admission::rejection;
    for signer in [TANAKA, SATO] {
        let done = send(&rejection(plan, signer)).unwrap();
        let late = Request { state: done.state.clone(), ..to_activate(0) };
        refused(late.activate(), Class::Forbidden, Reason::Rejected, "rejected");
        let again =
            statement(&request.policy, &done.state, &rejection(plan, signer), &at(3)).unwrap();
        assert_eq!(again.state, done.state);
    }
    for signer in [ITO, STRANGER] {
        let got = send(&rejection(plan, signer));
        refused(got, Class::Forbidden, Reason::BadSignature, "approving role");
    }
    let approval = Envelope::signed(&crate::world::approve("manager"), &secret(TANAKA)).unwrap();
    refused(send(&approval), Class::Unsupported, Reason::Unsupported, "approve@taiwa");
    let mut odd = approval;
    odd.kind = taiwa_plan::Namespace::Hold;
    refused(send(&odd), Class::Malformed, Reason::Malformed, "hold@taiwa");
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
    let got = statement(&request.policy, &request.state, &one, &at(2));
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
