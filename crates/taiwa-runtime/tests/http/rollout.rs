//! Two releases on one server: who gets which, for how long, over restarts; what is counted, and what the guard says.
#![expect(clippy::disallowed_methods, reason = "tests do IO")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use taiwa_decide::{is_in, place};
use taiwa_model::{Digest, LevelName};
use taiwa_plan::{Bundle, Move, Plan, PlanKind, Step};
use taiwa_release::Release;

use super::{
    deployment::{deploy, plan},
    support::{Running, components, now, other_release, release},
};

fn begin(server: &Running, to: &Release, shares: &[u64]) -> Plan {
    deploy(server, &release());
    server.put_release(to).ok();
    let before = shares.iter().map(|it| Step { share_bp: *it, for_s: 60 });
    let mut plan = plan(server, to.digest(), now());
    plan.steps = before.chain([Step::ALL]).collect();
    plan
}

fn ask(server: &Running, plan: &Plan, step: Move) -> super::support::Answer {
    let bundle = serde_json::to_value(Bundle::new(plan, Vec::new()).unwrap()).unwrap();
    server.post("/admin/v1/preparation", &json!({ "bundle": bundle, "move": step }))
}

#[track_caller]
fn go(server: &Running, plan: &Plan, step: u16) {
    let step = Move::Step(step);
    ask(server, plan, step).ok();
    let bundle = serde_json::to_value(Bundle::new(plan, Vec::new()).unwrap()).unwrap();
    let body = json!({ "bundle": bundle, "move": step, "receipts": [] });
    server.post("/admin/v1/activation", &body).ok();
}

fn question(customer: &str) -> Value {
    json!({ "channel": "web-store", "point": "strip", "audience": { "customer_id": customer } })
}

/// Which release answers a customer.
fn answers(server: &Running, customer: &str) -> Digest {
    let answer = server.post("/v1/decide", &question(customer)).ok();
    Digest::parse(answer["release"].as_str().unwrap()).unwrap()
}

fn expected(customer: &str, share_bp: u64) -> Digest {
    let new = other_release().digest();
    let place = place(&new, &LevelName::new("customer"), customer);
    if is_in(place, share_bp) { new } else { release().digest() }
}

fn customers(count: u32) -> Vec<String> {
    (0..count).map(|it| format!("c-{it}")).collect()
}

#[test]
fn each_visitor_has_a_side_and_whoever_is_in_stays_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &other_release(), &[2_000, 6_000]);
    let customers = customers(60);
    for (step, share_bp) in [(1, 2_000), (2, 6_000), (3, 10_000)] {
        go(&server, &plan, step);
        assert_eq!(server.get("/readyz").status, 200);
        let got: Vec<_> = customers.iter().map(|it| answers(&server, it)).collect();
        let want: Vec<_> = customers.iter().map(|it| expected(it, share_bp)).collect();
        assert_eq!(got, want, "step {step}");
        server.clock.advance_ms(60_000);
    }
    assert!(customers.iter().any(|it| expected(it, 2_000) != expected(it, 6_000)));
}

#[test]
fn a_restart_brings_both_releases_up() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &other_release(), &[5_000]);
    go(&server, &plan, 1);
    let server = server.again();
    assert_eq!(server.get("/readyz").status, 200);
    for customer in customers(40) {
        assert_eq!(answers(&server, &customer), expected(&customer, 5_000));
    }
}

/// Somebody whose side is the new or the old one.
fn somebody(share_bp: u64, inside: bool) -> String {
    let new = other_release().digest();
    let found = customers(500).into_iter().find(|it| (expected(it, share_bp) == new) == inside);
    found.unwrap()
}

fn side_of(server: &Running, session: &str) -> Value {
    server.get(&format!("/v1/sessions/{session}")).ok()["release"].clone()
}

#[test]
fn a_session_keeps_the_side_with_which_it_began_and_the_next_one_is_the_persons() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &other_release(), &[5_000]);
    go(&server, &plan, 1);
    let (new, old) = (json!(other_release().digest()), json!(release().digest()));
    let mut seen = BTreeMap::new();
    for place in 0..12 {
        let start = json!({ "channel": "web-store" });
        let id = server.post("/v1/sessions", &start).ok()["session"].as_str().unwrap().to_owned();
        let before = side_of(&server, &id);
        *seen.entry(before.to_string()).or_insert(0) += 1;
        // Signs in as somebody of the other side.
        let other = somebody(5_000, before == old);
        let body = json!({ "audience": { "customer_id": format!("{other}") } });
        server.call("PATCH", &format!("/v1/sessions/{id}"), &body).ok();
        assert_eq!(side_of(&server, &id), before, "{place}");
        let answer = server.get(&format!("/v1/sessions/{id}/offers?point=strip")).ok();
        assert_eq!(answer["release"], before);
        let event = json!({ "event": "banner_shown", "properties": {} });
        server.post(&format!("/v1/sessions/{id}/events"), &event).ok();
        // The record says who decided, and why, although most are answered by another.
        let decision = answer["decision"].as_str().unwrap();
        let record = server.get(&format!("/v1/decisions/{decision}")).ok();
        assert_eq!(record["release"], before);
        let next = server.session(&other);
        assert_eq!(side_of(&server, &next), if before == old { new.clone() } else { old.clone() });
    }
    assert_eq!(seen.len(), 2, "both sides were seen: {seen:?}");
}

fn sides(server: &Running) -> Value {
    server.get("/admin/v1/status").ok()["sides"].clone()
}

#[test]
fn what_becomes_of_each_release_is_counted_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &other_release(), &[5_000]);
    go(&server, &plan, 1);
    let status = server.get("/admin/v1/status").ok();
    let rollout = &status["active"]["rollout"];
    assert_eq!((&rollout["share_bp"], &rollout["steps"]), (&json!(5_000), &json!(2)));
    assert_eq!(rollout["rest"], json!(release().digest()));
    assert_eq!(rollout["next_at"], "2027-03-01T10:01:00Z");
    let new = other_release().digest();
    let customers = customers(40);
    let inside = customers.iter().filter(|it| expected(it, 5_000) == new).count();
    for customer in customers.iter().chain(&customers) {
        answers(&server, customer);
    }
    let wrong =
        json!({ "channel": "web-store", "point": "no-such", "audience": { "customer_id": "c-0" } });
    server.post("/v1/decide", &wrong).problem(422, "invalid-input");
    let sides = sides(&server);
    let [one, other] = [&sides[0], &sides[1]];
    assert_eq!((&one["release"], &other["release"]), (&json!(new), &json!(release().digest())));
    assert_eq!((&one["decisions"], &one["share_bp"]), (&json!(2 * inside), &json!(5_000)));
    assert_eq!(other["decisions"], json!(2 * (40 - inside)));
    assert_eq!(one["trials"]["decided"], json!(inside), "each visitor once");
    let exposed = server.get("/admin/v1/status").ok()["exposure"]["decisions"].clone();
    assert_eq!(exposed, json!(2 * inside), "exposure is of the new release alone");
    let errors = [one, other].map(|it| it["errors"].as_u64().unwrap());
    assert_eq!(errors[0] + errors[1], 1);
    let metrics = String::from_utf8(server.get("/metrics").bytes).unwrap();
    let line = format!(
        "taiwa_release_decisions_total{{release=\"{}\",generation=\"2\"}} {}",
        new.short(),
        2 * inside
    );
    assert!(metrics.contains(&line), "{line}\n{metrics}");
    // Afterwards one release answers everybody, and nothing is compared.
    server.clock.advance_ms(60_000);
    go(&server, &plan, 2);
    let after = self::sides(&server);
    assert_eq!(after.as_array().map(Vec::len), Some(1));
    assert_eq!((&after[0]["decisions"], &after[0]["trials"]), (&json!(0), &Value::Null));
}

/// The same shop without the point that everybody asks for.
fn broken() -> Release {
    let mut all = components();
    let channel = all.channels.get_mut("web-store").unwrap();
    let mut wire = serde_json::to_value(&*channel).unwrap();
    wire["interaction_points"].as_object_mut().unwrap().remove("strip");
    *channel = serde_json::from_value(wire).unwrap();
    Release::seal(all).unwrap()
}

#[test]
fn a_server_takes_no_further_step_of_what_it_has_seen_to_be_worse() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &broken(), &[5_000]);
    go(&server, &plan, 1);
    server.clock.advance_ms(60_000);
    // Nothing is known yet, which is no reason against it here.
    ask(&server, &plan, Move::Step(2)).ok();
    let epoch = server.get("/admin/v1/status").ok()["slot"]["epoch"].as_str().unwrap().to_owned();
    server.call("DELETE", &format!("/admin/v1/preparation/{epoch}"), &Value::Null).ok();
    let failed = customers(80)
        .iter()
        .filter(|it| server.post("/v1/decide", &question(it)).status != 200)
        .count();
    assert!((20..=60).contains(&failed), "{failed}");
    let problem = ask(&server, &plan, Move::Step(2)).problem(403, "refused");
    assert_eq!(problem["refusals"][0]["reason"], "gate-failed");
    // Back is open.
    let mut back = super::deployment::plan(&server, release().digest(), now());
    back.kind = PlanKind::Rollback;
    go(&server, &back, 1);
    for customer in customers(20) {
        assert_eq!(answers(&server, &customer), release().digest());
    }
}

#[test]
fn while_one_of_the_two_is_damaged_the_other_stands_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let plan = begin(&server, &other_release(), &[5_000]);
    go(&server, &plan, 1);
    drop(server);
    for (damaged, whole) in [(release(), other_release()), (other_release(), release())] {
        let file = dir.path().join("releases").join(format!("{}.release", damaged.digest().hex()));
        std::fs::write(&file, b"torn").unwrap();
        let server = Running::start(dir.path());
        let ready = server.get("/readyz");
        assert_eq!((ready.status, &ready.json()["reasons"]), (503, &json!(["last-known-good"])));
        for customer in customers(10) {
            assert_eq!(answers(&server, &customer), whole.digest());
        }
        server.put_release(&damaged).ok();
        assert_eq!(server.get("/readyz").status, 200);
        for customer in customers(20) {
            assert_eq!(answers(&server, &customer), expected(&customer, 5_000));
        }
        drop(server);
    }
}
