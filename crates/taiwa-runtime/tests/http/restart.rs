//! What survives, and what does not come up with pretence.
#![expect(clippy::disallowed_methods, reason = "tests do IO")]

use serde_json::json;
use taiwa_runtime::{Config, RunError};

use super::{
    deployment::deploy,
    support::{Running, other_release, release, sha},
};

#[test]
fn a_restart_serves_the_last_activated_release_and_remembers() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    let session = server.session("ann");
    let path = format!("/v1/sessions/{session}/events");
    let bought =
        json!({ "event": "purchase", "properties": { "amount": 1 }, "message_id": "once" });
    server.post(&path, &bought).ok();
    let server = server.again();
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.hero(&session), ["newsletter"]);
    assert_eq!(server.post(&path, &bought).ok()["outcome"], "duplicate");
    let status = server.get("/admin/v1/status").ok();
    assert_eq!(
        (&status["generation"], &status["active"]["release"]),
        (&json!(1), &json!(release().digest()))
    );
}

#[test]
fn attack_15_damaged_bytes_give_way_to_the_release_before_and_are_mended() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    let (first, second) = (release(), other_release());
    deploy(&server, &first);
    deploy(&server, &second);
    drop(server);
    let file = dir.path().join("releases").join(format!("{}.release", second.digest().hex()));
    std::fs::write(&file, b"torn").unwrap();
    let server = Running::start(dir.path());
    let ready = server.get("/readyz");
    assert_eq!((ready.status, &ready.json()["reasons"]), (503, &json!(["last-known-good"])));
    assert_eq!(ready.json()["release"], first.digest().to_string());
    assert_eq!(server.hero(&server.session("ann")), ["kit"]);
    server.put_release(&second).ok();
    assert_eq!(server.get("/readyz").status, 200);
    drop(server);
    std::fs::write(&file, b"torn").unwrap();
    std::fs::remove_file(
        dir.path().join("releases").join(format!("{}.release", first.digest().hex())),
    )
    .unwrap();
    let server = Running::start(dir.path());
    let ready = server.get("/readyz");
    assert_eq!(ready.json()["reasons"], json!(["no-release"]));
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_kill_between_file_and_row_leaves_a_file_that_is_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    drop(server);
    // The file of another release is there, no row names it; and half a file.
    let other = other_release();
    let releases = dir.path().join("releases");
    std::fs::write(releases.join(format!("{}.release", other.digest().hex())), other.bytes())
        .unwrap();
    std::fs::write(releases.join(format!("{}.7.part", sha("x").hex())), b"half").unwrap();
    let server = Running::start(dir.path());
    assert_eq!(server.get("/readyz").ok()["release"], release().digest().to_string());
    deploy(&server, &other);
    assert_eq!(server.get("/readyz").ok()["release"], other.digest().to_string());
}

#[test]
fn two_servers_never_share_data_and_a_server_that_others_reach_needs_keys() {
    let dir = tempfile::tempdir().unwrap();
    let _server = Running::start(dir.path());
    let refused = Running::with(dir.path(), None).map(drop).unwrap_err();
    assert!(refused.to_string().contains("in use by another server"), "{refused}");
    let mut config = Config::new(dir.path());
    config.listen = ([0, 0, 0, 0], 0).into();
    assert!(matches!(config.check().map_err(RunError::from), Err(RunError::Config(_))));
}

#[test]
fn attack_10_a_clock_set_back_is_not_believed_but_decisions_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let server = Running::start(dir.path());
    deploy(&server, &release());
    drop(server);
    let before = super::support::now().plus_millis(-86_400_000);
    let server = Running::at(dir.path(), None, before).unwrap();
    let other = other_release();
    server.put_release(&other).ok();
    let plan = super::deployment::plan(&server, other.digest(), super::support::now());
    let bundle = taiwa_plan::Bundle::new(&plan, Vec::new()).unwrap();
    let refused =
        server.post("/admin/v1/preparation", &json!({ "bundle": bundle, "move": "step-1" }));
    refused.problem(403, "clock");
    assert_eq!(server.hero(&server.session("ann")), ["kit"]);
}
