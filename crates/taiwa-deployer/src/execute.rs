//! One deployment: store everywhere, prepare everywhere, commit at the anchor, bring the others along, verify.
//! Long because each phase of one deployment is a function here, in the order in which they happen.
//!
//! Until the anchor's commit nothing has changed anywhere, and a failure ends the attempt there; after it the
//! release is the group's, and a server that could not be reached follows with the next command. It may be dropped at
//! any point, as a kill would: what is true then is on the servers' disks.

use std::{collections::BTreeMap, time::Duration};

use taiwa_model::{Digest, ServerId};
use taiwa_plan::{Bundle, Envelope, Epoch, Goal, Move, Payload, Plan, Policy, Seen};
use tokio::{
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use taiwa_client::{CallError, Server, States};

/// How many releases are sent at a time.
const TRANSFERS: usize = 8;
/// How long it waits between two tries after the commit, before chance; grows by half.
const RETRY: Duration = Duration::from_millis(150);
/// How long a server may have as much to do as it takes: while the release is sent to it.
const BUSY_STORING: Duration = Duration::from_secs(30);
/// The same while it is asked to prepare, when others wait and the anchor's lease runs.
const BUSY_PREPARING: Duration = Duration::from_secs(3);

/// What is executed: a plan with its proof, on these servers.
#[derive(Debug)]
pub struct Order<'a> {
    /// The plan with what proves it.
    pub bundle: &'a Bundle,
    /// The same plan, read.
    pub plan: &'a Plan,
    /// Which of its moves.
    pub step: Move,
    /// The group's generation before the move.
    pub live: u64,
    /// The policy whose keys the answers must be signed with.
    pub policy: &'a Policy,
    /// Every member of the group.
    pub servers: &'a [Server],
    /// The bytes of the release; empty where every server has them.
    pub bytes: &'a [u8],
}

impl<'a> Order<'a> {
    /// The servers that the plan does not leave out.
    fn present(&self) -> impl Iterator<Item = &'a Server> + use<'a> {
        let absent = &self.plan.choices.absent;
        self.servers.iter().filter(move |it| !absent.iter().any(|out| out.server == it.id))
    }

    /// Where the move ends.
    fn goal(&self) -> Goal {
        self.plan.goal(self.step, self.live)
    }
}

/// How far it is. Whoever watches draws a progress bar, or stops the work to see what a kill would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// This server has as much to do as it takes; it is asked again for a while.
    Busy(ServerId),
    /// The release is stored on this server.
    Stored(ServerId),
    /// This server has prepared.
    Prepared(ServerId),
    /// The anchor is about to be told to commit.
    Committing,
    /// The anchor has committed: the release is the group's.
    Committed,
    /// This server has followed.
    Activated(ServerId),
    /// This server's fresh signed state says so.
    Verified(ServerId),
}

/// Who watches.
pub trait Watch: Sync {
    /// A stage was reached.
    fn saw(&self, stage: &Stage);
}

/// The release runs on every server.
#[derive(Debug)]
pub struct Deployed {
    /// The generation of the group now.
    pub generation: u64,
    /// The anchor's `committed` receipt.
    pub committed: Envelope,
    /// Every server's fresh signed state.
    pub states: BTreeMap<ServerId, Envelope>,
    /// From the commit to the last server's switch: how long servers differed, as seen from here, in milliseconds.
    pub mixed_window_ms: u64,
    /// From the beginning to the last verified state, in milliseconds.
    pub total_ms: u64,
}

/// Why a deployment did not end with every server at the new release.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A server said no, or could not be reached, before the commit; the attempt is over, by the anchor's word.
    #[error("nothing was changed on any server: {cause}")]
    NothingChanged {
        /// What stood against it.
        cause: CallError,
    },
    /// The anchor could not be asked what became of the attempt; it ends by itself when the lease does, or it has
    /// committed.
    #[error("it is not known whether the release was activated: {cause}")]
    OutcomeUnknown {
        /// What happened last.
        cause: CallError,
    },
    /// The release is the group's, but some servers have not followed yet.
    #[error("the release is activated, but not yet on {}", names(.behind))]
    PartlyActivated {
        /// Who has not followed.
        behind: Vec<ServerId>,
        /// The anchor's `committed` receipt.
        committed: Box<Envelope>,
    },
    /// The plan names an anchor or a server that was not given.
    #[error("{server} is in the plan, but has no address here")]
    NoAddress {
        /// The server.
        server: ServerId,
    },
}

fn names(ids: &[ServerId]) -> String {
    ids.iter().map(ServerId::as_str).collect::<Vec<_>>().join(", ")
}

/// Carries a plan out.
///
/// # Errors
/// [`ExecuteError`] says what is true on the servers.
pub async fn execute(order: &Order<'_>, watch: &dyn Watch) -> Result<Deployed, ExecuteError> {
    let begun = Instant::now();
    let (anchor, others) = members(order)?;
    store(order, watch).await.map_err(|cause| ExecuteError::NothingChanged { cause })?;
    let (say, mut busy) = unbounded_channel();
    let asked = patiently((&anchor.id, BUSY_PREPARING), &say, || {
        anchor.prepare(order.bundle, order.step, &[])
    });
    let asked = asked.await;
    while let Ok(id) = busy.try_recv() {
        watch.saw(&Stage::Busy(id));
    }
    let first = match asked {
        Ok(receipt) => receipt,
        // A refusal took no slot. Without an answer there may be one: it ends with its lease.
        Err(cause) if cause.is_answer() => return Err(ExecuteError::NothingChanged { cause }),
        Err(cause) => return Err(after_silence(order, anchor, cause).await),
    };
    watch.saw(&Stage::Prepared(anchor.id.clone()));
    let receipts = match prepare(order, &others, &first, watch).await {
        Ok(receipts) => receipts,
        Err(cause) => return Err(ended(anchor, &first, cause).await),
    };
    watch.saw(&Stage::Committing);
    let committed = commit(order, anchor, &first, &receipts).await?;
    let switched = Instant::now();
    watch.saw(&Stage::Committed);
    follow(order, &others, &committed, watch).await;
    let mixed_window_ms = millis(switched.elapsed());
    let (states, missing) = verify(order, watch).await;
    // Who did not answer may have followed by itself: what it signs now decides, not what it said to the courier.
    if !missing.is_empty() {
        let (behind, committed) = (missing, Box::new(committed));
        return Err(ExecuteError::PartlyActivated { behind, committed });
    }
    let total_ms = millis(begun.elapsed());
    Ok(Deployed {
        generation: order.goal().target,
        committed,
        states: states.envelopes,
        mixed_window_ms,
        total_ms,
    })
}

fn millis(it: Duration) -> u64 {
    u64::try_from(it.as_millis()).unwrap_or(u64::MAX)
}

fn members<'a>(order: &Order<'a>) -> Result<(&'a Server, Vec<&'a Server>), ExecuteError> {
    let absent = |id: &ServerId| order.plan.choices.absent.iter().any(|it| it.server == *id);
    for id in order.plan.servers.iter().filter(|it| !absent(it)) {
        if !order.servers.iter().any(|it| it.id == *id) {
            return Err(ExecuteError::NoAddress { server: id.clone() });
        }
    }
    let anchor = order.servers.iter().find(|it| it.id == order.plan.anchor);
    let anchor =
        anchor.ok_or_else(|| ExecuteError::NoAddress { server: order.plan.anchor.clone() })?;
    let others =
        order.present().filter(|it| it.id != anchor.id && order.plan.servers.contains(&it.id));
    Ok((anchor, others.collect()))
}

/// Slow work happens here, without a slot: sending, verifying, compiling, writing.
async fn store(order: &Order<'_>, watch: &dyn Watch) -> Result<(), CallError> {
    let Some(digest) = order.goal().to.filter(|_| !order.bytes.is_empty()) else { return Ok(()) };
    let room = std::sync::Arc::new(Semaphore::new(TRANSFERS));
    let mut sent = JoinSet::new();
    let (say, busy) = unbounded_channel();
    for server in order.present() {
        let (server, bytes, room) = (server.clone(), order.bytes.to_vec(), room.clone());
        let say = say.clone();
        sent.spawn(async move {
            let store = || async {
                let permit = room.acquire().await;
                let stored = server.store(&digest, bytes.clone()).await;
                drop(permit);
                stored
            };
            let stored = patiently((&server.id, BUSY_STORING), &say, store).await;
            stored.map(|_| server.id.clone())
        });
    }
    drop(say);
    joined(sent, (watch, busy), |id| Stage::Stored(id.clone())).await.map(drop)
}

async fn prepare(
    order: &Order<'_>,
    others: &[&Server],
    first: &Envelope,
    watch: &dyn Watch,
) -> Result<Vec<Envelope>, CallError> {
    let mut asked = JoinSet::new();
    let (say, busy) = unbounded_channel();
    for server in others {
        let (server, bundle, first) = ((*server).clone(), order.bundle.clone(), first.clone());
        let (step, say) = (order.step, say.clone());
        asked.spawn(async move {
            let ask = || server.prepare(&bundle, step, std::slice::from_ref(&first));
            let receipt = patiently((&server.id, BUSY_PREPARING), &say, ask).await?;
            Ok((server.id.clone(), receipt))
        });
    }
    drop(say);
    let answers = joined(asked, (watch, busy), |(id, _)| Stage::Prepared(id.clone())).await?;
    Ok(answers.into_iter().map(|it| it.1).collect())
}

/// Asks a server again that has as much to do as it takes, for so long at most. That answer changes nothing there, so
/// asking again is the first time.
#[expect(clippy::disallowed_methods, reason = "edge: waits between tries")]
async fn patiently<T, F: Future<Output = Result<T, CallError>>>(
    (id, limit): (&ServerId, Duration),
    say: &UnboundedSender<ServerId>,
    mut ask: impl FnMut() -> F,
) -> Result<T, CallError> {
    let deadline = Instant::now() + limit;
    let mut pause = RETRY;
    loop {
        match ask().await {
            Err(error) if error.is_busy() && Instant::now() + pause < deadline => {
                say.send(id.clone()).ok();
                sleep(jittered(pause)).await;
            }
            other => return other,
        }
        pause = (pause + pause / 2).min(Duration::from_secs(2));
    }
}

/// All answers, or the first failure once all have answered; each answer is a stage, and so is a server that is busy.
async fn joined<T: 'static>(
    mut set: JoinSet<Result<T, CallError>>,
    (watch, mut busy): (&dyn Watch, UnboundedReceiver<ServerId>),
    each: impl Fn(&T) -> Stage,
) -> Result<Vec<T>, CallError> {
    let (mut all, mut failed) = (Vec::new(), None);
    loop {
        let answer = tokio::select! {
            biased;
            Some(id) = busy.recv() => {
                watch.saw(&Stage::Busy(id));
                continue;
            }
            answer = set.join_next() => answer,
        };
        let Some(answer) = answer else { break };
        match answer {
            Ok(Ok(it)) => {
                watch.saw(&each(&it));
                all.push(it);
            }
            Ok(Err(error)) => failed = failed.or(Some(error)),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    failed.map_or(Ok(all), Err)
}

/// Ends the attempt at the anchor, so that it can never commit.
async fn ended(anchor: &Server, prepared: &Envelope, cause: CallError) -> ExecuteError {
    let over = match epoch(prepared) {
        Some(epoch) => anchor.abort(&epoch.to_string()).await.is_ok(),
        None => false,
    };
    if over {
        ExecuteError::NothingChanged { cause }
    } else {
        ExecuteError::OutcomeUnknown { cause }
    }
}

fn epoch(receipt: &Envelope) -> Option<Epoch> {
    match receipt.open().ok()?.payload {
        Payload::Receipt(it) => Some(it.epoch),
        _ => None,
    }
}

/// The anchor gave no answer to the first call: only its state can say whether a slot is there.
async fn after_silence(order: &Order<'_>, anchor: &Server, cause: CallError) -> ExecuteError {
    match taiwa_client::state(order.policy, anchor).await.0 {
        Seen::State(state) if state.plan.is_none() => ExecuteError::NothingChanged { cause },
        Seen::State(state) if anchor.abort(&state.epoch.to_string()).await.is_ok() => {
            ExecuteError::NothingChanged { cause }
        }
        _ => ExecuteError::OutcomeUnknown { cause },
    }
}

/// The commit point. Silence is asked again until the deadline: repeating it gives the same receipt.
#[expect(clippy::disallowed_methods, reason = "edge: waits between tries")]
async fn commit(
    order: &Order<'_>,
    anchor: &Server,
    prepared: &Envelope,
    receipts: &[Envelope],
) -> Result<Envelope, ExecuteError> {
    let deadline = Instant::now() + patience(order.policy);
    let mut pause = RETRY;
    loop {
        match anchor.activate(order.bundle, order.step, receipts).await {
            Ok(receipt) => return Ok(receipt),
            Err(cause) => {
                let late = Instant::now() + pause > deadline;
                if cause.is_answer() && (late || !cause.is_busy()) {
                    return Err(ended(anchor, prepared, cause).await);
                }
                if late {
                    return Err(ExecuteError::OutcomeUnknown { cause });
                }
                sleep(jittered(pause)).await;
            }
        }
        pause += pause / 2;
    }
}

/// Half to one and a half of a pause, by chance: whoever waits for the same does not come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let random = crate::challenge().ok().and_then(|it| u32::from_str_radix(it.get(..4)?, 16).ok());
    pause / 2 + pause * random.unwrap_or(0x8000) / 0x1_0000
}

fn patience(policy: &Policy) -> Duration {
    Duration::from_secs(policy.document().deadline_s.clamp(1, 300))
}

/// Brings the anchor's word to the others; gives those that could not be brought along in time.
async fn follow(
    order: &Order<'_>,
    others: &[&Server],
    committed: &Envelope,
    watch: &dyn Watch,
) -> Vec<ServerId> {
    let mut told = JoinSet::new();
    for server in others {
        let (server, bundle, committed) =
            ((*server).clone(), (order.bundle.clone(), order.step), committed.clone());
        let (id, limit) = (server.id.clone(), patience(order.policy));
        told.spawn(async move {
            let done = timeout(limit, persist(&server, &bundle, &committed)).await;
            (id, matches!(done, Ok(true)))
        });
    }
    let mut behind = Vec::new();
    while let Some(Ok((id, done))) = told.join_next().await {
        if done {
            watch.saw(&Stage::Activated(id));
        } else {
            behind.push(id);
        }
    }
    behind.sort();
    behind
}

/// Until the server has followed, or has said that it will not.
#[expect(clippy::disallowed_methods, reason = "edge: waits between tries")]
async fn persist(server: &Server, (bundle, step): &(Bundle, Move), committed: &Envelope) -> bool {
    let mut pause = RETRY;
    loop {
        match server.activate(bundle, *step, std::slice::from_ref(committed)).await {
            Ok(_) => return true,
            Err(error) if error.is_answer() && !error.is_busy() => return false,
            Err(_) => sleep(jittered(pause)).await,
        }
        pause = (pause + pause / 2).min(Duration::from_secs(2));
    }
}

/// Fresh signed state of every server; second are those that are not at the plan's target.
pub async fn verify(order: &Order<'_>, watch: &dyn Watch) -> (States, Vec<ServerId>) {
    let limit = patience(order.policy);
    let states = taiwa_client::states_within(order.policy, order.servers, limit).await;
    let mut missing = Vec::new();
    for server in order.present() {
        let at = states.group.state(&server.id).map(|it| (it.release, it.generation));
        if at == Some((order.goal().to, order.goal().target)) {
            watch.saw(&Stage::Verified(server.id.clone()));
        } else {
            missing.push(server.id.clone());
        }
    }
    (states, missing)
}

/// Brings members that are behind to where the anchor is: bytes, the anchor's word, and the policies
/// of earlier days.
///
/// # Errors
/// The first failure of each server that could not be brought along is what the state of the group shows afterwards.
pub async fn bring(
    order: &Order<'_>,
    committed: &Envelope,
    policies: &[Envelope],
    watch: &dyn Watch,
) -> Result<(), CallError> {
    store(order, watch).await?;
    let others: Vec<&Server> =
        order.servers.iter().filter(|it| it.id != order.plan.anchor).collect();
    let behind = follow(order, &others, committed, watch).await;
    // Without a slot for it, or under a later policy, a server has to be shown how its group got there.
    let mut receipts = vec![committed];
    let states = match order.servers.iter().find(|it| it.id == order.policy.document().anchor) {
        Some(it) if !behind.is_empty() => {
            taiwa_client::states(order.policy, std::slice::from_ref(it)).await
        }
        _ => taiwa_client::States::default(),
    };
    receipts.extend(states.envelopes.get(&order.policy.document().anchor));
    for server in others.iter().filter(|it| behind.contains(&it.id)) {
        server.converge(order.bundle, &receipts, policies).await?;
    }
    Ok(())
}

/// The digest that a proof of the group speaks of, for those who only have its bundle.
pub fn target(bundle: &Bundle) -> Option<(Plan, Digest)> {
    Plan::read(&bundle.plan).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_30_pauses_are_not_the_same() {
        let all: Vec<Duration> = (0..64).map(|_| jittered(RETRY)).collect();
        assert!(all.iter().all(|it| *it >= RETRY / 2 && *it < RETRY * 3 / 2), "{all:?}");
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert!(distinct.len() > 48, "{all:?}");
    }
}
