//! What people do in the wrong order, and whether the next step that they are told is the right one.

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];
const WHY_NOT: [&str; 3] = ["why-not", "--to", "production"];

#[test]
fn what_was_rolled_back_is_said_before_anybody_approves_it_and_comes_again_when_asked() {
    let world = World::whole(PROGRAM, 1);
    for headline in ["The first of two", "The second of two"] {
        world.rewrite(headline);
        world.mark();
        world.deploy();
        world.prove().exits(0);
        world.mark_for_production();
        world.soak();
        world.approve(&[]);
        world.taiwa(&PROMOTE).exits(0);
    }
    let key = &world.cast.manager.file;
    let back = ["rollback", "--on", "production", "--as", "manager", "--key", key, "--yes"];
    world.taiwa(&back).exits(0).says("--again");
    // What was just left is no earlier version of anything.
    let only = ["rollback", "--on", "production", "--only", "offer/espresso-starter", "--yes"];
    world.taiwa(&only).ends(1, "nothing-to-do").says("was taken back there");

    world.taiwa(&WHY_NOT).ends(1, "rolled-back").says("taiwa promote --to production --again");
    world.taiwa(&PROMOTE).ends(1, "rolled-back");
    world.taiwa(&[&PROMOTE[..], &["--again"]].concat()).ends(1, "approval-missing");
    for word in ["nothere", "0123456789ab"] {
        world.taiwa(&["promote", word, "--to", "production"]).ends(1, "unknown-release");
        world.taiwa(&[&WHY_NOT[..], &[word]].concat()).ends(1, "unknown-release");
    }
    let live = world.settled("production").0.unwrap();
    world.taiwa(&[&WHY_NOT[..], &[&live]].concat()).ends(1, "not-marked");
    world.taiwa(&["promote", "staging", "--to", "production"]).ends(1, "not-marked");
    // Who has no role is told so at once; what was tried again says so once.
    let show = |role| world.taiwa(&["approve", "--to", "production", "--dry-run", "--as", role]);
    assert_eq!(show("boss").ends(1, "unknown-role").out, "");
    world.prove().exits(0);
    let shown = show("manager").exits(0).says("passed, attempt 2");
    assert_eq!(shown.out.matches("attempt").count(), 1, "{shown}");
    world.approve(&[]);
    world.taiwa(&WHY_NOT).exits(0).says("nothing stands against it");
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(world.settled("production").1, 4);
}

#[test]
fn a_policy_that_servers_do_not_obey_is_not_taken_for_theirs() {
    let world = World::staging(PROGRAM, 1);
    world.taiwa(&["status", "staging"]).exits(0);
    world.edit(
        "environments/staging/environment.yaml",
        "protected: false",
        "protected: false\nlease: 9s",
    );
    world.taiwa(&["policy", "propose", "staging"]).exits(0).says("git commit");
    world.commit("Another policy");
    world.taiwa(&["status", "staging"]).ends(1, "wrong-policy").says("obeys the policy");
}

#[test]
fn a_policy_that_is_not_committed_is_called_so() {
    let world = World::staging(PROGRAM, 1);
    world.mark();
    world.git(&["rm", "--quiet", "--cached", "environments/staging/policy.json"]);
    world.git(&["commit", "--quiet", "--message", "Without a policy"]);
    let plan = ["plan", "--to", "staging"];
    world.taiwa(&plan).ends(1, "no-policy").says("git add environments/staging/policy.json");
}

#[test]
fn what_there_is_not_is_called_so_and_a_folder_is_quoted() {
    let world = World::bare(PROGRAM);
    world.taiwa(&["policy", "sign", "nowhere"]).ends(2, "unknown-environment").says("staging");
    world.taiwa(&["policy", "sign", "production"]).ends(1, "no-policy");
    let begun = world.taiwa_in(&world.private, &["init", "日本 語"]).exits(0);
    begun.says("next: cd '日本 語' && git init");
}

#[test]
fn an_offer_without_its_channel_is_told_to_mark_the_channel() {
    let world = World::bare(PROGRAM);
    let mark = ["mark", "offer/grinder", "--for", "staging"];
    world.taiwa(&mark).exits(1).says("findings: ").says("mark channel/web-store, too");
    world.taiwa(&["mark", "channel/web-store", "offer/grinder", "--for", "staging"]).exits(0);
}

#[test]
fn what_is_wrong_in_other_files_is_not_hidden() {
    let world = World::bare(PROGRAM);
    world.edit("channels/web-store/strategy.yaml", "offer: gift-wrap", "offer: gift-warp");
    let path = "channels/web-store/channel.yaml";
    world.taiwa(&["validate", path]).exits(0).says("in other files; see all: taiwa validate");
    world.taiwa(&["validate"]).ends(1, "findings").says("did you mean `gift-wrap`?");
}
