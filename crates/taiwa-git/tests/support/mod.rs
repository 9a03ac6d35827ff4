//! Repositories for the tests of this crate: in temporary folders, with said authors and times.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod records;

use std::path::{Path, PathBuf};

use taiwa_git::{Author, Commit, Ledger, Program, Repository, Settings};
use taiwa_model::Timestamp;
use tempfile::TempDir;

/// A folder with a repository in it, gone at the end of the test.
pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) repository: Repository,
}

pub(crate) fn author() -> Author {
    Author::new("Hanako Tanaka", "tanaka@contoso.example")
}

/// The n-th minute of a day.
pub(crate) fn minute(n: i64) -> Timestamp {
    Timestamp::from_millis(1_795_219_200_000 + n * 60_000)
}

impl Stage {
    /// A repository without a commit.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(&folder.path().join("work"), &author()).unwrap();
        Self { folder, repository }
    }

    /// A folder beside the work tree.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.beside("work")
    }

    /// git itself, for what the crate under test has no verb for.
    pub(crate) fn git(&self) -> git2::Repository {
        git2::Repository::open(self.work()).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "tests write files")]
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.work().join(path)).unwrap();
    }

    pub(crate) fn commit(&self, n: i64) -> Commit {
        self.repository.commit_all(&format!("commit {n}"), &author(), minute(n)).unwrap()
    }

    /// Makes a bare repository beside this one, and the remote `origin` of it.
    pub(crate) fn with_origin(self) -> Self {
        let bare = self.beside("origin.git");
        drop(git2::Repository::init_bare(&bare).unwrap());
        self.point_to(&bare);
        self
    }

    pub(crate) fn point_to(&self, remote: &Path) {
        self.git()
            .config()
            .unwrap()
            .set_str("remote.origin.url", remote.to_str().unwrap())
            .unwrap();
    }
}

/// git without the configuration of whoever runs the tests.
pub(crate) fn program() -> Program {
    let env = [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")];
    Program {
        env: env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..Program::default()
    }
}

pub(crate) fn settings(repository: &Repository) -> Settings {
    Settings { remote: repository.remote(), author: author(), at: minute(0), program: program() }
}

pub(crate) fn ledger(repository: &Repository) -> Ledger<'_> {
    Ledger::new(repository, settings(repository))
}
