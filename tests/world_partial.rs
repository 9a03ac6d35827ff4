//! A part of an environment goes back, on real servers: at once, or marked for where releases come from; and neither a
//! part nor a whole release that was taken back returns by accident.
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use taiwa_testkit::{Answer, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const DEPLOY: [&str; 4] = ["deploy", "--to", "staging", "--yes"];
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const STARTER: &str = "channels/shared/offers/espresso-starter.yaml";
const FRIEND: &str = "channels/shared/offers/bring-a-friend.yaml";
const MARKS: &str = "environments/staging/marks.yaml";
const BOLD: &str = "Too bold a claim";
const GOOD: &str = "Your first espresso at home";

fn back(world: &World, environment: &str, more: &[&str]) -> Answer {
    world.taiwa(&[&["rollback", "--on", environment, "--yes"][..], more].concat())
}

/// Two offers change in one release: one of the two is a mistake.
fn mistake(world: &World) {
    world.edit(
        FRIEND,
        "headline: Two cups, one price\n      body: 'Bring",
        "headline: Two for one\n      body: 'Bring",
    );
    world.rewrite(BOLD);
}

/// The headline that a release of an environment has for an offer.
fn shows(world: &World, release: &str, offer: &str) -> String {
    world.taiwa(&["show", release, &format!("offer/{offer}")]).exits(0).out
}

#[test]
fn one_offer_goes_back_at_once_and_everything_else_stays() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    back(&world, "staging", &["--only", "offer/espresso-starter"]).ends(1, "nothing-to-do");
    mistake(&world);
    world.deploy();
    let (bad, _) = world.settled("staging");
    let marks = world.read(MARKS);
    let only = ["--only", "offer/espresso-starter"];

    back(&world, "staging", &["--only", "offer/none-such"]).ends(2, "unknown-component");
    back(&world, "staging", &["--only", "espresso-starter"]).ends(2, "unknown-component");
    back(&world, "staging", &["--only", "offer/double-points"]).ends(1, "nothing-to-do");
    let dry = back(&world, "staging", &[&only[..], &["--dry-run", "--format", "json"]].concat());
    let planned = dry.exits(0).json()["release"].as_str().unwrap().to_owned();
    assert_eq!((world.settled("staging").0, world.read(MARKS)), (bad, marks.clone()));
    let no = world.taiwa(&["rollback", "--on", "staging", "--only", "offer/espresso-starter"]);
    no.ends(1, "not-confirmed");

    let json =
        back(&world, "staging", &[&only[..], &["--format", "json"]].concat()).exits(0).json();
    assert_eq!(
        (json["changed"].as_bool(), json["taken"][0].as_str()),
        (Some(true), Some("offer/espresso-starter"))
    );
    assert_eq!(json["forced"].as_array().map(Vec::len), Some(0));
    assert_eq!(world.settled("staging"), (Some(planned.clone()), 3), "what the dry run said");
    assert_eq!(world.headline("staging-2").unwrap(), (GOOD.to_owned(), planned));
    assert!(shows(&world, "staging", "bring-a-friend").contains("Two for one"));

    // The marks are mended in the work tree; what is committed would bring it again, and is stopped.
    assert_ne!(world.read(MARKS), marks);
    let no = world.taiwa(&DEPLOY).ends(1, "rolled-back").says("--again");
    assert!(no.err.contains("offer/espresso-starter was taken back on staging"), "{no}");
    world.taiwa(&["plan", "--to", "staging"]).exits(0).says("rolled-back");
    assert_eq!(world.settled("staging").1, 3);
    world.commit("Take back");
    world.taiwa(&DEPLOY).exits(0).says("nothing to do");
    // Also beside other changes, and from marks that somebody makes anew.
    world.edit(FRIEND, "Two for one", "Two for the price of one");
    world.commit("Another change");
    world
        .taiwa(&["mark", "offer/bring-a-friend", "offer/espresso-starter", "--for", "staging"])
        .exits(0);
    world.commit("Mark both");
    world.taiwa(&DEPLOY).ends(1, "rolled-back");
    world.taiwa(&["deploy", "--to", "staging", "--again", "--yes"]).exits(0);
    assert_eq!(world.headline("staging-1").unwrap().0, BOLD);

    // Brought again on purpose, it can be taken back again; the same command twice does not bring it.
    world.edit("channels/shared/offers/brand-story.yaml", "The story of", "The tale of");
    world.commit("And another one");
    world.deploy();
    back(&world, "staging", &only).exits(0);
    let (state, marks) = (world.settled("staging"), world.read(MARKS));
    let twice = back(&world, "staging", &only).ends(1, "nothing-to-do");
    twice.says("was taken back there").says("--to RELEASE");
    assert_eq!((world.settled("staging"), world.read(MARKS)), (state, marks));
    assert_eq!(world.headline("staging-1").unwrap().0, GOOD);
    world.taiwa(&["history", "staging", "--verify"]).exits(0).says("partial rollback");
}

#[test]
fn what_has_to_come_along_is_explained_and_what_is_needed_stays() {
    let world = World::staging(PROGRAM, 1);
    let segment = "channels/shared/segments/coffee-nerds.yaml";
    let text = "title: Coffee nerds\nwhen: profile.tier == \"gold\"\n";
    world.write(segment, text);
    let before = world.read(STARTER);
    let eligible = "eligible: 'in_segment(\"coffee-nerds\") && ";
    world.edit(STARTER, "eligible: '", eligible);
    world.commit("For nerds");
    world.deploy();
    // Then the segment goes, and a new offer comes that the strategy proposes.
    world.write(STARTER, &before);
    std::fs::remove_file(world.workspace.join(segment)).unwrap();
    world.write("channels/shared/offers/flash.yaml", &before.replace("Espresso starter", "Flash"));
    let strategy = "channels/web-store/strategy.yaml";
    let rule = "  - { zone: home-hero, segment: everyone, offer: flash, score: 31 }\nrules:\n";
    let (rules, first) = ("rules:\n", rule.trim_end_matches("rules:\n"));
    world.edit(strategy, rules, &format!("{rules}{first}"));
    world.rewrite("For everybody");
    world.mark();
    world.taiwa(&["unmark", "segment/coffee-nerds", "--for", "staging"]).exits(0);
    world.commit("Unmark for staging");
    world.taiwa(&DEPLOY).exits(0);

    let said = back(&world, "staging", &["--only", "offer/flash"]).ends(1, "still-needed");
    said.says("needed by strategy/web-store").says("--only offer/flash,strategy/web-store");
    let only = ["--only", "offer/espresso-starter", "--format", "json"];
    let json = back(&world, "staging", &only).exits(0).json();
    assert_eq!(json["forced"][0]["component"], "segment/coffee-nerds", "{json:#}");
    let why = json["forced"][0]["why"].as_str().unwrap();
    assert!(
        why.starts_with("offer/espresso-starter needs segment/coffee-nerds as it was, because"),
        "{why}"
    );
    assert_eq!(json["forced"].as_array().map(Vec::len), Some(1));
    assert!(world.read(MARKS).contains("segment/coffee-nerds"));
    assert_eq!(world.headline("staging-1").unwrap().0, GOOD);
    world.commit("Take back");
    world.taiwa(&DEPLOY).exits(0).says("nothing to do");
}

#[test]
fn a_whole_release_that_was_taken_back_does_not_return_by_accident() {
    let world = World::staging(PROGRAM, 2);
    world.deploy();
    let (first, _) = world.settled("staging");
    world.rewrite(BOLD);
    world.deploy();
    let marks = world.read(MARKS);
    // Everything that differs, by name, is the whole; it is remembered and marked like any part.
    let only = ["--only", "offer/espresso-starter", "--format", "json"];
    let json = back(&world, "staging", &only).exits(0).json();
    assert_eq!((&json["release"], &json["taken"][0]), (&first.clone().into(), &only[1].into()));
    assert_eq!(world.settled("staging"), (first.clone(), 3));
    assert_ne!(world.read(MARKS), marks);
    assert!(json["marks"].as_str().is_some_and(|it| it.ends_with(MARKS)), "{json:#}");
    back(&world, "staging", &only).ends(1, "nothing-to-do").says("was taken back there");
    world.taiwa(&DEPLOY).ends(1, "rolled-back").says("taiwa deploy --to staging --again");
    world.taiwa(&["plan", "--to", "staging"]).exits(0).says("rolled-back");
    let now =
        world.taiwa(&["rollback", "--on", "staging", "--to", &first.clone().unwrap(), "--yes"]);
    now.ends(1, "nothing-to-do").says("already");
    world.commit("Take back");
    world.taiwa(&DEPLOY).exits(0).says("nothing to do");
    // Also beside other changes, from marks that somebody makes anew.
    world.edit("channels/shared/offers/brand-story.yaml", "The story of", "The tale of");
    world.commit("Another change");
    world.mark();
    let no = world.taiwa(&DEPLOY).ends(1, "rolled-back");
    assert!(no.err.contains("offer/espresso-starter was taken back on staging"), "{no}");
    assert_eq!(world.settled("staging"), (first, 3));
    world.taiwa(&["deploy", "--to", "staging", "--again", "--yes"]).exits(0);
    assert_eq!(world.headline("staging-1").unwrap().0, BOLD);
}

/// What is marked for staging goes through to production.
fn through(world: &World, deploy: &[&str], promote: &[&str]) {
    world.taiwa(deploy).exits(0);
    world.prove().exits(0);
    world.mark_for_production();
    world.approve(&[]);
    world.soak();
    if !promote.is_empty() {
        world.taiwa(promote).exits(0);
    }
}

#[test]
fn a_protected_environment_takes_a_part_back_through_its_origin() {
    let mut world = World::whole(PROGRAM, 2);
    world.mark();
    through(&world, &DEPLOY, &PROMOTE);
    mistake(&world);
    world.mark();
    through(&world, &DEPLOY, &PROMOTE);
    let (bad, generation) = world.settled("production");
    // Meanwhile staging goes on.
    world.edit("channels/shared/offers/brand-story.yaml", "The story of", "The tale of");
    world.commit("Ahead");
    world.deploy();

    let only = ["--only", "offer/espresso-starter", "--format", "json"];
    let no = back(&world, "production", &only).ends(1, "origin-missing");
    for command in [
        "taiwa deploy --to staging",
        "taiwa test --on staging",
        "taiwa mark staging --for production",
        "taiwa approve --to production --as manager",
        "taiwa promote --to production",
    ] {
        assert!(no.err.contains(command), "{command}: {no}");
    }
    assert!(no.err.contains("staging is ahead of production"), "{no}");
    let wanted = no.json()["release"].as_str().unwrap().to_owned();
    assert_eq!(world.settled("production"), (bad, generation));
    // Whoever is to approve can see it before it runs anywhere.
    let change = world.taiwa(&["diff", "production", &wanted]).ends(1, "differs");
    assert!(change.out.contains(GOOD) && !change.out.contains("Two"), "{change}");

    world.commit("Take back");
    through(&world, &DEPLOY, &PROMOTE);
    assert_eq!(world.settled("staging").0, Some(wanted.clone()), "the same bytes, from git");
    assert_eq!(world.settled("production"), (Some(wanted), generation + 1));
    assert_eq!(world.headline("production-1").unwrap().0, GOOD);
    assert!(shows(&world, "production", "bring-a-friend").contains("Two for one"));

    // What was taken back on production may run on staging; it does not get to production by accident.
    world.mark();
    through(&world, &DEPLOY, &[]);
    let no = world.taiwa(&PROMOTE).ends(1, "rolled-back");
    assert!(no.err.contains("taiwa promote --to production --again"), "{no}");
    assert_eq!(world.headline("production-1").unwrap().0, GOOD);
    world.taiwa(&[&PROMOTE[..], &["--again"]].concat()).ends(1, "approval-missing");
    world.approve(&[]);
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(world.headline("production-1").unwrap().0, BOLD);
    back_without_a_dead_server(&mut world);
}

/// A parachute needs everybody; where a server is dead, it names the rollback that leaves it out, and that goes.
fn back_without_a_dead_server(world: &mut World) {
    world.kill("production-2");
    let by = ["--as", "manager", "--key", &world.cast.manager.file.clone()];
    let no = back(world, "production", &by).ends(3, "unreachable");
    no.says("taiwa rollback --on production --to")
        .says(" --without production-2 --why '…' --as manager");
    let without = ["--without", "production-2", "--why", "it's dead"];
    let no = back(world, "production", &without).ends(1, "approval-missing");
    no.says(" --without production-2 --why 'it'\\''s dead' --as manager");
    let all = [&without[..], &by].concat();
    back(world, "production", &all).exits(0).says("production: from release");
    assert_eq!(world.headline("production-1").unwrap().0, GOOD);
    world.restart("production-2");
    world.settled("production");
    assert_eq!(world.headline("production-2").unwrap().0, GOOD);
    world.taiwa(&["history", "production", "--verify"]).exits(0).says("verified");
}
