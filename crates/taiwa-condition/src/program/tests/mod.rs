//! Rows for what is easily got wrong, and an oracle: a naive reading of the parsed text with CEL's rules, which
//! knows nothing of types, slots and programs, must agree on random conditions and random people.

mod oracle;
mod world;

use std::sync::LazyLock;

use proptest::prelude::*;
use taiwa_model::{ChannelName, EventRef, Value};
use world::World;

use crate::{
    Expect, Expr, ExprKind, Names, Program, Setting, Slots, Truth, check, check::tests::components,
    constant, may_be_missing, parse, print, range,
};

/// A condition without a mistake.
#[track_caller]
fn checked(text: &str) -> Expr {
    checked_as(text, Expect::Condition)
}

#[track_caller]
fn checked_as(text: &str, expect: Expect) -> Expr {
    static NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(&components()));
    let scope = ChannelName::new("web-store");
    let event = EventRef::new("web-store", "purchase");
    let setting =
        Setting { names: &NAMES, scope: Some(&scope), session: true, event: Some(&event) };
    let checked = check(text, expect, &setting);
    checked.expr.unwrap_or_else(|| panic!("{text}: {:#?}", checked.remarks))
}

/// The program of a condition and the slots it uses.
#[track_caller]
fn compiled(text: &str, expect: Expect) -> (Program, Slots) {
    let expr = checked_as(text, expect);
    let mut slots = Slots::default();
    (Program::compile(&expr, &mut slots), slots)
}

#[track_caller]
fn truth(text: &str, change: impl FnOnce(&mut World)) -> Truth {
    let (program, slots) = compiled(text, Expect::Condition);
    let mut world = World::plain();
    change(&mut world);
    let facts = world.facts(&slots);
    assert_eq!(program.number(&facts), None);
    assert_eq!(program.holds(&facts), program.truth(&facts) == Truth::True);
    program.truth(&facts)
}

#[test]
fn missing_values_are_unknown_and_absorbed() {
    use Truth::{False, True, Unknown};
    for (text, without, with_age_20) in [
        ("profile.age >= 18", Unknown, True),
        ("!(profile.age < 18)", Unknown, True),
        ("profile.age != 20", Unknown, False),
        ("has(profile.age)", False, True),
        ("!has(profile.age) || profile.age < 18", True, False),
        ("profile.age < 18 || !has(profile.age)", True, False),
        ("profile.age > 3 && profile.vip", False, False),
        ("profile.vip && profile.age > 3", False, False),
        ("profile.age > 3 || !profile.vip", True, True),
        ("profile.age > 3 && !profile.vip", Unknown, True),
        ("profile.age in [20, 30]", Unknown, True),
        ("profile.age > 3 ? true : false", Unknown, True),
        ("has(profile.age) ? profile.age == 20 : true", True, True),
        ("profile.age / profile.visits > 1 || true", True, True),
    ] {
        assert_eq!(truth(text, |_| {}), without, "{text}");
        let with = |it: &mut World| it.set("age", Value::Int(20));
        assert_eq!(truth(text, with), with_age_20, "{text}");
    }
}

#[test]
fn what_cannot_be_computed_is_unknown() {
    for text in [
        "10 / profile.visits > 1",
        "10 % profile.visits > 1",
        "10.0 / profile.visits > 1",
        "9007199254740991 + 1 > profile.visits",
        "-9007199254740991 - 1 < profile.visits",
        "9007199254740991 * 9007199254740991 > 1",
        "1e308 * 10 > profile.rating",
        "since(\"shop/visit\") < duration(\"1d\")",
    ] {
        assert_eq!(truth(text, |_| {}), Truth::Unknown, "{text}");
    }
    let late = "session.now + duration(\"360000d\") + duration(\"360000d\") + duration(\"360000d\") + \
        duration(\"360000d\") + duration(\"360000d\") + duration(\"360000d\") + duration(\"360000d\") + \
        duration(\"360000d\") + duration(\"360000d\") > session.now";
    assert_eq!(truth(late, |_| {}), Truth::Unknown);
}

#[test]
fn lists_are_never_missing() {
    assert_eq!(truth("\"tea\" in profile.interests", |_| {}), Truth::False);
    assert_eq!(truth("!(\"tea\" in profile.interests)", |_| {}), Truth::True);
    assert_eq!(truth("size(profile.interests) == 0", |_| {}), Truth::True);
    assert_eq!(truth("profile.lucky.all(i, i > 3)", |_| {}), Truth::True);
    assert_eq!(truth("profile.lucky.exists(i, i > 3)", |_| {}), Truth::False);
    let tea = |it: &mut World| it.set("interests", Value::Texts(vec!["tea".into(), "x".into()]));
    assert_eq!(truth("\"tea\" in profile.interests", tea), Truth::True);
    assert_eq!(truth("profile.interests.exists(i, i.startsWith(\"t\"))", tea), Truth::True);
    let untyped = |it: &mut World| it.set("lucky", Value::Texts(vec![]));
    assert_eq!(truth("1 in profile.lucky", untyped), Truth::False);
}

#[test]
fn elements_absorb_as_operands_do() {
    let lucky = |it: &mut World| it.set("lucky", Value::Ints(vec![0, 2]));
    assert_eq!(truth("profile.lucky.exists(i, 4 / i == 2)", lucky), Truth::True);
    assert_eq!(truth("profile.lucky.exists(i, 4 / i == 3)", lucky), Truth::Unknown);
    assert_eq!(truth("profile.lucky.all(i, 4 / i == 3)", lucky), Truth::False);
    assert_eq!(truth("profile.lucky.all(i, 4 / i == 2)", lucky), Truth::Unknown);
}

#[test]
fn numbers_meet() {
    let world = |it: &mut World| {
        it.set("balance", Value::Number(2.5));
        it.set("visits", Value::Int(5));
    };
    for text in [
        "profile.balance * 2 == profile.visits",
        "profile.visits / 2 == 2",
        "profile.visits / 2.0 == 2.5",
        "(profile.vip ? 1.5 : 1) / 2 == 0.5",
        "profile.balance in [1, 2.5]",
        "profile.visits in [5, 7.5]",
        "-7 / 2 == -3 && -7 % 2 == -1",
        "2.5 <= profile.balance && 5 == profile.visits && 5.0 == profile.visits",
        "profile.balance > profile.visits || profile.visits > profile.balance",
        "-profile.visits < -4 && -(profile.balance) == -2.5",
        "size(\"日本\") == 2",
        "\"b\" > \"a\" && profile.email < \"a\"",
        "session.now - timestamp(\"2026-11-21T00:00:00Z\") == duration(\"10h\")",
        "session.now - duration(\"1w\") == timestamp(\"2026-11-14T10:00:00Z\")",
        "duration(\"1d\") + timestamp(\"2026-11-20T10:00:00Z\") == session.now",
    ] {
        assert_eq!(truth(text, world), Truth::True, "{text}");
    }
    let whole = |it: &mut World| it.set("balance", Value::Int(3));
    assert_eq!(truth("profile.balance / 2 == 1.5", whole), Truth::True);
}

#[test]
fn facts_are_asked_for_what_was_named() {
    let world = |it: &mut World| {
        for fact in [
            "segment adults",
            "consent marketing-email",
            "flag x",
            "shown bogo-weekend 7d",
            "accepted bogo-weekend 8d",
            "rejected espresso-starter 9d",
        ] {
            it.facts.insert(fact.to_owned());
        }
        it.counts.insert("web-store/purchase 30d".into(), 2);
        it.sums.insert("web-store/purchase amount 14d".into(), 9.5);
        it.last.insert("shop/visit".into(), 3_600_000);
        it.set_property("amount", Value::Number(12.0));
    };
    for text in [
        "in_segment(\"adults\") && !in_segment(\"known-adults\")",
        "consented(\"marketing-email\")",
        "flagged(\"x\") && !flagged(\"y\")",
        "shown(\"bogo-weekend\", \"7d\") && !shown(\"bogo-weekend\", \"8d\")",
        "accepted(\"bogo-weekend\", \"8d\") && !accepted(\"bogo-weekend\", \"7d\")",
        "rejected(\"espresso-starter\", \"9d\") && !rejected(\"bogo-weekend\", \"9d\")",
        "seen(\"purchase\", \"30d\") && !seen(\"purchase\", \"1d\") && count(\"purchase\", \"30d\") == 2",
        "sum(\"purchase\", \"amount\", \"2w\") == 9.5",
        "since(\"shop/visit\") == duration(\"1h\")",
        "level() == \"visitor\" && level() != \"customer\" && !(level() in [\"customer\"])",
        "\"visitor\" == level() && level() in [\"customer\", \"visitor\"]",
        "session.hour == 19 && session.weekday == 6 && session.locale == \"ja\" && session.visits == 2",
        "session.channel == \"web-store\" && session.channel in [\"shop\", \"web-store\"] && !session.known",
        "event.amount == 12 && has(event.amount) && !has(event.note)",
        "profile.tier == \"none\" && profile.tier in [\"none\"] && profile.tier != \"gold\"",
    ] {
        assert_eq!(truth(text, world), Truth::True, "{text}");
    }
}

#[test]
fn scores() {
    let score = |text: &str| {
        let (program, slots) = compiled(text, Expect::Score);
        let facts = World::plain();
        let facts = facts.facts(&slots);
        assert_eq!(program.truth(&facts), Truth::Unknown);
        program.number(&facts)
    };
    assert_eq!(score("80"), Some(80.0));
    assert_eq!(score("session.weekday >= 6 ? 90 : 40.5"), Some(90.0));
    assert_eq!(score("has(profile.age) ? profile.age : 1"), Some(1.0));
    assert_eq!(score("9007199254740991 * (profile.visits + 2)"), None);
}

#[test]
fn equal_programs_get_equal_slots() {
    let (_, one) = compiled("profile.vip && profile.tier == \"gold\"", Expect::Condition);
    let names: Vec<_> = one.attributes.iter().map(|it| it.1.as_str()).collect();
    assert_eq!(names, ["vip", "tier"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn programs_agree_with_a_naive_reading(
        text in prop::collection::vec(any::<u8>(), 0..100),
        person in prop::collection::vec(any::<u8>(), 24),
    ) {
        let text = oracle::condition(&text);
        let world = World::random(&person);
        let expr = checked(&text);
        let mut slots = Slots::default();
        let program = Program::compile(&expr, &mut slots);
        let parsed = parse(&text);
        let truth = program.truth(&world.facts(&slots));
        prop_assert_eq!(truth, oracle::read(&parsed, &world), "{} {:#?}", text, world);
        prop_assert_eq!(print(&parse(&print(&parsed))), print(&parsed));

        // What is said of a condition without knowing anybody holds for this one, but for overflow.
        let exact = !text.contains("9007199254740991");
        if let Some(constant) = constant(&expr).filter(|_| exact) {
            prop_assert_eq!(truth, Truth::from(constant), "{}", text);
        }
        if may_be_missing(&expr).is_none() && exact {
            prop_assert_ne!(truth, Truth::Unknown, "{} {:#?}", text, world);
        }
    }

    #[test]
    fn scores_lie_within_their_range(
        text in prop::collection::vec(any::<u8>(), 0..60),
        person in prop::collection::vec(any::<u8>(), 24),
    ) {
        // As a condition, because most of these may be missing and are no scores.
        let text = format!("{} == 0.25", oracle::number(&text));
        let world = World::random(&person);
        let (expr, mut slots) = (checked(&text), Slots::default());
        let ExprKind::Compare { left, .. } = &expr.kind else { panic!("{text}") };
        let program = Program::compile(left, &mut slots);
        let (least, most) = range(left);
        if let Some(number) = program.number(&world.facts(&slots)) {
            prop_assert!(least <= number && number <= most, "{} {} {}..{}", text, number, least, most);
        }
    }
}
