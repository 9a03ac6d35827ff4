//! Rows beyond the examples: the further branches of rules, and what is not said because a file cannot be read.

mod base;

use base::{Stored, base, checked, line, overlay};
use taiwa_validator::Stage;

/// Each expected line is `path:line:column CODE fragment of message or help`; nothing else may be said.
#[track_caller]
fn check(files: &[(&str, &str)], expect: &[&str]) {
    let over: Vec<Stored> = files.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    let (report, sources) = checked(&overlay(&base(), &over), Stage::Edit);
    let said: Vec<String> = report.findings.iter().map(|it| line(it, &sources)).collect();
    let fits = |said: &String, expect: &&str| {
        let (place, rest) = expect.split_once(' ').unwrap_or((expect, ""));
        let (code, fragment) = rest.split_once(' ').unwrap_or((rest, ""));
        said.starts_with(&format!("{place}: ")) && said.contains(code) && said.contains(fragment)
    };
    let same = said.len() == expect.len() && said.iter().zip(expect).all(|(a, b)| fits(a, b));
    assert!(same, "said:\n{}\nexpected:\n{}", said.join("\n"), expect.join("\n"));
}

const PRODUCTION: &str = "environments/production/environment.yaml";

fn production(from: &str, approvals: &str, people: &[&str]) -> String {
    let people: Vec<String> = people.iter().map(|it| format!("  - {{ {it} }}\n")).collect();
    format!(
        "title: Production\nfrom: {from}\nservers:\n  - {{ name: one, url: \"https://one.contoso.example\", \
         token: \"${{TOKEN}}\" }}\napprovals: [ {approvals} ]\npeople:\n{}",
        people.concat()
    )
}

const HANAKO: &str = "id: tanaka, roles: [manager, reviewer], email: [tanaka@contoso.example]";
const KEN: &str = "id: sato, roles: [reviewer], email: [sato@contoso.example]";

#[test]
fn approvals_need_different_people() {
    let both = "{ role: manager, count: 1 }, { role: reviewer, count: 1 }";
    check(&[(PRODUCTION, &production("staging", both, &[HANAKO, KEN]))], &[]);
    check(
        &[(PRODUCTION, &production("staging", both, &[HANAKO]))],
        &["environments/production/environment.yaml:5:12 TW0805 too few different people"],
    );
    let same = KEN.replace("sato@", "Tanaka@");
    check(
        &[(PRODUCTION, &production("staging", both, &[HANAKO, &same]))],
        &["environments/production/environment.yaml:8:44 TW0805 tanaka@contoso.example"],
    );
}

#[test]
fn a_gate_that_is_asked_for_can_be_proven() {
    let one = "{ role: manager, count: 1 }";
    let with = |gates: &str, runner: &str| {
        let base = production("staging", one, &[HANAKO]);
        format!("{base}gates: {{ {gates} }}\nrunners: [ {{ id: ci, gates: [{runner}] }} ]\n")
    };
    let all = "scenarios: all, load: { rate: 5/s, for: 1s }, soak: { for: 1m, decisions: 9 }";
    check(&[(PRODUCTION, &with(all, "scenarios, load, exposure"))], &[]);
    check(&[(PRODUCTION, &with("soak: 1m", "scenarios"))], &[]);
    check(
        &[(PRODUCTION, &with(all, "exposure"))],
        &[
            "environments/production/environment.yaml:8:21 TW0805 prove the gate `scenarios`",
            "environments/production/environment.yaml:8:32 TW0805 prove the gate `load`",
        ],
    );
    check(
        &[(PRODUCTION, &with(all, "scenarios, load"))],
        &["environments/production/environment.yaml:8:62 TW0805 prove the gate `exposure`"],
    );
}

#[test]
fn releases_come_from_somewhere_and_not_in_a_circle() {
    let one = "{ role: manager, count: 1 }";
    check(
        &[(PRODUCTION, &production("stagin", one, &[HANAKO]))],
        &["environments/production/environment.yaml:2:7 TW0805 did you mean `staging`?"],
    );
    check(
        &[(PRODUCTION, &production("production", one, &[HANAKO]))],
        &["environments/production/environment.yaml:2:7 TW0805 from itself"],
    );
    check(
        &[(PRODUCTION, &production("staging", "", &[HANAKO]))],
        &["environments/production/environment.yaml:5:12 TW0805 nobody must approve"],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said_once() {
    // The offer's value is no number: that it is worth nothing follows, and is not said.
    check(
        &[
            (
                "channels/web-store/strategy.yaml",
                "arbitration: { home: value }\nrules:\n  - { zone: home, segment: gold, offer: kit, score: 80 }\n  \
                 - { zone: home, segment: everyone, offer: sale, score: 40 }\n",
            ),
            (
                "channels/shared/offers/kit.yaml",
                "title: Kit\nvalue: much\ntreatments:\n  web-store: { en: { headline: Hi } }\n",
            ),
        ],
        &["channels/shared/offers/kit.yaml:2:8 TW0004"],
    );
    // The segment is declared, only not readable: nobody is told that it is unknown, or unused.
    check(
        &[
            ("channels/shared/segments/gold.yaml", "title: Gold\nwhen: [a\n"),
            ("channels/shared/segments/vip.yaml", "title: VIP\nwhen: in_segment('gold')\n"),
            (
                "channels/web-store/strategy.yaml",
                "rules:\n  - { zone: home, segment: gold, offer: kit, score: 80 }\n  \
                 - { zone: home, segment: vip, offer: sale, score: 40 }\n",
            ),
        ],
        &["channels/shared/segments/gold.yaml:2:7 TW0001"],
    );
}

#[test]
fn rings_through_segments_and_flowcharts_are_named_once() {
    check(
        &[
            ("channels/shared/segments/gold.yaml", "title: Gold\nwhen: in_segment('top')\n"),
            (
                "channels/shared/flowcharts/place.yaml",
                "title: Place\nstart: first\nnodes:\n  first: { decide: [ { when: in_segment('gold'), go: top }, \
                 { otherwise: rest } ] }\n  top: { segment: top }\n  rest: { segment: rest }\n",
            ),
        ],
        &[
            "channels/shared/segments/gold.yaml:2:18 TW0305 `segment/gold` → `flowchart/place` → `segment/gold`",
        ],
    );
}

#[test]
fn placeholders_stand_at_their_letters() {
    let offer = |text: &str| {
        format!(
            "title: Kit\nvalue: 1\ntreatments:\n  web-store:\n    en:\n      headline: {text}\n"
        )
    };
    let path = "channels/shared/offers/kit.yaml";
    check(&[(path, &offer("'{{ profile.tier }} and {{ profile.interests }}'"))], &[]);
    check(
        &[(path, &offer("'名 {{ profile.nmae }}'"))],
        &["channels/shared/offers/kit.yaml:6:23 TW0515 did you mean `name`?"],
    );
    check(
        &[(path, &offer("\"{{ profile.age }} {{ nonsense\""))],
        &[
            "channels/shared/offers/kit.yaml:6:21 TW0515 may be missing",
            "channels/shared/offers/kit.yaml:6:36 TW0515 not closed",
        ],
    );
}

#[test]
fn what_is_missing_or_misspelt_is_shown_where_it_stands() {
    // The channel of a treatment is a key; the way out of a missing field is to write it.
    let channel = "channels/web-store/channel.yaml".to_owned();
    let declared = base().into_iter().find(|it| it.0 == channel).map(|it| it.1).unwrap_or_default();
    let declared = declared
        .replace("title: Home page }", "title: Home page, content: { headline: string(40) } }");
    check(
        &[
            (&channel, &declared),
            (
                "channels/shared/offers/kit.yaml",
                "title: Kit\nvalue: 1\ntreatments:\n  web-store: { en: { body: Hi } }\n  emial: { en: { headline: Hi } }\n",
            ),
        ],
        &[
            "channels/shared/offers/kit.yaml:4:16 TW0516 add `headline: …`, a text",
            "channels/shared/offers/kit.yaml:5:3 TW0102 there is no channel `emial`",
        ],
    );
    // Dates in the wrong order: that the offer is over follows from it, and is not said.
    check(
        &[(
            "channels/shared/offers/kit.yaml",
            "title: Kit\nvalue: 1\nvalid: { from: 2039-12-31, until: 2016-01-01 }\n\
             treatments:\n  web-store: { en: { headline: Hi } }\n",
        )],
        &["channels/shared/offers/kit.yaml:3:35 TW0501"],
    );
    check(
        &[(
            "channels/web-store/scenarios/second.yaml",
            "title: Second\ngiven:\n  at: 2026-11-21T10:00:00+09:00\n  customer: { customer_id: c-1 }\nsteps:\n  \
             - start: { channel: web-store }\n  - expect: { not_segment: glod }\n",
        )],
        &["channels/web-store/scenarios/second.yaml:7:28 TW0102 did you mean `gold`?"],
    );
}

/// Gold members are offered the kit until November and the sale from the second week of December on.
fn gap(more: &str) -> Vec<(String, String)> {
    let offer = |valid: &str| {
        format!(
            "title: O\nvalue: 1\nvalid: {valid}\ntreatments:\n  web-store: {{ en: {{ headline: Hi }} }}\n"
        )
    };
    let gold = "zone: home, segment: gold";
    let strategy = format!(
        "rules:\n  - {{ {gold}, offer: kit, score: 80 }}\n  - {{ {gold}, offer: sale, score: 70 }}\n{more}"
    );
    vec![
        ("channels/web-store/strategy.yaml".into(), strategy),
        ("channels/shared/offers/kit.yaml".into(), offer("{ until: 2026-11-30 }")),
        ("channels/shared/offers/sale.yaml".into(), offer("{ from: 2026-12-08 }")),
        ("channels/shared/offers/mug.yaml".into(), offer("{ from: 2016-01-01 }")),
        (
            "channels/shared/segments/adults.yaml".into(),
            "title: Adults\nwhen: profile.age >= 18\n".into(),
        ),
    ]
}

#[track_caller]
fn starves(more: &str, expect: &[&str]) {
    let (report, _) = checked(&overlay(&base(), &gap(more)), Stage::Edit);
    let found = report.findings.iter().filter(|it| it.code == "TW0504");
    let said: Vec<String> = found
        .map(|it| {
            let witness = it.witness.as_ref().map_or("-", |it| it.said.as_str());
            format!("{}; {witness}", it.message.as_str())
        })
        .collect();
    assert_eq!(said, expect, "{more}");
}

#[test]
fn a_gap_is_said_for_those_whom_nothing_else_reaches() {
    starves(
        "",
        &[
            "from 2026-12-01 to 2026-12-07 `home` shows only its fallback: all its offers are out of date; a customer with session channel web-store",
        ],
    );
    starves("  - { zone: home, segment: everyone, offer: mug, score: 10 }\n", &[]);
    // Adults get the mug; whoever is gold and of no known age gets nothing.
    starves(
        "  - { zone: home, segment: adults, offer: mug, score: 10 }\n",
        &[
            "from 2026-12-01 to 2026-12-07 `home` shows some of `gold` only its fallback: their offers are out of date; \
           a customer with `tier` gold, no `age`, session channel web-store",
        ],
    );
}
