//! The setting of the demo: a git repository with the sample, keys, free ports, signed policies, running servers.
#![expect(
    clippy::disallowed_methods,
    reason = "edge: reads and writes the demo's own copy of the sample"
)]

use std::{fs, net::TcpListener, path::PathBuf};

use taiwa_git::Author;
use taiwa_model::Timestamp;

use super::{Stage, broken, keys};
use crate::{Failure, edge::files, sample};

/// A server of the demo.
pub(crate) struct Server {
    /// Its environment.
    pub(crate) environment: &'static str,
    /// Its id.
    pub(crate) name: &'static str,
    /// The port that the sample names.
    sample_port: u16,
    /// The free port that it gets.
    port: u16,
    data: PathBuf,
}

impl Server {
    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Who plays: the private keys of the people and of CI.
pub(crate) struct Cast {
    /// 田中 花子, manager.
    pub(crate) manager: String,
    /// 佐藤 健, touchpoint manager.
    pub(crate) touchpoint_manager: String,
    /// CI.
    pub(crate) runner: String,
}

const SERVERS: [(&str, &str, u16); 4] = [
    ("staging", "staging-1", 7101),
    ("staging", "staging-2", 7102),
    ("production", "tokyo-1", 7201),
    ("production", "tokyo-2", 7202),
];

/// Copies the sample into a new repository and puts keys and free ports into its environment files.
pub(crate) async fn prepare(
    stage: &mut Stage,
    now: Timestamp,
) -> Result<(Cast, Vec<Server>), Failure> {
    sample::write(&stage.workspace, &sample::files())?;
    let servers = servers(stage)?;
    for server in &servers {
        let data = server.data.display().to_string();
        let key = stage.quietly(&["runtime", "--print-key", "--data", &data]).await?;
        let before =
            format!("name: {}, url: \"http://127.0.0.1:{}\"", server.name, server.sample_port);
        let after =
            format!("name: {}, url: \"{}\", key: \"{}\"", server.name, server.url(), key.trim());
        replace(stage, server.environment, &before, &after)?;
    }
    let manager = keys::make(&stage.private, "tanaka")?;
    let touchpoint_manager = keys::make(&stage.private, "sato")?;
    let runner = keys::make(&stage.private, "ci")?;
    replace(
        stage,
        "production",
        "{ id: tanaka,",
        &format!("{{ id: tanaka, key: \"{}\",", manager.public),
    )?;
    replace(
        stage,
        "production",
        "{ id: sato,",
        &format!("{{ id: sato, key: \"{}\",", touchpoint_manager.public),
    )?;
    replace(stage, "production", "{ id: ci,", &format!("{{ id: ci, key: \"{}\",", runner.public))?;
    let repository = taiwa_git::Repository::init(&stage.workspace, &author());
    repository.map_err(|it| broken("git init", &it.to_string()))?;
    commit(stage, "The sample workspace", now)?;
    let file = |it: keys::Pair| it.file.display().to_string();
    let cast = Cast {
        manager: file(manager),
        touchpoint_manager: file(touchpoint_manager),
        runner: file(runner),
    };
    Ok((cast, servers))
}

/// Four ports that are free now; held together, so that they differ.
fn servers(stage: &Stage) -> Result<Vec<Server>, Failure> {
    let mut held = Vec::new();
    for _ in SERVERS {
        let listener = TcpListener::bind(("127.0.0.1", 0));
        held.push(listener.map_err(|it| broken("find a free port", &it.to_string()))?);
    }
    let one = |((environment, name, sample_port), listener): ((_, _, u16), &TcpListener)| {
        let port =
            listener.local_addr().map_err(|it| broken("find a free port", &it.to_string()))?.port();
        Ok(Server { environment, name, sample_port, port, data: stage.private.join(name) })
    };
    SERVERS.into_iter().zip(&held).map(one).collect()
}

/// Starts the servers with the policies that were proposed and signed.
pub(crate) async fn start(stage: &mut Stage, servers: &[Server]) -> Result<(), Failure> {
    for server in servers {
        let token = token(stage, server.environment);
        let policy = format!("environments/{}/policy.json", server.environment);
        let (listen, data) =
            (format!("127.0.0.1:{}", server.port), server.data.display().to_string());
        let arguments =
            ["--listen", &listen, "--data", &data, "--policy", &policy, "--name", server.name];
        let client = format!("client-{token}");
        let tokens =
            [("TAIWA_ADMIN_TOKEN", token.as_str()), ("TAIWA_CLIENT_TOKEN", client.as_str())];
        stage.serve(server.name, &arguments, tokens)?;
    }
    for server in servers {
        stage.wait_for(server.name, &server.url()).await?;
    }
    Ok(())
}

/// The name of the variable that holds a group's token.
pub(crate) fn variable(environment: &str) -> String {
    format!("TAIWA_{}_TOKEN", environment.to_uppercase())
}

/// The token of a group, which the demo made.
pub(crate) fn token(stage: &Stage, environment: &str) -> String {
    stage.variable(&variable(environment))
}

/// Who writes in the demo.
fn author() -> Author {
    Author::new("鈴木 明", "akira.suzuki@contoso.example")
}

/// Commits everything, as the demo's author.
pub(crate) fn commit(stage: &Stage, message: &str, now: Timestamp) -> Result<(), Failure> {
    let done = taiwa_git::Repository::open(&stage.workspace)
        .map_err(|it| it.to_string())
        .and_then(|it| it.commit_all(message, &author(), now).map_err(|it| it.to_string()));
    done.map(drop).map_err(|it| broken("git commit", &it))
}

/// Replaces a text that stands in an environment's file exactly once.
fn replace(stage: &Stage, environment: &str, before: &str, after: &str) -> Result<(), Failure> {
    edit(stage, &format!("environments/{environment}/environment.yaml"), before, after)
}

/// Replaces a text that stands in a file of the workspace exactly once.
pub(crate) fn edit(stage: &Stage, path: &str, before: &str, after: &str) -> Result<(), Failure> {
    let file = stage.workspace.join(path);
    let text = fs::read_to_string(&file).map_err(|it| broken(path, &it.to_string()))?;
    if text.matches(before).count() != 1 {
        return Err(broken(path, &format!("`{before}` does not stand there exactly once")));
    }
    files::write_file(&file, text.replace(before, after).as_bytes())
}
