//! Attributes, consent, signing in, segments.

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use super::*;
use crate::{merge, segments_of, set_attributes, set_consent};

#[track_caller]
fn attributes(json: Json, expect: &[&str]) {
    let compiled = Shop::new().compile();
    let mut known = person(&compiled, json!({"age": 7}));
    let before = known.clone();
    let outcome = set_attributes(&compiled, &mut known, &map(json));
    let said: Vec<String> =
        outcome.err().unwrap_or_default().iter().map(ToString::to_string).collect();
    assert_eq!(said, expect);
    assert_eq!(known == before, !expect.is_empty());
}

#[test]
fn attributes_are_typed_and_all_or_nothing() {
    attributes(json!({"age": 8, "tier": "gold", "visited_at": "2026-01-01T00:00:00Z"}), &[]);
    attributes(json!({"age": null}), &[]);
    attributes(
        json!({
            "age": 131, "height": 1, "interests": ["a", 1], "points": "many", "tier": "silver",
            "time_zone": "Mars/Base", "visited_at": "yesterday", "language": "ja",
        }),
        &[
            "attributes/age: must be at most 130",
            "attributes/height: the audience declares no such attribute",
            "attributes/interests: must be a list of texts",
            "attributes/points: must be a number",
            "attributes/tier: must be one of none, gold",
            "attributes/time_zone: must be an IANA time zone such as Asia/Tokyo",
            "attributes/visited_at: must be an instant such as 2026-11-21T10:00:00Z",
        ],
    );
    attributes(json!({"age": -1}), &["attributes/age: must be at least 0"]);
    let long = "x".repeat(crate::MAX_TEXT_BYTES + 1);
    attributes(json!({ "name": long }), &["attributes/name: has 4097 bytes, more than 4096"]);
    let items = vec!["x"; crate::MAX_ITEMS + 1];
    attributes(
        json!({ "interests": items }),
        &["attributes/interests: has 1001 items, more than 1000"],
    );
    let many: Map<String, Json> = (0..200).map(|it| (format!("p{it}"), json!(1))).collect();
    let compiled = Shop::new().compile();
    let problems = set_attributes(&compiled, &mut Person::default(), &many).unwrap_err();
    assert_eq!(problems.len(), crate::MAX_PROBLEMS);
}

#[test]
fn a_value_of_another_release_counts_as_never_set() {
    let shop = Shop::new().offer("x", json!({"eligible": "profile.tier == \"none\""}));
    let mut older = shop.clone();
    let tier = older.0.audience.as_mut().unwrap().attributes.get_mut("tier").unwrap();
    tier.values.push("bronze".into());
    let person = person(&older.compile(), json!({"tier": "bronze"}));
    let compiled = shop.rule("everyone", "x", 1).compile();
    assert_eq!(names(&ask(&compiled, &person, "tiles", noon())), ["x"]);
}

#[test]
fn consent_is_what_was_said_last() {
    let compiled =
        Shop::new().offer("x", json!({"consent": "news"})).rule("everyone", "x", 1).compile();
    let mut person = Person::default();
    let says =
        |person: &mut Person, json: Json| set_consent(&compiled, person, &map(json), "web", noon());
    says(&mut person, json!({"news": "granted"})).unwrap();
    assert_eq!(names(&ask(&compiled, &person, "tiles", noon())), ["x"]);
    assert_eq!(person.consent()["news"].at, noon());
    let problems = says(&mut person, json!({"news": "denied", "more": "granted", "service": true}));
    let words: Vec<_> = problems.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "consent/more: the audience declares no such purpose",
            "consent/service: must be granted or denied",
        ]
    );
    assert_eq!(names(&ask(&compiled, &person, "tiles", noon())), ["x"]);
    says(&mut person, json!({"news": "denied"})).unwrap();
    assert_eq!(names(&ask(&compiled, &person, "tiles", noon())).len(), 0);
    let source = "x".repeat(crate::MAX_SOURCE_BYTES + 1);
    assert!(set_consent(&compiled, &mut person, &Map::new(), &source, noon()).is_err());
}

#[test]
fn signing_in_unites_two_histories_once() {
    let compiled = Shop::new()
        .offer("x", json!({"cap": {"shown": 3, "per": "7d"}, "eligible": "count(\"web/looked\", \"7d\") < 3"}))
        .rule("everyone", "x", 1)
        .compile();
    let mut customer = person(&compiled, json!({"age": 40, "tier": "gold"}));
    let mut visitor = person(&compiled, json!({"age": 20, "name": "Ann"}));
    let says = |person: &mut Person, word: &str, ms: i64| {
        let said = map(json!({"news": word}));
        set_consent(&compiled, person, &said, "web", noon().plus_millis(ms)).unwrap();
    };
    says(&mut customer, "granted", 0);
    says(&mut visitor, "denied", 1);
    for person in [&mut customer, &mut visitor] {
        person.visit();
        see(&compiled, person, "x", noon());
        do_post(&compiled, person, "looked", json!({}), noon());
    }
    merge(&compiled, &mut customer, &mut visitor, noon());
    assert_eq!(visitor, Person::default());
    let once = customer.clone();
    merge(&compiled, &mut customer, &mut visitor, noon());
    assert_eq!(customer, once);
    assert_eq!(customer.visits(), 2);
    assert!(!customer.consent()["news"].granted);
    assert_eq!(
        serde_json::to_value(customer.attributes()).unwrap(),
        json!({
            "age": 40, "name": "Ann", "tier": "gold",
        })
    );
    assert_eq!(names(&ask(&compiled, &customer, "tiles", noon())), ["x"]);
    see(&compiled, &mut customer, "x", noon());
    assert_eq!(names(&ask(&compiled, &customer, "tiles", noon())).len(), 0);
    let decision = ask(&compiled, &customer, "tiles", noon());
    assert_eq!(reason(&decision, "x").detail, "cap 3 per 7d: shown 3");
}

#[test]
fn of_two_answers_at_one_instant_denied_stands() {
    let compiled = Shop::new().compile();
    for (ours, theirs, granted) in
        [("granted", "denied", false), ("denied", "granted", false), ("granted", "granted", true)]
    {
        let (mut one, mut other) = (Person::default(), Person::default());
        for (person, word) in [(&mut one, ours), (&mut other, theirs)] {
            set_consent(&compiled, person, &map(json!({"news": word})), "web", noon()).unwrap();
        }
        merge(&compiled, &mut one, &mut other, noon());
        assert_eq!(one.consent()["news"].granted, granted, "{ours} {theirs}");
    }
}

#[test]
fn segments_hang_on_segments_and_flowcharts() {
    let mut shop = Shop::new()
        .segment("gold", "profile.tier == \"gold\"")
        .segment("vip", "in_segment(\"gold\") && in_segment(\"buyers\")");
    let chart = json!({"title": {"und": "c"}, "start": "a", "nodes": {
        "a": {"decide": [{"when": "level() == \"visitor\"", "go": "d"}, {"go": "b"}]},
        "b": {"decide": [{"when": "in_segment(\"gold\")", "go": "c"}, {"when": "profile.age < 18", "go": "d"}, {"go": "e"}]},
        "c": {"segment": {"name": "buyers"}},
        "d": {"segment": {"name": "guests"}},
        "e": {"segment": {"name": "buyers"}},
    }});
    shop.0.flowcharts.insert("c".into(), shared(super::read(chart)));
    let compiled = shop.compile();
    let of = |level: &str, profile: Json| {
        let person = person(&compiled, profile);
        let segments = segments_of(&compiled, &session(level), &person, noon());
        segments.iter().map(|it| it.as_str().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("visitor", json!({"tier": "gold"})), "gold guests");
    assert_eq!(of("customer", json!({"tier": "gold"})), "buyers gold vip");
    assert_eq!(of("customer", json!({"age": 3})), "guests");
    assert_eq!(of("customer", json!({})), "buyers");
    assert_eq!(of("level-of-another-release", json!({})), "guests");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_capped_offer_is_never_answered(
        cap in 1..4_u32,
        days in 1..5_i64,
        gaps in proptest::collection::vec(0..3 * 86_400_000_i64, 1..30),
    ) {
        let fields = json!({"cap": {"shown": cap, "per": format!("{days}d")}});
        let mut shop = Shop::new().offer("x", fields).rule("everyone", "x", 1);
        shop.0.channels.get_mut("web").unwrap().responses.shown.clear();
        let compiled = shop.compile();
        let (mut person, mut session) = (Person::default(), session("visitor"));
        let (mut now, mut shown) = (noon(), Vec::<Timestamp>::new());
        for gap in gaps {
            now = now.plus_millis(gap);
            let decision = ask(&compiled, &person, "banner", now);
            crate::delivered(&compiled, &mut person, &mut session, &decision, now);
            let within = shown.iter().filter(|it| now.millis_since(**it) < days * 86_400_000).count();
            prop_assert_eq!(names(&decision) == ["x"], within < cap as usize);
            if names(&decision) == ["x"] {
                shown.push(now);
            }
        }
    }
}
