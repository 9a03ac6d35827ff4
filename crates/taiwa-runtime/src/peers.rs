//! This server asks its peers, for itself: what it missed it catches up with, what it is in doubt of it learns.
//!
//! **Invariants.** It writes to nobody. What a peer says is believed as far as it is signed over a fresh challenge, and
//! moves this server only through the transitions that a courier's request would go through. Every question has a time
//! limit, and there is one round at a time.
//! Deliberately absent: a newer policy, which people bring.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use taiwa_api::{Code, admin::Proof};
use taiwa_client::{CallError, Http, PeerKey, Server, state};
use taiwa_model::{Digest, ServerId, Timestamp};
use taiwa_plan::{
    Envelope, Plan, Policy, PolicyDocument, Receipt, Seen,
    server::{self, Learning, ServerState},
};
use tokio::task::JoinSet;

use crate::{app::App, ids, problem::Failure, protocol::Protocol};

/// How often a server asks that has a promise to keep, or somewhere to catch up with.
const SOON: Duration = Duration::from_millis(200);
/// How often an anchor asks that does not lead yet.
const WAITING: Duration = Duration::from_secs(1);
/// How often a server asks otherwise.
const SELDOM: Duration = Duration::from_secs(10);
/// How long a server waits for the first word of a peer before it is ready without.
const FIRST_MS: i64 = 3_000;
/// How many peers beside the anchor are asked at a time.
const ASKED: usize = 3;
/// How long one question may take.
const QUESTION: Duration = Duration::from_secs(2);
/// The same in doubt: whoever is silent must not make the words of the others too old.
const QUESTION_IN_DOUBT: Duration = Duration::from_millis(500);
/// How much longer the pause gets with each server of the group: in doubt everybody asks everybody, and all of them the
/// anchor before.
const EACH: Duration = Duration::from_millis(8);

/// How long the same trouble with a peer is not said again, in milliseconds.
const AGAIN_MS: i64 = 60_000;

/// What this server knows of its peers; of this life of the process only.
pub(crate) struct Peers {
    http: Http,
    heard: Mutex<BTreeMap<ServerId, Heard>>,
    /// A peer is ahead, and this server has not caught up yet.
    behind: AtomicBool,
    /// The first round is not over.
    asking: AtomicBool,
}

/// What a peer said last.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) at: Timestamp,
    pub(crate) generation: u64,
    pub(crate) release: Option<Digest>,
}

impl Peers {
    pub(crate) fn new(http: Http) -> Self {
        let (behind, asking) = (AtomicBool::new(false), AtomicBool::new(true));
        Self { http, heard: Mutex::default(), behind, asking }
    }

    /// Why this server is not ready, as far as its peers are concerned.
    pub(crate) fn unready(&self, policy: &PolicyDocument) -> Option<&'static str> {
        if self.behind.load(Ordering::Relaxed) {
            return Some("behind");
        }
        (policy.servers.len() > 1 && self.asking.load(Ordering::Relaxed)).then_some("asking")
    }

    /// Who was heard, and when.
    pub(crate) fn heard(&self) -> BTreeMap<ServerId, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, peer: &Receipt, at: Timestamp) {
        let heard = Heard { at, generation: peer.generation, release: peer.release };
        let mut all = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(peer.server.clone(), heard);
    }
}

/// Asks for as long as the server lives.
pub(crate) async fn ask(app: Arc<App>) {
    let began_ms = app.clock.elapsed_ms();
    let (mut turn, mut said) = (0, Said::default());
    loop {
        let heard = round(&app, turn, &mut said).await;
        if let Err(failure) = app.protocol.settle().await {
            tracing::warn!(error = failure.0.detail, "the end of a wait was not stored");
        }
        turn += 1;
        let over = app.clock.elapsed_ms() - began_ms >= FIRST_MS;
        let first = app.peers.asking.load(Ordering::Relaxed);
        if first && (heard || over) {
            app.peers.asking.store(false, Ordering::Relaxed);
        }
        rest(&app, first && !heard && !over).await;
    }
}

/// What was said last of a peer that could not be followed, and when: the same again is worth a line a minute.
#[derive(Default)]
struct Said(Option<(String, i64)>);

impl Said {
    fn is_new(&mut self, what: &str, now_ms: i64) -> bool {
        let same = self.0.as_ref().is_some_and(|it| it.0 == what && now_ms - it.1 < AGAIN_MS);
        if !same {
            self.0 = Some((what.to_owned(), now_ms));
        }
        !same
    }
}

/// Waits as long as a server in its state does, which may change meanwhile. Nothing is asked at once: in the middle of a
/// move everybody would ask everybody, and the courier is about to tell them.
async fn rest(app: &App, knows_nothing: bool) {
    let from_ms = app.clock.elapsed_ms();
    loop {
        let stirred = app.protocol.stirred.notified();
        let passed = app.clock.elapsed_ms().saturating_sub(from_ms);
        let passed = Duration::from_millis(u64::try_from(passed).unwrap_or_default());
        let pause = if knows_nothing { SOON } else { pause(app) };
        let left = jittered(pause).saturating_sub(passed);
        if left.is_zero() || tokio::time::timeout(left, stirred).await.is_err() {
            return;
        }
    }
}

fn pause(app: &App) -> Duration {
    let (policy, state) = (app.protocol.policy(), app.protocol.state());
    let servers = u32::try_from(policy.document().servers.len()).unwrap_or(u32::MAX);
    let soon = (EACH * servers.min(100)).max(SOON);
    let promised = state.slot.is_some() && !state.is_anchor(&policy);
    let owes = state.after_doubt || state.alone || state.may_have_forgotten();
    if promised || owes || app.peers.behind.load(Ordering::Relaxed) {
        soon
    } else if state.handover.is_some() {
        WAITING
    } else {
        SELDOM
    }
}

/// Three quarters to five quarters of a time, so that many servers do not ask at once.
fn jittered(time: Duration) -> Duration {
    let random = ids::random::<1>().map_or(128, |it| u32::from(it[0]));
    time * (192 + random / 2) / 256
}

/// Asks the anchor and some others once. Whether any of them was believed.
async fn round(app: &Arc<App>, turn: usize, said: &mut Said) -> bool {
    let (policy, mine) = (app.protocol.policy(), app.protocol.state());
    let asked = whom(policy.document(), &mine, turn);
    let limit = if mine.in_doubt() { QUESTION_IN_DOUBT } else { QUESTION };
    let mut answers = JoinSet::new();
    let asked_ms = app.clock.elapsed_ms();
    for peer in asked {
        let (server, policy) = (peer_of(app, &peer.id, &peer.url), policy.clone());
        answers.spawn(async move {
            let seen = tokio::time::timeout(limit, state(&policy, &server)).await;
            (server, seen)
        });
    }
    let mut heard = false;
    let mut ahead: Option<(Server, Receipt)> = None;
    let mut shown = None;
    while let Some(answer) = answers.join_next().await {
        let Ok((server, Ok((Seen::State(peer), envelope)))) = answer else { continue };
        let decides = peer.server == policy.document().anchor;
        if decides {
            shown = envelope;
        }
        heard = true;
        app.peers.note(&peer, app.protocol.reading().now);
        app.protocol.saw(&peer, asked_ms);
        if peer.generation > app.protocol.state().generation() {
            let further = ahead.as_ref().is_none_or(|it| it.1.generation < peer.generation);
            let same = ahead.as_ref().is_some_and(|it| it.1.generation == peer.generation);
            if further || (same && decides) {
                ahead = Some((server, *peer));
            }
        } else if let Err(failure) = listen(app, &peer).await {
            tracing::warn!(error = failure.0.detail, "a peer's word was not taken");
        }
    }
    let mut behind = false;
    if let Some((server, peer)) = ahead {
        app.peers.behind.store(true, Ordering::Relaxed);
        match catch_up(app, &server, shown.as_ref()).await {
            Ok(()) => {
                tracing::info!(peer = server.id.as_str(), "caught up with the group");
            }
            Err(failure) if said.is_new(&failure.0.detail, app.clock.elapsed_ms()) => {
                tracing::warn!(
                    peer = server.id.as_str(),
                    error = failure.0.detail,
                    "a peer is ahead and could not be followed"
                );
            }
            Err(_) => {}
        }
        behind = app.protocol.state().generation() < peer.generation;
    }
    if heard {
        app.peers.behind.store(behind, Ordering::Relaxed);
    }
    heard
}

/// The anchor, and the others by turns; all of them while this server needs everybody's word.
fn whom<'a>(
    policy: &'a PolicyDocument,
    mine: &ServerState,
    turn: usize,
) -> Vec<&'a taiwa_plan::Server> {
    let (anchor, others): (Vec<_>, Vec<_>) = policy
        .servers
        .iter()
        .filter(|it| it.id != mine.server)
        .partition(|it| it.id == policy.anchor);
    let all = mine.handover.is_some() || mine.in_doubt();
    let asked = if all { others.len() } else { ASKED.min(others.len()) };
    let from = (turn * ASKED) % others.len().max(1);
    anchor.into_iter().chain(others.into_iter().cycle().skip(from).take(asked)).collect()
}

/// A peer, asked with this server's own signature.
fn peer_of(app: &Arc<App>, id: &ServerId, url: &str) -> Server {
    let protocol = Arc::downgrade(&app.protocol);
    let sign = move |target: &ServerId, path: &str| {
        let protocol: Arc<Protocol> = protocol.upgrade()?;
        protocol.question(target, path)
    };
    Server::new(&app.peers.http, id.clone(), url, None).by_peer(PeerKey::new(sign))
}

/// A peer that is not ahead: a doubt may end, or this server may lead from now on.
async fn listen(app: &Arc<App>, peer: &Receipt) -> Result<(), Failure> {
    let (policy, state) = (app.protocol.policy(), app.protocol.state());
    let news = server::hear(&policy, &state, peer, &app.protocol.reading());
    if news.state == *state {
        return Ok(());
    }
    let check =
        |policy: &Policy, state: &ServerState, at: &_| Ok(server::hear(policy, state, peer, at));
    app.protocol.transit(None, check).await.map(drop)
}

/// A peer that is ahead: what proves its release, the bytes, and then the same as for a courier.
async fn catch_up(app: &Arc<App>, peer: &Server, shown: Option<&Envelope>) -> Result<(), Failure> {
    let answer = peer.group_bundle().await.map_err(|it| unreachable(&it))?;
    let strange = |what: &str| Failure::new(Code::InvalidStatement, what.to_owned());
    let Proof { bundle, step: _, receipt, word } =
        answer.active.ok_or_else(|| strange("the peer does not say what proves its release"))?;
    let word = word.or(receipt).ok_or_else(|| strange("the anchor's word is missing"))?;
    let (plan, digest) =
        Plan::read(&bundle.plan).map_err(|it| strange(&format!("the peer's plan: {it}")))?;
    for release in [Some(plan.to), plan.from].into_iter().flatten() {
        if !app.protocol.state().stored.contains(&release) {
            fetch(app, peer, &release).await?;
        }
    }
    let known = app.protocol.earlier();
    let check = |policy: &Policy, state: &ServerState, at: &_| {
        let earlier = policy.earlier(&known);
        let proof = Learning { bundle: &bundle, word: &word, earlier: &earlier, shown };
        server::learn(policy, state, &proof, at)
    };
    app.protocol.transit(Some(digest), check).await.map(drop)
}

async fn fetch(app: &Arc<App>, peer: &Server, release: &Digest) -> Result<(), Failure> {
    let Some(bytes) = peer.release(release).await.map_err(|it| unreachable(&it))? else {
        return Ok(()); // what is needed and missing, the transition says
    };
    let (shelf, release) = (app.shelf.clone(), *release);
    let put = tokio::task::spawn_blocking(move || shelf.put(&release, &bytes)).await;
    put.map_err(|_| Failure::new(Code::Bug, "storing the release failed"))??;
    app.protocol.transit(None, |_, state, _| Ok(server::store(state, release))).await.map(drop)
}

fn unreachable(error: &CallError) -> Failure {
    Failure::new(Code::Overloaded, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trouble_is_said_once_a_minute() {
        let mut said = Said::default();
        assert!(said.is_new("refused", 0) && !said.is_new("refused", 59_999));
        assert!(said.is_new("refused", 60_000), "it lasts");
        assert!(said.is_new("silent", 60_001) && said.is_new("refused", 60_002), "it changed");
    }
}
