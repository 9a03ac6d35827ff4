//! Scenarios in process, their words when they fail, and that the script alone judges.

use super::*;
use crate::scenario::{Answer, Call, Script, run};

fn shop() -> Shop {
    Shop::new()
        .segment("gold", "profile.tier == \"gold\"")
        .offer(
            "x",
            json!({"cap": {"shown": 1, "per": "7d"}, "eligible": "!accepted(\"x\", \"90d\")"}),
        )
        .offer("y", json!({"consent": "news"}))
        .offer("z", json!({}))
        .rule("gold", "x", 80)
        .rule("everyone", "y", 50)
        .rule_in("shelf", "everyone", "z", "count(\"web/looked\", \"2d\") >= 2 ? 10 : -1")
}

fn given(more: Json) -> Json {
    let mut given = json!({
        "at": "2028-02-29T10:00:00+09:00", "level": "customer",
        "profile": {"customer_id": "c-1", "tier": "gold"},
    });
    given.as_object_mut().unwrap().extend(map(more));
    given
}

/// The steps' words, the last of which tells of a failure if `passes` is false.
#[track_caller]
fn told(shop: Shop, given: &Json, steps: &Json, passes: &[&str]) {
    let shop = shop.scenario("s", given, steps);
    let name = "s".into();
    let result = run(&shop.compile(), &name, &shop.0.scenarios["s"].content);
    let words: Vec<_> = result
        .steps
        .iter()
        .map(|it| format!("{}{}", if it.ok { "" } else { "FAILED " }, it.said))
        .collect();
    assert_eq!(words, passes);
    assert_eq!(result.passed, words.iter().all(|it| !it.starts_with("FAILED")));
}

const BEGUN: &str = "given: customer c-1 at 2028-02-29T01:00:00Z";

#[test]
fn a_whole_story() {
    let steps = json!([
        {"start": {"channel": "web", "locale": "ja"}},
        {"expect": {"segment": "gold"}},
        {"offers": {"point": "banner", "expect": ["x"]}},
        {"post": {"event": "seen_it", "properties": {"offer": "x"}}},
        {"offers": {"point": "web/tiles", "expect": ["y"]}},
        {"offers": {"point": "aside", "expect": []}},
        {"advance": "1d"},
        {"post": {"event": "web/looked"}},
        {"offers": {"point": "aside", "contains": ["z"], "excludes": ["x"]}},
        {"advance": "6d"},
        {"offers": {"point": "tiles", "limit": 1, "expect": ["x"]}},
        {"expect": {"not-segment": "everyone-else"}},
    ]);
    let before = json!({
        "consent": {"news": "granted"},
        "history": [{"ago": "1h", "what": {"event": {"event": "web/looked"}}}],
    });
    let shop = shop().segment("everyone-else", "profile.age > 100");
    told(
        shop,
        &given(before),
        &steps,
        &[
            BEGUN,
            "start on web",
            "in segment gold",
            "offers at banner: [x]",
            "post seen_it",
            "offers at web/tiles: [y]",
            "offers at aside: []",
            "advance 1d",
            "post web/looked",
            "offers at aside: [z]",
            "advance 6d",
            "offers at tiles: [x]",
            "not in segment everyone-else",
        ],
    );
}

#[test]
fn a_failure_says_what_was_expected_what_came_and_why() {
    let start = || json!({"start": {"channel": "web"}});
    let offers = |expect: Json| json!([start(), {"offers": {"point": "banner", "expect": expect}}]);
    let accepted = json!({"history": [{"ago": "30d", "what": {"accepted": "x"}}]});
    told(
        shop(),
        &given(accepted),
        &offers(json!(["x"])),
        &[
            BEGUN,
            "start on web",
            "FAILED offers at banner: [story], expected [x]; x: eligibility: `!accepted(\"x\", \"90d\")` is false; x accepted 1 times within 90d; story: fallback: nobody is eligible: the point's fallback stands in",
        ],
    );
    told(
        shop(),
        &given(json!({})),
        &offers(json!(["z"])),
        &[
            BEGUN,
            "start on web",
            "FAILED offers at banner: [x], expected [z]; z: zone: no rule proposes it here; x: chosen: place 1 with score 80",
        ],
    );
    let contains = json!([start(), {"offers": {"point": "tiles", "contains": ["x", "y"]}}]);
    told(
        shop(),
        &given(json!({})),
        &contains,
        &[
            BEGUN,
            "start on web",
            "FAILED offers at tiles: [x], expected [y] among them; y: consent: no consent to news",
        ],
    );
    let excludes = json!([start(), {"offers": {"point": "tiles", "excludes": ["x"]}}]);
    told(
        shop(),
        &given(json!({})),
        &excludes,
        &[
            BEGUN,
            "start on web",
            "FAILED offers at tiles: [x], expected [x] not among them; x: chosen: place 1 with score 80",
        ],
    );
    told(
        shop(),
        &given(json!({})),
        &json!([start(), {"expect": {"not-segment": "gold"}}]),
        &[BEGUN, "start on web", "FAILED in segment gold, expected otherwise; in: [gold]"],
    );
}

#[test]
fn what_cannot_be_done_fails_in_words() {
    let start = || json!({"start": {"channel": "web"}});
    let one = |step: Json| json!([step]);
    told(
        shop(),
        &given(json!({})),
        &one(json!({"expect": {"segment": "gold"}})),
        &[BEGUN, "FAILED segments: refused: no session: a `start` must come first"],
    );
    let first = |step: Json| json!([start(), step]);
    told(
        shop(),
        &given(json!({})),
        &one(json!({"post": {"event": "looked"}})),
        &[BEGUN, "FAILED post looked: refused: no session: a `start` must come first"],
    );
    told(
        shop(),
        &given(json!({})),
        &first(json!({"post": {"event": "unheard_of"}})),
        &[BEGUN, "start on web", "FAILED post unheard_of: no channel declares this event"],
    );
    told(
        shop(),
        &given(json!({})),
        &first(json!({"post": {"event": "paid"}})),
        &[
            BEGUN,
            "start on web",
            "FAILED post paid: refused: properties/amount: is required: a number",
        ],
    );
    told(
        shop(),
        &given(json!({})),
        &first(json!({"offers": {"point": "attic"}})),
        &[
            BEGUN,
            "start on web",
            "FAILED offers at attic: refused: channel `web` has no interaction point `attic`",
        ],
    );
    told(
        shop(),
        &given(json!({})),
        &one(json!({"start": {"channel": "app"}})),
        &[BEGUN, "FAILED start on app: refused: the release has no channel `app`"],
    );
    let past = json!({"history": [
        {"ago": "1d", "what": {"shown": "gone"}},
        {"ago": "1d", "what": {"event": {"event": "web/paid", "properties": {"amount": "x", "b": 1}}}},
    ]});
    told(
        shop(),
        &given(past),
        &one(start()),
        &[
            "FAILED given: refused: history/0: the release has no offer `gone`; properties/amount: must be a number; properties/b: `web/paid` declares it not; history/1: cannot be taken in",
        ],
    );
    let odd = json!({"at": "2026-01-01", "level": "household", "profile": {}});
    told(shop(), &odd, &one(start()), &["FAILED given: refused: level `household` is unknown"]);
}

#[test]
fn the_script_is_the_same_for_every_runner() {
    let steps = json!([
        {"start": {"channel": "web"}},
        {"post": {"event": "looked"}},
        {"offers": {"point": "web/aside", "limit": 1, "expect": ["z"]}},
        {"expect": {"segment": "everyone"}},
    ]);
    let shop = shop().scenario("s", &given(json!({})), &steps);
    assert!(Script::new(&shop.0, &"other".into()).is_none());
    let mut script = Script::new(&shop.0, &"s".into()).unwrap();
    let Some(Call::CreateSandbox(sandbox)) = script.call() else { panic!() };
    assert_eq!((sandbox.key_name.as_str(), sandbox.key.as_str()), ("customer_id", "c-1"));
    assert_eq!(serde_json::to_value(&sandbox.attributes).unwrap(), json!({"tier": "gold"}));
    assert!(!script.clone().result().passed);
    let mut calls = Vec::new();
    let answers = [
        Answer::Done,
        Answer::Done,
        Answer::Done,
        Answer::Offers { offers: vec!["z".into()], reasons: Vec::new() },
        Answer::Segments(Vec::new()),
    ];
    for answer in answers {
        calls.push(script.call().unwrap());
        script.answer(&answer);
    }
    assert_eq!(calls[3], Call::Offers { point: "aside".into(), limit: Some(1) });
    assert_eq!((script.call(), script.clone().result().passed), (None, true));
    script.answer(&Answer::Unknown);
    assert_eq!(script.result().steps.len(), 5);
    let mut script = Script::new(&shop.0, &"s".into()).unwrap();
    script.answer(&Answer::Segments(Vec::new()));
    assert_eq!(script.call(), None);
    let result = script.result();
    assert_eq!(result.steps[0].said, "given: the runner gave an answer to another question");
    assert!(!result.passed);
}
