//! Work beside the requests: named, told when to end, and waited for. What meets a bug begins anew: a server that no longer
//! asks its peers, or ends no emergency, would look well.

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
/// How long work rests that met a bug.
const REST: Duration = Duration::from_secs(1);
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
        set.spawn(named(("tidy", app.clone()), stopped.clone(), tidy));
        set.spawn(named(("floor", app.clone()), stopped.clone(), floor));
        set.spawn(named(("slot", app.clone()), stopped.clone(), slot));
        set.spawn(named(("peers", app.clone()), stopped, peers::ask));
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

async fn named<F: Future<Output = ()> + Send + 'static>(
    (name, app): (&'static str, Arc<App>),
    mut stopped: watch::Receiver<bool>,
    work: impl Fn(Arc<App>) -> F + Send,
) -> &'static str {
    loop {
        let mut running = JoinSet::new();
        running.spawn(work(app.clone()));
        let ended = tokio::select! {
            ended = running.join_next() => ended,
            () = told(&mut stopped) => None,
        };
        running.shutdown().await;
        let Some(Err(error)) = ended else { return name };
        app.meters.bugs.add_one();
        tracing::error!(name, %error, "work beside the requests met a bug, and begins anew");
        if tokio::time::timeout(REST, told(&mut stopped)).await.is_ok() {
            return name;
        }
    }
}

/// Until it is told to end.
async fn told(stopped: &mut watch::Receiver<bool>) {
    stopped.wait_for(|it| *it).await.ok();
}

/// Removes what is over. It also tries the store, so that `/readyz` knows.
async fn tidy(app: Arc<App>) {
    let mut every = tokio::time::interval(TIDY_EVERY);
    loop {
        every.tick().await;
        app.sandboxes.tidy(app.clock.elapsed_ms());
        app.meters.tidy();
        let noting = app.clone();
        drop(tokio::task::spawn_blocking(move || note(&noting)).await);
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

/// Notes what is good to have after a restart.
pub(crate) fn note(app: &App) {
    if let Err(error) = app.exposure.keep() {
        tracing::warn!(%error, "the exposure was not noted");
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::{Config, Server};

    #[tokio::test]
    async fn work_that_panics_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::open(Config::new(dir.path())).await.unwrap();
        let (begun, (_stop, stopped)) = (Arc::new(AtomicUsize::new(0)), watch::channel(false));
        let counted = begun.clone();
        let work = move |_| {
            let times = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert!(times > 0, "a bug") }
        };
        tokio::time::pause();
        assert_eq!(named(("work", server.app().clone()), stopped, work).await, "work");
        assert_eq!(begun.load(Ordering::SeqCst), 2);
        assert_eq!(server.app().meters.counters()["bugs"], 1);
    }
}
