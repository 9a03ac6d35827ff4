//! What the wall clock is believed: never backwards, and forwards only as far as time has passed.

use serde::{Deserialize, Serialize};
use taiwa_model::Timestamp;

/// No wall clock that is right shows an earlier instant: one that does was never set.
pub const EARLIEST: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// A reading of the clock, judged against the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The later of wall clock and floor: what every comparison uses.
    pub now: Timestamp,
    /// The floor from now on; to be made durable with the next change and each minute.
    pub floor: Timestamp,
    /// False: the wall clock is unset, or behind the floor by more than the skew. Then whatever has a
    /// window, an expiry or a soak is refused with `clock`; serving goes on.
    pub trusted: bool,
    /// The wall clock ran ahead of the time that passed: an alarm.
    pub jump: Option<Jump>,
}

/// A jump of the wall clock forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// How far ahead, in milliseconds.
    pub ahead_ms: i64,
}

impl Reading {
    /// A clock without history, for a program that asks once (`approve`, the planner).
    pub fn once(wall: Timestamp) -> Self {
        Self { now: wall, floor: wall, trusted: wall >= EARLIEST, jump: None }
    }

    /// Judges `wall` against the durable `floor`. `elapsed_ms` is the monotonic time since that floor
    /// was set, `None` right after a start, when the floor may be days old and the wall is all there is.
    pub fn of(floor: Timestamp, wall: Timestamp, elapsed_ms: Option<i64>, skew_s: u64) -> Self {
        let allowed_ms = millis(skew_s);
        let trusted = wall >= EARLIEST && wall.plus_millis(allowed_ms) >= floor;
        let latest = elapsed_ms.map(|it| floor.plus_millis(it.max(0)));
        let ahead_ms = latest.map_or(0, |it| wall.millis_since(it));
        let jump = (floor >= EARLIEST && ahead_ms > allowed_ms).then_some(Jump { ahead_ms });
        let risen = match (jump, latest) {
            (Some(_), Some(latest)) => latest,
            _ => wall,
        };
        Self { now: wall.max(floor), floor: floor.max(risen), trusted, jump }
    }

    /// The moment as the protocol writes it: whole seconds, by the floor. So a clock that leaps forwards
    /// cannot make two signed states look further apart than they are (a soak is real time).
    pub fn issued(&self) -> Timestamp {
        self.floor.whole_second()
    }
}

/// Seconds of a policy as milliseconds.
pub(crate) fn millis(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[track_caller]
    fn check(wall: &str, elapsed_ms: Option<i64>, want: (&str, &str, bool, bool)) {
        let reading = Reading::of(at("2026-11-21T10:00:00Z"), at(wall), elapsed_ms, 5);
        let (now, floor, trusted, jumped) = want;
        assert_eq!(reading.now, at(now));
        assert_eq!(reading.floor, at(floor));
        assert_eq!((reading.trusted, reading.jump.is_some()), (trusted, jumped));
    }

    #[test]
    fn attack_10_and_16_the_clock_never_goes_back_and_never_leaps() {
        let floor = "2026-11-21T10:00:00Z";
        check(
            "2026-11-21T10:00:02Z",
            Some(2_000),
            ("2026-11-21T10:00:02Z", "2026-11-21T10:00:02Z", true, false),
        );
        check("2026-11-21T09:59:56Z", Some(0), (floor, floor, true, false));
        check("2026-11-21T09:59:54Z", Some(0), (floor, floor, false, false));
        check("1970-01-01T00:00:07Z", None, (floor, floor, false, false));
        check(
            "2026-11-21T11:00:00Z",
            Some(1_000),
            ("2026-11-21T11:00:00Z", "2026-11-21T10:00:01Z", true, true),
        );
        check(
            "2026-11-25T11:00:00Z",
            None,
            ("2026-11-25T11:00:00Z", "2026-11-25T11:00:00Z", true, false),
        );
    }

    #[test]
    fn the_borders_of_the_clock() {
        let floor = at("2026-11-21T10:00:00Z");
        assert!(
            Reading::once(EARLIEST).trusted && Reading::of(EARLIEST, EARLIEST, None, 5).trusted
        );
        // As far behind as the skew is believed; a millisecond more is not.
        assert!(Reading::of(floor, floor.plus_millis(-5_000), Some(0), 5).trusted);
        assert!(!Reading::of(floor, floor.plus_millis(-5_001), Some(0), 5).trusted);
        // As far ahead as the skew is no jump; a millisecond more is.
        let jump = |ahead_ms| Reading::of(floor, floor.plus_millis(ahead_ms), Some(0), 5).jump;
        assert_eq!((jump(5_000), jump(5_001)), (None, Some(Jump { ahead_ms: 5_001 })));
        // A floor that was never set says nothing of how far the wall may be; one of the first instant does.
        let first = Reading::of(Timestamp::default(), floor, Some(0), 5);
        assert_eq!((first.floor, first.jump), (floor, None));
        assert!(Reading::of(EARLIEST, floor, Some(0), 5).jump.is_some());
        // Time that ran backwards is no time.
        assert_eq!(Reading::of(floor, floor.plus_millis(3_000), Some(-9_000), 5).jump, None);
    }

    #[test]
    fn an_unset_clock_is_never_trusted() {
        assert!(!Reading::of(Timestamp::default(), Timestamp::from_millis(5), None, 5).trusted);
        assert!(!Reading::once(Timestamp::from_millis(5)).trusted);
    }
}
