//! `taiwa status`

use std::collections::BTreeMap;

use taiwa_api::admin::Status;
use taiwa_deployer::CallError;
use taiwa_model::{Digest, EnvironmentName, ServerId};
use taiwa_plan::{Drift, Seen, drift};

use crate::{
    Cx, Exit, Failure,
    edge::{ledger::Book, marked::Head, servers::Group, signals},
    render::{lasting, safe, table},
};

/// Say what each server runs, since when, and whether they are in step
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One environment; without it all
    environment: Option<EnvironmentName>,
}

/// What is known of one server.
struct Row {
    server: ServerId,
    seen: Seen,
    status: Result<Status, CallError>,
}

pub(crate) fn run(cx: &mut Cx<'_>, args: &Args) -> Result<Exit, Failure> {
    let head = Head::read(cx)?;
    let names: Vec<EnvironmentName> = match &args.environment {
        Some(name) => vec![name.clone()],
        None => head.project.environments.keys().cloned().collect(),
    };
    let book = Book::open(cx, &head)?;
    let (mut json, mut worst, mut unknown, mut strangers) = (Vec::new(), Exit::Yes, None, 0);
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
        let rows = signals::block_on(async { Ok(look(&group).await) })?;
        let step = in_step(&group, &rows);
        strangers += rows.iter().filter(|it| other_policy(&group, it).is_some()).count();
        let reached = rows.iter().all(|it| matches!(it.seen, Seen::State(_)));
        worst = match (reached, &step) {
            (false, _) => Exit::World,
            (true, Drift::Drifted(_)) if worst == Exit::Yes => Exit::No,
            _ => worst,
        };
        if cx.json() {
            json.push(as_json(&group, &rows, &step));
        } else {
            tell(cx, &group, &rows, &step, &book);
        }
    }
    if cx.json() {
        cx.print_json(&serde_json::json!({ "version": 1, "environments": json }));
    }
    match worst {
        Exit::World => {
            Err(Failure::world("unreachable", "not every server answers, or is believed"))
        }
        Exit::No => Err(Failure::no("drift", "servers of one environment run different releases")),
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

async fn look(group: &Group) -> Vec<Row> {
    let mut states = group.states().await;
    let mut rows = Vec::new();
    for server in &group.servers {
        let seen = states.group.servers.remove(&server.id);
        let seen = seen.unwrap_or_else(|| Seen::Unreachable("was not asked".to_owned()));
        rows.push(Row { server: server.id.clone(), seen, status: server.status().await });
    }
    rows
}

fn in_step(group: &Group, rows: &[Row]) -> Drift {
    let servers: BTreeMap<_, _> =
        rows.iter().map(|it| (it.server.clone(), it.seen.clone())).collect();
    drift(&group.policy, &taiwa_plan::GroupState { servers })
}

fn tell(cx: &mut Cx<'_>, group: &Group, rows: &[Row], step: &Drift, book: &Book<'_>) {
    let word = match step {
        Drift::InStep { release: Some(release), generation } => {
            format!("in step at release {} (generation {generation})", release.short())
        }
        Drift::InStep { release: None, generation: _ } => "no release yet".to_owned(),
        Drift::Drifted(_) => "DRIFTED".to_owned(),
    };
    // What the servers obey counts, not what is committed here.
    let obeyed = rows.iter().find_map(|it| it.status.as_ref().ok()).map(|it| it.policy.protected);
    let protected = obeyed.unwrap_or(group.policy.document().protected);
    let protected = if protected { "protected" } else { "unprotected" };
    cx.tell(format!("{} ({protected}): {word}", group.name));
    let now = cx.now();
    let shown = rows.iter().map(|row| {
        let (release, generation) = match &row.seen {
            Seen::State(it) => (
                it.release.map_or_else(|| "none".to_owned(), |it| it.short()),
                it.generation.to_string(),
            ),
            Seen::Unreachable(why) => (format!("unreachable: {why}"), String::new()),
            Seen::Untrusted(why) => (format!("not believed: {why}"), String::new()),
        };
        let (since, ready) = match &row.status {
            Ok(it) => {
                let since = it.active.as_ref().and_then(|it| it.since);
                let since = since.map_or_else(String::new, |it| {
                    format!("{} ago", lasting(now.millis_since(it)))
                });
                let ready = if it.ready {
                    "ready".to_owned()
                } else {
                    format!("not ready: {}", it.reasons.join(", "))
                };
                (since, ready)
            }
            Err(_) => (String::new(), String::new()),
        };
        [format!("  {}", row.server), release, generation, since, ready]
    });
    cx.tell(table(
        ["  server", "release", "generation", "since", "state"],
        shown.collect::<Vec<_>>(),
    ));
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
    besides(cx, rows);
    waiting(cx, group, book);
    cx.tell("");
}

/// What a server has to say besides.
fn besides(cx: &mut Cx<'_>, rows: &[Row]) {
    for it in rows.iter().filter_map(|it| it.status.as_ref().ok()) {
        if let Some(slot) = &it.slot {
            cx.tell(format!(
                "  {}: plan {} holds the slot until {}",
                it.server,
                slot.plan.short(),
                slot.until
            ));
        }
        for hold in &it.holds {
            cx.tell(format!(
                "  {}: {} stopped changes until {} ({}): {}",
                it.server,
                hold.by,
                hold.until,
                hold.id,
                safe(&hold.why)
            ));
        }
        for event in &it.undeclared {
            cx.tell(format!(
                "  {}: {} was posted {} times, but nobody declared it",
                it.server, event.event, event.count
            ));
        }
    }
}

/// What waits for whom.
fn waiting(cx: &mut Cx<'_>, group: &Group, book: &Book<'_>) {
    if !group.policy.document().protected {
        return;
    }
    let Some((plan, digest)) = book.story.open_plan(&group.policy) else { return };
    let count = book.story.count(plan, &group.policy, cx.now());
    let open = count.roles.iter().filter(|it| it.have < it.want);
    let missing: Vec<String> =
        open.map(|it| format!("{} × {}", it.want - it.have, it.role)).collect();
    let what = if missing.is_empty() {
        "approved".to_owned()
    } else {
        format!("waits for {}", missing.join(", "))
    };
    cx.tell(format!("  open plan {} to release {}: {what}", digest.short(), plan.to.short()));
}

fn as_json(group: &Group, rows: &[Row], step: &Drift) -> serde_json::Value {
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
            serde_json::json!({ "signed": seen, "status": status })
        })
        .collect();
    let in_step = matches!(step, Drift::InStep { .. });
    let obeyed = rows.iter().all(|it| other_policy(group, it).is_none());
    serde_json::json!({ "environment": group.name, "in_step": in_step, "policy_obeyed": obeyed, "servers": servers })
}
