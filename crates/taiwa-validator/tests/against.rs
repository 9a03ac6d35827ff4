//! Changes and what they break: each row edits the small workspace and says what is reported, and nothing else.
//! Long because it is a table of rows; the code is its first 70 lines.

mod base;

use base::{Stored, base, checked_against, line};
use taiwa_validator::Stage;

/// An edit: path, what stands there, what stands there afterwards. `*` for the whole file; nothing for a deleted one.
type Edit<'a> = (&'a str, &'a str, &'a str);

fn edited(files: &[Stored], edits: &[Edit<'_>]) -> Vec<Stored> {
    let mut files = files.to_vec();
    for (path, from, to) in edits {
        if *from == "*" {
            files.retain(|it| it.0 != *path);
            if !to.is_empty() {
                files.push(((*path).to_owned(), (*to).to_owned()));
            }
            continue;
        }
        let file = files.iter_mut().find(|it| it.0 == *path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(file.1.matches(from).count(), 1, "`{from}` in {path}");
        file.1 = file.1.replace(from, to);
    }
    files
}

/// Each expected line is `severity CODE fragment`, or `path:line:column severity CODE fragment`.
#[track_caller]
fn check_at(stage: Stage, before: &[Edit<'_>], after: &[Edit<'_>], expect: &[&str]) {
    let before = edited(&base(), before);
    let after = edited(&before, after);
    let (report, sources) = checked_against(&before, (&[], &after), stage);
    let said: Vec<String> = report
        .findings
        .iter()
        .filter(|it| it.code.starts_with("TW10"))
        .map(|it| line(it, &sources))
        .collect();
    let fits = |said: &String, expect: &&str| {
        let mut words = expect.splitn(3, ' ');
        let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let rest = words.next().unwrap_or("");
        if first.contains(':') {
            let (severity, rest) = (second, rest);
            let (code, fragment) = rest.split_once(' ').unwrap_or((rest, ""));
            return said.starts_with(&format!("{first}: {severity} {code}"))
                && said.contains(fragment);
        }
        said.contains(&format!(": {first} {second}: ")) && said.contains(rest)
    };
    let same = said.len() == expect.len() && said.iter().zip(expect).all(|(a, b)| fits(a, b));
    assert!(same, "said:\n{}\nexpected:\n{}", said.join("\n"), expect.join("\n"));
}

#[track_caller]
fn check(after: &[Edit<'_>], expect: &[&str]) {
    check_at(Stage::Edit, &[], after, expect);
}

const CHANNEL: &str = "channels/web-store/channel.yaml";
const STRATEGY: &str = "channels/web-store/strategy.yaml";
const AUDIENCE: &str = "channels/shared/audience.yaml";
const GOLD: &str = "channels/shared/segments/gold.yaml";
const KIT: &str = "channels/shared/offers/kit.yaml";
const SALES: &str = "channels/shared/goals/sales.yaml";
const TOUCHPOINT: &str = "channels/web-store/touchpoints/site.yaml";

#[test]
fn what_touchpoints_use_is_missed() {
    // The point has a new name, and the touchpoint goes along: installed versions do not.
    let renamed: [Edit<'_>; 2] =
        [(CHANNEL, "  banner: {", "  hero: {"), (TOUCHPOINT, "[banner]", "[hero]")];
    let scenario = ("channels/web-store/scenarios/first.yaml", "point: banner", "point: hero");
    let all = [&renamed[..], &[scenario]].concat();
    check(
        &all,
        &[
            "channels/web-store/channel.yaml:7:3 warning TW1001 called `hero` now; touchpoint `site` uses it",
        ],
    );
    check_at(
        Stage::Promote,
        &[],
        &all,
        &["error TW1001 it stood in channels/web-store/channel.yaml:7 of main (1a2b3c4d)"],
    );
    // The touchpoint still uses the event that is gone: it is shown there, too.
    check(
        &[
            (CHANNEL, "  clicked: { category: reactions, properties: { offer: string } }\n", ""),
            (CHANNEL, ", accepted: clicked }", " }"),
        ],
        &[
            "warning TW1001 event `clicked` is gone; touchpoint `site` uses it",
            "warning TW1007 an offer counts as accepted by -",
        ],
    );
    // Without a touchpoint file nobody knows who uses it.
    let nobody: [Edit<'_>; 1] =
        [(TOUCHPOINT, "events: [purchase, shown, clicked]", "events: [purchase, shown]")];
    check_at(
        Stage::Promote,
        &nobody,
        &[
            (CHANNEL, "  clicked: { category: reactions, properties: { offer: string } }\n", ""),
            (CHANNEL, ", accepted: clicked }", " }"),
        ],
        &["warning TW1001 nobody knows who uses it", "warning TW1007"],
    );
    // A zone is nobody's business but ours.
    check(
        &[
            (CHANNEL, "  home: {", "  front: {"),
            (CHANNEL, "zone: home", "zone: front"),
            (STRATEGY, "- { zone: home, segment: gold", "- { zone: front, segment: gold"),
            (STRATEGY, "- { zone: home, segment: everyone", "- { zone: front, segment: everyone"),
        ],
        &["info TW1001 zone `home` is gone; it looks as if it were called `front` now"],
    );
}

#[test]
fn a_channel_that_is_gone_is_said_where_it_is_still_used() {
    let files = [CHANNEL, STRATEGY, "channels/web-store/scenarios/first.yaml", TOUCHPOINT];
    let gone: Vec<Edit<'_>> = files.iter().map(|it| (*it, "*", "")).collect();
    check(
        &gone,
        &["taiwa.yaml:1:1 warning TW1001 channel `web-store` is gone; touchpoint `site` uses it"],
    );
}

#[test]
fn what_touchpoints_send_and_get_is_narrower() {
    let purchase = "properties: { order_id: string, amount: number }";
    let say = |to: &str, expect: &[&str]| check(&[(CHANNEL, purchase, to)], expect);
    say("properties: { order_id: string }", &["warning TW1002 the property `amount` is gone"]);
    say(
        "properties: { order_id: string, amount: int }",
        &["warning TW1002 `amount` is int, number before"],
    );
    say(
        "properties: { order_id: string, amount: number, shop: string }",
        &["warning TW1002 `shop` is required"],
    );
    say(
        "properties: { order_id: string, amount: number, shop: { type: string, required: false } }",
        &[],
    );
    say("properties: { order_id: string, amount: { type: number, required: false } }", &[]);
    let plan = "properties: { order_id: string, amount: number, plan: { type: enum, values: [day, month, year] } }";
    let fewer = "values: [day, year]";
    check_at(
        Stage::Promote,
        &[(CHANNEL, purchase, plan)],
        &[(CHANNEL, "values: [day, month, year]", fewer)],
        &["error TW1002 `plan` does not take `month` any more"],
    );
    check_at(
        Stage::Edit,
        &[(CHANNEL, purchase, plan)],
        &[(CHANNEL, "[day, month, year]", "[day, month, year, week]")],
        &[],
    );
}

#[test]
fn what_touchpoints_are_promised_is_less() {
    check_at(
        Stage::Edit,
        &[(CHANNEL, "offers: 1", "offers: 3")],
        &[(CHANNEL, "offers: 3", "offers: 2")],
        &[
            "channels/web-store/channel.yaml:7:25 warning TW1002 at most 2 offers, 3 before; touchpoint `site` uses it",
        ],
    );
    check_at(
        Stage::Edit,
        &[(
            CHANNEL,
            "{ title: Home page }",
            "{ title: Home page, content: { headline: string(40) } }",
        )],
        &[(CHANNEL, "string(40)", "string(80)")],
        &[
            "warning TW1002 the field `headline` of the zone may be string(80), and was promised to be string(40)",
        ],
    );
    // A field that every answer had is missing in one.
    let image = "headline: Taste it, image: /a.png";
    check_at(
        Stage::Edit,
        &[
            (KIT, "headline: Taste it", image),
            ("channels/shared/offers/sale.yaml", "headline: Now", "headline: Now, image: /b.png"),
            (
                "channels/shared/offers/brand.yaml",
                "headline: Our story",
                "headline: Our story, image: /c.png",
            ),
        ],
        &[(KIT, image, "headline: Taste it")],
        &["warning TW1002 every answer of `banner` had `image`"],
    );
    check(
        &[("channels/email/channel.yaml", "medium: email", "medium: sms")],
        &["warning TW1002 another medium"],
    );
    check(
        &[(AUDIENCE, "{ key: customer_id }", "{ key: client_id }")],
        &["warning TW1002 known by `client_id`"],
    );
    check_at(
        Stage::Edit,
        &[("taiwa.yaml", "locales: [en]", "locales: [en, ja]")],
        &[("taiwa.yaml", "locales: [en, ja]", "locales: [en]")],
        &["warning TW1002 the locale `ja` is gone: touchpoints that ask for it get `en`"],
    );
}

#[test]
fn what_is_stored_is_lost_or_read_in_another_way() {
    check(
        &[(GOLD, "profile.tier == 'gold'", "seen(\"web-store/purchase\", \"90d\")")],
        &[
            "warning TW1005",
            "warning TW1004 nothing is kept of event `web-store/purchase` so far",
            "warning TW1009",
        ],
    );
    let month: [Edit<'_>; 1] =
        [(GOLD, "profile.tier == 'gold'", "count(\"web-store/purchase\", \"30d\") >= 1")];
    check_at(
        Stage::Edit,
        &month,
        &[(GOLD, "\"30d\"", "\"60d\"")],
        &[
            "warning TW1005",
            "warning TW1004 asks for 60d of event `web-store/purchase`, of which 30d are kept",
            "warning TW1009",
        ],
    );
    check_at(
        Stage::Promote,
        &month,
        &[(GOLD, "\"30d\"", "\"7d\"")],
        &["warning TW1005", "warning TW1009"],
    );
    check_at(
        Stage::Edit,
        &CAP,
        &[(KIT, "per: 7d", "per: 60d")],
        &["warning TW1004 counts over 60d, of which 30d are kept", "warning TW1009"],
    );
    // 30 days are kept in any case: nothing is lost, but it is counted in another way.
    check_at(
        Stage::Edit,
        &CAP,
        &[(KIT, "per: 7d", "per: 14d")],
        &["info TW1004 over 14d, and over 7d before", "warning TW1009"],
    );
}

const CAP: [Edit<'_>; 1] = [(KIT, "value: 12.5\n", "value: 12.5\ncap: { shown: 3, per: 7d }\n")];

#[test]
fn profiles_do_not_follow() {
    check(
        &[(AUDIENCE, "values: [none, silver, gold]", "values: [none, gold]")],
        &["warning TW1010 no value `silver` any more"],
    );
    check(&[(AUDIENCE, "max: 130", "max: 120")], &["warning TW1010 lower greatest value"]);
    check(
        &[
            (AUDIENCE, "points: { type: int", "points: { type: string"),
            (AUDIENCE, "default: 0", "default: none"),
        ],
        &["warning TW1010 `points` is string, and stored profiles hold int"],
    );
    check(
        &[(
            AUDIENCE,
            "  points: { type: int, default: 0 }\n",
            "  score: { type: int, default: 0 }\n",
        )],
        &["warning TW1010 attribute `points` seems to be called `score` now"],
    );
    check(
        &[(AUDIENCE, "{ default: denied }", "{ default: granted, basis: contract }")],
        &["warning TW1010 count as granted"],
    );
    check(
        &[(AUDIENCE, "  visitor: { key: visitor_id }", "  guest: { key: visitor_id }")],
        &["warning TW1010 audience level `visitor` seems to be called `guest` now"],
    );
    // An offer with a cap under another name: its numbers and its history stay behind.
    check_at(
        Stage::Edit,
        &CAP,
        &[
            ("channels/shared/offers/kit.yaml", "*", ""),
            (
                "channels/shared/offers/starter.yaml",
                "*",
                "title: Starter kit\nvalue: 12.5\ncap: { shown: 3, per: 7d }\ntreatments:\n  web-store: { en: { headline: Taste it } }\n",
            ),
            (STRATEGY, "offer: kit", "offer: starter"),
            ("channels/web-store/scenarios/first.yaml", "[kit]", "[starter]"),
        ],
        &[
            "warning TW1007 offer `kit` seems to be called `starter` now",
            "warning TW1004 offer `kit` seems to be called `starter` now",
            "warning TW1009 `starter` in the place of `kit`",
        ],
    );
}

#[test]
fn what_is_measured_begins_anew() {
    for (from, to, expect) in [
        ("measure: count", "measure: people", "the KPI's measure is people, and count before"),
        ("per: 30d", "per: 7d", "the KPI's per is 7d, and 30d before"),
        ("baseline: 420", "baseline: 400", "the KPI's baseline is 400, and 420 before"),
        ("purchase, measure", "clicked, measure", "the KPI's event is web-store/clicked"),
    ] {
        check(&[(SALES, from, to)], &[&format!("warning TW1007 {expect}")]);
    }
    check(&[(SALES, "target: 600", "target: 700")], &[]);
    check(
        &[(CHANNEL, ", conversion: true", "")],
        &["warning TW1007 event `purchase` is no conversion any more"],
    );
    check(
        &[(CHANNEL, "conversion: true", "conversion: { within: 7d }")],
        &["warning TW1007 contacts of 7d, and of 30d before"],
    );
    check(
        &[("taiwa.yaml", "currency: JPY", "currency: EUR")],
        &["warning TW1007 amounts are in EUR, and in JPY before"],
    );
    check(
        &[
            (SALES, "*", ""),
            (
                "channels/shared/goals/turnover.yaml",
                "*",
                "title: More sales\nobjective: 600 a month\nkpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }\n",
            ),
            (CHANNEL, "goal: sales", "goal: turnover"),
        ],
        &[
            "warning TW1007 goal `sales` seems to be called `turnover` now",
            "warning TW1007 serves the goal `turnover`, and `sales` before",
        ],
    );
}

#[test]
fn who_is_moved_is_shown() {
    let adults: [Edit<'_>; 1] = [(GOLD, "profile.tier == 'gold'", "profile.age >= 18")];
    check_at(
        Stage::Edit,
        &adults,
        &[(GOLD, ">= 18", ">= 16")],
        &[
            "channels/shared/segments/gold.yaml:2:7 warning TW1005 segment `gold` is wider: it takes in people who were out; newly in: ",
            "warning TW1009 `kit` in the place of `sale`",
        ],
    );
    check_at(
        Stage::Edit,
        &adults,
        &[(GOLD, ">= 18", "> 18")],
        &[
            "warning TW1005 segment `gold` is narrower: people fall out who were in; newly out: ",
            "warning TW1009 `sale` in the place of `kit`",
        ],
    );
    check_at(
        Stage::Edit,
        &adults,
        &[(GOLD, "profile.age >= 18", "profile.points >= 18")],
        &["warning TW1005 takes other people than before", "warning TW1009"],
    );
    // A default where there was none moves people without touching a condition.
    check_at(
        Stage::Edit,
        &adults,
        &[(AUDIENCE, "max: 130 }", "max: 130, default: 20 }")],
        &["warning TW1005 segment `gold` is wider", "warning TW1009"],
    );
    // An eligibility that was not there.
    check(
        &[(KIT, "value: 12.5\n", "value: 12.5\neligible: profile.age < 30\n")],
        &["warning TW1005 offer `kit` is narrower", "warning TW1009 `sale` in the place of `kit`"],
    );
    // A flowchart in which one way leads elsewhere; the names of nodes and the order of cases that exclude each other do not count.
    let chart = "title: Place\nstart: first\nnodes:\n  first: { decide: [ { when: profile.points > 100, go: rich }, { when: profile.points < 10, go: poor }, { otherwise: middle } ] }\n  rich: { segment: loyal }\n  poor: { segment: new }\n  middle: { segment: usual }\n";
    let path = "channels/shared/flowcharts/place.yaml";
    let used = "channels/web-store/strategy.yaml";
    let with: [Edit<'_>; 2] = [(path, "*", chart), (used, "segment: gold", "segment: loyal")];
    check_at(
        Stage::Edit,
        &with,
        &[(path, "points > 100", "points > 200")],
        &[
            "warning TW1005 segment `loyal` is narrower",
            "warning TW1005 segment `usual` is wider",
            "warning TW1009",
        ],
    );
    check_at(
        Stage::Edit,
        &with,
        &[(
            path,
            "{ when: profile.points > 100, go: rich }, { when: profile.points < 10, go: poor }",
            "{ when: profile.points < 10, go: poor }, { when: profile.points > 100, go: rich }",
        )],
        &[],
    );
    check_at(
        Stage::Edit,
        &with,
        &[(path, "start: first", "start: begin"), (path, "  first: {", "  begin: {")],
        &[],
    );
    check_at(Stage::Edit, &with, &[(path, "title: Place", "title: Another title")], &[]);
}

#[test]
fn who_gets_another_offer_is_shown() {
    // Other numbers, the same order: nobody sees a difference.
    check(&[(STRATEGY, "score: 80", "score: 41")], &[]);
    check(
        &[(STRATEGY, "score: 80", "score: 39")],
        &[
            "channels/web-store/strategy.yaml:1:1 warning TW1009 at `banner` some visitors get `sale` in the place of `kit`; for example ",
        ],
    );
    // With as many places as offers the order moves nobody out.
    check_at(
        Stage::Edit,
        &[(CHANNEL, "offers: 1", "offers: 2")],
        &[(STRATEGY, "score: 80", "score: 39")],
        &[],
    );
    check(
        &[(STRATEGY, "segment: gold", "segment: everyone")],
        &["warning TW1009 `kit` in the place of `sale`"],
    );
    check(
        &[(KIT, "value: 12.5\n", "value: 12.5\nvalid: { until: 2030-01-01 }\n")],
        &["warning TW1009 `sale` in the place of `kit`"],
    );
    // The fallback is seen only by those for whom there is nothing else.
    check(&[(CHANNEL, "fallback: brand", "fallback: none")], &[]);
    let some: [Edit<'_>; 1] =
        [(STRATEGY, "segment: everyone, offer: sale", "segment: gold, offer: sale")];
    check_at(
        Stage::Edit,
        &some,
        &[(CHANNEL, "fallback: brand", "fallback: none")],
        &[
            "channels/web-store/channel.yaml:7:3 warning TW1009 at `banner` some visitors get `brand` no more",
        ],
    );
    // By value the better score loses.
    let by_value = "arbitration: { home: value }\nrules:\n";
    check(&[(STRATEGY, "rules:\n", by_value)], &[]);
    check_at(
        Stage::Edit,
        &[(STRATEGY, "rules:\n", by_value)],
        &[(KIT, "value: 12.5", "value: 1")],
        &["warning TW1009 `sale` in the place of `kit`"],
    );
    // A score that people compute: the cells are compared.
    let computed: [Edit<'_>; 1] =
        [(STRATEGY, "score: 80", "score: 'profile.points > 100 ? 80 : 30'")];
    check_at(
        Stage::Edit,
        &computed,
        &[(STRATEGY, "points > 100 ? 80 : 30", "points <= 100 ? 30 : 90")],
        &[],
    );
    check_at(
        Stage::Edit,
        &computed,
        &[(STRATEGY, "points > 100 ?", "points > 50 ?")],
        &["warning TW1009 `kit` in the place of `sale`"],
    );
}

#[test]
fn what_cannot_be_read_is_not_called_gone() {
    // The new file is broken: the reader says so, and nothing else is said of what it held.
    check(&[(CHANNEL, "interaction_points:", "interaction_points: [")], &[]);
    check(&[(AUDIENCE, "attributes:", "attributes: [")], &[]);
    // The old file was broken.
    check_at(
        Stage::Edit,
        &[(CHANNEL, "interaction_points:", "interaction_points: [")],
        &[(CHANNEL, "interaction_points: [", "interaction_points:")],
        &[],
    );
}
