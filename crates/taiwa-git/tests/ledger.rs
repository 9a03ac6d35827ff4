//! The ledger: alone and shared, second at the remote, cut off from it, rewritten.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::{cell::RefCell, convert::Infallible};

use serde_json::{Value as Json, json};
use support::{
    Stage, author, ledger, minute, program,
    records::{append, clone, record, texts},
};
use taiwa_git::{AppendError, Head, LEDGER_REF, OUTBOX_REF, Published};
use taiwa_model::Digest;

#[test]
fn records_stand_in_order_and_leave_the_user_alone() {
    let stage = Stage::new();
    stage.write("taiwa.yaml", "format: 1\n");
    let commit = stage.commit(1);
    stage.write("taiwa.yaml", "format: 2\n");
    let dirty = stage.repository.dirty(&[]).unwrap();
    assert_eq!(texts(&stage.repository), [""; 0]);
    for (at, text) in (1..).zip(["a", "b", "c"]) {
        let appended = append(&stage.repository, text);
        assert_eq!((appended.seq, appended.published), (at, Published::Local));
    }
    assert_eq!(texts(&stage.repository), ["a", "b", "c"]);
    assert_eq!(stage.repository.head().unwrap(), commit);
    assert_eq!(stage.repository.dirty(&[]).unwrap(), dirty);
    let tip = stage.repository.commit("taiwa/ledger").unwrap();
    assert_eq!((tip.author, tip.at, tip.summary.as_str()), (author(), minute(0), "intent: c"));
    assert_eq!(ledger(&stage.repository).pending().unwrap(), 0);
}

#[test]
fn before_the_first_commit_of_the_user_there_can_be_a_ledger() {
    let stage = Stage::new();
    append(&stage.repository, "a");
    assert_eq!(texts(&stage.repository), ["a"]);
    assert!(stage.repository.head().is_err(), "the branch of the user is still to be born");
}

#[test]
fn an_object_is_written_once() {
    let stage = Stage::new();
    append(&stage.repository, "a");
    append(&stage.repository, "a");
    assert_eq!(texts(&stage.repository), ["a", "a"]);
    assert!(ledger(&stage.repository).facts().unwrap()[1].objects.is_empty());
    let mut forge = |head| {
        let mut new = record("a", head);
        new.objects[0].1 = b"another content".to_vec();
        Ok::<_, Infallible>(new)
    };
    let error = ledger(&stage.repository).append(&mut forge, &mut |_| ()).unwrap_err();
    assert!(matches!(error, AppendError::Conflict { .. }), "{error}");
}

#[test]
fn a_record_that_does_not_follow_is_refused() {
    let stage = Stage::new();
    let mut wrong =
        |head: Head| Ok::<_, Infallible>(record("a", Head { seq: head.seq + 1, ..head }));
    let error = ledger(&stage.repository).append(&mut wrong, &mut |_| ()).unwrap_err();
    assert!(matches!(error, AppendError::Form(_)), "{error}");
    assert_eq!(texts(&stage.repository), [""; 0]);
}

#[test]
fn two_clones_write_one_ledger() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    let origin = Published::Remote("origin".into());
    for (stage, text) in [(&one, "a"), (&two, "b"), (&two, "c"), (&one, "d")] {
        assert_eq!(append(&stage.repository, text).published, origin);
    }
    assert_eq!(texts(&one.repository), ["a", "b", "c", "d"]);
    assert_eq!(texts(&two.repository), ["a", "b", "c"], "as far as this clone knows");
    let refreshed = ledger(&two.repository).refresh(&mut |_| ()).unwrap();
    assert_eq!((refreshed.waiting, refreshed.sent, refreshed.trouble), (0, 0, None));
    assert_eq!(texts(&two.repository), ["a", "b", "c", "d"]);
}

#[test]
fn whoever_was_second_makes_the_record_again() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    append(&one.repository, "a");
    let (mut heads, mut pauses) = (Vec::new(), Vec::new());
    let mut make = |head: Head| {
        // Another writer comes in between, twice.
        if heads.len() < 2 {
            append(&one.repository, "in between");
        }
        heads.push(head.seq);
        Ok::<_, Infallible>(record("b", head))
    };
    let done = ledger(&two.repository).append(&mut make, &mut |it| pauses.push(it)).unwrap();
    assert_eq!((done.seq, heads, pauses), (4, vec![2, 3, 4], vec![1, 2]));
    assert_eq!(texts(&two.repository), ["a", "in between", "in between", "b"]);
}

#[test]
fn after_eight_tries_the_record_waits_and_goes_along_with_the_next() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    let tries = RefCell::new(0);
    let mut make = |head: Head| {
        *tries.borrow_mut() += 1;
        if *tries.borrow() <= 8 {
            append(&one.repository, "x");
        }
        Ok::<_, Infallible>(record("late", head))
    };
    let done = ledger(&two.repository).append(&mut make, &mut |_| ()).unwrap();
    assert!(matches!(done.published, Published::Pending { .. }), "{done:?}");
    assert_eq!(*tries.borrow(), 9, "eight against the others, one for the outbox");
    assert_eq!(ledger(&two.repository).pending().unwrap(), 1);
    let next = append(&two.repository, "next");
    assert_eq!((next.seq, next.sent_along), (10, 1));
    let mut expect = vec!["x"; 8];
    expect.extend(["late", "next"]);
    assert_eq!(texts(&two.repository), expect);
    assert_eq!(ledger(&two.repository).pending().unwrap(), 0);
}

#[test]
fn without_the_remote_records_wait_and_nothing_is_lost() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    append(&one.repository, "a");
    append(&two.repository, "b");
    two.point_to(&two.beside("gone.git"));
    for (at, text) in [(3, "c"), (4, "d")] {
        let done = append(&two.repository, text);
        assert_eq!(done.seq, at);
        let Published::Pending { why } = done.published else { panic!("not pending") };
        assert!(why.contains("gone.git"), "{why}");
    }
    assert_eq!(texts(&two.repository), ["a", "b"], "what waits is not in the story yet");
    let waiting = ledger(&two.repository).waiting_records().unwrap();
    assert_eq!(waiting.iter().map(|it| it.seq).collect::<Vec<_>>(), [3, 4]);
    let object = record("d", Head { seq: 1, prev: None }).objects.remove(0);
    assert_eq!(ledger(&two.repository).object(&object.0).unwrap(), Some(object.1));
    let refreshed = ledger(&two.repository).refresh(&mut |_| ()).unwrap();
    assert_eq!(refreshed.waiting, 2);
    assert!(refreshed.trouble.is_some());
    append(&one.repository, "meanwhile");
    two.point_to(&one.beside("origin.git"));
    let done = append(&two.repository, "e");
    assert_eq!((done.seq, done.sent_along), (6, 2));
    assert_eq!(texts(&two.repository), ["a", "b", "meanwhile", "c", "d", "e"]);
}

#[test]
fn refresh_sends_what_waits() {
    let stage = Stage::new().with_origin();
    stage.point_to(&stage.beside("gone.git"));
    append(&stage.repository, "a");
    stage.point_to(&stage.beside("origin.git"));
    let refreshed = ledger(&stage.repository).refresh(&mut |_| ()).unwrap();
    assert_eq!((refreshed.waiting, refreshed.sent, refreshed.trouble), (0, 1, None));
    assert_eq!(texts(&stage.repository), ["a"]);
    assert!(stage.git().find_reference(OUTBOX_REF).is_err());
}

#[test]
fn a_ledger_that_was_alone_joins_the_shared_one() {
    let (one, two) = (Stage::new().with_origin(), Stage::new());
    append(&two.repository, "alone");
    append(&one.repository, "a");
    two.point_to(&one.beside("origin.git"));
    assert_eq!(append(&two.repository, "b").sent_along, 1);
    assert_eq!(texts(&two.repository), ["a", "alone", "b"]);
}

#[test]
fn a_publication_that_was_not_noted_is_not_repeated() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    append(&one.repository, "a");
    two.point_to(&two.beside("gone.git"));
    append(&two.repository, "kept");
    let git = two.git();
    let waiting = git.refname_to_id(OUTBOX_REF).unwrap();
    two.point_to(&one.beside("origin.git"));
    append(&two.repository, "b");
    // The program died between the push and the note of it: the outbox is still there, the local branch is not.
    git.reference(OUTBOX_REF, waiting, true, "back").unwrap();
    git.find_reference(LEDGER_REF).unwrap().delete().unwrap();
    append(&two.repository, "c");
    assert_eq!(texts(&two.repository), ["a", "kept", "b", "c"]);
    // The same for a commit that was pushed as it was.
    let tip = git.refname_to_id(LEDGER_REF).unwrap();
    git.reference(OUTBOX_REF, tip, true, "back").unwrap();
    append(&two.repository, "d");
    assert_eq!(texts(&two.repository), ["a", "kept", "b", "c", "d"]);
}

#[test]
fn attack_27_a_rewritten_remote_is_noticed() {
    let stage = Stage::new().with_origin();
    append(&stage.repository, "a");
    let first = stage.git().refname_to_id(LEDGER_REF).unwrap();
    append(&stage.repository, "b");
    let origin = git2::Repository::open(stage.beside("origin.git")).unwrap();
    origin.reference(LEDGER_REF, first, true, "cut").unwrap();
    let mut make = |head| Ok::<_, Infallible>(record("c", head));
    let error = ledger(&stage.repository).append(&mut make, &mut |_| ()).unwrap_err();
    assert!(matches!(error, AppendError::Rewritten { .. }), "{error}");
    assert_eq!(texts(&stage.repository), ["a", "b"], "what was seen stays seen");
}

#[test]
fn a_branch_that_was_taken_away_comes_back() {
    let stage = Stage::new().with_origin();
    append(&stage.repository, "a");
    let origin = git2::Repository::open(stage.beside("origin.git")).unwrap();
    origin.find_reference(LEDGER_REF).unwrap().delete().unwrap();
    append(&stage.repository, "b");
    let other = clone(&stage);
    ledger(&other.repository).refresh(&mut |_| ()).unwrap();
    assert_eq!(texts(&other.repository), ["a", "b"]);
}

#[test]
fn attack_27_altered_trees_are_told_apart_from_sound_ones() {
    let stage = Stage::new();
    append(&stage.repository, "a");
    let git = stage.git();
    let tip = git.find_commit(git.refname_to_id(LEDGER_REF).unwrap()).unwrap();
    let blob = git.blob(b"forged").unwrap();
    let mut update = git2::build::TreeUpdateBuilder::new();
    update.upsert("records/00000001.json", blob, git2::FileMode::Blob);
    update.upsert("notes.txt", blob, git2::FileMode::Blob);
    update.upsert("objects/aa/short.json", blob, git2::FileMode::Blob);
    let tree = update.create_updated(&git, &tip.tree().unwrap()).unwrap();
    let (tree, who) = (git.find_tree(tree).unwrap(), tip.author());
    git.commit(Some(LEDGER_REF), &who, &who, "forged", &tree, &[&tip]).unwrap();
    let ledger = ledger(&stage.repository);
    let facts = ledger.facts().unwrap();
    assert!(facts[0].altered.is_empty());
    assert_eq!(facts[1].altered, ["notes.txt", "objects/aa/short.json", "records/00000001.json"]);
    assert!(facts[1].records.is_empty());
}

#[test]
fn a_stranger_checks_it_with_git_alone() {
    let stage = Stage::new();
    for text in ["a", "b", "c"] {
        append(&stage.repository, text);
    }
    let git = |args: &[&str]| {
        let done = std::process::Command::new("git")
            .args(args)
            .current_dir(stage.work())
            .envs(program().env)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    // The commands of docs/reference/ledger.md.
    let page = include_str!("../../../docs/reference/ledger.md");
    let mut run = 0;
    for line in page.lines().filter_map(|it| it.strip_prefix("    git ")) {
        let (command, says) = line.split_once('#').unwrap();
        let command = command.replace("| sha256sum", "").replace("00000007", "00000002");
        let said = git(&command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(said.is_empty(), says.contains("prints nothing"), "{line}");
        if line.contains("sha256sum") {
            let next = git(&["show", "taiwa/ledger:records/00000003.json"]);
            let next: Json = serde_json::from_slice(&next).unwrap();
            assert_eq!(next["prev"], json!(Digest::of(&said)));
        }
        run += 1;
    }
    assert_eq!(run, 5);
}
