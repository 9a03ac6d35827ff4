//! `taiwa policy`

use std::path::{Path, PathBuf};

use taiwa_model::EnvironmentName;
use taiwa_plan::{
    Envelope, Payload, Person, Policy, PolicyDocument, PolicyError, PublicKey, Refusals,
    Separation, difference,
};

use crate::{
    Cx, Exit, Failure,
    edge::{files, keys, servers::earlier_path, workspace::Workspace},
    render::table,
};

/// The signed policy that the servers of an environment obey
///
/// environment.yaml is the proposal for it; only the signed document counts.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show the policy, who has signed it, and what differs from environment.yaml
    Show {
        /// The environment
        environment: EnvironmentName,
    },
    /// Make the policy from environment.yaml and write it to environments/ENV/policy.json
    Propose {
        /// The environment
        environment: EnvironmentName,
        /// It follows the policy that lies there, although no server can be asked whether it obeys that one
        #[arg(long)]
        next: bool,
        /// Say what it would be, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Sign it, as one of the people that it names, or that the policy before it names
    Sign {
        /// The environment
        environment: EnvironmentName,
        /// The key to sign with; else the agent's, else `~/.ssh/id_ed25519`
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Give the committed policy to the running servers, in the place of the one before
    Install {
        /// The environment
        environment: EnvironmentName,
    },
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    match &args.verb {
        Verb::Show { environment } => show(cx, environment),
        Verb::Propose { environment, next, dry_run } => {
            super::policy_propose::run(cx, environment, *next, *dry_run)
        }
        Verb::Sign { environment, key } => sign(cx, environment, key.as_deref()),
        Verb::Install { environment } => super::policy_install::run(cx, environment),
    }
}

/// Where the policy of an environment lies.
pub(super) fn path(workspace: &Workspace, name: &EnvironmentName) -> PathBuf {
    workspace.root.join(format!("environments/{name}/policy.json"))
}

/// The policy that lies there, signed or not.
pub(super) fn stored(path: &Path) -> Result<Option<(Envelope, PolicyDocument)>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let broken = |why: String| Failure::no("policy-invalid", format!("{}: {why}", path.display()));
    let bytes = files::read_file(path)?;
    let envelope = Envelope::read(bytes.trim_ascii_end()).map_err(|it| broken(it.to_string()))?;
    match envelope.open().map_err(|it| broken(it.to_string()))?.payload {
        Payload::Policy(document) => Ok(Some((envelope, *document))),
        _ => Err(broken("it is no policy".to_owned())),
    }
}

fn needed(path: &Path, name: &EnvironmentName) -> Result<(Envelope, PolicyDocument), Failure> {
    stored(path)?.ok_or_else(|| {
        Failure::no("no-policy", format!("{name} has no policy yet"))
            .help(format!("taiwa policy propose {name}"))
    })
}

fn show(cx: &mut Cx<'_>, name: &EnvironmentName) -> Result<Exit, Failure> {
    let workspace = Workspace::read(cx)?;
    let environment = workspace.environment(name)?.clone();
    let (envelope, document) = needed(&path(&workspace, name), name)?;
    let accepted = Policy::accept(&envelope);
    let proposal = super::policy_propose::document(cx, &workspace, name, &environment);
    let differs = proposal.as_ref().map(|it| difference(&document, it)).unwrap_or_default();
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": name, "digest": Policy::digest_of(&envelope.payload), "policy": document,
            "in_force": accepted.is_ok(), "differs": differs,
        }));
        return Ok(Exit::Yes);
    }
    tell(cx, &document);
    match accepted {
        Ok(policy) => {
            cx.tell(format!("\nsigned as it must be; its digest is {}", policy.digest()));
        }
        Err(error) => cx.tell(format!("\nnot in force yet: {error}")),
    }
    for line in differs {
        cx.tell(format!("environment.yaml proposes: {line}"));
    }
    Ok(Exit::Yes)
}

/// What a policy says, for the people who sign it.
pub(super) fn tell(cx: &mut Cx<'_>, it: &PolicyDocument) {
    let protected = if it.protected {
        "protected: nothing moves without the approvals below"
    } else {
        "unprotected: whoever has the token may deploy"
    };
    cx.tell(format!("policy of {} (version {}), {protected}", it.environment, it.version));
    let servers = it.servers.iter().map(|server| {
        let anchor = if server.id == it.anchor { "anchor" } else { "" };
        [
            format!("  {}", server.id),
            server.url.clone(),
            server.key.fingerprint(),
            anchor.to_owned(),
        ]
    });
    cx.tell(table(["  server", "address", "key", ""], servers.collect::<Vec<_>>()));
    if let Some(origin) = &it.origin {
        cx.tell(format!(
            "  releases come from {}, after {} s there",
            origin.environment, origin.soak_s
        ));
    }
    for (what, list) in
        [("a change", &it.approvals), ("a rollback", &it.rollback), ("a policy", &it.policy)]
    {
        let needs: Vec<String> =
            list.iter().map(|it| format!("{} × {}", it.count, it.role)).collect();
        if !needs.is_empty() {
            cx.tell(format!("  {what} needs {}", needs.join(" and ")));
        }
    }
    let gates: Vec<&str> = it.gates.keys().map(String::as_str).collect();
    if !gates.is_empty() {
        cx.tell(format!("  a change must have passed: {}", gates.join(", ")));
    }
    match it.separation {
        Separation::Off => {}
        Separation::On => cx.tell("  who wrote a change cannot approve it"),
        Separation::Strict => {
            cx.tell("  who wrote a change, or marked it for here, cannot approve it");
        }
    }
    let people = it.people.iter().map(|it| {
        let roles: Vec<&str> = it.roles.iter().map(taiwa_model::RoleName::as_str).collect();
        let keys: Vec<String> = it.keys.iter().map(PublicKey::fingerprint).collect();
        [format!("  {}", it.id), roles.join(", "), keys.join(" ")]
    });
    let runners = it.runners.iter().map(|it| {
        [format!("  {}", it.id), format!("runner: {}", it.gates.join(", ")), it.key.fingerprint()]
    });
    let rows: Vec<[String; 3]> = people.chain(runners).collect();
    if !rows.is_empty() {
        cx.tell(table(["  who", "may", "key"], rows));
    }
}

fn sign(cx: &mut Cx<'_>, name: &EnvironmentName, key: Option<&Path>) -> Result<Exit, Failure> {
    let workspace = Workspace::read(cx)?;
    match workspace.environment(name) {
        Err(failure) if failure.reason == "unknown-environment" => return Err(failure),
        // What was proposed is signed, whatever somebody has written since.
        _ => {}
    }
    let path = path(&workspace, name);
    let (mut envelope, document) = needed(&path, name)?;
    let before = before(&workspace, &document)?;
    let people: Vec<&Person> = std::iter::once(&document)
        .chain(before.as_ref().map(Policy::document))
        .flat_map(signers)
        .collect();
    let wanted: Vec<PublicKey> = people.iter().flat_map(|it| it.keys.iter().cloned()).collect();
    let signer = keys::choose(cx, key, &wanted)?;
    if !wanted.contains(signer.public_key()) {
        let text = format!("this key is of nobody who may sign the policy of {name}");
        return Err(Failure::no("bad-signature", text)
            .help(format!("the key is {}", signer.public_key().fingerprint())));
    }
    envelope
        .add_signature(signer.as_ref())
        .map_err(|it| Failure::no("not-signed", it.to_string()))?;
    let bytes = envelope.to_bytes().map_err(|it| Failure::no("limit", it.to_string()))?;
    files::write_file(&path, &bytes)?;
    let who = people.iter().find(|it| it.keys.contains(signer.public_key()));
    let who = who.map_or_else(String::new, |it| it.id.to_string());
    let open = |refusals: &Refusals| {
        let open: Vec<String> =
            refusals.iter().map(|it| format!("{} ({})", it.what, it.who)).collect();
        format!("not in force yet: {}", open.join("; "))
    };
    let left = match (Policy::accept(&envelope), &before) {
        (Ok(policy), Some(before)) => match policy.follows(before) {
            Ok(()) => "running servers will take it".to_owned(),
            Err(refusals) => open(&refusals),
        },
        (Ok(_), None) => "it is in force for servers that start with it".to_owned(),
        (Err(PolicyError::Refused(refusals)), _) => open(&refusals),
        (Err(error), _) => error.to_string(),
    };
    if cx.json() {
        cx.print_json(&serde_json::json!({
            "version": 1, "environment": name, "signed_by": who, "in_force": Policy::accept(&envelope).is_ok(),
        }));
        return Ok(Exit::Yes);
    }
    cx.tell(format!("signed by {who}; {left}"));
    cx.say(format!("next: git add environments/{name} && git commit"));
    if before.is_some() {
        cx.say(format!("then, when everyone has signed: taiwa policy install {name}"));
    }
    Ok(Exit::Yes)
}

/// The people whose signature a policy asks for when it is changed.
fn signers(document: &PolicyDocument) -> impl Iterator<Item = &Person> {
    let may = |it: &&Person| document.policy.iter().any(|want| it.roles.contains(&want.role));
    document.people.iter().filter(may)
}

/// The policy that a document is to follow.
fn before(workspace: &Workspace, document: &PolicyDocument) -> Result<Option<Policy>, Failure> {
    let Some(previous) = &document.previous else { return Ok(None) };
    let path = earlier_path(&document.environment, document.version - 1);
    let missing = || {
        Failure::no("no-policy", format!("{path} is not the policy that this one follows"))
            .help("it was written by `taiwa policy propose`; bring it back from git")
    };
    let (envelope, _) = stored(&workspace.root.join(&path))?.ok_or_else(missing)?;
    let policy = Policy::accept(&envelope).map_err(|_| missing())?;
    if policy.digest() == previous { Ok(Some(policy)) } else { Err(missing()) }
}
