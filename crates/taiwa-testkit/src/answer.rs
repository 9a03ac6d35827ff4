//! What a command answered, and commands that still run.
#![expect(clippy::disallowed_methods, reason = "tests read what processes wrote")]

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};

use serde_json::Value as Json;

use crate::until;

/// How long a command may take, in seconds.
const COMMAND_S: u64 = 60;

/// What a command answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked.
    pub asked: String,
    /// Its exit code; for one that a signal ended, minus the signal.
    pub exit: i32,
    /// What it wrote for the reader.
    pub out: String,
    /// What it said besides.
    pub err: String,
}

impl Answer {
    /// The answer of a process that has ended.
    pub(crate) fn new(asked: String, status: ExitStatus, out: &[u8], err: &[u8]) -> Self {
        let exit = status.code().unwrap_or_else(|| -signal(status));
        let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
        Self { asked, exit, out: text(out), err: text(err) }
    }

    /// Insists on the exit code.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self}");
        self
    }

    /// Insists on the exit code and on the stable word of the end.
    ///
    /// # Panics
    /// When one of the two is another one.
    #[track_caller]
    pub fn ends(self, exit: i32, word: &str) -> Self {
        assert_eq!((self.exit, self.word()), (exit, word), "{self}");
        self
    }

    /// Insists on a text in the answer or in the talk.
    ///
    /// # Panics
    /// When it is in neither.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "no `{text}` in\n{self}");
        self
    }

    /// The word that says why: the first line of stderr begins with it; after it are the ways out, then talk.
    pub fn word(&self) -> &str {
        let line = self.err.lines().next().unwrap_or_default();
        line.split_once(": ").map_or("", |it| it.0)
    }

    /// The one JSON document on stdout.
    ///
    /// # Panics
    /// When there is none, or more than one, or anything else.
    #[track_caller]
    pub fn json(&self) -> Json {
        match serde_json::from_str(&self.out) {
            Ok(value) => value,
            Err(error) => panic!("not exactly one JSON document ({error})\n{self}"),
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, exit, out, err } = self;
        write!(f, "$ {asked}\n{out}--- exit {exit}, stderr:\n{err}")
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> i32 {
    std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or(0)
}

#[cfg(not(unix))]
const fn signal(_: ExitStatus) -> i32 {
    0
}

/// A command that runs; dropping it kills it.
#[derive(Debug)]
pub struct Running {
    asked: String,
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    /// Starts a command whose output goes to two files, so that nobody has to read along.
    pub(crate) fn start(asked: String, mut command: Command, files: [PathBuf; 2]) -> Self {
        let [out, err] = files;
        let file = |path: &PathBuf| fs::File::create(path).expect("a file for output");
        command.stdin(Stdio::null()).stdout(file(&out)).stderr(file(&err));
        let child = command.spawn().expect("the program starts");
        Self { asked, child, out, err }
    }

    /// What it has said so far, besides the answer.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.err).unwrap_or_default()
    }

    /// What it has answered so far, its progress included.
    pub fn shown(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|it| it.is_some())
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// `kill -INT`, `kill -TERM`.
    ///
    /// # Panics
    /// When there is no program `kill`.
    pub fn signal(&self, name: &str) {
        send(name, self.child.id());
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[track_caller]
    pub fn wait(mut self) -> Answer {
        let status = until(&format!("`{}` ends", self.asked), COMMAND_S, || {
            self.child.try_wait().expect("a child")
        });
        let read = |path: &PathBuf| fs::read(path).unwrap_or_default();
        Answer::new(self.asked.clone(), status, &read(&self.out), &read(&self.err))
    }
}

/// Sends a signal to a process.
pub(crate) fn send(name: &str, pid: u32) {
    let pid = pid.to_string();
    let sent = Command::new("kill").args(["-s", name, &pid]).output();
    sent.expect("there is a program `kill`");
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}
