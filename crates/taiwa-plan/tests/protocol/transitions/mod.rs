//! Each precondition of each transition: a good request, one thing changed, the refusal; and repeats.

mod activate;
mod authorship;
mod back;
mod emergency;
mod goes_on;
mod group;
mod holds;
mod leading;
mod old_words;
mod others;
mod prepare;
mod rotation;
mod rows;
mod stay;
mod steps;

use crate::world::{Case, at, prepared, release, secret, sign};
use taiwa_model::Digest;
use taiwa_plan::server::{
    Activation, Class, Preparation, Refused, ServerState, Transition, activate, prepare, store,
};
use taiwa_plan::{Bundle, Envelope, Epoch, Move, Policy, Reading, Reason, Receipt};

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
        let request = Preparation { bundle: &self.bundle, step: Move::FIRST, word };
        prepare(&self.policy, &self.state, &request, &self.at)
    }

    fn activate(&self) -> Result<Transition, Refused> {
        let receipts = &self.receipts;
        let request = Activation { bundle: &self.bundle, step: Move::FIRST, receipts };
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
        receipts: receipts[1..].to_vec(),
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
