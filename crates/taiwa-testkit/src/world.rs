//! A world: workspace in git, keys, policies, servers.
//! Long because a world is one thing, and its parts are of no use alone.
#![expect(clippy::disallowed_methods, reason = "tests read and write files")]

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

use crate::{Answer, Group, Member, Node, Reply, Running, http, setting, setting::Cast, until};

/// The offer whose headline tells releases apart, and where its headline stands.
const OFFER: &str = "channels/shared/offers/espresso-starter.yaml";
const HEADLINE: &str = "Your first espresso at home";
/// How long a group may take to come to rest, in seconds: far more than it needs, for machines with other work.
const REST: u64 = 20;

/// A temporary repository with the sample workspace, and the servers that belong to it.
#[derive(Debug)]
pub struct World {
    /// The workspace: a git repository.
    pub workspace: PathBuf,
    /// Keys, data of servers, whatever is not the workspace's.
    pub private: PathBuf,
    /// Everybody who signs.
    pub cast: Cast,
    /// The servers by id.
    pub servers: BTreeMap<String, Node>,
    /// All variables that processes see.
    pub variables: BTreeMap<String, String>,
    program: PathBuf,
    runs: Cell<u32>,
    _folder: tempfile::TempDir,
}

impl World {
    /// The sample workspace in a repository with one commit; no policy, and no server runs.
    ///
    /// # Panics
    /// When the machine does not let it; so do all other functions here.
    pub fn bare(program: impl Into<PathBuf>) -> Self {
        let folder = tempfile::Builder::new().prefix("taiwa-world-").tempdir().expect("a folder");
        let (workspace, private) = (folder.path().join("contoso"), folder.path().join("private"));
        let home = private.join("home");
        fs::create_dir_all(&home).expect("a home");
        let identity = "[user]\n\tname = 鈴木 明\n\temail = akira.suzuki@contoso.example\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n";
        fs::write(home.join(".gitconfig"), identity).expect("an identity");
        let variables = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", home.display().to_string()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_TERMINAL_PROMPT", "0".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
        ];
        let world = Self {
            cast: Cast::make(&private),
            servers: BTreeMap::new(),
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            program: program.into(),
            runs: Cell::new(0),
            workspace: workspace.clone(),
            private,
            _folder: folder,
        };
        fs::create_dir(&workspace).expect("a folder");
        world.taiwa(&["init", "."]).exits(0);
        world.git(&["init", "--quiet"]);
        world.commit("The sample workspace");
        world
    }

    /// A world whose staging runs on so many servers, unprotected; nothing is deployed yet.
    #[track_caller]
    pub fn staging(program: impl Into<PathBuf>, servers: usize) -> Self {
        let mut world = Self::bare(program);
        world.people();
        world.build("staging", servers);
        world.start();
        world
    }

    /// A world with `servers` staging and as many production servers, the latter protected by a signed policy.
    #[track_caller]
    pub fn whole(program: impl Into<PathBuf>, servers: usize) -> Self {
        Self::whole_with(program, servers, |_| ())
    }

    /// The same, with something changed before the policies are proposed.
    #[track_caller]
    pub fn whole_with(
        program: impl Into<PathBuf>,
        servers: usize,
        change: impl FnOnce(&Self),
    ) -> Self {
        let mut world = Self::bare(program);
        world.people();
        change(&world);
        world.build("staging", servers);
        world.build("production", servers);
        for key in [&world.cast.manager, &world.cast.touchpoint_manager] {
            world.taiwa(&["policy", "sign", "production", "--key", &key.file]).exits(0);
        }
        world.commit("The signed policy");
        world.start();
        world
    }

    /// Puts the keys of people and runners into production's file.
    fn people(&self) {
        let cast = &self.cast;
        let keys =
            [("tanaka", &cast.manager), ("sato", &cast.touchpoint_manager), ("ci", &cast.runner)];
        for (id, key) in keys {
            let (before, after) =
                (format!("{{ id: {id},"), format!("{{ id: {id}, key: \"{}\",", key.public));
            self.edit("environments/production/environment.yaml", &before, &after);
        }
    }

    /// Declares the servers of an environment and proposes its policy.
    #[track_caller]
    fn build(&mut self, environment: &str, servers: usize) {
        let variable = format!("TAIWA_{}_TOKEN", environment.to_uppercase());
        let mut lines = Vec::new();
        for place in 1..=servers {
            let node = Node::new(environment, &format!("{environment}-{place}"), &self.private);
            let data = node.data.display().to_string();
            let key = self.taiwa(&["runtime", "--print-key", "--data", &data]).exits(0).out;
            lines.push(format!(
                "  - {{ name: {}, url: \"{}\", key: \"{}\", token: \"${{{variable}}}\" }}",
                node.name,
                node.url(),
                key.trim()
            ));
            self.variables.insert(variable.clone(), node.token.clone());
            self.servers.insert(node.name.clone(), node);
        }
        let file = format!("environments/{environment}/environment.yaml");
        let text = setting::with_servers(&self.read(&file), &lines);
        self.write(&file, &text);
        self.taiwa(&["policy", "propose", environment]).exits(0);
        self.commit("Servers and policy");
    }

    #[track_caller]
    fn start(&mut self) {
        let names: Vec<String> = self.servers.keys().cloned().collect();
        for name in &names {
            let command = self.command(&self.workspace);
            self.node(name).start(command);
        }
        for name in &names {
            self.node(name).wait();
        }
    }

    /// A server by its id.
    #[track_caller]
    pub fn node(&mut self, name: &str) -> &mut Node {
        self.servers.get_mut(name).unwrap_or_else(|| panic!("no server {name}"))
    }

    /// `kill -9` of a server.
    #[track_caller]
    pub fn kill(&mut self, name: &str) {
        self.node(name).kill();
    }

    /// Starts a server again and waits until it answers.
    #[track_caller]
    pub fn restart(&mut self, name: &str) {
        let command = self.command(&self.workspace);
        let node = self.node(name);
        node.kill();
        node.start(command);
        node.wait();
    }

    /// Starts a server again from a shell in which something was done before, such as `trap "" XFSZ`.
    #[track_caller]
    pub fn restart_after(&mut self, name: &str, shell: &str) {
        let command = self.after(shell);
        let node = self.node(name);
        node.kill();
        node.start(command);
        node.wait();
    }

    /// Starts a server that does not come up; everything that it has said.
    #[track_caller]
    pub fn start_fails(&mut self, name: &str) -> String {
        let command = self.command(&self.workspace);
        let node = self.node(name);
        node.kill();
        node.start(command);
        until(&format!("{name} gives up"), 30, || node.ended().then_some(()));
        fs::read_to_string(&node.log).unwrap_or_default()
    }

    /// A call of the program from a shell in which something was done before.
    fn after(&self, shell: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{shell}; exec \"$0\" \"$@\"")]).arg(&self.program);
        command.env_clear().envs(&self.variables).current_dir(&self.workspace);
        command
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().envs(&self.variables).current_dir(folder);
        command
    }

    /// Runs `taiwa` in the workspace.
    pub fn taiwa(&self, arguments: &[&str]) -> Answer {
        self.taiwa_in(&self.workspace, arguments)
    }

    /// Runs `taiwa` in another folder.
    pub fn taiwa_in(&self, folder: &Path, arguments: &[&str]) -> Answer {
        self.begin_in(folder, arguments).wait()
    }

    /// Runs `taiwa` in the workspace, from a shell in which something was done before, such as `ulimit -f 1`.
    ///
    /// # Panics
    /// When there is no shell.
    pub fn taiwa_after(&self, shell: &str, arguments: &[&str]) -> Answer {
        let output = self.after(shell).args(arguments).output().expect("a shell");
        let asked = format!("{shell}; taiwa {}", arguments.join(" "));
        Answer::new(asked, output.status, &output.stdout, &output.stderr)
    }

    /// Starts `taiwa` in the workspace and goes on.
    pub fn begin(&self, arguments: &[&str]) -> Running {
        self.begin_in(&self.workspace, arguments)
    }

    /// Starts `taiwa` in a folder and goes on.
    pub fn begin_in(&self, folder: &Path, arguments: &[&str]) -> Running {
        let mut command = self.command(folder);
        command.args(arguments);
        let run = self.runs.replace(self.runs.get() + 1);
        let files = ["out", "err"].map(|it| self.private.join(format!("run-{run}.{it}")));
        Running::start(format!("taiwa {}", arguments.join(" ")), command, files)
    }

    /// Runs git in the workspace and insists that it works.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.workspace, arguments)
    }

    /// Runs git in a folder and insists that it works.
    #[track_caller]
    pub fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(&self.variables)
            .output()
            .expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything; the id of the commit.
    #[track_caller]
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A clone of the workspace's repository beside it.
    #[track_caller]
    pub fn clone_to(&self, name: &str) -> PathBuf {
        let folder = self.private.join(name);
        let path = folder.display().to_string();
        self.git(&["clone", "--quiet", ".", &path]);
        folder
    }

    /// A file of the workspace.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.workspace.join(path)).unwrap_or_else(|it| panic!("{path}: {it}"))
    }

    /// Writes a file of the workspace.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        let file = self.workspace.join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).unwrap_or_else(|it| panic!("{path}: {it}"));
    }

    /// Replaces a text that stands in a file exactly once.
    #[track_caller]
    pub fn edit(&self, path: &str, before: &str, after: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(before).count(), 1, "`{before}` in {path}");
        self.write(path, &text.replace(before, after));
    }

    /// Marks both inbound channels for staging and commits the marks; the id of the commit.
    #[track_caller]
    pub fn mark(&self) -> String {
        let words = ["channel/web-store", "channel/mobile-app"];
        let arguments = ["mark", words[0], words[1], "--for", "staging", "--with-needed"];
        self.taiwa(&arguments).exits(0);
        self.commit("Mark for staging")
    }

    /// Gives the offer that [`World::headline`] asks for another headline, and commits it.
    #[track_caller]
    pub fn rewrite(&self, headline: &str) -> String {
        let text = self.read(OFFER);
        let line = text.lines().find(|it| it.trim_start().starts_with("headline: "));
        let line = line.expect("a headline").to_owned();
        let before = line.split_once(": ").map_or("", |it| it.1);
        self.write(OFFER, &text.replacen(before, headline, 1));
        self.commit("Another headline")
    }

    /// Two commits whose marks make two releases, with the headlines that tell them apart; the first is the sample's.
    #[track_caller]
    pub fn two_releases(&self) -> [(String, String); 2] {
        let first = self.mark();
        self.rewrite("A barista at your breakfast table");
        let second = self.mark();
        self.git(&["checkout", "--quiet", &first]);
        [(first, HEADLINE.to_owned()), (second, "A barista at your breakfast table".to_owned())]
    }

    /// Marks and deploys what is there to staging.
    #[track_caller]
    pub fn deploy(&self) {
        self.mark();
        self.taiwa(&["deploy", "--to", "staging", "--yes"]).exits(0);
    }

    /// What each server of an environment is at.
    #[track_caller]
    pub fn status(&self, environment: &str) -> Group {
        let answer = self.taiwa(&["status", environment, "--format", "json"]);
        let all = answer.json();
        let group = &all["environments"][0];
        let members = group["servers"].as_array().unwrap_or_else(|| panic!("{answer}"));
        Group {
            in_step: group["in_step"] == json!(true),
            members: members.iter().map(Member::read).collect(),
        }
    }

    /// The state of a group once it is at rest and in step: servers that have just started, or whose promise has just
    /// lapsed, are not ready before they have heard of each other.
    #[track_caller]
    pub fn settled(&self, environment: &str) -> (Option<String>, u64) {
        until(&format!("{environment} is at rest and in step"), REST, || {
            let group = self.status(environment);
            group.settled().map(|it| (it.0.map(ToOwned::to_owned), it.1))
        })
    }

    /// Asks a server for an offer.
    pub fn decide(&self, server: &str) -> Option<Reply> {
        let question = json!({
            "channel": "web-store", "point": "home-banner", "audience": { "customer_id": "c-1" },
            "attributes": { "tier": "gold", "interests": ["espresso"] }, "locale": "en",
        });
        let node = self.servers.get(server)?;
        let token = format!("client-{}", node.token);
        let body = question.to_string();
        http::request(node.address, ("POST", "/v1/decide"), &token, body.as_bytes()).ok()
    }

    /// The headline that a server answers with, and the release it names; nothing if it does not answer with one.
    pub fn headline(&self, server: &str) -> Option<(String, String)> {
        let answer = self.decide(server)?.json();
        let headline = answer["offers"][0]["content"]["headline"].as_str()?.to_owned();
        Some((headline, answer["release"].as_str()?.to_owned()))
    }

    /// The ids of an environment's servers.
    pub fn names(&self, environment: &str) -> Vec<String> {
        let of = self.servers.values().filter(|it| it.environment == environment);
        of.map(|it| it.name.clone()).collect()
    }
}
