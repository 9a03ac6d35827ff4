//! What a command reads from its surroundings, and where it writes.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads folder, environment and clock of the process"
)]

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _, Write},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde_json::{Value as Json, json};
use taiwa_model::Timestamp;
use taiwa_text::Language;

use crate::{Failure, commands::Globals, render::safe};

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// For a program: one JSON document on stdout, nothing else there.
    Json,
    /// Static analysis results, for code hosts and viewers.
    Sarif,
    /// Annotations of GitHub's workflow runs.
    Github,
    /// Code quality report of GitLab.
    Gitlab,
    /// Test results in XML.
    Junit,
    /// For a pull request comment.
    Markdown,
}

impl Format {
    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
        }
    }
}

/// Most pieces of talk that wait; what comes then is said at once.
const MAX_TALK: usize = 10_000;

/// The surroundings of one command.
pub struct Cx<'a> {
    /// The answer.
    out: Box<dyn Write + Send + 'a>,
    /// The talk: errors, hints, progress.
    err: Box<dyn Write + Send + 'a>,
    /// The folder that relative paths mean.
    pub cwd: PathBuf,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Whether a person can answer questions.
    pub interactive: bool,
    out_is_terminal: bool,
    err_is_terminal: bool,
    colour: Option<bool>,
    format: Format,
    language: Option<Language>,
    clock: fn() -> Timestamp,
    /// Why a part of the answer could not be written: a full disk behind `>`.
    unwritten: Option<String>,
    /// Talk that waits for the end, where no person watches: if the answer is a no, its word comes first.
    talk: Vec<String>,
    /// The answer for a program, until the command has ended: one document, whatever the end is.
    answer: Option<Json>,
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Cx<'static> {
    /// Those of this process.
    pub fn of_process() -> Self {
        let (out_is_terminal, err_is_terminal) =
            (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            cwd: std::env::current_dir().unwrap_or_default(),
            env: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            interactive: io::stdin().is_terminal() && err_is_terminal,
            out_is_terminal,
            err_is_terminal,
            colour: None,
            format: Format::Human,
            language: None,
            clock: wall_clock,
            unwritten: None,
            talk: Vec::new(),
            answer: None,
        }
    }
}

impl<'a> Cx<'a> {
    /// Surroundings of a test: no terminal, no variables, output into the two buffers.
    pub fn captured(cwd: PathBuf, out: &'a mut Vec<u8>, err: &'a mut Vec<u8>) -> Self {
        Self {
            out: Box::new(out),
            err: Box::new(err),
            cwd,
            env: BTreeMap::new(),
            interactive: false,
            out_is_terminal: false,
            err_is_terminal: false,
            colour: Some(false),
            format: Format::Human,
            language: None,
            clock: wall_clock,
            unwritten: None,
            talk: Vec::new(),
            answer: None,
        }
    }

    pub(crate) fn configure(&mut self, globals: &Globals) {
        if let Some(dir) = &globals.directory {
            self.cwd = self.cwd.join(dir);
        }
        self.format = globals.format;
        self.language = globals.lang.map(Language::from);
        self.colour = globals.color.decide().or(self.colour);
    }

    /// The time now, to the millisecond.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The clock, for work that goes on beside the command.
    pub(crate) fn clock(&self) -> fn() -> Timestamp {
        self.clock
    }

    /// The language of findings: the one that was asked for, or that of the locale.
    pub fn language(&self) -> Language {
        let set = |name| self.env.get(name).filter(|it| !it.is_empty());
        let locale = || set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
        let known = || locale().map(|it| Language::of_locale(it));
        self.language.or_else(known).unwrap_or_default()
    }

    /// How answers are written.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Whether the answer is for a program.
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether to colour what goes to a person.
    pub fn colour(&self) -> bool {
        let terminal = self.out_is_terminal && self.err_is_terminal;
        self.colour
            .unwrap_or_else(|| terminal && self.env.get("NO_COLOR").is_none_or(String::is_empty))
    }

    /// Whether a progress bar can be drawn.
    pub const fn draws_progress(&self) -> bool {
        self.err_is_terminal
    }

    /// An environment variable that is set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|it| !it.is_empty())
    }

    /// A path as the person meant it.
    pub fn path(&self, path: impl AsRef<std::path::Path>) -> PathBuf {
        self.cwd.join(path)
    }

    /// Why a part of the answer could not be written, if one could not.
    pub(crate) fn unwritten(&mut self) -> Option<String> {
        if let Err(error) = self.out.flush()
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.unwritten.get_or_insert_with(|| error.to_string());
        }
        self.unwritten.take()
    }

    /// Writes a line of the answer. A reader that has gone away is its own choice, not a failure.
    pub fn print(&mut self, line: impl AsRef<str>) {
        if let Err(error) = writeln!(self.out, "{}", line.as_ref())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.unwritten.get_or_insert_with(|| error.to_string());
        }
    }

    /// Makes room for a new answer: clears a terminal; elsewhere everything stays.
    pub fn clear(&mut self) {
        if self.out_is_terminal {
            write!(self.out, "\u{1b}[2J\u{1b}[H").ok();
        }
    }

    /// Writes text of the answer for a person, made harmless; nothing where a program reads.
    pub fn tell(&mut self, line: impl AsRef<str>) {
        if self.format == Format::Human {
            self.print(safe(line.as_ref()));
        }
    }

    /// Writes text of talk, made harmless.
    pub fn say(&mut self, line: impl AsRef<str>) {
        self.say_drawn(safe(line.as_ref()));
    }

    /// Writes talk that was drawn, with colours, from harmless text.
    pub fn say_drawn(&mut self, text: impl AsRef<str>) {
        if self.err_is_terminal || self.talk.len() >= MAX_TALK {
            self.announce(text);
        } else {
            self.talk.push(text.as_ref().to_owned());
        }
    }

    /// Writes talk at once, whoever reads it: a server that has begun to answer does not end soon.
    pub fn announce(&mut self, text: impl AsRef<str>) {
        writeln!(self.err, "{}", text.as_ref()).ok();
    }

    /// Gives the answer for a program. It is written once the command has ended, so that what stopped the command is in
    /// the same document.
    pub fn print_json(&mut self, value: &Json) {
        self.answer = Some(value.clone());
    }

    /// Writes what waited: talk, and the answer for a program, if there is one.
    pub(crate) fn finish(&mut self) {
        for text in std::mem::take(&mut self.talk) {
            self.announce(text);
        }
        if let Some(answer) = self.answer.take() {
            let text = serde_json::to_string_pretty(&answer).unwrap_or_else(|_| "null".to_owned());
            self.print(text);
        }
    }

    /// Says a failure: the stable word first, then the way out. For programs it becomes part of the answer.
    pub(crate) fn report(&mut self, command: &str, failure: &Failure) {
        self.announce(safe(&failure.to_string()));
        for line in &failure.help {
            self.announce(safe(&format!("  {line}")));
        }
        if self.json() {
            let mut answer = self.answer.take().unwrap_or_else(|| json!({ "version": 1 }));
            answer["command"] = json!(command);
            answer["ok"] = json!(false);
            answer["exit"] = json!(failure.exit.code());
            answer["reason"] = json!(failure.reason);
            answer["message"] = json!(failure.message);
            answer["help"] = json!(failure.help);
            self.answer = Some(answer);
        }
    }
}
