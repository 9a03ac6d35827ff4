//! How commands end where no server is needed: exit codes of one meaning each, and the word that stderr begins with.
#![expect(clippy::disallowed_methods, reason = "the tests make folders and files")]

use std::fs;

use taiwa_testkit::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");

/// One call of every command that works on a workspace.
const EVERY: [&[&str]; 20] = [
    &["validate"],
    &["test"],
    &["test", "--for", "staging"],
    &["test", "--on", "staging"],
    &["mark", "channel/web-store", "--for", "staging"],
    &["unmark", "offer/espresso-starter", "--for", "staging"],
    &["build", "--for", "staging"],
    &["plan", "--to", "staging"],
    &["deploy", "--to", "staging", "--yes"],
    &["approve", "--to", "production", "--as", "manager", "--yes"],
    &["promote", "--to", "production", "--yes"],
    &["why-not", "--to", "production"],
    &["rollback", "--on", "staging", "--yes"],
    &["status"],
    &["history"],
    &["show", "staging"],
    &["diff", "HEAD", "HEAD"],
    &["policy", "show", "staging"],
    &["policy", "propose", "staging"],
    &["policy", "sign", "production"],
];

/// Those that read nothing but the work tree.
const WITHOUT_GIT: [&str; 3] = ["validate", "test", "policy"];

fn with_json<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--format", "json"]].concat()
}

#[test]
fn no_workspace() {
    let world = World::bare(PROGRAM);
    let folder = world.private.join("empty");
    fs::create_dir(&folder).unwrap();
    for arguments in EVERY {
        world.taiwa_in(&folder, arguments).ends(2, "no-workspace").says("taiwa init");
        let json = world.taiwa_in(&folder, &with_json(arguments)).ends(2, "no-workspace").json();
        assert_eq!(json["reason"], "no-workspace", "{arguments:?}");
        assert_eq!(json["exit"], 2, "{arguments:?}");
    }
    world.taiwa(&["-C", "nowhere", "validate"]).ends(2, "no-workspace");
}

#[test]
fn no_repository_a_bare_one_and_no_commit() {
    let world = World::bare(PROGRAM);
    let copy = world.private.join("copy");
    fs::create_dir(&copy).unwrap();
    world.taiwa_in(&copy, &["init", "."]).exits(0);
    for arguments in EVERY {
        if arguments.contains(&"--for") || !WITHOUT_GIT.contains(&arguments[0]) {
            world.taiwa_in(&copy, arguments).ends(2, "no-repository").says("git init");
        }
    }
    world.git_in(&copy, &["init", "--quiet"]);
    for arguments in EVERY {
        if arguments.contains(&"--for") || !WITHOUT_GIT.contains(&arguments[0]) {
            world.taiwa_in(&copy, arguments).ends(2, "no-commit").says("git commit");
        }
    }
    let bare = world.private.join("bare.git");
    world.git(&["clone", "--quiet", "--bare", ".", &bare.display().to_string()]);
    fs::copy(copy.join("taiwa.yaml"), bare.join("taiwa.yaml")).unwrap();
    world.taiwa_in(&bare, &["status"]).ends(2, "no-repository").says("bare");
}

#[test]
fn a_shallow_clone_says_how_to_get_the_rest() {
    let world = World::bare(PROGRAM);
    world.mark();
    world.rewrite("Not marked");
    world.rewrite("Not marked either");
    world.taiwa(&["build", "--for", "staging"]).exits(0);
    let shallow = world.private.join("shallow");
    let source = format!("file://{}", world.workspace.display());
    world.git(&["clone", "--quiet", "--depth", "1", &source, &shallow.display().to_string()]);
    world
        .taiwa_in(&shallow, &["build", "--for", "staging"])
        .ends(1, "unknown-mark")
        .says("git fetch --unshallow");
}

#[test]
fn marks() {
    let world = World::bare(PROGRAM);
    let build = ["build", "--for", "staging"];
    let before = world.read("environments/staging/marks.yaml");
    world.taiwa(&build).ends(1, "nothing-marked").says("taiwa mark");
    for word in ["offer/espreso-starter", "ofer/espresso-starter"] {
        world
            .taiwa(&["mark", word, "--for", "staging"])
            .ends(2, "unknown-component")
            .says("did you mean offer/espresso-starter?");
    }
    world
        .taiwa(&["mark", "channel/web-store", "--for", "stagging"])
        .ends(2, "unknown-environment")
        .says("staging");
    world.taiwa(&["unmark", "offer/espresso-starter", "--for", "staging"]).ends(1, "not-marked");
    world.taiwa(&["mark", "channel/web-store", "--for", "staging", "--dry-run"]).exits(0);
    assert_eq!(world.read("environments/staging/marks.yaml"), before, "a dry run writes nothing");

    let offer = "channels/shared/offers/espresso-starter.yaml";
    let clean = world.read(offer);
    world.edit(offer, "value: 1250", "value: 1251");
    world
        .taiwa(&["mark", "offer/espresso-starter", "--for", "staging"])
        .ends(1, "not-committed")
        .says(&format!("git add {offer} && git commit"));
    world.write(offer, &clean);

    // A mark counts once it is committed.
    world.taiwa(&["mark", "channel/web-store", "--for", "staging"]).exits(0);
    world.taiwa(&build).exits(1).says("not committed").says("nothing-marked");
    world.commit("Mark");
    world.taiwa(&build).exits(0);
    world.taiwa(&["mark", "channel/web-store", "--for", "staging"]).exits(0).says("nothing new");

    // Content that no commit has.
    let marks = world.read("environments/staging/marks.yaml");
    let line = marks.lines().find(|it| it.contains("offer/espresso-starter")).unwrap();
    let blob = line.split_whitespace().last().unwrap().trim_matches('"');
    let invented = marks.replace(blob, &"7".repeat(40));
    world.write("environments/staging/marks.yaml", &invented);
    world.commit("A mark that somebody invented");
    world.taiwa(&build).ends(1, "unknown-mark").says("offer/espresso-starter");
    world.taiwa(&["test", "--for", "staging"]).ends(1, "unknown-mark");
}

#[test]
fn the_dirty_work_tree_is_never_what_is_built() {
    let world = World::bare(PROGRAM);
    world.mark();
    let digest = world.taiwa(&["build", "--for", "staging"]).exits(0).out;
    world.edit("channels/shared/offers/espresso-starter.yaml", "value: 1250", "value: [");
    fs::remove_file(world.workspace.join("channels/web-store/strategy.yaml")).unwrap();
    assert_eq!(world.taiwa(&["build", "--for", "staging"]).exits(0).out, digest);
}

#[test]
fn findings_and_scenarios() {
    let world = World::bare(PROGRAM);
    world.taiwa(&["validate"]).exits(0);
    let json = world.taiwa(&["test", "--format", "json"]).exits(0).json();
    assert_eq!(json["failed"], 0);
    assert_ne!(json["run"], 0);

    let offer = "channels/shared/offers/espresso-starter.yaml";
    let clean = world.read(offer);
    world.edit(offer, "value: 1250", "value: 0");
    world.taiwa(&["test"]).exits(0);
    world.write(offer, &clean.replace("!accepted(\"espresso-starter\", \"365d\")", "1 > 2"));
    world.taiwa(&["test"]).exits(1).says("scenario-failed");
    let json = world.taiwa(&["test", "--format", "json"]).exits(1).json();
    assert_eq!(json["reason"], "scenario-failed");
    assert_ne!(json["failed"], 0);

    world.write(offer, &clean.replace("value:", "valeu:"));
    world.taiwa(&["validate"]).ends(1, "findings").says("espresso-starter.yaml");
    let json = world.taiwa(&["validate", "--format", "json"]).ends(1, "findings").json();
    assert_eq!(json["reason"], "findings");
    world.taiwa(&["validate", "--format", "github"]).exits(1).says("::error");
    world.taiwa(&["test"]).exits(1).says("findings");
    world.write(offer, &clean);
    world.taiwa(&["validate", "channels/nowhere.yaml"]).ends(2, "unreadable");
    world.taiwa(&["validate", "--at", "yesterday"]).ends(2, "usage");
}

#[test]
fn questions_that_are_wrong() {
    let world = World::bare(PROGRAM);
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["plan"],
        &["deploy", "--to", "staging", "--frobnicate"],
        &["deploy", "--to", "staging", "--resume", "--abort"],
        &["approve", "--to", "production", "--as", "manager", "--reject"],
        &["validate", "--format", "xml"],
        &["--format", "json", "plan"],
    ] {
        let answer = world.taiwa(arguments).exits(2);
        assert!(!answer.err.is_empty(), "{answer}");
    }
    let json = world.taiwa(&["plan", "--format", "json"]).exits(2).json();
    assert_eq!(json["reason"], "usage");
    world.taiwa(&["schema", "offer", "--format", "json"]).ends(2, "usage");
    world.taiwa(&["status", "--format", "github"]).ends(2, "usage").says("json");
    world.taiwa(&["explain", "TW9999"]).exits(2);
    world.taiwa(&["explain", "TW0001"]).exits(0);
    world.taiwa(&["schema", "offer"]).exits(0).json();
    world.taiwa(&["--help"]).exits(0);
    world.taiwa(&["--version"]).exits(0);
    world.taiwa(&["init", "."]).ends(1, "conflict");
    world.taiwa(&["diff", "HEAD", "HEAD"]).exits(0);
    world.taiwa(&["diff", "HEAD", "no-such-thing"]).ends(2, "unknown-revision");
    let json = world.taiwa(&["diff", "HEAD", "no-such-thing", "--format", "json"]).exits(2).json();
    assert_eq!(json["reason"], "unknown-revision");
    world.rewrite("Another one");
    world.taiwa(&["diff", "HEAD~1", "HEAD"]).exits(1).says("Another one");
    world.taiwa(&["show", "123456789abc"]).ends(1, "unknown-release");
    world.taiwa(&["policy", "install", "staging"]).ends(2, "secret-missing");
    world.taiwa(&["history", "--verify"]).exits(0);
}

#[test]
fn servers_that_nobody_can_speak_to() {
    let mut world = World::bare(PROGRAM);
    for arguments in [&["plan", "--to", "staging"][..], &["status", "staging"]] {
        world.taiwa(arguments).ends(2, "secret-missing").says("TAIWA_STAGING_TOKEN");
    }
    world.variables.insert("TAIWA_STAGING_TOKEN".to_owned(), "canary-0123456789".to_owned());
    world.taiwa(&["plan", "--to", "staging"]).ends(1, "no-policy").says("taiwa policy propose");
    world.taiwa(&["deploy", "--to", "nowhere"]).ends(2, "unknown-environment");
    world.taiwa(&["policy", "show", "staging"]).ends(1, "no-policy");
    // Staging is asked for its key: it is not running.
    world.taiwa(&["policy", "propose", "production"]).ends(3, "unreachable").says("--print-key");

    // Servers that cannot start say why.
    let data = world.private.join("data").display().to_string();
    let start = ["runtime", "--listen", "127.0.0.1:0", "--data", &data];
    world.taiwa(&[&start[..], &["--policy", "taiwa.yaml"]].concat()).ends(2, "policy-invalid");
    world.taiwa(&[&start[..], &["--policy", "nowhere.json"]].concat()).ends(2, "unreadable");
    world
        .taiwa(&["runtime", "--listen", "0.0.0.0:0", "--data", &data])
        .exits(2)
        .says("TAIWA_ADMIN_TOKEN");
    world.variables.insert("TAIWA_ADMIN_TOKEN".to_owned(), "short".to_owned());
    world.taiwa(&start).ends(2, "weak-key");
}

#[test]
fn the_digest_is_the_same_from_two_clones_in_any_file_order() {
    let world = World::bare(PROGRAM);
    world.mark();
    world.rewrite("Not marked, so it does not matter");
    let first = world.taiwa(&["build", "--for", "staging", "--out", "release"]).exits(0).out;
    let (near, far) = (world.clone_to("near"), world.clone_to("a/path far away/日本"));
    // The same files, committed in another order, in a repository of its own.
    let (mut files, other) = (walk(&near), world.private.join("other"));
    files.reverse();
    fs::create_dir(&other).unwrap();
    world.git_in(&other, &["init", "--quiet"]);
    for batch in [&["channels/"][..], &["environments/", "taiwa.yaml"]] {
        for path in files.iter().filter(|it| batch.iter().any(|start| it.starts_with(start))) {
            fs::create_dir_all(other.join(path).parent().unwrap()).unwrap();
            fs::copy(near.join(path), other.join(path)).unwrap();
        }
        world.git_in(&other, &["add", "--all"]);
        world.git_in(&other, &["commit", "--quiet", "--message", "Part of it"]);
    }
    let offer = "channels/shared/offers/espresso-starter.yaml";
    let old = world.git(&["show", &format!("HEAD~1:{offer}")]);
    fs::write(other.join(offer), format!("{old}\n")).unwrap();
    world.git_in(&other, &["commit", "--quiet", "--all", "--message", "As it is marked"]);
    for clone in [near, far, other] {
        let arguments = ["build", "--for", "staging", "--out", "release"];
        assert_eq!(world.taiwa_in(&clone, &arguments).exits(0).out, first, "{}", clone.display());
        let (a, b) = (fs::read(clone.join("release")), fs::read(world.workspace.join("release")));
        assert_eq!(a.unwrap(), b.unwrap());
    }
    let sum = std::process::Command::new("sha256sum")
        .arg(world.workspace.join("release"))
        .output()
        .unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let hex = sum.split_whitespace().next().unwrap();
    assert_eq!(first.trim(), format!("sha256:{hex}"), "sha256sum of the file is the digest");
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let files = taiwa_stories::below(folder, "channels").into_keys();
    let more = taiwa_stories::below(folder, "environments").into_keys();
    files.chain(more).chain(["taiwa.yaml".to_owned()]).collect()
}
