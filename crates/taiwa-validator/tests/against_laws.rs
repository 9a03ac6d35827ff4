//! What holds of every comparison: nothing is said where nothing changed, and every person who is named is moved in the
//! real engine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod base;

use base::{Stored, base, checked_against, input, line};
use proptest::prelude::*;
use taiwa_config::{InputFile, Project, load};
use taiwa_decide::{Compiled, scenario};
use taiwa_model::{Digest, Timestamp};
use taiwa_validator::{Options, Report, Stage, against::Baseline, check_against};

const GOLD: &str = "channels/shared/segments/gold.yaml";
const KIT: &str = "channels/shared/offers/kit.yaml";
const STRATEGY: &str = "channels/web-store/strategy.yaml";
const WITNESS: &str = "channels/web-store/scenarios/witness.yaml";

fn with(path: &str, text: &str) -> Vec<Stored> {
    let mut files = base();
    files.retain(|it| it.0 != path);
    files.push((path.to_owned(), text.to_owned()));
    files
}

fn segment(when: &str) -> Vec<Stored> {
    with(GOLD, &format!("title: Gold members\nwhen: {}\n", serde_json::to_string(when).unwrap()))
}

fn changes(before: &[Stored], after: &[Stored]) -> Vec<String> {
    let (report, sources) = checked_against(before, (&[], after), Stage::Edit);
    let own = report.findings.iter().filter(|it| it.code.starts_with("TW10"));
    own.map(|it| line(it, &sources)).collect()
}

/// Layout that means nothing: comments, blank lines, other quotes.
fn relaid(files: &[Stored]) -> Vec<Stored> {
    let each = files.iter().map(|(path, text)| {
        let lines = text.lines().map(|it| format!("{it} # as before\n\n"));
        (path.clone(), format!("# a comment\n{}", lines.collect::<String>()))
    });
    each.collect()
}

#[test]
fn a_workspace_against_itself_or_laid_out_otherwise_gives_nothing() {
    assert_eq!(changes(&base(), &base()), Vec::<String>::new());
    assert_eq!(changes(&base(), &relaid(&base())), Vec::<String>::new());
}

/// Conditions over the audience of the small workspace.
fn condition() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        (0..60_u32).prop_map(|it| format!("profile.age >= {it}")),
        (0..60_u32).prop_map(|it| format!("profile.age < {it}")),
        (0..9_u32).prop_map(|it| format!("profile.points > {it}")),
        prop_oneof![Just("none"), Just("silver"), Just("gold")]
            .prop_map(|it| format!("profile.tier == \"{it}\"")),
        Just("\"tea\" in profile.interests".to_owned()),
        Just("has(profile.age)".to_owned()),
        Just("level() == \"customer\"".to_owned()),
        Just("consented(\"marketing-email\")".to_owned()),
        (1..30_u32).prop_map(|it| format!("seen(\"web-store/purchase\", \"{it}d\")")),
        (1..4_u32).prop_map(|it| format!("count(\"web-store/purchase\", \"30d\") >= {it}")),
    ];
    atom.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| format!("!({it})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} || {b})")),
        ]
    })
}

/// Two conditions, and the ways to write them in another way that means the same.
fn rewritten(a: &str, b: &str) -> Vec<(String, String)> {
    vec![
        (format!("{a} && {b}"), format!("{b} && {a}")),
        (format!("{a} || {b}"), format!("{b} || {a}")),
        (format!("!({a} && {b})"), format!("!({a}) || !({b})")),
        (format!("!({a} || {b})"), format!("!({a}) && !({b})")),
        (a.to_owned(), format!("!(!({a}))")),
        (a.to_owned(), format!("({a}) && ({a} || {b})")),
        (format!("{a} && ({b} || {a})"), a.to_owned()),
    ]
}

fn project(files: &[Stored]) -> Project {
    load(files.iter().map(input).collect()).0
}

fn compiled(project: &Project) -> Compiled {
    Compiled::new(Digest::of(b"x"), &project.components).unwrap()
}

/// Whether a scenario of a person holds in a workspace.
fn holds(files: &[Stored], given: &str, steps: &str) -> bool {
    let text = format!(
        "title: Witness\ngiven: {given}\nsteps: [ {{ start: {{ channel: web-store }} }}, {steps} ]\n"
    );
    let mut files = files.to_vec();
    files.push((WITNESS.to_owned(), text));
    let project = project(&files);
    let name = "witness".into();
    let Some(own) = project.components.scenarios.get(&name) else {
        panic!("cannot be read: {given}")
    };
    let result = scenario::run(&compiled(&project), &name, &own.content);
    let last = result.steps.last();
    assert!(result.passed || last.is_some_and(|it| it.index == 2), "{given}: {:?}", result.steps);
    result.passed
}

/// Replays the people of a report: each is moved. The number of those who were replayed.
fn replayed(before: &[Stored], after: &[Stored], report: &Report) -> usize {
    let mut count = 0;
    for it in &report.findings {
        let Some(witness) = it.witness.as_ref().filter(|it| !it.given.is_empty()) else { continue };
        let given = &witness.given;
        match it.code {
            "TW1005" if it.component.as_deref() == Some("segment/gold") => {
                let inside = "{ expect: { segment: gold } }";
                let (was, is) = (holds(before, given, inside), holds(after, given, inside));
                let out = it.message.contains("newly out");
                assert_eq!((was, is), (out, !out), "{}: {given}", it.message.as_str());
            }
            "TW1009" => {
                let names: Vec<&str> = it.message.split('`').skip(1).step_by(2).collect();
                let gets = |files: &[Stored], offer: &str| {
                    let step = format!("{{ offers: {{ point: banner, contains: [{offer}] }} }}");
                    holds(files, given, &step)
                };
                if it.message.contains(" in the place of ") {
                    let (gained, lost) = (names[1], names[2]);
                    assert!(
                        gets(before, lost) && !gets(after, lost),
                        "{}: {given}",
                        it.message.as_str()
                    );
                    assert!(
                        !gets(before, gained) && gets(after, gained),
                        "{}: {given}",
                        it.message.as_str()
                    );
                } else {
                    let lost = it.message.contains("no more");
                    let (was, is) = (gets(before, names[1]), gets(after, names[1]));
                    assert_eq!((was, is), (lost, !lost), "{}: {given}", it.message.as_str());
                }
            }
            _ => continue,
        }
        count += 1;
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_in_another_way_is_no_change(a in condition(), b in condition()) {
        for (before, after) in rewritten(&a, &b) {
            let mut said = changes(&segment(&before), &segment(&after));
            // What is never decisive is asked for all the same, and so kept from then on.
            said.retain(|it| !it.contains("TW1004"));
            prop_assert!(said.is_empty(), "{before}\n{after}\n{said:?}");
        }
    }

    #[test]
    fn who_is_named_is_moved_in_the_engine(a in condition(), b in condition()) {
        let (before, after) = (segment(&a), segment(&b));
        let (report, _) = checked_against(&before, (&[], &after), Stage::Edit);
        replayed(&before, &after, &report);
    }

    #[test]
    fn who_gets_another_offer_gets_it_from_the_engine(
        segments in proptest::collection::vec(prop_oneof![Just("gold"), Just("everyone")], 4),
        scores in proptest::collection::vec(prop_oneof![Just("-1"), Just("20"), Just("40"), Just("60"), Just("2000"), Just("'profile.points > 5 ? 70 : 10'")], 4),
        eligible in condition(),
        value in 0..20_u32,
        by_value in any::<bool>(),
    ) {
        let strategy = |from: usize| {
            let arbitration = if by_value { "arbitration: { home: value }\n" } else { "" };
            let rules: Vec<String> = ["kit", "sale"].iter().enumerate().map(|(n, offer)| {
                format!("  - {{ zone: home, segment: {}, offer: {offer}, score: {} }}\n", segments[from + n], scores[from + n])
            }).collect();
            format!("{arbitration}rules:\n{}", rules.concat())
        };
        let before = with(STRATEGY, &strategy(0));
        let mut after = with(STRATEGY, &strategy(2));
        after.retain(|it| it.0 != KIT);
        after.push((KIT.to_owned(), format!(
            "title: Starter kit\nvalue: {value}\neligible: {}\ntreatments:\n  web-store: {{ en: {{ headline: Taste it }} }}\n",
            serde_json::to_string(&eligible).unwrap(),
        )));
        let (report, _) = checked_against(&before, (&[], &after), Stage::Edit);
        replayed(&before, &after, &report);
    }
}

/// The replay is not a test that cannot fail: it has people, and people of the other side do not pass.
#[test]
fn people_are_replayed() {
    let (before, after) =
        (segment("profile.age >= 18"), segment("profile.age >= 21 && profile.tier == \"gold\""));
    let (report, _) = checked_against(&before, (&[], &after), Stage::Edit);
    assert_eq!(replayed(&before, &after, &report), 2, "{:?}", report.findings);
    let swapped = std::panic::catch_unwind(|| replayed(&after, &before, &report));
    assert!(swapped.is_err());
}

/// Only the files that differ are read: the same comparison as with all of them.
#[test]
fn a_difference_is_the_whole() {
    let cases = [
        (base(), segment("profile.age > 3")),
        (segment("profile.age > 3"), base()),
        (base(), base().into_iter().filter(|it| !it.0.contains("/email/")).collect()),
        (
            with(
                "channels/shared/offers/more.yaml",
                "title: More\ntreatments:\n  web-store: { en: { headline: M } }\n",
            ),
            base(),
        ),
        (with(GOLD, "title: [\n"), base()),
        (
            base(),
            with(
                "taiwa.yaml",
                "format: 1\ntitle: Contoso\nlocales: [en]\ntime_zone: Asia/Tokyo\ncurrency: EUR\n",
            ),
        ),
    ];
    for (before, after) in cases {
        let (now, parsing) = load(after.iter().map(input).collect());
        let (then, parsed) = load(before.iter().map(input).collect());
        let whole = Baseline::whole("x", then, &parsed);
        let new = after.iter().filter(|it| !before.contains(it)).map(|it| it.0.clone()).collect();
        let old: Vec<InputFile> =
            before.iter().filter(|it| !after.contains(it)).map(input).collect();
        let part = Baseline::of_difference("x", &now, &new, old);
        assert_eq!(whole.components(), part.components());
        assert_eq!(whole.errors(), part.errors());
        let options =
            Options { at: Timestamp::parse("2026-11-21T01:00:00Z").unwrap(), stage: Stage::Edit };
        let report = |it: &Baseline| check_against(&now, parsing.clone(), it, &options);
        assert_eq!(report(&whole), report(&part));
    }
}

/// How far back the engine keeps contacts in any case is what the comparison counts on.
#[test]
fn the_engine_keeps_what_is_believed() {
    assert_eq!(taiwa_decide::CREDIT_WINDOW.to_string(), "30d");
}
