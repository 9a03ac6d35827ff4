//! The `git` program, for the network: it has people's keys, proxies and helpers, and we need none of them.
//!
//! **Invariants.** It never asks anyone for anything, never runs for longer than its time, runs no hook, and what it
//! says is read only up to a limit.

#![expect(
    clippy::disallowed_methods,
    reason = "an adapter runs a program and watches its time; that is all this file does"
)]

use std::{
    io::{Read as _, Seek as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The most bytes that are read of what the program says.
const MAX_SAID_BYTES: u64 = 64 << 10;

/// The most characters of what it says that are passed on.
const MAX_WHY_CHARS: usize = 400;

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
        line.chars().filter(|it| !it.is_control()).take(MAX_WHY_CHARS).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(out: &str, err: &str, expect: &str) {
        let said = Said { ok: false, out: out.into(), err: err.into() };
        assert_eq!(said.why(), expect);
    }

    #[test]
    fn the_line_that_says_what_is_wrong() {
        check("", "warning: x\nfatal: no such remote\nhelp\n", "fatal: no such remote");
        check("To y\n! a:b [rejected]\n", "", "! a:b [rejected]");
        check("", "something\u{1b}[31m else", "something[31m else");
        check("", "", "git failed without a word");
        check("", &format!("fatal: {}", "x".repeat(9999)), &format!("fatal: {}", "x".repeat(393)));
    }

    #[test]
    fn what_is_read_has_a_limit() {
        let program = Program { path: "sh".into(), ..Program::default() };
        // `sh` takes the arguments of git for a script that it does not find, and says so: enough to see the plumbing.
        let said = program.run(Path::new("nowhere"), Ssh::Plain, &[]).unwrap();
        assert!(!said.ok && !said.err.is_empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loud");
        let script = "#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' x\n";
        std::fs::write(&path, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        let loud = Program { path, ..Program::default() };
        let said = loud.run(Path::new("nowhere"), Ssh::Plain, &[]).unwrap();
        assert_eq!(said.out.len() as u64, MAX_SAID_BYTES);
    }
}
