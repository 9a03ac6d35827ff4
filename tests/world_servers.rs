//! How commands end where servers are involved: moves, refusals, servers that are down, slow, lying or babbling. After
//! each end the servers are asked what is true there.
//! Long because each end is a row of one table of ends.
#![expect(clippy::disallowed_methods, reason = "the tests write files and damage releases")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{fs, net::SocketAddr};

use taiwa_testkit::{Fake, Manner, World, request, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const PLAN: [&str; 3] = ["plan", "--to", "staging"];

#[test]
fn moves_on_an_environment_that_takes_components() {
    let world = World::staging(PROGRAM, 2);
    assert_eq!(world.settled("staging"), (None, 0));
    world.taiwa(&PLAN).ends(1, "nothing-marked");
    world.taiwa(&DEPLOY).ends(1, "nothing-marked");
    world.taiwa(&["test", "--on", "staging"]).ends(1, "not-running").says("taiwa deploy");
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).ends(1, "never-ran");
    world.taiwa(&["show", "staging"]).ends(1, "not-running");

    world.mark();
    world.taiwa(&PLAN).exits(0).says("generation 1");
    world.taiwa(&["plan", "--to", "staging", "--exit-code"]).ends(1, "differs");
    world.taiwa(&["plan", "--to", "staging", "--out", "first.plan"]).exits(0);
    world.taiwa(&["deploy", "--to", "staging"]).ends(1, "not-confirmed").says("--yes");
    let dry = ["deploy", "--to", "staging", "--dry-run", "--format", "json"];
    assert_eq!(world.taiwa(&dry).exits(0).json()["dry_run"], true);
    assert_eq!(world.settled("staging"), (None, 0), "nothing of this has changed anything");

    world.taiwa(&["deploy", "--to", "staging", "--plan", "first.plan", "--yes"]).exits(0);
    let (release, generation) = world.settled("staging");
    assert!(release.is_some());
    assert_eq!(generation, 1);
    world.taiwa(&DEPLOY).exits(0).says("nothing to do");
    let json = world.taiwa(&[&DEPLOY[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["changed"], false);
    world.taiwa(&["plan", "--to", "staging", "--exit-code"]).exits(0);
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).ends(1, "never-ran");
    for word in ["--resume", "--abort"] {
        world.taiwa(&["deploy", "--to", "staging", word]).exits(0).says("nothing was interrupted");
    }
    world.taiwa(&["deploy", "--to", "staging", "--plan", "taiwa.yaml"]).ends(2, "malformed");
    world.taiwa(&["deploy", "--to", "staging", "--plan", "no.plan"]).ends(2, "unreadable");
    world.taiwa(&["promote", "--to", "staging"]).ends(2, "usage").says("taiwa deploy");
    world.taiwa(&["test", "--on", "staging"]).exits(0).says("no evidence");
    world.taiwa(&["test", "--on", "staging", "--key", "taiwa.yaml"]).ends(2, "no-key");
    let json = world.taiwa(&["test", "--on", "staging", "--format", "json"]).exits(0).json();
    assert_eq!(json["result"], "passed");
    assert_eq!(world.settled("staging"), (release, 1), "nothing of this has changed anything");

    world.rewrite("A barista at your breakfast table");
    world.mark();
    world.taiwa(&DEPLOY).exits(0).says("A barista at your breakfast table");
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(0);
    assert_eq!(world.settled("staging").1, 3);
    world.taiwa(&["rollback", "--on", "staging", "--to", "77777777", "--yes"]).ends(1, "never-ran");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn tokens() {
    let mut world = World::staging(PROGRAM, 2);
    world.mark();
    world.variables.remove("TAIWA_STAGING_TOKEN");
    for arguments in [&PLAN[..], &DEPLOY, &["status", "staging"], &["test", "--on", "staging"]] {
        world.taiwa(arguments).ends(2, "secret-missing").says("TAIWA_STAGING_TOKEN");
        let json = world.taiwa(&[arguments, &["--format", "json"]].concat()).exits(2).json();
        assert_eq!(json["reason"], "secret-missing");
    }
    let right = world.node("staging-1").token.clone();
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), "canary-wrong-0123456789".to_owned());
    world.taiwa(&DEPLOY).exits(1).says("unauthorized");
    // A client's token opens none of the doors of administration.
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), format!("client-{right}"));
    world.taiwa(&DEPLOY).ends(1, "scope-missing");
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), right);
    assert_eq!(world.settled("staging"), (None, 0), "nothing of this has changed anything");
}

#[test]
fn a_promotion_names_everything_that_is_missing() {
    let world = World::whole(PROGRAM, 2);
    let promote = ["promote", "--to", "production", "--yes"];
    let approve = |key: &str, role: &str| {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
        world.taiwa(&words)
    };
    let (tanaka, sato) = (&world.cast.manager.file, &world.cast.touchpoint_manager.file);
    world.taiwa(&promote).ends(1, "nothing-marked").says("taiwa mark staging --for production");
    world
        .taiwa(&["deploy", "--to", "production", "--yes"])
        .ends(2, "usage")
        .says("taiwa promote --to production");
    world.taiwa(&["mark", "channel/web-store", "--for", "production"]).ends(1, "not-running");
    world.deploy();
    world.taiwa(&["mark", "offer/espresso-starter", "--for", "production"]).ends(1, "not-running");
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.taiwa(&promote).exits(1).says("not committed").says("nothing-marked");
    world.commit("Mark for production");

    let no = world.taiwa(&promote).exits(1);
    for word in ["approval-missing", "gate-failed"] {
        assert!(no.err.contains(&format!("- {word}: ")), "{word}: {no}");
    }
    for who in ["tanaka", "sato", "taiwa approve", "taiwa test --on staging"] {
        assert!(no.err.contains(who), "{who}: {no}");
    }
    let json = world.taiwa(&["why-not", "--to", "production", "--format", "json"]).exits(1).json();
    assert!(json["help"].as_array().is_some_and(|it| it.len() >= 3), "{json:#}");
    assert!(json["reason"].is_string(), "{json:#}");
    let json = world.taiwa(&[&promote[..], &["--format", "json"]].concat()).exits(1).json();
    assert!(json["reason"].is_string(), "{json:#}");

    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
    wrong_signatures(&world);
    approve(tanaka, "manager").exits(0).says("touchpoint-manager");
    world.taiwa(&promote).ends(1, "approval-missing").says("sato");
    let sign =
        ["approve", "--to", "production", "--as", "touchpoint-manager", "--key", sato, "--yes"];
    let json = world.taiwa(&[&sign[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["environment"], "production");
    // The soak is one second.
    until("the soak is over", 20, || {
        let answer = world.taiwa(&["why-not", "--to", "production"]);
        (answer.exit == 0).then_some(())
    });
    world.taiwa(&["promote", "--to", "production"]).ends(1, "not-confirmed");
    assert_eq!(world.settled("production"), (None, 0), "nothing has moved");
    world.taiwa(&promote).exits(0);
    let staging = world.settled("staging").0;
    assert_eq!(world.settled("production"), (staging, 1), "the same bytes");
    world.taiwa(&promote).exits(0).says("nothing to do");
    world.taiwa(&["rollback", "--on", "production", "--yes"]).ends(1, "never-ran");
    approve(tanaka, "manager").ends(1, "nothing-to-do");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

/// Nobody signs for somebody else.
fn wrong_signatures(world: &World) {
    let tanaka = &world.cast.manager.file;
    let approve = |key: &str, role: &str| {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
        world.taiwa(&words)
    };
    approve(&world.cast.stranger.file, "manager").ends(1, "bad-signature");
    approve(tanaka, "touchpoint-manager").ends(1, "bad-signature");
    approve(tanaka, "king").ends(1, "unknown-role");
    approve("no.key", "manager").ends(2, "no-key");
    world
        .taiwa(&["approve", "--to", "production", "--as", "manager", "--yes"])
        .ends(1, "no-key")
        .says("ssh-keygen");
    let words = ["approve", "--to", "production", "--as", "manager", "--key", tanaka];
    world.taiwa(&words).ends(1, "not-confirmed");
    let stranger = ["test", "--on", "staging", "--key", &world.cast.stranger.file];
    world.taiwa(&stranger).exits(1).says("bad-signature");
    assert_eq!(world.settled("production"), (None, 0), "nothing has moved");
}

#[test]
fn attack_31_a_server_that_is_down_is_never_a_success() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    let before = world.settled("staging");
    world.rewrite("Never seen");
    world.mark();
    for server in ["staging-2", "staging-1"] {
        world.kill(server);
        for arguments in [&PLAN[..], &DEPLOY, &["test", "--on", "staging"]] {
            world.taiwa(arguments).ends(3, "unreachable").says(server);
        }
        world.taiwa(&["status", "staging"]).exits(3).says("unreachable");
        let json = world.taiwa(&["status", "staging", "--format", "json"]).exits(3).json();
        assert_eq!(json["reason"], "unreachable");
        world.restart(server);
        assert_eq!(world.settled("staging"), before, "nothing has changed");
    }
}

/// Answers of no server of this policy, at the address of one.
#[test]
fn liars_and_babblers() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    let before = world.settled("staging");
    world.rewrite("Never seen");
    world.mark();
    let address = world.node("staging-2").address;
    let old = request(address, ("GET", "/v1/group?challenge=0123456789abcdef"), "", b"").unwrap();
    assert_eq!(old.status, 200);
    let old = String::from_utf8(old.body).unwrap();
    let replayed = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{old}",
        old.len()
    );
    world.kill("staging-2");
    for answer in [
        replayed.as_str(),
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        "HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 302 No\r\nlocation: http://example.invalid/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ] {
        let fake = listen(address, &Manner::Babbles(answer.into()));
        world.taiwa(&DEPLOY).ends(3, "untrusted").says("staging-2");
        world.taiwa(&["status", "staging"]).exits(3).says("not believed");
        drop(fake);
    }
    for answer in
        ["\0\u{1}\u{2}nothing of HTTP\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\ncut"]
    {
        let fake = listen(address, &Manner::Babbles(answer.into()));
        world.taiwa(&DEPLOY).exits(3).says("staging-2");
        drop(fake);
    }
    // Another server, with another key, at that address.
    let (at, data) = (address.to_string(), world.private.join("impostor").display().to_string());
    let token = world.node("staging-2").token.clone();
    world.variables.insert("TAIWA_ADMIN_TOKEN".to_owned(), token);
    let arguments = ["runtime", "--listen", &at, "--data", &data, "--name", "staging-2"];
    let impostor = world.begin(&arguments);
    until("the impostor answers", 20, || world.servers["staging-2"].lives().then_some(()));
    world.taiwa(&DEPLOY).ends(3, "untrusted").says("staging-2");
    world.taiwa(&["status", "staging"]).exits(3).says("not believed");
    drop(impostor);
    world.restart("staging-2");
    assert_eq!(world.settled("staging"), before, "nothing has changed");
}

#[track_caller]
fn listen(address: SocketAddr, manner: &Manner) -> Fake {
    until("the address is free", 10, || Fake::at(address, manner.clone()).ok())
}

#[test]
fn a_server_that_never_answers_costs_a_bounded_time() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    let before = world.settled("staging");
    world.rewrite("Never seen");
    world.mark();
    world.kill("staging-2");
    let address = world.node("staging-2").address;
    let fake = listen(address, &Manner::Silent);
    // At once, since each of them waits for ten seconds.
    let all: Vec<_> = [&PLAN[..], &DEPLOY, &["status", "staging"], &["test", "--on", "staging"]]
        .into_iter()
        .map(|it| world.begin(it))
        .collect();
    for running in all {
        running.wait().exits(3).says("unreachable");
    }
    assert!(fake.held() >= 4);
    drop(fake);
    world.restart("staging-2");
    assert_eq!(world.settled("staging"), before, "nothing has changed");
}

#[test]
fn servers_go_on_without_a_deployer() {
    let mut world = World::staging(PROGRAM, 2);
    let [(_, old), (second, new)] = world.two_releases();
    world.taiwa(&DEPLOY).exits(0);
    world.git(&["checkout", "--quiet", &second]);
    let first = world.settled("staging").0.unwrap();
    world.taiwa(&DEPLOY).exits(0);
    let (release, generation) = world.settled("staging");
    let release = release.unwrap();
    for server in world.names("staging") {
        world.restart(&server);
        assert_eq!(world.headline(&server), Some((new.clone(), release.clone())));
    }
    assert_eq!(world.settled("staging"), (Some(release.clone()), generation));

    // Bytes that are no longer what they were: what is whole answers, and it says so.
    let damaged = file_of(&world, "staging-2", &release);
    let bytes = fs::read(&damaged).unwrap();
    for bad in [&bytes[..bytes.len() / 2], b"", b"taiwa/release/1\0{"] {
        fs::write(&damaged, bad).unwrap();
        world.restart("staging-2");
        let answer = world.headline("staging-2");
        assert_eq!(answer, Some((old.clone(), first.clone())), "the last whole release answers");
        assert!(!world.servers["staging-2"].ready(), "but it is not ready");
        let log = fs::read_to_string(&world.servers["staging-2"].log).unwrap();
        assert!(!log.contains("panicked"), "{log}");
    }
    // The next command mends it.
    world.taiwa(&["deploy", "--to", "staging", "--resume"]);
    world.rewrite("A third one");
    world.mark();
    world.taiwa(&DEPLOY).exits(0);
    assert_eq!(world.settled("staging").1, generation + 1);
    let third = world.headline("staging-2").map(|it| it.0);
    assert_eq!(third.as_deref(), Some("A third one"));
}

fn file_of(world: &World, server: &str, release: &str) -> std::path::PathBuf {
    let hex = release.strip_prefix("sha256:").unwrap();
    let files = taiwa_stories::below(&world.servers[server].data, "releases");
    let name = files.keys().find(|it| it.contains(hex)).unwrap();
    world.servers[server].data.join(name)
}
