//! Measures what happens in process: `cargo xtask bench` runs it in the release profile and keeps its table.
//!
//! Each figure is the median of several runs, with the fastest and the slowest beside it; the input is generated, so
//! that everybody measures the same. Deliberately absent: limits and verdicts. A benchmark is not a test.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints a table"
)]

use std::{hint::black_box, path::Path, process::Command, time::Instant};

use serde_json::{Value as Json, json};
use taiwa_config::{Content, InputFile};
use taiwa_decide::{
    Compiled, Explain, Person, PostOutcome, Posted, Request, Session, decide, post, set_attributes,
};
use taiwa_meaning::Budget;
use taiwa_model::{ChannelName, Components, PointName, Timestamp};
use taiwa_release::{Release, diff};
use taiwa_stories::{Files, below, findings, generated};
use taiwa_validator::{Options, Stage};

/// Runs of each measurement; odd, so that there is a middle one.
const RUNS: usize = 9;
/// The command.
const PROGRAM: &str = env!("CARGO_BIN_EXE_story-taiwa");

fn main() {
    println!("| what | median | fastest | slowest |\n|---|---|---|---|");
    let offers = 1_287; // with segments, scenarios and the sample: 2,000 files
    let files = generated::workspace(offers);
    let bytes: usize = files.values().map(Vec::len).sum();
    let count = files.len();
    let size = format!("{count} files, {} KB", bytes / 1000);
    command(&files, &size);
    row(&format!("read {size} with a general YAML reader, no checks, one thread"), 1, || {
        files.values().filter(|it| serde_yaml::from_slice::<Json>(it).is_ok()).count()
    });
    row(&format!("validate {size}, in process, one thread"), 1, || {
        findings(files.clone(), &options()).0.findings.len()
    });
    for (segments, channels) in [(200, 20), (2_000, 200)] {
        analysis(segments, channels);
    }
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
    for candidates in [9, 100, 1_000, 10_000] {
        decisions(candidates);
    }
}

/// The command that people type, as a process of its own, beside what it costs to find and read the files at all.
fn command(files: &Files, size: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    row(&format!("walk and read {size}, one thread"), 1, || below(folder.path(), "").len());
    let program = Path::new(PROGRAM);
    let run = |folder: &Path, argument: &str| {
        let output = Command::new(program).arg(argument).current_dir(folder).output();
        let output = output.expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    row("`taiwa --version`, the whole process", 5, || run(folder.path(), "--version"));
    row(&format!("`taiwa validate` of {size}, the whole process"), 1, || {
        run(folder.path(), "validate");
    });
}

/// Ten times as many offers in the same zone; a strategy of that length is more than one file may hold.
fn tenfold(mut components: Components) -> Components {
    let strategy = components.strategies.get_mut("web-store").expect("the sample has it");
    let bulk = |name: &str| name.starts_with("bulk-o");
    let rules: Vec<_> =
        strategy.rules.iter().filter(|it| bulk(it.offer.as_str())).cloned().collect();
    let offers: Vec<_> = components
        .offers
        .iter()
        .filter(|it| bulk(it.0.as_str()))
        .map(|it| (it.0.clone(), it.1.clone()))
        .collect();
    for copy in 1..10 {
        let name = |it: &str| format!("{it}-{copy}");
        for rule in &rules {
            let mut rule = rule.clone();
            rule.offer = name(rule.offer.as_str()).into();
            strategy.rules.push(rule);
        }
        for (old, offer) in &offers {
            // It speaks of itself in its condition.
            let condition =
                offer.content.eligible.clone().map(|it| {
                    it.replace(&format!("{old}\""), &format!("{}\"", name(old.as_str())))
                });
            let mut offer = offer.clone();
            offer.content.eligible = condition;
            components.offers.insert(name(old.as_str()).into(), offer);
        }
    }
    components
}

/// Somebody of whom something is known, and who did something.
fn somebody(compiled: &Compiled, now: Timestamp) -> Person {
    let mut person = Person::default();
    let attributes = json!({ "tier": "gold", "interests": ["espresso"], "points": 600, "age": 34 });
    let attributes = attributes.as_object().expect("an object");
    set_attributes(compiled, &mut person, attributes).expect("the attributes are declared");
    let channel = ChannelName::new("web-store");
    for number in 0..40_i64 {
        let (event, properties) = match number % 4 {
            0 => ("page_view", json!({ "page": "home" })),
            1 => ("product_view", json!({ "sku": "kenya" })),
            2 => ("banner_shown", json!({ "offer": format!("bulk-o{number}") })),
            _ => ("add_to_cart", json!({ "sku": "kenya", "price": 12.5 })),
        };
        let posted = Posted {
            channel: &channel,
            event,
            properties: properties.as_object().expect("an object"),
            at: Some(now.plus_millis(-number * 3_600_000)),
            session: None,
        };
        let outcome = post(compiled, &mut person, &posted, now);
        assert!(matches!(outcome, PostOutcome::Accepted(_)), "{outcome:?}");
    }
    person
}

/// One decision at a point whose zone has so many candidates; the smallest is the home page of the sample.
fn decisions(candidates: usize) {
    let point = PointName::new(if candidates < 10 { "home-tiles" } else { generated::POINT });
    let components = match candidates {
        ..10 => load(generated::workspace(1)),
        10..=1_000 => load(generated::workspace(candidates)),
        _ => tenfold(load(generated::workspace(candidates / 10))),
    };
    let release = Release::seal(components).expect("the generated workspace is sound");
    let compiled = Compiled::new(release.digest(), release.components()).expect("it compiles");
    let now = options().at;
    let person = somebody(&compiled, now);
    let session = Session {
        channel: "web-store".into(),
        level: "customer".into(),
        key: "c-1".to_owned(),
        locale: Some("en".into()),
        started: now,
        last_shown: Vec::new(),
        began_as: None,
    };
    for (explain, with) in [
        (Explain::Nothing, ""),
        (Explain::Stages, ", with the stages that are kept"),
        (Explain::EveryCandidate, ", with all reasons in words"),
    ] {
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

/// What the rules about meaning cost: the check with a budget for them, and with none.
fn analysis(segments: usize, channels: usize) {
    let input = crowded(segments, channels).into_iter();
    let input = input.map(|(path, bytes)| InputFile { path, content: Content::Bytes(bytes) });
    let (project, parsing) = taiwa_config::load(input.collect());
    let options = options();
    let size = format!("{segments} segments and {channels} strategies of 20 rules");
    row(&format!("check {size}, read before, the meaning of conditions included"), 1, || {
        taiwa_validator::check(&project, parsing.clone(), &options).findings.len()
    });
    row(&format!("check {size}, read before, with no budget for the meaning"), 1, || {
        let budget = Budget { nodes: 2 };
        taiwa_validator::check_within(&project, parsing.clone(), &options, budget).findings.len()
    });
}

/// The sample with segments over sixty more attributes, some of which hang on others, and channels that use them.
fn crowded(segments: usize, channels: usize) -> Files {
    let mut files = generated::workspace(0);
    let mut put = |path: String, text: String| drop(files.insert(path, text.into_bytes()));
    let numbers = (0..60).map(|it| format!("  a{it}: {{ type: int, min: 0, max: 1000 }}\n"));
    let audience =
        String::from_utf8_lossy(&generated::workspace(0)["channels/shared/audience.yaml"])
            .replace("attributes:\n", &format!("attributes:\n{}", numbers.collect::<String>()));
    put("channels/shared/audience.yaml".into(), audience);
    for it in 0..segments {
        let (a, b, c) = (it % 60, (it * 7 + 3) % 60, (it / 60) % 60);
        let other = format!(" && !in_segment('s{}')", it / 2);
        let other = if it > 20 && it % 3 == 0 { other } else { String::new() };
        let (low, middle, high) = (it % 97, 100 + it % 89, 300 + it % 83);
        let when =
            format!("profile.a{a} >= {low} && (profile.a{b} < {middle} || profile.a{c} > {high})");
        let path = format!("channels/shared/segments/s{it}.yaml");
        put(path, format!("title: S{it}\nwhen: {when}{other}\n"));
    }
    let treatment = |it| format!("  c{it}: {{ en: {{ headline: Hi }} }}\n");
    let treatments = (0..channels).map(treatment).collect::<Vec<_>>().concat();
    for it in 0..400 {
        let eligible = format!("profile.a{} >= {it}", it % 60);
        let text = format!("title: O\nvalue: 1\neligible: {eligible}\ntreatments:\n{treatments}");
        put(format!("channels/shared/offers/o{it}.yaml"), text);
    }
    for channel in 0..channels {
        let text = "title: C\ndirection: inbound\ngoal: store-orders\nzones: { home: { title: H }, side: { title: S } }\n\
                    interaction_points:\n  banner: { zone: home, offers: 1 }\n  tiles: { zone: side, offers: 3 }\n";
        put(format!("channels/c{channel}/channel.yaml"), text.into());
        let rule = |it: usize| {
            let zone = if it.is_multiple_of(2) { "home" } else { "side" };
            let (segment, offer) = ((channel * 10 + it * 3) % segments, (channel * 13 + it) % 400);
            let score = 10 + it * 4;
            format!(
                "  - {{ zone: {zone}, segment: s{segment}, offer: o{offer}, score: {score} }}\n"
            )
        };
        let rules: String = (0..20).map(rule).collect();
        put(format!("channels/c{channel}/strategy.yaml"), format!("rules:\n{rules}"));
    }
    files
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
