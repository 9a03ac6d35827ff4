//! What the checker says: one row a mistake, with exactly the characters that are underlined.
//! Long because it is a table.

mod rows;

use serde_json::json;
use taiwa_model::{Audience, Channel, ChannelName, Components, EventRef, Scope, Scoped, Segment};
use taiwa_text::Severity;

use super::{Checked, Expect, Setting, check as check_text};
use crate::Names;

/// A small shop: what the conditions of these tests may name.
pub(crate) fn components() -> Components {
    let mut components = Components::default();
    let audience = json!({
        "levels": [{"name": "customer", "key": "customer_id"}, {"name": "visitor", "key": "visitor_id"}],
        "attributes": {
            "tier": {"type": "enum", "values": ["none", "silver", "gold"], "default": "none"},
            "mood": {"type": "enum", "values": ["good", "bad"]},
            "age": {"type": "int", "min": 0.0, "max": 130.0},
            "visits": {"type": "int", "default": 0, "min": 0.0},
            "balance": {"type": "number"},
            "rating": {"type": "number", "default": 1.0, "min": 0.5, "max": 5.0},
            "interests": {"type": "list<string>"},
            "lucky": {"type": "list<int>"},
            "name": {"type": "string"},
            "email": {"type": "string", "default": ""},
            "vip": {"type": "bool", "default": false},
            "visited_at": {"type": "timestamp"},
        },
        "consent": {"marketing-email": {"default": "denied"}},
    });
    components.audience = serde_json::from_value::<Audience>(audience).ok();
    for (name, events) in [
        (
            "web-store",
            json!({
                "purchase": {"category": "c", "properties": {
                    "order_id": {"type": "string"}, "amount": {"type": "number"},
                    "note": {"type": "string", "optional": true}}},
                "page_view": {"category": "c"},
            }),
        ),
        ("shop", json!({"visit": {"category": "c"}, "page_view": {"category": "c"}})),
    ] {
        let channel = json!({"title": {}, "direction": "inbound", "events": events});
        let channel: Channel = serde_json::from_value(channel).unwrap();
        components.channels.insert(name.into(), channel);
    }
    for (name, when) in [
        ("gold-espresso", "profile.tier == 'gold'"),
        ("adults", "profile.age >= 18"),
        ("known-adults", "has(profile.age) && profile.age >= 18"),
    ] {
        let content = Segment { title: taiwa_model::Localized::default(), when: when.into() };
        components.segments.insert(name.into(), Scoped { scope: Scope::Shared, content });
    }
    for offer in ["espresso-starter", "bogo-weekend"] {
        let offer_of = Scoped { scope: Scope::Shared, content: taiwa_model::Offer::default() };
        components.offers.insert(offer.into(), offer_of);
    }
    components
}

/// In the web store's own files, with a session, unless a test says otherwise.
fn checked(text: &str, expect: Expect) -> Checked {
    let names = Names::new(&components());
    let scope = ChannelName::new("web-store");
    check_text(
        text,
        expect,
        &Setting { names: &names, scope: Some(&scope), session: true, event: None },
    )
}

/// Each remark as `^^^^ CODE message; help`, below its characters.
fn drawn(text: &str, checked: &Checked) -> String {
    let lines = checked.remarks.iter().map(|it| {
        let before = text.get(..it.span.start as usize).unwrap().chars().count();
        let under = text.get(it.span.start as usize..it.span.end as usize).unwrap().chars().count();
        assert!(it.message.speaks_japanese(), "{it:?}");
        assert!(it.help.as_ref().is_none_or(taiwa_text::Text::speaks_japanese), "{it:?}");
        let help = it.help.as_ref().map_or(String::new(), |help| format!("; {}", &**help));
        let (mark, message) = ("^".repeat(under), it.message.as_str());
        format!("{}{mark} {} {message}{help}\n", " ".repeat(before), it.code)
    });
    lines.collect()
}

/// A picture: the condition, and below it every remark.
#[track_caller]
fn check(expect: Expect, picture: &str) {
    let lines: Vec<_> = picture.lines().skip(1).collect();
    let indent = lines[0].chars().take_while(|it| *it == ' ').count();
    let bare = |it: &&str| it.chars().skip(indent).collect::<String>();
    let text = bare(&lines[0]);
    let remarks: String = lines[1..].iter().map(|it| bare(it) + "\n").collect();
    assert_eq!(drawn(&text, &checked(&text, expect)), remarks.trim_end_matches(' '), "{text}");
}

#[track_caller]
fn condition(picture: &str) {
    check(Expect::Condition, picture);
}

#[test]
fn good_conditions_have_no_remark() {
    for text in [
        "profile.tier == \"gold\" && \"espresso\" in profile.interests",
        "!accepted(\"espresso-starter\", \"365d\")",
        "level() == \"customer\" || level() in [\"visitor\"]",
        "profile.age >= 18 && profile.age < 65 && profile.age != 30",
        "has(profile.age) && !(profile.age < 18)",
        "!has(profile.age) || !(profile.age < 18)",
        "profile.visited_at > session.now - duration(\"30d\")",
        "session.now - profile.visited_at < duration(\"720h\")",
        "timestamp(\"2026-11-21T00:00:00Z\") <= session.now",
        "in_segment(\"gold-espresso\") || in_segment('everyone')",
        "!(profile.tier in [\"none\", \"silver\"])",
        "profile.interests.exists(i, i == \"espresso\" || i.startsWith(\"x\"))",
        "profile.lucky.all(i, i % 2 == 1 && i > 0)",
        "size(profile.interests) >= 2 && profile.interests.size() < 9 && size(profile.name) > 1",
        "profile.email.endsWith(\"@contoso.com\")",
        "seen(\"purchase\", \"30d\") && count(\"shop/visit\", \"8w\") >= 3",
        "sum(\"purchase\", \"amount\", \"365d\") > 500 && since(\"purchase\") < duration(\"2w\")",
        "consented(\"marketing-email\") && !flagged(\"data-cleansing\")",
        "session.hour >= 9 && session.locale == \"ja\" && session.known && session.visits > 1",
        "session.channel == \"web-store\" && session.weekday in [6, 7]",
        "profile.balance > 1 && profile.balance in [1, 2.5] && profile.vip",
        "profile.vip ? profile.tier == \"gold\" : profile.name < \"m\"",
        "(profile.visits - 18) * 2 / 3 % 5 > -1 && profile.rating / 2 > 0.3",
        "!in_segment(\"known-adults\")",
        "profile.name == \"山田 太郎\" // 名前",
    ] {
        let found = checked(text, Expect::Condition);
        assert_eq!(drawn(text, &found), "", "{text}");
        assert!(found.expr.is_some(), "{text}");
    }
}

#[test]
fn the_words_of_the_design() {
    condition(
        r#"
        profile.teir == "gold"
                ^^^^ TW0318 profile has no attribute `teir`; did you mean `profile.tier`?"#,
    );
    condition(
        r#"
        profile.tier == "glod"
                        ^^^^^^ TW0304 profile.tier is never "glod"; did you mean "gold"?"#,
    );
    condition(
        r#"
        profile.tier == gold
                        ^^^^ TW0318 `gold` is not known here; is it text? then write "gold""#,
    );
    condition(
        r#"
        profile.tier = "gold"
                     ^ TW0317 `=` does not compare; write `==`"#,
    );
    condition(
        r#"
        profile.tier == "gold" || "silver"
                                  ^^^^^^^^ TW0303 a condition must be true or false; this is a plain value; write profile.tier in ["gold", "silver"]"#,
    );
    condition(
        r"
        18 <= profile.age < 65
                          ^ TW0303 comparisons cannot be chained; write 18 <= profile.age && profile.age < 65",
    );
    condition(
        r#"
        !profile.tier in ["gold"]
        ^^^^^^^^^^^^^ TW0303 `!` binds tighter than `in`: this asks whether (!profile.tier) is in the list; write !(profile.tier in ["gold"])"#,
    );
    condition(
        r#"
        profile.age == "18"
                       ^^^^ TW0303 profile.age is a whole number; "18" is a text; write 18 without quotes"#,
    );
    condition(
        r#"
        profile.visited_at > session.now - 30d
                                           ^^^ TW0317 `30d` is neither a number nor a name; a duration is text in quotes: "30d""#,
    );
    condition(
        r#"
        seen("purchase", "30 days")
                         ^^^^^^^^^ TW0321 "30 days" is not a length of time; write for example "12h", "30d" or "8w""#,
    );
}

/// Picture rows: code, the underlined characters, and the beginning of message and help.
#[track_caller]
fn rows(setting: &Setting<'_>, expect: Expect, rows: &[(&str, &str, &str, &str)]) {
    for (text, code, under, words) in rows {
        let found = check_text(text, expect, setting);
        let drawn = drawn(text, &found);
        let first = found.remarks.first().unwrap_or_else(|| panic!("no remark: {text}"));
        let span = text.get(first.span.start as usize..first.span.end as usize).unwrap();
        assert_eq!((first.code, span), (*code, *under), "{text}\n{drawn}");
        assert!(drawn.contains(words), "{text}\n{drawn}");
        assert_eq!(found.remarks.len(), 1, "{text}\n{drawn}");
    }
}

#[track_caller]
fn conditions(list: &[(&str, &str, &str, &str)]) {
    let names = Names::new(&components());
    let scope = ChannelName::new("web-store");
    let setting = Setting { names: &names, scope: Some(&scope), session: true, event: None };
    rows(&setting, Expect::Condition, list);
}

#[test]
fn missing_values() {
    conditions(&[
        ("!(profile.age < 18)", "TW0307", "!(profile.age < 18)", "write !has(profile.age) || …"),
        (
            "profile.mood != \"bad\"",
            "TW0307",
            "profile.mood != \"bad\"",
            "leaves out people of whom profile.mood is unknown",
        ),
        (
            "profile.vip || !(profile.name in [\"a\"])",
            "TW0307",
            "!(profile.name in [\"a\"])",
            "profile.name",
        ),
        (
            "!(since(\"purchase\") < duration(\"3d\"))",
            "TW0307",
            "!(since(\"purchase\") < duration(\"3d\"))",
            "never had web-store/purchase",
        ),
        (
            "!in_segment(\"adults\")",
            "TW0307",
            "!in_segment(\"adults\")",
            "takes in people of whom profile.age is unknown",
        ),
        ("has(profile.tier)", "TW0307", "has(profile.tier)", "always has a value"),
        (
            "has(profile.interests)",
            "TW0307",
            "has(profile.interests)",
            "size(profile.interests) > 0",
        ),
        ("has(profile.name) && profile.age != 3", "TW0307", "profile.age != 3", "profile.age"),
        (
            "profile.balance != 1.0 / profile.visits",
            "TW0307",
            "profile.balance != 1.0 / profile.visits",
            "profile.balance",
        ),
    ]);
}

#[test]
fn scores_are_numbers_and_known() {
    let names = Names::new(&components());
    let setting = Setting { names: &names, scope: None, session: true, event: None };
    rows(
        &setting,
        Expect::Score,
        &[
            ("profile.vip", "TW0303", "profile.vip", "profile.vip ? 80 : 20"),
            ("\"80\"", "TW0303", "\"80\"", "a score is a number"),
            ("profile.age >= 18 ? 90 : 40", "TW0320", "profile.age", "has(profile.age) ? … : …"),
            ("profile.age", "TW0320", "profile.age", "give age a default"),
            ("100 / profile.visits", "TW0320", "100 / profile.visits", "never 0"),
            ("has(profile.name) ? profile.age : 1", "TW0320", "profile.age", "profile.age"),
            (
                "since(\"shop/visit\") < duration(\"1d\") ? 1 : 2",
                "TW0320",
                "since(\"shop/visit\")",
                "seen or count",
            ),
        ],
    );
    for good in [
        "80",
        "session.weekday >= 6 ? 90 : 40.5",
        "has(profile.age) ? profile.age : 1",
        "has(profile.age) && profile.age > 3 ? 1 : 2",
        "!has(profile.age) || profile.age > 3 ? 1 : 2",
        "100 / (profile.visits + 1) + 10 / profile.rating",
        "seen(\"shop/visit\", \"9d\") ? (since(\"shop/visit\") < duration(\"1d\") ? 9 : 8) : 7",
        "sum(\"web-store/purchase\", \"amount\", \"1d\") * 2 - count(\"shop/visit\", \"1d\")",
    ] {
        let found = check_text(good, Expect::Score, &setting);
        assert_eq!(drawn(good, &found), "", "{good}");
    }
}

#[test]
fn what_is_at_hand() {
    let names = Names::new(&components());
    let event = EventRef::new("web-store", "purchase");
    let journey = Setting { names: &names, scope: None, session: false, event: Some(&event) };
    rows(
        &journey,
        Expect::Condition,
        &[
            ("session.locale == \"ja\"", "TW0322", "session.locale", "no session is at hand"),
            (
                "event.amont > 1",
                "TW0318",
                "amont",
                "web-store/purchase has no property `amont`; did you mean `event.amount`?",
            ),
            ("event.note != \"x\"", "TW0307", "event.note != \"x\"", "event.note"),
            (
                "seen(\"purchase\", \"1d\")",
                "TW0112",
                "\"purchase\"",
                "write \"web-store/purchase\"",
            ),
            (
                "seen(\"page_view\", \"1d\")",
                "TW0112",
                "\"page_view\"",
                "write for example \"shop/page_view\"",
            ),
            (
                "seen(\"purchases\", \"1d\")",
                "TW0112",
                "\"purchases\"",
                "did you mean \"web-store/purchase\"?",
            ),
            ("customer.age > 18", "TW0318", "customer", "write profile.age"),
            (
                "since(\"nothing\") > duration(\"1d\")",
                "TW0112",
                "\"nothing\"",
                "write \"channel/nothing\"",
            ),
        ],
    );
    let good = "event.amount > 100 && session.hour > 3 && session.now > session.now && session.weekday < 3";
    let found = check_text(good, Expect::Condition, &journey);
    assert_eq!(drawn(good, &found), "");
    conditions(&[("event.amount > 100", "TW0322", "event.amount", "no event causes this")]);
}

#[test]
fn several_mistakes_at_once_in_the_order_of_the_text() {
    condition(
        r#"
        profile.teir == "gold" and seen("purchase", "1 d") || (profile.age == "x"
                ^^^^ TW0318 profile has no attribute `teir`; did you mean `profile.tier`?
                               ^^^ TW0317 `and` is not an operator here; write `&&`
                                                    ^^^^^ TW0321 "1 d" is not a length of time; write for example "12h", "30d" or "8w"
                                                              ^ TW0317 this `(` is never closed: `)` is missing
                                                                              ^^^ TW0303 profile.age is a whole number; "x" is a text"#,
    );
}

#[test]
fn uses_with_first_spans_and_longest_windows() {
    let text = "has(profile.age) && profile.age > 3 && seen('purchase', '3d') && count('purchase', '9d') > 1 \
        && sum('web-store/purchase', 'amount', '5d') > 1 && since('shop/visit') < duration('1d') && in_segment('adults') \
        && accepted('bogo-weekend', '7d') && !shown('bogo-weekend', '30d') && consented('marketing-email') \
        && flagged('x') && level() == 'visitor' && session.hour > 1";
    let found = checked(text, Expect::Condition);
    assert_eq!(drawn(text, &found), "");
    let uses = found.uses;
    let at = |span: taiwa_text::Span| text.get(span.start as usize..span.end as usize).unwrap();
    assert_eq!((at(uses.attributes["age"]), uses.attributes["age"].start), ("profile.age", 4));
    let purchase = &uses.events[&EventRef::new("web-store", "purchase")];
    assert_eq!(
        (at(purchase.span), purchase.window.to_string(), purchase.last),
        ("'purchase'", "9d".into(), false)
    );
    assert_eq!(purchase.sums["amount"].to_string(), "5d");
    let visit = &uses.events[&EventRef::new("shop", "visit")];
    assert_eq!((visit.window.as_millis(), visit.last), (0, true));
    let offers: Vec<_> = uses
        .offers
        .iter()
        .map(|((name, history), it)| (name.as_str(), *history, it.window.to_string()))
        .collect();
    assert_eq!(
        offers,
        [
            ("bogo-weekend", crate::History::Shown, "30d".to_owned()),
            ("bogo-weekend", crate::History::Accepted, "7d".to_owned())
        ]
    );
    assert_eq!(at(uses.segments["adults"]), "'adults'");
    assert_eq!(at(uses.purposes["marketing-email"]), "'marketing-email'");
    assert_eq!((at(uses.flags["x"]), at(uses.levels["visitor"])), ("'x'", "'visitor'"));
    assert_eq!(at(uses.session[&crate::SessionField::Hour]), "session.hour");
}

#[test]
fn an_expression_exists_exactly_without_errors() {
    assert!(checked("!(profile.age < 18)", Expect::Condition).expr.is_some());
    let failed = checked("profile.age <", Expect::Condition);
    assert!(failed.expr.is_none());
    assert_eq!(failed.remarks[0].severity, Severity::Error);
    assert_eq!(failed.uses.attributes.len(), 1);
}
