//! What `taiwa status` says and mends: silent servers, drift, bytes that are gone, and what people said meanwhile.
#![expect(clippy::disallowed_methods, reason = "the tests damage releases and measure time")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{fs, net::SocketAddr, time::Instant};

use serde_json::Value as Json;
use taiwa_testkit::{Answer, Fake, Manner, World, request, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const HEAL: [&str; 3] = ["status", "staging", "--heal"];

fn server(world: &World, environment: &str, place: usize) -> Json {
    let json = world.taiwa(&["status", environment, "--format", "json"]).json();
    json["environments"][0]["servers"][place].clone()
}

/// What a server itself says.
fn says(world: &World, name: &str) -> Json {
    let node = &world.servers[name];
    request(node.address, ("GET", "/admin/v1/status"), &node.token, b"").unwrap().json()
}

#[test]
fn a_silent_server_is_shown_soon_and_with_what_it_said_last() {
    let mut world = World::staging(PROGRAM, 3);
    world.deploy();
    let (release, _) = world.settled("staging");
    let fresh = server(&world, "staging", 1);
    assert_eq!(fresh["last"]["stale"], false, "{fresh:#}");
    world.taiwa(&["status", "staging"]).exits(0).says("as of");
    for name in ["staging-2", "staging-3"] {
        world.kill(name);
    }
    let listen =
        |address| until("the address is free", 10, || Fake::at(address, Manner::Silent).ok());
    let fakes =
        [listen(world.servers["staging-2"].address), listen(world.servers["staging-3"].address)];
    let begun = Instant::now();
    let answer = world.taiwa(&["status", "staging"]).ends(3, "unreachable");
    let took_s = begun.elapsed().as_secs();
    assert!(took_s < 8, "three seconds for all of them at once, not {took_s}");
    assert!(answer.out.contains("staging-2: unreachable: no answer in 3 s"), "{answer}");
    // The headline does not say that all is well, and sentences do not push the table apart.
    let (first, rest) = answer.out.split_once('\n').unwrap();
    assert!(first.contains("2 of 3 SERVERS AWAY; the other: in step at release"), "{answer}");
    let widest = rest.lines().take(4).map(|it| it.chars().count()).max();
    assert!(widest < Some(90), "{answer}");
    // What the deployment filed of it.
    let known = server(&world, "staging", 1);
    assert_eq!(known["signed"]["reached"], false);
    assert_eq!(known["last"]["release"].as_str(), release.as_deref(), "{known:#}");
    assert!(known["last"]["as_of"].is_string());
    assert_eq!(server(&world, "staging", 0)["signed"]["reached"], true);
    drop(fakes);
}

#[test]
fn it_goes_on_asking_until_it_is_stopped() {
    let mut world = World::staging(PROGRAM, 1);
    world.deploy();
    world.taiwa(&["status", "--watch", "--format", "json"]).ends(2, "usage");
    let running = world.begin(&["status", "staging", "--watch"]);
    until("it has looked twice", 30, || {
        (running.said().matches("watching;").count() >= 2).then_some(())
    });
    running.signal("INT");
    let end = running.wait().exits(130);
    assert!(end.out.matches("in step").count() >= 2, "{end}");

    // A token that the server does not know is no yes.
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), "0123456789abcdef-wrong".to_owned());
    let no = world.taiwa(&["status", "staging"]).ends(1, "unauthorized");
    assert!(no.out.contains("says no more: unauthorized"), "{no}");
    let json = world.taiwa(&["status", "staging", "--format", "json"]).ends(1, "unauthorized");
    assert_eq!(json.json()["environments"][0]["servers"][0]["refused"], "unauthorized");
}

/// Something stands between the commands and a server, until the commit is taken back.
fn in_front_of(world: &World, name: &str, manner: Manner) -> Fake {
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    let file = "environments/staging/environment.yaml";
    let (before, after) = (world.servers[name].url(), format!("http://{}", fake.address()));
    world.edit(file, &before, &after);
    world.commit("Another way to a server");
    fake
}

/// A deployment or a rollback that is committed and has not reached the second server.
fn half_way(world: &World, command: &[&str]) {
    let behind = world.servers["staging-2"].address;
    let manner = Manner::HoldsBack { behind, request: "POST /admin/v1/activation".to_owned() };
    let fake = in_front_of(world, "staging-2", manner);
    let running = world.begin(command);
    until("the activation is held back", 30, || (fake.held() > 0).then_some(()));
    running.signal("INT");
    running.wait().exits(130);
    drop(fake);
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
}

#[test]
fn drift_is_healed_and_an_authorised_rollback_is_not_undone() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let (first, _) = world.settled("staging");
    world.taiwa(&HEAL).exits(0).says("nothing to heal");
    world.rewrite("Committed");
    world.mark();
    half_way(&world, &DEPLOY);
    world.taiwa(&HEAL).exits(0).says("in step");
    assert_eq!(world.settled("staging").1, 2);
    half_way(&world, &["rollback", "--on", "staging", "--yes"]);
    let json = world.taiwa(&[&HEAL[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["environments"][0]["in_step"], true);
    assert!(json["environments"][0]["healed"].is_array());
    assert_eq!(world.settled("staging"), (first.clone(), 3), "back, on both");
    world.taiwa(&HEAL).exits(0).says("nothing to heal");
    world.taiwa(&DEPLOY).ends(1, "rolled-back");
    assert_eq!(world.settled("staging"), (first, 3));
}

/// A machine that is there and silent costs a few seconds, once, and is named; the others are mended.
#[test]
fn a_frozen_server_does_not_keep_heal_from_the_others() {
    let world = World::staging(PROGRAM, 3);
    world.deploy();
    world.rewrite("Committed");
    world.mark();
    half_way(&world, &DEPLOY);
    world.servers["staging-3"].freeze();
    let begun = Instant::now();
    let healed = world.taiwa(&HEAL).ends(3, "unreachable").says("staging-3 does not answer");
    let took_s = begun.elapsed().as_secs();
    assert!(took_s < 9, "{took_s} s: {healed}");
    world.servers["staging-1"].freeze();
    let begun = Instant::now();
    world.taiwa(&HEAL).ends(3, "unreachable").says("nothing is healed before it answers");
    let took_s = begun.elapsed().as_secs();
    assert!(took_s < 9, "{took_s} s");
    for name in ["staging-1", "staging-3"] {
        world.servers[name].thaw();
    }
    until("all are in step again", 30, || world.status("staging").in_step.then_some(()));
    assert_eq!(world.headline("staging-2").unwrap().0, "Committed");
}

/// A server that has as much to do as it takes is asked again, for a while, and that is said.
#[test]
fn a_busy_server_is_asked_again() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let (_, generation) = world.settled("staging");
    world.rewrite("Stored at the third try");
    world.mark();
    for (request, times) in [("PUT /admin/v1/releases", 2), ("POST /admin/v1/preparation", 1)] {
        let behind = world.servers["staging-2"].address;
        let manner = Manner::Busy { behind, request: request.to_owned(), times };
        let fake = in_front_of(&world, "staging-2", manner);
        let done = world.taiwa(&DEPLOY).exits(0).says("staging-2 is busy; it is asked again");
        assert_eq!(done.out.matches("is busy").count(), 1, "{done}");
        assert_eq!(fake.held(), times + 1);
        world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
        world.rewrite("And the next one");
        world.mark();
    }
    assert_eq!(world.settled("staging").1, generation + 2);
}

#[test]
fn bytes_that_are_gone_are_given_back_and_answer_again() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    world.rewrite("The second release");
    world.deploy();
    let (release, _) = world.settled("staging");
    let hex = release.as_deref().unwrap().trim_start_matches("sha256:").to_owned();
    for damage in ["gone", "cut"] {
        let folder = world.servers["staging-2"].data.clone();
        let (path, _) =
            taiwa_stories::below(&folder, "").into_iter().find(|it| it.0.contains(&hex)).unwrap();
        let file = folder.join(&path);
        world.kill("staging-2");
        if damage == "gone" {
            fs::remove_file(&file).unwrap();
        } else {
            fs::write(&file, b"taiwa/release/1\0{").unwrap();
        }
        world.restart("staging-2");
        assert_ne!(
            says(&world, "staging-2")["serving"],
            Json::Null,
            "{damage}: another one answers"
        );
        world.taiwa(&HEAL).exits(0).says("staging-2: release").says("stored anew");
        let now = says(&world, "staging-2");
        assert_eq!((&now["serving"], &now["ready"]), (&Json::Null, &Json::Bool(true)), "{now:#}");
        assert_eq!(world.headline("staging-2").unwrap().0, "The second release");
    }
}

fn hold(world: &World, command: &str, more: &[&str]) -> Answer {
    let all =
        [&[command, "--on", "production", "--key", &world.cast.manager.file][..], more].concat();
    world.taiwa(&all)
}

fn holds(world: &World, name: &str) -> usize {
    says(world, name)["holds"].as_array().map_or(0, Vec::len)
}

/// What is there runs on staging, is proven, and is marked for production.
fn proven(world: &World) {
    world.deploy();
    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
}

fn reject(world: &World, key: &str) -> Answer {
    let why = ["approve", "--to", "production", "--as", "manager", "--reject", "--why", "no"];
    world.taiwa(&[&why[..], &["--yes", "--key", key]].concat())
}

#[test]
fn what_was_said_while_a_server_was_down_reaches_it() {
    let mut world = World::whole(PROGRAM, 2);
    hold(&world, "lift", &["price"]).ends(1, "nothing-to-do").says("nobody holds production");
    world.kill("production-2");
    hold(&world, "hold", &["--why", "prices", "--id", "prices"]).exits(0).says("does not know");
    world.restart("production-2");
    assert_eq!((holds(&world, "production-1"), holds(&world, "production-2")), (1, 0));
    let healed = world.taiwa(&["status", "production", "--heal"]).exits(0);
    healed.says("production-2 has heard now of the hold prices");
    assert_eq!(holds(&world, "production-2"), 1, "a hold is passed on, never lifted");
    world.taiwa(&["status", "production", "--heal"]).exits(0).says("nothing to heal");

    // Any command that would move something passes on the lift.
    world.kill("production-2");
    world
        .taiwa(&["lift", "prices", "--on", "production", "--key", &world.cast.manager.file])
        .exits(0);
    world.restart("production-2");
    assert_eq!((holds(&world, "production-1"), holds(&world, "production-2")), (0, 1));
    proven(&world);
    world.taiwa(&["plan", "--to", "production"]).exits(0).says("the lift of prices");
    assert_eq!(holds(&world, "production-2"), 0);

    // A rejection is told in the same way.
    reject(&world, "../private/none.key").exits(2);
    reject(&world, &world.cast.stranger.file).ends(1, "bad-signature");
    reject(&world, &world.cast.manager.file).exits(0).says("2 of 2 servers know the rejection");
}

#[test]
fn a_rejection_reaches_a_server_that_was_not_told() {
    let mut world = World::whole(PROGRAM, 2);
    proven(&world);
    reject(&world, &world.cast.manager.file).exits(0);
    // The server is set up anew: it has forgotten everything but its key.
    world.kill("production-2");
    let data = world.servers["production-2"].data.clone();
    for (path, _) in taiwa_stories::below(&data, "") {
        let file = if data.join(&path).exists() { data.join(&path) } else { path.clone().into() };
        if !path.ends_with("key") {
            fs::remove_file(file).ok();
        }
    }
    world.restart("production-2");
    let rejections =
        |world: &World| says(world, "production-2")["rejections"].as_array().map_or(0, Vec::len);
    if rejections(&world) == 0 {
        world.taiwa(&["status", "production", "--heal"]).says("the rejection of plan");
    }
    assert_eq!(rejections(&world), 1);
}
