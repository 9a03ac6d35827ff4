//! Many files together: order, duplicates, what is missing, special files; and where the parts of a component stand.

use proptest::prelude::*;
use taiwa_config::{Content, InputFile, Project, load, marks::Marks};
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Place, Span};

const FILES: [(&str, &str); 9] = [
    (
        "taiwa.yaml",
        "format: 1\ntitle: T\nlocales: [en, ja]\ntime_zone: Asia/Tokyo\ncurrency: JPY\nrules: { TW0105: error }\n",
    ),
    (
        "channels/shared/audience.yaml",
        "levels:\n  customer: { key: customer_id }\n  visitor: { key: visitor_id }\nattributes:\n  tier: { type: enum, values: [none, gold], default: none }\n",
    ),
    (
        "channels/web/channel.yaml",
        "title: Web\ndirection: inbound\nzones:\n  hero: { title: { en: Top, ja: 上 } }\ninteraction_points:\n  banner: { zone: hero, offers: 1, fallback: none }\ncategories: { c: {} }\nevents:\n  seen: { category: c, properties: { offer: string }, conversion: true }\nresponses: { shown: seen }\n",
    ),
    (
        "channels/web/strategy.yaml",
        "rules:\n  - { zone: hero, segment: everyone, offer: kit, score: 80 }\n  - zone: hero\n    segment: gold\n    offer: kit\n    score: >-\n      profile.tier == \"gold\"\n      ? 90 : 40\n",
    ),
    (
        "channels/shared/offers/kit.yaml",
        "title: Kit\neligible: '!accepted(\"kit\", \"365d\") && \"日本\" != \"x\"'\ntreatments:\n  web: { en: { headline: \"A \\\"kit\\\" {{ profile.tier }}\" } }\n",
    ),
    (
        "channels/shared/flowcharts/f.yaml",
        "title: F\nstart: a\nnodes:\n  a: { decide: [ { when: 'a && b', go: b }, { otherwise: b } ] }\n  b: { segment: gold, title: Gold }\n",
    ),
    (
        "channels/web/scenarios/s.yaml",
        "title: S\ngiven:\n  at: 2026-11-21\n  customer: { customer_id: c-1, tier: gold }\n  history: [ { event: seen, ago: 3d } ]\nsteps:\n  - start: { channel: web }\n  - offers: { point: banner, expect: [kit] }\n",
    ),
    (
        "environments/staging/environment.yaml",
        "title: S\nservers:\n  - { name: a, url: \"http://127.0.0.1:1\", token: \"${T}\" }\n",
    ),
    (
        "environments/staging/marks.yaml",
        "# marked\ncomponents:\n  offer/kit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
    ),
];

fn file(path: &str, text: &str) -> InputFile {
    InputFile { path: path.into(), content: Content::Bytes(text.as_bytes().to_vec()) }
}

fn files() -> Vec<InputFile> {
    FILES.iter().map(|it| file(it.0, it.1)).collect()
}

fn said(project: &Project, findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        format!("{}:{}:{} {} {}", source.path, at.line, at.column, it.code, &*it.message)
    };
    findings.iter().map(line).collect()
}

/// The sample with one more file, or with another in its place.
#[track_caller]
fn check(more: InputFile, expect: &[&str]) {
    let mut all = files();
    all.retain(|it| it.path != more.path);
    all.push(more);
    let (project, findings) = load(all);
    assert_eq!(said(&project, &findings), expect);
}

#[test]
fn all_is_well() {
    let (project, findings) = load(files());
    assert_eq!(said(&project, &findings), Vec::<String>::new());
    assert_eq!(project.components.ids().len(), 7);
    assert_eq!(project.documents.len(), 7);
    assert!(matches!(&project.marks["staging"], Marks::Components(it) if it.len() == 1));
    assert_eq!(project.mark_places["staging"].keys().collect::<Vec<_>>(), ["offer/kit"]);
}

#[test]
fn what_every_workspace_needs() {
    let (project, findings) = load(Vec::new());
    assert_eq!(
        said(&project, &findings),
        [
            "taiwa.yaml:1:1 TW0005 taiwa.yaml is missing",
            "channels/shared/audience.yaml:1:1 TW0005 channels/shared/audience.yaml is missing",
        ]
    );
}

#[test]
fn a_name_is_unique_per_kind() {
    check(
        file("channels/web/offers/kit.yaml", "title: Other\n"),
        &[
            "channels/web/offers/kit.yaml:1:1 TW0103 offer/kit exists twice: channels/shared/offers/kit.yaml and channels/web/offers/kit.yaml",
        ],
    );
    let (project, findings) =
        load([files(), vec![file("channels/web/offers/kit.yaml", "title: Other\n")]].concat());
    let related = &findings[0].related[0];
    assert_eq!(project.sources.get(related.place.file).path, "channels/shared/offers/kit.yaml");
    check(file("channels/shared/segments/kit.yaml", "title: K\nwhen: a\n"), &[]);
}

#[test]
fn special_files_are_said_and_known() {
    let path = "channels/shared/offers/link.yaml";
    let odd = |content| InputFile { path: path.into(), content };
    check(
        odd(Content::NotRegular),
        &[
            "channels/shared/offers/link.yaml:1:1 TW0016 this is a link or another special file; only regular files are read",
        ],
    );
    check(
        odd(Content::TooLarge(9_000_000)),
        &[
            "channels/shared/offers/link.yaml:1:1 TW0008 this file has 9000000 bytes; at most 1048576 are read",
        ],
    );
    check(
        odd(Content::Bytes(vec![b' '; 1_048_577])),
        &[
            "channels/shared/offers/link.yaml:1:1 TW0008 this file has 1048577 bytes; at most 1048576 are read",
        ],
    );
    check(
        odd(Content::Unreadable("permission denied".into())),
        &[
            "channels/shared/offers/link.yaml:1:1 TW0016 this file cannot be read: permission denied",
        ],
    );
    check(
        odd(Content::Bytes(b"title: a\nx: \xff\n".to_vec())),
        &["channels/shared/offers/link.yaml:2:4 TW0013 this file is not UTF-8 from here on"],
    );
    check(
        odd(Content::Bytes(b"\xef\xbb\xbftitle: a\n".to_vec())),
        &["channels/shared/offers/link.yaml:1:1 TW0013 this file begins with a byte order mark"],
    );
    check(
        odd(Content::Bytes(b"title: a\0b\n".to_vec())),
        &["channels/shared/offers/link.yaml:1:9 TW0013 a NUL stands here"],
    );
    let (project, _) = load([files(), vec![odd(Content::NotRegular)]].concat());
    assert!(project.documents.contains_key(&ComponentId::new(Kind::Offer, "link")));
}

#[test]
fn a_folder_says_what_it_is() {
    check(
        file("channels/app/offers/x.yaml", "title: X\n"),
        &["channels/app/offers/x.yaml:1:1 TW0005 channels/app/channel.yaml is missing"],
    );
    check(
        file("environments/live/marks.yaml", ""),
        &["environments/live/marks.yaml:1:1 TW0005 environments/live/environment.yaml is missing"],
    );
}

#[test]
fn files_at_other_places() {
    check(
        file("channels/web/segment/x.yaml", "title: X"),
        &["channels/web/segment/x.yaml:1:1 TW0014 the folder `segment` is no kind of component"],
    );
    check(file("channels/web/notes.md", "# not ours"), &[]);
    check(file("docs/x.yaml", "a: [\n"), &[]);
    check(
        InputFile {
            path: "environments/staging/profiles.csv".into(),
            content: Content::Bytes(vec![0xff]),
        },
        &[],
    );
}

#[test]
fn a_broken_file_has_only_its_syntax_errors() {
    check(
        file("channels/shared/offers/kit.yaml", "valid: { from: x\ntags: 3\n"),
        &["channels/shared/offers/kit.yaml:1:8 TW0001 this `{` is never closed: `}` is missing"],
    );
}

#[test]
fn a_part_of_a_component_is_found_in_its_file() {
    let (project, _) = load(files());
    let text = |place: Place| {
        let text = &project.sources.get(place.file).text;
        text.get(place.span.start as usize..place.span.end as usize).unwrap()
    };
    let id = |it: &str| ComponentId::parse(it).unwrap();
    for (component, path, value, key) in [
        ("channel/web", "title", "Web", "title"),
        ("channel/web", "title/und", "Web", "title"),
        ("channel/web", "zones/hero", "{ title: { en: Top, ja: 上 } }", "hero"),
        ("channel/web", "zones/hero/title/ja", "上", "ja"),
        ("channel/web", "zones/hero/title/fr", "{ en: Top, ja: 上 }", "title"),
        ("channel/web", "events/seen/properties/offer/type", "string", "offer"),
        ("channel/web", "events/seen/conversion/within", "true", "conversion"),
        ("channel/web", "responses/shown/0", "seen", "shown"),
        ("channel/web", "interaction_points/banner/fallback", "none", "fallback"),
        ("audience/shared", "levels/1/key", "visitor_id", "key"),
        ("audience/shared", "levels/1/name", "visitor", "visitor"),
        ("audience/shared", "attributes/tier/default", "none", "default"),
        ("strategy/web", "rules/0/score", "80", "score"),
        ("strategy/web", "rules/0/score/fixed", "80", "score"),
        (
            "strategy/web",
            "rules/0/nothing/here",
            "{ zone: hero, segment: everyone, offer: kit, score: 80 }",
            "{ zone: hero, segment: everyone, offer: kit, score: 80 }",
        ),
        ("flowchart/f", "nodes/a/decide/0/when", "'a && b'", "when"),
        ("flowchart/f", "nodes/a/decide/1/go", "b", "otherwise"),
        ("flowchart/f", "nodes/b/segment/name", "gold", "segment"),
        ("flowchart/f", "nodes/b/segment/title", "Gold", "title"),
        ("scenario/s", "given/level", "customer", "customer"),
        ("scenario/s", "given/profile/tier", "gold", "tier"),
        ("scenario/s", "given/history/0/what/event/event", "seen", "event"),
        ("scenario/s", "steps/1/offers/expect/0", "kit", "kit"),
    ] {
        assert_eq!(text(project.place(&id(component), path)), value, "{component} {path}");
        assert_eq!(text(project.key_place(&id(component), path)), key, "key of {component} {path}");
    }
    assert_eq!(text(project.environment_place(&"staging".into(), "servers/0/token")), "\"${T}\"");
}

#[test]
fn a_name_within_a_condition_is_found_in_its_file() {
    let (project, _) = load(files());
    let check = |component: &str,
                 path: &str,
                 decoded: &str,
                 word: &str,
                 line_column: (u32, u32)| {
        let at = decoded.find(word).unwrap();
        let span = Span::new(u32::try_from(at).unwrap(), u32::try_from(at + word.len()).unwrap());
        let place = project.condition_place(&ComponentId::parse(component).unwrap(), path, span);
        let source = project.sources.get(place.file);
        assert_eq!(source.text.get(place.span.start as usize..place.span.end as usize), Some(word));
        let position = source.position(place.span.start);
        assert_eq!((position.line, position.column), line_column, "{word}");
    };
    let offer = &project.components.offers["kit"].content;
    let eligible = offer.eligible.clone().unwrap();
    check("offer/kit", "eligible", &eligible, "365d", (2, 30));
    check("offer/kit", "eligible", &eligible, "!=", (2, 45));
    check(
        "offer/kit",
        "treatments/web/en/headline",
        "A \"kit\" {{ profile.tier }}",
        "profile.tier",
        (4, 40),
    );
    let score = "profile.tier == \"gold\" ? 90 : 40";
    check("strategy/web", "rules/1/score/cel", score, "tier", (7, 15));
    check("strategy/web", "rules/1/score", score, "90", (8, 9));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 150, ..ProptestConfig::default() })]

    /// The order of the files does not matter.
    #[test]
    fn any_order_gives_the_same(order in Just((0..FILES.len() + 3).collect::<Vec<_>>()).prop_shuffle()) {
        let mut all = files();
        all.push(file("channels/web/offers/kit.yaml", "title: Again\n"));
        all.push(file("channels/app/segment/x.yaml", ""));
        all.push(file("channels/web/segments/y.yaml", "title: [\nwhen: 3\n"));
        let (project, findings) = load(all.clone());
        let shuffled = order.iter().map(|it| all[*it].clone()).collect();
        let (other, others) = load(shuffled);
        prop_assert_eq!(&project.components, &other.components);
        prop_assert_eq!(findings, others);
    }

    /// Whatever people type into a file: everything ends, nothing panics, every place is in its file.
    #[test]
    fn any_mutation_is_lowered(
        which in 0..FILES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, "[-:{}\\[\\],'\"|>#&*!? \n日x0.%]{0,3}"), 1..6),
    ) {
        let mut text: Vec<char> = FILES[which].1.chars().collect();
        for (at, remove, insert) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + remove).min(text.len());
            text.splice(at..end, insert.chars());
        }
        let mut all = files();
        all[which] = file(FILES[which].0, &text.into_iter().collect::<String>());
        let (project, findings) = load(all);
        for it in &findings {
            let source = &project.sources.get(it.place.file).text;
            let span = it.place.span;
            prop_assert!(source.get(span.start as usize..span.end as usize).is_some(), "{it:?}");
        }
        for (id, document) in &project.documents {
            for path in document.places.keys() {
                let place = project.place(id, path);
                let source = &project.sources.get(place.file).text;
                prop_assert!(source.get(place.span.start as usize..place.span.end as usize).is_some());
            }
        }
        // a file without errors became a component
        if findings.is_empty() {
            prop_assert_eq!(project.components.ids().len(), project.documents.len());
        }
    }
}
