//! Who wrote it, and who may approve it: on real repositories and real servers, with real signatures.

use taiwa_testkit::{Answer, World, until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const FILE: &str = "environments/production/environment.yaml";
const OFFER: &str = "channels/shared/offers/espresso-starter.yaml";
const PROMOTE: [&str; 4] = ["promote", "--to", "production", "--yes"];

const TANAKA: (&str, &str) = ("田中 花子", "hanako.tanaka@contoso.example");
const SUZUKI: (&str, &str) = ("鈴木 明", "akira.suzuki@contoso.example");
const MORI: (&str, &str) = ("森 葵", "aoi.mori@contoso.example");

/// A world whose production keeps authors from approving: Tanaka and Mori are managers, Sato is touchpoint manager,
/// Suzuki only writes.
fn world(separation: &str) -> World {
    world_with(separation, "")
}

/// The same, with more lines for production.
fn world_with(separation: &str, lines: &str) -> World {
    World::whole_with(PROGRAM, 2, |world| {
        world.edit(FILE, "separation: false", &format!("separation: {separation}"));
        let mori = format!(
            "  - {{ id: mori, key: \"{}\", email: [aoi.mori@contoso.example], roles: [manager] }}\n  - {{ id: suzuki, email: [akira.suzuki@contoso.example], roles: [] }}\nrunners:",
            world.cast.stranger.public
        );
        world.edit(FILE, "runners:", &mori);
        let text = world.read(FILE);
        world.write(FILE, &format!("{text}{lines}"));
    })
}

/// From now on git knows this person.
fn is(world: &World, (name, email): (&str, &str)) {
    world.git(&["config", "user.name", name]);
    world.git(&["config", "user.email", email]);
}

fn prove(world: &World) -> Answer {
    world.taiwa(&["test", "--on", "staging", "--key", &world.cast.runner.file])
}

/// What is there is deployed to staging, proven and marked for production.
fn proven(world: &World) {
    world.deploy();
    prove(world).exits(0);
    marked(world);
}

fn marked(world: &World) {
    world.taiwa(&["mark", "staging", "--for", "production"]).exits(0);
    world.commit("Mark for production");
}

fn approve(world: &World, role: &str, key: &str) -> Answer {
    world.taiwa(&["approve", "--to", "production", "--as", role, "--key", key, "--yes"])
}

/// Until only what people do is missing.
fn soaked(world: &World) {
    until("nothing is missing but people", 20, || {
        let unmet = world.taiwa(&["why-not", "--to", "production"]);
        (!unmet.err.contains("soak-missing")).then_some(())
    });
}

#[test]
fn whoever_wrote_it_cannot_approve_it_and_another_can() {
    let world = world("true");
    let (tanaka, sato, mori) = (
        world.cast.manager.file.clone(),
        world.cast.touchpoint_manager.file.clone(),
        world.cast.stranger.file.clone(),
    );
    let says = world.taiwa(&["policy", "show", "production"]).exits(0);
    assert!(says.out.contains("who wrote a change cannot approve it"), "{says}");
    assert!(says.out.contains("scenarios, authorship"), "{says}");

    // The first release: Suzuki wrote everything.
    world.deploy();
    let no_evidence = world.taiwa(&["plan", "--to", "staging"]).exits(0);
    assert!(!no_evidence.out.contains("written by"), "{no_evidence}");
    let said = prove(&world).exits(0);
    assert!(said.out.contains("evidence for production: written by suzuki"), "{said}");
    marked(&world);
    approve(&world, "manager", &tanaka).exits(0).says("suzuki (cannot approve)");
    approve(&world, "touchpoint-manager", &sato).exits(0);
    soaked(&world);
    world.taiwa(&PROMOTE).exits(0);
    world.taiwa(&PROMOTE).exits(0).says("already");

    // The manager writes a headline: she cannot approve it, whichever of her keys signs; the other manager can.
    is(&world, TANAKA);
    world.rewrite("Written by the manager");
    is(&world, SUZUKI);
    proven(&world);
    let plan = world.taiwa(&["plan", "--to", "production", "--format", "json"]).exits(0).json();
    assert_eq!(plan["contributors"], serde_json::json!(["suzuki", "tanaka"]), "{plan}");
    assert_eq!(plan["written_by"]["contributors"]["tanaka"].as_array().unwrap().len(), 1, "{plan}");
    approve(&world, "manager", &tanaka).ends(1, "contributor").says("these can: sato, mori");
    approve(&world, "touchpoint-manager", &sato).exits(0);
    soaked(&world);
    let unmet =
        world.taiwa(&PROMOTE).ends(1, "approval-missing").says("can be met by manager: mori");
    assert!(unmet.err.contains("written by tanaka (cannot approve): 1 commit"), "{unmet}");
    assert!(unmet.err.contains(OFFER), "{unmet}");
    approve(&world, "manager", &mori).exits(0);
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(world.headline("production-2").unwrap().0, "Written by the manager");

    // A stranger's commit asks for one person more.
    is(&world, ("Eve", "eve@elsewhere.example"));
    world.rewrite("Written by a stranger");
    is(&world, SUZUKI);
    proven(&world);
    approve(&world, "manager", &tanaka).exits(0).says("eve@elsewhere.example (unknown");
    approve(&world, "touchpoint-manager", &sato).exits(0).says("1 more of any role");
    soaked(&world);
    let unmet = world.taiwa(&PROMOTE).ends(1, "approval-missing").says("eve@elsewhere.example");
    assert!(unmet.err.contains("0 of 1 approvals more") && unmet.err.contains("mori"), "{unmet}");
    approve(&world, "manager", &mori).exits(0).says("everyone who must has approved");
    world.taiwa(&PROMOTE).exits(0);
    assert_eq!(world.settled("production").1, 3);
    world.taiwa(&["history", "--verify"]).exits(0).says("verified");
}

#[test]
fn attack_04_co_authors_squashes_and_copies_carry_their_authors_along() {
    let world = world("true");
    let (tanaka, mori) = (world.cast.manager.file.clone(), world.cast.stranger.file.clone());
    // Tanaka writes on a branch; Mori copies the content byte for byte and commits it as his own.
    is(&world, TANAKA);
    world.git(&["checkout", "--quiet", "-b", "idea"]);
    world.rewrite("An idea of the manager");
    is(&world, SUZUKI);
    world.git(&["checkout", "--quiet", "main"]);
    world.git(&["merge", "--quiet", "--no-ff", "--strategy", "ours", "-m", "Not taken", "idea"]);
    is(&world, MORI);
    world.git(&["checkout", "--quiet", "idea", "--", OFFER]);
    world.commit("My own idea");
    is(&world, SUZUKI);
    proven(&world);
    approve(&world, "manager", &tanaka).ends(1, "contributor");
    approve(&world, "manager", &mori).ends(1, "contributor").says("these can: sato");
    // A squash on behalf of somebody else, who names one of them.
    world.rewrite("Squashed");
    let message = "Headline (#7)\n\nCo-authored-by: x <Ken.Sato@Contoso.example>";
    world.git(&["commit", "--quiet", "--amend", "--message", message]);
    proven(&world);
    let sato = world.cast.touchpoint_manager.file.clone();
    approve(&world, "touchpoint-manager", &sato).ends(1, "contributor");
}

#[test]
fn attack_04_whoever_commits_or_pushes_last_is_not_the_only_one_who_counts() {
    let world = world("true");
    let tanaka = world.cast.manager.file.clone();
    proven(&world);
    // Tanaka writes, Suzuki corrects a letter, Suzuki marks, CI proves: Tanaka's words are in it all the same.
    is(&world, TANAKA);
    world.rewrite("By the manager, with a mistoke");
    is(&world, SUZUKI);
    world.rewrite("By the manager, with a mistake");
    proven(&world);
    approve(&world, "manager", &tanaka).ends(1, "contributor");
}

#[test]
fn attack_22_a_forged_name_is_found_out_by_the_signature() {
    let world = world("true");
    let tanaka = world.cast.manager.file.clone();
    // Tanaka signs her commit with her key, under Suzuki's name.
    world.git(&["config", "gpg.format", "ssh"]);
    std::process::Command::new("chmod").args(["600", &tanaka]).status().unwrap();
    let key = format!("user.signingkey={tanaka}");
    let text = world.read(OFFER);
    let line =
        text.lines().find(|it| it.trim_start().starts_with("headline: ")).unwrap().to_owned();
    let before = line.split_once(": ").unwrap().1.to_owned();
    world.write(OFFER, &text.replacen(&before, "Not written by Suzuki", 1));
    world.git(&["-c", &key, "commit", "--quiet", "--gpg-sign", "--all", "--message", "x"]);
    proven(&world);
    let no = approve(&world, "manager", &tanaka).ends(1, "contributor");
    assert!(no.err.contains("tanaka wrote part"), "{no}");
}

#[test]
fn what_cannot_be_seen_whole_is_refused_and_says_how_to_see_it() {
    let world = world("true");
    let (tanaka, sato) =
        (world.cast.manager.file.clone(), world.cast.touchpoint_manager.file.clone());
    proven(&world);
    // A clone that was cut knows less: nobody signs there.
    let url = format!("file://{}", world.workspace.display());
    let shallow = world.private.join("shallow").display().to_string();
    world.git(&["clone", "--quiet", "--depth=1", "--no-single-branch", &url, &shallow]);
    let words = ["approve", "--to", "production", "--as", "manager", "--key", &tanaka, "--yes"];
    let folder = world.private.join("shallow");
    let no = world.taiwa_in(&folder, &words).ends(1, "authorship-unknown");
    assert!(no.err.contains("git fetch --unshallow") || no.err.contains("git pull"), "{no}");
    let runner = ["test", "--on", "staging", "--key", &world.cast.runner.file];
    world.taiwa_in(&folder, &runner).ends(1, "authorship-unknown").says("--unshallow");
    // A whole one does.
    let whole = world.clone_to("whole");
    world.taiwa_in(&whole, &words).exits(0);
    approve(&world, "touchpoint-manager", &sato).exits(0);

    // Live moves on: what was found of a change from elsewhere proves nothing any more.
    soaked(&world);
    world.taiwa(&PROMOTE).exits(0);
    is(&world, TANAKA);
    world.rewrite("Something else");
    is(&world, SUZUKI);
    world.deploy();
    marked(&world);
    let why = world.taiwa(&["why-not", "--to", "production"]).exits(1);
    assert!(
        why.err.contains("authorship-unknown") && why.err.contains("taiwa test --on staging"),
        "{why}"
    );
    assert!(why.err.contains("runner ci"), "{why}");
    prove(&world).exits(0);
    let why = world.taiwa(&["why-not", "--to", "production"]).exits(1);
    assert!(!why.err.contains("authorship-unknown"), "{why}");
}

#[test]
fn attack_04_whoever_marks_the_whole_release_counts_where_the_policy_is_strict() {
    let world = world("strict");
    let (tanaka, mori) = (world.cast.manager.file.clone(), world.cast.stranger.file.clone());
    world.deploy();
    // Before it is marked nobody can say who marks it; the run itself is good.
    prove(&world).exits(0).says("nothing is filed for production");
    is(&world, TANAKA);
    marked(&world);
    is(&world, SUZUKI);
    let why = world.taiwa(&["why-not", "--to", "production"]).exits(1);
    assert!(why.err.contains("authorship-unknown"), "{why}");
    let said = prove(&world).exits(0);
    assert!(said.out.contains("written by suzuki, tanaka"), "{said}");
    approve(&world, "manager", &tanaka).ends(1, "contributor");
    approve(&world, "manager", &mori).exits(0);
    approve(&world, "touchpoint-manager", &world.cast.touchpoint_manager.file).exits(0);
    soaked(&world);
    world.taiwa(&PROMOTE).exits(0);
}

/// An emergency waits for nobody's evidence; what it brought is ratified by whoever did not write it.
#[test]
fn whoever_wrote_what_an_emergency_brought_cannot_ratify_it() {
    let glass =
        "emergency:\n  - { role: manager, count: 1 }\n  - { role: touchpoint-manager, count: 1 }\n";
    let world = world_with("true", glass);
    let (tanaka, sato, mori) = (
        world.cast.manager.file.clone(),
        world.cast.touchpoint_manager.file.clone(),
        world.cast.stranger.file.clone(),
    );
    let says_yes = |role: &str, key: &str, how: &str| {
        let words = ["approve", "--to", "production", "--as", role, "--key", key, "--yes", how];
        world.taiwa(&words)
    };
    proven(&world);
    approve(&world, "manager", &tanaka).exits(0);
    approve(&world, "touchpoint-manager", &sato).exits(0);
    soaked(&world);
    world.taiwa(&PROMOTE).exits(0);
    is(&world, TANAKA);
    world.rewrite("The fix of the manager");
    is(&world, SUZUKI);
    world.deploy();
    marked(&world);
    let emergency = [&PROMOTE[..], &["--emergency", "1h", "--why", "the till is down"]].concat();
    world.taiwa(&emergency).ends(1, "approval-missing");
    says_yes("manager", &tanaka, "--emergency").exits(0).says("tanaka (cannot ratify): 1 commit");
    says_yes("touchpoint-manager", &sato, "--emergency").exits(0);
    world.taiwa(&emergency).exits(0);
    // Nobody signs before it is known who wrote it, and then not whoever did, nor where it cannot be seen.
    let early = says_yes("manager", &mori, "--ratify").ends(1, "authorship-unknown");
    early.says("taiwa test --on staging");
    prove(&world).exits(0);
    says_yes("manager", &tanaka, "--ratify").ends(1, "contributor").says("these can: sato, mori");
    let url = format!("file://{}", world.workspace.display());
    let shallow = world.private.join("shallow");
    world.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        &url,
        &shallow.display().to_string(),
    ]);
    let words =
        ["approve", "--to", "production", "--as", "manager", "--key", &mori, "--yes", "--ratify"];
    world.taiwa_in(&shallow, &words).ends(1, "authorship-unknown");
    says_yes("manager", &mori, "--ratify").exits(0).says("tanaka (cannot approve): 1 commit");
    says_yes("touchpoint-manager", &sato, "--ratify").exits(0);
    until("it is ratified once it has soaked", 40, || {
        (world.taiwa(&[&PROMOTE[..], &["--ratify"]].concat()).exit == 0).then_some(())
    });
    assert_eq!(world.headline("production-2").unwrap().0, "The fix of the manager");
}
