//! One condition, or two, and what is known of them.

use taiwa_text::Language;

use super::{compiled, engine, shop, understood, with_conditions};
use crate::Set;

/// What is asked of two conditions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Same,
    Within,
    Apart,
    Overlap,
    /// The two together are everybody.
    All,
}

#[track_caller]
fn relation(a: &str, b: &str, expect: Relation, possible: bool) {
    let conditions = [a.to_owned(), b.to_owned()];
    let (mut m, _, handles) = understood(&shop(), &conditions);
    let [a, b] = [handles[0], handles[1]].map(|it| m.truth(it).unwrap());
    let both = m.or(a, b).unwrap();
    let found = if m.equal(a, b).unwrap() {
        Relation::Same
    } else if m.implies(a, b).unwrap() {
        Relation::Within
    } else if !m.overlaps(a, b).unwrap() {
        if m.is_everybody(both).unwrap() { Relation::All } else { Relation::Apart }
    } else {
        Relation::Overlap
    };
    assert_eq!(found, expect, "{conditions:?}");
    assert_eq!(a.possible || b.possible, possible, "{conditions:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "rows")]
fn two_conditions() {
    use Relation::{All, Apart, Overlap, Same, Within};
    for (a, b, expect) in [
        ("profile.age >= 18", "profile.age > 17", Same),
        ("profile.age >= 17.5", "profile.age > 17", Same),
        ("profile.age + 1 > 18 && true", "profile.age * 2 >= 36", Same),
        ("!(profile.age < 18)", "profile.age >= 18", Same),
        ("profile.age >= 21", "profile.age >= 18", Within),
        ("profile.age < 18", "profile.age >= 18", Apart),
        ("has(profile.age)", "!has(profile.age)", All),
        ("profile.points < 18", "profile.points >= 18", All),
        ("profile.points >= 0", "true", Same),
        ("profile.age <= 130", "has(profile.age)", Same),
        ("profile.age % 10 == 3 && profile.age < 20", "profile.age in [3, 13]", Same),
        (
            "profile.tier == \"gold\" || profile.tier == \"silver\"",
            "profile.tier != \"none\"",
            Same,
        ),
        ("profile.brew != \"filter\"", "profile.brew == \"espresso\"", Same),
        ("profile.city == \"Oslo\"", "profile.city.startsWith(\"Os\")", Within),
        ("profile.city.startsWith(\"Oslo\")", "profile.city.startsWith(\"Os\")", Within),
        ("profile.city.startsWith(\"A\")", "profile.city.endsWith(\"z\")", Overlap),
        ("profile.city.contains(\"sl\")", "profile.city == \"Oslo\"", Overlap),
        (
            "profile.city in [\"Oslo\", \"Bergen\"]",
            "!(profile.city == \"Bergen\" || profile.city != \"Oslo\")",
            Overlap,
        ),
        ("\"tea\" in profile.interests", "profile.interests.exists(i, i == \"tea\")", Same),
        ("profile.interests.all(i, i != \"tea\")", "!(\"tea\" in profile.interests)", Same),
        ("size(profile.interests) == 0", "profile.interests.all(i, false)", Same),
        ("size(profile.interests) >= 1", "\"tea\" in profile.interests", Overlap),
        (
            "\"tea\" in profile.interests && \"rum\" in profile.interests",
            "size(profile.interests) >= 2",
            Within,
        ),
        (
            "size(profile.interests) < 2",
            "\"tea\" in profile.interests && \"rum\" in profile.interests",
            Apart,
        ),
        ("profile.codes.exists(i, i > 5)", "7 in profile.codes", Overlap),
        ("7 in profile.codes", "profile.codes.exists(i, i > 5)", Within),
        ("seen(\"web/paid\", \"7d\")", "seen(\"web/paid\", \"30d\")", Within),
        ("since(\"web/paid\") < duration(\"7d\")", "seen(\"web/paid\", \"7d\")", Same),
        ("count(\"web/paid\", \"7d\") > 0", "seen(\"web/paid\", \"7d\")", Same),
        ("count(\"web/paid\", \"7d\") >= 5", "count(\"web/paid\", \"30d\") >= 5", Within),
        ("count(\"web/paid\", \"7d\") >= 5", "count(\"web/paid\", \"30d\") < 5", Apart),
        ("count(\"web/paid\", \"7d\") >= 3", "seen(\"web/paid\", \"400d\")", Within),
        ("sum(\"web/paid\", \"amount\", \"7d\") > 0", "seen(\"web/paid\", \"30d\")", Within),
        (
            "sum(\"web/paid\", \"items\", \"7d\") > 2 && sum(\"web/paid\", \"items\", \"7d\") < 3",
            "false",
            Same,
        ),
        ("shown(\"bogo\", \"1d\")", "shown(\"bogo\", \"9d\")", Within),
        ("shown(\"bogo\", \"1d\")", "accepted(\"bogo\", \"9d\")", Overlap),
        ("session.known", "level() == \"customer\"", Same),
        ("level() in [\"customer\", \"visitor\"]", "true", Same),
        ("session.hour <= 23 && session.weekday >= 1", "true", Same),
        ("session.channel == \"web\"", "session.channel == \"app\"", All),
        ("session.locale.startsWith(\"ja\")", "session.locale == \"ja-JP\"", Overlap),
        (
            "profile.visited_at > session.now - duration(\"7d\")",
            "session.now - profile.visited_at < duration(\"7d\")",
            Same,
        ),
        (
            "profile.visited_at + duration(\"3d\") > session.now",
            "session.now - profile.visited_at < duration(\"7d\")",
            Within,
        ),
        ("profile.vip ? profile.age > 3 : profile.age > 5", "profile.age > 3", Within),
        ("(profile.vip ? 1 : 2) > 1", "!profile.vip", Same),
        (
            "profile.vip == (profile.age > 3)",
            "profile.vip ? profile.age > 3 : profile.age <= 3",
            Same,
        ),
        ("profile.member || !profile.member", "has(profile.member)", Same),
        ("consented(\"news\")", "!consented(\"news\")", All),
        ("profile.rating > 0.3", "profile.rating >= 0.3", Within),
    ] {
        relation(a, b, expect, false);
    }
    for (a, b, expect) in [
        ("profile.age < profile.points", "profile.age < profile.points && has(profile.age)", Same),
        ("!(profile.age < profile.points)", "has(profile.age)", Within),
        ("flagged(\"x\")", "!flagged(\"x\")", All),
        ("profile.visited_at < profile.born_at", "has(profile.born_at)", Within),
    ] {
        relation(a, b, expect, true);
    }
}

/// The smallest person who fulfils a condition, in words.
#[track_caller]
fn said(condition: &str, en: &str, ja: &str) {
    let conditions = [condition.to_owned()];
    let components = with_conditions(shop(), &conditions);
    let (mut m, _, handles) = understood(&components, &conditions);
    let set: Set = m.truth(handles[0]).unwrap();
    let person = m.smallest(set).unwrap().unwrap();
    assert_eq!((person.said().as_str(), person.said().to(Language::Ja)), (en, ja));
    if person.assumed.is_empty() {
        let segments = engine(&compiled(&components), &person);
        assert!(segments.iter().any(|it| it.as_str() == "c0"), "{condition}: {person:#?}");
    }
}

#[test]
fn smallest_people() {
    said("true", "any customer", "任意の `customer`");
    said("profile.age >= 18", "a customer with `age` 18", "`customer`(`age` が 18)");
    said("!has(profile.age) && !session.known", "a visitor with no `age`", "`visitor`(`age` なし)");
}
