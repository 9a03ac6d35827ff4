//! Components for the tests of this crate: one fixed set, and a strategy that makes any.

#![allow(dead_code, reason = "each test file uses its part")]

use proptest::{collection, option, prelude::*, sample};
use serde_json::{Value as Json, json};
use taiwa_model::{
    Attribute, Audience, Branch, Cap, Category, Channel, Components, Direction, Event, Flowchart,
    InteractionPoint, Level, Localized, Moment, Node, Offer, Period, Property, Rule, Scope, Scoped,
    Score, Segment, SpanOfTime, Strategy as Interaction, Value, ValueType, Workspace, Zone,
};

/// A small release that exercises every rule of the encoding: numbers, texts, order, scope.
pub(crate) fn golden() -> Components {
    let mut set = Components { workspace: Some(workspace()), ..Components::default() };
    set.audience = Some(Audience {
        levels: vec![level("customer", "customer_id"), level("visitor", "visitor_id")],
        attributes: [("tier".into(), attribute(ValueType::Enum, &["none", "gold"]))].into(),
        consent: [].into(),
    });
    set.channels.insert("web-store".into(), channel());
    set.strategies.insert(
        "web-store".into(),
        Interaction {
            arbitration: [].into(),
            rules: vec![
                rule("home-hero", "gold", "espresso-starter", Score::Fixed(80.0)),
                rule(
                    "home-hero",
                    "everyone",
                    "espresso-starter",
                    cel("session.weekday >= 6 ? 90 : 40"),
                ),
            ],
        },
    );
    let mut offer =
        Offer { title: text("en", "Espresso starter kit"), value: 12.5, ..Offer::default() };
    offer.title.0.insert("ja".into(), "エスプレッソ スターターキット".into());
    offer.valid.until = Moment::parse("2027-01-31").ok();
    offer.tags = ["subscription".into(), "espresso".into()].into();
    offer.cap = Some(Cap { shown: 3, per: SpanOfTime::from_days(7) });
    let content = [
        ("headline".into(), Value::Text("Brew \"it\" at home\né😀".into())),
        ("price".into(), Value::Number(1e21)),
        ("rank".into(), Value::Int(-3)),
    ];
    offer.treatments.insert("web-store".into(), [("en".into(), content.into())].into());
    set.offers.insert("espresso-starter".into(), Scoped { scope: Scope::Shared, content: offer });
    let gold = Segment { title: text("und", "Gold"), when: "profile.tier == \"gold\"".into() };
    let scope = Scope::Channel("web-store".into());
    set.segments.insert("gold".into(), Scoped { scope, content: gold });
    set
}

fn workspace() -> Workspace {
    Workspace {
        format: 1,
        title: text("und", "Contoso Coffee"),
        locales: vec!["en".into(), "ja".into()],
        time_zone: "Asia/Tokyo".into(),
        currency: "JPY".into(),
    }
}

fn channel() -> Channel {
    let property = Property { kind: ValueType::String, values: Vec::new(), optional: false };
    Channel {
        title: text("und", "Web store"),
        direction: Direction::Inbound,
        goal: None,
        medium: None,
        interactions: [].into(),
        consent: None,
        quiet_hours: Vec::new(),
        zones: [("home-hero".into(), Zone::default())].into(),
        interaction_points: [(
            "home-banner".into(),
            InteractionPoint {
                title: Localized::default(),
                zone: "home-hero".into(),
                offers: 1,
                fallback: None,
            },
        )]
        .into(),
        categories: [("browsing".into(), Category::default())].into(),
        events: [(
            "page_view".into(),
            Event {
                title: Localized::default(),
                category: "browsing".into(),
                properties: [("page".into(), property)].into(),
                conversion: None,
            },
        )]
        .into(),
        responses: taiwa_model::Responses::default(),
    }
}

fn text(locale: &str, text: &str) -> Localized {
    Localized([(locale.into(), text.to_owned())].into())
}

fn level(name: &str, key: &str) -> Level {
    Level { name: name.into(), key: key.to_owned(), of: None }
}

fn attribute(kind: ValueType, values: &[&str]) -> Attribute {
    Attribute {
        kind,
        values: values.iter().map(|&it| it.to_owned()).collect(),
        default: None,
        min: None,
        max: None,
        pii: false,
    }
}

/// An assignment.
pub(crate) fn rule(zone: &str, segment: &str, offer: &str, score: Score) -> Rule {
    Rule { zone: zone.into(), segment: segment.into(), offer: offer.into(), score }
}

/// A computed score.
pub(crate) fn cel(text: &str) -> Score {
    Score::Cel(text.to_owned())
}

/// Any set of components, of a few kinds and with few names, so that two of them have much in common.
pub(crate) fn any_components() -> impl Strategy<Value = Components> {
    let name = || sample::select(vec!["a", "b-1", "gold"]);
    let scope =
        || prop_oneof![Just(Scope::Shared), name().prop_map(|it| Scope::Channel(it.into()))];
    let offers = collection::btree_map(name(), (scope(), any_offer()), 0..3);
    let segments = collection::btree_map(name(), (scope(), any_text()), 0..3);
    let charts = collection::btree_map(name(), (scope(), any_chart()), 0..2);
    let strategies = collection::btree_map(name(), any_strategy(), 0..3);
    let audience = option::of(any_audience());
    (offers, segments, charts, strategies, audience).prop_map(
        |(offers, segments, charts, strategies, audience)| {
            let mut set =
                Components { workspace: Some(workspace()), audience, ..Components::default() };
            for (name, (scope, content)) in offers {
                set.offers.insert(name.into(), Scoped { scope, content });
            }
            for (name, (scope, when)) in segments {
                let content = Segment { title: Localized::default(), when };
                set.segments.insert(name.into(), Scoped { scope, content });
            }
            for (name, (scope, content)) in charts {
                set.flowcharts.insert(name.into(), Scoped { scope, content });
            }
            set.strategies.extend(strategies.into_iter().map(|(name, it)| (name.into(), it)));
            set
        },
    )
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        sample::select(vec![
            "",
            "a/b~1",
            "@order",
            "one line\nanother line, quite long\n",
            "飲む \"\\"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |it| it.is_finite() && it.abs() < 1e300),
        (-1000_i32..1000).prop_map(|it| f64::from(it) / 8.0),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::Int),
        any_number().prop_map(Value::Number),
        any_text().prop_map(Value::Text),
        collection::vec(any_text(), 0..3).prop_map(Value::Texts),
        collection::vec(-9_i64..9, 0..3).prop_map(Value::Ints),
    ]
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let fields = collection::btree_map(any_text().prop_map(Into::into), any_value(), 0..3);
    let locales =
        collection::btree_map(sample::select(vec!["en", "ja"]).prop_map(Into::into), fields, 0..3);
    let treatments = collection::btree_map(
        sample::select(vec!["web-store", "email"]).prop_map(Into::into),
        locales,
        0..3,
    );
    let tags = collection::btree_set(any_text(), 0..3);
    (any_number(), option::of(any_text()), treatments, tags, any_text()).prop_map(
        |(value, eligible, treatments, tags, title)| Offer {
            title: text("und", &title),
            valid: Period::default(),
            value,
            tags,
            consent: None,
            eligible,
            cap: None,
            treatments,
        },
    )
}

fn any_strategy() -> impl Strategy<Value = Interaction> {
    let name = || sample::select(vec!["a", "b", "a,b", "a#2", "~2"]);
    let score = prop_oneof![any_number().prop_map(Score::Fixed), any_text().prop_map(Score::Cel),];
    let rule = (name(), name(), name(), score)
        .prop_map(|(zone, segment, offer, score)| rule(zone, segment, offer, score));
    collection::vec(rule, 0..6).prop_map(|rules| Interaction { arbitration: [].into(), rules })
}

fn any_chart() -> impl Strategy<Value = Flowchart> {
    let branch = (option::of(any_text()), sample::select(vec!["a", "b"]))
        .prop_map(|(when, go)| Branch { when, go: go.into() });
    let node = prop_oneof![
        collection::vec(branch, 0..3).prop_map(Node::Decide),
        any_text().prop_map(|it| Node::Segment { name: it.into(), title: Localized::default() }),
    ];
    collection::btree_map(sample::select(vec!["a", "b", "c"]).prop_map(Into::into), node, 0..3)
        .prop_map(|nodes| Flowchart { title: text("und", "Chart"), start: "a".into(), nodes })
}

fn any_audience() -> impl Strategy<Value = Audience> {
    let level =
        sample::select(vec!["customer", "visitor", "household"]).prop_map(|it| level(it, "id"));
    let attribute = (option::of(any_value()), option::of(any_number()))
        .prop_map(|(default, min)| Attribute { default, min, ..attribute(ValueType::Int, &[]) });
    let attributes = collection::btree_map(
        sample::select(vec!["tier", "age"]).prop_map(Into::into),
        attribute,
        0..3,
    );
    (collection::vec(level, 0..4), attributes).prop_map(|(levels, attributes)| Audience {
        levels,
        attributes,
        consent: [].into(),
    })
}

/// The JSON object of a set, put together without the code under test.
pub(crate) fn tree(of: &Components) -> Json {
    fn put<T: serde::Serialize>(
        into: &mut Vec<(String, Json)>,
        name: String,
        content: &T,
        scope: &Json,
    ) {
        into.push((name, json!({"scope": scope, "content": content})));
    }
    fn scoped<N: ToString, T: serde::Serialize>(
        into: &mut Vec<(String, Json)>,
        kind: &str,
        from: &std::collections::BTreeMap<N, Scoped<T>>,
    ) {
        for (name, it) in from {
            let scope = match &it.scope {
                Scope::Shared => json!("shared"),
                Scope::Channel(it) => json!({"channel": it.as_str()}),
            };
            put(into, format!("{kind}/{}", name.to_string()), &it.content, &scope);
        }
    }
    let mut all = Vec::new();
    scoped(&mut all, "segment", &of.segments);
    scoped(&mut all, "scenario", &of.scenarios);
    scoped(&mut all, "offer", &of.offers);
    scoped(&mut all, "flowchart", &of.flowcharts);
    for (name, it) in &of.strategies {
        put(&mut all, format!("strategy/{name}"), it, &json!({"channel": name.as_str()}));
    }
    for (name, it) in &of.channels {
        put(&mut all, format!("channel/{name}"), it, &json!({"channel": name.as_str()}));
    }
    if let Some(it) = &of.audience {
        put(&mut all, "audience/shared".into(), it, &json!("shared"));
    }
    if let Some(it) = &of.workspace {
        put(&mut all, "workspace/taiwa".into(), it, &json!("shared"));
    }
    let components: serde_json::Map<String, Json> = all.into_iter().collect();
    json!({"format": 1, "components": components})
}
