//! Random conditions: every point of the diagrams is a real person of whom the engine says the same, and every real
//! person is a point.

use std::collections::BTreeSet;

use proptest::prelude::*;
use taiwa_decide::Compiled;
use taiwa_model::{
    ConsentDefault, EventRef, Past, PastWhat, SegmentName, SpanOfTime, Timestamp, Value,
};

use super::{compiled, engine, shop, understood, with_conditions};
use crate::{
    Handle, Meanings, Person, Set,
    store::{EMPTY, FULL},
    witness::{Way, holds},
};

/// Most combinations of cells that are tried one by one.
const MOST: usize = 1_000;

const DAYS: [i64; 4] = [1, 7, 30, 90];

/// An atom of the fragment; nothing opaque.
fn atom() -> impl Strategy<Value = String> {
    let compare = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let scalar = prop_oneof![
        (compare.clone(), 15..25_i64).prop_map(|(op, n)| format!("profile.age {op} {n}")),
        (compare.clone(), 1..9_i64).prop_map(|(op, n)| format!("profile.age % 10 {op} {n}")),
        (compare.clone(), 0..30_i64).prop_map(|(op, n)| format!("profile.points * 2 - 4 {op} {n}")),
        (compare.clone(), 0..6_i64).prop_map(|(op, n)| format!("profile.rating + 0.1 {op} {n}.3")),
        (compare.clone(), 10..14_i64).prop_map(|(op, n)| format!("session.hour {op} {n}")),
        (compare.clone(), 1..7_i64).prop_map(|(op, n)| format!("session.weekday {op} {n}")),
        (compare.clone(), 1..4_i64).prop_map(|(op, n)| format!("session.visits {op} {n}")),
        prop::sample::select(vec![
            "has(profile.age)",
            "has(profile.brew)",
            "has(profile.member)",
            "has(profile.visited_at)",
            "profile.tier == \"gold\"",
            "profile.tier in [\"gold\", \"none\"]",
            "profile.brew != \"filter\"",
            "profile.vip",
            "profile.member",
            "profile.vip == (profile.age > 20)",
            "profile.city == \"Oslo\"",
            "profile.city in [\"Oslo\", \"Bergen\"]",
            "profile.city.startsWith(\"Os\")",
            "profile.city.startsWith(\"O\")",
            "profile.city.endsWith(\"lo\")",
            "session.known",
            "level() == \"visitor\"",
            "session.channel == \"web\"",
            "session.locale.startsWith(\"ja\")",
            "session.locale == \"ja\"",
            "consented(\"news\")",
            "consented(\"service\")",
            "(profile.vip ? profile.age : 20) >= 19",
        ])
        .prop_map(str::to_owned),
    ];
    let list = prop::sample::select(vec![
        "\"tea\" in profile.interests",
        "\"rum\" in profile.interests",
        "profile.interests.exists(i, i.startsWith(\"t\"))",
        "profile.interests.all(i, i != \"rum\" && i != \"gin\")",
        "size(profile.interests) == 0",
        "size(profile.interests) >= 2",
        "size(profile.interests) == 1",
        "7 in profile.codes",
        "profile.codes.exists(i, i > 5 && i < 9)",
        "profile.codes.all(i, i % 1 == 0 || i > 3)",
    ])
    .prop_filter("opaque", |it| !it.contains('%'))
    .prop_map(str::to_owned);
    prop_oneof![4 => scalar, 2 => list, 4 => past()]
}

/// An atom about one history: all of its windows hang together.
fn past() -> impl Strategy<Value = String> {
    let compare = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let days = prop::sample::select(DAYS.to_vec());
    prop_oneof![
        days.clone().prop_map(|d| format!("seen(\"web/paid\", \"{d}d\")")),
        (compare.clone(), days.clone(), 0..4_i64)
            .prop_map(|(op, d, n)| format!("count(\"web/paid\", \"{d}d\") {op} {n}")),
        (compare.clone(), days.clone(), 0..4_i64)
            .prop_map(|(op, d, n)| format!("count(\"web/looked\", \"{d}d\") {op} {n}")),
        (compare.clone(), prop::sample::select(vec![7, 30]), 0..4_i64)
            .prop_map(|(op, d, n)| format!("sum(\"web/paid\", \"amount\", \"{d}d\") {op} {n}")),
        (compare.clone(), 1..60_i64)
            .prop_map(|(op, d)| format!("since(\"web/paid\") {op} duration(\"{d}d\")")),
        (prop::sample::select(vec!["shown", "accepted", "rejected"]), days)
            .prop_map(|(f, d)| format!("{f}(\"bogo\", \"{d}d\")")),
        (compare, 1..60_i64).prop_map(|(op, d)| format!(
            "profile.visited_at {op} session.now - duration(\"{d}d\")"
        )),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    atom().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| format!("!({it})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

/// Somebody at random, near everything that the conditions ask for.
fn somebody() -> impl Strategy<Value = Person> {
    let text = |all: &'static [&'static str]| prop::option::of(prop::sample::select(all));
    let attributes = (
        (prop::option::of(14..26_i64), prop::option::of(0..20_i64), prop::option::of(0..60_i64)),
        (text(&["none", "silver", "gold"]), text(&["filter", "espresso"])),
        (prop::option::of(any::<bool>()), prop::option::of(any::<bool>())),
        text(&["Oslo", "Bergen", "Os", "Olso", "Otherlo", "x"]),
        prop::collection::vec(prop::sample::select(vec!["tea", "rum", "gin", "toast", "x"]), 0..4),
        prop::collection::vec(0..12_i64, 0..3),
        prop::option::of(-2..100_i64),
    );
    let moment = (0..100_i64, prop::sample::select(vec![0, 1, -1]), 0..7_u8, -2..4_i64);
    let session =
        (0..7 * 24_i64, any::<bool>(), any::<bool>(), 1..4_i64, text(&["ja", "ja-JP", "fr"]));
    let consent = (prop::option::of(any::<bool>()), prop::option::of(any::<bool>()));
    (attributes, prop::collection::vec(moment, 0..6), session, consent).prop_map(
        |(attributes, moments, session, consent)| person(attributes, moments, session, consent),
    )
}

type Attributes = (
    (Option<i64>, Option<i64>, Option<i64>),
    (Option<&'static str>, Option<&'static str>),
    (Option<bool>, Option<bool>),
    Option<&'static str>,
    Vec<&'static str>,
    Vec<i64>,
    Option<i64>,
);

fn person(
    (numbers, texts, bools, city, interests, codes, visited): Attributes,
    moments: Vec<(i64, i64, u8, i64)>,
    (hours, known, web, visits, locale): (i64, bool, bool, i64, Option<&'static str>),
    (news, service): (Option<bool>, Option<bool>),
) -> Person {
    let at = Timestamp::parse("2026-11-23T12:00:00Z").unwrap().plus_millis(hours * 3_600_000);
    let text = |it: &str| Value::Text(it.to_owned());
    let attributes = [
        ("age", numbers.0.map(Value::Int)),
        ("points", numbers.1.map(Value::Int)),
        ("rating", numbers.2.map(|it| Value::Number(f64::from(u32::try_from(it).unwrap()) / 10.0))),
        ("tier", texts.0.map(text)),
        ("brew", texts.1.map(text)),
        ("vip", bools.0.map(Value::Bool)),
        ("member", bools.1.map(Value::Bool)),
        ("city", city.map(text)),
        ("interests", Some(Value::Texts(interests.into_iter().map(str::to_owned).collect()))),
        ("codes", Some(Value::Ints(codes))),
        ("visited_at", visited.map(|it| Value::Time(at.plus_millis(-it * 86_400_000)))),
    ];
    let said = |it: bool| if it { ConsentDefault::Granted } else { ConsentDefault::Denied };
    let consent = [("news", news.map(said)), ("service", service.map(said))];
    let entry = |(days, off, what, amount): (i64, i64, u8, i64)| {
        let what = match what {
            0 => PastWhat::Shown("bogo".into()),
            1 => PastWhat::Accepted("bogo".into()),
            2 => PastWhat::Rejected("bogo".into()),
            3 => PastWhat::Event { event: EventRef::new("web", "looked"), properties: [].into() },
            _ => PastWhat::Event {
                event: EventRef::new("web", "paid"),
                properties: [("amount".into(), Value::Int(amount))].into(),
            },
        };
        Past { ago: SpanOfTime::from_millis(days * 86_400_000 + off), what }
    };
    Person {
        at,
        level: if known { "customer" } else { "visitor" }.into(),
        key: String::new(),
        attributes: attributes.into_iter().filter_map(|it| Some((it.0.into(), it.1?))).collect(),
        consent: consent.into_iter().filter_map(|it| Some((it.0.into(), it.1?))).collect(),
        history: moments.into_iter().map(entry).collect(),
        channel: Some(if web { "web" } else { "app" }.into()),
        locale: locale.map(str::to_owned),
        visits: Some(visits),
        properties: [].into(),
        assumed: Vec::new(),
        said: taiwa_text::Text::default(),
    }
}

/// What the engine says of each condition: true, false, or neither.
fn verdicts(compiled: &Compiled, person: &Person, count: usize) -> Vec<(bool, bool)> {
    let segments: BTreeSet<SegmentName> = engine(compiled, person).into_iter().collect();
    let is_in = |name: String| segments.contains(name.as_str());
    (0..count).map(|at| (is_in(format!("c{at}")), is_in(format!("n{at}")))).collect()
}

/// All ways over these variables, or some thousands of them spread evenly.
fn ways(m: &Meanings, variables: &[u32]) -> Vec<Way> {
    let cells: Vec<usize> =
        variables.iter().map(|it| m.store.variables()[*it as usize].cells as usize).collect();
    let all = cells.iter().fold(1_usize, |sum, it| sum.saturating_mul(*it));
    let step = (all / MOST).max(1) | 1;
    (0..all)
        .step_by(step)
        .take(MOST)
        .map(|number| {
            let mut rest = number;
            let mut way = Way::new();
            for (variable, cells) in variables.iter().zip(&cells) {
                way.insert(*variable, rest % cells);
                rest /= cells;
            }
            way
        })
        .collect()
}

/// Every combination of cells that the world allows is a person of whom the engine says what the diagrams say.
fn points_are_people(m: &mut Meanings, handles: &[Handle], compiled: &Compiled) -> usize {
    let sides: Vec<(Set, Set)> =
        handles.iter().map(|it| (m.truth(*it).unwrap(), m.falsity(*it).unwrap())).collect();
    let asked: BTreeSet<u32> = sides
        .iter()
        .flat_map(|it| [it.0, it.1])
        .flat_map(|it| m.world.touched(&m.store, it.node))
        .collect();
    let variables: Vec<u32> = asked.into_iter().collect();
    let clusters: BTreeSet<u32> =
        variables.iter().filter_map(|it| m.store.variables()[*it as usize].cluster).collect();
    let axioms: Vec<_> =
        clusters.iter().map(|it| m.world.axiom(&mut m.store, *it).unwrap()).collect();
    let mut tried = 0;
    for way in ways(m, &variables) {
        if !axioms.iter().all(|it| holds(&m.store, *it, &way)) {
            continue;
        }
        tried += 1;
        let person = m.world.person_on(&m.versions, &way, &variables).unwrap();
        let verdicts = verdicts(compiled, &person, handles.len());
        for (at, (yes, no)) in sides.iter().enumerate() {
            let drawn = (holds(&m.store, yes.node, &way), holds(&m.store, no.node, &way));
            assert_eq!(drawn, verdicts[at], "condition {at} of {way:?}\n{person:#?}");
        }
    }
    tried
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_point_is_a_person(conditions in prop::collection::vec(condition(), 1..4)) {
        let components = with_conditions(shop(), &conditions);
        let (mut m, _, handles) = understood(&components, &conditions);
        let tried = points_are_people(&mut m, &handles, &compiled(&components));
        prop_assert!(tried > 0);
    }

    #[test]
    fn every_point_of_a_history_is_a_person(conditions in prop::collection::vec(past(), 4..8)) {
        let components = with_conditions(shop(), &conditions);
        let (mut m, _, handles) = understood(&components, &conditions);
        let tried = points_are_people(&mut m, &handles, &compiled(&components));
        prop_assert!(tried > 0);
    }

    #[test]
    fn every_person_is_a_point(
        conditions in prop::collection::vec(condition(), 2..5),
        people in prop::collection::vec(somebody(), 20),
    ) {
        let components = with_conditions(shop(), &conditions);
        let (mut m, _, handles) = understood(&components, &conditions);
        let compiled = compiled(&components);
        for person in people {
            let verdicts = verdicts(&compiled, &person, handles.len());
            let mut like = m.everybody();
            for (handle, verdict) in handles.iter().zip(&verdicts) {
                let set = match verdict {
                    (true, _) => m.truth(*handle).unwrap(),
                    (_, true) => m.falsity(*handle).unwrap(),
                    _ => m.unknown(*handle).unwrap(),
                };
                prop_assert!(!set.possible);
                like = m.and(like, set).unwrap();
            }
            prop_assert!(!m.is_empty(like).unwrap(), "nobody is like {person:#?}: {verdicts:?}");
            operations(&mut m, like, (handles[0], verdicts[0].0), (handles[1], verdicts[1].0))?;
        }
    }

    #[test]
    fn the_smallest_person_is_in_the_set(conditions in prop::collection::vec(condition(), 2..4)) {
        let components = with_conditions(shop(), &conditions);
        let (mut m, _, handles) = understood(&components, &conditions);
        let compiled = compiled(&components);
        let (a, b) = (m.truth(handles[0]).unwrap(), m.truth(handles[1]).unwrap());
        for (set, first, second) in [
            (m.and(a, b).unwrap(), true, true),
            (m.minus(a, b).unwrap(), true, false),
            (m.minus(b, a).unwrap(), false, true),
        ] {
            let Some(person) = m.smallest(set).unwrap() else {
                prop_assert!(m.is_empty(set).unwrap());
                continue;
            };
            prop_assert!(person.assumed.is_empty() && !person.said().is_empty());
            let verdicts = verdicts(&compiled, &person, 2);
            prop_assert_eq!((verdicts[0].0, verdicts[1].0), (first, second), "{:#?}", person);
        }
    }
}

/// What holds of a set of which a person is known to be in, of two conditions and of every operation on them.
fn operations(
    m: &mut Meanings,
    like: Set,
    (a, in_a): (Handle, bool),
    (b, in_b): (Handle, bool),
) -> Result<(), TestCaseError> {
    let (a, b) = (m.truth(a).unwrap(), m.truth(b).unwrap());
    let all = [
        (m.and(a, b).unwrap(), in_a && in_b),
        (m.or(a, b).unwrap(), in_a || in_b),
        (m.minus(a, b).unwrap(), in_a && !in_b),
        (m.complement(a).unwrap(), !in_a),
        (m.certain(b).unwrap(), in_b),
        (m.covered_at_least(&[a, b], 2).unwrap(), in_a && in_b),
        (m.covered_at_least(&[a, b, a], 2).unwrap(), in_a),
        (m.covered_at_least(&[a, b], 0).unwrap(), true),
    ];
    for (set, is_in) in all {
        prop_assert_eq!(m.overlaps(like, set).unwrap(), is_in);
        prop_assert_eq!(m.implies(like, set).unwrap(), is_in);
        prop_assert_eq!(m.equal(set, like).unwrap() && !is_in, false);
        let rest = m.complement(set).unwrap();
        prop_assert_eq!(m.overlaps(like, rest).unwrap(), !is_in);
        let whole = m.or(set, rest).unwrap();
        prop_assert!(m.is_everybody(whole).unwrap() && !m.overlaps(set, rest).unwrap());
    }
    prop_assert!(like.node != EMPTY && m.everybody().node == FULL);
    Ok(())
}
