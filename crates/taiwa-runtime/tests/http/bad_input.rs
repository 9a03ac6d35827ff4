//! Whatever is sent, the answer is a problem with a code, nothing is stored, and the server goes on.

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};
use taiwa_api::{Door, Method, limits};

use super::{
    deployment::deploy,
    support::{ADMIN, Running, release},
};

fn running() -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    (dir, server)
}

#[track_caller]
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|it| it["pointer"].as_str().unwrap()).collect()
}

#[test]
fn every_offence_is_listed_and_nothing_is_stored() {
    let (_dir, server) = running();
    let unknown =
        json!({ "channel": 4, "audiense": {}, "attributes": { "tier": "gold" }, "x": null });
    let problem = server.post("/v1/sessions", &unknown).problem(422, "invalid-input");
    assert_eq!(pointers(&problem), ["/audiense", "/channel", "/x"]);
    let values = json!({
        "channel": "shop", "locale": "English", "audience": { "customer_id": "", "email": "a@b" },
        "attributes": { "tier": "platinum", "age": "ten", "shoe_size": 43 },
    });
    let problem = server.post("/v1/sessions", &values).problem(422, "invalid-input");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 8, "{problem:#}");
    let session = server.session("ann");
    let path = format!("/v1/sessions/{session}");
    let mixed = json!({ "attributes": { "tier": "gold", "age": 1.5 }, "consent": { "personal": "granted", "spam": "denied" } });
    let problem = server.call("PATCH", &path, &mixed).problem(422, "invalid-input");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem:#}");
    let seen = server.get(&path).ok();
    assert_eq!((&seen["attributes"], &seen["consent"]), (&json!({}), &json!({})));
    let query =
        server.get(&format!("{path}/offers?limit=many&poin=hero")).problem(422, "invalid-input");
    assert_eq!(pointers(&query), ["/point", "/limit", "/poin"]);
    server.get(&format!("{path}/offers?point=nowhere")).problem(422, "invalid-input");
    let late = json!({ "event": "purchase", "properties": { "amount": 1 }, "time": "2027-03-01T10:06:00Z" });
    server.post(&format!("{path}/events"), &late).problem(422, "invalid-input");
}

#[test]
fn a_body_is_bounded_declared_and_json() {
    let (_dir, server) = running();
    let bearer = format!("Bearer {ADMIN}");
    let auth = ("authorization", bearer.as_str());
    let large = vec![b' '; limits::BODY_MAX_BYTES + 1];
    server.send("POST", "/v1/sessions", &[auth], &large).problem(413, "too-large");
    let chunked = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {bearer}\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        large.len(),
        " ".repeat(large.len()),
    );
    server.raw(chunked.as_bytes()).problem(413, "too-large");
    let text = [auth, ("content-type", "text/plain")];
    server.send("POST", "/v1/sessions", &text, b"{}").problem(415, "unsupported-media-type");
    server.send("POST", "/v1/sessions", &[auth], b"{").problem(400, "malformed-json");
    server.send("POST", "/v1/sessions", &[auth], b"\xff\xfe").problem(400, "malformed-json");
    server
        .send("POST", "/v1/sessions", &[auth], "[".repeat(100_000).as_bytes())
        .problem(400, "malformed-json");
    server
        .send("POST", "/v1/decide", &[auth], br#"{"channel":"a","channel":"b","point":"x"}"#)
        .problem(422, "invalid-input");
    server.send("GET", "/v1/decisions/%ff", &[auth], b"").problem(400, "bad-request");
    let odd = [auth, ("taiwa-sandbox", "nobody-made-it")];
    server.send("GET", "/v1/decisions/x", &odd, b"").problem(404, "unknown-sandbox");
    let many = json!({ "commands": vec![json!({ "offers": { "point": "hero" } }); limits::COMMANDS_MAX + 1] });
    server.post("/v1/batch", &many).problem(422, "invalid-input");
    assert_eq!(server.get("/admin/v1/status").ok()["counters"]["bugs"], 0);
}

const NAMES: &[&str] = &[
    "channel",
    "audience",
    "attributes",
    "customer_id",
    "point",
    "points",
    "event",
    "properties",
    "hero",
    "tier",
    "age",
    "consent",
    "commands",
    "session",
    "bundle",
    "receipts",
    "move",
    "statement",
    "at",
    "history",
    "advance",
    "offers",
    "start",
    "payload",
    "plan",
    "type",
    "signatures",
    "statements",
    "policies",
    "format",
    "ago",
    "offer",
    "locale",
    "limit",
    "message_id",
    "time",
    "tracking",
    "shown",
    "zzz",
];

const TEXTS: &[&str] = &[
    "web-store",
    "hero",
    "kit",
    "purchase",
    "gold",
    "2027-03-01T10:00:00Z",
    "9999-12-31T23:59:59Z",
    "1d",
    "365000d",
    "ann",
    "step-1",
    "approve@taiwa",
    "bnVsbA==",
    "granted",
    "1.1",
    "\u{0}",
];

/// Values as a confused or a hostile client may send them: names that are known, in shapes that are not.
fn hostile() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(NAMES);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|fields| {
                Value::Object(
                    fields.into_iter().map(|it| ((*it.0).to_owned(), it.1)).collect::<Map<_, _>>(),
                )
            }),
        ]
    })
}

#[test]
fn no_body_at_any_door_is_a_bug() {
    let (_dir, server) = running();
    let session = server.session("ann");
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[5; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let doors: Vec<_> = Door::ALL.iter().filter(|it| it.body_max_bytes() > 0).collect();
    runner
        .run(&hostile(), |body| {
            for door in &doors {
                let path = door
                    .path()
                    .replace("{session}", &session)
                    .replace("{level}", "customer")
                    .replace("{key}", "ann")
                    .replace("{digest}", &release().digest().to_string());
                let method = door.method().as_str().to_ascii_uppercase();
                let answer = server.call(&method, &path, &body);
                prop_assert!(answer.status != 500, "{method} {path} {body}: {:?}", answer.json());
                if answer.status >= 400 {
                    prop_assert!(answer.json()["code"].is_string());
                }
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(server.get("/admin/v1/status").ok()["counters"]["bugs"], 0);
    assert!(doors.iter().any(|it| it.method() == Method::Patch));
}
