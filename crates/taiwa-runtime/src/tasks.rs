//! Work beside the requests: named, told when to end, and waited for.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use crate::{app::App, peers};

/// How often what is over is removed, and the store is tried.
const TIDY_EVERY: Duration = Duration::from_secs(10);
/// How often the floor of the clock is made durable.
const FLOOR_EVERY: Duration = Duration::from_mins(1);
/// How often an open slot is looked at.
const SLOT_EVERY: Duration = Duration::from_millis(200);
/// How often an emergency is looked at.
const REVERT_EVERY: Duration = Duration::from_secs(1);

/// Work beside the requests.
pub(crate) struct Tasks {
    set: JoinSet<&'static str>,
    stop: watch::Sender<bool>,
}

impl Tasks {
    pub(crate) fn start(app: &Arc<App>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut set = JoinSet::new();
        set.spawn(named("tidy", stopped.clone(), tidy(app.clone())));
        set.spawn(named("floor", stopped.clone(), floor(app.clone())));
        set.spawn(named("slot", stopped.clone(), slot(app.clone())));
        set.spawn(named("peers", stopped, peers::ask(app.clone())));
        Self { set, stop }
    }

    /// Ends all of it, and waits.
    pub(crate) async fn end(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.set.join_next().await {
            match ended {
                Ok(name) => tracing::debug!(name, "ended"),
                Err(error) => tracing::error!(%error, "work beside the requests met a bug"),
            }
        }
    }
}

async fn named(
    name: &'static str,
    mut stopped: watch::Receiver<bool>,
    work: impl Future<Output = ()> + Send,
) -> &'static str {
    tokio::select! {
        () = work => {}
        _ = stopped.wait_for(|it| *it) => {}
    }
    name
}

/// Removes what is over. It also tries the store, so that `/readyz` knows.
async fn tidy(app: Arc<App>) {
    let mut every = tokio::time::interval(TIDY_EVERY);
    loop {
        every.tick().await;
        app.sandboxes.tidy(app.clock.elapsed_ms());
        app.meters.tidy();
        let result = match app.world.tidy() {
            Ok(durable) => durable.wait().await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            tracing::error!(%error, "the store fails");
        }
        app.store_fails.store(result.is_err(), Ordering::Relaxed);
    }
}

async fn floor(app: Arc<App>) {
    let mut every = tokio::time::interval(FLOOR_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = app.protocol.keep_floor().await {
            tracing::warn!(error = error.0.detail, "the floor of the clock was not stored");
        }
    }
}

/// Ends a slot, or an emergency, whose time is over.
async fn slot(app: Arc<App>) {
    loop {
        let moved = app.protocol.moved.notified();
        if app.protocol.waits() {
            drop(tokio::time::timeout(SLOT_EVERY, moved).await);
        } else if app.protocol.reverts() {
            drop(tokio::time::timeout(REVERT_EVERY, moved).await);
        } else {
            moved.await;
        }
        if let Err(error) = app.protocol.expire().await {
            tracing::warn!(error = error.0.detail, "the end of a slot was not stored");
        }
        if let Err(error) = app.protocol.revert().await {
            tracing::error!(error = error.0.detail, "an emergency is over and could not be ended");
        }
    }
}
