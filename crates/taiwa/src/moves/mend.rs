//! Before anything else moves: is something left of an interrupted deployment? Decided from the servers alone.
#![expect(clippy::disallowed_methods, reason = "edge: waits for a lease to end")]

use std::time::Duration;

use taiwa_api::admin;
use taiwa_deployer::{Order, States, bring};
use taiwa_model::Digest;
use taiwa_plan::{Bundle, Envelope, Move, Payload, Plan, Recovery, recover};
use tokio::time::{Instant, sleep};

use super::carry::{Cargo, Quiet, carry_out};
use crate::{
    Cx, Failure,
    edge::{
        ledger::Book,
        servers::{self, Group, refused},
        signals,
    },
    render::Bars,
};

/// After how long it is said that servers are waited for.
const SLOW: Duration = Duration::from_secs(3);

/// What to do with a deployment that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mending {
    /// It may be somebody else's: give it the time of its lease.
    Wait,
    /// Carry it to its end.
    Resume,
    /// End it, if it has not committed.
    Abort,
}

/// How every command begins that moves something, or tells what stands against it: what was interrupted is finished, and
/// what people said meanwhile reaches every server.
pub(crate) fn begin(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &Book<'_>,
) -> Result<(States, bool), Failure> {
    let done = mend(cx, group, Mending::Wait)?;
    super::speak::pass_on(cx, group, book)?;
    Ok(done)
}

/// Mends what was interrupted; gives the state of the group afterwards, and whether there was anything to mend.
pub(crate) fn mend(
    cx: &mut Cx<'_>,
    group: &Group,
    mending: Mending,
) -> Result<(States, bool), Failure> {
    let mut mended = false;
    let bars = Bars::new(cx);
    // Each round settles one thing: a slot, then servers that are behind.
    for _ in 0..4 {
        let states = signals::block_on(async { Ok(looked(group, bars).await) })?;
        match recover(&group.policy, &states.group) {
            Recovery::Nothing => return Ok((states, mended)),
            Recovery::Stuck(refusals) => {
                return Err(refused(&format!("{} cannot be moved now", group.name), &refusals));
            }
            Recovery::BringForward { anchor: _, behind, release: _, generation } => {
                let names: Vec<&str> = behind.iter().map(taiwa_model::ServerId::as_str).collect();
                cx.say(format!(
                    "{} is behind generation {generation}; bringing it forward",
                    names.join(", ")
                ));
                forward(group)?;
            }
            Recovery::SlotOpen { anchor: _, plan, epoch } => {
                let short = plan.short();
                match mending {
                    Mending::Wait => waited(cx, group, &short)?,
                    Mending::Resume => {
                        cx.say(format!("going on with the deployment of plan {short}"));
                        resume(cx, group)?;
                    }
                    Mending::Abort => {
                        let ended = async {
                            group
                                .anchor()
                                .abort(&epoch.to_string())
                                .await
                                .map_err(|it| servers::call(&it))
                        };
                        signals::block_on(ended)?;
                        cx.say(format!(
                            "the deployment of plan {short} is ended; nothing was changed"
                        ));
                    }
                }
            }
        }
        mended = true;
    }
    Err(Failure::world(
        "conflict",
        format!("{} does not come to rest: others deploy at the same time", group.name),
    ))
}

/// Where every server is; that one takes long to say so is told.
async fn looked(group: &Group, bars: Bars) -> States {
    let states = group.states();
    tokio::pin!(states);
    tokio::select! {
        biased;
        states = &mut states => return states,
        () = sleep(SLOW) => {
            bars.note(&format!("waiting for every server of {} to say where it is", group.name));
        }
    }
    states.await
}

/// Gives another deployment the time of its lease.
fn waited(cx: &mut Cx<'_>, group: &Group, plan: &str) -> Result<(), Failure> {
    cx.say(format!(
        "another deployment of {} is under way (plan {plan}); waiting for its end",
        group.name
    ));
    let patience = Duration::from_secs(group.policy.document().lease_s + 2);
    signals::block_on(async {
        let deadline = Instant::now() + patience;
        loop {
            let states = group.states().await;
            if !matches!(recover(&group.policy, &states.group), Recovery::SlotOpen { .. }) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Failure::no(
                    "conflict",
                    "another deployment holds the group and does not end",
                )
                .help(format!("carry it to its end: taiwa deploy --to {} --resume", group.name))
                .help(format!("or end it: taiwa deploy --to {} --abort", group.name)));
            }
            sleep(Duration::from_millis(300)).await;
        }
    })
}

/// Brings the anchor's bundle, bytes and word to those that are behind.
fn forward(group: &Group) -> Result<(), Failure> {
    signals::block_on(async {
        let answer = group.anchor().group_bundle().await.map_err(|it| servers::call(&it))?;
        let proof = answer
            .active
            .ok_or_else(|| lost("the anchor does not say what made its release active"))?;
        let (bundle, plan) = bundle(&proof.bundle)?;
        let receipt =
            proof.receipt.ok_or_else(|| lost("the anchor gives no receipt of its commit"))?;
        let receipt: Envelope = convert(&receipt)?;
        let step = proof.step;
        let bytes = group.release(&end(&plan, step)?).await?;
        let order = Order {
            bundle: &bundle,
            plan: &plan,
            step,
            live: before(&receipt)?,
            policy: &group.policy,
            servers: &group.servers,
            bytes: &bytes,
        };
        // In the steps of a rollout the release before answers, too.
        if let Some(rest) = plan.rest(&plan.goal(step, order.live)) {
            let bytes = group.release(&rest).await?;
            for server in &group.servers {
                server.store(&rest, bytes.clone()).await.map_err(|it| servers::call(&it))?;
            }
        }
        bring(&order, &receipt, &group.earlier, &Quiet).await.map_err(|it| servers::call(&it))?;
        let (_, missing) = taiwa_deployer::verify(&order, &Quiet).await;
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = missing.iter().map(taiwa_model::ServerId::as_str).collect();
        Err(Failure::world(
            "partly-activated",
            format!("{} could not be brought forward", names.join(", ")),
        )
        .help(format!("when it answers again: taiwa deploy --to {} --resume", group.name)))
    })
}

/// Goes on with what holds the anchor's slot, exactly as it was begun.
fn resume(cx: &mut Cx<'_>, group: &Group) -> Result<(), Failure> {
    let (bundle, plan, step, live, bytes) = signals::block_on(async {
        let answer = group.anchor().group_bundle().await.map_err(|it| servers::call(&it))?;
        let Some(proof) = answer.slot else { return Ok(None) };
        let (bundle, plan) = bundle(&proof.bundle)?;
        let step = proof.step;
        let receipt = proof.receipt.ok_or_else(|| lost("the slot has no receipt"))?;
        let live = before(&convert(&receipt)?)?;
        let bytes = group.release(&end(&plan, step)?).await?;
        Ok(Some((bundle, plan, step, live, bytes)))
    })
    .and_then(|it| {
        it.ok_or_else(|| Failure::no("conflict", "the deployment ended meanwhile; try again"))
    })?;
    carry_out(cx, group, &Cargo { bundle, plan, step, live, bytes }).said.map(drop)
}

/// The generation before the move that a receipt speaks of.
fn before(receipt: &Envelope) -> Result<u64, Failure> {
    let statement = receipt.open().map_err(|it| lost(&it.to_string()))?;
    match statement.payload {
        Payload::Receipt(it) => Ok(it.generation.saturating_sub(1)),
        _ => Err(lost("a receipt is something else")),
    }
}

/// The release that a move ends at.
fn end(plan: &Plan, step: Move) -> Result<Digest, Failure> {
    plan.end(step).ok_or_else(|| lost("its move ends nowhere"))
}

pub(super) fn bundle(wire: &admin::Bundle) -> Result<(Bundle, Plan), Failure> {
    let bundle: Bundle = convert(wire)?;
    let (plan, _) = Plan::read(&bundle.plan).map_err(|it| lost(&it.to_string()))?;
    Ok((bundle, plan))
}

fn convert<T: serde::de::DeserializeOwned>(wire: &impl serde::Serialize) -> Result<T, Failure> {
    let value = serde_json::to_value(wire).map_err(|it| lost(&it.to_string()))?;
    serde_json::from_value(value).map_err(|it| lost(&it.to_string()))
}

fn lost(what: &str) -> Failure {
    Failure::world(
        "untrusted",
        format!("what an interrupted deployment left cannot be read: {what}"),
    )
}
