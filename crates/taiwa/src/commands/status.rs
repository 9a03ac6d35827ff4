//! `taiwa status`

use std::{collections::BTreeMap, time::Duration};

use taiwa_api::admin::Status;
use taiwa_deployer::{CallError, Server, states};
use taiwa_model::{Digest, EnvironmentName, ServerId, Timestamp};
use taiwa_plan::{Drift, Payload, Phase, Seen, drift};
use tokio::{task::JoinSet, time::timeout};

use super::{
    status_probe,
    status_words::{apart, besides, cells, headline, waiting},
};
use crate::{
    Cx, Exit, Failure,
    edge::{
        ledger::Book,
        marked::Head,
        servers::{Group, call},
        signals,
    },
    moves, notify,
    render::table,
};

/// Say what each server runs, since when, and whether they are in step
///
/// Each server is asked for a word that it signs now; one that is silent for 3 seconds is shown with what it last said,
/// which is stale after a minute. --heal brings along servers that are behind, gives back bytes that are missing and
/// passes on what people said; it finishes what was decided, and decides nothing: no rollback, hold or rejection is undone.
/// --probe asks every server made-up questions, in a sandbox, and compares what it decides with what its release decides.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One environment; without it all
    pub(super) environment: Option<EnvironmentName>,
    /// Mend drift first, and say what was done
    #[arg(long)]
    pub(super) heal: bool,
    /// Ask each server for decisions, too, and compare them with what its release decides
    #[arg(long, conflicts_with = "watch")]
    probe: bool,
    /// Ask again and again, until Ctrl-C
    #[arg(long, conflicts_with = "heal")]
    watch: bool,
}

/// How long a server may think.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// From when on what a server said is stale, in milliseconds.
pub(super) const STALE_MS: i64 = 60_000;
/// How long --watch waits before it asks again.
const PAUSE: Duration = Duration::from_secs(2);

/// What a server said last: its release, its generation, and when.
pub(super) type Word = (Option<Digest>, u64, Timestamp);
/// What is known of servers that are silent now.
pub(super) type Memory = BTreeMap<(EnvironmentName, ServerId), Word>;

/// What is known of one server.
pub(super) struct Row {
    pub(super) server: ServerId,
    pub(super) seen: Seen,
    pub(super) status: Result<Status, CallError>,
    /// What it said last, now or before.
    pub(super) last: Option<Word>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let mut memory = Memory::new();
    if !args.watch {
        return once(cx, args, &mut memory);
    }
    if cx.json() {
        return Err(Failure::usage("--watch is for a person; it writes no other format")
            .help("for a program, run it again: taiwa status --format json"));
    }
    signals::listen();
    loop {
        match once(cx, args, &mut memory) {
            Ok(_) => {}
            Err(failure) if matches!(failure.exit, Exit::No | Exit::World) => {
                cx.report("status", &failure);
            }
            Err(failure) => return Err(failure),
        }
        cx.finish();
        cx.announce("watching; Ctrl-C ends it");
        pause()?;
        cx.clear();
    }
}

#[expect(clippy::disallowed_methods, reason = "edge: a person watches")]
fn pause() -> Result<(), Failure> {
    signals::block_on(async {
        tokio::time::sleep(PAUSE).await;
        Ok(())
    })
}

fn once(cx: &mut Cx<'_>, args: &Args, memory: &mut Memory) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let names: Vec<EnvironmentName> = match &args.environment {
        Some(name) => vec![name.clone()],
        None => head.project.environments.keys().cloned().collect(),
    };
    let book = Book::even_so(cx, &head)?;
    let (mut json, mut worst, mut unknown, mut strangers) = (Vec::new(), Exit::Yes, None, 0);
    let (mut otherwise, mut shut) = (false, None);
    for name in &names {
        let group = match Group::of(cx, &head, name) {
            Ok(group) => group,
            Err(failure) if args.environment.is_none() => {
                cx.tell(format!("{name}: {failure}"));
                json.push(serde_json::json!({ "environment": name, "reason": failure.reason }));
                unknown = unknown.or(Some(failure));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let healed =
            if args.heal { super::status_heal::heal(cx, &group, &book)? } else { Vec::new() };
        notify::catch_up(cx, &group);
        let rows = signals::block_on(async { Ok(look(&group).await) })?;
        let rows = dated(cx, &group, &book, rows, memory);
        let step = in_step(&group, &rows);
        shut = shut.or_else(|| refusal(&group, &rows));
        strangers += rows.iter().filter(|it| other_policy(&group, it).is_some()).count();
        let reached = rows.iter().all(|it| matches!(it.seen, Seen::State(_)));
        worst = match (reached, &step) {
            (false, _) => Exit::World,
            (true, Drift::Drifted(_)) if worst == Exit::Yes => Exit::No,
            _ => worst,
        };
        let answers = args.probe.then(|| status_probe::ask(cx, &group, &rows)).transpose()?;
        otherwise |= answers.as_ref().is_some_and(status_probe::Answers::differ);
        if answers.as_ref().is_some_and(status_probe::Answers::silent) {
            worst = Exit::World;
        }
        if cx.json() {
            let mut told = as_json(&group, &rows, &step, cx.now());
            if args.heal {
                told["healed"] = serde_json::json!(healed);
            }
            if let Some(answers) = &answers {
                told["probed"] = answers.as_json();
            }
            json.push(told);
        } else {
            tell(cx, &group, &rows, &step, &book);
            if let Some(answers) = &answers {
                answers.tell(cx);
            }
        }
    }
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environments": json }));
    }
    if otherwise {
        let what = "a server decides otherwise than the release that it says it runs";
        return Err(Failure::no("decides-otherwise", what)
            .help("it is not to be believed: take it out, and find out who changed it"));
    }
    ended(args, (worst, shut), strangers, unknown)
}

/// What a server says that does not let itself be asked: a wrong token, or too much to do.
fn refusal(group: &Group, rows: &[Row]) -> Option<Failure> {
    let refused = |it: &Row| match &it.status {
        Err(error @ CallError::Refused { .. }) => Some(call(error)),
        _ => None,
    };
    let failure = rows.iter().find_map(refused)?;
    let file = format!("environments/{}/environment.yaml", group.name);
    Some(match failure.reason {
        "unauthorized" => failure.help(format!("its token is what {file} says: token: ${{NAME}}")),
        _ => failure,
    })
}

/// What the worst of it comes to.
fn ended(
    args: &Args,
    (worst, shut): (Exit, Option<Failure>),
    strangers: usize,
    unknown: Option<Failure>,
) -> Result<Exit, Failure> {
    match worst {
        Exit::World => {
            Err(Failure::world("unreachable", "not every server answers, or is believed"))
        }
        Exit::No => {
            let failure = Failure::no("drift", "servers of one environment run different releases");
            Err(if args.heal { failure } else { failure.help("mend it: taiwa status --heal") })
        }
        _ if shut.is_some() => shut.map_or(Ok(Exit::Yes), Err),
        _ if strangers > 0 => {
            let what = "a server obeys another policy than the one that is committed here";
            Err(Failure::no("wrong-policy", what))
        }
        _ => unknown.map_or(Ok(Exit::Yes), Err),
    }
}

/// The policy that a server obeys, if it is not the committed one.
fn other_policy(group: &Group, row: &Row) -> Option<Digest> {
    match &row.seen {
        Seen::State(it) if it.policy != *group.policy.digest() => Some(it.policy),
        _ => None,
    }
}

/// Asks every server at once; each has so long to answer, whatever the others do.
pub(super) async fn look(group: &Group) -> Vec<Row> {
    let mut asked = JoinSet::new();
    for server in &group.servers {
        let (server, policy) = (server.clone(), group.policy.clone());
        asked.spawn(async move {
            let alone = std::slice::from_ref(&server);
            let both = async { tokio::join!(states(&policy, alone), server.status()) };
            let (seen, status) = match timeout(PATIENCE, both).await {
                Ok((mut said, status)) => (said.group.servers.remove(&server.id), status),
                Err(_) => (None, Err(silent(&server))),
            };
            let late = || Seen::Unreachable(format!("no answer in {} s", PATIENCE.as_secs()));
            let seen = seen.unwrap_or_else(late);
            Row { server: server.id, seen, status, last: None }
        });
    }
    let mut rows = asked.join_all().await;
    let place = |row: &Row| group.servers.iter().position(|it| it.id == row.server);
    rows.sort_by_key(place);
    rows
}

fn silent(server: &Server) -> CallError {
    let what = "no answer in time".to_owned();
    CallError::Unreachable { server: server.id.clone(), url: server.url.clone(), what }
}

/// What each server said last: now, before in this command, or by the ledger.
fn dated(
    cx: &Cx<'_>,
    group: &Group,
    book: &Book<'_>,
    mut rows: Vec<Row>,
    memory: &mut Memory,
) -> Vec<Row> {
    let now = cx.now();
    for row in &mut rows {
        let key = (group.name.clone(), row.server.clone());
        if let Seen::State(it) = &row.seen {
            memory.insert(key.clone(), (it.release, it.generation, now));
        } else if !memory.contains_key(&key)
            && let Some(word) = filed(group, book, &row.server)
        {
            memory.insert(key.clone(), word);
        }
        row.last = memory.get(&key).copied();
    }
    rows
}

/// The latest state of a server that the ledger knows, signed by its key.
fn filed(group: &Group, book: &Book<'_>, server: &ServerId) -> Option<Word> {
    let key = &group.policy.document().server(server)?.key;
    let states = book.story.statements().filter_map(|(_, statement)| match &statement.payload {
        Payload::Receipt(it) if it.server == *server && it.environment == group.name => {
            let known = matches!(it.phase, Phase::State | Phase::Committed);
            (known && statement.signed_by(key)).then_some((it.release, it.generation, it.issued))
        }
        _ => None,
    });
    states.max_by_key(|it| (it.1, it.2))
}

fn in_step(group: &Group, rows: &[Row]) -> Drift {
    let servers: BTreeMap<_, _> =
        rows.iter().map(|it| (it.server.clone(), it.seen.clone())).collect();
    drift(&group.policy, &taiwa_plan::GroupState { servers })
}

fn tell(cx: &mut Cx<'_>, group: &Group, rows: &[Row], step: &Drift, book: &Book<'_>) {
    cx.tell(headline(group, rows, step));
    let now = cx.now();
    cx.tell(table(
        ["  server", "release", "generation", "as of", "since", "state"],
        rows.iter().map(|it| cells(it, now)).collect::<Vec<_>>(),
    ));
    for row in rows {
        apart(cx, row, now);
    }
    rollout(cx, group, rows);
    for row in rows {
        if let Some(other) = other_policy(group, row) {
            cx.tell(format!(
                "  {}: obeys the policy {}, not environments/{}/policy.json as it is committed",
                row.server,
                other.short(),
                group.name
            ));
        }
    }
    for it in rows.iter().filter_map(|it| it.status.as_ref().ok()) {
        besides(cx, it);
    }
    waiting(cx, group, book, rows);
    cx.tell("");
}

/// Where a rollout stands, if one is under way.
fn rollout(cx: &mut Cx<'_>, group: &Group, rows: &[Row]) {
    let stepwise = |it: &Row| {
        let status = it.status.as_ref().ok();
        status.and_then(|it| it.active.as_ref()).is_some_and(|it| it.rollout.is_some())
    };
    if !rows.iter().any(stepwise) {
        return;
    }
    let found = signals::block_on(async { Ok(moves::guarded(group).await) });
    if let Ok(Some((rollout, judgement))) = found {
        cx.tell(format!("  rollout: {}", rollout.status(group, &judgement)));
    }
}

fn as_json(group: &Group, rows: &[Row], step: &Drift, now: Timestamp) -> serde_json::Value {
    let servers: Vec<_> = rows
        .iter()
        .map(|row| {
            let seen = match &row.seen {
                Seen::State(it) => serde_json::json!({
                    "server": row.server, "reached": true, "release": it.release, "generation": it.generation,
                }),
                Seen::Unreachable(why) | Seen::Untrusted(why) => {
                    serde_json::json!({ "server": row.server, "reached": false, "why": why })
                }
            };
            let status = row.status.as_ref().ok().map(serde_json::to_value).and_then(Result::ok);
            let last = row.last.map(|(release, generation, at)| {
                let stale = now.millis_since(at) > STALE_MS;
                serde_json::json!({ "release": release, "generation": generation, "as_of": at, "stale": stale })
            });
            let mut told = serde_json::json!({ "signed": seen, "last": last, "status": status });
            if let Err(CallError::Refused { problem, .. }) = &row.status {
                told["refused"] = serde_json::json!(problem.code);
            }
            told
        })
        .collect();
    let in_step = matches!(step, Drift::InStep { .. });
    let obeyed = rows.iter().all(|it| other_policy(group, it).is_none());
    serde_json::json!({ "environment": group.name, "in_step": in_step, "policy_obeyed": obeyed, "servers": servers })
}
