//! `taiwa policy propose`: from `environment.yaml` to a document that people sign.

use taiwa_config::environment as written;
use taiwa_model::{EnvironmentName, SpanOfTime};
use taiwa_plan::{
    Bot, Envelope, InDoubt, Origin, Payload, Person, Policy, PolicyDocument, Proposal, PublicKey,
    Refusals, Runner, Separation, Server, Threshold, difference, propose, validate,
};

use super::policy::{path, stored, tell};
use crate::{
    Cx, Exit, Failure,
    edge::{
        files, limits,
        servers::{call, earlier_path, http, refused},
        signals,
        workspace::Workspace,
    },
};

pub(super) fn run(
    cx: &mut Cx<'_>,
    name: &EnvironmentName,
    next: bool,
    dry_run: bool,
) -> Result<Exit, Failure> {
    let workspace = Workspace::read(cx)?;
    let environment = workspace.environment(name)?.clone();
    let mut document = document(cx, &workspace, name, &environment)?;
    let path = path(&workspace, name);
    let present = stored(&path)?;
    let same = present.as_ref().is_some_and(|it| difference(&it.1, &document).is_empty());
    let mut left = None;
    if let Some((envelope, old)) = present.filter(|_| !same) {
        if next || obeyed(cx, &environment, &envelope) {
            (document.version, document.previous) =
                (old.version + 1, Some(Policy::digest_of(&envelope.payload)));
            left = Some((envelope, old.version));
        } else {
            (document.version, document.previous) = (old.version, old.previous);
        }
    }
    tell(cx, &document);
    if let Some((envelope, version)) = left.as_ref().filter(|_| !dry_run) {
        let bytes = envelope.to_bytes().map_err(|it| Failure::no("limit", it.to_string()))?;
        files::write_file(&workspace.root.join(earlier_path(name, *version)), &bytes)?;
        cx.tell(format!(
            "version {version} is in force and stays in {}",
            earlier_path(name, *version)
        ));
    }
    if !same && !dry_run {
        let envelope =
            Envelope::unsigned(&document).map_err(|it| Failure::no("limit", it.to_string()))?;
        let bytes = envelope.to_bytes().map_err(|it| Failure::no("limit", it.to_string()))?;
        files::write_file(&path, &bytes)?;
    }
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environment": name, "changed": !same, "policy": document, "dry_run": dry_run }));
        return Ok(Exit::Yes);
    }
    cx.tell(match (same, dry_run) {
        (true, _) => {
            format!("environments/{name}/policy.json says this already; its signatures stay")
        }
        (false, true) => "this was a dry run; nothing was written".to_owned(),
        (false, false) => format!("written to environments/{name}/policy.json"),
    });
    cx.say("compare each key with what `taiwa runtime --print-key` says on its server");
    if dry_run {
        return Ok(Exit::Yes);
    }
    if document.protected && !same {
        cx.say(format!("next: everyone who must signs it: taiwa policy sign {name}"));
    } else if !same && left.is_some() {
        cx.say(format!("next: git add environments/{name} && git commit"));
        cx.say(format!("then: taiwa policy install {name}"));
    } else if !same {
        let file = format!("environments/{name}/policy.json");
        cx.say(format!("next: git add {file} && git commit {file}"));
        cx.say(format!(
            "then: start each server with it: taiwa runtime --data DIR --policy {file}"
        ));
    }
    Ok(Exit::Yes)
}

/// Whether the servers obey a policy already, so that a changed one has to follow it.
fn obeyed(cx: &Cx<'_>, environment: &written::Environment, envelope: &Envelope) -> bool {
    let digest = Policy::digest_of(&envelope.payload);
    let Ok(http) = http(cx) else { return false };
    let asked = environment.servers.iter().map(|server| {
        let remote = taiwa_deployer::Server::new(&http, server.name.clone(), &server.url, None);
        signals::block_on(async { remote.group("policy").await.map_err(|it| call(&it)) })
    });
    let mut states = asked.filter_map(Result::ok).filter_map(|it| it.state.open().ok());
    states.any(|it| matches!(it.payload, Payload::Receipt(receipt) if receipt.policy == digest))
}

/// The document that `environment.yaml` proposes.
pub(super) fn document(
    cx: &Cx<'_>,
    workspace: &Workspace,
    name: &EnvironmentName,
    it: &written::Environment,
) -> Result<PolicyDocument, Failure> {
    let stop = |refusals: &Refusals| {
        refused(&format!("environments/{name}/environment.yaml cannot become a policy"), refusals)
    };
    let mut proposal = Proposal::new(name.clone());
    proposal.protected = it.protected;
    proposal.anchor.clone_from(&it.anchor);
    proposal.origin = origin(cx, workspace, it)?;
    for server in &it.servers {
        let key = server_key(cx, name, server)?;
        proposal.servers.push(Server { id: server.name.clone(), url: server.url.clone(), key });
    }
    for person in &it.people {
        proposal.people.push(self::person(name, person)?);
    }
    for runner in &it.runners {
        let key =
            runner.key.as_deref().ok_or_else(|| missing(name, "runner", runner.id.as_str()))?;
        let key = parse(name, runner.id.as_str(), key)?;
        proposal.runners.push(Runner { id: runner.id.clone(), key, gates: runner.gates.clone() });
    }
    proposal.approvals = thresholds(&it.approvals);
    proposal.rollback = it.rollback.as_deref().map(thresholds);
    proposal.policy = it.policy.as_deref().map(thresholds);
    if let Some(gate) = &it.gates.scenarios {
        proposal.gates.insert("scenarios".to_owned(), gate.max_age.map(seconds));
    }
    proposal.load = it.gates.load.as_ref().map(limits::load);
    proposal.exposure = it.gates.soak.as_ref().and_then(limits::exposure);
    proposal.hold.clone_from(&it.hold);
    (proposal.freeze, proposal.windows) = calendar(workspace, it);
    proposal.separation = match it.separation {
        None | Some(written::Separation::Off) => Separation::Off,
        Some(written::Separation::On) => Separation::On,
        Some(written::Separation::Strict) => Separation::Strict,
    };
    let bot = |it: &written::Bot| Bot { email: it.email.to_lowercase(), people: it.people.clone() };
    proposal.bots = it.bots.iter().map(bot).collect();
    proposal.emergency = thresholds(&it.emergency);
    proposal.retired.clone_from(&it.retired);
    proposal.in_doubt = it.in_doubt.map(|it| match it {
        written::InDoubt::Drain => InDoubt::Drain,
        written::InDoubt::Serve => InDoubt::Serve,
    });
    proposal.beyond = beyond(it);
    let mut document = propose(&proposal, cx.now()).map_err(|it| stop(&it))?;
    let times = [
        (&mut document.max_age_s, it.max_age),
        (&mut document.lease_s, it.lease),
        (&mut document.deadline_s, it.deadline),
        (&mut document.skew_s, it.skew),
    ];
    for (field, written) in times {
        if let Some(written) = written {
            *field = seconds(written);
        }
    }
    let refusals = validate(&document);
    if refusals.is_empty() { Ok(document) } else { Err(stop(&refusals)) }
}

/// Freezes and windows, in the workspace's zone.
fn calendar(
    workspace: &Workspace,
    it: &written::Environment,
) -> (Vec<taiwa_plan::Freeze>, Vec<taiwa_plan::Window>) {
    let settings = workspace.project.components.workspace.as_ref();
    let zone = settings.map_or_else(|| "UTC".to_owned(), |it| it.time_zone.clone());
    let freeze = |it: &written::Freeze| taiwa_plan::Freeze {
        from: it.from,
        until: it.until,
        zone: zone.clone(),
        reason: it.reason.clone().unwrap_or_default(),
    };
    let window = |it: &written::Window| taiwa_plan::Window {
        days: it.days.clone(),
        from: it.from.clone(),
        until: it.until.clone(),
        zone: zone.clone(),
    };
    (it.freeze.iter().map(freeze).collect(), it.windows.iter().map(window).collect())
}

fn seconds(span: SpanOfTime) -> u64 {
    u64::try_from(span.as_seconds()).unwrap_or(0)
}

fn thresholds(needs: &[written::Need]) -> Vec<Threshold> {
    needs.iter().map(|it| Threshold { role: it.role.clone(), count: u64::from(it.count) }).collect()
}

/// What is asked for that no field of this version's policy can say: refused by name, never ignored.
fn beyond(it: &written::Environment) -> Vec<String> {
    let asked = [
        (it.gates.impact.is_some(), "gates.impact"),
        (it.gates.soak.is_some() && it.from.is_none(), "gates.soak without from"),
    ];
    asked.into_iter().filter(|it| it.0).map(|it| it.1.to_owned()).collect()
}

fn person(name: &EnvironmentName, it: &written::Person) -> Result<Person, Failure> {
    // Whoever signs nothing needs no key: an address is enough to know what they wrote.
    if it.key.is_empty() && (it.email.is_empty() || !it.roles.is_empty()) {
        return Err(missing(name, "person", it.id.as_str()));
    }
    let keys =
        it.key.iter().map(|key| parse(name, it.id.as_str(), key)).collect::<Result<_, _>>()?;
    let comment = |key: &String| {
        key.split_whitespace().nth(2).filter(|it| it.contains('@')).map(str::to_lowercase)
    };
    let emails = if it.email.is_empty() {
        it.key.iter().filter_map(comment).collect()
    } else {
        it.email.iter().map(|it| it.to_lowercase()).collect()
    };
    Ok(Person { id: it.id.clone(), keys, emails, roles: it.roles.clone() })
}

fn missing(name: &EnvironmentName, what: &str, id: &str) -> Failure {
    Failure::no("policy-invalid", format!("the {what} {id} of {name} has no key")).help(format!(
        "put the public key (ssh-ed25519 …) into environments/{name}/environment.yaml"
    ))
}

fn parse(name: &EnvironmentName, id: &str, key: &str) -> Result<PublicKey, Failure> {
    PublicKey::parse(key)
        .map_err(|it| Failure::no("policy-invalid", format!("the key of {id} in {name}: {it}")))
}

/// The key that is written, or the one that the server shows; the people who sign compare it.
fn server_key(
    cx: &Cx<'_>,
    name: &EnvironmentName,
    server: &written::Server,
) -> Result<PublicKey, Failure> {
    if let Some(key) = &server.key {
        return parse(name, server.name.as_str(), key);
    }
    let http = http(cx)?;
    let remote = taiwa_deployer::Server::new(&http, server.name.clone(), &server.url, None);
    let answer = signals::block_on(async { remote.group("key").await.map_err(|it| call(&it)) }).map_err(|it| {
        it.help(format!("write its key into environments/{name}/environment.yaml, from: taiwa runtime --print-key --data DIR"))
    })?;
    parse(name, server.name.as_str(), &answer.key)
}

/// The environment that releases come from, known by the key of its anchor.
fn origin(
    cx: &Cx<'_>,
    workspace: &Workspace,
    it: &written::Environment,
) -> Result<Option<Origin>, Failure> {
    let Some(from) = &it.from else { return Ok(None) };
    let origin = workspace.environment(from)?;
    let soak_s = it.gates.soak.as_ref().map_or(0, |it| seconds(it.lasts));
    if let Some((_, document)) = stored(&path(workspace, from))?
        && let Some(server) = document.server(&document.anchor)
    {
        return Ok(Some(Origin {
            environment: from.clone(),
            anchor_key: server.key.clone(),
            soak_s,
        }));
    }
    let anchor = origin.anchor().and_then(|id| origin.servers.iter().find(|it| it.name == *id));
    let anchor =
        anchor.ok_or_else(|| Failure::no("policy-invalid", format!("{from} has no servers")))?;
    Ok(Some(Origin {
        environment: from.clone(),
        anchor_key: server_key(cx, from, anchor)?,
        soak_s,
    }))
}
