//! Whatever the bytes: reading ends, nothing panics, spans lie on characters, what the scanner rejects is said.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

use proptest::prelude::*;
use taiwa_syntax::{Limits, NodeKind, Step, Tree, parse, source_span};
use taiwa_text::Span;

const SAMPLES: [&str; 4] = [
    "title: { en: Espresso, ja: エスプレッソ }\nvalid: { from: 2026-11-01, until: 2027-01-31 }\ntags: [a, b]\n",
    "rules:\n  - { zone: home-hero, segment: everyone, score: 'session.weekday >= 6 ? 90 : 40' }\n  - zone: x # why\n",
    "when: >-\n  profile.tier == \"gold\" &&\n  \"espresso\" in profile.interests\nnext: |\n  a\n   b\n",
    "nodes:\n  known: { decide: [ { when: 'level() == \"customer\"', go: value }, { otherwise: x } ] }\n",
];

fn on_characters(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some()
}

fn sound(text: &str) {
    let (tree, remarks) = parse(text, &Limits::FILE);
    for it in &remarks {
        assert!(on_characters(text, it.span), "{it:?} in {text:?}");
        assert!(!it.message.is_empty());
    }
    assert!(remarks.len() <= Limits::REMARKS);
    if let Some(root) = tree.root() {
        visit(text, &tree, root);
    }
    assert!(tree.is_complete() || !remarks.is_empty(), "given up in silence: {text:?}");
}

fn visit(text: &str, tree: &Tree, id: taiwa_syntax::NodeId) {
    let node = tree.node(id);
    assert!(on_characters(text, node.span), "{node:?} in {text:?}");
    match &node.kind {
        NodeKind::Scalar { text: decoded, .. } => {
            let last = u32::try_from(decoded.len()).unwrap();
            for inner in [Span::new(0, last), Span::new(last, last), Span::new(0, 0)] {
                assert!(
                    on_characters(text, source_span(text, tree, id, inner)),
                    "{node:?} in {text:?}"
                );
            }
        }
        NodeKind::List { items, .. } => items.iter().for_each(|it| visit(text, tree, *it)),
        NodeKind::Map { entries, .. } => entries.iter().for_each(|it| {
            visit(text, tree, it.0);
            visit(text, tree, it.1);
        }),
        NodeKind::Hole => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends(text in "[-a-c:{}\\[\\],'\"|>#&*!?%@ \n\t日\u{3000}\u{feff}0~<\\\\]{0,60}") {
        sound(&text);
    }

    #[test]
    fn any_mutation_of_a_file_ends(
        sample in 0..SAMPLES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, "[-:{}\\[\\],'\"|>#&*!? \n\t日x]{0,2}"), 1..5),
    ) {
        let mut text: Vec<char> = SAMPLES[sample].chars().collect();
        for (at, remove, insert) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + remove).min(text.len());
            text.splice(at..end, insert.chars());
        }
        sound(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_characters_end(text in any::<String>()) {
        sound(&text);
    }
}

#[track_caller]
fn over(text: &str, limits: &Limits, message: &str) {
    let (tree, remarks) = parse(text, limits);
    assert_eq!((remarks[0].code, remarks[0].message.as_str()), ("TW0008", message));
    assert!(!tree.is_complete() || message.contains("text"));
    sound(text);
}

#[test]
fn every_limit_stops() {
    let small = Limits { bytes: 1000, levels: 3, nodes: 10, scalar_bytes: 5 };
    over(&"#".repeat(1001), &small, "this file is larger than 1000 bytes");
    over("a: [[[1]]]", &small, "this file is nested more than 3 deep");
    over("[1,2,3,4,5,6,7,8,9,10,11]", &small, "this file has more than 10 values");
    over("a: abcdef", &small, "this text is longer than 5 bytes");
    let (_, remarks) = parse("a: [[1]]\nb: abcde\n", &small);
    assert_eq!(remarks, []);
}

#[test]
fn hostile_files_end_at_once() {
    let bomb = format!("a: &a [x, x]\n{}", "b: &b [*a, *a]\n".repeat(100));
    for text in [
        "[".repeat(20_000),
        "{a: ".repeat(20_000),
        format!("a: \"{}", "x\n".repeat(200_000)),
        "- ".repeat(50_000),
        bomb,
        "a: 1\n".repeat(50_000),
        "? ".repeat(10_000),
        "x: y: z\n".repeat(20_000),
        "é\u{feff}\0".repeat(1000),
    ] {
        let (_, remarks) = parse(&text, &Limits::FILE);
        assert!(!remarks.is_empty() && remarks.len() <= Limits::REMARKS);
    }
}

#[test]
fn paths_lead_to_values_and_keys() {
    let text = "rules:\n  - zone: a\n    score: 80\n  - { zone: b }\n";
    let (tree, _) = parse(text, &Limits::FILE);
    let found = tree.locate(&[Step::Key("rules"), Step::Index(0), Step::Key("score")]);
    assert_eq!(&text[found.value.start as usize..found.value.end as usize], "80");
    assert_eq!(found.key.map(|it| &text[it.start as usize..it.end as usize]), Some("score"));
    let part = tree.locate(&[Step::Key("rules"), Step::Index(1), Step::Key("score")]);
    assert_eq!(&text[part.value.start as usize..part.value.end as usize], "{ zone: b }");
    assert_eq!((part.depth_found, part.key), (2, None));
}
