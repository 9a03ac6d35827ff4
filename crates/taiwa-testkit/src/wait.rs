//! Waiting for something that will be true, with an end.
#![expect(clippy::disallowed_methods, reason = "tests wait for processes")]

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);

/// Looks until there is something to see.
///
/// # Panics
/// When there is nothing to see within `seconds`.
#[track_caller]
pub fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {seconds} s: {what}");
        sleep(LOOK);
    }
}
