//! How a command ends: exit codes of one meaning each, and the words that go with a no.

use std::{fmt, process::ExitCode};

/// What a finished command tells the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: yes, done, or nothing to do.
    Yes,
    /// 1: the answer is no: findings, a difference, a refused gate, a missing approval.
    No,
    /// 2: the question was wrong: arguments, unreadable workspace.
    Usage,
    /// 3: the world failed: unreachable, partly activated, disk full.
    World,
    /// 130: Ctrl-C.
    Interrupted,
    /// 143: SIGTERM.
    Terminated,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::World => 3,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it was asked: a stable word for programs, words for people, and the way out.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// The stable word: `stale-plan`, `approval-missing`, `unreachable`.
    pub reason: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do next, each a line.
    pub help: Vec<String>,
    /// The conditions that are not met, as stable words; empty where it is not about conditions.
    pub conditions: Vec<&'static str>,
}

impl Failure {
    /// The answer is no.
    pub fn no(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::No, reason, message.into())
    }

    /// The question was wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message.into())
    }

    /// The question was wrong, with a word of its own.
    pub fn wrong(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, reason, message.into())
    }

    /// The world failed.
    pub fn world(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::World, reason, message.into())
    }

    const fn new(exit: Exit, reason: &'static str, message: String) -> Self {
        Self { exit, reason, message, help: Vec::new(), conditions: Vec::new() }
    }

    /// With something to do next.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.message)
    }
}

impl std::error::Error for Failure {}
