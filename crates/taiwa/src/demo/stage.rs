//! Where the demo plays: a temporary folder, processes of this very program, and what they say.
#![expect(clippy::disallowed_methods, reason = "edge: starts processes and waits for them")]

use std::{
    collections::BTreeMap,
    io::{Read as _, Seek as _},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::mpsc::UnboundedSender,
    time::{Instant, sleep},
};

use super::broken;
use crate::Failure;

/// How long one command of the story may take.
const COMMAND: Duration = Duration::from_mins(1);
/// How long a server may take to answer for the first time.
const START: Duration = Duration::from_secs(20);

/// What the demo says, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The title of a chapter.
    Chapter(String),
    /// A sentence of the story.
    Say(String),
    /// A command, as a person would type it.
    Command(String),
    /// A line of a command's answer.
    Answer(String),
}

/// Where the lines go.
pub(crate) type Lines = UnboundedSender<Line>;

/// The stage; dropping it ends every process and removes every file.
pub(crate) struct Stage {
    /// The workspace: a git repository.
    pub(crate) workspace: PathBuf,
    /// Keys and data of servers, outside of the workspace.
    pub(crate) private: PathBuf,
    program: PathBuf,
    environment: BTreeMap<String, String>,
    lines: Lines,
    servers: Vec<(String, Child)>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// An empty stage. `environment` is all that the processes see of the surroundings.
    pub(crate) fn new(
        environment: BTreeMap<String, String>,
        lines: Lines,
    ) -> Result<Self, Failure> {
        let fail = |it: std::io::Error| {
            Failure::world("write-failed", format!("cannot set up the demo: {it}"))
        };
        let folder = tempfile::Builder::new().prefix("taiwa-demo-").tempdir().map_err(fail)?;
        let (workspace, private) = (folder.path().join("contoso"), folder.path().join("private"));
        for path in [&workspace, &private] {
            std::fs::create_dir(path).map_err(fail)?;
        }
        let program = std::env::current_exe().map_err(fail)?;
        Ok(Self {
            workspace,
            private,
            program,
            environment,
            lines,
            servers: Vec::new(),
            _folder: folder,
        })
    }

    /// Gives the processes one more variable.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// A variable of the processes; empty if it is not set.
    pub(crate) fn variable(&self, name: &str) -> String {
        self.environment.get(name).cloned().unwrap_or_default()
    }

    /// Begins a chapter.
    pub(crate) fn chapter(&self, title: &str) {
        self.lines.send(Line::Chapter(title.to_owned())).ok();
    }

    /// Says a sentence.
    pub(crate) fn say(&self, text: impl Into<String>) {
        self.lines.send(Line::Say(text.into())).ok();
    }

    /// Shows a command that is not one of taiwa's, and what it answered.
    pub(crate) fn show(&self, command: &str, answer: &str) {
        self.lines.send(Line::Command(command.to_owned())).ok();
        self.answer(answer);
    }

    fn answer(&self, text: &str) {
        for line in text.trim_end().lines() {
            self.lines.send(Line::Answer(self.tidy(line))).ok();
        }
    }

    /// The temporary folder is of no interest to the reader.
    fn tidy(&self, text: &str) -> String {
        let workspace = self.workspace.display().to_string();
        let private = self.private.display().to_string();
        text.replace(&format!("{private}/"), "~/").replace(&workspace, ".")
    }

    /// Runs a command of taiwa, shows it and its answer, and insists on the exit code.
    pub(crate) async fn taiwa(&self, arguments: &[&str], expect: i32) -> Result<(), Failure> {
        let shown = self.tidy(&words(arguments));
        self.lines.send(Line::Command(shown.clone())).ok();
        let (exit, text) = self.run(arguments).await?;
        self.answer(&text);
        if exit == expect {
            Ok(())
        } else {
            Err(broken(&shown, &format!("it ended with {exit} where {expect} was expected")))
        }
    }

    /// Runs a command of taiwa, shows nothing, and gives its answer.
    pub(crate) async fn quietly(&self, arguments: &[&str]) -> Result<String, Failure> {
        let (exit, text) = self.run(arguments).await?;
        if exit == 0 { Ok(text) } else { Err(broken(&words(arguments), text.trim())) }
    }

    /// The exit code of a command, and all it wrote, answer and talk as they came.
    async fn run(&self, arguments: &[&str]) -> Result<(i32, String), Failure> {
        let fail = |it: std::io::Error| broken(&words(arguments), &it.to_string());
        let mut said = tempfile::tempfile().map_err(fail)?;
        let mut command = self.command();
        command.args(arguments).current_dir(&self.workspace).stdin(Stdio::null());
        command.stdout(said.try_clone().map_err(fail)?).stderr(said.try_clone().map_err(fail)?);
        let mut child = command.kill_on_drop(true).spawn().map_err(fail)?;
        let ended = tokio::time::timeout(COMMAND, child.wait()).await;
        let status =
            ended.map_err(|_| broken(&words(arguments), "it took longer than a minute"))?;
        let (mut bytes, exit) = (Vec::new(), status.map_err(fail)?.code().unwrap_or(-1));
        said.rewind().and_then(|()| said.read_to_end(&mut bytes)).map_err(fail)?;
        Ok((exit, String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().envs(&self.environment);
        command
    }

    /// Starts a runtime server and waits until it answers.
    pub(crate) fn serve(
        &mut self,
        name: &str,
        arguments: &[&str],
        tokens: [(&str, &str); 2],
    ) -> Result<(), Failure> {
        let log = self.private.join(format!("{name}.log"));
        let file = std::fs::File::create(&log).map_err(|it| broken(name, &it.to_string()))?;
        let mut command = self.command();
        command.arg("runtime").args(arguments).envs(tokens).current_dir(&self.workspace);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).kill_on_drop(true);
        let child = command.spawn().map_err(|it| broken(name, &it.to_string()))?;
        self.servers.push((name.to_owned(), child));
        Ok(())
    }

    /// Waits until a server answers at this address, or says why it ended.
    pub(crate) async fn wait_for(&mut self, name: &str, url: &str) -> Result<(), Failure> {
        let deadline = Instant::now() + START;
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|it| broken(name, &it.to_string()))?;
        loop {
            if http
                .get(format!("{url}/healthz"))
                .send()
                .await
                .is_ok_and(|it| it.status().is_success())
            {
                return Ok(());
            }
            let child = self.servers.iter_mut().find(|it| it.0 == name);
            let ended =
                child.is_some_and(|it| it.1.try_wait().is_ok_and(|status| status.is_some()));
            if ended || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.private.join(format!("{name}.log")))
                    .unwrap_or_default();
                return Err(broken(&format!("taiwa runtime ({name})"), log.trim()));
            }
            sleep(Duration::from_millis(30)).await;
        }
    }

    /// Ends every server, politely.
    pub(crate) async fn end(&mut self) {
        for (_, child) in &mut self.servers {
            child.start_kill().ok();
        }
        for (_, mut child) in self.servers.drain(..) {
            child.wait().await.ok();
        }
    }
}

/// A command line as a person would type it.
fn words(arguments: &[&str]) -> String {
    let quoted = arguments.iter().map(|it| {
        let plain = it.chars().all(|c| c.is_alphanumeric() || "-_./:=@".contains(c));
        if plain { (*it).to_owned() } else { format!("'{it}'") }
    });
    std::iter::once("taiwa".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}
