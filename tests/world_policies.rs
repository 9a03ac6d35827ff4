//! Another policy on running servers, and a server whose disk forgot: on real servers, with real signatures.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests put an old disk in the place of a new one"
)]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{fs, path::Path};

use taiwa_testkit::{World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const FILE: &str = "environments/production/environment.yaml";
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const INSTALL: [&str; 3] = ["policy", "install", "production"];

/// What is there is deployed to staging, proven, marked, approved in both roles, and promoted.
fn promoted(world: &World, signers: [&str; 2]) {
    world.deploy();
    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file]).exits(0);
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
    for (role, key) in ["manager", "touchpoint-manager"].iter().zip(signers) {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes"];
        world.taiwa(&words).exits(0);
    }
    until("nothing is missing but time", 20, || {
        let unmet = world.taiwa(&["why-not", "--to", "production"]);
        (!unmet.err.contains("soak-missing")).then_some(())
    });
    world.taiwa(&PROMOTE).exits(0);
}

fn sign(world: &World, key: &str) {
    world.taiwa(&["policy", "sign", "production", "--key", key]).exits(0);
}

#[test]
fn people_come_and_go_without_new_servers() {
    let mut world = World::whole(PROGRAM, 2);
    let (manager, old, new) = (
        world.cast.manager.file.clone(),
        world.cast.touchpoint_manager.file.clone(),
        world.cast.stranger.file.clone(),
    );
    promoted(&world, [&manager, &old]);
    // Sato leaves; Mori comes.
    let keys = (&world.cast.touchpoint_manager.public, &world.cast.stranger.public);
    let text = world.read(FILE).replace("id: sato,", "id: mori,").replace(keys.0, keys.1);
    world.write(FILE, &text);
    world.taiwa(&["policy", "propose", "production"]).exits(0).says("version 1 is in force");
    sign(&world, &manager);
    sign(&world, &new);
    world.commit("Mori instead of Sato");
    world.taiwa(&PROMOTE).exits(1).says("taiwa policy install production");
    // Without Sato's signature nobody can take the place of Sato.
    world.taiwa(&INSTALL).ends(1, "approval-missing").says("0 of 1 in the role touchpoint-manager");
    sign(&world, &old);
    world.commit("Signed by Sato, too");

    world.kill("production-2");
    world.taiwa(&INSTALL).ends(3, "unreachable").says("production-2 does not know version 2");
    world.restart("production-2");
    world.taiwa(&INSTALL).exits(0).says("obeys version 2");
    world.taiwa(&INSTALL).exits(0);
    world.taiwa(&["status", "production"]).exits(0);

    world.rewrite("Mori approved these words");
    promoted(&world, [&manager, &new]);
    assert_eq!(world.headline("production-2").unwrap().0, "Mori approved these words");
    // Behind the rotation lies what ran under approvals, too.
    let alone = world.taiwa(&["rollback", "--on", "production", "--yes"]);
    let alone = alone.ends(1, "approval-missing").says("taiwa rollback --on production --to ");
    assert!(alone.err.contains("--as manager"), "what is named leads there: {alone}");
    let back = ["rollback", "--on", "production", "--as", "manager", "--key", &manager, "--yes"];
    world.taiwa(&back).exits(0);
    assert_eq!(world.settled("production").1, 3);
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
    // A restart forgets nothing of it.
    world.kill("production-1");
    world.restart("production-1");
    assert_eq!(world.settled("production").1, 3);
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_disk_that_forgot_learns_from_its_group() {
    let mut world = World::whole(PROGRAM, 2);
    let (manager, other) =
        (world.cast.manager.file.clone(), world.cast.touchpoint_manager.file.clone());
    promoted(&world, [&manager, &other]);
    world.kill("production-2");
    let data = world.servers["production-2"].data.clone();
    let backup = world.private.join("backup");
    copied(&data, &backup);
    world.restart("production-2");
    world.rewrite("The second release");
    promoted(&world, [&manager, &other]);
    let now = world.settled("production");
    // The disk of before comes back.
    world.kill("production-2");
    fs::remove_dir_all(&data).unwrap();
    copied(&backup, &data);
    world.restart("production-2");
    until("it has caught up by itself", 30, || world.status("production").in_step.then_some(()));
    assert_eq!(world.settled("production"), now);
    assert_eq!(world.headline("production-2").unwrap().0, "The second release");
}
