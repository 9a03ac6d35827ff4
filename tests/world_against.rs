//! What a change breaks, said by the real command: against a commit, a branch, and what an environment runs.

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");

const CHANNEL: &str = "channels/web-store/channel.yaml";
const POINT: &str = "  thank-you: { zone: checkout, offers: 1, fallback: brand-story }\n";
const GOLD: &str = "channels/shared/segments/gold-espresso.yaml";

/// Takes a point away, narrows a segment and gives a KPI another base.
fn change(world: &World) {
    world.edit(CHANNEL, POINT, "");
    world.edit(
        GOLD,
        "profile.tier == \"gold\" &&",
        "profile.tier == \"gold\" && profile.points > 100 &&",
    );
    let goal = "channels/shared/goals/espresso-subscriptions.yaml";
    world.edit(goal, "baseline: 420", "baseline: 410");
    let touchpoint = "channels/web-store/touchpoints/storefront.yaml";
    world.edit(touchpoint, " thank-you,", "");
    let scenario = "channels/web-store/scenarios/visitor-is-welcomed.yaml";
    world.edit(scenario, "  - offers: { point: thank-you, expect: [filter-papers] }\n", "");
}

#[test]
fn against_a_commit_all_four_formats_show_what_breaks() {
    let world = World::bare(PROGRAM);
    let first = world.git(&["rev-parse", "HEAD"]);
    let short = first.get(..8).expect("a commit").to_owned();
    let same = world.taiwa(&["validate", "--against", "HEAD"]).exits(0);
    same.says(&format!("against HEAD ({short}): 0 contract, 0 state, 0 behaviour, 0 measurement"));

    change(&world);
    for name in ["main", "HEAD", &first, "refs/heads/main"] {
        let said = world.taiwa(&["validate", "--against", name]).exits(0);
        let said = said.says("interaction point `thank-you` is gone");
        let said = said.says("touchpoint `storefront` uses it");
        let said = said.says("it stood in channels/web-store/channel.yaml:20 of ");
        let said = said.says("segment `gold-espresso` is narrower").says("newly out: ");
        said.says(": 1 contract, 0 state, ").says(" behaviour, 1 measurement");
    }
    world.commit("A change");
    world.taiwa(&["validate", "--against", "HEAD~1"]).exits(0).says("against HEAD~1 (");
    world.taiwa(&["validate", "--against", "HEAD"]).exits(0).says("0 contract");

    // Before a promotion the contract is an error.
    let strict = ["validate", "--against", "HEAD~1", "--stage", "promote"];
    world.taiwa(&strict).ends(1, "findings").says("error[TW1001]");
    let json =
        world.taiwa(&["validate", "--against", "HEAD~1", "--format", "json"]).exits(0).json();
    assert_eq!(json["breaking"]["contract"], 1, "{json:#}");
    assert_eq!(json["breaking"]["against"], format!("HEAD~1 ({short})"));
    let findings = json["findings"].as_array().expect("a list");
    let of = |code: &str| findings.iter().find(|it| it["code"] == code).expect("a finding");
    assert_eq!(
        (&of("TW1001")["category"], &of("TW1001")["file"]),
        (&"contract".into(), &CHANNEL.into())
    );
    assert_eq!(of("TW1005")["category"], "behaviour");
    assert!(of("TW1005")["witness"]["given"]["customer"].is_object(), "{json:#}");
    let github = world.taiwa(&["validate", "--against", "HEAD~1", "--format", "github"]).exits(0);
    github.says("::warning file=channels/web-store/channel.yaml,line=");
    let japanese = world.taiwa(&["validate", "--against", "HEAD~1", "--lang", "ja"]).exits(0);
    japanese.says("インタラクションポイント `thank-you` がなくなりました").says("契約 1");
}

#[test]
fn a_word_that_means_nothing_is_a_wrong_question() {
    let world = World::bare(PROGRAM);
    let unknown = world.taiwa(&["validate", "--against", "no-such-branch"]);
    unknown.ends(2, "unknown-revision").says("environments: production, staging");
    let never = world.taiwa(&["validate", "--against", "staging"]).ends(2, "unknown-release");
    never.says("taiwa validate --against REV");
    let clone = world.clone_to("shallow");
    let origin = world.taiwa_in(&clone, &["validate", "--against", "origin/other"]);
    origin.ends(2, "unknown-revision").says("fetch-depth: 0");
}

#[test]
fn a_side_with_mistakes_of_its_own_is_compared_as_far_as_it_can_be_read() {
    let world = World::bare(PROGRAM);
    let text = world.read(CHANNEL);
    world.write(CHANNEL, &text.replace("direction: inbound", "direction: [inbound"));
    world.commit("Broken");
    world.write(CHANNEL, &text);
    let goal = "channels/shared/goals/store-orders.yaml";
    let before = world.read(goal);
    world.write(goal, &before.replace("measure: people", "measure: count"));
    assert_ne!(world.read(goal), before);
    let said = world.taiwa(&["validate", "--against", "HEAD"]).exits(0);
    said.says("errors of its own").says(": 0 contract").says("the KPI's measure is count");
}

#[test]
fn a_name_that_was_deleted_and_means_something_else_now() {
    let world = World::bare(PROGRAM);
    let offer = "channels/shared/offers/spring.yaml";
    world.write(offer, "title: Spring\nvalue: 5\ntags: [spring]\ntreatments:\n  web-store: { en: { headline: A }, ja: { headline: A } }\n");
    world.commit("Spring");
    world.git(&["rm", "--quiet", offer]);
    world.commit("No spring");
    let text = "title: A mattress\nvalid: { from: 2027-01-01 }\nvalue: 900\ntreatments:\n  mobile-app: { en: { body: B }, ja: { body: B } }\n";
    world.write(offer, text);
    let said = world.taiwa(&["validate", "--against", "HEAD"]).exits(0);
    said.says("TW0110").says("offer `spring` was something else until it was deleted");
}

#[test]
fn what_an_environment_runs_is_known_from_the_ledger_without_asking_it() {
    let mut world = World::staging(PROGRAM, 1);
    world.deploy();
    let same = world.taiwa(&["validate", "--against", "staging"]).exits(0);
    same.says("against staging (").says("): 0 contract, 0 state, 0 behaviour, 0 measurement");
    let names: Vec<String> = world.servers.keys().cloned().collect();
    for name in &names {
        world.kill(name);
    }
    world.variables.retain(|name, _| !name.contains("TOKEN"));
    change(&world);
    world.commit("A change");
    // Marked anew, not deployed: what runs is what was marked before.
    world.mark();
    let said = world.taiwa(&["validate", "--against", "staging"]).exits(0);
    said.says("interaction point `thank-you` is gone").says(": 1 contract");
    // A clone that somebody else made knows it, too; a branch of that name is said.
    world.git(&["branch", "staging"]);
    let clone = world.clone_to("clone");
    let said = world.taiwa_in(&clone, &["validate", "--against", "staging"]);
    said.says("): 1 contract");
    let both = world.taiwa(&["validate", "--against", "staging"]).exits(0);
    both.says("--against refs/heads/staging").says("): 1 contract");
    let branch = world.taiwa(&["validate", "--against", "refs/heads/staging"]).exits(0);
    branch.says(": 0 contract");
}
