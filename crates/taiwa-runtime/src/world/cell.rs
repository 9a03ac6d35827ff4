//! A value in memory that one request at a time changes, and that stays while the disk does not have it yet.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// A value in memory.
#[derive(Debug)]
pub(crate) struct Cell<T> {
    value: Mutex<T>,
    pending: AtomicUsize,
    gone: AtomicBool,
}

/// The value, held.
pub(crate) type Held<'a, T> = MutexGuard<'a, T>;

impl<T> Cell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            pending: AtomicUsize::new(0),
            gone: AtomicBool::new(false),
        }
    }

    /// Holds the value; `None` when it was merged, forgotten or failed, and has to be looked up anew.
    pub(crate) fn lock(&self) -> Option<Held<'_, T>> {
        // A panic while it was held is a bug of one request; changes are made whole, so the value is.
        let held = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        (!self.gone.load(Ordering::Acquire)).then_some(held)
    }

    /// A write of it is on its way.
    pub(crate) fn hold(&self) {
        self.pending.fetch_add(1, Ordering::AcqRel);
    }

    /// A write of it ended; whether memory has to let go of it now.
    pub(crate) fn release(&self, failed: bool) -> bool {
        if failed {
            self.end();
        }
        self.pending.fetch_sub(1, Ordering::AcqRel) == 1 && self.gone.load(Ordering::Acquire)
    }

    /// From now on it has to be looked up anew.
    pub(crate) fn end(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Whether memory may drop it: the disk has all of it.
    pub(crate) fn idle(&self) -> bool {
        self.pending.load(Ordering::Acquire) == 0
    }
}
