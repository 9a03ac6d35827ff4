//! Signals at a deployment, and two deployments at once: what is said is true on the servers.

#![expect(clippy::disallowed_methods, reason = "a test puts a program of its own into the path")]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{net::SocketAddr, os::unix::fs::PermissionsExt as _, path::PathBuf};

use taiwa_testkit::{Fake, Manner, World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];

/// Puts another address in place of a server's, as a proxy would have it.
fn through(world: &World, server: &str, address: SocketAddr) {
    let url = world.servers[server].url();
    let file = "environments/staging/environment.yaml";
    let text = world.read(file).replace(&url, &format!("http://{address}"));
    world.write(file, &text);
    world.commit("Another way to a server");
}

#[test]
fn attack_31_a_signal_before_the_commit_changes_nothing_and_ends_the_attempt() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let before = world.settled("staging");
    world.rewrite("Only after the signals");
    world.mark();
    for (signal, exit, door) in [
        ("INT", 130, "POST /admin/v1/preparation"),
        ("TERM", 143, "POST /admin/v1/preparation"),
        ("TERM", 143, "PUT /admin/v1/releases"),
        ("INT", 130, "GET /v1/group"),
    ] {
        let behind = world.servers["staging-2"].address;
        let manner = Manner::HoldsBack { behind, request: door.to_owned() };
        let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
        through(&world, "staging-2", fake.address());
        let running = world.begin(&[&DEPLOY[..], &["--format", "json"]].concat());
        until("the request is held back", 30, || (fake.held() > 0).then_some(()));
        running.signal(signal);
        let answer = running.wait().ends(exit, "interrupted");
        assert_eq!(answer.json()["exit"], exit);
        drop(fake);
        world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
        assert_eq!(world.settled("staging"), before, "nothing has changed, no slot is left");
    }
    frozen(&world);
    assert_eq!(world.settled("staging"), before);
    world.taiwa(&DEPLOY).exits(0);
    assert_eq!(world.settled("staging").1, before.1 + 1);
}

/// Who is waited for is said, and whoever wants to leave may, although nobody answers any more.
#[track_caller]
fn frozen(world: &World) {
    let behind = world.servers["staging-2"].address;
    let manner = Manner::HoldsBack { behind, request: "PUT /admin/v1/releases".to_owned() };
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    through(world, "staging-2", fake.address());
    let mut running = world.begin(&DEPLOY);
    until("it says for whom it waits", 15, || {
        running.shown().contains("waiting for staging-2").then_some(())
    });
    for server in ["staging-1", "staging-2"] {
        world.servers[server].freeze();
    }
    running.signal("TERM");
    until("it says what it does", 2, || running.shown().contains("stopped by you").then_some(()));
    until("it ends", 5, || running.ended().then_some(()));
    running.wait().ends(143, "interrupted").says("taiwa status staging");
    // Frozen from the beginning: the same, before there is anything to be ended.
    let running = world.begin(&DEPLOY);
    until("it says that it waits", 15, || {
        running.shown().contains("waiting for every server of staging").then_some(())
    });
    running.signal("INT");
    running.wait().ends(130, "interrupted");
    for server in ["staging-1", "staging-2"] {
        world.servers[server].thaw();
    }
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
}

/// While it works on this machine only, a signal ends it with the word, at once.
#[test]
fn a_signal_before_any_server_was_asked() {
    let mut world = World::bare(PROGRAM);
    let begun = world.private.join("begun");
    let tools = world.private.join("tools");
    std::fs::create_dir(&tools).unwrap();
    let script = format!("#!/bin/sh\n: > '{}'\nexec sleep 5\n", begun.display());
    std::fs::write(tools.join("git"), script).unwrap();
    std::fs::set_permissions(tools.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    world.git(&["remote", "add", "origin", "/nowhere"]);
    let path = format!("{}:{}", tools.display(), world.variables["PATH"]);
    world.variables.insert("PATH".to_owned(), path);
    for (signal, exit) in [("INT", 130), ("TERM", 143)] {
        std::fs::remove_file(&begun).ok();
        let mut running = world.begin(&["history", "--format", "json"]);
        until("it is at work", 10, || begun.exists().then_some(()));
        running.signal(signal);
        until("it ends", 3, || running.ended().then_some(()));
        let answer = running.wait().ends(exit, "interrupted");
        assert_eq!(answer.json()["reason"], "interrupted");
    }
}

/// Servers that are waited for no longer than two seconds.
fn impatient(world: &World) {
    let file = "environments/staging/environment.yaml";
    world.write(file, &format!("{}deadline: 2s\n", world.read(file)));
    world.taiwa(&["policy", "propose", "staging"]).exits(0);
    world.commit("Two seconds are enough");
    world.taiwa(&["policy", "install", "staging"]).exits(0);
}

#[test]
fn attack_31_a_signal_after_the_commit_is_no_success_and_names_what_can_be_resumed() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    impatient(&world);
    let before = world.settled("staging");
    world.rewrite("Committed");
    world.mark();
    let behind = world.servers["staging-2"].address;
    let manner = Manner::HoldsBack { behind, request: "POST /admin/v1/activation".to_owned() };
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    through(&world, "staging-2", fake.address());
    let running = world.begin(&DEPLOY);
    until("the activation is held back", 30, || (fake.held() > 0).then_some(()));
    // It would help itself otherwise, and then there is nothing to be resumed.
    world.servers["staging-2"].freeze();
    running.signal("INT");
    running.wait().ends(130, "interrupted").says("taiwa deploy --to staging --resume");
    drop(fake);
    world.servers["staging-2"].thaw();
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    // Nobody resumes it: the server that was held back asks its anchor.
    until("the servers end it by themselves", 30, || world.status("staging").in_step.then_some(()));
    assert_eq!(world.settled("staging").1, before.1 + 1);
    world.taiwa(&DEPLOY).exits(0).says("nothing to do");
    world.taiwa(&["history", "--verify"]).exits(0).says("partly-activated: release ");
}

/// Somebody deploys between the look of another one at the servers and its request to them.
#[track_caller]
fn overtaken(world: &World, clones: &[PathBuf; 2], commits: [&str; 2]) {
    for (clone, commit) in clones.iter().zip(commits) {
        world.git_in(clone, &["checkout", "--quiet", commit]);
    }
    world.taiwa_in(&clones[1], &DEPLOY).exits(0);
    let behind = world.servers["staging-2"].address;
    let manner = Manner::Busy { behind, request: "PUT /admin/v1/releases".to_owned(), times: 5 };
    let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
    through(world, "staging-2", fake.address());
    let slow = world.begin(&DEPLOY);
    until("it is asked to come again", 30, || {
        slow.shown().contains("staging-2 is busy").then_some(())
    });
    slow.signal("STOP");
    world.taiwa_in(&clones[0], &DEPLOY).exits(0);
    slow.signal("CONT");
    let no = slow.wait().ends(1, "conflict").says("by this command");
    no.says("somebody else moved staging meanwhile").says("taiwa status staging");
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
}

#[test]
fn two_deployers_at_once() {
    let world = World::staging(PROGRAM, 2);
    let [(first, _), (second, _)] = world.two_releases();
    let clones = [world.clone_to("one"), world.clone_to("two")];
    let mut generation = 0;
    for round in 0..4 {
        for (clone, commit) in
            clones.iter().zip(if round % 2 == 0 { [&first, &second] } else { [&second, &first] })
        {
            world.git_in(clone, &["checkout", "--quiet", commit]);
        }
        let both = clones.each_ref().map(|it| world.begin_in(it, &DEPLOY));
        let both = both.map(taiwa_testkit::Running::wait);
        let mut won = 0;
        for answer in &both {
            match answer.exit {
                0 if answer.out.contains("nothing to do") => {}
                0 => won += 1,
                1 => assert_eq!(answer.word(), "conflict", "{answer}"),
                _ => panic!("{answer}"),
            }
        }
        let (release, now) = world.settled("staging");
        assert!(release.is_some());
        assert_eq!(now, generation + won, "one generation a winner\n{}\n{}", both[0], both[1]);
        generation = now;
    }
    assert!(generation > 0, "somebody won");
    overtaken(&world, &clones, [&first, &second]);
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}
