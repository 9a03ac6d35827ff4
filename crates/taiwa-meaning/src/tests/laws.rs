//! Budget, order, circles, flowcharts, versions, scores.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;
use taiwa_condition::{Expect, History, Setting, check};
use taiwa_model::{Components, Scope, SpanOfTime};

use super::{compiled, engine, read, shared, shop, understood};
use crate::{Budget, Builder, Exhausted, Meanings, Set};

/// `x1 && y1 || x2 && y2 || …` over flags that can be yes or no.
fn pairs(count: usize) -> (Components, String) {
    let mut components = shop();
    let audience = components.audience.as_mut().unwrap();
    for at in 0..count {
        for side in ["x", "y"] {
            let attribute = read(json!({"type": "bool", "default": false}));
            audience.attributes.insert(format!("{side}{at}").as_str().into(), attribute);
        }
    }
    let all: Vec<String> = (0..count).map(|at| format!("profile.x{at} && profile.y{at}")).collect();
    (components, all.join(" || "))
}

#[test]
fn what_belongs_together_is_asked_together() {
    let (components, condition) = pairs(18);
    let (mut m, _, handles) = understood(&components, &[condition]);
    m.truth(handles[0]).unwrap();
    assert!(m.nodes() < 1_000, "{}", m.nodes());
}

#[test]
fn a_budget_ends_in_no_answer() {
    // Each x is tied to every y: no order is good.
    let (components, _) = pairs(18);
    let half: Vec<String> =
        (0..18).map(|at| format!("(profile.x{at} == profile.y{})", (at * 7 + 5) % 18)).collect();
    let tied: Vec<String> =
        (0..18).map(|at| format!("(profile.x{at} == profile.y{})", (at * 11 + 1) % 18)).collect();
    let conditions = [half.join(" && "), tied.join(" && ")];
    let ask = |nodes| -> Result<(usize, Set), Exhausted> {
        let mut builder = Builder::new(Budget { nodes });
        let version = builder.version(&components);
        let handles =
            conditions.each_ref().map(|it| builder.condition(version, it, &Scope::Shared).unwrap());
        let mut m = builder.finish();
        let (a, b) = (m.truth(handles[0])?, m.truth(handles[1])?);
        let both = m.or(a, b)?;
        assert!(m.nodes() <= nodes as usize);
        Ok((m.nodes(), both))
    };
    let whole = ask(2_000_000);
    for nodes in [2, 10, 100, 300, 1_000] {
        match ask(nodes) {
            Ok(it) => assert_eq!(Ok(it), whole),
            Err(it) => assert_eq!(it, Exhausted),
        }
    }
    assert_eq!(ask(100), Err(Exhausted));
    assert!(whole.is_ok());
}

#[test]
fn many_variables_need_no_deep_stack() {
    let mut components = shop();
    let names: Vec<String> = (1_000..2_500).map(|at| format!("offer-{at}")).collect();
    for name in &names {
        components
            .offers
            .insert(name.as_str().into(), shared(read(json!({"title": {"und": name}}))));
    }
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(&components);
    let week = SpanOfTime::from_days(7);
    let handles: Vec<_> = names
        .iter()
        .map(|it| builder.contacted(version, (&it.as_str().into(), History::Shown), week, 1))
        .collect();
    let mut m = builder.finish();
    let mut all = m.everybody();
    // From the last variable up, so that building is cheap; then a walk through all of them.
    for handle in handles.iter().rev() {
        let set = m.truth(*handle).unwrap();
        all = m.and(set, all).unwrap();
    }
    let rest = m.complement(all).unwrap();
    assert!(!m.overlaps(all, rest).unwrap());
    assert_eq!(m.smallest(all).unwrap().unwrap().history.len(), 1_500);
}

#[test]
fn segments_in_circles_are_opaque_and_the_rest_is_not() {
    let mut components = shop();
    let segments = [
        ("a", "in_segment(\"b\") && profile.vip"),
        ("b", "in_segment(\"a\") || profile.age > 3"),
        ("adults", "profile.age >= 18"),
        ("grown", "in_segment(\"adults\") && profile.age >= 21"),
        ("broken", "profile.nothing == 3"),
    ];
    for (name, when) in segments {
        let segment = shared(read(json!({"title": {"und": name}, "when": when})));
        components.segments.insert(name.into(), segment);
    }
    let conditions = ["a", "grown", "adults", "broken"].map(|it| format!("in_segment(\"{it}\")"));
    let (mut m, version, handles) = understood(&components, &conditions);
    let [a, grown, adults, broken] = [0, 1, 2, 3].map(|it| m.truth(handles[it]).unwrap());
    assert_eq!([a, grown, adults, broken].map(|it| it.possible), [true, false, false, true]);
    assert!(m.implies(grown, adults).unwrap() && !m.implies(adults, grown).unwrap());
    assert_eq!(m.opaque(handles[0]).unwrap(), ["in_segment(\"a\")"]);
    // Whatever it is: it is itself.
    let rest = m.complement(a).unwrap();
    assert!(!m.overlaps(a, rest).unwrap());
    assert_eq!(m.smallest(a).unwrap().unwrap().assumed.len(), 1);
    assert_eq!(version, crate::VersionId(0));
}

/// A shop with a flowchart of two decisions.
fn charted() -> Components {
    let mut components = shop();
    let chart = json!({"title": {"und": "Chart"}, "start": "known", "nodes": {
        "known": {"decide": [{"when": "level() == \"customer\"", "go": "value"}, {"go": "newcomer"}]},
        "value": {"decide": [
            {"when": "profile.age >= 60", "go": "senior"},
            {"when": "profile.age >= 70", "go": "never"},
            {"when": "profile.vip || seen(\"web/paid\", \"90d\")", "go": "best"},
            {"go": "newcomer"},
        ]},
        "senior": {"segment": {"name": "senior"}},
        "never": {"segment": {"name": "never"}},
        "best": {"segment": {"name": "best"}},
        "newcomer": {"segment": {"name": "newcomers"}},
    }});
    components.flowcharts.insert("chart".into(), shared(read(chart)));
    components
}

#[test]
fn flowcharts_lead_where_the_engine_leads() {
    let components = charted();
    let names = ["senior", "never", "best", "newcomers"];
    let conditions = names.map(|it| format!("in_segment(\"{it}\")"));
    let (mut m, version, handles) = understood(&components, &conditions);
    let leaves: Vec<Set> = handles.iter().map(|it| m.truth(*it).unwrap()).collect();
    assert_eq!(m.covered_at_least(&leaves, 1).unwrap(), m.everybody());
    assert_eq!(m.covered_at_least(&leaves, 2).unwrap(), m.nobody());
    assert_eq!(leaves[1], m.nobody());
    let chart = m.chart(version, &"chart".into()).unwrap().unwrap();
    assert_eq!(chart.lost, m.nobody());
    assert_eq!(chart.nodes["best"].reached, leaves[2]);
    assert_eq!(chart.nodes["value"].cases[1], m.nobody());
    assert_eq!(m.chart(version, &"none".into()).unwrap(), None);
    let engine_sees = compiled(&components);
    for (name, set) in names.iter().zip(&leaves) {
        let Some(person) = m.smallest(*set).unwrap() else { continue };
        let segments = engine(&engine_sees, &person);
        assert_eq!(
            segments.iter().map(taiwa_model::SegmentName::as_str).collect::<Vec<_>>(),
            [*name]
        );
    }
}

#[test]
fn two_versions_are_compared_person_by_person() {
    let old = charted();
    let mut new = charted();
    let tier = new.audience.as_mut().unwrap().attributes.get_mut("tier").unwrap();
    tier.values.push("platinum".into());
    tier.default = Some(taiwa_model::Value::Text("silver".into()));
    let mut builder = Builder::new(Budget::default());
    let (before, after) = (builder.version(&old), builder.version(&new));
    let conditions = ["profile.tier == \"none\"", "profile.age >= 18", "profile.tier == \"gold\""];
    let pairs = conditions.map(|it| {
        [before, after].map(|version| builder.condition(version, it, &Scope::Shared).unwrap())
    });
    let platinum =
        builder.condition(after, "profile.tier == \"platinum\"", &Scope::Shared).unwrap();
    let mut m = builder.finish();
    let sets = pairs.map(|it| it.map(|it| m.truth(it).unwrap()));
    // Nobody said anything of their tier: the default counted, and another one counts now.
    assert!(m.implies(sets[0][1], sets[0][0]).unwrap());
    let left = m.minus(sets[0][0], sets[0][1]).unwrap();
    let person = m.smallest(left).unwrap().unwrap();
    assert!(person.attributes.is_empty(), "{person:?}");
    assert!(m.equal(sets[1][0], sets[1][1]).unwrap() && m.equal(sets[2][0], sets[2][1]).unwrap());
    // A platinum person counts as of the old default in the old version.
    let platinum = m.truth(platinum).unwrap();
    assert!(m.implies(platinum, sets[0][0]).unwrap());
}

#[test]
fn scores_by_people() {
    let components = shop();
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(&components);
    let text = "profile.vip ? 90 : (profile.points > 50 ? 40 + (session.known ? 10 : 0) : 40)";
    let expr = {
        let setting =
            Setting { names: builder.names(version), scope: None, session: true, event: None };
        check(text, Expect::Score, &setting).expr.unwrap()
    };
    let score = builder.score(version, &expr);
    let vip = builder.condition(version, "profile.vip", &Scope::Shared).unwrap();
    let mut m = builder.finish();
    let cells = m.score_cells(score).unwrap();
    let mut scores: Vec<f64> = cells.iter().map(|it| it.least).collect();
    scores.sort_by(f64::total_cmp);
    assert_eq!(scores, [40.0, 50.0, 90.0]);
    let people: Vec<Set> = cells.iter().map(|it| it.people).collect();
    assert_eq!(m.covered_at_least(&people, 1).unwrap(), m.everybody());
    assert_eq!(m.covered_at_least(&people, 2).unwrap(), m.nobody());
    let vip = m.truth(vip).unwrap();
    let ninety = cells.iter().find(|it| it.least > 80.0).unwrap();
    assert_eq!((ninety.people, ninety.most), (vip, 90.0));
}

#[test]
fn sets_that_look_at_nothing_in_common() {
    let conditions = [
        "profile.vip",
        "profile.age > 3",
        "count(\"web/paid\", \"7d\") > 2",
        "since(\"web/paid\") < duration(\"3d\")",
        "size(profile.interests) > 2",
        "\"tea\" in profile.interests",
    ]
    .map(str::to_owned);
    let (mut m, _, handles) = understood(&shop(), &conditions);
    let sets: Vec<Set> = handles.iter().map(|it| m.truth(*it).unwrap()).collect();
    for (a, one) in sets.iter().enumerate() {
        for (b, other) in sets.iter().enumerate() {
            let together = a == b || (a / 2 == b / 2 && a > 1);
            assert_eq!(m.supports_disjoint(*one, *other), !together, "{a} {b}");
        }
    }
}

#[test]
fn a_witness_is_a_scenario() {
    let condition = "profile.age >= 18 && count(\"web/paid\", \"30d\") >= 2 && !seen(\"web/paid\", \"7d\") \
        && !consented(\"service\") && shown(\"bogo\", \"3d\") && sum(\"web/paid\", \"amount\", \"30d\") > 20";
    let (mut m, _, handles) = understood(&shop(), &[condition.to_owned()]);
    let set = m.truth(handles[0]).unwrap();
    let person = m.smallest(set).unwrap().unwrap();
    let given = json!({
        "at": "2026-11-23T12:00:00Z",
        "customer": {"customer_id": "witness", "age": 18},
        "consent": {"service": "denied"},
        "history": [
            {"shown": "bogo", "ago": "1d"},
            {"event": "web/paid", "ago": "7d", "properties": {"amount": 21.0}},
            {"event": "web/paid", "ago": "7d"},
        ],
    });
    assert_eq!(person.given(), given);
    assert_eq!(
        person.said().as_str(),
        "a customer with `age` 18, `bogo` shown 1d ago, \
         `web/paid` 2 times, last 7d ago (amount 21.0), no consent to `service`"
    );
}

/// Everything that can be told apart of these conditions, whatever their order was.
fn picture(conditions: &[String], order: &[usize]) -> String {
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(&shop());
    let mut handles = vec![None; conditions.len()];
    for at in order {
        handles[*at] = builder.condition(version, &conditions[*at], &Scope::Shared);
    }
    let mut m: Meanings = builder.finish();
    let sets: Vec<Set> = handles.iter().map(|it| m.truth(it.unwrap()).unwrap()).collect();
    let mut picture = String::new();
    for a in &sets {
        for b in &sets {
            let both = m.minus(*a, *b).unwrap();
            let person = m.smallest(both).unwrap();
            let within = m.implies(*a, *b).unwrap();
            writeln!(picture, "{person:?} {} {within}", both.possible).unwrap();
        }
    }
    picture
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_adding_changes_no_answer(order in Just((0..10).collect::<Vec<usize>>()).prop_shuffle()) {
        let conditions = [
            "profile.age > 20 && profile.city == \"Oslo\"",
            "profile.age > 30 || profile.city.startsWith(\"O\")",
            "count(\"web/paid\", \"7d\") > 2",
            "seen(\"web/paid\", \"30d\") && profile.age < profile.points",
            "flagged(\"a\") || flagged(\"b\")",
            "size(profile.interests) > 2 && \"tea\" in profile.interests",
            "\"rum\" in profile.interests",
            "session.hour > 3 && session.weekday == 2",
            "profile.rating > 0.5 && !consented(\"news\")",
            "profile.visited_at > session.now - duration(\"7d\")",
        ].map(str::to_owned);
        let straight: Vec<usize> = (0..10).collect();
        prop_assert_eq!(picture(&conditions, &order), picture(&conditions, &straight));
    }
}
