//! Which form of an offer is shown, and with which words.

use super::*;

fn told(compiled: &Compiled, profile: Json, locale: Option<&str>) -> (String, Json) {
    let person = person(compiled, profile);
    let mut session = session("customer");
    session.locale = locale.map(Into::into);
    let request = Request {
        session: &session,
        person: &person,
        point: &"banner".into(),
        limit: None,
        exclude: &[],
        explain: Explain::Nothing,
    };
    let decision = decide(compiled, &request, noon()).unwrap();
    let chosen = decision.offers.into_iter().next().unwrap();
    (chosen.treatment, serde_json::to_value(chosen.content).unwrap())
}

#[track_caller]
fn check(compiled: &Compiled, language: Option<&str>, locale: Option<&str>, expect: &str) {
    let profile = language.map_or_else(|| json!({}), |it| json!({"language": it}));
    assert_eq!(told(compiled, profile, locale).0, format!("web/{expect}"));
}

#[test]
fn the_locale_falls_back_step_by_step() {
    let treatment = json!({"en": {"t": "e"}, "ja": {"t": "j"}, "zh-Hant": {"t": "z"}});
    let fields = json!({"treatments": {"web": treatment}});
    let compiled = Shop::new().offer("x", fields).rule("everyone", "x", 1).compile();
    check(&compiled, None, None, "en");
    check(&compiled, None, Some("ja"), "ja");
    check(&compiled, None, Some("ja-JP"), "ja");
    check(&compiled, None, Some("zh-Hant-TW"), "zh-Hant");
    check(&compiled, None, Some("fr"), "en");
    check(&compiled, Some("ja"), None, "ja");
    check(&compiled, Some("ja"), Some("en-GB"), "en");
    check(&compiled, Some("ja"), Some("fr"), "ja");
    check(&compiled, Some("zh-Hant"), Some("fr-CA"), "zh-Hant");
}

#[test]
fn placeholders_are_filled_as_plain_text() {
    let fields = json!({"treatments": {"web": {"en": {
        "headline": "Coffee & cake",
        "hello": "Hi {{ profile.name ?? \"friend\" }}: {{ offer.headline }} for {{ profile.points }}",
        "age": "{{ profile.age }}",
        "since": "{{ profile.visited_at ?? \"never\" }}",
        "list": ["{{ profile.name }}"],
        "count": 3,
    }}}});
    let compiled = Shop::new().offer("x", fields).rule("everyone", "x", 1).compile();
    let profile =
        json!({"name": "<Ann>", "age": 30, "points": 2.5, "visited_at": "2026-01-01T00:00:00Z"});
    let (_, content) = told(&compiled, profile, None);
    assert_eq!(
        content,
        json!({
            "headline": "Coffee & cake",
            "hello": "Hi <Ann>: Coffee & cake for 2.5",
            "age": "30",
            "since": "2026-01-01T00:00:00Z",
            "list": ["{{ profile.name }}"],
            "count": 3,
        })
    );
    let (_, content) = told(&compiled, json!({}), None);
    assert_eq!(content["hello"], "Hi friend: Coffee & cake for 0");
    assert_eq!((&content["age"], &content["since"]), (&json!(""), &json!("never")));
}

#[test]
fn a_wire_decision_reads_back() {
    let compiled = Shop::new().offer("x", json!({})).rule("everyone", "x", 1).compile();
    let decision = ask(&compiled, &Person::default(), "banner", noon());
    let text = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision);
}
