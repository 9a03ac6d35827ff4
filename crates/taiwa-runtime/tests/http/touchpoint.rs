//! What a touchpoint does all day.

use serde_json::{Value, json};

use super::{
    deployment::deploy,
    support::{Running, offers, release},
};

fn running() -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    (dir, server)
}

#[test]
fn a_session_from_hello_to_the_cap() {
    let (_dir, server) = running();
    let session = server.session("ann");
    let path = format!("/v1/sessions/{session}");
    let shown = json!({ "event": "banner_shown", "properties": { "offer": "kit" } });
    for _ in 0..2 {
        assert_eq!(server.hero(&session), ["kit"]);
        let answer = server.post(&format!("{path}/events"), &shown).ok();
        assert_eq!(answer["outcome"], "accepted");
    }
    let answer = server.get(&format!("{path}/offers?point=hero&explain=true")).ok();
    assert_eq!(
        (offers(&answer), &answer["fallback"]),
        (vec!["newsletter".to_owned()], &json!(true))
    );
    assert!(
        answer["reasons"].as_array().unwrap().iter().any(|it| it["stage"] == "cap"),
        "{answer:#}"
    );
    server.clock.advance_ms(25 * 60_000);
    assert_eq!(server.hero(&session), ["newsletter"]);
    server.clock.advance_ms(24 * 3_600_000);
    server.get(&path).problem(404, "unknown-session");
    assert_eq!(server.hero(&server.session("ann")), ["kit"]);
}

#[test]
fn a_visitor_signs_in_and_keeps_the_history() {
    let (_dir, server) = running();
    let started = server.post("/v1/sessions", &json!({ "channel": "web-store" })).ok();
    assert_eq!(started["known"], false);
    let path = format!("/v1/sessions/{}", started["session"].as_str().unwrap());
    let bought = json!({ "event": "purchase", "properties": { "amount": 12.5 } });
    server.post(&format!("{path}/events"), &bought).ok();
    let change = json!({
        "audience": { "customer_id": "bob" }, "attributes": { "tier": "gold" }, "consent": { "personal": "granted" },
    });
    let seen = server.call("PATCH", &path, &change).ok();
    assert_eq!(
        (&seen["known"], &seen["audience"]),
        (&json!(true), &json!({ "customer_id": "bob" }))
    );
    assert_eq!(
        (&seen["segments"], &seen["consent"]),
        (&json!(["gold"]), &json!({ "personal": "granted" }))
    );
    // The visitor's purchase is the customer's: no kit; gold: the coupon. Also in another session.
    assert_eq!(server.hero(&server.session("bob")), ["coupon"]);
    let visitor = started["audience"]["visitor_id"].as_str().unwrap();
    let again = json!({ "channel": "web-store", "audience": { "visitor_id": visitor } });
    let again = server.post("/v1/sessions", &again).ok();
    assert_eq!(server.hero(again["session"].as_str().unwrap()), ["coupon"]);
    let other = json!({ "audience": { "customer_id": "carl" } });
    server.call("PATCH", &path, &other).problem(422, "invalid-input");
    assert_eq!(server.call("DELETE", &path, &Value::Null).status, 200);
    server.get(&path).problem(404, "unknown-session");
}

#[test]
fn the_same_message_counts_once_and_an_undeclared_event_is_counted() {
    let (_dir, server) = running();
    let path = format!("/v1/sessions/{}/events", server.session("ann"));
    let event =
        json!({ "event": "banner_shown", "properties": { "offer": "kit" }, "message_id": "m-1" });
    let outcome = |body: &Value| server.post(&path, body).ok()["outcome"].clone();
    assert_eq!((outcome(&event), outcome(&event)), (json!("accepted"), json!("duplicate")));
    let alone = json!({
        "channel": "web-store", "audience": { "customer_id": "ann" }, "event": "banner_shown",
        "properties": { "offer": "kit" }, "message_id": "m-1",
    });
    assert_eq!(server.post("/v1/events", &alone).ok()["outcome"], "duplicate");
    let unknown = server.post(&path, &json!({ "event": "wishlist_shared" }));
    assert_eq!((unknown.status, &unknown.json()["outcome"]), (202, &json!("undeclared")));
    let status = server.get("/admin/v1/status").ok();
    assert_eq!(status["undeclared"][0]["event"], "web-store/wishlist_shared");
    assert_eq!(status["counters"]["events"], 1);
}

#[test]
fn decisions_without_a_session_and_their_reasons_afterwards() {
    let (_dir, server) = running();
    let body = json!({
        "channel": "web-store", "point": "strip", "audience": { "customer_id": "zoe" },
        "attributes": { "tier": "gold" },
    });
    let answer = server.post("/v1/decide", &body).ok();
    assert_eq!(
        (offers(&answer), answer.get("reasons")),
        (vec!["kit".to_owned(), "coupon".to_owned()], None)
    );
    assert_eq!(answer["offers"][0]["content"]["headline"], "kit for you");
    // Only the decision is kept: no person was made of it.
    let record =
        server.get(&format!("/v1/decisions/{}", answer["decision"].as_str().unwrap())).ok();
    assert_eq!(offers(&record["points"]["strip"]), ["kit", "coupon"]);
    assert!(!record["points"]["strip"]["reasons"].as_array().unwrap().is_empty());
    assert!(!record.to_string().contains("zoe"));
    server.get("/v1/decisions/none").problem(404, "unknown-decision");
    let zoe = server.call("DELETE", "/v1/profiles/customer/zoe", &Value::Null).ok();
    assert_eq!(zoe["existed"], false);
}

#[test]
fn several_points_never_show_an_offer_twice() {
    let (_dir, server) = running();
    let path = format!("/v1/sessions/{}/offers", server.session("ann"));
    let answer = server.post(&path, &json!({ "points": { "hero": 1, "strip": 2 } })).ok();
    assert_eq!(offers(&answer["points"]["hero"]), ["kit"]);
    assert!(!offers(&answer["points"]["strip"]).contains(&"kit".to_owned()));
}

#[test]
fn consent_and_being_forgotten() {
    let (_dir, server) = running();
    let session = server.session("ann");
    let path = "/v1/profiles/customer/ann";
    let granted = json!({ "consent": { "personal": "granted" } });
    let said = server.call("PUT", &format!("{path}/consent"), &granted).ok();
    assert_eq!(said, granted);
    assert_eq!(server.call("DELETE", path, &Value::Null).ok()["existed"], true);
    assert_eq!(server.call("DELETE", path, &Value::Null).ok()["existed"], false);
    server.get(&format!("/v1/sessions/{session}")).problem(404, "unknown-session");
    let fresh = server.get(&format!("/v1/sessions/{}", server.session("ann"))).ok();
    assert_eq!((&fresh["consent"], &fresh["attributes"]), (&json!({}), &json!({})));
}

#[test]
fn a_batch_does_several_things_and_a_failure_stops_nothing() {
    let (_dir, server) = running();
    let answer = server
        .post(
            "/v1/batch",
            &json!({ "commands": [
        { "offers": { "point": "hero" } },
        { "start": { "channel": "web-store", "audience": { "customer_id": "ann" } } },
        { "event": { "event": "purchase", "properties": { "amount": "much" } } },
        { "event": { "event": "purchase", "properties": { "amount": 3 } } },
        { "offers": { "point": "hero" } },
        { "points": { "points": { "strip": 1 } } },
        { "change": { "attributes": { "tier": "gold" } } },
    ] }),
        )
        .ok();
    let statuses: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [422, 200, 422, 200, 200, 200, 200]);
    assert_eq!(offers(&answer["results"][4]["body"]), ["newsletter"]);
    assert_eq!(answer["results"][6]["body"]["segments"], json!(["gold"]));
}

#[test]
fn keys_open_what_their_scope_says_and_nothing_prints_them() {
    use super::support::{ADMIN, CLIENT};
    let (_dir, server) = running();
    let ask = |key: Option<&str>, path: &str| {
        let bearer = key.map(|it| format!("Bearer {it}"));
        let headers: Vec<_> = bearer.iter().map(|it| ("authorization", it.as_str())).collect();
        server.send("GET", path, &headers, b"")
    };
    ask(None, "/admin/v1/status").problem(401, "unauthorized");
    ask(Some("wrong-wrong-wrong-wrong"), "/admin/v1/status").problem(401, "unauthorized");
    ask(Some(CLIENT), "/admin/v1/status").problem(403, "scope-missing");
    ask(Some(CLIENT), "/v1/decisions/x").problem(404, "unknown-decision");
    for open in ["/healthz", "/readyz", "/v1/group", "/openapi.json"] {
        assert_eq!(ask(None, open).status, 200, "{open}");
    }
    for path in ["/admin/v1/status", "/metrics", "/openapi.json"] {
        let text = String::from_utf8(ask(Some(ADMIN), path).bytes).unwrap();
        assert!(!text.contains(ADMIN) && !text.contains(CLIENT), "{path}");
    }
    ask(Some(ADMIN), "/nowhere").problem(404, "not-found");
    server.call("DELETE", "/v1/sessions", &Value::Null).problem(405, "method-not-allowed");
    let metrics = String::from_utf8(ask(Some(ADMIN), "/metrics").bytes).unwrap();
    assert!(metrics.contains("taiwa_requests_total{door=\"Status\",class=\"4xx\"} 3"), "{metrics}");
}
