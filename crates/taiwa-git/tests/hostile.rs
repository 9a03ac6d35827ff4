//! Trees that git itself would never write: reported by path, never read through.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use git2::{ObjectType, Oid};
use support::{Stage, author, minute};
use taiwa_git::{CommitId, MAX_TREE_DEPTH, TreeError};

/// Writes a tree as bytes, without the checks of a tree builder.
fn tree(git: &git2::Repository, entries: &[(&str, &[u8], Oid)]) -> Oid {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend([mode.as_bytes(), b" ", name, b"\0", id.as_bytes()].concat());
    }
    git.odb().unwrap().write(ObjectType::Tree, &bytes).unwrap()
}

/// Writes a commit of a tree as bytes: libgit2 itself would look at the tree.
fn commit(git: &git2::Repository, tree: Oid) -> CommitId {
    let who =
        format!("{} <{}> {} +0000", author().name, author().email, minute(0).as_millis() / 1000);
    let text = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nhostile\n");
    git.odb().unwrap().write(ObjectType::Commit, text.as_bytes()).unwrap().into()
}

const FILE: &str = "100644";
const PROGRAM: &str = "100755";
const FOLDER: &str = "40000";
const LINK: &str = "120000";
const SUBMODULE: &str = "160000";

/// The paths of a commit with this tree in `channels/`, each with why it is refused.
#[track_caller]
fn check(entries: &[(&str, &[u8])], expect: &[&str]) {
    let stage = Stage::new();
    let git = stage.git();
    let blob = git.blob(b"secret").unwrap();
    let below = tree(&git, &[(FILE, b"below.yaml", blob)]);
    let elsewhere = Oid::from_str(&"ab".repeat(20)).unwrap();
    let id = |mode| match mode {
        FOLDER => below,
        SUBMODULE => elsewhere,
        _ => blob,
    };
    let entries: Vec<_> = entries.iter().map(|&(mode, name)| (mode, name, id(mode))).collect();
    let channels = tree(&git, &entries);
    let commit = commit(&git, tree(&git, &[(FOLDER, b"channels", channels)]));
    let files = stage.repository.files_at(&commit).unwrap();
    let said: Vec<String> = files
        .iter()
        .map(|it| {
            assert_eq!(it.regular(), it.bytes_len == 6, "nothing is read of what is refused");
            it.refused.as_ref().map_or(it.path.clone(), |why| format!("{}: {why}", it.path))
        })
        .collect();
    assert_eq!(said, expect);
}

#[test]
fn attack_20_entries_that_are_no_regular_files() {
    check(
        &[
            (FILE, b"a.yaml"),
            (LINK, b"b.yaml"),
            (SUBMODULE, b"c"),
            (PROGRAM, b"d.yaml"),
            (FOLDER, b"e"),
        ],
        &[
            "channels/a.yaml",
            "channels/b.yaml: a symbolic link",
            "channels/c: a submodule",
            "channels/d.yaml",
            "channels/e/below.yaml",
        ],
    );
    check(&[("010644", b"pipe")], &["channels/pipe: an entry of unknown mode 10644"]);
}

#[test]
fn attack_20_names_that_may_mean_another_place() {
    let unsafe_name = "a name that may mean another place";
    for name in ["..", ".", ".git", ".GIT", "git~1", ".git ", "a\\b", "con", "x:y", "a\nb"] {
        for mode in [FILE, FOLDER, LINK, SUBMODULE] {
            check(&[(mode, name.as_bytes())], &[&format!("channels/{name}: {unsafe_name}")]);
        }
    }
    check(&[(FOLDER, b"../../etc")], &[&format!("channels/../../etc: {unsafe_name}")]);
    check(&[(FILE, b"a\xff")], &[&format!("channels/a\u{fffd}: {unsafe_name}")]);
}

#[test]
fn attack_20_names_that_some_file_systems_take_for_each_other() {
    check(
        &[(FOLDER, b"Offers"), (FILE, b"a.yaml"), (FOLDER, b"offers")],
        &[
            "channels/Offers: a name that may be taken for `offers`",
            "channels/a.yaml",
            "channels/offers: a name that may be taken for `Offers`",
        ],
    );
    check(
        &[(FILE, "e\u{301}.yaml".as_bytes()), (FILE, "\u{e9}.yaml".as_bytes())],
        &[
            "channels/e\u{301}.yaml: a name that may be taken for `\u{e9}.yaml`",
            "channels/\u{e9}.yaml: a name that may be taken for `e\u{301}.yaml`",
        ],
    );
    let twice = "channels/a.yaml: a name that may be taken for `a.yaml`";
    check(&[(FILE, b"a.yaml"), (FILE, b"a.yaml")], &[twice, twice]);
    check(
        &[(FILE, b"a"), (FOLDER, b"a")],
        &[
            "channels/a: a name that may be taken for `a`",
            "channels/a: a name that may be taken for `a`",
        ],
    );
}

#[test]
fn a_folder_that_is_too_deep_is_reported_once() {
    let stage = Stage::new();
    let git = stage.git();
    let blob = git.blob(b"x").unwrap();
    let mut at = tree(&git, &[(FILE, b"x.yaml", blob)]);
    for _ in 0..MAX_TREE_DEPTH + 5 {
        at = tree(&git, &[(FOLDER, b"d", at)]);
    }
    let files = stage.repository.files_at(&commit(&git, at)).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path.matches('d').count(), MAX_TREE_DEPTH);
    assert!(!files[0].regular());
}

#[test]
fn attack_20_a_tree_that_multiplies_itself_is_cut() {
    let stage = Stage::new();
    let git = stage.git();
    let blob = git.blob(b"x").unwrap();
    let mut at = tree(&git, &[(FILE, b"x.yaml", blob)]);
    // Each level holds ten times the one below: 10^20 files in 21 objects.
    let names: Vec<String> = (0..10).map(|it| format!("d{it}")).collect();
    for _ in 0..20 {
        let entries: Vec<_> = names.iter().map(|it| (FOLDER, it.as_bytes(), at)).collect();
        at = tree(&git, &entries);
    }
    let listed = stage.repository.files_at(&commit(&git, at));
    assert!(matches!(listed, Err(TreeError::TooManyFiles)));
}
