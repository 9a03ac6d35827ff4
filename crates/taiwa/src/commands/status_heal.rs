//! `taiwa status --heal`: finishes what was decided, on servers that missed it.
//!
//! **Invariants.** It moves no group: what is brought along is what the anchor has committed, so whatever people decided
//! (a rollback, a hold, a rejection) stays decided. Repeating it does nothing more. What it cannot mend it says, and the
//! status that follows shows it.

use std::collections::BTreeSet;

use taiwa_model::{Digest, ServerId};
use taiwa_plan::{Move, Plan, Seen};

use super::status::{Row, look};
use crate::{
    Cx, Failure,
    edge::{
        ledger::Book,
        servers::{Group, call},
        signals,
    },
    moves::{self, Mending},
};

/// Mends what can be mended; gives what was done, a line each.
pub(super) fn heal(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
) -> Result<Vec<String>, Failure> {
    let before = signals::block_on(async { Ok(look(group).await) })?;
    // Who is silent is asked once, and named; what comes after is about those that answer, so that it stays quick.
    let silent = before.iter().filter(|it| !matches!(it.seen, Seen::State(_)));
    let silent: BTreeSet<&ServerId> = silent.map(|it| &it.server).collect();
    for server in &silent {
        cx.say(format!("{server} does not answer, or not as itself; it cannot be healed now"));
    }
    if silent.contains(&group.anchor().id) {
        let (name, anchor) = (&group.name, &group.anchor().id);
        cx.say(format!(
            "{name}: what is right says the anchor {anchor}: nothing is healed before it answers"
        ));
        return Ok(Vec::new());
    }
    let answering = group.without(|it| silent.contains(it));
    let group = &answering;
    let mut done = Vec::new();
    match moves::mend(cx, group, Mending::Wait) {
        Ok(_) => {}
        Err(failure) if failure.reason == "interrupted" => return Err(failure),
        // A server that is gone keeps nobody from mending the others.
        Err(failure) => cx.say(format!("{}: {failure}", group.name)),
    }
    let after = signals::block_on(async { Ok(look(group).await) })?;
    let old = |it: &ServerId| before.iter().find(|old| old.server == *it);
    for (old, new) in after.iter().filter_map(|new| Some((old(&new.server)?, new))) {
        if let (Seen::State(old), Seen::State(now)) = (&old.seen, &new.seen)
            && old.generation < now.generation
        {
            let release = now.release.map_or_else(|| "nothing".to_owned(), |it| it.short());
            done.push(format!(
                "{}: brought from generation {} to {}, release {release}",
                new.server, old.generation, now.generation
            ));
        }
    }
    let wanted = signals::block_on(async { Ok(kept(group).await) })?;
    for row in &after {
        done.extend(restored(cx, group, row, &wanted)?);
    }
    for line in &done {
        cx.tell(format!("healed: {line}"));
    }
    done.extend(moves::pass_on(cx, group, book)?);
    if done.is_empty() {
        cx.tell(format!("{}: nothing to heal", group.name));
    }
    Ok(done)
}

/// The releases that every server has to have: what is live, and where the way back leads.
async fn kept(group: &Group) -> BTreeSet<Digest> {
    let Ok(answer) = group.anchor().group_bundle().await else { return BTreeSet::new() };
    let Some(proof) = answer.active else { return BTreeSet::new() };
    let Ok(bundle) =
        serde_json::to_value(&proof.bundle).and_then(serde_json::from_value::<taiwa_plan::Bundle>)
    else {
        return BTreeSet::new();
    };
    let Ok((plan, _)) = Plan::read(&bundle.plan) else { return BTreeSet::new() };
    let back = plan.from.filter(|_| proof.step != Move::Back);
    plan.goal(proof.step, plan.target).to.into_iter().chain(back).collect()
}

/// Gives a server back the bytes that it lost; what it serves follows by itself.
fn restored(
    cx: &mut Cx<'_>,
    group: &Group,
    row: &Row,
    wanted: &BTreeSet<Digest>,
) -> Result<Vec<String>, Failure> {
    let Ok(status) = &row.status else { return Ok(Vec::new()) };
    let active = status.active.as_ref().map(|it| it.release);
    let damaged = active.filter(|_| status.serving.is_some() || !status.ready);
    let missing = wanted.iter().filter(|it| !status.stored.contains(it)).copied();
    let missing: BTreeSet<Digest> =
        missing.chain(damaged.filter(|it| wanted.contains(it))).collect();
    let mut done = Vec::new();
    for digest in missing {
        let Some(server) = group.servers.iter().find(|it| it.id == row.server) else { continue };
        let sent = signals::block_on(async {
            let bytes = group.release(&digest).await?;
            server.store(&digest, bytes).await.map_err(|it| call(&it))
        });
        match sent {
            Ok(it) if it.known => {}
            Ok(_) => done.push(format!("{}: release {} stored anew", row.server, digest.short())),
            Err(failure) if failure.reason == "interrupted" => return Err(failure),
            Err(failure) => cx.say(format!("{}: {failure}", row.server)),
        }
    }
    Ok(done)
}
