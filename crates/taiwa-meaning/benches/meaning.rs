//! What understanding costs: 2,000 segments over 60 attributes, every ordered pair of 300 of them, 200 flowcharts of 8
//! branches (of four tests each), the largest the task of `docs/decisions/0008`.
//!
//! `cargo bench -p taiwa-meaning`. Each round begins with nothing known.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a bench that cannot begin must stop; it says how many nodes there are"
)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::json;
use taiwa_meaning::{Budget, Builder, Handle, Meanings, Set};
use taiwa_model::{Audience, Components, Scope, Workspace};

/// A small generator, so that every run understands the same conditions.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const ATTRIBUTES: u64 = 60;

fn workspace() -> Components {
    let mut attributes = serde_json::Map::new();
    for at in 0..ATTRIBUTES {
        let declared = match at % 3 {
            0 => json!({"type": "int", "min": 0.0, "max": 100.0}),
            1 => json!({"type": "enum", "values": ["a", "b", "c", "d", "e"]}),
            _ => json!({"type": "bool", "default": false}),
        };
        attributes.insert(format!("a{at}"), declared);
    }
    let audience: Audience = serde_json::from_value(json!({
        "levels": [{"name": "customer", "key": "customer_id"}], "attributes": attributes,
    }))
    .unwrap();
    let workspace: Workspace = serde_json::from_value(json!({
        "format": 1, "title": {"und": "Bench"}, "locales": ["en"], "time_zone": "UTC", "currency": "EUR",
    }))
    .unwrap();
    Components { audience: Some(audience), workspace: Some(workspace), ..Components::default() }
}

fn atom(numbers: &mut Numbers) -> String {
    let at = numbers.below(ATTRIBUTES);
    match at % 3 {
        0 => format!("profile.a{at} >= {}", 10 * (1 + numbers.below(9))),
        1 => {
            let value = ["a", "b", "c", "d", "e"][usize::try_from(numbers.below(5)).unwrap()];
            format!("profile.a{at} == \"{value}\"")
        }
        _ => format!("profile.a{at}"),
    }
}

/// A condition of some depth.
fn condition(numbers: &mut Numbers, depth: u32) -> String {
    if depth == 0 {
        return atom(numbers);
    }
    let (a, b) = (condition(numbers, depth - 1), condition(numbers, depth - 1));
    match numbers.below(5) {
        0 => format!("!({a} && {b})"),
        1 | 2 => format!("({a} || {b})"),
        _ => format!("({a} && {b})"),
    }
}

fn conditions(count: usize, depth: u32) -> Vec<String> {
    let mut numbers = Numbers(7);
    (0..count).map(|_| condition(&mut numbers, depth)).collect()
}

/// Reads, checks and cuts.
fn understood(components: &Components, conditions: &[String]) -> (Meanings, Vec<Handle>) {
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(components);
    let handles = conditions
        .iter()
        .map(|it| builder.condition(version, it, &Scope::Shared).unwrap())
        .collect();
    (builder.finish(), handles)
}

fn sets(m: &mut Meanings, handles: &[Handle]) -> Vec<Set> {
    handles.iter().map(|it| m.truth(*it).unwrap()).collect()
}

/// How many ordered pairs lie within each other or overlap.
fn pairs(m: &mut Meanings, sets: &[Set]) -> usize {
    let mut found = 0;
    for (at, a) in sets.iter().enumerate() {
        for (other, b) in sets.iter().enumerate() {
            if at != other {
                found += usize::from(m.implies(*a, *b).unwrap());
                found += usize::from(m.overlaps(*a, *b).unwrap());
            }
        }
    }
    found
}

/// Branches that are shadowed or overlap, and who is left over.
fn branches(m: &mut Meanings, sets: &[Set]) -> usize {
    let mut found = 0;
    for branches in sets.chunks(8) {
        let mut before = m.nobody();
        for (at, branch) in branches.iter().enumerate() {
            found += usize::from(m.implies(*branch, before).unwrap());
            for other in &branches[..at] {
                found += usize::from(m.overlaps(*branch, *other).unwrap());
            }
            before = m.or(before, *branch).unwrap();
        }
        let rest = m.complement(before).unwrap();
        found += usize::from(m.smallest(rest).unwrap().is_some());
    }
    found
}

fn bench(c: &mut Criterion) {
    let components = workspace();
    let many = conditions(2_000, 3);
    let shallow = conditions(1_600, 2);
    let mut group = c.benchmark_group("meaning");
    group.sample_size(10);
    group.bench_function("read, check and cut 2,000 conditions", |b| {
        b.iter(|| understood(&components, &many).1.len());
    });
    group.bench_function("draw 2,000 of them", |b| {
        let setup = || understood(&components, &many);
        b.iter_batched(
            setup,
            |(mut m, handles)| sets(&mut m, &handles).len(),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("89,700 pairs", |b| {
        let setup = || {
            let (mut m, handles) = understood(&components, &many);
            let sets = sets(&mut m, &handles[..300]);
            (m, sets)
        };
        b.iter_batched(setup, |(mut m, sets)| pairs(&mut m, &sets), BatchSize::LargeInput);
    });
    group.bench_function("200 times 8 branches", |b| {
        let setup = || {
            let (mut m, handles) = understood(&components, &shallow);
            let sets = sets(&mut m, &handles);
            (m, sets)
        };
        b.iter_batched(setup, |(mut m, sets)| branches(&mut m, &sets), BatchSize::LargeInput);
    });
    group.finish();
    let (mut m, handles) = understood(&components, &many);
    let all = sets(&mut m, &handles);
    let drawn = m.nodes();
    pairs(&mut m, &all[..300]);
    let paired = m.nodes();
    let (mut m, handles) = understood(&components, &shallow);
    let all = sets(&mut m, &handles);
    branches(&mut m, &all);
    eprintln!("nodes: drawn {drawn}, after the pairs {paired}; of branches {}", m.nodes());
}

criterion_group!(benches, bench);
criterion_main!(benches);
