//! When something happened to one person: exact instants, and hourly sums for what overflowed.
//!
//! **Invariants.** `instants` and `hours` are sorted; an occurrence stands in exactly one of them. At most
//! [`MAX_INSTANTS`] instants are exact, the newest; older ones are in the sum of their hour of the clock (UTC). A sum
//! remembers its first and last instant, so it is known whether a window cuts it. A cut hour counts whole: the answer
//! is never too small, and too large by at most what lies in that one hour.
//! Deliberately absent: the clock, and which windows are read (`compiled::keep`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use taiwa_model::{PropertyName, SpanOfTime, Timestamp};

/// Most exact instants kept for one person and one event, or one offer and one kind of contact.
pub const MAX_INSTANTS: usize = 1_000;

/// Most hourly sums of one history: the hours of the longest window, and the two that it cuts.
pub const MAX_HOURS: usize = 400 * 24 + 2;

const HOUR_MS: i64 = 3_600_000;

/// The numbers of an occurrence that some `sum` reads.
pub type Numbers = BTreeMap<PropertyName, f64>;

/// A history of one thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    #[serde(default, rename = "i", skip_serializing_if = "Vec::is_empty")]
    instants: Vec<Instant>,
    #[serde(default, rename = "h", skip_serializing_if = "Vec::is_empty")]
    hours: Vec<Hour>,
    #[serde(default, rename = "l", skip_serializing_if = "Option::is_none")]
    last: Option<i64>,
    /// The last instant of what a limit made us forget.
    #[serde(default, rename = "g", skip_serializing_if = "Option::is_none")]
    gone: Option<i64>,
}

/// One occurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instant {
    /// Milliseconds since the epoch.
    #[serde(rename = "t")]
    at: i64,
    #[serde(default, rename = "n", skip_serializing_if = "Numbers::is_empty")]
    numbers: Numbers,
}

/// What happened within one hour of the clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hour {
    #[serde(rename = "f")]
    first: i64,
    #[serde(rename = "t")]
    last: i64,
    #[serde(rename = "c")]
    count: u64,
    #[serde(default, rename = "n", skip_serializing_if = "Numbers::is_empty")]
    numbers: Numbers,
}

/// What a window holds, and whether that is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<T> {
    /// The answer.
    pub value: T,
    /// Whether the window cuts an hour of which only the sum is kept, or reaches into what was forgotten.
    pub approximate: bool,
}

impl Moments {
    /// Takes in an occurrence where it belongs in time.
    pub fn record(&mut self, at: Timestamp, numbers: Numbers) {
        let at = at.as_millis();
        self.last = Some(self.last.map_or(at, |it| it.max(at)));
        let place = self.instants.partition_point(|it| it.at <= at);
        self.instants.insert(place, Instant { at, numbers });
        if self.instants.len() > MAX_INSTANTS {
            self.collapse(self.instants.len() - MAX_INSTANTS);
        }
    }

    /// How many lie in `(now − window, now]`.
    pub fn count(&self, window: SpanOfTime, now: Timestamp) -> Reading<i64> {
        let (after, until) = bounds(window, now);
        let exact = self.before(until) - self.before(after);
        let mut reading = Reading {
            value: i64::try_from(exact).unwrap_or(i64::MAX),
            approximate: self.lacks(after),
        };
        for hour in self.hours_within(after, until) {
            reading.value =
                reading.value.saturating_add(i64::try_from(hour.count).unwrap_or(i64::MAX));
            reading.approximate |= hour.first <= after || hour.last > until;
        }
        reading
    }

    /// The sum of a property in `(now − window, now]`; occurrences without it count as 0.
    pub fn sum(&self, property: &str, window: SpanOfTime, now: Timestamp) -> Reading<f64> {
        let (after, until) = bounds(window, now);
        let from = self.instants.partition_point(|it| it.at <= after);
        let mut reading = Reading { value: 0.0, approximate: self.lacks(after) };
        for hour in self.hours_within(after, until) {
            reading.value += hour.numbers.get(property).unwrap_or(&0.0);
            reading.approximate |= hour.first <= after || hour.last > until;
        }
        for it in self.instants.iter().skip(from).take_while(|it| it.at <= until) {
            reading.value += it.numbers.get(property).unwrap_or(&0.0);
        }
        reading
    }

    /// The last occurrence, kept for ever.
    pub fn last(&self) -> Option<Timestamp> {
        self.last.map(Timestamp::from_millis)
    }

    /// Forgets what no window of this length can read any more; the last instant stays.
    pub fn trim(&mut self, longest: SpanOfTime, now: Timestamp) {
        let after = now.as_millis().saturating_sub(longest.as_millis());
        let old = self.instants.partition_point(|it| it.at <= after);
        self.instants.drain(..old);
        self.hours.retain(|it| it.last > after);
    }

    /// Moves everything of `other` here; nothing is counted twice, because nothing stays there.
    pub fn absorb(&mut self, other: &mut Self) {
        let other = std::mem::take(other);
        self.last = self.last.max(other.last);
        self.gone = self.gone.max(other.gone);
        for hour in other.hours {
            self.add_hour(hour);
        }
        self.instants.extend(other.instants);
        self.instants.sort_by_key(|it| it.at);
        if self.instants.len() > MAX_INSTANTS {
            self.collapse(self.instants.len() - MAX_INSTANTS);
        }
    }

    /// How many exact instants and hourly sums are kept.
    pub fn size(&self) -> usize {
        self.instants.len() + self.hours.len()
    }

    /// How many of them are exact.
    pub fn exact(&self) -> usize {
        self.instants.len()
    }

    /// Puts the oldest exact instants into the sums of their hours.
    pub fn collapse(&mut self, how_many: usize) {
        let how_many = how_many.min(self.instants.len());
        let old: Vec<Instant> = self.instants.drain(..how_many).collect();
        for it in old {
            self.add_hour(Hour { first: it.at, last: it.at, count: 1, numbers: it.numbers });
        }
    }

    /// Forgets the oldest hourly sums, so many of them.
    pub fn forget_hours(&mut self, how_many: usize) {
        let gone = self.hours.drain(..how_many.min(self.hours.len())).next_back();
        self.gone = self.gone.max(gone.map(|it| it.last));
    }

    fn add_hour(&mut self, new: Hour) {
        let key = new.first.div_euclid(HOUR_MS);
        let place = self.hours.partition_point(|it| it.first.div_euclid(HOUR_MS) < key);
        match self.hours.get_mut(place).filter(|it| it.first.div_euclid(HOUR_MS) == key) {
            Some(hour) => {
                hour.first = hour.first.min(new.first);
                hour.last = hour.last.max(new.last);
                hour.count = hour.count.saturating_add(new.count);
                for (name, number) in new.numbers {
                    *hour.numbers.entry(name).or_default() += number;
                }
            }
            None => self.hours.insert(place, new),
        }
        if self.hours.len() > MAX_HOURS {
            self.forget_hours(self.hours.len() - MAX_HOURS);
        }
    }

    fn before(&self, until: i64) -> usize {
        self.instants.partition_point(|it| it.at <= until)
    }

    /// Whether something that this window would read was forgotten.
    fn lacks(&self, after: i64) -> bool {
        self.gone.is_some_and(|it| it > after)
    }

    fn hours_within(&self, after: i64, until: i64) -> impl Iterator<Item = &Hour> {
        let from = self.hours.partition_point(|it| it.last <= after);
        self.hours.iter().skip(from).take_while(move |it| it.first <= until)
    }
}

fn bounds(window: SpanOfTime, now: Timestamp) -> (i64, i64) {
    (now.as_millis().saturating_sub(window.as_millis()), now.as_millis())
}
