//! Two servers of one group: everywhere or nowhere, and whoever stopped in between is mended by the anchor's word.

use std::path::Path;

use serde_json::{Value, json};
use taiwa_plan::{Bundle, Envelope, Plan, PublicKey, SecretKey, Server as Member, own_policy};

use super::{
    deployment::plan,
    support::{Running, now, release},
};

/// A policy for two servers, unprotected; the first is the anchor.
fn policy(dirs: [&Path; 2]) -> Envelope {
    let key = |dir| PublicKey::parse(&taiwa_runtime::print_key(dir).unwrap()).unwrap();
    let (a, b) = (key(dirs[0]), key(dirs[1]));
    let url = |port| format!("http://127.0.0.1:{port}");
    let own = own_policy("staging".into(), "a".into(), url(1), a).unwrap();
    let mut document = own.document().clone();
    (document.version, document.issued) = (1, now());
    document.servers.push(Member { id: "b".into(), url: url(2), key: b });
    Envelope::signed(&document, &SecretKey::from_seed(&[9; 32]).unwrap()).unwrap()
}

fn prepare(server: &Running, bundle: &Bundle, receipts: &[&Value]) -> super::support::Answer {
    let body = json!({ "bundle": bundle, "move": "step-1", "receipts": receipts });
    server.post("/admin/v1/preparation", &body)
}

/// The anchor runs nothing yet, and asks its peers first, in vain here: none of them is at the address of the policy.
fn begins(anchor: &Running, bundle: &Bundle) -> Value {
    anchor.clock.advance_ms(3_000);
    for _ in 0..100 {
        let answer = prepare(anchor, bundle, &[]);
        if answer.status != 503 {
            return answer.ok()["receipt"].clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it asks for ever")
}

fn activate(server: &Running, bundle: &Bundle, receipts: &[&Value]) -> super::support::Answer {
    server.post("/admin/v1/activation", &json!({ "bundle": bundle, "receipts": receipts }))
}

fn live(server: &Running) -> Value {
    server.get("/admin/v1/status").ok()["generation"].clone()
}

fn both(anchor: &Running, other: &Running) -> Bundle {
    let release = release();
    anchor.put_release(&release).ok();
    other.put_release(&release).ok();
    let plan =
        Plan { servers: vec!["a".into(), "b".into()], ..plan(anchor, release.digest(), now()) };
    Bundle::new(&plan, Vec::new()).unwrap()
}

#[test]
fn everywhere_by_the_anchors_word_also_after_a_restart_in_between() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let policy = policy([one.path(), two.path()]);
    let anchor = Running::with(one.path(), Some(policy.clone())).unwrap();
    let other = Running::with(two.path(), Some(policy)).unwrap();
    let bundle = both(&anchor, &other);
    prepare(&other, &bundle, &[]).problem(403, "refused");
    let word = begins(&anchor, &bundle);
    activate(&anchor, &bundle, &[]).problem(403, "refused");
    let promise = prepare(&other, &bundle, &[&word]).ok()["receipt"].clone();
    activate(&other, &bundle, &[&word]).problem(403, "refused");
    assert_eq!((live(&anchor), live(&other)), (json!(0), json!(0)));
    let committed = activate(&anchor, &bundle, &[&promise]).ok()["receipt"].clone();
    assert_eq!((live(&anchor), live(&other)), (json!(1), json!(0)));
    // The other ends before it hears of it, and comes up in doubt; anyone can bring it the anchor's word.
    let other = other.again();
    assert_eq!(other.get("/v1/group").ok()["slot"]["overdue"], true);
    let proof = anchor.get("/v1/group/bundle").ok();
    let bundle: Bundle = serde_json::from_value(proof["active"]["bundle"].clone()).unwrap();
    assert_eq!(proof["active"]["receipt"]["payload"], committed["payload"]);
    activate(&other, &bundle, &[&proof["active"]["receipt"]]).ok();
    assert_eq!((live(&anchor), live(&other)), (json!(1), json!(1)));
    // It may still be asking for its peers, whose addresses lead nowhere here.
    let reasons = other.get("/readyz").json()["reasons"].clone();
    assert!(reasons == json!([]) || reasons == json!(["asking"]), "{reasons}");
    assert_eq!(other.get("/v1/group").ok()["slot"], Value::Null);
}

#[test]
fn nowhere_when_the_anchor_ended_the_attempt() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let policy = policy([one.path(), two.path()]);
    let anchor = Running::with(one.path(), Some(policy.clone())).unwrap();
    let other = Running::with(two.path(), Some(policy)).unwrap();
    let bundle = both(&anchor, &other);
    let word = begins(&anchor, &bundle);
    let promise = prepare(&other, &bundle, &[&word]).ok()["receipt"].clone();
    // A lease does not survive a restart of the anchor.
    let anchor = anchor.again();
    assert!((400..500).contains(&activate(&anchor, &bundle, &[&promise]).status));
    assert_eq!((live(&anchor), live(&other)), (json!(0), json!(0)));
    // The next attempt replaces what is left at the other.
    let word = begins(&anchor, &bundle);
    let promise = prepare(&other, &bundle, &[&word]).ok()["receipt"].clone();
    let committed = activate(&anchor, &bundle, &[&promise]).ok()["receipt"].clone();
    activate(&other, &bundle, &[&committed]).ok();
    assert_eq!((live(&anchor), live(&other)), (json!(1), json!(1)));
}
