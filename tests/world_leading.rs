//! The servers among themselves: an interrupted move ends without a deployer, another anchor leads, a lost one is
//! retired. Real processes, real sockets.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use taiwa_deployer::{Stage, Watch};
use taiwa_testkit::{World, until};

#[path = "kill/order.rs"]
mod order;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const STAGING: &str = "environments/staging/environment.yaml";

/// The deployer dies right after the anchor's commit.
struct Dies;

impl Watch for Dies {
    fn saw(&self, stage: &Stage) {
        if *stage == Stage::Committed {
            resume_unwind(Box::new("killed"));
        }
    }
}

#[test]
fn attack_12_what_the_anchor_committed_reaches_everyone_without_a_deployer() {
    let world = World::staging(PROGRAM, 3);
    world.deploy();
    world.rewrite("Committed, and then nobody");
    world.mark();
    let order = order::Prepared::new(&world);
    catch_unwind(AssertUnwindSafe(|| order.execute(&Dies))).unwrap_err();
    until("the others ask their anchor", 30, || world.status("staging").in_step.then_some(()));
    assert_eq!(world.settled("staging"), (Some(order.to()), 2));
    for server in world.names("staging") {
        assert_eq!(world.headline(&server).unwrap().0, "Committed, and then nobody");
    }
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
