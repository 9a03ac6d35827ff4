//! What a decision costs in process, the facts of the request filled in: 100 to 100,000 offers in one zone, the worst case.
//!
//! `cargo bench -p taiwa-decide`. 20 % of the offers are for everyone, the rest for one of 200 segments of which a person is
//! in about 8; 70 % are within their dates, 60 % are capped, and each has up to 3 conditions over attributes, interests
//! and event windows. The best 3 are taken.
#![expect(clippy::unwrap_used, reason = "a bench that cannot begin must stop")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::{Value as Json, json};
use taiwa_decide::{Compiled, Explain, Person, Posted, Request, Session, decide, post};
use taiwa_model::{
    ChannelName, Components, Digest, PointName, Scope, Scoped, SegmentName, Timestamp,
};

const SEGMENTS: u64 = 200;
const EVENTS: u64 = 12;

/// A small generator, so that every run decides about the same offers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn read<T: serde::de::DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

fn condition(numbers: &mut Numbers) -> String {
    let number = numbers.below(40);
    match numbers.below(4) {
        0 => format!("profile.n{} >= {number}", numbers.below(6)),
        1 => format!("profile.e{} != \"v{}\"", numbers.below(6), numbers.below(6)),
        2 => format!("!(\"i{number}\" in profile.interests)"),
        _ => format!("!seen(\"web/e{}\", \"{}d\")", numbers.below(EVENTS), 1 + numbers.below(30)),
    }
}

fn components(offers: u64, computed: bool) -> Components {
    let mut numbers = Numbers(offers);
    let mut attributes =
        json!({"interests": {"type": "list<string>"}, "segment": {"type": "int", "default": 0}});
    for it in 0..6 {
        attributes[format!("n{it}")] = json!({"type": "int", "default": 20});
        let values: Vec<_> = (0..6).map(|it| format!("v{it}")).collect();
        attributes[format!("e{it}")] = json!({"type": "enum", "values": values, "default": "v1"});
    }
    let mut events = json!({});
    for it in 0..EVENTS {
        events[format!("e{it}")] = json!({"category": "all"});
    }
    let mut made = Components {
        workspace: Some(read(
            json!({"format": 1, "title": {"und": "x"}, "locales": ["en"], "time_zone": "Asia/Tokyo", "currency": "JPY"}),
        )),
        audience: Some(read(
            json!({"levels": [{"name": "customer", "key": "id"}], "attributes": attributes}),
        )),
        ..Components::default()
    };
    made.channels.insert("web".into(), read(json!({
        "title": {"und": "x"}, "direction": "inbound", "zones": {"hero": {}}, "events": events,
        "categories": {"all": {}}, "interaction_points": {"banner": {"zone": "hero", "offers": 3}},
    })));
    for it in 0..SEGMENTS {
        let when = format!("profile.segment == {}", it % 25);
        let segment = read(json!({"title": {"und": "x"}, "when": when}));
        made.segments
            .insert(format!("s{it}").into(), Scoped { scope: Scope::Shared, content: segment });
    }
    let mut rules = Vec::new();
    for it in 0..offers {
        let mut offer = json!({
            "title": {"und": "x"}, "value": numbers.below(100),
            "treatments": {"web": {"en": {"headline": format!("Offer {it}"), "link": "/x"}}},
        });
        if numbers.below(10) < 3 {
            offer["valid"] = json!({"until": "2026-01-01"});
        }
        if numbers.below(10) < 6 {
            offer["cap"] = json!({"shown": 1 + numbers.below(3), "per": "7d"});
        }
        let conditions: Vec<_> = (0..numbers.below(4)).map(|_| condition(&mut numbers)).collect();
        if !conditions.is_empty() {
            offer["eligible"] = json!(conditions.join(" && "));
        }
        let name = format!("o{it:06}");
        made.offers
            .insert(name.as_str().into(), Scoped { scope: Scope::Shared, content: read(offer) });
        let everyone = numbers.below(5) == 0;
        let segment =
            if everyone { "everyone".into() } else { format!("s{}", numbers.below(SEGMENTS)) };
        let score = numbers.below(1_000);
        let score = if computed {
            json!({"cel": format!("profile.n1 >= 10 ? {score} : 1")})
        } else {
            json!({"fixed": score})
        };
        rules.push(json!({"zone": "hero", "segment": SegmentName::from(segment), "offer": name, "score": score}));
    }
    made.strategies.insert("web".into(), read(json!({ "rules": rules })));
    made
}

fn somebody(compiled: &Compiled, now: Timestamp) -> Person {
    let mut person = Person::default();
    let mut profile = json!({"interests": ["i1", "i2", "i3"], "segment": 7});
    for it in 0..6 {
        profile[format!("n{it}")] = json!(10 + it * 5);
        profile[format!("e{it}")] = json!("v2");
    }
    taiwa_decide::set_attributes(compiled, &mut person, profile.as_object().unwrap()).unwrap();
    let (channel, properties) = (ChannelName::from("web"), serde_json::Map::new());
    for it in 0..40_u64 {
        let event = format!("e{}", it % (EVENTS / 2));
        let at = now.plus_millis(-i64::try_from(it).unwrap() * 3_600_000);
        let posted = Posted {
            channel: &channel,
            event: &event,
            properties: &properties,
            at: Some(at),
            session: None,
        };
        post(compiled, &mut person, &posted, now);
    }
    person
}

fn decisions(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("decide");
    group
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(1));
    let now = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    for (name, computed) in [("written scores", false), ("computed scores", true)] {
        for offers in [100, 1_000, 10_000, 100_000] {
            let components = components(offers, computed);
            let compiled = Compiled::new(Digest::of(b"bench"), &components).unwrap();
            let person = somebody(&compiled, now);
            let session = Session {
                channel: "web".into(),
                level: "customer".into(),
                key: "k".into(),
                locale: None,
                started: now,
                last_shown: Vec::new(),
                began_as: None,
            };
            let point = PointName::from("banner");
            let request = Request {
                session: &session,
                person: &person,
                point: &point,
                limit: None,
                exclude: &[],
                explain: Explain::Nothing,
            };
            assert_eq!(decide(&compiled, &request, now).unwrap().offers.len(), 3);
            group.bench_with_input(BenchmarkId::new(name, offers), &request, |bench, request| {
                bench.iter(|| decide(&compiled, request, now));
            });
            let nobody = Person::default();
            let request = Request { person: &nobody, ..request };
            group.bench_with_input(
                BenchmarkId::new(format!("{name}, nobody known"), offers),
                &request,
                |bench, request| bench.iter(|| decide(&compiled, request, now)),
            );
            if offers <= 1_000 {
                let request = Request { person: &person, explain: Explain::Stages, ..request };
                group.bench_with_input(
                    BenchmarkId::new(format!("{name}, with stages"), offers),
                    &request,
                    |bench, request| {
                        bench.iter(|| decide(&compiled, request, now));
                    },
                );
                let request =
                    Request { person: &person, explain: Explain::EveryCandidate, ..request };
                group.bench_with_input(
                    BenchmarkId::new(format!("{name}, with reasons"), offers),
                    &request,
                    |bench, request| {
                        bench.iter(|| decide(&compiled, request, now));
                    },
                );
            }
        }
    }
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
