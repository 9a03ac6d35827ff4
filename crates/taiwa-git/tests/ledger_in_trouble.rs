//! The ledger when locks are left behind, programs hang or are missing, writers race or are killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::convert::Infallible;

use support::{
    Stage, ledger, program,
    records::{append, append_to, clone, record, texts},
    settings,
};
use taiwa_git::{
    AppendError, LEDGER_REF, Ledger, OUTBOX_REF, Program, Published, Repository, Settings,
};

#[test]
fn a_lock_that_was_left_behind_loses_nothing() {
    let stage = Stage::new();
    append(&stage.repository, "a");
    let lock = stage.work().join(".git").join(format!("{LEDGER_REF}.lock"));
    std::fs::File::create_new(&lock).unwrap();
    let done = append(&stage.repository, "b");
    let Published::Pending { why } = done.published else { panic!("not pending") };
    assert!(why.contains("taiwa/ledger"), "{why}");
    let outbox = stage.work().join(".git").join(format!("{OUTBOX_REF}.lock"));
    std::fs::File::create_new(&outbox).unwrap();
    let mut make = |head| Ok::<_, Infallible>(record("c", head));
    let error = ledger(&stage.repository).append(&mut make, &mut |_| ()).unwrap_err();
    assert!(matches!(error, AppendError::Locked { .. }), "{error}");
    std::fs::remove_file(outbox).unwrap();
    std::fs::remove_file(lock).unwrap();
    assert_eq!(append(&stage.repository, "d").sent_along, 1);
    assert_eq!(texts(&stage.repository), ["a", "b", "d"]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
fn objects_that_were_half_written_do_no_harm() {
    let stage = Stage::new();
    let objects = stage.work().join(".git/objects");
    std::fs::create_dir_all(objects.join("ab")).unwrap();
    std::fs::write(objects.join("tmp_object_git2_x"), b"half").unwrap();
    std::fs::write(objects.join("ab/tmp_obj_y"), b"half").unwrap();
    // A commit that no ref names: the program died before the ref moved.
    append(&stage.repository, "a");
    let mut make = |head| Ok::<_, Infallible>(record("lost", head));
    let lock = stage.work().join(".git").join(format!("{LEDGER_REF}.lock"));
    let outbox = stage.work().join(".git").join(format!("{OUTBOX_REF}.lock"));
    std::fs::create_dir_all(outbox.parent().unwrap()).unwrap();
    std::fs::write(&lock, b"").unwrap();
    std::fs::write(&outbox, b"").unwrap();
    assert!(ledger(&stage.repository).append(&mut make, &mut |_| ()).is_err());
    std::fs::remove_file(lock).unwrap();
    std::fs::remove_file(outbox).unwrap();
    append(&stage.repository, "b");
    assert_eq!(texts(&stage.repository), ["a", "b"]);
}

/// Appends with another program in place of git.
fn append_by(stage: &Stage, program: Program) -> Published {
    let settings = Settings { program, ..settings(&stage.repository) };
    append_to(&Ledger::new(&stage.repository, settings), "a").published
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
fn a_missing_or_hanging_program_is_named() {
    let stage = Stage::new().with_origin();
    let path = stage.beside("no-git-here");
    let Published::Pending { why } = append_by(&stage, Program { path: path.clone(), ..program() })
    else {
        panic!("not pending")
    };
    assert!(why.contains("no-git-here") && why.contains("not found"), "{why}");
    std::fs::write(&path, "#!/bin/sh\nexec sleep 600\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
    let hanging = Program { path, timeout_ms: 50, ..program() };
    let Published::Pending { why } = append_by(&stage, hanging) else { panic!("not pending") };
    assert!(why.contains("50 ms"), "{why}");
    assert_eq!(append(&stage.repository, "b").sent_along, 2);
    assert_eq!(texts(&stage.repository), ["a", "a", "b"]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
fn hooks_of_the_user_do_not_run() {
    let stage = Stage::new().with_origin();
    let hooks = stage.work().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    for name in ["pre-push", "reference-transaction", "post-commit"] {
        std::fs::write(hooks.join(name), "#!/bin/sh\nexit 1\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(hooks.join(name), mode).unwrap();
    }
    assert_eq!(append(&stage.repository, "a").published, Published::Remote("origin".into()));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
fn a_remote_that_refuses_for_good_keeps_records_waiting() {
    let stage = Stage::new().with_origin();
    let hook = stage.beside("origin.git").join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho no ledger here >&2\nexit 1\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).unwrap();
    let mut pauses = 0;
    let mut make = |head| Ok::<_, Infallible>(record("a", head));
    let done = ledger(&stage.repository).append(&mut make, &mut |_| pauses += 1).unwrap();
    let Published::Pending { why } = done.published else { panic!("not pending") };
    assert!(why.contains("declined"), "{why}");
    assert_eq!(pauses, 0, "no use in asking again");
    std::fs::remove_file(hook).unwrap();
    append(&stage.repository, "b");
    assert_eq!(texts(&stage.repository), ["a", "b"]);
}

/// Writers at once, each through a repository of its own handle; afterwards nothing is lost and nothing counts twice.
fn race(stages: &[&Stage], each: usize) {
    std::thread::scope(|scope| {
        for (writer, stage) in stages.iter().enumerate() {
            let folder = stage.work();
            scope.spawn(move || {
                let repository = Repository::open(&folder).unwrap();
                for at in 0..each {
                    append(&repository, &format!("{writer}-{at}"));
                }
            });
        }
    });
    for stage in stages {
        let refreshed = ledger(&stage.repository).refresh(&mut |_| ()).unwrap();
        assert_eq!((refreshed.waiting, refreshed.trouble), (0, None));
        append(&stage.repository, "last");
    }
    let last = stages.last().unwrap();
    let found = texts(&last.repository);
    for writer in 0..stages.len() {
        let own: Vec<&String> =
            found.iter().filter(|it| it.starts_with(&format!("{writer}-"))).collect();
        let expect: Vec<String> = (0..each).map(|at| format!("{writer}-{at}")).collect();
        assert_eq!(own, expect.iter().collect::<Vec<_>>(), "each writer's records, in its order");
    }
    assert_eq!(found.len(), stages.len() * (each + 1));
}

#[test]
fn two_clones_at_once_lose_nothing() {
    let one = Stage::new().with_origin();
    let two = clone(&one);
    race(&[&one, &two], 50);
}

#[test]
fn two_writers_in_one_clone_at_once_lose_nothing() {
    let shared = Stage::new().with_origin();
    race(&[&shared, &shared], 15);
    let alone = Stage::new();
    race(&[&alone, &alone], 50);
}

/// Not a test of its own: the process that [`a_writer_that_is_killed_does_no_harm`] kills.
#[test]
#[ignore = "runs for ever, as the victim of another test"]
fn endless_writer() {
    let Some(folder) = std::env::var_os("TAIWA_LEDGER_FOLDER") else { return };
    let repository = Repository::open(folder.as_ref()).unwrap();
    for at in 0.. {
        append(&repository, &format!("{at}"));
    }
}

#[test]
fn a_writer_that_is_killed_does_no_harm() {
    let stage = Stage::new();
    for round in 1..=8_u64 {
        let before = ledger(&stage.repository).head().unwrap().seq;
        let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "endless_writer", "--ignored", "--nocapture"])
            .env("TAIWA_LEDGER_FOLDER", stage.work())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // In the middle of whatever comes after its n-th record.
        while ledger(&stage.repository).head().unwrap().seq < before + round {
            assert!(victim.try_wait().unwrap().is_none(), "the writer ended by itself");
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let lock = stage.work().join(".git").join(format!("{LEDGER_REF}.lock"));
        if let Published::Pending { .. } = append(&stage.repository, "after").published {
            // Killed while it held the lock: the record waits, and goes along once the lock is gone.
            std::fs::remove_file(lock).unwrap();
            assert_eq!(append(&stage.repository, "after").sent_along, 1);
        }
        assert!(texts(&stage.repository).len() as u64 >= before + round);
    }
}
