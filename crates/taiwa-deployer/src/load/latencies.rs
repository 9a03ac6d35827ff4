//! Latencies, counted in buckets: exact below 256 µs, above it to within 1 %, and never shown shorter than they were.
//!
//! The buckets are those of a high dynamic range histogram: 128 of equal width for each power of two. So a run of any
//! length takes the same 40 KB, and a percentile is that of all requests, not of a sample.

/// Buckets for each power of two.
const STEPS: u64 = 128;
/// The longest latency that is told apart, in microseconds: 19 hours.
const LONGEST_US: u64 = (1 << 36) - 1;

/// How long requests took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    counts: Vec<u64>,
    total: u64,
    max_us: u64,
}

impl Latencies {
    /// Adds one, in microseconds.
    pub fn record(&mut self, latency_us: u64) {
        let bucket = bucket(latency_us.min(LONGEST_US));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max_us = self.max_us.max(latency_us);
    }

    /// How many there are.
    pub const fn len(&self) -> u64 {
        self.total
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The longest, exactly; 0 if there is none.
    pub const fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The latency that so many of 10,000 do not exceed: 9,900 for p99. Rounded up; 0 if there is none.
    pub fn at_bp(&self, share_bp: u64) -> u64 {
        let rank = (u128::from(self.total) * u128::from(share_bp)).div_ceil(10_000).max(1);
        let mut seen = 0_u128;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += u128::from(*count);
            if seen >= rank {
                return longest(bucket).min(self.max_us);
            }
        }
        self.max_us
    }
}

/// The bucket of a latency.
fn bucket(latency_us: u64) -> usize {
    let power =
        u64::from(latency_us.checked_ilog2().unwrap_or(0)).saturating_sub(STEPS.ilog2().into());
    usize::try_from(power * STEPS + (latency_us >> power)).unwrap_or(usize::MAX)
}

/// The longest latency of a bucket.
fn longest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let power = (bucket / STEPS).saturating_sub(1);
    let within = bucket - power * STEPS;
    ((within + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_on_each_other_and_are_never_wider_than_a_hundredth() {
        let mut before = None;
        for bucket_index in 0..=bucket(LONGEST_US) {
            let last = longest(bucket_index);
            assert_eq!(bucket(last), bucket_index, "{last}");
            let first: u64 = before.map_or(0, |it: u64| it + 1);
            assert_eq!(bucket(first), bucket_index, "{first}");
            assert!((last - first) * 100 <= first.max(1), "{first}..={last}");
            before = Some(last);
        }
        assert_eq!(before, Some(LONGEST_US));
    }

    #[test]
    fn percentiles_are_of_all_and_rounded_up() {
        let mut all = Latencies::default();
        assert_eq!((all.at_bp(9_900), all.max_us(), all.is_empty()), (0, 0, true));
        (1..=1_000).for_each(|it| all.record(it * 100));
        assert_eq!(all.len(), 1_000);
        for (share_bp, exact) in [(5_000, 50_000), (9_900, 99_000), (9_990, 99_900)] {
            let got = all.at_bp(share_bp);
            assert!(got >= exact && got <= exact + exact / 100, "{share_bp}: {got} for {exact}");
        }
        assert_eq!((all.at_bp(10_000), all.at_bp(0), all.max_us()), (100_000, 100, 100_000));
        let mut one = Latencies::default();
        one.record(u64::MAX);
        assert_eq!((one.at_bp(5_000), one.max_us()), (longest(bucket(LONGEST_US)), u64::MAX));
    }

    #[test]
    fn a_stall_is_in_every_request_that_was_due_meanwhile() {
        // A server answers in 1 ms, and for one second of ten not at all; 100 requests a second were due.
        let mut open = Latencies::default();
        for request in 0..1_000_u64 {
            let due_ms = request * 10;
            let answered_ms = if (5_000..6_000).contains(&due_ms) { 6_001 } else { due_ms + 1 };
            open.record((answered_ms - due_ms) * 1_000);
        }
        // One request in ten waited; a generator that waits for the answer before it asks again would see one.
        assert!(open.at_bp(9_900) > 890_000, "{}", open.at_bp(9_900));
        assert!(open.at_bp(9_000) <= 1_010, "{}", open.at_bp(9_000));
    }
}
