//! Stopping the line and going back at once: holds, freezes and the parachute, on real servers.

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const ROLLBACK: [&str; 4] = ["rollback", "--on", "production", "--yes"];

#[test]
fn a_hold_stops_everybody_and_whoever_may_lifts_it() {
    let world = World::whole(PROGRAM, 2);
    world.ready_to_promote(&[]);
    let (manager, other) =
        (world.cast.manager.file.clone(), world.cast.touchpoint_manager.file.clone());
    let hold = ["hold", "--on", "production", "--why", "the prices are wrong", "--id", "prices"];
    world
        .taiwa(&[&hold[..], &["--key", &world.cast.stranger.file]].concat())
        .ends(1, "bad-signature")
        .says("tanaka, sato");
    world.taiwa(&[&hold[..], &["--for", "15d", "--key", &manager]].concat()).ends(2, "usage");
    world.taiwa(&[&hold[..], &["--dry-run", "--key", &manager]].concat()).exits(0);
    assert!(!world.taiwa(&["why-not", "--to", "production"]).err.contains("held"));
    world.taiwa(&[&hold[..], &["--key", &manager]].concat()).exits(0).says("taiwa lift prices");

    let no = world.taiwa(&PROMOTE).ends(1, "held").says("the prices are wrong");
    assert!(no.err.contains("taiwa lift prices --on production"), "{no}");
    let status = world.taiwa(&["status", "production"]).says("tanaka stopped changes until");
    status.says("to go on: taiwa lift prices --on production");
    assert_eq!(world.settled("production"), (None, 0));
    let lift = ["lift", "prices", "--on", "production", "--key", &other];
    world.taiwa(&lift).exits(0);
    world.taiwa(&lift).ends(1, "nothing-to-do").says("sato has lifted the hold prices");
    let history = world.taiwa(&["history", "production"]).exits(0);
    assert_eq!(history.out.matches("lifts the hold prices").count(), 1, "{history}");
    world.taiwa(&PROMOTE).exits(0);
    // What was lifted never holds again, also when its statement is sent once more.
    world.taiwa(&[&hold[..], &["--key", &manager]].concat()).ends(1, "expired");
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn a_server_holds_whatever_the_deployer_believes() {
    let world = World::whole(PROGRAM, 2);
    world.ready_to_promote(&[]);
    let manager = world.cast.manager.file.clone();
    // The clone of another person: it has seen neither the ledger's hold nor the lift.
    let hold = ["hold", "--on", "production", "--why", "stop", "--id", "stop", "--key", &manager];
    let clone = world.clone_to("elsewhere");
    world.taiwa(&hold).exits(0);
    world.taiwa_in(&clone, &PROMOTE).ends(1, "held");
    assert_eq!(world.settled("production"), (None, 0));
}

#[test]
fn a_freeze_stops_a_promotion() {
    let world = World::whole_with(PROGRAM, 1, |world| {
        let file = "environments/production/environment.yaml";
        let freeze =
            "freeze: [ { from: 2026-01-01, until: 2999-12-31, reason: an audit } ]\npeople:\n";
        world.edit(file, "people:\n", freeze);
    });
    world.ready_to_promote(&[]);
    world.taiwa(&PROMOTE).ends(1, "freeze").says("an audit");
    assert_eq!(world.settled("production"), (None, 0));
}

#[test]
fn outside_its_windows_nothing_changes() {
    let world = World::whole_with(PROGRAM, 1, |world| {
        let file = "environments/production/environment.yaml";
        // A window of one minute, half a day away from now in any zone that the sample could name.
        let now = world.git(&["log", "-1", "--format=%cd", "--date=format-local:%u"]);
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let today: usize = now.trim().parse().unwrap();
        let far = days[(today + 2) % 7];
        let text = format!(
            "windows: [ {{ days: [{far}], from: \"12:00\", until: \"12:01\" }} ]\npeople:\n"
        );
        world.edit(file, "people:\n", &text);
    });
    world.ready_to_promote(&[]);
    world.taiwa(&PROMOTE).ends(1, "window").says("the next opens at");
    assert_eq!(world.settled("production"), (None, 0));
}

#[test]
fn one_signature_takes_a_promotion_back_and_it_does_not_return_by_accident() {
    let world = World::whole(PROGRAM, 2);
    world.ready_to_promote(&[]);
    world.taiwa(&PROMOTE).exits(0);
    // A first release has nowhere to go back to.
    world.taiwa(&ROLLBACK).ends(1, "never-ran");
    let (first, _) = world.settled("production");
    world.rewrite("Too bold a claim");
    world.ready_to_promote(&[]);
    world.taiwa(&PROMOTE).exits(0);
    let hold = ["hold", "--on", "production", "--why", "stop", "--key", &world.cast.manager.file];
    world.taiwa(&hold).exits(0);

    let back = |key: &str| world.taiwa(&[&ROLLBACK[..], &["--key", key]].concat());
    back(&world.cast.stranger.file).ends(1, "bad-signature");
    let dry = [&ROLLBACK[..], &["--dry-run", "--key", &world.cast.touchpoint_manager.file]];
    world.taiwa(&dry.concat()).exits(0).says("back by parachute");
    assert_eq!(world.settled("production").1, 2);
    // The touchpoint manager alone could not approve a rollback; the parachute lets them.
    back(&world.cast.touchpoint_manager.file).exits(0).says("back by parachute");
    assert_eq!(world.settled("production"), (first.clone(), 3));
    let (headline, release) = world.headline("production-2").unwrap();
    assert_ne!(headline, "Too bold a claim");
    assert_eq!(Some(release), first);
    world.taiwa(&["history", "production", "--verify"]).exits(0).says("parachute");
    let no = world.taiwa(&PROMOTE).exits(1);
    assert!(no.err.contains("rolled-back") || no.err.contains("held"), "{no}");
}

#[test]
fn without_a_parachute_the_approvals_of_a_rollback_decide() {
    let world = World::whole(PROGRAM, 1);
    world.ready_to_promote(&[]);
    world.taiwa(&PROMOTE).exits(0);
    let (first, _) = world.settled("production");
    world.rewrite("Another claim");
    world.ready_to_promote(&["--no-parachute"]);
    world.taiwa(&PROMOTE).exits(0);
    let words = |role, key| [&ROLLBACK[..], &["--as", role, "--key", key]].concat();
    let other = &world.cast.touchpoint_manager.file;
    world.taiwa(&words("touchpoint-manager", other)).ends(1, "approval-missing");
    assert_eq!(world.settled("production").1, 2);
    world.taiwa(&words("manager", &world.cast.manager.file)).exits(0);
    assert_eq!(world.settled("production"), (first, 3));
}
