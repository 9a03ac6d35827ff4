//! Workspaces in all the places where people have them, and what is read from them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::path::Path;

use support::{Stage, author, minute, program};
use taiwa_git::{
    BlobError, DirtyState, HeadError, OpenError, Origin, Repository, TreeError, blob_id,
};
use taiwa_model::ComponentId;

/// Runs the program in a folder.
fn git(folder: &Path, args: &[&str]) {
    let done = std::process::Command::new("git")
        .args(args)
        .current_dir(folder)
        .envs(program().env)
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn what_is_no_workspace_says_so() {
    let stage = Stage::new();
    let beside = stage.beside("plain");
    std::fs::create_dir(&beside).unwrap();
    let open = |path: &Path| Repository::open(path).unwrap_err();
    assert!(matches!(open(&beside), OpenError::NoRepository { .. }));
    assert!(matches!(open(&stage.beside("nothing")), OpenError::Unreadable { .. }));
    assert!(matches!(open(&stage.work().join(".git")), OpenError::OutsideWorkTree { .. }));
    let bare = stage.beside("bare.git");
    drop(git2::Repository::init_bare(&bare).unwrap());
    assert!(matches!(open(&bare), OpenError::Bare { .. }));
}

#[test]
fn before_the_first_commit() {
    let stage = Stage::new();
    let error = stage.repository.head().unwrap_err();
    assert!(matches!(&error, HeadError::Unborn { branch } if branch == "main"), "{error}");
    assert_eq!(stage.repository.current_branch().as_deref(), Some("main"));
    assert_eq!(stage.repository.author(), Some(author()));
    stage.write("taiwa.yaml", "format: 1\n");
    assert_eq!(stage.repository.dirty(&["taiwa.yaml"]).unwrap()[0].state, DirtyState::Untracked);
    let commit = stage.commit(1);
    assert_eq!(stage.repository.head().unwrap(), commit);
    assert_eq!(
        (commit.author, commit.at, commit.summary.as_str()),
        (author(), minute(1), "commit 1")
    );
}

#[test]
fn a_workspace_below_the_root_sees_only_itself() {
    let stage = Stage::new();
    stage.write("README.md", "x");
    stage.write("apps/coffee/taiwa.yaml", "format: 1\n");
    stage.write("apps/coffee/channels/web/channel.yaml", "title: Web\n");
    let commit = stage.commit(1);
    let below = Repository::open(&stage.work().join("apps/coffee")).unwrap();
    assert_eq!(below.prefix(), "apps/coffee/");
    let files = below.files_at(&commit.id).unwrap();
    let paths: Vec<&str> = files.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["channels/web/channel.yaml", "taiwa.yaml"]);
    assert!(files.iter().all(taiwa_git::TreeFile::regular));
    assert_eq!(files[1].bytes_len, 10);
    assert_eq!(files[1].blob, blob_id(b"format: 1\n").unwrap());
    assert_eq!(below.read_blob(&files[1].blob, 10).unwrap(), b"format: 1\n");
    stage.write("apps/coffee/taiwa.yaml", "format: 2\n");
    stage.write("README.md", "y");
    let dirty = below.dirty(&[]).unwrap();
    assert_eq!(dirty.len(), 1);
    assert_eq!((dirty[0].path.as_str(), dirty[0].state), ("taiwa.yaml", DirtyState::Modified));
    std::fs::create_dir(stage.work().join("other")).unwrap();
    let other = Repository::open(&stage.work().join("other")).unwrap();
    assert!(matches!(other.files_at(&commit.id), Err(TreeError::NotTracked { .. })));
}

#[test]
fn contents_have_a_limit_and_a_kind() {
    let stage = Stage::new();
    stage.write("taiwa.yaml", "format: 1\n");
    let commit = stage.commit(1);
    let blob = blob_id(b"format: 1\n").unwrap();
    let read = |id, limit| stage.repository.read_blob(id, limit).unwrap_err();
    assert!(matches!(read(&blob, 9), BlobError::TooLarge { bytes: 10, limit: 9, .. }));
    let unknown = blob_id(b"unknown").unwrap();
    assert!(matches!(read(&unknown, 9), BlobError::Missing { .. }));
    let commit = taiwa_model::BlobId::parse(commit.id.as_str()).unwrap();
    assert!(matches!(read(&commit, 9), BlobError::NotAFile { .. }));
}

#[test]
fn every_way_to_differ_from_what_is_committed() {
    let stage = Stage::new();
    for name in ["same", "modified", "staged", "deleted"] {
        stage.write(&format!("channels/{name}.yaml"), name);
    }
    stage.write(".gitignore", "ignored.yaml\n");
    stage.commit(1);
    stage.write("channels/modified.yaml", "other");
    stage.write("channels/staged.yaml", "other");
    stage.write("channels/new [x].yaml", "new");
    stage.write("channels/ignored.yaml", "new");
    stage.remove("channels/deleted.yaml");
    let git = stage.git();
    let mut index = git.index().unwrap();
    index.add_path(Path::new("channels/staged.yaml")).unwrap();
    index.write().unwrap();
    let said = |paths: &[&str]| -> Vec<String> {
        let dirty = stage.repository.dirty(paths).unwrap();
        dirty.iter().map(|it| format!("{} {}", it.path, it.state.as_str())).collect()
    };
    let all = [
        "channels/deleted.yaml deleted",
        "channels/modified.yaml modified",
        "channels/new [x].yaml untracked",
        "channels/staged.yaml staged",
    ];
    assert_eq!(said(&[]), all);
    assert_eq!(said(&["channels"]), all);
    assert_eq!(said(&["channels/same.yaml"]), [""; 0]);
    assert_eq!(said(&["channels/new [x].yaml"]), all[2..3]);
    assert_eq!(said(&["channels/*"]), [""; 0], "paths are no patterns");
    assert_eq!(said(&["channels/ignored.yaml"]), ["channels/ignored.yaml ignored"]);
}

#[test]
fn a_marked_content_is_found_now_or_in_the_past() {
    let stage = Stage::new();
    let id = ComponentId::parse("offer/kit").unwrap();
    let find = |text: &str| {
        stage.repository.path_of_blob(&id, &blob_id(text.as_bytes()).unwrap()).unwrap()
    };
    stage.write("channels/web/offers/kit.yaml", "one");
    let first = stage.commit(1);
    stage.write("channels/web/offers/kit.yaml", "two");
    stage.write("channels/web/offers/other.yaml", "three");
    stage.commit(2);
    stage.remove("channels/web/offers/kit.yaml");
    stage.write("channels/shared/offers/kit.yaml", "two");
    stage.commit(3);
    assert_eq!(find("two"), Origin::Head { path: "channels/shared/offers/kit.yaml".into() });
    let past = Origin::Past { path: "channels/web/offers/kit.yaml".into(), commit: first.id };
    assert_eq!(find("one"), past);
    assert_eq!(find("three"), Origin::Nowhere { commits: 3, cut: false }, "another component's");
    assert_eq!(find("four"), Origin::Nowhere { commits: 3, cut: false });
}

#[test]
fn a_linked_work_tree_is_a_workspace() {
    let stage = Stage::new();
    stage.write("taiwa.yaml", "format: 1\n");
    let commit = stage.commit(1);
    let linked = stage.beside("linked");
    drop(stage.git().worktree("linked", &linked, None).unwrap());
    let repository = Repository::open(&linked).unwrap();
    assert_eq!(repository.head().unwrap(), commit);
    assert_eq!(repository.current_branch().as_deref(), Some("linked"));
    assert_eq!(repository.files_at(&commit.id).unwrap().len(), 1);
}

#[test]
fn a_shallow_clone_reads_and_says_that_its_past_is_cut() {
    let stage = Stage::new();
    stage.write("channels/web/offers/kit.yaml", "one");
    stage.commit(1);
    stage.write("channels/web/offers/kit.yaml", "two");
    stage.commit(2);
    let url = format!("file://{}", stage.work().display());
    git(stage.work().parent().unwrap(), &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    let shallow = Repository::open(&stage.beside("shallow")).unwrap();
    assert!(shallow.is_shallow() && !stage.repository.is_shallow());
    let id = ComponentId::parse("offer/kit").unwrap();
    let find = |text: &str| shallow.path_of_blob(&id, &blob_id(text.as_bytes()).unwrap()).unwrap();
    assert!(matches!(find("two"), Origin::Head { .. }));
    assert_eq!(find("one"), Origin::Nowhere { commits: 1, cut: true });
}

#[test]
fn the_remote_is_that_of_the_branch_else_origin_else_none() {
    let stage = Stage::new();
    assert_eq!(stage.repository.remote(), None);
    let mut config = stage.git().config().unwrap();
    config.set_str("remote.origin.url", "/nowhere").unwrap();
    assert_eq!(stage.repository.remote().as_deref(), Some("origin"));
    config.set_str("branch.main.remote", "upstream").unwrap();
    assert_eq!(stage.repository.remote().as_deref(), Some("origin"), "a remote that is none");
    config.set_str("remote.upstream.url", "/elsewhere").unwrap();
    assert_eq!(stage.repository.remote().as_deref(), Some("upstream"));
}
