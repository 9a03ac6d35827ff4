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
/// After how long it is said that a server is still waited for.
const SLOW: Duration = Duration::from_secs(3);
/// How long the anchor may take to end an attempt, or to say whether there is one.
const ENDING: Duration = Duration::from_secs(4);

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
    /// This server has not answered for some seconds; it is still waited for.
    Waiting(ServerId),
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

    /// The anchor has committed, and this is its receipt: what is true from now on, whoever stops the work.
    fn committed(&self, _: &Envelope) {}
}

/// How work on one server says at which stage it is.
type Say<'a> = dyn Fn(Stage) + Send + Sync + 'a;

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
    let say = |stage: Stage| watch.saw(&stage);
    let asked = patiently((&anchor.id, BUSY_PREPARING), &say, || {
        noticed(&anchor.id, &say, anchor.prepare(order.bundle, order.step, &[]))
    });
    let first = match asked.await {
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
    let commit = commit(order, anchor, &first, &receipts);
    let committed = noticed(&anchor.id, &say, commit).await?;
    let switched = Instant::now();
    watch.committed(&committed);
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
    let (say, stages) = unbounded_channel();
    for server in order.present() {
        let (server, bytes, room) = (server.clone(), order.bytes.to_vec(), room.clone());
        let say = through(&say);
        sent.spawn(async move {
            let store = || async {
                let permit = room.acquire().await;
                let store = server.store(&digest, bytes.clone());
                let stored = noticed(&server.id, &say, store).await;
                drop(permit);
                stored
            };
            let stored = patiently((&server.id, BUSY_STORING), &say, store).await;
            stored.map(|_| server.id.clone())
        });
    }
    drop(say);
    joined(sent, (watch, stages), |id| Some(Stage::Stored(id.clone()))).await.map(drop)
}

async fn prepare(
    order: &Order<'_>,
    others: &[&Server],
    first: &Envelope,
    watch: &dyn Watch,
) -> Result<Vec<Envelope>, CallError> {
    let mut asked = JoinSet::new();
    let (say, stages) = unbounded_channel();
    for server in others {
        let (server, bundle, first) = ((*server).clone(), order.bundle.clone(), first.clone());
        let (step, say) = (order.step, through(&say));
        asked.spawn(async move {
            let ask = || {
                let prepare = server.prepare(&bundle, step, std::slice::from_ref(&first));
                noticed(&server.id, &say, prepare)
            };
            let receipt = patiently((&server.id, BUSY_PREPARING), &say, ask).await?;
            Ok((server.id.clone(), receipt))
        });
    }
    drop(say);
    let prepared = |(id, _): &(ServerId, Envelope)| Some(Stage::Prepared(id.clone()));
    let answers = joined(asked, (watch, stages), prepared).await?;
    Ok(answers.into_iter().map(|it| it.1).collect())
}

/// Asks a server again that has as much to do as it takes, for so long at most. That answer changes nothing there, so
/// asking again is the first time.
#[expect(clippy::disallowed_methods, reason = "edge: waits between tries")]
async fn patiently<T, F: Future<Output = Result<T, CallError>>>(
    (id, limit): (&ServerId, Duration),
    say: &Say<'_>,
    mut ask: impl FnMut() -> F,
) -> Result<T, CallError> {
    let deadline = Instant::now() + limit;
    let mut pause = RETRY;
    loop {
        match ask().await {
            Err(error) if error.is_busy() && Instant::now() + pause < deadline => {
                say(Stage::Busy(id.clone()));
                sleep(jittered(pause)).await;
            }
            other => return other,
        }
        pause = (pause + pause / 2).min(Duration::from_secs(2));
    }
}

/// Waits for a server; that it does is said once it has lasted for a while.
#[expect(clippy::disallowed_methods, reason = "edge: waits for a server")]
async fn noticed<T>(id: &ServerId, say: &Say<'_>, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return done,
        () = sleep(SLOW) => say(Stage::Waiting(id.clone())),
    }
    work.await
}

/// Says stages to whoever joins the work.
fn through(to: &UnboundedSender<Stage>) -> impl Fn(Stage) + Send + Sync + use<> {
    let to = to.clone();
    move |stage| drop(to.send(stage))
}

/// All answers, or the first failure once all have answered; an answer may be a stage, and so is a server that is busy
/// or waited for.
async fn joined<T: 'static>(
    mut set: JoinSet<Result<T, CallError>>,
    (watch, mut stages): (&dyn Watch, UnboundedReceiver<Stage>),
    each: impl Fn(&T) -> Option<Stage>,
) -> Result<Vec<T>, CallError> {
    let (mut all, mut failed) = (Vec::new(), None);
    loop {
        let answer = tokio::select! {
            biased;
            Some(stage) = stages.recv() => {
                watch.saw(&stage);
                continue;
            }
            answer = set.join_next() => answer,
        };
        let Some(answer) = answer else { break };
        match answer {
            Ok(Ok(it)) => {
                if let Some(stage) = each(&it) {
                    watch.saw(&stage);
                }
                all.push(it);
            }
            Ok(Err(error)) => failed = failed.or(Some(error)),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    failed.map_or(Ok(all), Err)
}

/// Whether the anchor says in time that the attempt is over.
async fn aborted(anchor: &Server, epoch: Epoch) -> bool {
    let asked = timeout(ENDING, anchor.abort(&epoch.to_string())).await;
    matches!(asked, Ok(Ok(_)))
}

/// Ends the attempt at the anchor, so that it can never commit.
async fn ended(anchor: &Server, prepared: &Envelope, cause: CallError) -> ExecuteError {
    let over = match epoch(prepared) {
        Some(epoch) => aborted(anchor, epoch).await,
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
    let states =
        taiwa_client::states_within(order.policy, std::slice::from_ref(anchor), ENDING).await;
    match states.group.servers.get(&anchor.id) {
        Some(Seen::State(state)) if state.plan.is_none() => ExecuteError::NothingChanged { cause },
        Some(Seen::State(state)) if aborted(anchor, state.epoch).await => {
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
    let (say, stages) = unbounded_channel();
    for server in others {
        let (server, bundle, committed) =
            ((*server).clone(), (order.bundle.clone(), order.step), committed.clone());
        let (limit, say) = (patience(order.policy), through(&say));
        told.spawn(async move {
            let work = timeout(limit, persist(&server, &bundle, &committed));
            let done = noticed(&server.id, &say, work).await;
            Ok((server.id, matches!(done, Ok(true))))
        });
    }
    drop(say);
    let activated = |(id, done): &(ServerId, bool)| done.then(|| Stage::Activated(id.clone()));
    let all = joined(told, (watch, stages), activated).await.unwrap_or_default();
    let mut behind: Vec<ServerId> =
        all.into_iter().filter_map(|(id, done)| (!done).then_some(id)).collect();
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
    let mut asked = JoinSet::new();
    let (say, stages) = unbounded_channel();
    for server in order.servers {
        let (server, policy) = (server.clone(), order.policy.clone());
        let (limit, say) = (patience(order.policy), through(&say));
        asked.spawn(async move {
            let one = std::slice::from_ref(&server);
            let answer = taiwa_client::states_within(&policy, one, limit);
            Ok((server.id.clone(), noticed(&server.id, &say, answer).await))
        });
    }
    drop(say);
    let (to, target) = (order.goal().to, order.goal().target);
    let is_there = |states: &States, id: &ServerId| {
        states.group.state(id).is_some_and(|it| (it.release, it.generation) == (to, target))
    };
    let verified = |(id, states): &(ServerId, States)| {
        let of_plan = order.present().any(|it| it.id == *id);
        (of_plan && is_there(states, id)).then(|| Stage::Verified(id.clone()))
    };
    let answers = joined(asked, (watch, stages), verified).await.unwrap_or_default();
    let mut all = States::default();
    for (_, states) in answers {
        all.group.servers.extend(states.group.servers);
        all.envelopes.extend(states.envelopes);
    }
    let missing = order.present().filter(|it| !is_there(&all, &it.id));
    let missing = missing.map(|it| it.id.clone()).collect();
    (all, missing)
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
