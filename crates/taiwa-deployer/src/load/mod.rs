//! Load: whether the servers of an environment bear so many decisions a second, and how long each takes.
//!
//! **Invariants.** The load is open: when a request is due is written down before the first one is sent, and its latency
//! counts from then, whether or not it could be sent in time. So a server that stalls shows its stall in every request
//! that was due meanwhile (no coordinated omission). This module is the pure core, without a clock: when what is due,
//! what a latency counts as, what a run came to. [`drive`] is the edge that asks.
//! Deliberately absent: the limits, which are the policy's (`taiwa-plan`).

mod drive;
mod latencies;
mod questions;

pub use drive::{Driven, drive};
pub use latencies::Latencies;
pub use questions::{Visitor, questions};

/// How fast, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Requests a second, over all servers together; at least 1.
    pub rate_per_s: u64,
    /// How long, in seconds.
    pub for_s: u64,
}

impl Pace {
    /// How many requests that is.
    pub const fn planned(self) -> u64 {
        self.rate_per_s.saturating_mul(self.for_s)
    }

    /// When a request is due, in microseconds from the beginning: evenly spread, the first at once.
    pub fn due_us(self, request: u64) -> u64 {
        let due = u128::from(request) * 1_000_000 / u128::from(self.rate_per_s.max(1));
        u64::try_from(due).unwrap_or(u64::MAX)
    }
}

/// Whom a request asks, and what: each server in turn, and each of them every question in turn.
pub(crate) fn turn(request: u64, servers: usize, questions: usize) -> Option<(usize, usize)> {
    let (servers_u, questions_u) = (servers as u64, questions as u64);
    let server = request.checked_rem(servers_u)?;
    let question = request.checked_div(servers_u)?.checked_rem(questions_u)?;
    Some((usize::try_from(server).ok()?, usize::try_from(question).ok()?))
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that were sent while the time ran.
    pub sent: u64,
    /// Those of them that were not answered, or not with a decision of the release; a timeout is one.
    pub errors: u64,
    /// How long each took from when it was due, also those that failed.
    pub latencies: Latencies,
}

impl Tally {
    /// Counts a request that has ended.
    pub fn ended(&mut self, latency_us: u64, answered: bool) {
        self.sent += 1;
        self.errors += u64::from(!answered);
        self.latencies.record(latency_us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_due_evenly_and_however_long_the_run() {
        let pace = Pace { rate_per_s: 400, for_s: 10 };
        assert_eq!(pace.planned(), 4_000);
        assert_eq!(
            [0, 1, 399, 400, 3_999].map(|it| pace.due_us(it)),
            [0, 2_500, 997_500, 1_000_000, 9_997_500]
        );
        // Three a second: no rounding adds up.
        let odd = Pace { rate_per_s: 3, for_s: 1_000 };
        assert_eq!(
            [1, 2, 3, 2_999].map(|it| odd.due_us(it)),
            [333_333, 666_666, 1_000_000, 999_666_666]
        );
        let endless = Pace { rate_per_s: u64::MAX, for_s: u64::MAX };
        assert_eq!(endless.planned(), u64::MAX);
        assert_eq!(Pace { rate_per_s: 0, for_s: 1 }.due_us(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_server_is_asked_every_question() {
        let turns: Vec<_> = (0..7).filter_map(|it| turn(it, 2, 3)).collect();
        assert_eq!(turns, [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (0, 0)]);
        assert_eq!((turn(0, 0, 3), turn(0, 2, 0)), (None, None));
    }

    #[test]
    fn what_failed_took_its_time_too() {
        let mut tally = Tally::default();
        (0..99).for_each(|_| tally.ended(1_000, true));
        tally.ended(10_000_000, false);
        assert_eq!((tally.sent, tally.errors), (100, 1));
        assert_eq!(tally.latencies.max_us(), 10_000_000);
        assert!(tally.latencies.at_bp(9_901) >= 10_000_000 - 1);
    }
}
