//! Break-glass on real servers: other people, no gates, an end; ratified by what an ordinary promotion needs. And a server
//! that is left out.

use taiwa_testkit::{World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const FILE: &str = "environments/production/environment.yaml";
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];

fn approve(world: &World, more: &[&str]) {
    let signers =
        [("manager", &world.cast.manager), ("touchpoint-manager", &world.cast.touchpoint_manager)];
    for (role, key) in signers {
        let words = ["approve", "--to", "production", "--as", role, "--key", &key.file, "--yes"];
        world.taiwa(&[&words[..], more].concat()).exits(0);
    }
}

/// What is there runs on staging and is marked for production.
fn marked(world: &World) {
    world.deploy();
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
}

fn proven(world: &World) {
    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
}

fn soaked(world: &World) {
    until("the soak is over", 30, || {
        let unmet = world.taiwa(&["why-not", "--to", "production"]);
        (!unmet.err.contains("soak-missing")).then_some(())
    });
}

/// Production with two people who break the glass, running a first release.
fn running() -> World {
    let world = World::whole_with(PROGRAM, 2, |world| {
        let text = world.read(FILE);
        let people = "\nemergency:\n  - { role: manager, count: 1 }\n  - { role: touchpoint-manager, count: 1 }\nskew: 1s\n";
        world.write(FILE, &format!("{text}{people}"));
    });
    marked(&world);
    proven(&world);
    approve(&world, &[]);
    soaked(&world);
    world.taiwa(&PROMOTE).exits(0);
    world
}

fn emergency<'a>(lasts: &'a str, why: &'a str) -> Vec<&'a str> {
    [&PROMOTE[..], &["--emergency", lasts, "--why", why]].concat()
}

#[test]
fn an_emergency_needs_no_gates_and_goes_back_by_itself() {
    let world = running();
    let before = world.settled("production");
    world.rewrite("The fix");
    marked(&world);
    world
        .taiwa(&["approve", "--to", "production", "--as", "manager", "--emergency", "--yes"])
        .ends(1, "nothing-to-do")
        .says("taiwa promote --to production --emergency");
    world.taiwa(&emergency("5h", "the till is down")).ends(2, "usage");
    let silent = world.taiwa(&[&PROMOTE[..], &["--emergency", "1h"]].concat());
    assert_eq!(silent.exit, 2, "nobody breaks the glass without a word");
    let no = world.taiwa(&emergency("40s", "the till is down")).ends(1, "approval-missing");
    assert!(no.err.contains("--emergency"), "{no}");
    approve(&world, &["--emergency"]);
    world.taiwa(&emergency("40s", "the till is down")).exits(0);
    assert_eq!(world.headline("production-2").unwrap().0, "The fix");
    let status = world.taiwa(&["status", "production"]);
    assert!(status.out.contains("emergency"), "{status}");
    until("the emergency is over on every server", 90, || {
        let group = world.status("production");
        (group.in_step && world.headline("production-2")?.0 != "The fix").then_some(())
    });
    let after = world.settled("production");
    assert_eq!((after.0, after.1), (before.0, before.1 + 2));
    // What went back by itself does not return by accident.
    proven(&world);
    soaked(&world);
    world.taiwa(&PROMOTE).ends(1, "rolled-back");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn an_emergency_stays_when_it_is_ratified() {
    let world = running();
    world.rewrite("The fix");
    marked(&world);
    world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).ends(1, "nothing-to-do");
    world.taiwa(&emergency("1h", "the till is down")).ends(1, "approval-missing");
    approve(&world, &["--emergency"]);
    world.taiwa(&emergency("1h", "the till is down")).exits(0);
    // What was not asked for before is asked for now.
    let no = world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).ends(1, "gate-failed");
    assert!(no.err.contains("taiwa test --on staging"), "{no}");
    proven(&world);
    approve(&world, &["--ratify"]);
    until("it is ratified once it has soaked", 40, || {
        (world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).exit == 0).then_some(())
    });
    assert_eq!(world.settled("production").1, 3);
    let status = world.taiwa(&["status", "production"]).exits(0);
    assert!(!status.out.contains("emergency"), "{status}");
    world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).ends(1, "nothing-to-do");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn a_server_is_left_out_with_a_reason_and_catches_up_by_itself() {
    let mut world = World::staging(PROGRAM, 2);
    world.deploy();
    world.rewrite("While one is away");
    world.mark();
    world.kill("staging-2");
    let deploy = ["deploy", "--to", "staging", "--yes"];
    world.taiwa(&deploy).ends(3, "unreachable");
    let silent = world.taiwa(&[&deploy[..], &["--without", "staging-2"]].concat());
    assert_eq!(silent.exit, 2, "why?");
    let why = ["--why", "its disk is being replaced"];
    let anchor = [&deploy[..], &["--without", "staging-1"], &why].concat();
    assert_ne!(world.taiwa(&anchor).exit, 0, "the anchor cannot be left out");
    world.taiwa(&[&deploy[..], &["--without", "staging-2"], &why].concat()).exits(0);
    assert_eq!(world.headline("staging-1").unwrap().0, "While one is away");
    world.restart("staging-2");
    until("it has caught up by itself", 30, || world.status("staging").in_step.then_some(()));
    assert_eq!(world.headline("staging-2").unwrap().0, "While one is away");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}
