//! The order of an answer, and decisions against a brute-force oracle.

use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::*;

#[track_caller]
fn order(shop: &Shop, point: &str, expect: &[&str]) {
    let decision = ask(&shop.compile(), &Person::default(), point, noon());
    assert_eq!(names(&decision), expect);
}

#[test]
fn score_then_value_then_name() {
    let shop = Shop::new()
        .offer("c", json!({"value": 5.0}))
        .offer("b", json!({}))
        .offer("a", json!({}))
        .rule("everyone", "b", 50)
        .rule("everyone", "a", 50)
        .rule("everyone", "c", 50);
    order(&shop, "tiles", &["c", "a", "b"]);
    order(&shop, "banner", &["c"]);
    order(&shop.clone().rule("everyone", "b", 50.5), "tiles", &["b", "c", "a"]);
    order(&shop.clone().rule("everyone", "b", "10 + 41"), "tiles", &["b", "c", "a"]);
    order(&shop.rule("everyone", "b", 49), "tiles", &["c", "a", "b"]);
}

#[test]
fn value_weighs_the_score() {
    let shop = Shop::new()
        .by_value("hero")
        .offer("cheap", json!({"value": 100.0}))
        .offer("dear", json!({"value": 1000.0}))
        .offer("loss", json!({"value": -10.0}))
        .offer("nothing", json!({}))
        .rule("everyone", "cheap", 90)
        .rule("everyone", "dear", 10);
    order(&shop, "tiles", &["dear", "cheap"]);
    order(&shop.clone().rule("everyone", "dear", 8), "tiles", &["dear", "cheap"]);
    let shop = shop.rule("everyone", "loss", 50).rule("everyone", "nothing", 0);
    order(&shop, "tiles", &["dear", "cheap", "nothing"]);
    let decision = ask(&shop.compile(), &Person::default(), "tiles", noon());
    assert_eq!(
        reason(&decision, "loss").detail,
        "score 50 and value -10 is behind dear (score 10 and value 1000), cheap (score 90 and value 100), nothing (score 0 and value 0)"
    );
}

#[test]
fn the_highest_score_of_the_segments_one_is_in_counts() {
    let shop = Shop::new()
        .segment("gold", "profile.tier == \"gold\"")
        .offer("x", json!({}))
        .offer("y", json!({}))
        .rule("gold", "x", 90)
        .rule("everyone", "x", 10)
        .rule("everyone", "y", 50);
    order(&shop, "tiles", &["y", "x"]);
    let compiled = shop.compile();
    let gold = person(&compiled, json!({"tier": "gold"}));
    assert_eq!(names(&ask(&compiled, &gold, "tiles", noon())), ["x", "y"]);
}

#[derive(Clone, Debug)]
struct Made {
    value: i32,
    rules: Vec<(bool, i32, bool)>,
    cap: Option<u32>,
    shown: u32,
    eligible: bool,
    expired: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let rule = (any::<bool>(), -2..6_i32, any::<bool>());
    (
        -2..3_i32,
        proptest::collection::vec(rule, 0..3),
        proptest::option::of(1..3_u32),
        0..3_u32,
        any::<bool>(),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(value, rules, cap, shown, eligible, expired)| Made {
            value,
            rules,
            cap,
            shown,
            eligible,
            expired,
        })
}

/// By hand, without index, bound or early stop.
fn oracle(all: &[Made], by_value: bool, places: usize) -> Vec<String> {
    let mut eligible: Vec<(f64, i32, usize)> = Vec::new();
    for (number, it) in all.iter().enumerate() {
        let scores = it.rules.iter().filter(|rule| rule.0 && rule.1 >= 0).map(|rule| rule.1);
        let capped = it.cap.is_some_and(|cap| it.shown >= cap);
        let Some(score) = scores.max().filter(|_| it.eligible && !it.expired && !capped) else {
            continue;
        };
        let rank = if by_value { score * it.value } else { score };
        eligible.push((f64::from(rank), it.value, number));
    }
    eligible.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    eligible.iter().take(places).map(|it| format!("o{}", it.2)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn an_answer_is_what_a_full_sort_gives(
        all in proptest::collection::vec(made(), 0..10),
        by_value in any::<bool>(),
        banner in any::<bool>(),
    ) {
        let mut shop = Shop::new().segment("gold", "profile.tier == \"gold\"");
        if by_value {
            shop = shop.by_value("hero");
        }
        for (number, it) in all.iter().enumerate() {
            let name = format!("o{number}");
            let mut fields = json!({"value": it.value});
            if let Some(cap) = it.cap {
                fields["cap"] = json!({"shown": cap, "per": "7d"});
            }
            if !it.eligible {
                fields["eligible"] = json!("profile.tier == \"none\"");
            }
            if it.expired {
                fields["valid"] = json!({"until": "2026-11-20"});
            }
            shop = shop.offer(&name, fields);
            for (matches, score, computed) in &it.rules {
                let segment = if *matches { "gold" } else { "not-gold" };
                shop = if *computed {
                    shop.rule(segment, &name, format!("profile.points + {score}"))
                } else {
                    shop.rule(segment, &name, *score)
                };
            }
        }
        let compiled = shop.segment("not-gold", "!in_segment(\"gold\")").compile();
        let mut person = person(&compiled, json!({"tier": "gold"}));
        for (number, it) in all.iter().enumerate() {
            for _ in 0..it.shown {
                see(&compiled, &mut person, &format!("o{number}"), noon());
            }
        }
        let point = if banner { "banner" } else { "tiles" };
        let decision = ask(&compiled, &person, point, noon());
        let expect = oracle(&all, by_value, if banner { 1 } else { 3 });
        if expect.is_empty() {
            prop_assert!(decision.fallback);
        } else {
            prop_assert_eq!(names(&decision), expect);
        }
        prop_assert_eq!(&decision, &ask(&compiled, &person, point, noon()));
        let session = session("customer");
        let request = Request {
            session: &session,
            person: &person,
            point: &point.into(),
            limit: None,
            exclude: &[],
            explain: Explain::Stages,
        };
        let short = decide(&compiled, &request, noon()).unwrap();
        let kept = crate::kept_reasons(&compiled, &short);
        prop_assert_eq!(kept.len(), decision.reasons.len());
        let looked_at =
            kept.iter().rposition(|it| it.stage != crate::Stage::Rank).map_or(0, |it| it + 1);
        for (index, (short, long)) in kept.iter().zip(&decision.reasons).enumerate() {
            prop_assert_eq!(&short.offer, &long.offer);
            // Behind the last that was looked at, better ones took the places, whatever else is missing.
            if index < looked_at {
                prop_assert_eq!((short.stage, short.approximate), (long.stage, long.approximate));
            } else {
                prop_assert!(long.stage != crate::Stage::Chosen);
            }
        }
        for it in &decision.reasons {
            let shown = it.stage == crate::Stage::Chosen || it.stage == crate::Stage::Fallback;
            prop_assert_eq!(shown, names(&decision).contains(&it.offer.as_str()));
        }
    }
}
