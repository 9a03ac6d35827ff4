//! Work beside the requests: named, told when to end, and waited for.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use crate::app::App;

/// How often what is over is removed, and the store is tried.
const TIDY_EVERY: Duration = Duration::from_secs(10);
/// How often the floor of the clock is made durable.
const FLOOR_EVERY: Duration = Duration::from_mins(1);
/// How often an open slot is looked at.
const SLOT_EVERY: Duration = Duration::from_millis(200);

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
        set.spawn(named("slot", stopped, slot(app.clone())));
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

/// Ends a slot whose time is over.
async fn slot(app: Arc<App>) {
    loop {
        if app.protocol.waits() {
            drop(tokio::time::timeout(SLOT_EVERY, app.protocol.moved.notified()).await);
        } else {
            app.protocol.moved.notified().await;
        }
        if let Err(error) = app.protocol.expire().await {
            tracing::warn!(error = error.0.detail, "the end of a slot was not stored");
        }
    }
}
