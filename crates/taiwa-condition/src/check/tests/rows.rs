//! One row a mistake: the condition, the code, the underlined characters, a part of the words.

use super::conditions;

#[test]
fn a_foreign_quote_is_one_mistake() {
    conditions(&[
        ("“profile.vip”", "TW0317", "“profile.vip”", "straight quotes"),
        ("profile.vip && “yes”", "TW0317", "“yes”", "straight quotes"),
        ("profile.age > ＂18＂", "TW0317", "＂18＂", "straight quotes"),
    ]);
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
    ]);
}

#[test]
fn lists_operators_and_calls_that_do_not_fit() {
    conditions(&[
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
