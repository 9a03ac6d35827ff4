//! This server as a member of its group: the pure transitions of `taiwa-plan`, made durable, in one order.
//!
//! check → transaction committed → memory swapped → receipt signed → answered. A crash before the commit is a lost
//! request, one after it a lost answer. One transition at a time.

mod sight;
mod start;

use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use taiwa_api::Code;
use taiwa_model::{Digest, ServerId, Timestamp};
use taiwa_plan::{
    Envelope, Epoch, Policy, Reading, Receipt, SecretKey, Signer as _,
    server::{self, Effect, Entry, Refused, Rest, ServerState, Sight, Transition, timer},
};
use taiwa_store::{JournalRow, ProtocolRow, Store, StoreError, Write};
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, oneshot};

pub use start::StartError;
pub(crate) use start::{Start, open};

use crate::{
    Clock,
    problem::Failure,
    shelf::{Serving, Shelf},
};

/// At most one refusal a minute is written down, unless it differs from the one before: a caller with a stolen key
/// cannot fill the disk with refusals.
const REFUSAL_EVERY_MS: i64 = 60_000;
/// Refusals that are written down in the life of a process at most.
const REFUSALS_MAX: u32 = 10_000;

/// What is stored of the protocol.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    policy: Envelope,
    /// The policies that were in force before, the latest first.
    #[serde(default)]
    earlier: Vec<Envelope>,
    state: ServerState,
}

/// This server as a member of its group.
pub(crate) struct Protocol {
    policy: ArcSwap<Policy>,
    earlier: ArcSwap<Vec<Envelope>>,
    pub(crate) key: SecretKey,
    store: Arc<dyn Store>,
    shelf: Arc<Shelf>,
    clock: Arc<dyn Clock>,
    inner: Arc<Mutex<Inner>>,
    snapshot: ArcSwap<ServerState>,
    /// What the peers have shown in this life of the process.
    sight: std::sync::Mutex<Sight>,
    floor: std::sync::Mutex<Floor>,
    timer: std::sync::Mutex<Option<Timer>>,
    /// A slot was taken or given free: the timer looks again.
    pub(crate) moved: Notify,
    /// The same, for who asks the peers.
    pub(crate) stirred: Notify,
}

struct Inner {
    version: u64,
    refused: (String, i64, u32),
}

/// The end of a slot, by the clock that only runs on.
#[derive(Clone, Copy, Debug)]
struct Timer {
    epoch: Epoch,
    ends_ms: i64,
}

/// The floor of the clock, and when it was set by the clock that only runs on.
#[derive(Clone, Copy, Debug)]
struct Floor {
    at: Timestamp,
    set_ms: Option<i64>,
}

impl Protocol {
    /// What is live now.
    pub(crate) fn state(&self) -> Arc<ServerState> {
        self.snapshot.load_full()
    }

    /// The policy in force.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// The policies that were in force here before, the latest first.
    pub(crate) fn earlier(&self) -> Arc<Vec<Envelope>> {
        self.earlier.load_full()
    }

    /// What the clock is believed.
    pub(crate) fn reading(&self) -> Reading {
        let mut floor = self.floor.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let elapsed = self.clock.elapsed_ms();
        let since = floor.set_ms.map(|it| elapsed - it);
        let skew_s = self.policy().document().skew_s;
        let reading = Reading::of(floor.at, self.clock.wall(), since, skew_s);
        if let Some(jump) = reading.jump {
            tracing::warn!(ahead_ms = jump.ahead_ms, "the wall clock jumped ahead");
        }
        // The floor rises only as far as time has passed; a second at a time is exact enough to be kept in memory.
        if reading.floor.millis_since(floor.at) >= 1_000 || floor.set_ms.is_none() {
            *floor = Floor { at: reading.floor, set_ms: Some(elapsed) };
        }
        reading
    }

    /// One transition: checked, durable, swapped, signed.
    ///
    /// `check` is a pure function of the state and the clock. What follows it runs on even if the caller goes away:
    /// otherwise the disk could be ahead of the memory, and every later transition would be refused.
    pub(crate) async fn transit(
        self: &Arc<Self>,
        plan: Option<Digest>,
        check: impl FnOnce(&Policy, &ServerState, &Reading) -> Result<Transition, Refused> + Send,
    ) -> Result<Option<Envelope>, Failure> {
        self.turn(plan, None, check).await
    }

    /// A transition after which another policy may be in force.
    #[expect(clippy::disallowed_methods, reason = "it is waited for, and outlives only its caller")]
    pub(crate) async fn turn(
        self: &Arc<Self>,
        plan: Option<Digest>,
        next: Option<Arc<Policy>>,
        check: impl FnOnce(&Policy, &ServerState, &Reading) -> Result<Transition, Refused> + Send,
    ) -> Result<Option<Envelope>, Failure> {
        let inner = self.inner.clone().lock_owned().await;
        let (policy, state, at) = (self.policy(), self.state(), self.reading());
        let checked = check(&policy, &state, &at);
        let this = self.clone();
        let about = (plan, next.filter(|it| it.digest() != policy.digest()));
        let rest = tokio::spawn(async move { this.finish(inner, checked, about, &at).await });
        rest.await.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::Closed.into()),
        })
    }

    async fn finish(
        &self,
        mut inner: OwnedMutexGuard<Inner>,
        checked: Result<Transition, Refused>,
        (plan, policy): (Option<Digest>, Option<Arc<Policy>>),
        at: &Reading,
    ) -> Result<Option<Envelope>, Failure> {
        let Transition { state: mut next, receipt, effect, entry } = match checked {
            Ok(transition) => transition,
            Err(refused) => {
                self.write_refusal(&mut inner, &refused, plan, at).await;
                return Err(refused.into());
            }
        };
        // Read before the commit: what was committed is served, whatever happens to the disk.
        let swap = match effect {
            Effect::Swap { release, generation, rest } => {
                Some(self.serving(release, generation, rest)?)
            }
            Effect::Nothing | Effect::Slot { .. } | Effect::Freed => None,
        };
        if next != *self.state() || entry.is_some() {
            next.floor = next.floor.max(at.floor);
            self.commit(&mut inner, next, entry.into_iter().collect(), policy).await?;
        }
        if let Some(serving) = swap {
            self.shelf.serve(serving);
            tracing::info!(release = %self.state().release().map_or_else(String::new, |it| it.short()),
                generation = self.state().generation(), "another release answers");
        }
        if let (Effect::Slot { until }, Some(slot)) = (effect, &self.state().slot) {
            let ends_ms = self.clock.elapsed_ms() + until.millis_since(at.now).max(0);
            *self.timer() = Some(Timer { epoch: slot.epoch, ends_ms });
        }
        self.moved.notify_one();
        self.stirred.notify_one();
        receipt.map(|it| self.sign(&it)).transpose()
    }

    /// What is to answer, compiled and ready.
    fn serving(
        &self,
        release: Digest,
        generation: u64,
        rest: Option<Rest>,
    ) -> Result<Serving, Failure> {
        let none = || Failure::new(Code::UnknownRelease, "the release is not stored here");
        let new = self.shelf.get(&release)?.ok_or_else(none)?;
        let rest = match rest {
            Some(it) => Some((self.shelf.get(&it.release)?.ok_or_else(none)?, it.share_bp)),
            None => None,
        };
        Ok(Serving::new(new, rest, generation))
    }

    async fn commit(
        &self,
        inner: &mut Inner,
        next: ServerState,
        entries: Vec<Entry>,
        policy: Option<Arc<Policy>>,
    ) -> Result<(), Failure> {
        let (present, mut earlier) = (self.policy(), (*self.earlier()).clone());
        if policy.is_some() {
            earlier.insert(0, present.envelope().clone());
        }
        let row =
            stored_row(inner.version + 1, policy.as_ref().unwrap_or(&present), &earlier, &next)?;
        let journal = entries.iter().map(journal_row).collect();
        let (sender, receiver) = oneshot::channel();
        let done = Box::new(move |it| drop(sender.send(it)));
        self.store.submit(vec![Write::Protocol(row, journal)], done)?;
        receiver.await.unwrap_or(Err(StoreError::Closed))?;
        inner.version += 1;
        if let Some(policy) = policy {
            let version = policy.document().version;
            self.earlier.store(Arc::new(earlier));
            self.policy.store(policy);
            tracing::info!(version, "another policy is in force");
        }
        let next = Arc::new(next);
        self.snapshot.store(next.clone());
        self.sight().follow(&self.policy(), &next, self.clock.elapsed_ms());
        Ok(())
    }

    async fn write_refusal(
        &self,
        inner: &mut Inner,
        refused: &Refused,
        plan: Option<Digest>,
        at: &Reading,
    ) {
        let (text, now) = (refused.to_string(), self.clock.elapsed_ms());
        let (last, since, count) = &inner.refused;
        let again = *last == text && now - since < REFUSAL_EVERY_MS;
        if again || *count >= REFUSALS_MAX {
            return;
        }
        inner.refused = (text, now, count + 1);
        let state = self.state();
        let entry = refused.entry(at.now, plan, state.generation());
        if let Err(error) = self.commit(inner, (*state).clone(), vec![entry], None).await {
            tracing::warn!(error = %error.0.detail, "a refusal could not be written down");
        }
    }

    /// Whether a slot's time is running.
    pub(crate) fn waits(&self) -> bool {
        self.timer().is_some()
    }

    /// Ends a slot whose time is over, by the clock that only runs on: the anchor's for good, another's with a doubt.
    pub(crate) async fn expire(self: &Arc<Self>) -> Result<(), Failure> {
        let now_ms = self.clock.elapsed_ms();
        let due = self.timer().as_ref().filter(|it| now_ms > it.ends_ms).map(|it| it.epoch);
        if let Some(epoch) = due {
            self.transit(None, |policy, state, at| Ok(timer(policy, state, epoch, at))).await?;
            let mut running = self.timer();
            if running.as_ref().is_some_and(|it| it.epoch == epoch) {
                *running = None;
            }
        }
        Ok(())
    }

    /// When this server ends an emergency by itself, if it does.
    pub(crate) fn reverts(&self) -> bool {
        server::reverts_at(&self.policy(), &self.state()).is_some()
    }

    /// Ends an emergency whose time is over.
    pub(crate) async fn revert(self: &Arc<Self>) -> Result<(), Failure> {
        let (policy, at) = (self.policy(), self.reading());
        if server::reverts_at(&policy, &self.state()).is_some_and(|it| it <= at.issued()) {
            self.transit(None, server::revert).await?;
        }
        Ok(())
    }

    fn timer(&self) -> std::sync::MutexGuard<'_, Option<Timer>> {
        self.timer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Bytes that were damaged were stored anew: if everything that is to answer is whole again, it does.
    pub(crate) fn mend(&self) -> Result<(), Failure> {
        let state = self.state();
        let Some(active) = &state.active else { return Ok(()) };
        let serving = self.shelf.serving();
        let digests = serving.iter().flat_map(|it| it.sides()).map(|it| it.tally.release);
        let wanted = std::iter::once(active.release).chain(active.rest.map(|it| it.release));
        let whole = |it: Digest| self.shelf.get(&it).is_ok_and(|it| it.is_some());
        if !digests.eq(wanted.clone()) && wanted.into_iter().all(whole) {
            self.shelf.serve(self.serving(active.release, active.generation, active.rest)?);
        }
        Ok(())
    }

    /// Makes the floor of the clock durable.
    pub(crate) async fn keep_floor(&self) -> Result<(), Failure> {
        let mut inner = self.inner.lock().await;
        let (mut next, at) = ((*self.state()).clone(), self.reading());
        if at.floor <= next.floor {
            return Ok(());
        }
        next.floor = at.floor;
        self.commit(&mut inner, next, Vec::new(), None).await
    }

    /// A signed question to a peer, as its header holds it.
    pub(crate) fn question(&self, target: &ServerId, path: &str) -> Option<String> {
        let at = self.reading();
        let asked = server::question(&self.policy(), &self.state(), (target, path), &at);
        let bytes = self.sign(&asked).ok()?.to_bytes().ok()?;
        Some(BASE64.encode(bytes))
    }

    /// Whether a header holds the signed question of a peer for a path of this server.
    pub(crate) fn is_asked_by_peer(&self, header: &str, path: &str) -> bool {
        let bytes = BASE64.decode(header).ok();
        let envelope = bytes.and_then(|it| Envelope::read(&it).ok());
        envelope.is_some_and(|it| {
            server::is_peer(&self.policy(), &self.state(), (path, &it), &self.reading())
        })
    }

    /// Signs what this server says.
    pub(crate) fn sign(&self, receipt: &Receipt) -> Result<Envelope, Failure> {
        Envelope::signed(receipt, &self.key)
            .map_err(|it| Failure::new(taiwa_api::Code::Bug, it.to_string()))
    }

    /// The public key, as a line of OpenSSH.
    pub(crate) fn public_key(&self) -> String {
        self.key.public_key().as_str().to_owned()
    }
}

fn stored_row(
    version: u64,
    policy: &Policy,
    earlier: &[Envelope],
    state: &ServerState,
) -> Result<ProtocolRow, Failure> {
    let (policy, earlier) = (policy.envelope().clone(), earlier.to_vec());
    let stored = Stored { policy, earlier, state: state.clone() };
    let state = serde_json::to_string(&stored)
        .map_err(|it| Failure::new(taiwa_api::Code::Bug, it.to_string()))?;
    Ok(ProtocolRow { version, state })
}

fn journal_row(entry: &Entry) -> JournalRow {
    let refusals: Vec<_> = entry.refusals.iter().map(ToString::to_string).collect();
    JournalRow {
        seq: 0,
        at: entry.at,
        what: entry.what.clone(),
        release: entry.release,
        plan: entry.plan,
        detail: if refusals.is_empty() {
            format!("generation {}", entry.generation)
        } else {
            refusals.join("; ")
        },
        // An entry always has a JSON text; an empty one would only say less.
        body: serde_json::to_string(entry).unwrap_or_default(),
    }
}
