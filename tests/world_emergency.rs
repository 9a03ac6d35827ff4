//! Break-glass on real servers: other people, no gates, an end; ratified by what an ordinary promotion needs. And a server
//! that is left out.

use taiwa_testkit::{World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const FILE: &str = "environments/production/environment.yaml";
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];

/// Production with two people who break the glass, running a first release.
fn running() -> World {
    let world = World::whole_with(PROGRAM, 2, |world| {
        let text = world.read(FILE);
        let people = "\nemergency:\n  - { role: manager, count: 1 }\n  - { role: touchpoint-manager, count: 1 }\nskew: 1s\n";
        world.write(FILE, &format!("{text}{people}"));
    });
    world.ready_to_promote(&[]);
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
    world.deploy();
    world.mark_for_production();
    world
        .taiwa(&["approve", "--to", "production", "--as", "manager", "--emergency", "--yes"])
        .ends(1, "nothing-to-do")
        .says("taiwa promote --to production --emergency");
    world.taiwa(&emergency("5h", "the till is down")).ends(2, "usage");
    let silent = world.taiwa(&[&PROMOTE[..], &["--emergency", "1h"]].concat());
    assert_eq!(silent.exit, 2, "nobody breaks the glass without a word");
    let no = world.taiwa(&emergency("40s", "the till is down")).ends(1, "approval-missing");
    assert!(no.err.contains("--emergency"), "{no}");
    world.approve(&["--emergency"]);
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
    world.prove().exits(0);
    world.soak();
    world.taiwa(&PROMOTE).ends(1, "rolled-back");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn an_emergency_stays_when_it_is_ratified() {
    let world = running();
    world.rewrite("The fix");
    world.deploy();
    world.mark_for_production();
    world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).ends(1, "nothing-to-do");
    world.taiwa(&emergency("1h", "the till is down")).ends(1, "approval-missing");
    world.approve(&["--emergency"]);
    world.taiwa(&emergency("1h", "the till is down")).exits(0);
    // What was not asked for before is asked for now.
    let no = world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).ends(1, "gate-failed");
    assert!(no.err.contains("taiwa test --on staging"), "{no}");
    world.prove().exits(0);
    world.approve(&["--ratify"]);
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
