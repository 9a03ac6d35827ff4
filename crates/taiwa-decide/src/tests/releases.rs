//! What can be served, and what is refused with which words.

use super::*;

#[track_caller]
fn refused(shop: &Shop, expect: &[&str]) {
    let error = Compiled::new(Digest::of(b"release"), &shop.0).unwrap_err();
    assert_eq!(error.problems, expect);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let mut shop = Shop::new()
        .rule("nobody-knows", "nothing", 10)
        .rule_in("attic", "everyone", "story", 10)
        .offer("x", json!({"consent": "sms", "treatments": {"web": {"en": {"a": "{{ profile.height }}", "b": "{{ offer.a }}"}}}}));
    let strategy = shop.0.strategies.get_mut("web").unwrap();
    strategy.arbitration.insert("hero".into(), taiwa_model::Arbitration::Learning);
    strategy.arbitration.insert("shelf".into(), taiwa_model::Arbitration::Weights);
    let channel = shop.0.channels.get_mut("web").unwrap();
    let point = |zone: &str, offers: u32, fallback: &str| {
        super::read::<taiwa_model::InteractionPoint>(
            json!({"zone": zone, "offers": offers, "fallback": fallback}),
        )
    };
    channel.interaction_points.insert("a".into(), point("cellar", 1, "story"));
    channel.interaction_points.insert("b".into(), point("hero", 51, "gone"));
    refused(
        &shop,
        &[
            "offer/x: purpose `sms` is not declared",
            "offer/x: web/en, a: `profile.height` is neither an attribute nor a field of this treatment",
            "offer/x: web/en, b: `offer.a` has placeholders itself",
            "strategy/web: zone `attic` is unknown",
            "strategy/web: zone `hero`: unsupported arbitration, use score or value",
            "strategy/web: offer `nothing` is not in the release",
            "strategy/web: segment `nobody-knows` is not in the release",
            "strategy/web: zone `shelf`: unsupported arbitration, use score or value",
            "channel/web: point `a`: zone `cellar` is unknown",
            "channel/web: fallback `gone` is not in the release",
            "channel/web: point `b`: offers must be 1 to 50",
        ],
    );
}

#[test]
fn a_release_without_its_heart_is_refused() {
    refused(
        &Shop(Components::default()),
        &["workspace/taiwa: it is missing", "audience/shared: it is missing, or declares no level"],
    );
    let mut shop = Shop::new();
    let workspace = shop.0.workspace.as_mut().unwrap();
    workspace.time_zone = "Mars/Base".into();
    workspace.locales.clear();
    refused(
        &shop,
        &[
            "workspace/taiwa: it names no locale",
            "workspace/taiwa: time zone `Mars/Base` is unknown",
        ],
    );
}

#[test]
fn conditions_that_do_not_hold_together_are_refused() {
    let shop = Shop::new().segment("a", "profile.height > 3");
    let error = Compiled::new(Digest::of(b"r"), &shop.0).unwrap_err();
    assert!(error.problems[0].starts_with("segment/a: `profile.height > 3` cannot be evaluated: "));
    let shop = Shop::new().offer("x", json!({})).rule("everyone", "x", "\"text\"");
    assert!(Compiled::new(Digest::of(b"r"), &shop.0).is_err());
}

#[test]
fn segments_may_not_hang_on_themselves() {
    let words = "it hangs on itself, or on other segments more than 32 deep";
    let shop = Shop::new()
        .segment("a", "in_segment(\"b\")")
        .segment("b", "!in_segment(\"a\")")
        .segment("c", "in_segment(\"everyone\")");
    refused(&shop, &[&format!("segment/a: {words}"), &format!("segment/b: {words}")]);
    let chain = |deep: usize| {
        (1..deep).fold(Shop::new().segment("s00", "profile.age > 1"), |shop, it| {
            shop.segment(&format!("s{it:02}"), &format!("in_segment(\"s{:02}\")", it - 1))
        })
    };
    let deep = chain(crate::MAX_SEGMENT_DEPTH).compile();
    let grown = person(&deep, json!({"age": 2}));
    assert_eq!(crate::segments_of(&deep, &session("visitor"), &grown, noon()).len(), 32);
    refused(&chain(crate::MAX_SEGMENT_DEPTH + 1), &[&format!("segment/s32: {words}")]);
}

#[test]
fn flowcharts_end() {
    let with = |nodes: Json| {
        let mut shop = Shop::new();
        let chart = json!({"title": {"und": "c"}, "start": "a", "nodes": nodes});
        shop.0.flowcharts.insert("c".into(), shared(super::read(chart)));
        shop
    };
    let to = |go: &str| json!({"decide": [{"go": go}]});
    refused(
        &with(json!({"a": to("b"), "b": to("a")})),
        &["flowchart/c: its nodes lead back to themselves"],
    );
    refused(&with(json!({"a": to("z")})), &["flowchart/c: node `z` does not exist"]);
    refused(
        &with(json!({"b": {"segment": {"name": "s"}}})),
        &["flowchart/c: node `a` does not exist"],
    );
    let open = json!({"decide": [{"when": "profile.age > 3", "go": "s"}]});
    refused(
        &with(json!({"a": open, "s": {"segment": {"name": "s"}}})),
        &["flowchart/c: node `a` has no `otherwise` at its end"],
    );
    let own = json!({"decide": [{"when": "in_segment(\"s\")", "go": "s"}, {"go": "s"}]});
    refused(
        &with(json!({"a": own, "s": {"segment": {"name": "s"}}})),
        &["segment/s: it hangs on itself, or on other segments more than 32 deep"],
    );
}

#[test]
fn at_most_fifty_problems_are_listed() {
    let shop = (0..60).fold(Shop::new(), |shop, it| shop.rule("everyone", &format!("o{it}"), 1));
    let error = Compiled::new(Digest::of(b"r"), &shop.0).unwrap_err();
    assert_eq!((error.problems.len(), error.problems[50].as_str()), (51, "and 10 more"));
}

#[test]
fn a_release_tells_what_it_has() {
    let compiled = Shop::new().compile();
    assert_eq!(compiled.digest(), Digest::of(b"release"));
    assert_eq!(
        compiled.level_of_key("visitor_id").map(taiwa_model::LevelName::as_str),
        Some("visitor")
    );
    assert!(compiled.level_of_key("visitor").is_none());
    assert!(compiled.is_known(&"customer".into()) && !compiled.is_known(&"visitor".into()));
    assert!(compiled.has_channel(&"web".into()) && !compiled.has_channel(&"app".into()));
    let points: Vec<_> =
        compiled.points().map(|it| format!("{}/{} {}", it.0, it.1, it.2)).collect();
    assert_eq!(points, ["web/aside 2", "web/banner 1", "web/tiles 3"]);
}
