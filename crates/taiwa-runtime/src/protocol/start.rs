//! How a server comes up: its policy, its state, its release.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex as StdMutex},
};

use arc_swap::ArcSwap;
use taiwa_model::{EnvironmentName, ServerId, Timestamp};
use taiwa_plan::{
    Envelope, Policy, PolicyError, PublicKey, Reading, SecretKey, Signer as _, adopt, own_policy,
    server::{ServerState, Sight, restart, rotate},
};
use taiwa_store::{Store, StoreError};
use tokio::sync::{Mutex, Notify};

use super::{Floor, Inner, Protocol, Stored, journal_row, stored_row};
use crate::{
    Clock,
    shelf::{Served, Serving, Shelf},
};

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy is not taken.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy file cannot be read.
    #[error("the policy file is not a signed policy: {0}")]
    PolicyFile(String),
    /// The stored state is not of this version.
    #[error("the stored state of the protocol cannot be read: {0}")]
    State(String),
    /// The key cannot be read or made.
    #[error("the server's key: {0}")]
    Key(String),
}

/// What a server starts with.
pub(crate) struct Start {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key: SecretKey,
    pub(crate) policy: Option<Envelope>,
    pub(crate) server: Option<ServerId>,
    pub(crate) url: String,
}

/// Says whose key this is not: peers answer nobody else, and the deployer does not either.
fn stranger(policy: &Policy, name: Option<&ServerId>, key: &PublicKey) {
    let own = key.fingerprint();
    let listed = policy.document().servers.iter().find(|it| Some(&it.id) == name);
    if let Some(it) = listed {
        let theirs = it.key.fingerprint();
        tracing::warn!(
            "the policy knows {} by the key {theirs}, and the data folder has {own}: this is not that server; start it \
             with the data folder that it had, or sign a policy with this key",
            it.id
        );
    } else {
        tracing::warn!(
            "no server of the policy has the key of the data folder ({own}); sign a policy with it"
        );
    }
}

/// Brings the protocol up, and the last activated release with it.
pub(crate) fn open(start: Start) -> Result<Protocol, StartError> {
    let row = start.store.protocol()?;
    let stored: Option<Stored> = row
        .as_ref()
        .map(|it| serde_json::from_str(&it.state))
        .transpose()
        .map_err(|it| StartError::State(it.to_string()))?;
    let policy = adopt(stored.as_ref().map(|it| &it.policy), start.policy.as_ref())?;
    let before =
        stored.as_ref().map(|it| (Policy::digest_of(&it.policy.payload), it.policy.clone()));
    let public = start.key.public_key().clone();
    let policy = if let Some(policy) = policy {
        policy
    } else {
        let server = start.server.clone().unwrap_or_else(|| ServerId::new("local"));
        own_policy(EnvironmentName::new("local"), server, start.url.clone(), public.clone())?
    };
    let member =
        policy.document().servers.iter().find(|it| it.key == public).map(|it| it.id.clone());
    if member.is_none() {
        stranger(&policy, start.server.as_ref(), &public);
    }
    let server = member.or(start.server).unwrap_or_else(|| ServerId::new("unknown"));
    let mut earlier = stored.as_ref().map_or_else(Vec::new, |it| it.earlier.clone());
    let mut state = match stored {
        Some(stored) if stored.state.server == server => stored.state,
        // Another policy gives the server another name or place; what it answers with stays.
        Some(stored) => ServerState { server, ..stored.state },
        None => ServerState::fresh(&policy, server),
    };
    let at = first_reading(start.clock.as_ref(), state.floor, policy.document().skew_s);
    let mut turned = None;
    if let Some(before) = before.filter(|it| policy.document().previous == Some(it.0)) {
        // The file that it was started with holds the next policy.
        let old = Policy::accept(&before.1)?;
        let transition =
            rotate(&old, &state, &policy, &at).map_err(|it| PolicyError::Refused(it.refusals))?;
        (state, turned) = (transition.state, transition.entry);
        earlier.insert(0, before.1);
    }
    let present: BTreeSet<_> = serve_last(&start.shelf, &state);
    let transition = restart(&policy, &state, present, &at);
    let version = row.map_or(1, |it| it.version + 1);
    let row = stored_row(version, &policy, &earlier, &transition.state)
        .map_err(|it| StartError::State(it.0.detail))?;
    let journal = turned.iter().chain(&transition.entry).map(journal_row).collect();
    start.store.commit(vec![taiwa_store::Write::Protocol(row, journal)])?;
    let now_ms = start.clock.elapsed_ms();
    let floor = Floor { at: at.floor, set_ms: Some(now_ms) };
    let mut sight = Sight::new(now_ms);
    sight.follow(&policy, &transition.state, now_ms);
    Ok(Protocol {
        policy: ArcSwap::from_pointee(policy),
        earlier: ArcSwap::from_pointee(earlier),
        key: start.key,
        store: start.store,
        shelf: start.shelf,
        clock: start.clock,
        inner: Arc::new(Mutex::new(Inner { version, refused: (String::new(), 0, 0) })),
        snapshot: ArcSwap::from_pointee(transition.state),
        sight: StdMutex::new(sight),
        floor: StdMutex::new(floor),
        timer: StdMutex::new(None),
        moved: Notify::new(),
        stirred: Notify::new(),
    })
}

fn first_reading(clock: &dyn Clock, floor: Timestamp, skew_s: u64) -> Reading {
    Reading::of(floor, clock.wall(), None, skew_s)
}

/// Serves what was active: one release, or two, each for its visitors. What is damaged is stood in for: by the other of
/// the two, else by the release that was active last before. Which stored releases are whole.
fn serve_last(shelf: &Shelf, state: &ServerState) -> BTreeSet<taiwa_model::Digest> {
    let mut present = BTreeSet::new();
    let mut before: Vec<_> = state.ran.iter().collect();
    before.sort_by_key(|it| std::cmp::Reverse(it.1.generation));
    let rest = state.active.as_ref().and_then(|it| it.rest);
    let active = state.release().into_iter().chain(rest.map(|it| it.release));
    let mut whole: Vec<Arc<Served>> = Vec::new();
    for digest in active.chain(before.into_iter().map(|it| *it.0)) {
        if present.contains(&digest) {
            continue;
        }
        match shelf.get(&digest) {
            Ok(Some(served)) => {
                whole.push(served);
                present.insert(digest);
            }
            Ok(None) => tracing::error!(release = digest.short(), "its bytes are not there"),
            Err(error) => {
                tracing::error!(
                    release = digest.short(),
                    error = error.0.detail,
                    "it cannot be served"
                );
            }
        }
        if present.len() >= crate::shelf::WARM_MAX {
            break;
        }
    }
    let mut whole = whole.into_iter();
    if let Some(first) = whole.next() {
        let digest = first.compiled.digest();
        tracing::info!(release = digest.short(), "the last release answers");
        let beside = |it: &Arc<Served>| rest.is_some_and(|at| at.release == it.compiled.digest());
        let rest = rest.filter(|_| state.release() == Some(digest));
        let rest = rest.and_then(|at| Some((whole.next().filter(beside)?, at.share_bp)));
        shelf.serve(Serving::new(first, rest, state.generation()));
    }
    for digest in shelf.stored().unwrap_or_default() {
        // Not compiled here, so that a start stays short: the bytes are verified, and compiled when they are prepared.
        if !present.contains(&digest) && shelf.bytes(&digest).is_ok_and(|it| it.is_some()) {
            present.insert(digest);
        }
    }
    present
}
