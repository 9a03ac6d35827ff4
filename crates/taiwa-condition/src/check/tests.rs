//! What the checker says: one row a mistake, with exactly the characters that are underlined.

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
        let help = it.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
        format!("{}{} {} {}{help}\n", " ".repeat(before), "^".repeat(under), it.code, it.message)
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
        r#"
        18 <= profile.age < 65
                          ^ TW0303 comparisons cannot be chained; write 18 <= profile.age && profile.age < 65"#,
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
fn outside_of_the_subset() {
    conditions(&[
        ("profile.name == null", "TW0319", "null", "has(profile.age)"),
        ("profile.visits == 1u", "TW0319", "1u", "write 1"),
        ("profile.name == b\"x\"", "TW0319", "b\"x\"", "write a text: \"x\""),
        ("{\"a\": 1} == profile.name", "TW0319", "{\"a\": 1}", "single quotes"),
        ("Profile{age: 1} == profile.name", "TW0319", "Profile{age: 1}", "`{ }`"),
        ("profile[\"age\"] > 1", "TW0319", "profile[\"age\"]", "write profile.age"),
        ("profile.interests[0] == \"a\"", "TW0319", "profile.interests[0]", "with `in`"),
        (".profile.age > 1", "TW0319", ".profile", "does not begin with `.`"),
        ("profile.?age > 1", "TW0319", "profile.?age", "has(profile.x)"),
        ("profile.interests.filter(i, true) == 1", "TW0319", "filter", "exists, all and size"),
        ("profile.interests.map(i, i) == 1", "TW0319", "map", "exists, all and size"),
        ("profile.interests.exists_one(i, true)", "TW0319", "exists_one", "use exists"),
        ("profile.name.matches(\"^a\")", "TW0319", "matches", "startsWith"),
        ("int(profile.balance) > 1", "TW0319", "int", "types are declared"),
        ("profile.visited_at.getFullYear() == 2026", "TW0319", "getFullYear", "timestamp("),
        ("profile.name + \"x\" == \"ax\"", "TW0319", "+", "do not join texts"),
        ("profile.interests + [\"a\"] == 1", "TW0319", "+", "do not join lists"),
        ("profile.tier > \"none\"", "TW0319", ">", "no order"),
        ("opened", "TW0319", "opened", "journeys"),
        ("link_selected(\"order\") && true", "TW0319", "link_selected(\"order\")", "journeys"),
        ("profile.name in [\"a\", profile.email]", "TW0319", "profile.email", "written out"),
        (
            "profile.interests.exists(i, i == profile.name)",
            "TW0319",
            "profile.name",
            "within `exists`",
        ),
        (
            "profile.interests.all(i, seen(\"purchase\", \"1d\"))",
            "TW0319",
            "seen(\"purchase\", \"1d\")",
            "within `all` only `i`",
        ),
        ("[1].exists(i, [2].all(j, j > 1))", "TW0319", "[2].all(j, j > 1)", "do not nest"),
        ("has(session.hour)", "TW0319", "session.hour", "has(profile.age)"),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    conditions(&[
        (
            "profile.age",
            "TW0303",
            "profile.age",
            "profile.age is a whole number; for example profile.age > 0",
        ),
        ("profile.interests", "TW0303", "profile.interests", "\"espresso\" in profile.interests"),
        ("profile.vip && \"gold\"", "TW0303", "\"gold\"", "plain value"),
        (
            "profile.tier != \"gold\" && \"none\"",
            "TW0303",
            "\"none\"",
            "!(profile.tier in [\"gold\", \"none\"])",
        ),
        ("\"18\" < profile.age", "TW0303", "\"18\"", "write 18 without quotes"),
        ("profile.vip == \"true\"", "TW0303", "\"true\"", "write true without quotes"),
        ("profile.name == 123", "TW0303", "123", "write \"123\" in quotes"),
        (
            "profile.visited_at > \"2026-01-01\"",
            "TW0303",
            "\"2026-01-01\"",
            "write timestamp(\"2026-01-01\")",
        ),
        ("since(\"purchase\") < \"3d\"", "TW0303", "\"3d\"", "write duration(\"3d\")"),
        ("since(\"purchase\") < 3", "TW0303", "3", "duration(\"3d\")"),
        (
            "profile.visited_at > session.now - \"30d\"",
            "TW0303",
            "\"30d\"",
            "write duration(\"30d\")",
        ),
        ("profile.visited_at > session.now - 30", "TW0303", "30", "duration(\"30d\")"),
        ("profile.interests == \"tea\"", "TW0303", "\"tea\"", "write \"tea\" in profile.interests"),
        ("profile.interests == [\"tea\"]", "TW0303", "[\"tea\"]", "exists, all and size"),
        ("profile.name == [\"tea\"]", "TW0303", "[\"tea\"]", "write profile.name in [\"tea\"]"),
        ("profile.vip < true", "TW0303", "<", "no order"),
        ("\"a\" in profile.name", "TW0303", "profile.name", "write profile.name.contains(\"a\")"),
        ("profile.age in 18", "TW0303", "18", "looks into a list"),
        ("\"x\" in profile.lucky", "TW0303", "\"x\"", "list of whole numbers"),
        ("profile.name in [\"a\", 1]", "TW0303", "[\"a\", 1]", "not both"),
        ("profile.name in []", "TW0303", "[]", "holds nothing"),
        ("!profile.age == 3", "TW0303", "!profile.age", "write !(profile.age == 3)"),
        ("!profile.age", "TW0303", "profile.age", "true or false"),
        ("-profile.name == \"a\"", "TW0303", "profile.name", "needs a number"),
        ("profile.balance % 2 == 1", "TW0303", "%", "whole numbers"),
        ("profile.visits / 0 == 1", "TW0303", "0", "division by zero"),
        ("profile.visited_at + session.now > session.now", "TW0303", "+", "a time and a time"),
        ("profile.vip ? 1 : \"a\"", "TW0303", "profile.vip ? 1 : \"a\"", "one type"),
        (
            "(profile.vip ? profile.interests : profile.interests).size() > 1",
            "TW0319",
            "profile.vip ? profile.interests : profile.interests",
            "cannot give a list",
        ),
        ("profile.age.year == 1", "TW0303", "year", "has no parts"),
        ("profile == 1", "TW0303", "profile", "alone is no value"),
        (
            "profile.interests.contains(\"a\")",
            "TW0303",
            "contains",
            "write \"a\" in profile.interests",
        ),
        ("profile.age.startsWith(\"1\")", "TW0303", "profile.age", "needs texts"),
        ("size(profile.age) == 1", "TW0303", "profile.age", "only texts and lists"),
        ("profile.name.exists(i, true)", "TW0303", "profile.name", "asked of a list"),
        ("profile.mood == profile.tier", "TW0303", "profile.tier", "one of its values"),
        ("level() == profile.name", "TW0303", "profile.name", "level() == \"customer\""),
        ("level() in profile.interests", "TW0303", "profile.interests", "names of levels"),
        ("seen(\"purchase\", \"1d\", 3)", "TW0303", "seen", "2 things"),
        ("level(\"x\") == \"customer\"", "TW0303", "level", "takes nothing"),
        ("sum(\"purchase\", \"order_id\", \"1d\") > 1", "TW0303", "\"order_id\"", "only numbers"),
        ("in_segment(profile.name)", "TW0303", "profile.name", "written out"),
        ("(profile.age < 3) == (18 < 19) == true", "TW0303", "==", "cannot be chained"),
    ]);
}

#[test]
fn names_that_do_not_exist() {
    conditions(&[
        ("profile.hour > 3", "TW0318", "hour", "did you mean `session.hour`?"),
        ("profile.zodiac == \"a\"", "TW0318", "zodiac", "audience.yaml"),
        ("session.houre > 3", "TW0318", "houre", "did you mean `session.hour`?"),
        ("session.x == 3", "TW0318", "x", "it has now, weekday"),
        ("age > 3", "TW0318", "age", "write profile.age"),
        ("weekday > 3", "TW0318", "weekday", "write session.weekday"),
        ("level == \"customer\"", "TW0318", "level", "write level(…)"),
        (
            "in_segment(\"gold-expresso\")",
            "TW0318",
            "\"gold-expresso\"",
            "did you mean \"gold-espresso\"?",
        ),
        ("in_segment(gold)", "TW0318", "gold", "write \"gold\" in quotes"),
        (
            "shown(\"bogo-weekends\", \"1d\")",
            "TW0318",
            "\"bogo-weekends\"",
            "did you mean \"bogo-weekend\"?",
        ),
        ("consented(\"sms\")", "TW0318", "\"sms\"", "there is no purpose"),
        (
            "seen(\"purchas\", \"1d\")",
            "TW0318",
            "\"purchas\"",
            "web-store has no event \"purchas\"; did you mean \"purchase\"?",
        ),
        ("seen(\"visit\", \"1d\")", "TW0318", "\"visit\"", "did you mean \"shop/visit\"?"),
        (
            "seen(\"web-shop/purchase\", \"1d\")",
            "TW0318",
            "\"web-shop/purchase\"",
            "did you mean \"web-store/purchase\"?",
        ),
        (
            "seen(\"web-store/purchas\", \"1d\")",
            "TW0318",
            "\"web-store/purchas\"",
            "did you mean \"web-store/purchase\"?",
        ),
        (
            "sum(\"purchase\", \"amont\", \"1d\") > 1",
            "TW0318",
            "\"amont\"",
            "did you mean \"amount\"?",
        ),
        ("insegment(\"gold\")", "TW0318", "insegment", "did you mean `in_segment`?"),
        ("profile.name.startswith(\"a\")", "TW0318", "startswith", "did you mean `startsWith`?"),
        ("startsWith(profile.name, \"a\")", "TW0318", "startsWith", "asked of a value"),
        ("profile.name.seen(\"a\", \"1d\")", "TW0318", "seen", "stands alone"),
        ("frobnicate(1)", "TW0318", "frobnicate", "there are in_segment"),
    ]);
}

#[test]
fn values_windows_and_ranges() {
    conditions(&[
        ("profile.tier in [\"gold\", \"glod\"]", "TW0304", "\"glod\"", "did you mean \"gold\"?"),
        (
            "profile.tier == \"platinum\"",
            "TW0304",
            "\"platinum\"",
            "one of \"none\", \"silver\", \"gold\"",
        ),
        ("level() == \"custmer\"", "TW0304", "\"custmer\"", "did you mean \"customer\"?"),
        (
            "session.channel == \"webstore\"",
            "TW0304",
            "\"webstore\"",
            "did you mean \"web-store\"?",
        ),
        ("profile.age > 200", "TW0304", "200", "profile.age is 0 to 130; 200 lies outside"),
        ("-1 == profile.visits", "TW0304", "-1", "at least 0"),
        ("profile.age in [3, 131]", "TW0304", "131", "0 to 130"),
        ("session.weekday == 0", "TW0304", "0", "1 to 7"),
        ("session.hour < 24", "TW0304", "24", "0 to 23"),
        ("profile.visits == 9007199254740992", "TW0304", "9007199254740992", "exact"),
        ("seen(\"purchase\")", "TW0321", "seen", "needs a window"),
        ("sum(\"purchase\", \"amount\") > 1", "TW0321", "sum", "needs a window"),
        ("shown(\"bogo-weekend\", \"401d\")", "TW0321", "\"401d\"", "longest window, 400d"),
        ("shown(\"bogo-weekend\", \"0d\")", "TW0321", "\"0d\"", "no length"),
        ("shown(\"bogo-weekend\", \"30\")", "TW0321", "\"30\"", "not a length of time"),
        ("shown(\"bogo-weekend\", 30)", "TW0321", "30", "\"30d\" or \"30h\""),
        ("shown(\"bogo-weekend\", profile.name)", "TW0321", "profile.name", "written out"),
        ("session.now > timestamp(\"2026-11-21\")", "TW0017", "\"2026-11-21\"", "with its zone"),
        ("since(\"purchase\") > duration(\"1d12h\")", "TW0017", "\"1d12h\"", "not a length"),
    ]);
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
