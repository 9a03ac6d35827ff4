//! The time of the runtime. Everything that asks for the time asks here.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clocks of the machine"
)]

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use taiwa_model::Timestamp;

/// Two clocks: the one that people set, and the one that only runs on.
pub trait Clock: Send + Sync {
    /// What the wall clock shows. It may jump.
    fn wall(&self) -> Timestamp;

    /// Milliseconds since some fixed instant of this process. Never goes back, never jumps.
    fn elapsed_ms(&self) -> i64;
}

/// The clocks of the machine.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        // A clock before 1970 was never set; the protocol does not trust it either way.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// A clock that stands still until it is moved: of a sandbox, and of tests.
#[derive(Debug)]
pub struct ManualClock {
    wall_ms: AtomicI64,
    elapsed_ms: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this instant.
    pub const fn new(at: Timestamp) -> Self {
        Self { wall_ms: AtomicI64::new(at.as_millis()), elapsed_ms: AtomicI64::new(0) }
    }

    /// Both clocks move on; what it shows then.
    pub fn advance_ms(&self, millis: i64) -> Timestamp {
        self.elapsed_ms.fetch_add(millis, Ordering::SeqCst);
        let before = self.wall_ms.fetch_add(millis, Ordering::SeqCst);
        Timestamp::from_millis(before.saturating_add(millis))
    }

    /// Somebody sets the wall clock; the other runs on as before.
    pub fn set_wall(&self, at: Timestamp) {
        self.wall_ms.store(at.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.wall_ms.load(Ordering::SeqCst))
    }

    fn elapsed_ms(&self) -> i64 {
        self.elapsed_ms.load(Ordering::SeqCst)
    }
}
