//! Who wrote it, at the doors of every server: prepare and activate ask for it, each time, on each server.

use super::{Request, refused, to_prepare};
use crate::world::{Case, prepared};
use taiwa_model::PersonId;
use taiwa_plan::Reason;
use taiwa_plan::server::{Class, ServerState, store};

const UNKNOWN: (Class, Reason) = (Class::Forbidden, Reason::AuthorshipUnknown);

/// A preparation at the anchor where whoever wrote the change cannot approve it.
fn request(case: &Case) -> Request {
    let policy = case.policy();
    let fresh = ServerState::fresh(&policy, "tokyo-1".into());
    let state = store(&fresh, case.plan.to).state;
    Request { policy, state, bundle: case.bundle().2, receipts: vec![], ..to_prepare(0) }
}

#[test]
fn prepare_asks_who_wrote_it() {
    request(&Case::separated(&["ito"], &[])).prepare().expect("the good request is granted");
    let mut without = Case::separated(&["ito"], &[]);
    without.evidence.pop();
    refused(request(&without).prepare(), UNKNOWN.0, UNKNOWN.1, "the gate authorship");
    let mut differs = Case::separated(&["ito"], &[]);
    differs.plan.contributors = vec![PersonId::new("suzuki")];
    refused(request(&differs).prepare(), UNKNOWN.0, UNKNOWN.1, "other people");
    let wrote = Case::separated(&["tanaka"], &[]);
    let missing = (Class::Forbidden, Reason::ApprovalMissing);
    refused(request(&wrote).prepare(), missing.0, missing.1, "as manager");
    let stranger = Case::separated(&["ito"], &["mori@example.com"]);
    refused(request(&stranger).prepare(), missing.0, missing.1, "mori@example.com");
}

#[test]
fn activate_asks_again_who_wrote_it() {
    let case = Case::separated(&["ito"], &[]);
    let (states, receipts) = prepared(&case);
    let mut request =
        Request { state: states[0].clone(), receipts: receipts[1..].to_vec(), ..request(&case) };
    request.activate().expect("the good request is granted");
    // The same plan, and the evidence is left out.
    let is_authorship = |it: &taiwa_plan::Envelope| match it.open().unwrap().payload {
        taiwa_plan::Payload::Evidence(it) => it.gate == "authorship",
        _ => false,
    };
    request.bundle.statements.retain(|it| !is_authorship(it));
    let got = request.activate().expect_err("it was granted");
    assert!(got.refusals.iter().any(|it| it.reason == UNKNOWN.1), "{got}");
}
