//! `/admin/v1/status`

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use axum::{Json, extract::State};
use taiwa_api::admin::{
    ActiveView, ExposureView, HoldView, JournalView, PeerView, PolicyView, RejectionView,
    RolloutView, SideView, Status, TrialsView, UndeclaredView,
};
use taiwa_model::{ServerId, Timestamp};
use taiwa_plan::{
    guard::Trials,
    server::{self, ServerState},
};
use taiwa_store::{JournalRow, Store, StoreError, Undeclared};

use super::group::slot;
use crate::{app::App, peers::Heard, problem::Failure, shelf::Side};

/// Entries of the journal that are shown, and besides, of so many releases the last activation.
const JOURNAL_SHOWN: u64 = 50;

/// `GET /admin/v1/status`: what the server says about itself.
pub(super) async fn show(State(app): State<Arc<App>>) -> Result<Json<Status>, Failure> {
    let (protocol, readiness) = (&app.protocol, app.readiness());
    let (state, at) = (protocol.state(), protocol.reading());
    let store = &app.world.store;
    Ok(Json(Status {
        server: state.server.clone(),
        environment: protocol.policy().document().environment.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key: protocol.public_key(),
        now: at.now,
        ready: readiness.ready,
        reasons: readiness.reasons,
        active: active(&state),
        serving: readiness.release.filter(|it| state.release() != Some(*it)),
        generation: state.generation(),
        epoch: state.epoch,
        slot: state.slot.as_ref().map(|it| slot(it, &at)),
        waits_for: server::waits_for(&protocol.policy(), &state),
        peers: app.peers.heard().into_iter().map(peer).collect(),
        policy: policy(&app),
        floor: at.floor,
        rejections: state.rejections.keys().map(|it| RejectionView { plan: *it }).collect(),
        holds: server::held(&state, at.now).map(hold).collect(),
        rolled_back: state.rolled_back.iter().copied().collect(),
        stored: state.stored.iter().copied().collect(),
        exposure: exposure(&app, &state, at.now),
        sides: sides(&app),
        counters: counters(&app),
        undeclared: store.undeclared()?.into_iter().map(undeclared).collect(),
        journal: shown(store.as_ref())?,
    }))
}

fn active(state: &ServerState) -> Option<ActiveView> {
    let active = state.active.as_ref()?;
    Some(ActiveView {
        release: active.release,
        plan: Some(active.plan),
        step: active.step,
        since: Some(active.since),
        revert_at: active.revert_at,
        rollout: rollout(active),
    })
}

fn peer((server, heard): (ServerId, Heard)) -> PeerView {
    let Heard { at, generation, release } = heard;
    PeerView { server, generation, release, at }
}

fn exposure(app: &App, state: &ServerState, now: Timestamp) -> Option<ExposureView> {
    let live = app.exposure.live(state, now);
    let (generation, decisions, since) = (live.generation, live.decisions(), live.since);
    live.release.map(|release| ExposureView { release, generation, decisions, since })
}

fn rollout(active: &server::Active) -> Option<RolloutView> {
    let rest = active.rest?;
    let plan = active.bundle.open().ok()?.plan;
    Some(RolloutView {
        share_bp: rest.share_bp,
        rest: rest.release,
        steps: u64::from(plan.last_step()),
        next_at: plan.next_at(active.step, active.since)?,
    })
}

fn sides(app: &App) -> Vec<SideView> {
    let serving = app.shelf.serving();
    let side = |it: &Side| {
        let (tally, numbers) = (&it.tally, it.tally.numbers());
        SideView {
            release: tally.release,
            share_bp: tally.share_bp,
            generation: tally.generation,
            decisions: numbers.decisions,
            errors: numbers.errors,
            fallbacks: numbers.fallbacks,
            slow: numbers.slow,
            trials: tally.trials().map(trials),
        }
    };
    serving.iter().flat_map(|it| it.sides()).map(side).collect()
}

fn trials(it: Trials) -> TrialsView {
    TrialsView {
        asked: it.asked,
        errors: it.errors,
        decided: it.decided,
        fallbacks: it.fallbacks,
        slow: it.slow,
    }
}

fn policy(app: &App) -> PolicyView {
    let policy = app.protocol.policy();
    let document = policy.document();
    PolicyView {
        digest: *policy.digest(),
        version: document.version,
        protected: document.protected,
        anchor: document.anchor.clone(),
        servers: document.servers.iter().map(|it| it.id.clone()).collect(),
    }
}

fn hold((id, held): (&String, &server::Held)) -> HoldView {
    HoldView { id: id.clone(), by: held.by.clone(), why: held.why.clone(), until: held.until }
}

fn counters(app: &App) -> BTreeMap<String, u64> {
    let mut counters = app.meters.counters();
    let unrecorded = app.world.unrecorded.load(Ordering::Relaxed);
    counters.insert("decisions_unrecorded".to_owned(), unrecorded);
    counters
}

fn undeclared(row: Undeclared) -> UndeclaredView {
    UndeclaredView { event: row.event, count: row.count, last: row.last }
}

/// Whatever happened since, a rollback finds here where it can go.
fn shown(store: &dyn Store) -> Result<Vec<JournalView>, StoreError> {
    let mut rows = store.journal(JOURNAL_SHOWN)?;
    let oldest = rows.last().map_or(0, |it| it.seq);
    rows.extend(store.activations(JOURNAL_SHOWN)?.into_iter().filter(|it| it.seq < oldest));
    Ok(rows.into_iter().map(journal).collect())
}

fn journal(row: JournalRow) -> JournalView {
    JournalView {
        seq: row.seq,
        at: row.at,
        what: row.what,
        release: row.release,
        plan: row.plan,
        detail: row.detail,
    }
}
