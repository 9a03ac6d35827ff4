#![expect(
    clippy::disallowed_methods,
    reason = "an adapter runs a program and watches its time; that is all this file does"
)]
//! The `git` program, for the network: it has people's keys, proxies and helpers, and we need none of them.
//!
//! **Invariants.** It never asks anyone for anything, never runs for longer than its time, runs no hook, and what it
//! says is read only up to a limit.

use std::{
    io::{Read as _, Seek as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The most bytes that are read of what the program says.
const MAX_SAID_BYTES: u64 = 64 << 10;

/// How often a running program is looked at.
const LOOK_MS: u64 = 5;

/// The `git` program and how it is run.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name or path.
    pub path: PathBuf,
    /// How long one call may take.
    pub timeout_ms: u64,
    /// Variables for it, beside those of this process.
    pub env: Vec<(String, String)>,
}

impl Default for Program {
    fn default() -> Self {
        Self { path: "git".into(), timeout_ms: 30_000, env: Vec::new() }
    }
}

/// Variables by which a surrounding git would turn ours to another repository.
const FOREIGN: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
];

/// Who says how ssh is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ssh {
    /// The configuration of the repository or of the user.
    Configured,
    /// Nobody: plain ssh, told not to ask.
    Plain,
}

/// Why the program gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    #[error("the program `{}` was not found: fetching and pushing the ledger need git", path.display())]
    Missing { path: PathBuf },
    #[error("git did not finish within {timeout_ms} ms")]
    Timeout { timeout_ms: u64 },
    #[error("git could not be run: {0}")]
    Io(#[from] std::io::Error),
}

/// What the program answered.
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The line that says what is wrong.
    pub(crate) fn why(&self) -> String {
        let lines = self.err.lines().chain(self.out.lines()).map(str::trim);
        let told =
            |it: &&str| it.starts_with("fatal:") || it.starts_with("error:") || it.starts_with('!');
        let first = lines.clone().find(told).or_else(|| lines.clone().find(|it| !it.is_empty()));
        let line = first.unwrap_or("git failed without a word");
        line.chars().filter(|it| !it.is_control() || *it == '\t').collect()
    }
}

impl Program {
    /// Runs the program for the repository at this `.git`.
    pub(crate) fn run(
        &self,
        git_dir: &Path,
        ssh: Ssh,
        args: &[&str],
    ) -> Result<Said, ProgramError> {
        let (mut out, mut err) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut command = Command::new(&self.path);
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.arg("--git-dir").arg(git_dir);
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "credential.interactive=false"]);
        if ssh == Ssh::Plain {
            // GIT_SSH_COMMAND of the user still comes first.
            command.args(["-c", "core.sshCommand=ssh -oBatchMode=yes"]);
        }
        command
            .args(args)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GCM_INTERACTIVE", "never")
            .env("LC_ALL", "C")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(err.try_clone()?);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ProgramError::Missing { path: self.path.clone() },
            _ => error.into(),
        })?;
        let deadline = Instant::now() + Duration::from_millis(self.timeout_ms);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() >= deadline {
                child.kill()?;
                child.wait()?;
                return Err(ProgramError::Timeout { timeout_ms: self.timeout_ms });
            }
            std::thread::sleep(Duration::from_millis(LOOK_MS));
        };
        let mut said = Said { ok: status.success(), out: String::new(), err: String::new() };
        for (file, text) in [(&mut out, &mut said.out), (&mut err, &mut said.err)] {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.take(MAX_SAID_BYTES).read_to_end(&mut bytes)?;
            *text = String::from_utf8_lossy(&bytes).into_owned();
        }
        Ok(said)
    }
}
