//! Conditions: their language, their names, their types, their sense.

use crate::{
    Kind,
    seed::{Fault, Seeder, Spot},
};

pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = language();
    kinds.extend(names());
    kinds.extend(sense());
    kinds
}

/// Where conditions stand.
const HOMES: [&str; 4] = ["/segments/", "/flowcharts/", "/offers/", "strategy.yaml"];

/// One of the spots of a text within conditions.
fn within(it: &mut Seeder<'_>, needle: &str) -> Spot {
    let spots: Vec<Spot> = HOMES
        .iter()
        .flat_map(|home| it.all(home, needle))
        .filter(|spot| !line_of(it, spot).contains("{{"))
        .collect();
    assert!(!spots.is_empty(), "no condition with {needle}");
    it.pick(&spots)
}

fn line_of<'f>(it: &Seeder<'f>, spot: &Spot) -> &'f str {
    let text = it.text(&spot.path);
    let from = text[..spot.start].rfind('\n').map_or(0, |it| it + 1);
    &text[from..spot.end]
}

/// Another condition in the place of a whole one in single quotes, with the place of a piece of it.
fn instead(it: &mut Seeder<'_>, condition: &str, place: &str) -> Fault {
    let homes = [("/segments/", "when"), ("/offers/", "eligible"), ("/flowcharts/", "when")];
    let (home, key) = it.pick(&homes);
    let spots: Vec<Spot> =
        it.values(home, key).into_iter().filter(|it| it.text.starts_with('\'')).collect();
    let spot = it.pick(&spots);
    let at = condition.find(place).unwrap() + 1;
    it.edit(&spot, &format!("'{condition}'")).shift(at)
}

fn language() -> Vec<Kind> {
    vec![
        Kind::new("single-equals", "TW0317", |it| {
            let spot = within(it, " == ");
            it.edit(&spot.part(1, 3), "=")
        }),
        Kind::new("words-for-signs", "TW0317", |it| {
            let (sign, word) = it.pick(&[(" && ", "and"), (" || ", "or")]);
            let spot = within(it, sign);
            it.edit(&spot.part(1, 3), word)
        }),
        Kind::new("typographic-sign", "TW0317", |it| {
            let (sign, wide) = it.pick(&[(" >= ", "≥"), (" >= ", "=>"), (" >= ", "＞＝")]);
            let spot = within(it, sign);
            it.edit(&spot.part(1, 3), wide)
        }),
        Kind::new("full-width-sign", "TW0317", |it| {
            let (sign, wide) =
                it.pick(&[(" && ", "＆＆"), (" || ", "｜｜"), (" == ", "＝＝"), (" < ", "＜")]);
            let spot = within(it, sign);
            it.edit(&spot.part(1, sign.len() - 1), wide)
        }),
        Kind::new("full-width-quote", "TW0317", |it| {
            let name = it.pick(&["\"gold\"", "\"espresso\"", "\"customer\"", "\"silver\""]);
            let spot = within(it, name);
            it.edit(&spot, &name.replacen('"', "“", 1).replace('"', "”"))
        }),
        Kind::new("full-width-bracket", "TW0317", |it| {
            let call = it.pick(&["level()", "seen(", "accepted(", "consented("]);
            let spot = within(it, call);
            let at = call.find('(').unwrap();
            it.edit(&spot.part(at, at + 1), "（")
        }),
        Kind::new("unclosed-bracket-in-condition", "TW0317", |it| {
            let spots: Vec<Spot> = it
                .values("/segments/", "when")
                .into_iter()
                .filter(|it| it.text.contains("\") >=") || it.text.ends_with("\")'"))
                .collect();
            let spot = it.pick(&spots);
            let at = spot.text.rfind(')').unwrap();
            it.edit(&spot.part(at, at + 1), "").line()
        }),
        Kind::new("dangling-sign", "TW0317", |it| {
            let sign = it.pick(&[" && ", " || ", " == "]);
            let spots: Vec<Spot> = it
                .values("/segments/", "when")
                .into_iter()
                .filter(|it| it.text.contains(sign) && it.text.starts_with('\''))
                .collect();
            let spot = it.pick(&spots);
            let at = spot.text.rfind(sign).unwrap() + sign.len() - 1;
            it.edit(&spot.part(at, spot.text.len() - 1), "").line()
        }),
        Kind::new("outside-the-subset", "TW0319", |it| {
            let (condition, place) = it.pick(&[
                ("profile.favourite_store.matches(\"^T\")", "matches"),
                ("profile.tier == null", "null"),
                ("string(profile.points) == \"5\"", "string"),
                ("profile.points in {\"a\": 1}", "{"),
            ]);
            instead(it, condition, place).line()
        }),
    ]
}

fn names() -> Vec<Kind> {
    vec![
        Kind::new("unknown-attribute", "TW0318", |it| {
            let names = [
                "tier",
                "age",
                "interests",
                "points",
                "subscribed",
                "employee",
                "app_installed",
                "lifetime_value",
            ];
            let name = it.pick(&names);
            let spot = within(it, &format!("profile.{name}"));
            let slip = if name == "age" { "agge".to_owned() } else { it.slip(name) };
            it.edit(&spot.part(8, 8 + name.len()), &slip)
        }),
        Kind::new("unknown-event", "TW0318", |it| {
            let names = [
                "web-store/purchase",
                "mobile-app/app_open",
                "add_to_cart",
                "product_view",
                "store_visit",
            ];
            let name = it.pick(&names);
            let spot = within(it, &format!("\"{name}\""));
            let bare = name.rsplit('/').next().unwrap();
            let slip = it.slip(bare);
            it.edit(&spot, &spot.text.replace(bare, &slip))
        }),
        Kind::new("unknown-segment-in-condition", "TW0318", |it| {
            let names = ["adults", "app-users"];
            let name = it.pick(&names);
            let spot = within(it, &format!("\"{name}\""));
            let slip = it.slip(name);
            it.edit(&spot, &format!("\"{slip}\""))
        }),
        Kind::new("unknown-offer-in-condition", "TW0318", |it| {
            let spot = within(it, "!accepted(\"");
            let rest = &it.text(&spot.path)[spot.end..];
            let name = rest[..rest.find('"').unwrap()].to_owned();
            let slip = it.slip(&name);
            let quoted = Spot { start: spot.end - 1, end: spot.end + name.len() + 1, ..spot };
            it.edit(&quoted, &format!("\"{slip}\""))
        }),
        Kind::new("unknown-purpose-in-condition", "TW0318", |it| {
            let spot = within(it, "\"marketing-email\"");
            let slip = it.slip("marketing-email");
            it.edit(&spot, &format!("\"{slip}\""))
        }),
        Kind::new("unknown-level", "TW0304", |it| {
            let spot = within(it, "\"customer\"");
            let other = it.pick(&["client", "custommer", "member"]);
            it.edit(&spot, &format!("\"{other}\"")).line()
        }),
        Kind::new("unknown-function", "TW0318", |it| {
            let name = it.pick(&["seen", "count", "accepted", "in_segment", "consented", "sum"]);
            let spot = within(it, &format!("{name}("));
            let slip = it.slip(name);
            it.edit(&spot.part(0, name.len()), &slip)
        }),
        Kind::new("unknown-property", "TW0318", |it| {
            let property = it.pick(&["ammount", "price", "total"]);
            let spot = within(it, "\"amount\"");
            it.edit(&spot, &format!("\"{property}\""))
        }),
        Kind::new("unknown-variable", "TW0318", |it| {
            let spot = within(it, "profile.");
            let other = it.pick(&["profil.", "customer.", "user."]);
            it.edit(&spot, other)
        }),
        Kind::new("event-at-no-event", "TW0322", |it| instead(it, "event.amount > 5", "event")),
        Kind::new("session-in-policy", "TW0322", |it| {
            let spot = it.one("policies", "in_segment(\"open-complaint\")");
            let session =
                it.pick(&["session.hour < 9", "session.known", "session.locale == \"ja\""]);
            it.edit(&spot, session).line()
        }),
    ]
}

fn sense() -> Vec<Kind> {
    vec![
        Kind::new("text-against-number", "TW0303", |it| {
            let (number, text) = it.pick(&[
                ("profile.age >= 20", "\"old\""),
                ("profile.points >= 500", "\"500\""),
                ("profile.age >= 18", "\"18\""),
            ]);
            let spot = within(it, number);
            let at = number.rfind(' ').unwrap() + 1;
            it.edit(&spot.part(at, number.len()), text)
        }),
        Kind::new("number-for-a-condition", "TW0303", |it| {
            let what = it.pick(&[
                "profile.points",
                "count(\"web-store/purchase\", \"30d\")",
                "profile.tier",
            ]);
            instead(it, what, what).line()
        }),
        Kind::new("value-outside", "TW0304", |it| {
            let (value, wrong) = it.pick(&[
                ("\"gold\"", "\"glod\""),
                ("\"gold\"", "\"platinum\""),
                ("\"silver\"", "\"Silver\""),
                ("\"filter\"", "\"filtre\""),
            ]);
            let spot = within(it, value);
            it.edit(&spot, wrong)
        }),
        Kind::new("number-outside", "TW0304", |it| {
            let (number, wrong) = it.pick(&[
                ("profile.age >= 20", "200"),
                ("profile.age < 25", "-1"),
                ("profile.points >= 500", "5000000"),
            ]);
            let spot = within(it, number);
            let at = number.rfind(' ').unwrap() + 1;
            it.edit(&spot.part(at, number.len()), wrong)
        })
        .also(&["TW0301"]),
        Kind::new("segment-in-itself", "TW0305", |it| {
            let paths = it.paths("shared/segments/");
            let path = it.pick(&paths);
            let name = path.rsplit('/').next().unwrap().trim_end_matches(".yaml").to_owned();
            let text =
                format!("title: Itself\nwhen: 'in_segment(\"{name}\") || profile.subscribed'\n");
            it.file(&path, text).to(32)
        })
        .also(&["TW0302"]),
        Kind::new("nobody-matches", "TW0301", |it| {
            let condition = it.pick(&[
                "profile.age >= 60 && profile.age < 20",
                "profile.tier == \"gold\" && profile.tier == \"silver\"",
                "profile.subscribed && !profile.subscribed",
                "profile.points > 10 && false",
            ]);
            instead(it, condition, condition).line()
        })
        .also(&["TW0504", "TW0507", "TW0306", "TW0311", "TW0404"]),
        Kind::new("score-unknown", "TW0320", |it| {
            let spots = it.values("strategy.yaml", "score");
            let spots: Vec<Spot> = spots.into_iter().filter(|it| !it.text.contains('?')).collect();
            let spot = it.pick(&spots);
            let score = it.pick(&["'profile.age * 2'", "'profile.age > 30 ? 80 : 40'"]);
            it.edit(&spot, score).shift(1).line()
        })
        .also(&["TW0529"]),
        Kind::new("window-missing", "TW0321", |it| {
            let spot = within(it, "seen(\"web-store/purchase\", \"");
            let end = it.text(&spot.path)[spot.end..].find('"').unwrap() + spot.end + 1;
            it.edit(&Spot { start: spot.end - 3, end, ..spot }, "").line()
        }),
        Kind::new("window-too-long", "TW0321", |it| {
            let window = it.pick(&["\"30d\"", "\"365d\"", "\"180d\"", "\"90d\"", "\"3d\""]);
            let spot = within(it, window);
            let long = it.pick(&["\"401d\"", "\"60w\"", "\"9999d\""]);
            it.edit(&spot, long)
        }),
        Kind::new("window-in-words", "TW0321", |it| {
            let window = it.pick(&["\"30d\"", "\"365d\"", "\"180d\"", "\"90d\"", "\"3d\""]);
            let spot = within(it, window);
            let words = it.pick(&["\"3 days\"", "\"month\"", "\"30\"", "\"1d12h\""]);
            it.edit(&spot, words)
        }),
        Kind::new("missing-value-trap", "TW0307", |it| {
            let condition = it.pick(&[
                "!(profile.age < 18)",
                "!(profile.age >= 65)",
                "!in_segment(\"adults\")",
            ]);
            instead(it, condition, condition).line()
        })
        .also(&["TW0305"]),
        Kind::new("score-above-1000", "TW0529", |it| {
            let spots = it.values("strategy.yaml", "score");
            let spots: Vec<Spot> = spots.into_iter().filter(|it| !it.text.contains('?')).collect();
            let spot = it.pick(&spots);
            let score =
                it.pick(&["'profile.points > 5 ? 1200 : 40'", "'profile.subscribed ? 5000 : 1'"]);
            it.edit(&spot, score).line()
        }),
    ]
}
