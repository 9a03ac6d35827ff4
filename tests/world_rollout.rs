//! Rollouts in steps on real servers: the same visitors on each of them, the guard, and every way out.

use std::{collections::BTreeSet, net::SocketAddr};

use serde_json::json;
use taiwa_testkit::{Fake, Manner, World, request, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const GO_ON: [&str; 5] = ["deploy", "--to", "staging", "--continue", "--yes"];
const STAGING: &str = "environments/staging/environment.yaml";
const PRODUCTION: &str = "environments/production/environment.yaml";

/// Asks a server for a point as a customer; the release that answered, or none where there was a problem.
fn ask(world: &World, server: &str, point: (&str, &str), customer: &str) -> Option<String> {
    let question = json!({
        "channel": point.0, "point": point.1, "audience": { "customer_id": customer }, "locale": "en",
    });
    let node = &world.servers[server];
    let token = format!("client-{}", node.token);
    let body = question.to_string();
    let reply =
        request(node.address, ("POST", "/v1/decide"), &token, body.as_bytes()).expect("an answer");
    reply.json()["release"].as_str().map(ToOwned::to_owned)
}

/// The customers, of the first so many, whom a release answers on a server.
fn inside(world: &World, server: &str, release: &str, count: u32) -> BTreeSet<u32> {
    let banner = ("web-store", "home-banner");
    let is = |it: &u32| ask(world, server, banner, &format!("c-{it}")).as_deref() == Some(release);
    (0..count).filter(is).collect()
}

/// Puts a rollout into the file of an environment.
fn rollout(world: &World, file: &str, steps: &str) {
    let text = world.read(file);
    world.write(file, &format!("{text}rollout: [ {steps} ]\n"));
    world.commit("In steps");
}

const APP: &str = "channels/mobile-app/channel.yaml";
const CARD: (&str, &str) = ("mobile-app", "old-card");
const OLD_CARD: &str = "  old-card: { zone: home-card, offers: 1, fallback: brand-story }\n";

/// An app that asks for a point more.
fn with_old_card(world: &World) {
    world.edit(APP, "  store-screen:", &format!("{OLD_CARD}  store-screen:"));
    world.commit("An old card");
}

/// The point is forgotten: whoever asks for it on the new release is answered with a problem.
fn without_old_card(world: &World) {
    world.edit(APP, OLD_CARD, "");
    world.commit("Nobody needs the old card");
    world.mark();
}

/// What the servers say of the step that is live.
fn share(world: &World, environment: &str) -> Option<u64> {
    let answer = world.taiwa(&["status", environment, "--format", "json"]).json();
    let status = &answer["environments"][0]["servers"][0]["status"];
    status["active"]["rollout"]["share_bp"].as_u64()
}

#[test]
fn a_few_then_half_then_all_and_the_same_visitors_on_both_servers() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let (old, generation) = world.settled("staging");
    rollout(&world, STAGING, "{ visitors: 5%, for: 1s }, { visitors: 50%, for: 1s }");
    world.rewrite("A barista at your breakfast table");
    world.mark();
    let shown = world.taiwa(&["plan", "--to", "staging"]).exits(0);
    shown.says("5 % of visitors for 1").says("then everybody");
    let first = world.taiwa(&[&DEPLOY[..], &["--no-wait", "--format", "json"]].concat());
    let json = first.exits(0).json();
    assert_eq!((&json["share_bp"], &json["move"]), (&json!(500), &json!("step-1")));
    let (new, at) = world.settled("staging");
    assert_eq!(at, generation + 1);
    let new = new.unwrap();
    assert_ne!(Some(&new), old.as_ref());

    let few = inside(&world, "staging-1", &new, 150);
    assert!((2..=14).contains(&few.len()), "{few:?}");
    assert_eq!(few, inside(&world, "staging-2", &new, 150), "the same people on every server");
    world.taiwa(&["status", "staging"]).exits(0).says("step-1 of 3, 5 % of the visitors");
    // While this one is under way no other begins, and this one is not begun again.
    world.taiwa(&DEPLOY).ends(1, "conflict").says("--continue").says("taiwa rollback");
    // Some few people have tried it, on both servers: too few to say anything.
    let waits = world.taiwa(&[&GO_ON[..], &["--no-wait"]].concat());
    waits.ends(1, "gate-failed").says("no data");
    assert_eq!(share(&world, "staging"), Some(500));

    let few = inside(&world, "staging-1", &new, 900);
    let second = world.taiwa(&[&GO_ON[..], &["--no-wait"]].concat()).exits(0);
    second.says("50 % of the visitors of staging get release");
    assert_eq!(world.settled("staging"), (Some(new.clone()), generation + 2));
    let half = inside(&world, "staging-2", &new, 300);
    assert!((110..=190).contains(&half.len()), "{}", half.len());
    let lost: Vec<_> = few.iter().filter(|it| **it < 300 && !half.contains(it)).collect();
    assert!(lost.is_empty(), "whoever was in stays in: {lost:?}");

    world.taiwa(&GO_ON).exits(0).says("staging runs release");
    assert_eq!(world.settled("staging"), (Some(new.clone()), generation + 3));
    assert_eq!(inside(&world, "staging-1", &new, 40).len(), 40);
    world.taiwa(&GO_ON).ends(1, "nothing-to-do");
    world.taiwa(&["history", "--verify"]).exits(0).says("step-2 of 3: 50 % of visitors");
}

/// The anchor goes away as soon as it has moved: what is done is done, and said.
#[test]
fn after_a_step_nobody_is_asked_in_vain() {
    let world = World::staging(PROGRAM, 1);
    let (url, behind) = (world.servers["staging-1"].url(), world.servers["staging-1"].address);
    let leaving = || {
        let (after, request) = ("POST /admin/v1/activation".into(), "GET /admin/v1/status".into());
        let manner = Manner::Leaves { behind, after, request };
        let fake = Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner).unwrap();
        world.write(
            STAGING,
            &world.read(STAGING).replace(&url, &format!("http://{}", fake.address())),
        );
        world.commit("Another way to a server");
        fake
    };
    world.mark();
    let fake = leaving();
    world.taiwa(&DEPLOY).exits(0).says("staging runs release").says("next: taiwa test");
    assert_eq!(fake.held(), 1);
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]);

    rollout(&world, STAGING, "{ visitors: 20%, for: 1h }");
    world.rewrite("A barista at your breakfast table");
    world.mark();
    let fake = leaving();
    let left = world.taiwa(&DEPLOY).ends(3, "unreachable").says("step-1 of 2 is made");
    left.says("20 % of the visitors of staging")
        .says("go on: taiwa deploy --to staging --continue");
    drop(fake);
}

#[test]
fn a_rollout_waits_can_be_left_and_goes_back_from_any_step() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let (old, generation) = world.settled("staging");
    rollout(&world, STAGING, "{ visitors: 20%, for: 1h }");
    world.rewrite("A barista at your breakfast table");
    world.mark();
    let running = world.begin(&DEPLOY);
    until("the first step is made", 60, || share(&world, "staging"));
    assert_eq!(world.settled("staging").1, generation + 1);
    running.signal("INT");
    running.wait().ends(130, "interrupted").says("20 % of the visitors").says("--continue");
    assert_eq!(share(&world, "staging"), Some(2_000));
    let early = world.taiwa(&[&GO_ON[..], &["--no-wait"]].concat());
    early.ends(1, "step-too-early").says("lasts until");
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(0);
    assert_eq!(world.settled("staging"), (old, generation + 2));
    assert_eq!(share(&world, "staging"), None);
}

#[test]
fn the_guard_takes_back_what_makes_errors_by_itself() {
    let world = World::staging(PROGRAM, 2);
    with_old_card(&world);
    world.deploy();
    let (old, generation) = world.settled("staging");
    rollout(&world, STAGING, "{ visitors: 50%, for: 1h }");
    without_old_card(&world);
    let running = world.begin(&DEPLOY);
    until("the first step is made", 60, || share(&world, "staging"));
    let answered = |it: u32| {
        let server = if it.is_multiple_of(2) { "staging-1" } else { "staging-2" };
        ask(&world, server, CARD, &format!("c-{it}")).is_some()
    };
    let failed = (0..120).filter(|it| !answered(*it)).count();
    assert!((30..=90).contains(&failed), "{failed}");
    let answer = running.wait().ends(1, "gate-failed");
    answer.says("worse than the one before").says("errors 100.00 %").says("again (generation");
    assert_eq!(world.settled("staging"), (old, generation + 2));
    assert!((0..40).all(answered), "everybody is answered again");
    world.taiwa(&DEPLOY).ends(1, "rolled-back");
}

fn prove_and_approve(world: &World) {
    let cast = &world.cast;
    world.taiwa(&["test", "--on", "staging", "--key", &cast.runner.file]).exits(0);
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
    let signers = [("manager", &cast.manager), ("touchpoint-manager", &cast.touchpoint_manager)];
    for (role, key) in signers {
        let words = ["approve", "--to", "production", "--as", role, "--key", &key.file, "--yes"];
        world.taiwa(&words).exits(0);
    }
    until("it has run on staging for long enough", 30, || {
        let unmet = world.taiwa(&["why-not", "--to", "production"]);
        (!unmet.err.contains("soak-missing")).then_some(())
    });
}

/// On a protected environment nobody goes back without a signature; the approvals covered the way back, so one is enough.
#[test]
fn on_a_protected_environment_a_key_takes_back_what_the_guard_finds_worse() {
    const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
    let world = World::whole(PROGRAM, 2);
    with_old_card(&world);
    world.deploy();
    prove_and_approve(&world);
    world.taiwa(&PROMOTE).exits(0);
    let (old, generation) = world.settled("production");

    rollout(&world, PRODUCTION, "{ visitors: 50%, for: 1s }");
    without_old_card(&world);
    world.taiwa(&DEPLOY).exits(0);
    prove_and_approve(&world);
    world.taiwa(&[&PROMOTE[..], &["--no-wait"]].concat()).exits(0).says("--continue");
    assert_eq!(world.settled("production").1, generation + 1);
    world
        .taiwa(&["why-not", "--to", "production"])
        .exits(0)
        .says("is under way")
        .says("--continue");
    for it in 0..120 {
        ask(&world, "production-1", CARD, &format!("c-{it}"));
    }
    let go_on = [&PROMOTE[..], &["--continue"]].concat();
    let stops = world.taiwa(&go_on).ends(1, "gate-failed");
    stops.says("tanaka").says("sato").says("taiwa rollback --on production");
    assert_eq!(share(&world, "production"), Some(5_000), "nobody is moved without a signature");
    let key = &world.cast.manager.file;
    let back = world.taiwa(&[&go_on[..], &["--key", key]].concat()).ends(1, "gate-failed");
    back.says("again (generation");
    assert_eq!(world.settled("production"), (old, generation + 2));
    assert!((0..40).all(|it| ask(&world, "production-1", CARD, &format!("c-{it}")).is_some()));
    world.taiwa(&["history", "--verify"]).exits(0);
}

/// Staging goes on to the next release while production is half-way, and somebody changes the policy: neither ends the
/// rollout, and both leave the last word to people.
#[test]
fn a_rollout_outlives_a_staging_that_moves_on_and_a_policy_that_changes() {
    const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
    const GO_ON: [&str; 5] = ["promote", "--to", "production", "--continue", "--yes"];
    let world = World::whole(PROGRAM, 2);
    let cast = &world.cast;
    world.deploy();
    prove_and_approve(&world);
    world.taiwa(&PROMOTE).exits(0);
    let generation = world.settled("production").1;
    rollout(&world, PRODUCTION, "{ visitors: 20%, for: 1s }, { visitors: 60%, for: 1s }");
    world.rewrite("Few see this first");
    world.deploy();
    prove_and_approve(&world);
    world.taiwa(&[&PROMOTE[..], &["--no-wait"]].concat()).exits(0).says("--continue");
    let new = world.settled("production").0.unwrap();
    let few = inside(&world, "production-1", &new, 300);

    // What staging took back is not carried further; what staging has left behind is.
    world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(0);
    let stops = world.taiwa(&GO_ON).ends(1, "rolled-back");
    stops.says("staging took release").says("taiwa rollback --on production");
    world.taiwa(&[&DEPLOY[..], &["--again"]].concat()).exits(0);
    world.rewrite("The next one is on its way");
    world.deploy();
    let second = world.taiwa(&[&GO_ON[..], &["--no-wait"]].concat()).exits(0);
    second.says("60 % of the visitors of production get release");
    assert_eq!(world.settled("production"), (Some(new.clone()), generation + 2));
    let most = inside(&world, "production-1", &new, 300);
    assert!(few.is_subset(&most) && most.len() < 300, "whoever was in stays in");

    // The policy changes: the plan is void, and a new one goes on from the step that is live.
    let text = world.read(PRODUCTION);
    world.write(PRODUCTION, &format!("{text}skew: 3s\n"));
    world.taiwa(&["policy", "propose", "production"]).exits(0);
    for key in [&cast.manager, &cast.touchpoint_manager] {
        world.taiwa(&["policy", "sign", "production", "--key", &key.file]).exits(0);
    }
    world.commit("Another policy");
    world.taiwa(&["policy", "install", "production"]).exits(0);
    world.taiwa(&["status", "production"]).exits(0).says("by a new plan");
    let no = world.taiwa(&GO_ON).ends(1, "approval-missing").says("the policy changed since");
    no.says("taiwa approve --to production --as manager").says("taiwa rollback --on production");
    world.taiwa(&["why-not", "--to", "production"]).ends(1, "approval-missing");
    for (role, key) in
        [("manager", &cast.manager), ("touchpoint-manager", &cast.touchpoint_manager)]
    {
        let words = ["approve", "--to", "production", "--as", role, "--key", &key.file, "--yes"];
        world.taiwa(&words).exits(0).says("which 60 % of the visitors get already");
    }
    world.taiwa(&["why-not", "--to", "production"]).exits(0).says("--continue");
    world.taiwa(&GO_ON).exits(0).says("production runs release");
    assert_eq!(world.settled("production"), (Some(new.clone()), generation + 3));
    assert_eq!(inside(&world, "production-2", &new, 40).len(), 40);
    world.taiwa(&["history", "--verify"]).exits(0);
}
