//! A small workspace without fault, and ways to lay files over it and to check it.
#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "test edge: the times are written here")]

use taiwa_config::{Content, InputFile, load};
use taiwa_meaning::Budget;
use taiwa_model::{ComponentId, Timestamp};
use taiwa_text::{Finding, Sources};
use taiwa_validator::{
    Options, Report, Stage,
    against::{Baseline, Past},
    check, check_against, check_within,
};

/// Path and text of a file.
pub(crate) type Stored = (String, String);

const FILES: [(&str, &str); 14] = [
    (
        "taiwa.yaml",
        "format: 1\ntitle: Contoso\nlocales: [en]\ntime_zone: Asia/Tokyo\ncurrency: JPY\n",
    ),
    (
        "channels/shared/audience.yaml",
        "levels:
  customer: { key: customer_id }
  visitor: { key: visitor_id }
attributes:
  tier: { type: enum, values: [none, silver, gold], default: none }
  age: { type: int, min: 0, max: 130 }
  points: { type: int, default: 0 }
  interests: { type: list<string> }
  name: { type: string, pii: true }
  email: { type: string, pii: true }
consent:
  marketing-email: { default: denied }
",
    ),
    (
        "channels/shared/goals/sales.yaml",
        "title: More sales
objective: 600 a month
kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }
",
    ),
    ("channels/shared/segments/gold.yaml", "title: Gold members\nwhen: profile.tier == 'gold'\n"),
    (
        "channels/shared/offers/kit.yaml",
        "title: Starter kit
value: 12.5
treatments:
  web-store: { en: { headline: Taste it } }
",
    ),
    (
        "channels/shared/offers/sale.yaml",
        "title: Sale
value: 5
treatments:
  web-store: { en: { headline: Now } }
",
    ),
    (
        "channels/shared/offers/brand.yaml",
        "title: Our story
treatments:
  web-store: { en: { headline: Our story } }
",
    ),
    (
        "channels/web-store/channel.yaml",
        "title: Web store
direction: inbound
goal: sales
zones:
  home: { title: Home page }
interaction_points:
  banner: { zone: home, offers: 1, fallback: brand }
categories:
  buying: { title: Buying }
  reactions: { title: Reactions }
events:
  purchase: { category: buying, properties: { order_id: string, amount: number }, conversion: true }
  shown: { category: reactions, properties: { offer: string } }
  clicked: { category: reactions, properties: { offer: string } }
responses: { shown: shown, accepted: clicked }
",
    ),
    (
        "channels/web-store/strategy.yaml",
        "rules:
  - { zone: home, segment: gold, offer: kit, score: 80 }
  - { zone: home, segment: everyone, offer: sale, score: 40 }
",
    ),
    (
        "channels/web-store/touchpoints/site.yaml",
        "title: Web store front end
uses:
  interaction_points: [banner]
  events: [purchase, shown, clicked]
",
    ),
    (
        "channels/web-store/scenarios/first.yaml",
        "title: A gold member sees the kit
given:
  at: 2026-11-21T10:00:00+09:00
  customer: { customer_id: c-1, tier: gold }
steps:
  - start: { channel: web-store }
  - offers: { point: banner, expect: [kit] }
",
    ),
    (
        "channels/email/channel.yaml",
        "title: Email\ndirection: outbound\nmedium: email\nconsent: marketing-email\n",
    ),
    (
        "environments/staging/environment.yaml",
        "title: Staging
servers:
  - { name: one, url: \"http://127.0.0.1:7101\", token: \"${TAIWA_STAGING_TOKEN}\" }
",
    ),
    (
        "environments/production/environment.yaml",
        "title: Production
from: staging
servers:
  - { name: one, url: \"https://one.contoso.example\", token: \"${TOKEN}\" }
approvals: [ { role: manager, count: 1 } ]
people:
  - { id: tanaka, name: Hanako, roles: [manager], email: [tanaka@contoso.example] }
",
    ),
];

/// The workspace.
pub(crate) fn base() -> Vec<Stored> {
    FILES.iter().map(|it| (it.0.to_owned(), it.1.to_owned())).collect()
}

/// The workspace with some files put in the place of others, or added.
pub(crate) fn overlay(files: &[Stored], over: &[Stored]) -> Vec<Stored> {
    let kept = files.iter().filter(|it| !over.iter().any(|other| other.0 == it.0));
    kept.chain(over).filter(|it| it.1.trim() != "(no such file)").cloned().collect()
}

/// What the check says at a time of 2026.
pub(crate) fn checked(files: &[Stored], stage: Stage) -> (Report, Sources) {
    checked_at(files, stage, "2026-11-21T10:00:00+09:00")
}

/// What the check says at a time.
pub(crate) fn checked_at(files: &[Stored], stage: Stage, at: &str) -> (Report, Sources) {
    let (project, parsing) = load(files.iter().map(input).collect());
    let options = Options { at: Timestamp::parse(at).unwrap(), stage };
    let report = check(&project, parsing, &options);
    (report, project.sources)
}

/// What the check says of a change, at a time of 2026; of the new side also what was deleted once.
pub(crate) fn checked_against(
    before: &[Stored],
    (deleted, after): (&[Stored], &[Stored]),
    stage: Stage,
) -> (Report, Sources) {
    let (then, parsed) = load(before.iter().map(input).collect());
    let past = deleted.iter().map(|it| {
        let (project, _) = load(vec![input(it)]);
        let id = ComponentId::of_path(&it.0).unwrap().0;
        (id, Past { commit: "0badcafe".to_owned(), project })
    });
    let baseline = Baseline::whole("main (1a2b3c4d)", then, &parsed).with_past(past.collect());
    let (project, parsing) = load(after.iter().map(input).collect());
    let options = Options { at: Timestamp::parse("2026-11-21T10:00:00+09:00").unwrap(), stage };
    let report = check_against(&project, parsing, &baseline, &options);
    (report, project.sources)
}

/// What the check says with a small budget for what conditions mean.
pub(crate) fn checked_within(files: &[Stored], nodes: u32) -> (Report, Sources) {
    let (project, parsing) = load(files.iter().map(input).collect());
    let at = Timestamp::parse("2026-11-21T10:00:00+09:00").unwrap();
    let options = Options { at, stage: Stage::Edit };
    let report = check_within(&project, parsing, &options, Budget { nodes });
    (report, project.sources)
}

/// The file as the reader gets it. `-> target` stands for a link, `\u{feff}` for a byte order mark.
pub(crate) fn input((path, text): &Stored) -> InputFile {
    let content = if text.starts_with("-> ") {
        Content::NotRegular
    } else {
        Content::Bytes(text.replace("\\u{feff}", "\u{feff}").into_bytes())
    };
    InputFile { path: path.clone(), content }
}

/// A finding on one line: place, code, message, help.
pub(crate) fn line(it: &Finding, sources: &Sources) -> String {
    speaks_japanese(it);
    let place = sources.iter().nth(it.place.file.0 as usize).map_or_else(String::new, |found| {
        let at = found.1.position(it.place.span.start);
        format!("{}:{}:{}", found.1.path, at.line, at.column)
    });
    let help = it.help.as_deref().unwrap_or("-");
    format!("{place}: {} {}: {} [{help}]", it.severity.as_str(), it.code, &*it.message)
}

/// Every word of a finding is there in Japanese, too.
pub(crate) fn speaks_japanese(it: &Finding) {
    let related = it.related.iter().map(|it| &it.message);
    let fix = it.fix.iter().map(|it| &it.said);
    for text in [&it.message].into_iter().chain(&it.help).chain(related).chain(fix) {
        assert!(text.speaks_japanese(), "{}: {text:?}", it.code);
    }
}

/// The files of an example in the documentation of a rule.
pub(crate) fn example(docs: &str, heading: &str) -> Vec<Stored> {
    let marker = format!("## {heading}\n");
    let lines: Vec<&str> = docs.lines().map(|it| it.strip_prefix(' ').unwrap_or(it)).collect();
    let docs = lines.join("\n");
    let part = docs.split(&marker).nth(1).expect("every rule has this example");
    let part = part.split("\n## ").next().unwrap_or_default().to_owned();
    let fences = part.split("```yaml\n# ").skip(1);
    let files: Vec<Stored> = fences
        .map(|it| {
            let (path, rest) = it.split_once('\n').expect("a path, then the file");
            (path.to_owned(), rest.split("```").next().unwrap_or_default().to_owned())
        })
        .collect();
    assert!(!files.is_empty(), "{heading} has no file");
    files
}
