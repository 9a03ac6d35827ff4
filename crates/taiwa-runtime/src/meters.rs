//! What is counted: for `GET /metrics`, and as plain numbers for the status.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use metrics::{Counter, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use taiwa_api::Door;

const METADATA: Metadata<'_> = Metadata::new("taiwa", Level::INFO, None);
/// Upper bounds of the histogram of answers, in seconds.
const BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// A number that only grows.
pub(crate) struct Count {
    total: AtomicU64,
    metric: Counter,
}

impl Count {
    pub(crate) fn add_one(&self) {
        self.total.fetch_add(1, Ordering::Relaxed);
        self.metric.increment(1);
    }

    fn get(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

struct DoorMeters {
    classes: [Counter; 4],
    seconds: Histogram,
}

/// Everything that is counted.
pub(crate) struct Meters {
    handle: PrometheusHandle,
    doors: BTreeMap<Door, DoorMeters>,
    pub(crate) decisions: Count,
    pub(crate) events: Count,
    pub(crate) duplicates: Count,
    pub(crate) undeclared: Count,
    pub(crate) sessions: Count,
    pub(crate) problems: Count,
    pub(crate) bugs: Count,
}

impl Default for Meters {
    fn default() -> Self {
        // The buckets are a constant and not empty, which is all that can be wrong with them.
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets(&BUCKETS).unwrap_or_default();
        let recorder = builder.build_recorder();
        let counter = |name: &'static str, labels: Vec<Label>| {
            recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
        };
        let doors = Door::ALL.iter().map(|door| {
            let label = || Label::new("door", door.id());
            let classes = CLASSES
                .map(|it| counter("taiwa_requests_total", vec![label(), Label::new("class", it)]));
            let key = Key::from_parts("taiwa_request_seconds", vec![label()]);
            (*door, DoorMeters { classes, seconds: recorder.register_histogram(&key, &METADATA) })
        });
        let doors = doors.collect();
        let count = |name| Count { total: AtomicU64::new(0), metric: counter(name, Vec::new()) };
        Self {
            doors,
            decisions: count("taiwa_decisions_total"),
            events: count("taiwa_events_total"),
            duplicates: count("taiwa_events_duplicate_total"),
            undeclared: count("taiwa_events_undeclared_total"),
            sessions: count("taiwa_sessions_started_total"),
            problems: count("taiwa_problems_total"),
            bugs: count("taiwa_bugs_total"),
            handle: recorder.handle(),
        }
    }
}

impl Meters {
    /// A door answered.
    pub(crate) fn answered(&self, door: Door, status: u16, took: Duration) {
        if let Some(meters) = self.doors.get(&door) {
            let class = usize::from((status / 100).clamp(2, 5) - 2);
            meters.classes[class].increment(1);
            meters.seconds.record(took.as_secs_f64());
        }
        if status >= 400 {
            self.problems.add_one();
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn render(&self) -> String {
        self.tidy();
        self.handle.render()
    }

    /// Sums up what was measured since the last time; until then every answer takes some bytes.
    pub(crate) fn tidy(&self) {
        self.handle.run_upkeep();
    }

    /// The plain numbers.
    pub(crate) fn counters(&self) -> BTreeMap<String, u64> {
        [
            ("decisions", &self.decisions),
            ("events", &self.events),
            ("events_duplicate", &self.duplicates),
            ("events_undeclared", &self.undeclared),
            ("sessions_started", &self.sessions),
            ("problems", &self.problems),
            ("bugs", &self.bugs),
        ]
        .map(|(name, count)| (name.to_owned(), count.get()))
        .into()
    }
}
