//! Releases and the protocol's doors, as a deployer uses them.

use serde_json::{Value, json};
use taiwa_model::{Digest, Timestamp};
use taiwa_plan::{Bundle, Envelope, Payload, Phase, Plan, Policy, Receipt};
use taiwa_release::Release;

use super::support::{Running, now, other_release, release, sha};

/// What the server signs about itself.
fn state(server: &Running) -> Receipt {
    let group = server.get("/v1/group?challenge=fresh").ok();
    let envelope: Envelope = serde_json::from_value(group["state"].clone()).unwrap();
    let Payload::Receipt(receipt) = envelope.open().unwrap().payload else { panic!("no receipt") };
    receipt
}

/// A plan for an unprotected group of one.
pub(crate) fn plan(server: &Running, to: Digest, at: Timestamp) -> Plan {
    let state = state(server);
    Plan {
        format: 1,
        environment: state.environment,
        policy: state.policy,
        anchor: state.server.clone(),
        servers: vec![state.server],
        kind: taiwa_plan::PlanKind::Change,
        from: state.release,
        base: state.generation,
        to,
        target: state.generation + 1,
        steps: vec![taiwa_plan::Step::ALL],
        contributors: vec![],
        unknown: vec![],
        evidence: std::collections::BTreeMap::default(),
        choices: taiwa_plan::Choices::default(),
        parachute_until: None,
        not_after: at.plus_millis(3_600_000),
        ledger: None,
    }
}

fn bundle(plan: &Plan) -> Value {
    serde_json::to_value(Bundle::new(plan, Vec::new()).unwrap()).unwrap()
}

/// Stores, prepares, activates.
#[track_caller]
pub(crate) fn deploy(server: &Running, release: &Release) -> Value {
    server.put_release(release).ok();
    let bundle = bundle(&plan(server, release.digest(), now()));
    server.post("/admin/v1/preparation", &json!({ "bundle": bundle, "move": "step-1" })).ok();
    server.post("/admin/v1/activation", &json!({ "bundle": bundle, "receipts": [] })).ok()
}

#[test]
fn a_release_comes_in_goes_live_and_goes_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let ready = server.get("/readyz");
    assert_eq!((ready.status, &ready.json()["reasons"]), (503, &json!(["no-release"])));
    server.post("/v1/sessions", &json!({ "channel": "web-store" })).problem(503, "no-release");
    let (first, second) = (release(), other_release());
    assert_eq!(server.put_release(&first).ok()["known"], false);
    assert_eq!(server.put_release(&first).ok()["known"], true);
    let receipt = deploy(&server, &first);
    assert_eq!(server.get("/readyz").status, 200);
    let got = server.get(&format!("/admin/v1/releases/{}", first.digest()));
    assert_eq!((got.status, got.bytes.as_slice()), (200, first.bytes()));
    assert_eq!(state(&server).generation, 1);
    // The same activation again: the same receipt, no second effect.
    let proof = server.get("/v1/group/bundle").ok();
    let again = json!({ "bundle": proof["active"]["bundle"], "receipts": [] });
    let again = server.post("/admin/v1/activation", &again).ok();
    assert_eq!(again["receipt"]["payload"], receipt["receipt"]["payload"]);
    let session = server.session("ann");
    assert_eq!(server.hero(&session), ["kit"]);
    deploy(&server, &second);
    let status = server.get("/admin/v1/status").ok();
    assert_eq!(status["active"]["release"], second.digest().to_string());
    assert_eq!(status["generation"], 2);
    let answer = server.get(&format!("/v1/sessions/{session}/offers?point=strip")).ok();
    assert_eq!(answer["release"], second.digest().to_string());
}

#[test]
fn attack_11_bytes_that_are_not_the_digest_are_refused_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let release = release();
    let put = |digest: Digest, bytes: &[u8]| {
        let bearer = format!("Bearer {}", super::support::ADMIN);
        server.send(
            "PUT",
            &format!("/admin/v1/releases/{digest}"),
            &[("authorization", &bearer)],
            bytes,
        )
    };
    put(sha("another"), release.bytes()).problem(422, "digest-mismatch");
    put(sha("no release"), b"no release").problem(422, "invalid-release");
    put(release.digest(), &release.bytes()[..100]).problem(422, "digest-mismatch");
    let path = format!("/admin/v1/releases/{}", release.digest());
    server.get(&path).problem(404, "unknown-release");
    server.get("/admin/v1/releases/sha256:zz").problem(400, "bad-request");
    assert_eq!(server.get("/admin/v1/status").ok()["stored"], json!([]));
}

#[test]
fn a_release_that_cannot_be_served_is_not_stored() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let mut all = super::support::components();
    all.offers.get_mut("kit").unwrap().content.eligible = Some("no_such_function()".into());
    let broken = Release::seal(all).unwrap();
    let problem = server.put_release(&broken).problem(422, "invalid-release");
    assert!(!problem["errors"].as_array().unwrap().is_empty(), "{problem:#}");
    assert_eq!(server.get("/admin/v1/status").ok()["stored"], json!([]));
}

#[test]
fn attack_1_and_13_one_of_two_deployments_wins_and_the_other_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let (first, second) = (release(), other_release());
    server.put_release(&first).ok();
    server.put_release(&second).ok();
    let (one, other) = (
        bundle(&plan(&server, first.digest(), now())),
        bundle(&plan(&server, second.digest(), now())),
    );
    let prepare = |bundle: &Value| {
        server.post("/admin/v1/preparation", &json!({ "bundle": bundle, "move": "step-1" }))
    };
    let receipt = prepare(&one).ok();
    assert_eq!(prepare(&one).ok()["receipt"]["payload"], receipt["receipt"]["payload"]);
    let problem = prepare(&other).problem(409, "conflict");
    assert_eq!(problem["refusals"][0]["reason"], "conflict");
    let activate = |bundle: &Value| {
        server.post("/admin/v1/activation", &json!({ "bundle": bundle, "receipts": [] }))
    };
    assert!(activate(&other).status >= 400);
    activate(&one).ok();
    // The loser's plan started from a world that is gone.
    prepare(&other).problem(409, "stale-plan");
    assert_eq!(state(&server).release, Some(first.digest()));
    assert_eq!(server.get("/admin/v1/status").ok()["journal"][0]["what"], "refused");
}

#[test]
fn no_number_of_refusals_hides_where_a_rollback_can_go() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let (first, second) = (release(), other_release());
    deploy(&server, &first);
    deploy(&server, &second);
    for counter in 100..160 {
        let refused =
            server.call("DELETE", &format!("/admin/v1/preparation/0.{counter}"), &Value::Null);
        assert!((400..500).contains(&refused.status), "{:?}", refused.json());
    }
    let status = server.get("/admin/v1/status").ok();
    let journal = status["journal"].as_array().unwrap();
    let of = |what: &str| -> Vec<_> { journal.iter().filter(|it| it["what"] == what).collect() };
    assert_eq!((of("refused").len(), journal[0]["what"].as_str()), (50, Some("refused")));
    let ran: Vec<_> = of("activated").iter().map(|it| it["release"].clone()).collect();
    assert_eq!(ran, [json!(second.digest()), json!(first.digest())]);
    let seqs: Vec<_> = journal.iter().map(|it| it["seq"].as_u64()).collect();
    assert!(seqs.windows(2).all(|it| it[0] > it[1]), "{seqs:?}");
}

#[test]
fn attack_14_a_lease_ends_by_itself_and_by_abort() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let release = release();
    server.put_release(&release).ok();
    let body = bundle(&plan(&server, release.digest(), now()));
    let prepared =
        server.post("/admin/v1/preparation", &json!({ "bundle": body, "move": "step-1" })).ok();
    let envelope: Envelope = serde_json::from_value(prepared["receipt"].clone()).unwrap();
    let Payload::Receipt(receipt) = envelope.open().unwrap().payload else { panic!("no receipt") };
    assert_eq!(receipt.phase, Phase::Prepared);
    assert_eq!(server.get("/v1/group").ok()["slot"]["epoch"], receipt.epoch.to_string());
    let ended = server
        .call("DELETE", &format!("/admin/v1/preparation/{}", receipt.epoch), &Value::Null)
        .ok();
    assert!(ended["receipt"].is_object());
    assert_eq!(server.get("/v1/group").ok()["slot"], Value::Null);
    let refused = server.post("/admin/v1/activation", &json!({ "bundle": body, "receipts": [] }));
    assert!((400..500).contains(&refused.status));
    server.post("/admin/v1/preparation", &json!({ "bundle": body, "move": "step-1" })).ok();
    server.clock.advance_ms(60_000);
    let refused = server.post("/admin/v1/activation", &json!({ "bundle": body, "receipts": [] }));
    assert!((400..500).contains(&refused.status), "{:?}", refused.json());
    assert_eq!(state(&server).generation, 0);
}

#[test]
fn a_policy_file_is_taken_once_and_another_one_never() {
    use taiwa_plan::{Signer as _, own_policy};
    let dir = tempfile::tempdir().unwrap();
    let key = taiwa_runtime::print_key(dir.path()).unwrap();
    assert_eq!(taiwa_runtime::print_key(dir.path()).unwrap(), key);
    let key = taiwa_plan::PublicKey::parse(&key).unwrap();
    let own = own_policy("test".into(), "s-1".into(), "http://127.0.0.1:1".into(), key).unwrap();
    let signer = taiwa_plan::SecretKey::from_seed(&[7; 32]).unwrap();
    let policy = |lease_s| {
        let mut document = own.document().clone();
        (document.version, document.lease_s, document.issued) = (1, lease_s, now());
        let envelope = Envelope::signed(&document, &signer).unwrap();
        Policy::accept(&envelope).unwrap();
        envelope
    };
    drop(Running::with(dir.path(), Some(policy(10))).unwrap());
    drop(Running::with(dir.path(), Some(policy(10))).unwrap());
    let refused = Running::with(dir.path(), Some(policy(11))).map(drop).unwrap_err().to_string();
    assert!(refused.contains("is another one"), "{refused}");
    let server = Running::start(dir.path());
    let status = server.get("/admin/v1/status").ok();
    assert_eq!((&status["environment"], &status["server"]), (&json!("test"), &json!("s-1")));
    deploy(&server, &release());
    assert!(
        server.get("/readyz").status == 200 && signer.public_key().as_str().starts_with("ssh-")
    );
}

#[test]
fn the_state_is_signed_by_the_server_and_fresh() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let group = server.get("/v1/group?challenge=fresh").ok();
    let key = taiwa_plan::PublicKey::parse(group["key"].as_str().unwrap()).unwrap();
    assert_eq!(group["key"].as_str(), taiwa_runtime::print_key(dir.path()).ok().as_deref());
    let envelope: Envelope = serde_json::from_value(group["state"].clone()).unwrap();
    assert!(envelope.open().unwrap().signed_by(&key));
    let receipt = state(&server);
    assert_eq!((receipt.phase, receipt.challenge.as_deref()), (Phase::State, Some("fresh")));
    assert_eq!(server.get(&format!("/v1/group?challenge={}", "x".repeat(129))).status, 422);
}
