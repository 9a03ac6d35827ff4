//! Measures what happens in process: `cargo xtask bench` runs it in the release profile and keeps its table.
//!
//! Each figure is the median of several runs, with the fastest and the slowest beside it; the input is generated, so
//! that everybody measures the same. Deliberately absent: limits and verdicts. A benchmark is not a test.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints a table"
)]

use std::{hint::black_box, time::Instant};

use serde_json::json;
use taiwa_config::{Content, InputFile};
use taiwa_decide::{Compiled, Explain, Person, Request, Session, decide, set_attributes};
use taiwa_model::{Components, PointName, Timestamp};
use taiwa_release::{Release, diff};
use taiwa_stories::{Files, findings, generated};
use taiwa_validator::{Options, Stage};

/// Runs of each measurement; odd, so that there is a middle one.
const RUNS: usize = 9;

fn main() {
    println!("| what | median | fastest | slowest |\n|---|---|---|---|");
    let offers = 1_287; // with segments, scenarios and the sample: 2,000 files
    let files = generated::workspace(offers);
    let bytes: usize = files.values().map(Vec::len).sum();
    let count = files.len();
    let validation = format!("validate {count} files, {} KB, in process, one thread", bytes / 1000);
    row(&validation, 1, || findings(files.clone(), &options()).0.findings.len());
    let components = load(files);
    row(&format!("make the release of {} components", components.ids().len()), 1, || {
        Release::seal(components.clone()).map(|it| it.digest())
    });
    let release = Release::seal(components.clone()).expect("the generated workspace is sound");
    row(&format!("read it back and verify it, {} KB", release.bytes().len() / 1000), 1, || {
        Release::read(release.bytes()).map(|it| it.digest())
    });
    row("compile it for decisions", 1, || Compiled::new(release.digest(), &components).is_ok());
    let mut changed = components.clone();
    for offer in changed.offers.values_mut().take(10) {
        offer.content.value += 1.0;
    }
    row("the difference of two such releases, ten offers changed", 1, || {
        diff(Some(&components), &changed).changes.len()
    });
    for candidates in [9, 100, 1_000] {
        decisions(candidates);
    }
}

/// One decision at a point whose zone has so many candidates; the smallest is the home page of the sample.
fn decisions(candidates: usize) {
    let bulk = if candidates < 10 { 1 } else { candidates };
    let point = PointName::new(if candidates < 10 { "home-tiles" } else { generated::POINT });
    let components = load(generated::workspace(bulk));
    let release = Release::seal(components).expect("the generated workspace is sound");
    let compiled = Compiled::new(release.digest(), release.components()).expect("it compiles");
    let now = options().at;
    let mut person = Person::default();
    let attributes = json!({ "tier": "gold", "interests": ["espresso"], "points": 600, "age": 34 });
    let attributes = attributes.as_object().expect("an object");
    set_attributes(&compiled, &mut person, attributes).expect("the attributes are declared");
    let session = Session {
        channel: "web-store".into(),
        level: "customer".into(),
        key: "c-1".to_owned(),
        locale: Some("en".into()),
        started: now,
        last_shown: Vec::new(),
    };
    for (explain, with) in [(Explain::Nothing, ""), (Explain::EveryCandidate, ", with all reasons")]
    {
        let request = Request {
            session: &session,
            person: &person,
            point: &point,
            limit: None,
            exclude: &[],
            explain,
        };
        let repeat = (200_000 / candidates).clamp(20, 5_000);
        row(&format!("one decision among {candidates} candidates{with}"), repeat, || {
            decide(&compiled, &request, now).map(|it| it.offers.len())
        });
    }
}

fn options() -> Options {
    let at = Timestamp::parse("2026-11-21T10:00:00Z").expect("a time");
    Options { at, stage: Stage::Edit }
}

fn load(files: Files) -> Components {
    let input = files
        .into_iter()
        .map(|(path, bytes)| InputFile { path, content: Content::Bytes(bytes) })
        .collect();
    let (project, findings) = taiwa_config::load(input);
    assert!(findings.is_empty(), "the generated workspace is sound: {findings:?}");
    project.components
}

/// Measures `repeat` calls at a time and prints the time of one.
fn row<T>(what: &str, repeat: usize, mut call: impl FnMut() -> T) {
    black_box(call());
    let mut runs: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..repeat {
                black_box(call());
            }
            started.elapsed().as_secs_f64() / f64::from(u32::try_from(repeat).unwrap_or(u32::MAX))
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    let text = |index: usize| runs.get(index).map_or_else(String::new, |it| time(*it));
    println!("| {what} | {} | {} | {} |", text(RUNS / 2), text(0), text(RUNS - 1));
}

fn time(seconds: f64) -> String {
    match seconds {
        it if it >= 1.0 => format!("{it:.2} s"),
        it if it >= 1e-3 => format!("{:.1} ms", it * 1e3),
        it => format!("{:.2} µs", it * 1e6),
    }
}
