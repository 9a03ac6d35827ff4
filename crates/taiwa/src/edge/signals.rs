//! Ctrl-C and SIGTERM: a command that waits hears of them and ends in a known state; one that has not begun to talk with
//! servers is ended by whoever listens.
#![expect(clippy::disallowed_methods, reason = "edge: one thread listens while the command works")]

use std::{
    io::{self, Write as _},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::watch;

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
            conditions: Vec::new(),
        }
    }
}

/// What has come, and whether somebody has acted on it.
struct Ear {
    came: watch::Receiver<Option<Signal>>,
    heard: AtomicBool,
    /// Whether the command acts on a signal itself by now; before, it has asked no server for anything.
    attended: AtomicBool,
}

static EAR: OnceLock<Ear> = OnceLock::new();

/// One ear for the whole command, so that a signal between two waits (while git works, say) is not lost. `json`: whether
/// a program reads the answer.
fn installed(json: bool) -> &'static Ear {
    EAR.get_or_init(|| {
        let (tell, came) = watch::channel(None);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                let signal = runtime.block_on(first());
                tell.send(Some(signal)).ok();
                if !EAR.wait().attended.load(Ordering::SeqCst) {
                    end(signal, json);
                }
            }
        });
        Ear { came, heard: AtomicBool::new(false), attended: AtomicBool::new(false) }
    })
}

/// The ear of a command that acts on a signal itself from now on.
fn ear() -> &'static Ear {
    let ear = installed(false);
    ear.attended.store(true, Ordering::SeqCst);
    ear
}

/// Listens from the beginning: until the command acts on signals itself, one ends the process with a word.
pub(crate) fn from_the_beginning(json: bool) {
    installed(json);
}

/// Ends the process where nobody else does: what works has no place yet at which it asks for signals.
#[expect(clippy::exit, reason = "the work that is to end does not look up from it")]
fn end(signal: Signal, json: bool) {
    let failure = signal.failure("stopped by you before it asked any server to change anything");
    let code = failure.exit.code();
    writeln!(io::stderr(), "{failure}").ok();
    if json {
        let answer = serde_json::json!({
            "version": 1, "ok": false, "exit": code, "reason": failure.reason, "message": failure.message,
        });
        writeln!(io::stdout(), "{answer:#}").ok();
    }
    io::stdout().flush().ok();
    std::process::exit(i32::from(code));
}

async fn first() -> Signal {
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

/// Listens from now on, for a command that waits later.
pub(crate) fn listen() {
    ear();
}

/// Waits for the first signal; one that has come already counts.
pub(crate) async fn next() -> Signal {
    let ear = ear();
    let mut came = ear.came.clone();
    let signal = came.wait_for(Option::is_some).await.ok().and_then(|it| *it);
    match signal {
        Some(signal) => {
            ear.heard.store(true, Ordering::SeqCst);
            signal
        }
        // No thread to listen with: then there is nothing to hear.
        None => std::future::pending().await,
    }
}

/// A signal that came while nobody listened, and that nobody has acted on: whoever is done says so, and is no success.
pub(crate) fn unheard() -> Option<Signal> {
    let ear = EAR.get()?;
    let came = *ear.came.borrow();
    came.filter(|_| !ear.heard.load(Ordering::SeqCst))
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

/// A runtime for work that handles signals itself, from now on.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    ear();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
        |error| Failure::world("no-runtime", format!("cannot start worker threads: {error}")),
    )
}
