//! A scenario on a live server leaves no trace.

use serde_json::{Value, json};

use super::{
    deployment::deploy,
    support::{Running, offers, release},
};

#[test]
fn a_sandbox_has_a_clock_and_a_memory_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    server
        .post("/admin/v1/sandboxes", &json!({ "at": "2027-03-01T10:00:00Z" }))
        .problem(503, "no-release");
    deploy(&server, &release());
    let made = server.post("/admin/v1/sandboxes", &json!({
        "at": "2026-12-24T10:00:00Z", "audience": { "customer_id": "ann" }, "attributes": { "tier": "gold" },
        "consent": { "personal": "granted" },
        "history": [
            { "shown": { "ago": "1h", "offer": "kit" } },
            { "event": { "ago": "40d", "event": "web-store/purchase", "properties": { "amount": 3 } } },
        ],
    })).ok();
    let id = made["sandbox"].as_str();
    let call = |method, path: &str, body: Value| server.inside(id, method, path, &body);
    let started = call("POST", "/v1/sessions", json!({ "channel": "web-store" })).ok();
    assert_eq!(started["audience"], json!({ "customer_id": "ann" }));
    let path = format!("/v1/sessions/{}", started["session"].as_str().unwrap());
    let hero = || offers(&call("GET", &format!("{path}/offers?point=hero"), Value::Null).ok());
    assert_eq!(hero(), ["kit"]);
    let shown = json!({ "event": "banner_shown", "properties": { "offer": "kit" } });
    call("POST", &format!("{path}/events"), shown).ok();
    assert_eq!(hero(), ["coupon"]);
    call("POST", &format!("{path}/events"), json!({ "event": "nobody_knows" })).ok();
    let clock = format!("/admin/v1/sandboxes/{}/clock", id.unwrap());
    assert_eq!(
        server.post(&clock, &json!({ "advance": "23h" })).ok()["at"],
        "2026-12-25T09:00:00Z"
    );
    let again = call("POST", "/v1/sessions", json!({ "channel": "web-store" })).ok();
    let path = format!("/v1/sessions/{}/offers?point=hero", again["session"].as_str().unwrap());
    let answer = call("GET", &path, Value::Null).ok();
    assert_eq!(offers(&answer), ["kit"]);

    // No trace: neither person, session, decision nor proposal.
    server
        .get(&format!("/v1/sessions/{}", again["session"].as_str().unwrap()))
        .problem(404, "unknown-session");
    server
        .get(&format!("/v1/decisions/{}", answer["decision"].as_str().unwrap()))
        .problem(404, "unknown-decision");
    let status = server.get("/admin/v1/status").ok();
    assert_eq!(status["undeclared"], json!([]));
    let fresh = server.get(&format!("/v1/sessions/{}", server.session("ann"))).ok();
    assert_eq!((&fresh["attributes"], &fresh["consent"]), (&json!({}), &json!({})));

    let end = format!("/admin/v1/sandboxes/{}", id.unwrap());
    assert_eq!(server.call("DELETE", &end, &Value::Null).ok()["existed"], true);
    call("GET", &path, Value::Null).problem(404, "unknown-sandbox");
}

#[test]
fn sandboxes_are_counted_and_end_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    let make = || server.post("/admin/v1/sandboxes", &json!({ "at": "2027-03-01T10:00:00Z" }));
    for _ in 0..taiwa_runtime::SANDBOXES_MAX {
        make().ok();
    }
    make().problem(429, "rate-limited");
    server.clock.advance_ms(taiwa_runtime::SANDBOX_LIVES_MS);
    make().ok();
}

#[test]
fn every_offence_of_a_sandbox_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    let problem = server
        .post(
            "/admin/v1/sandboxes",
            &json!({
                "at": "2027-03-01T10:00:00Z", "audience": { "household": "x" },
                "attributes": { "tier": "silver", "shoe": 4 }, "consent": { "spam": "granted" },
                "history": [{ "shown": { "ago": "1h", "offer": "none-such" } }],
            }),
        )
        .problem(422, "invalid-input");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 5, "{problem:#}");
}
