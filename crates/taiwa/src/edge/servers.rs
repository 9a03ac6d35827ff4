//! The servers of an environment: addresses and tokens from `environment.yaml`, keys from the policy they obey.

use std::path::PathBuf;

use taiwa_config::environment as written;
use taiwa_deployer::{
    CallError, Http, Server, States, Token, Trust, TrustError, http_with, states,
};
use taiwa_model::{Digest, EnvironmentName, ServerId};
use taiwa_plan::{Envelope, Payload, Policy, Reason, Refusal, Refusals, own_policy};

use super::{files, marked::Head, secret::Secret, signals, workspace::environment};
use crate::{Cx, Exit, Failure};

/// A group of servers, and the policy that they obey.
pub(crate) struct Group {
    /// Its environment.
    pub(crate) name: EnvironmentName,
    /// The environment, as written.
    pub(crate) environment: written::Environment,
    /// The policy, as committed; every answer is held to its keys.
    pub(crate) policy: Policy,
    /// The policies before it, as they are committed in `environments/ENV/policies/`.
    pub(crate) earlier: Vec<Envelope>,
    /// The members.
    pub(crate) servers: Vec<Server>,
    /// What could not be sent yet lies here; it need not exist.
    pub(crate) outbox: PathBuf,
}

impl Group {
    /// The group of an environment, as it is committed.
    pub(crate) fn of(cx: &Cx<'_>, head: &Head, name: &EnvironmentName) -> Result<Self, Failure> {
        let environment = environment(&head.project, name)?.clone();
        if environment.servers.is_empty() {
            return Err(Failure::no(
                "no-servers",
                format!("{name} has no servers: nothing can run there"),
            )
            .help(format!("declare them in environments/{name}/environment.yaml")));
        }
        let http = http(cx)?;
        let mut servers = Vec::new();
        for server in &environment.servers {
            let token = server.token.as_deref().map(|it| token(cx, name, it)).transpose()?;
            servers.push(Server::new(&http, server.name.clone(), &server.url, token));
        }
        let path = format!("environments/{name}/policy.json");
        let policy = match head.file(&path)? {
            Some(bytes) => accept(&path, &bytes)?,
            None if head.root.join(&path).exists() => {
                let text = format!("{path} is not committed, so it does not count");
                return Err(Failure::no("no-policy", text)
                    .help(format!("git add {path} && git commit {path}")));
            }
            None => lone(name, &servers)?,
        };
        for member in &policy.document().servers {
            if !servers.iter().any(|it| it.id == member.id) {
                let text = format!(
                    "the policy of {name} names the server {}, environment.yaml does not",
                    member.id
                );
                return Err(
                    Failure::no("policy-differs", text).help(format!("taiwa policy show {name}"))
                );
            }
        }
        servers.retain(|it| policy.document().server(&it.id).is_some());
        let earlier = earlier(head, &policy)?;
        let outbox = head.repository.private_folder().join("outbox");
        Ok(Self { name: name.clone(), environment, policy, earlier, servers, outbox })
    }

    /// The same group without asking some of its servers.
    pub(crate) fn without(&self, silent: impl Fn(&ServerId) -> bool) -> Self {
        Self {
            name: self.name.clone(),
            environment: self.environment.clone(),
            policy: self.policy.clone(),
            earlier: self.earlier.clone(),
            servers: self.servers.iter().filter(|it| !silent(&it.id)).cloned().collect(),
            outbox: self.outbox.clone(),
        }
    }

    /// The signed state of every server now.
    pub(crate) async fn states(&self) -> States {
        states(&self.policy, &self.servers).await
    }

    /// The server whose word counts.
    pub(crate) fn anchor(&self) -> &Server {
        let anchor = &self.policy.document().anchor;
        self.servers.iter().find(|it| it.id == *anchor).unwrap_or(&self.servers[0])
    }

    /// The bytes of a release, from whichever server has them; verified.
    pub(crate) async fn release(&self, digest: &Digest) -> Result<Vec<u8>, Failure> {
        let mut last = None;
        for server in &self.servers {
            match server.release(digest).await {
                Ok(Some(bytes)) => return Ok(bytes),
                Ok(None) => {}
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or_else(
            || {
                Failure::no(
                    "unknown-release",
                    format!("no server of {} has the release {}", self.name, digest.short()),
                )
            },
            |error| call(&error),
        ))
    }
}

/// The committed policies that lead to one, the latest first.
pub(crate) fn earlier(head: &Head, policy: &Policy) -> Result<Vec<Envelope>, Failure> {
    let document = policy.document();
    let mut found = Vec::new();
    for version in (1..document.version).rev() {
        let path = earlier_path(&document.environment, version);
        let Some(bytes) = head.file(&path)? else { break };
        found.extend(Envelope::read(bytes.trim_ascii_end()).ok());
    }
    Ok(found)
}

/// Where a policy lies that another one has followed.
pub(crate) fn earlier_path(environment: &EnvironmentName, version: u64) -> String {
    format!("environments/{environment}/policies/{version}.json")
}

fn accept(path: &str, bytes: &[u8]) -> Result<Policy, Failure> {
    let bytes = bytes.trim_ascii_end();
    let envelope = Envelope::read(bytes).map_err(|error| {
        Failure::no("policy-invalid", format!("{path} cannot be read: {error}"))
    })?;
    Policy::accept(&envelope)
        .map_err(|error| Failure::no("policy-invalid", format!("{path}: {error}")))
}

/// A server that nobody gave a policy is a group of one, under the policy that it made for itself.
fn lone(name: &EnvironmentName, servers: &[Server]) -> Result<Policy, Failure> {
    let none = || {
        Failure::no(
            "no-policy",
            format!("{name} has no policy yet, so no server can be told what to do"),
        )
        .help(format!("taiwa policy propose {name}"))
    };
    let [server] = servers else { return Err(none()) };
    let answer = signals::block_on(async { server.group("policy").await.map_err(|it| call(&it)) })?;
    let key = taiwa_plan::PublicKey::parse(&answer.key).map_err(|_| none())?;
    let made = own_policy(answer.environment, answer.server, server.url.clone(), key)
        .map_err(|_| none())?;
    let says = answer.state.open().map_err(|_| none())?;
    match says.payload {
        Payload::Receipt(it) if it.policy == *made.digest() => Ok(made),
        _ => Err(none()),
    }
}

/// Names a file with the certificates of authorities that are believed beside those of this machine.
pub(crate) const CA: &str = "TAIWA_CA_FILE";
/// Names a file with the certificate, and its key, that is shown to servers which ask for one.
const CLIENT: &str = "TAIWA_CLIENT_CERT_FILE";

/// The client for every server of a command.
pub(crate) fn http(cx: &Cx<'_>) -> Result<Http, Failure> {
    let read = |name| cx.var(name).map(|it| files::read_file(&cx.path(it))).transpose();
    http_with(&Trust { ca: read(CA)?, client: read(CLIENT)? }).map_err(|error| {
        let name = match &error {
            TrustError::Ca(_) => CA,
            TrustError::Client => CLIENT,
            TrustError::Machine(_) => return Failure::world("no-runtime", error.to_string()),
        };
        let file = cx.path(cx.var(name).unwrap_or_default());
        Failure::wrong("tls-unusable", format!("{} ({name}): {error}", file.display()))
    })
}

/// The token that `${NAME}` stands for; read now, shown nowhere.
fn token(cx: &Cx<'_>, environment: &EnvironmentName, written: &str) -> Result<Token, Failure> {
    let asks = format!("the servers of {environment} ask for a token");
    Ok(Token::new(Secret::resolve(cx, written, &asks)?.reveal().to_owned()))
}

/// The one release that an environment runs now.
pub(crate) fn live(cx: &Cx<'_>, head: &Head, name: &EnvironmentName) -> Result<Digest, Failure> {
    let group = Group::of(cx, head, name)?;
    let states = signals::block_on(async { Ok(group.states().await) })?;
    match states.group.settled(&group.policy) {
        Ok((Some(release), _)) => Ok(release),
        Ok((None, _)) => Err(Failure::no("not-running", format!("{name} runs no release yet"))
            .help(format!("taiwa deploy --to {name}"))),
        Err(refusals) => {
            Err(refused(&format!("{name} does not run one release everywhere"), &refusals))
        }
    }
}

/// What a server's failure means for the command.
pub(crate) fn call(error: &CallError) -> Failure {
    match error {
        CallError::Unreachable { url, what, server: _ } => {
            let failure = Failure::world("unreachable", error.to_string());
            // Somebody answered, and no request came through: one of the two does not believe the other.
            let answered = !what.contains("refused") && !what.contains("in time");
            if url.starts_with("https:") && answered {
                failure.help(format!("{CA} names a file with an authority to believe, {CLIENT} one with a certificate to show"))
            } else {
                failure
            }
        }
        CallError::Strange { .. } => Failure::world("untrusted", error.to_string()),
        CallError::Refused { problem, server: _ } => {
            let word =
                problem.refusals.first().map_or(problem.code.as_str(), |it| it.reason.word());
            let exit = if problem.status >= 500 { Exit::World } else { Exit::No };
            let offences = problem.errors.iter().map(|it| format!("- {}: {}", it.code, it.detail));
            let help = if problem.refusals.is_empty() {
                offences.collect()
            } else {
                problem.refusals.iter().map(condition).collect()
            };
            let conditions = problem.refusals.iter().map(|it| it.reason.word()).collect();
            Failure { exit, reason: word, message: error.to_string(), help, conditions }
        }
    }
}

/// Every unmet condition, who can meet it, and with which command.
pub(crate) fn refused(what: &str, refusals: &Refusals) -> Failure {
    // A server that does not answer, or not as itself, is the world's failure, not a no.
    let world = |it: &&Refusal| matches!(it.reason, Reason::Unreachable | Reason::Untrusted);
    let mut failure = match refusals.iter().find(world) {
        Some(first) => Failure::world(first.reason.word(), what),
        None => Failure::no(refusals.first().map_or("refused", |it| it.reason.word()), what),
    };
    for refusal in refusals {
        failure = failure.help(condition(refusal));
        failure.conditions.push(refusal.reason.word());
    }
    failure
}

/// One unmet condition, in a line.
pub(crate) fn condition(refusal: &Refusal) -> String {
    let who = if refusal.who.is_empty() {
        String::new()
    } else {
        format!("; can be met by {}", refusal.who)
    };
    let from = refusal.from.map_or_else(String::new, |it| format!("; from {it}"));
    let command = refusal.command.as_ref().map_or_else(String::new, |it| format!("; {it}"));
    format!("- {}: {}{who}{from}{command}", refusal.reason, refusal.what)
}
