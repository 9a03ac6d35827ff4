//! The servers among themselves: an interrupted move ends without a deployer, another anchor leads, a lost one is
//! retired. Real processes, real sockets.
#![expect(clippy::unwrap_used, reason = "tests insist")]
#![expect(clippy::disallowed_methods, reason = "a disk is emptied")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use taiwa_deployer::{Stage, Watch};
use taiwa_testkit::{World, request, until};

use crate::order;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const STAGING: &str = "environments/staging/environment.yaml";

/// The deployer dies at a stage. Before that it sees the anchor be told to commit.
struct Dies<'a> {
    at: Stage,
    committing: &'a (dyn Fn() + Sync),
}

impl Watch for Dies<'_> {
    fn saw(&self, stage: &Stage) {
        if *stage == Stage::Committing {
            (self.committing)();
        }
        if *stage == self.at {
            resume_unwind(Box::new("killed"));
        }
    }
}

/// A deployment whose deployer dies.
fn torn(order: &order::Prepared, at: Stage, committing: &(dyn Fn() + Sync)) {
    let watch = Dies { at, committing };
    catch_unwind(AssertUnwindSafe(|| order.execute(&watch))).unwrap_err();
}

/// Why a server is not ready, and whether its slot is overdue.
fn word(world: &World, server: &str) -> (Vec<String>, bool) {
    let address = world.servers[server].address;
    let said = request(address, ("GET", "/v1/group"), "", b"").unwrap().json();
    let reasons = said["reasons"].as_array().unwrap();
    let reasons = reasons.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    (reasons, said["slot"]["overdue"].as_bool().unwrap_or(false))
}

/// Waits until a server is not ready for exactly these reasons, with a slot that is overdue or not.
#[track_caller]
fn comes_to(world: &World, server: &str, reasons: &[&str], overdue: bool) {
    until(&format!("{server}: {reasons:?}"), 30, || {
        let (found, doubt) = word(world, server);
        (found == reasons && doubt == overdue).then_some(())
    });
}

#[test]
fn attack_12_what_the_anchor_committed_reaches_everyone_without_a_deployer() {
    let world = World::staging(PROGRAM, 3);
    world.deploy();
    world.rewrite("Committed, and then nobody");
    world.mark();
    let order = order::Prepared::new(&world);
    torn(&order, Stage::Committed, &|| ());
    until("the others ask their anchor", 30, || world.status("staging").in_step.then_some(()));
    assert_eq!(world.settled("staging"), (Some(order.to()), 2));
    for server in world.names("staging") {
        assert_eq!(world.headline(&server).unwrap().0, "Committed, and then nobody");
    }
}

/// Everybody has promised, and the anchor is gone: the others cannot know whether it committed.
#[test]
fn who_is_in_doubt_together_stays_ready_and_an_anchor_that_is_alone_does_not() {
    let mut world = World::staging(PROGRAM, 3);
    world.deploy();
    let before = world.headline("staging-2").unwrap();
    world.rewrite("Promised by everybody");
    world.mark();
    torn(&order::Prepared::new(&world), Stage::Committing, &|| ());
    world.kill("staging-1");
    comes_to(&world, "staging-2", &[], true);
    comes_to(&world, "staging-3", &[], true);
    world.servers["staging-3"].freeze();
    comes_to(&world, "staging-2", &["in-doubt"], true);
    assert_eq!(world.headline("staging-2").unwrap(), before, "it goes on answering");
    world.servers["staging-3"].thaw();
    comes_to(&world, "staging-2", &[], true);
    world.restart("staging-1");
    for server in ["staging-1", "staging-2", "staging-3"] {
        comes_to(&world, server, &[], false);
    }
    // Now it commits, and nobody hears of it in time.
    let order = order::Prepared::new(&world);
    torn(&order, Stage::Committed, &|| {
        world.servers["staging-2"].freeze();
        world.servers["staging-3"].freeze();
    });
    comes_to(&world, "staging-1", &["alone"], false);
    assert_eq!(world.headline("staging-1").unwrap().0, "Promised by everybody");
    world.servers["staging-2"].thaw();
    comes_to(&world, "staging-2", &["after-doubt"], false);
    comes_to(&world, "staging-2", &[], false);
    comes_to(&world, "staging-1", &[], false);
    world.servers["staging-3"].thaw();
    comes_to(&world, "staging-3", &[], false);
    assert_eq!(world.settled("staging"), (Some(order.to()), 2));
}

fn install(world: &World, message: &str) {
    world.taiwa(&["policy", "propose", "staging"]).exits(0);
    world.commit(message);
}

#[test]
fn another_anchor_leads_once_everybody_has_the_policy() {
    let mut world = World::staging(PROGRAM, 3);
    world.deploy();
    let text = world.read(STAGING);
    world.write(STAGING, &format!("{text}\nanchor: staging-2\n"));
    install(&world, "Another anchor");
    world.kill("staging-3");
    assert_ne!(world.taiwa(&["policy", "install", "staging"]).exit, 0);
    world.rewrite("Under another anchor");
    world.mark();
    let deploy = ["deploy", "--to", "staging", "--yes"];
    assert_ne!(world.taiwa(&deploy).exit, 0, "it waits for staging-3");
    assert_eq!(world.headline("staging-2").unwrap().1, world.headline("staging-1").unwrap().1);
    world.restart("staging-3");
    world.taiwa(&["policy", "install", "staging"]).exits(0);
    until("the new anchor leads", 30, || (world.taiwa(&deploy).exit == 0).then_some(()));
    assert_eq!(world.settled("staging").1, 2);
    assert_eq!(world.headline("staging-3").unwrap().0, "Under another anchor");
}

#[test]
fn a_lost_anchor_is_retired_and_the_others_go_on() {
    let mut world = World::staging(PROGRAM, 3);
    world.deploy();
    world.kill("staging-1");
    let text = world.read(STAGING);
    let line = text.lines().find(|it| it.contains("name: staging-1,")).unwrap().to_owned();
    let text = text.replace(&format!("{line}\n"), "");
    world.write(STAGING, &format!("{text}\nanchor: staging-2\nretired: [staging-1]\n"));
    install(&world, "staging-1 is gone for good");
    world.taiwa(&["policy", "install", "staging"]).exits(0);
    world.rewrite("Without the lost one");
    world.mark();
    let deploy = ["deploy", "--to", "staging", "--yes"];
    until("the new anchor leads", 30, || (world.taiwa(&deploy).exit == 0).then_some(()));
    for server in ["staging-2", "staging-3"] {
        assert_eq!(world.headline(server).unwrap().0, "Without the lost one");
    }
}

/// The anchor's disk is replaced; only its key is still there.
#[test]
fn an_anchor_with_a_new_disk_leads_again_under_the_next_policy() {
    let mut world = World::staging(PROGRAM, 3);
    world.deploy();
    let before = world.settled("staging");
    world.kill("staging-1");
    let data = world.servers["staging-1"].data.clone();
    for entry in fs::read_dir(&data).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match entry.file_type().unwrap().is_dir() {
            true => fs::remove_dir_all(path).unwrap(),
            false if !path.ends_with("server.key") => fs::remove_file(path).unwrap(),
            false => {}
        }
    }
    world.restart("staging-1");
    comes_to(&world, "staging-1", &["fresh-disk"], false);
    // It has learned what its group runs, and cannot know what else it had said.
    assert_eq!(world.status("staging").generations().values().collect::<Vec<_>>(), [&before.1; 3]);
    world.rewrite("After the disk");
    world.mark();
    let deploy = ["deploy", "--to", "staging", "--yes"];
    let no = world.taiwa(&deploy).ends(1, "not-leading").says("the disk of staging-1 was replaced");
    no.says("taiwa policy propose staging");
    // The next policy says nothing new but its number.
    let text = world.read(STAGING);
    world.write(STAGING, &text.replace("lease: 4s", "lease: 5s"));
    install(&world, "A new disk for staging-1");
    world.taiwa(&["policy", "install", "staging"]).exits(0);
    until("the anchor leads again", 30, || (world.taiwa(&deploy).exit == 0).then_some(()));
    assert_eq!(world.settled("staging").1, before.1 + 1);
    assert_eq!(world.headline("staging-1").unwrap().0, "After the disk");
    world.taiwa(&["history", "--verify"]).exits(0);
}
