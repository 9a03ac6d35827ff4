//! The ledger, shared by many at once, and what somebody did to it: told by the record.
#![expect(
    clippy::disallowed_methods,
    reason = "the writers are processes that wait for each other"
)]
#![expect(clippy::unwrap_used, reason = "functions of the tests insist, too")]

use std::{
    convert::Infallible,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use taiwa_git::{
    Author, Head, Ledger, NewRecord, Program, Published, Repository, Settings, pause_ms,
};
use taiwa_model::Timestamp;
use taiwa_plan::ledger::{Draft, RecordKind};
use taiwa_testkit::{Answer, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");
const VERIFY: [&str; 5] = ["history", "--verify", "--limit", "100", "--format=json"];
const WRITERS: usize = 5;
const EACH: usize = 10;

/// Appends records to the ledger of a clone, as a command does.
fn write(folder: &Path, name: &str, each: usize) -> Vec<Published> {
    let repository = Repository::open(folder).unwrap();
    let settings = || Settings {
        remote: repository.remote(),
        author: Author::new(name, "writer@contoso.example"),
        at: Timestamp::from_millis(1_790_000_000_000),
        program: Program::default(),
    };
    let draft = |text: String| Draft {
        time: Timestamp::from_millis(1_790_000_000_000),
        kind: RecordKind::Refusal,
        environment: "staging".into(),
        plan: None,
        objects: Vec::new(),
        by: format!("{name} <writer@contoso.example>"),
        text,
    };
    let one = |at: usize| {
        let text = format!("{name}-{at}");
        let mut make = |head: Head| -> Result<NewRecord, Infallible> {
            let before = head.prev.map(|digest| (head.seq - 1, digest));
            let record = draft(text.clone()).after(before).to_bytes().unwrap();
            Ok(NewRecord { record, objects: Vec::new(), summary: text.clone() })
        };
        let random = u64::from(std::process::id()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut pause = |tries| sleep(Duration::from_millis(pause_ms(tries, random >> at)));
        Ledger::new(&repository, settings()).append(&mut make, &mut pause).unwrap().published
    };
    (0..each).map(one).collect()
}

/// A workspace whose repository has a bare remote beside it.
fn shared() -> (World, String) {
    let world = World::bare(PROGRAM);
    let bare = world.private.join("shared.git").display().to_string();
    world.git(&["init", "--quiet", "--bare", &bare]);
    world.git(&["remote", "add", "origin", &bare]);
    world.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    (world, bare)
}

fn clone(world: &World, bare: &str, name: &str) -> std::path::PathBuf {
    let folder = world.private.join(name);
    world.git(&["clone", "--quiet", bare, &folder.display().to_string()]);
    folder
}

/// Not a test of its own: one of the processes of the test below.
#[test]
#[ignore = "a process of another test"]
fn a_writer() {
    let Some(folder) = std::env::var_os("TAIWA_LEDGER_FOLDER") else { return };
    let folder = Path::new(&folder);
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    write(folder, &name, EACH);
}

fn texts(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let records = json["records"].as_array().unwrap();
    records.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn five_processes_at_one_remote_lose_nothing() {
    let (world, bare) = shared();
    let folders: Vec<_> = (0..WRITERS).map(|it| clone(&world, &bare, &format!("w{it}"))).collect();
    let begin = |folder: &std::path::PathBuf| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "world_ledger::a_writer", "--ignored"])
            .env("TAIWA_LEDGER_FOLDER", folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = folders.iter().map(begin).collect();
    for mut it in running {
        assert!(it.wait().unwrap().success());
    }
    // Whoever gave way too often kept its records, and they go along with its next command.
    for folder in &folders {
        world.taiwa_in(folder, &["history"]).exits(0);
    }
    let told = texts(&world.taiwa(&VERIFY).exits(0));
    assert_eq!(told.len(), WRITERS * EACH, "nothing is lost, and nothing counts twice");
    for writer in 0..WRITERS {
        let prefix = format!("w{writer}-");
        let own: Vec<&String> = told.iter().filter(|it| it.starts_with(&prefix)).collect();
        let expected: Vec<String> = (0..EACH).map(|it| format!("{prefix}{it}")).collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>(), "each in its own order");
    }
}

/// The ledger of a clone, checked out where a forger works.
fn forger(world: &World, bare: &str, name: &str) -> std::path::PathBuf {
    let folder = clone(world, bare, name);
    world.git_in(&folder, &["checkout", "--quiet", "taiwa/ledger"]);
    folder
}

#[test]
fn attack_27_what_was_cut_or_rewritten_is_named_by_its_record() {
    let (world, bare) = shared();
    write(&world.workspace, "us", 5);
    assert_eq!(texts(&world.taiwa(&VERIFY).exits(0)).len(), 5);

    // Cut: the remote forgets the last two.
    let folder = forger(&world, &bare, "cutter");
    world.git_in(&folder, &["reset", "--quiet", "--hard", "HEAD~2"]);
    world.git_in(&folder, &["push", "--quiet", "--force", "origin", "taiwa/ledger"]);
    let no = world.taiwa(&["history", "--verify"]).ends(1, "ledger-rewritten");
    let no = no.says("records/00000004.json").says("ends at record 3, this clone has seen 5");
    no.says("git push --force REMOTE refs/taiwa/seen/REMOTE:refs/heads/taiwa/ledger");

    // Rewritten: others go on from the cut, and know nothing of it.
    let other = clone(&world, &bare, "other");
    write(&other, "them", 3);
    world.taiwa_in(&other, &VERIFY).exits(0);
    let no = world.taiwa(&["history", "--verify", "--format", "json"]).ends(1, "ledger-rewritten");
    let no = no.says("records/00000004.json: is another one at origin");
    assert_eq!(texts(&no).last().unwrap(), "us-4", "what was seen is shown");

    // What was seen comes back, and all is well.
    let back =
        ["push", "--quiet", "--force", "origin", "refs/taiwa/seen/origin:refs/heads/taiwa/ledger"];
    world.git(&back);
    world.taiwa(&VERIFY).exits(0);
}

/// Whoever can push to the ledger can stop what goes on by it, and not what stops, looks or goes back.
#[test]
fn attack_27_a_rewritten_ledger_keeps_nobody_from_stopping_and_going_back() {
    const EVEN_SO: &str = "going on with what this clone has seen";
    let world = World::staging(PROGRAM, 1);
    let bare = world.private.join("shared.git").display().to_string();
    world.git(&["init", "--quiet", "--bare", &bare]);
    world.git(&["remote", "add", "origin", &bare]);
    world.deploy();
    let old = world.headline("staging-1").unwrap();
    world.rewrite("Soon taken back");
    world.deploy();
    world.git(&["push", "--quiet", "--force", "origin", "taiwa/ledger~2:refs/heads/taiwa/ledger"]);
    world.taiwa(&["deploy", "--to", "staging", "--yes"]).ends(1, "ledger-rewritten");
    world.taiwa(&["status", "staging"]).exits(0).says(EVEN_SO);
    world.taiwa(&["why-not", "--to", "staging"]).exits(0).says(EVEN_SO);
    let back = world.taiwa(&["rollback", "--on", "staging", "--yes"]).exits(0).says(EVEN_SO);
    back.says("ledger-pending");
    assert_eq!(world.headline("staging-1").unwrap(), old);
    world.taiwa(&["history", "--verify"]).ends(1, "ledger-rewritten");
    // What was seen comes back, and what waited goes along.
    let seen = "refs/taiwa/seen/origin:refs/heads/taiwa/ledger";
    world.git(&["push", "--quiet", "--force", "origin", seen]);
    world.taiwa(&["status", "staging"]).exits(0);
    let told = texts(&world.taiwa(&VERIFY).exits(0));
    assert!(told[4].contains("rollback") && told[5].contains("generation 3"), "{told:?}");
    let there = world.git(&["ls-remote", "origin", "refs/heads/taiwa/ledger"]);
    let here = world.git(&["rev-parse", "taiwa/ledger"]);
    assert!(there.contains(here.trim()), "{there}");
}

#[test]
fn attack_27_what_was_changed_in_place_is_named_by_its_record() {
    let (world, bare) = shared();
    write(&world.workspace, "us", 4);
    let cases: [(&str, &[&str]); 3] = [
        ("changed", &["records/00000003.json: its `prev`", "record 2 was changed"]),
        ("gone", &["records/00000003.json: the record before it is missing: 2"]),
        ("unreadable", &["records/00000002.json: "]),
    ];
    for (what, says) in cases {
        let folder = forger(&world, &bare, what);
        let file = folder.join("records/00000002.json");
        let text = std::fs::read_to_string(&file).unwrap();
        match what {
            "changed" => std::fs::write(&file, text.replace("us-1", "us-9")).unwrap(),
            "gone" => std::fs::remove_file(&file).unwrap(),
            _ => std::fs::write(&file, text.replace('}', "")).unwrap(),
        }
        world.git_in(&folder, &["commit", "--quiet", "--all", "--message", what]);
        world.git_in(&folder, &["checkout", "--quiet", "main"]);
        let no = world.taiwa_in(&folder, &["history", "--verify"]).ends(1, "ledger-unsound");
        let no = says.iter().fold(no, |no, it| no.says(it));
        // The commit that did it is named, with the file; and it stays in this clone.
        no.says("altered 1 files: records/00000002.json");
        world.taiwa_in(&folder, &["why-not", "--to", "staging"]);
        world.taiwa(&VERIFY).exits(0);
    }
}
