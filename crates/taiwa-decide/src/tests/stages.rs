//! Every stage, one row each: who stops where, and with which words.

use super::*;
use crate::Stage::{self, *};

/// Offer `x` with these fields is proposed with score 50 to `segment`; what comes of it for somebody with `profile`.
#[track_caller]
fn check(fields: Json, segment: &str, profile: Json, expect: (Stage, &str)) {
    let shop = Shop::new()
        .segment("gold", "profile.tier == \"gold\"")
        .segment("adults", "profile.age >= 18")
        .segment("not-adults", "!in_segment(\"adults\")")
        .offer("x", fields)
        .rule(segment, "x", 50);
    let compiled = shop.compile();
    let mut person = person(&compiled, profile);
    see(&compiled, &mut person, "x", noon().plus_millis(-86_400_000));
    let decision = ask(&compiled, &person, "banner", noon());
    let reason = reason(&decision, "x");
    assert_eq!((reason.stage, reason.detail.as_str()), expect);
    let chosen = reason.stage == Chosen;
    assert_eq!(names(&decision), [if chosen { "x" } else { "story" }]);
    assert_eq!(decision.fallback, !chosen);
}

#[test]
fn each_stage_says_no_in_its_words() {
    let nobody = || json!({});
    check(json!({}), "everyone", nobody(), (Chosen, "place 1 with score 50"));
    check(
        json!({"treatments": {}}),
        "everyone",
        nobody(),
        (Treatment, "it has no treatment for this channel"),
    );
    check(json!({}), "gold", nobody(), (Segment, "not in segment gold"));
    check(json!({}), "gold", json!({"tier": "gold"}), (Chosen, "place 1 with score 50"));
    check(
        json!({"valid": {"from": "2026-11-22"}}),
        "everyone",
        nobody(),
        (Dates, "it begins at 2026-11-21T15:00:00Z"),
    );
    check(
        json!({"valid": {"until": "2026-11-20"}}),
        "everyone",
        nobody(),
        (Dates, "it ended at 2026-11-20T15:00:00Z"),
    );
    check(
        json!({"valid": {"from": "2026-11-21", "until": "2026-11-21"}}),
        "everyone",
        nobody(),
        (Chosen, "place 1 with score 50"),
    );
    check(json!({"consent": "news"}), "everyone", nobody(), (Consent, "no consent to news"));
    check(json!({"consent": "service"}), "everyone", nobody(), (Chosen, "place 1 with score 50"));
    check(
        json!({"cap": {"shown": 1, "per": "7d"}}),
        "everyone",
        nobody(),
        (Cap, "cap 1 per 7d: shown 1"),
    );
    check(
        json!({"cap": {"shown": 1, "per": "1d"}}),
        "everyone",
        nobody(),
        (Chosen, "place 1 with score 50"),
    );
    check(
        json!({"cap": {"shown": 2, "per": "7d"}}),
        "everyone",
        nobody(),
        (Chosen, "place 1 with score 50"),
    );
}

#[test]
fn eligibility_shows_the_values_that_decided() {
    let eligible = |it: &str| json!({"eligible": it});
    check(
        eligible("profile.age >= 20"),
        "everyone",
        json!({"age": 19}),
        (Eligibility, "`profile.age >= 20` is false; profile.age is 19"),
    );
    check(
        eligible("!(profile.age < 20)"),
        "everyone",
        json!({}),
        (Eligibility, "`!(profile.age < 20)` is unknown; profile.age is missing"),
    );
    check(
        eligible("profile.name == \"Ann\""),
        "everyone",
        json!({"name": "Bob"}),
        (Eligibility, "`profile.name == \"Ann\"` is false; profile.name is known"),
    );
    check(
        eligible("!shown(\"x\", \"2d\")"),
        "everyone",
        json!({}),
        (Eligibility, "`!shown(\"x\", \"2d\")` is false; x shown 1 times within 2d"),
    );
    check(
        eligible("count(\"web/seen_it\", \"30d\") > 1"),
        "everyone",
        json!({}),
        (
            Eligibility,
            "`count(\"web/seen_it\", \"30d\") > 1` is false; web/seen_it 1 times within 30d",
        ),
    );
    check(
        eligible("consented(\"news\") && in_segment(\"gold\")"),
        "everyone",
        json!({}),
        (
            Eligibility,
            "`consented(\"news\") && in_segment(\"gold\")` is false; not in segment gold, no consent to news",
        ),
    );
    check(
        eligible("since(\"web/seen_it\") > duration(\"2d\")"),
        "everyone",
        json!({}),
        (
            Eligibility,
            "`since(\"web/seen_it\") > duration(\"2d\")` is false; last web/seen_it at 2026-11-20T03:00:00Z",
        ),
    );
    // Unknown is not in the segment, and so not not in it.
    check(json!({}), "not-adults", json!({}), (Chosen, "place 1 with score 50"));
}

#[test]
fn a_score_must_be_known_and_not_negative() {
    #[track_caller]
    fn scored(score: impl Into<Json>, expect: (Stage, &str)) {
        let compiled = Shop::new().offer("x", json!({})).rule("everyone", "x", score).compile();
        let decision = ask(&compiled, &Person::default(), "banner", noon());
        let reason = reason(&decision, "x");
        assert_eq!((reason.stage, reason.detail.as_str()), expect);
    }
    scored(-1, (Score, "score -1 is below 0"));
    scored(0, (Chosen, "place 1 with score 0"));
    scored(5_000, (Chosen, "place 1 with score 1000"));
    scored("session.weekday >= 6 ? 90 : 40", (Chosen, "place 1 with score 90"));
    scored("profile.points - 1", (Score, "score `profile.points - 1` is -1, below 0"));
    scored("profile.points + 2000", (Chosen, "place 1 with score 1000"));
}

#[test]
fn the_fallback_stands_in_only_for_nobody() {
    let shop = Shop::new().offer("x", json!({})).offer("y", json!({}));
    let compiled = shop.clone().rule("everyone", "x", 10).compile();
    let tiles = ask(&compiled, &Person::default(), "tiles", noon());
    assert_eq!((names(&tiles), tiles.fallback), (vec!["x"], false));
    let compiled = shop.compile();
    let banner = ask(&compiled, &Person::default(), "banner", noon());
    assert_eq!((names(&banner), banner.fallback), (vec!["story"], true));
    assert_eq!(reason(&banner, "story").stage, Fallback);
    let tiles = ask(&compiled, &Person::default(), "tiles", noon());
    assert_eq!((names(&tiles), tiles.fallback), (vec![], true));
}

#[test]
fn what_another_point_shows_is_left_out() {
    let compiled = Shop::new().offer("x", json!({})).rule("everyone", "x", 10).compile();
    let (session, person) = (session("customer"), Person::default());
    let exclude = ["x".into(), "story".into()];
    let point = "banner".into();
    let request = Request {
        session: &session,
        person: &person,
        point: &point,
        limit: None,
        exclude: &exclude,
        explain: Explain::EveryCandidate,
    };
    let decision = decide(&compiled, &request, noon()).unwrap();
    assert_eq!((names(&decision), decision.fallback), (vec![], true));
    assert_eq!(reason(&decision, "x").stage, Excluded);
    assert_eq!(reason(&decision, "story").stage, Excluded);
    let why = crate::why_not(&compiled, &request, &decision, &"story".into());
    assert_eq!(why.stage, Excluded);
    let silent = Request { explain: Explain::Nothing, exclude: &[], ..request };
    let decision = decide(&compiled, &silent, noon()).unwrap();
    assert_eq!((names(&decision), decision.reasons.len()), (vec!["x"], 0));
    let why = crate::why_not(&compiled, &silent, &decision, &"story".into());
    assert_eq!((why.stage, why.detail.as_str()), (Zone, "no rule proposes it in zone hero"));
    let none = Request { limit: Some(0), ..silent };
    let decision = decide(&compiled, &none, noon()).unwrap();
    assert_eq!((names(&decision), decision.fallback), (vec![], false));
}

#[test]
fn unknown_places_are_errors() {
    let compiled = Shop::new().compile();
    let mut session = session("customer");
    let (person, point) = (Person::default(), PointName::from("nowhere"));
    let ask = |session: &Session| {
        let request = Request {
            session,
            person: &person,
            point: &point,
            limit: None,
            exclude: &[],
            explain: Explain::Nothing,
        };
        decide(&compiled, &request, noon()).unwrap_err().to_string()
    };
    assert_eq!(ask(&session), "channel `web` has no interaction point `nowhere`");
    session.channel = "app".into();
    assert_eq!(ask(&session), "the active release has no channel `app`");
}

#[test]
fn clocks_are_those_of_the_person() {
    let shop = Shop::new()
        .offer("x", json!({"eligible": "session.hour == 2 && session.weekday == 7"}))
        .rule("everyone", "x", 1);
    let compiled = shop.compile();
    let shown = |zone: &str, now: &str| {
        let person = person(&compiled, json!({"time_zone": zone}));
        names(&ask(&compiled, &person, "tiles", at(now))).len() == 1
    };
    // 2026-03-29: in Berlin the clocks go from 2 to 3.
    assert!(!shown("Europe/Berlin", "2026-03-29T01:00:00Z"));
    assert!(shown("UTC", "2026-03-29T02:30:00Z"));
    // 2026-10-25: in Berlin 2 to 3 happens twice.
    assert!(shown("Europe/Berlin", "2026-10-25T00:30:00Z"));
    assert!(shown("Europe/Berlin", "2026-10-25T01:30:00Z"));
    assert!(!shown("Europe/Berlin", "2026-10-25T02:30:00Z"));
    assert!(shown("Asia/Tokyo", "2026-03-28T17:00:00Z"));
}

#[test]
fn a_leap_day_is_a_day() {
    let fields = json!({"valid": {"from": "2028-02-29", "until": "2028-02-29"}, "cap": {"shown": 1, "per": "1d"}});
    let compiled = Shop::new().offer("x", fields).rule("everyone", "x", 1).compile();
    let mut person = Person::default();
    let count = |person: &Person, now: &str| names(&ask(&compiled, person, "tiles", at(now))).len();
    assert_eq!(count(&person, "2028-02-28T23:59:59.999+09:00"), 0);
    assert_eq!(count(&person, "2028-02-29T00:00:00+09:00"), 1);
    assert_eq!(count(&person, "2028-02-29T23:59:59.999+09:00"), 1);
    assert_eq!(count(&person, "2028-03-01T00:00:00+09:00"), 0);
    see(&compiled, &mut person, "x", at("2028-02-28T20:00:00+09:00"));
    assert_eq!(count(&person, "2028-02-29T19:59:59.999+09:00"), 0);
    assert_eq!(count(&person, "2028-02-29T20:00:00+09:00"), 1);
}

#[test]
fn an_inexact_window_is_said() {
    let fields = json!({"eligible": "count(\"web/looked\", \"2h\") < 5"});
    let compiled = Shop::new().offer("x", fields).rule("everyone", "x", 1).compile();
    let mut person = Person::default();
    let start = at("2026-11-21T10:00:00Z");
    for it in 0..1_100 {
        do_post(&compiled, &mut person, "looked", json!({}), start.plus_millis(it * 6_000));
    }
    let now = start.plus_millis(2 * 3_600_000 + 60_000);
    let decision = ask(&compiled, &person, "tiles", now);
    let x = reason(&decision, "x");
    assert!(x.approximate && x.stage == Eligibility, "{x:?}");
    assert!(x.detail.ends_with("(counted by the hour: the window is not exact)"), "{}", x.detail);
    let decision = ask(&compiled, &person, "tiles", now.plus_millis(3_600_000));
    assert!(!reason(&decision, "x").approximate);
}
