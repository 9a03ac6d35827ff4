//! Ctrl-C and SIGTERM: a command that waits hears of them and ends in a known state.

use crate::{Exit, Failure};

/// Which signal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Signal {
    /// The exit code that tells of it.
    pub(crate) const fn exit(self) -> Exit {
        match self {
            Self::Interrupt => Exit::Interrupted,
            Self::Terminate => Exit::Terminated,
        }
    }

    /// The failure that ends a command which changed nothing.
    pub(crate) fn failure(self, what: &str) -> Failure {
        Failure {
            exit: self.exit(),
            reason: "interrupted",
            message: what.to_owned(),
            help: Vec::new(),
        }
    }
}

/// Waits for the first signal.
pub(crate) async fn next() -> Signal {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = interrupt => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            };
        }
    }
    interrupt.await.ok();
    Signal::Interrupt
}

/// Runs work on a runtime of its own until it ends or a signal comes; work that only asks can simply be dropped.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    runtime()?.block_on(async {
        tokio::select! {
            done = work => done,
            signal = next() => Err(signal.failure("stopped by you; nothing was changed by this command")),
        }
    })
}

/// A runtime for work that handles signals itself.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
        |error| Failure::world("no-runtime", format!("cannot start worker threads: {error}")),
    )
}
