//! What goes wrong before a file says anything: encoding, YAML, fields, types, spelling, folders.

use crate::{
    Kind,
    seed::{Seeder, Spot},
};

pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = text();
    kinds.extend(fields());
    kinds.extend(values());
    kinds.extend(places());
    kinds
}

/// A file that is more than a few lines.
fn any_file(it: &mut Seeder<'_>) -> String {
    let paths = it.paths("channels/");
    it.pick(&paths)
}

fn text() -> Vec<Kind> {
    vec![
        Kind::new("unclosed-quote", "TW0001", |it| {
            let quoted = it.all("segments", "when: '");
            let spot = it.pick(&quoted);
            let line = it.text(&spot.path)[spot.end..].find('\n').unwrap() + spot.end;
            let quote = Spot { start: line - 1, end: line, ..spot.clone() };
            it.edit(&quote, "").to(spot.end - 1)
        }),
        Kind::new("unclosed-list", "TW0001", |it| {
            let spot = it.one("offers", "tags: [");
            let close = it.text(&spot.path)[spot.end..].find(']').unwrap() + spot.end;
            it.edit(&Spot { start: close, end: close + 1, ..spot.clone() }, "").to(spot.end - 1)
        }),
        Kind::new("unclosed-map", "TW0001", |it| {
            let lines = it.lines("strategy.yaml");
            let rules: Vec<Spot> =
                lines.into_iter().filter(|it| it.text.starts_with("- {")).collect();
            let spot = it.pick(&rules);
            let last = spot.text.len();
            it.edit(&spot.part(last - 2, last), "").to(spot.start + 2)
        }),
        Kind::new("tab", "TW0001", |it| {
            let lines = it.lines("channels/");
            let indented: Vec<Spot> = lines
                .into_iter()
                .filter(|spot| {
                    spot.start > 2 && it.text(&spot.path)[..spot.start].ends_with("\n  ")
                })
                .collect();
            let spot = it.pick(&indented);
            it.edit(&Spot { start: spot.start - 2, end: spot.start, ..spot }, "\t")
        }),
        Kind::new("byte-order-mark", "TW0013", |it| {
            let path = any_file(it);
            it.file(&path, format!("\u{feff}{}", it.text(&path)))
        }),
        Kind::new("nul", "TW0013", |it| {
            let lines = it.lines("channels/");
            let spot = it.pick(&lines);
            let at = spot.text.len();
            it.edit(&spot.part(at, at), "\0")
        }),
        Kind::new("invalid-utf-8", "TW0013", |it| {
            let path = any_file(it);
            let mut bytes = it.files[&path].clone();
            let at = it.roll(bytes.len());
            let at = (0..=at).rev().find(|at| it.text(&path).is_char_boundary(*at)).unwrap();
            bytes.insert(at, 0xff);
            it.file(&path, bytes).shift(at)
        }),
        Kind::new("truncated", "TW0001", |it| {
            // Within a map in braces: what was begun is not closed.
            let lines = it.lines("/offers/");
            let caps: Vec<Spot> =
                lines.into_iter().filter(|it| it.text.starts_with("title: {")).collect();
            let spot = it.pick(&caps);
            let cut = spot.start + 10 + it.roll(6);
            let text = it.text(&spot.path)[..cut].to_owned();
            it.file(&spot.path, text).shift(7).line()
        }),
        Kind::new("anchor", "TW0007", |it| {
            let spot = it.value("/offers/", "value");
            it.edit(&spot.part(0, 0), "&worth ")
        }),
        Kind::new("alias", "TW0007", |it| {
            let spot = it.value("/offers/", "headline");
            it.edit(&spot, "*headline")
        }),
        Kind::new("tag", "TW0007", |it| {
            let spot = it.value("/offers/", "headline");
            it.edit(&spot.part(0, 0), "!!str ")
        }),
        Kind::new("second-document", "TW0007", |it| {
            let path = any_file(it);
            let text = it.text(&path);
            it.file(&path, format!("{text}---\n{text}")).shift(text.len())
        }),
        Kind::new("deep", "TW0008", |it| {
            let spot = it.value("/offers/", "value");
            it.edit(&spot, &format!("{}{}", "[".repeat(70), "]".repeat(70))).line()
        }),
        Kind::new("long-text", "TW0008", |it| {
            let spot = it.value("/offers/", "body");
            it.edit(&spot, &"coffee ".repeat(10_000))
        }),
    ]
}

fn fields() -> Vec<Kind> {
    vec![
        Kind::new("duplicate-line", "TW0002", |it| {
            let lines = it.lines("/offers/");
            let simple = ["title:", "value:", "tags:", "cap:"];
            let lines: Vec<Spot> = lines
                .into_iter()
                .filter(|line| simple.iter().any(|it| line.text.starts_with(it)))
                .collect();
            let spot = it.pick(&lines);
            let again = format!("{}\n", spot.text);
            it.edit(&spot.part(0, 0), &again).shift(again.len())
        }),
        Kind::new("duplicate-key", "TW0002", |it| {
            let spot = it.value("strategy.yaml", "segment");
            let also = ", segment: everyone";
            it.edit(&spot, &format!("{}{also}", spot.text)).shift(spot.text.len() + 2)
        }),
        Kind::new("misspelt-field", "TW0003", |it| {
            let fields = ["eligible", "treatments", "value", "tags"];
            let field = it.pick(&fields);
            let spot = it.one("/offers/", &format!("\n{field}:"));
            let slip = it.slip(field);
            it.edit(&spot.sub(field), &slip)
        })
        .also(&["TW0005"]),
        Kind::new("misspelt-field-in-braces", "TW0003", |it| {
            let fields =
                [("channel.yaml", "category"), ("channel.yaml", "fallback"), ("audience", "type")];
            let (file, field) = it.pick(&fields);
            let spot = it.one(file, &format!("{field}: "));
            let slip = it.slip(field);
            it.edit(&spot.sub(field), &slip)
        })
        .also(&["TW0005", "TW0505"]),
        Kind::new("field-of-another-kind", "TW0003", |it| {
            let spot = it.one("/segments/", "when:");
            it.edit(&spot.part(0, 0), "score: 5\n")
        }),
        Kind::new("text-for-number", "TW0004", |it| {
            let spots = [it.values("/offers/", "value"), it.values("channel.yaml", "offers")];
            let spot = it.pick(&spots.concat());
            let word = it.pick(&["many", "\"12\"", "twelve", "12,5"]);
            let word =
                if spot.path.ends_with("channel.yaml") && word == "12,5" { "few" } else { word };
            it.edit(&spot, word)
        }),
        Kind::new("list-for-map", "TW0004", |it| {
            let paths = it.paths("/offers/");
            let path = it.pick(&paths);
            let spot = it.all(&path, "treatments:\n")[0].clone();
            let rest = Spot { end: it.text(&path).len(), ..spot };
            it.edit(&rest, "treatments: [web-store]\n").shift(12)
        })
        // A treatment that cannot be read stands for none.
        .also(&["TW0518", "TW0508"]),
        Kind::new("map-for-text", "TW0004", |it| {
            let spot = it.value("/segments/", "when");
            it.edit(&spot, "{ tier: gold }")
        }),
        Kind::new("removed-field", "TW0005", |it| {
            let choices = [
                ("/segments/", "when: 'profile"),
                ("/goals/", "objective: "),
                ("/flowcharts/", "start: "),
                ("/touchpoints/", "title: "),
                ("taiwa.yaml", "currency: "),
                ("taiwa.yaml", "time_zone: "),
            ];
            let (part, start) = it.pick(&choices);
            let spot = it.one(part, start);
            let end = it.text(&spot.path)[spot.end..].find('\n').unwrap() + spot.end + 1;
            it.edit(&Spot { end, ..spot }, "").to(0)
        }),
        Kind::new("removed-field-in-braces", "TW0005", |it| {
            let choices = [("strategy.yaml", "score"), ("channel.yaml", "offers")];
            let (part, key) = it.pick(&choices);
            let spot = it.value(part, key);
            let from = it.text(&spot.path)[..spot.start].rfind(", ").unwrap();
            it.edit(&Spot { start: from, ..spot }, "").line()
        }),
    ]
}

fn values() -> Vec<Kind> {
    vec![
        Kind::new("norway", "TW0006", |it| {
            let spot = it.value("/offers/", "headline");
            let word = it.pick(&["no", "yes", "on", "off"]);
            it.edit(&spot, word)
        })
        .also(&["TW0516"]),
        Kind::new("clock-without-quotes", "TW0006", |it| {
            let spots = [it.values("channels/", "from"), it.values("channels/", "until")].concat();
            let clocks: Vec<Spot> =
                spots.into_iter().filter(|it| it.text.starts_with('"')).collect();
            let spot = it.pick(&clocks);
            it.edit(&spot, &spot.text.replace('"', ""))
        }),
        Kind::new("leading-zeros", "TW0006", |it| {
            let spot = it.value("scenarios", "order_id");
            it.edit(&spot, "0012")
        }),
        Kind::new("huge-number", "TW0010", |it| {
            let spot = it.value("/offers/", "value");
            it.edit(&spot, "9007199254740993")
        }),
        Kind::new("confusable-name", "TW0011", |it| {
            let lines = it.lines("audience.yaml");
            let named: Vec<Spot> = lines
                .into_iter()
                .filter(|it| it.text.contains("{ type") && it.text.contains('o'))
                .filter(|it| it.text.find('o') < it.text.find(':'))
                .collect();
            let spot = it.pick(&named);
            let at = spot.text.find('o').unwrap();
            it.edit(&spot.part(at, at + 1), "о").to(spot.start)
        })
        // Whoever reads the attribute by its Latin name does not find it.
        .also(&["TW0318", "TW0515", "TW0121"]),
        Kind::new("invisible-character", "TW0011", |it| {
            let lines = it.lines("web-store/channel.yaml");
            let named: Vec<Spot> =
                lines.into_iter().filter(|it| it.text.contains("{ category")).collect();
            let spot = it.pick(&named);
            it.edit(&spot.part(3, 3), "\u{200b}")
        })
        .also(&["TW0102", "TW0201", "TW0318", "TW0121"]),
        Kind::new("format", "TW0012", |it| {
            let spot = it.value("taiwa.yaml", "format");
            let version = it.pick(&["2", "0", "one", "\"1\""]);
            it.edit(&spot, version)
        }),
        Kind::new("duration-without-unit", "TW0017", |it| {
            let spots = [it.values("channels/", "per"), it.values("scenarios", "ago")].concat();
            let spot = it.pick(&spots);
            let number: String = spot.text.chars().filter(char::is_ascii_digit).collect();
            it.edit(&spot, &number)
        }),
        Kind::new("duration-in-words", "TW0017", |it| {
            let spots = [it.values("channels/", "per"), it.values("scenarios", "advance")].concat();
            let spot = it.pick(&spots);
            let words = it.pick(&["a week", "7 days", "1d12h", "7日", "-3d"]);
            it.edit(&spot, words)
        }),
        Kind::new("impossible-date", "TW0017", |it| {
            let spots = [it.values("goals", "until"), it.values("shared/offers", "until")].concat();
            let spot = it.pick(&spots);
            let date = it.pick(&["2027-02-30", "2027-13-01", "31.12.2027", "2027/12/31"]);
            it.edit(&spot, date)
        }),
        Kind::new("impossible-clock", "TW0017", |it| {
            let spots = [it.values("channels/", "from"), it.values("channels/", "until")].concat();
            let clocks: Vec<Spot> =
                spots.into_iter().filter(|it| it.text.starts_with('"')).collect();
            let spot = it.pick(&clocks);
            let clock = it.pick(&["\"24:00\"", "\"9:00\"", "\"21:60\"", "evening"]);
            it.edit(&spot, clock)
        }),
        Kind::new("workspace-value", "TW0017", |it| {
            let choices = [
                ("time_zone", "Tokyo"),
                ("currency", "Yen"),
                ("time_zone", "Asia/Tokio"),
                ("currency", "JPN"),
            ];
            let (key, with) = it.pick(&choices);
            let spot = it.value("taiwa.yaml", key);
            it.edit(&spot, with)
        }),
        Kind::new("out-of-range", "TW0019", |it| {
            let choices = [
                (it.values("channel.yaml", "offers"), "0"),
                (it.values("channel.yaml", "offers"), "51"),
                (it.values("/offers/", "shown"), "0"),
                (it.values("policies", "sent"), "-1"),
                (it.values("goals", "priority"), "0"),
            ];
            let (spots, with) = it.pick(&choices);
            let spot = it.pick(&spots);
            it.edit(&spot, with)
        }),
        Kind::new("score-out-of-range", "TW0019", |it| {
            let spots = it.values("strategy.yaml", "score");
            let fixed: Vec<Spot> = spots.into_iter().filter(|it| !it.text.contains('?')).collect();
            let spot = it.pick(&fixed);
            let score = it.pick(&["1001", "-5", "100000"]);
            it.edit(&spot, score)
        }),
        Kind::new("wrong-choice", "TW0004", |it| {
            let choices = [
                ("channel.yaml", "direction", "both"),
                ("email", "medium", "fax"),
                ("audience", "type", "text"),
                ("audience", "basis", "interest"),
                ("audience", "default", "maybe"),
            ];
            let (part, key, with) = it.pick(&choices);
            let spots = it.values(part, key);
            let consent = ["granted", "denied"];
            let fits = |spot: &Spot| with != "maybe" || consent.contains(&spot.text.as_str());
            let spots: Vec<Spot> = spots.into_iter().filter(fits).collect();
            let spot = it.pick(&spots);
            it.edit(&spot, with)
        }),
    ]
}

fn places() -> Vec<Kind> {
    vec![
        Kind::new("misspelt-folder", "TW0014", |it| {
            let paths = it.paths("channels/shared/");
            let kinds = ["offers", "segments", "messages", "goals"];
            let kind = it.pick(&kinds);
            let paths: Vec<String> = paths.into_iter().filter(|it| it.contains(kind)).collect();
            let path = it.pick(&paths);
            let slip = it.slip(kind);
            let to = path.replace(kind, &slip);
            it.moved(&path, &to)
        })
        .also(&["TW0101", "TW0102", "TW0318"]),
        Kind::new("other-ending", "TW0014", |it| {
            let path = any_file(it);
            let ending = it.pick(&["yml", "YAML"]);
            it.moved(&path, &path.replace(".yaml", &format!(".{ending}")))
        })
        .also(&["TW0101", "TW0102", "TW0318"]),
        Kind::new("too-deep", "TW0014", |it| {
            let paths = it.paths("/offers/");
            let path = it.pick(&paths);
            it.moved(&path, &path.replace("/offers/", "/offers/old/"))
        })
        .also(&["TW0101", "TW0318"]),
        Kind::new("file-in-wrong-folder", "TW0003", |it| {
            let paths = it.paths("shared/segments/");
            let path = it.pick(&paths);
            let to = path.replace("segments", "offers");
            it.file(&to, it.files[&path].clone()).found(&to, "when:")
        })
        .also(&["TW0005"]),
        Kind::new("not-kebab-case", "TW0015", |it| {
            let paths = it.paths("/segments/");
            let path = it.pick(&paths);
            let stem = path.rsplit('/').next().unwrap().to_owned();
            let name = it.pick(&["Big", "big_spenders", "vip--plus", "größe"]);
            let to = path.replace(&stem, &format!("{name}.yaml"));
            let mut fault = it.file(&to, it.files[&path].clone());
            fault.offset = 0;
            fault
        })
        .also(&["TW0105"]),
        Kind::new("name-not-snake-case", "TW0015", |it| {
            let names = ["add_to_cart", "product_view", "page_view", "survey_completed"];
            let name = it.pick(&names);
            let spot = it.one("web-store/channel.yaml", &format!("  {name}:"));
            it.edit(&spot.sub(name), &name.replace('_', "-"))
        })
        .also(&["TW0201", "TW0318", "TW0102"]),
        Kind::new("reserved-name", "TW0015", |it| {
            let paths = it.paths("/segments/");
            let path = it.pick(&paths);
            let name = it.pick(&["everyone", "none", "shared"]);
            let stem = path.rsplit('/').next().unwrap().to_owned();
            it.file(&path.replace(&stem, &format!("{name}.yaml")), it.files[&path].clone())
        })
        .also(&["TW0105"]),
        Kind::new("same-name-twice", "TW0103", |it| {
            let paths = it.paths("shared/segments/");
            let path = it.pick(&paths);
            let to = path.replace("shared", "web-store");
            it.file(&to, it.files[&path].clone())
        }),
        Kind::new("journey", "TW0018", |it| {
            let name = it.pick(&["launch", "welcome", "winback"]);
            let text = format!("title: {name}\nsteps: []\n");
            it.file(&format!("channels/shared/journeys/{name}.yaml"), text)
        }),
    ]
}
