//! The fast reader against the one that knows all of YAML: what the fast one accepts, the other accepts without a remark,
//! and the trees are equal, to the last span.
//!
//! Everything here runs with a limit on memory: a loop that takes without consuming ends the test, not the machine.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::alloc::System;

use cap::Cap;
use proptest::prelude::*;
use taiwa_syntax::{Limits, NodeKind, Style, Tree, parse, parse_generally, parse_strictly};

/// What no test here comes near.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 512 << 20);

/// Whether the fast reader accepts a text; where it does, both readers have to agree.
#[track_caller]
fn agree(text: &str, limits: &Limits) -> bool {
    let Some(strict) = parse_strictly(text, limits) else { return false };
    let (tree, remarks) = parse_generally(text, limits);
    assert_eq!(remarks, [], "accepted with something to say: {text:?}");
    assert_eq!(strict, tree, "read otherwise: {text:?}");
    true
}

#[track_caller]
fn accepts(text: &str) -> Tree {
    assert!(agree(text, &Limits::FILE), "declined: {text:?}");
    let (tree, _) = parse(text, &Limits::FILE);
    tree
}

#[track_caller]
fn declines(text: &str) {
    assert!(!agree(text, &Limits::FILE), "accepted: {text:?}");
}

/// Real files, of every kind.
const FILES: [&str; 10] = [
    include_str!("../../../taiwa.yaml"),
    include_str!("../../../channels/shared/audience.yaml"),
    include_str!("../../../channels/web-store/channel.yaml"),
    include_str!("../../../channels/web-store/strategy.yaml"),
    include_str!("../../../channels/web-store/touchpoints/storefront.yaml"),
    include_str!("../../../environments/staging/environment.yaml"),
    include_str!("../../../environments/staging/marks.yaml"),
    include_str!("../../../channels/shared/offers/espresso-starter.yaml"),
    include_str!("strict/odd.yaml"),
    include_str!("strict/long.yaml"),
];

#[test]
fn files_as_people_write_them_are_read_fast() {
    for file in FILES {
        accepts(file);
        accepts(&file.replace('\n', "\r\n"));
        agree(file.trim_end(), &Limits::FILE);
        accepts(&format!("# a comment before\n\n{file}\n  # and behind\n"));
    }
}

#[test]
fn the_values_are_those_that_were_written() {
    let tree = accepts("a: 'it''s' # x\nb:\n- \"q\\\"\\n\"\n- c: >-\n    x\n    y\n\n    z\n");
    let texts: Vec<(&str, Style)> = tree_scalars(&tree);
    let expect = [
        ("a", Style::Plain),
        ("it's", Style::Single),
        ("b", Style::Plain),
        ("q\"\n", Style::Double),
        ("c", Style::Plain),
        ("x y\nz", Style::Folded),
    ];
    assert_eq!(texts, expect);
}

fn tree_scalars(tree: &Tree) -> Vec<(&str, Style)> {
    fn add<'t>(tree: &'t Tree, id: taiwa_syntax::NodeId, all: &mut Vec<(&'t str, Style)>) {
        match &tree.node(id).kind {
            NodeKind::Scalar { text, style } => all.push((text, *style)),
            NodeKind::List { items, .. } => items.iter().for_each(|it| add(tree, *it, all)),
            NodeKind::Map { entries, .. } => entries.iter().for_each(|it| {
                add(tree, it.0, all);
                add(tree, it.1, all);
            }),
            NodeKind::Hole => {}
        }
    }
    let mut all = Vec::new();
    add(tree, tree.root().unwrap(), &mut all);
    all
}

#[test]
fn the_list_in_a_bracket_that_never_closes_ends() {
    // a first version of this reader took memory without end here
    declines("banner: [ a, b\nlast: x");
    declines("banner: [ a, b\nlast: x\n");
    declines("banner: { a: 1, b\nlast: x\n");
}

#[test]
fn a_list_does_not_begin_behind_a_colon() {
    // a first version of this reader accepted it
    declines("b: - x");
    declines("b: - x\n");
    declines("b: -\n");
    declines("a:\n  b: - x\n");
}

#[test]
fn a_comment_behind_the_first_dash_below_a_key_moves_its_list() {
    // found by fuzzing: there the other reader lets the list begin at the comment
    declines("a:\n-  # c\n  - x\n");
    accepts("a:\n-\n  - x\n- # c\n  - y\n");
}

#[test]
fn whatever_is_to_be_said_is_left_to_the_other_reader() {
    for text in [
        "a: 1\na: 2\n",
        "{ a: 1, a: 2 }\n",
        "a: &x 1\n",
        "a: *x\n",
        "a: !t 1\n",
        "<<: { a: 1 }\n",
        "a: { <<: 1 }\n",
        "? a\n: b\n",
        "--- a\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n...\n",
        "%YAML 1.2\n",
        "<<<<<<< HEAD\na: 1\n",
        "a: x\u{200B}y\n",
        "\u{FEFF}a: 1\n",
        "a:\tb\n",
        "a: \"\\x41\"\n",
        "a: |2\n   x\n",
        "a: b: c\n",
        "a: 'x' y\n",
        "a: \"x\n  y\"\n",
        "a: x\n  y\n",
        "a: x#\n b: y\n",
        "a\n",
        "- a\nb: 1\n",
        "a: 1\n b: 2\n",
        "  a: 1\n b: 2\n",
        "a: [x]y\n",
        "a: [x: y]\n",
        "a: [x\n]\n",
        "a: @x\n",
    ] {
        declines(text);
    }
}

#[test]
fn every_limit_is_the_other_readers() {
    let small = Limits { bytes: 60, levels: 3, nodes: 10, scalar_bytes: 5 };
    for (text, fits) in [
        ("a: [[1]]\n".to_owned(), true),
        ("a: [[[1]]]\n".to_owned(), false),
        ("- - - 1\n".to_owned(), true),
        ("- - - - 1\n".to_owned(), false),
        ("a: 12345\n".to_owned(), true),
        ("a: 123456\n".to_owned(), false),
        ("a: [1, 2, 3, 4, 5, 6, 7]\n".to_owned(), true),
        ("a: [1, 2, 3, 4, 5, 6, 7, 8]\n".to_owned(), false),
        (format!("a: 1 {}\n", "#".repeat(54)), true),
        (format!("a: 1 {}\n", "#".repeat(55)), false),
    ] {
        assert_eq!(agree(&text, &small), fits, "{text}");
        assert_eq!(parse_generally(&text, &small).1.is_empty(), fits, "{text}");
    }
}

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    fail: bool,
    yaml: String,
}

fn test_suite() -> Vec<Case> {
    let lines = include_str!("yaml-test-suite/documents.jsonl").lines();
    lines.map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn the_documents_of_the_yaml_test_suite() {
    let cases = test_suite();
    assert_eq!(cases.len(), 402);
    let mut accepted = 0;
    for Case { id, fail, yaml } in &cases {
        let fast = agree(yaml, &Limits::FILE);
        assert!(!(fast && *fail), "{id} is no YAML, and was accepted");
        accepted += usize::from(fast);
        let (tree, remarks) = parse(yaml, &Limits::FILE);
        // what is no YAML is said, and what is refused of it is said
        assert!(!remarks.is_empty() || tree.is_complete(), "{id}: given up in silence");
    }
    assert!(accepted > 40, "only {accepted} are read fast");
}

fn mutated(text: &str, edits: Vec<(prop::sample::Index, usize, String)>) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, remove, insert) in edits {
        let at = at.index(text.len() + 1);
        let end = (at + remove).min(text.len());
        text.splice(at..end, insert.chars());
    }
    text.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, String)>> {
    let insert = "([-:{}\\[\\],'\"|>#&*!?%@.<~ \n\t\r日\u{3000}\u{85}x]|: |- | #|\n  |\r\n){0,2}";
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, insert), 1..6)
}

/// Lines as people and programs write them: right, nearly right, and odd.
fn lines() -> impl Strategy<Value = String> {
    let indent = prop_oneof![Just(0_usize), Just(2), Just(4), 0_usize..7];
    let key = prop_oneof![
        "[a-c]{1,2}: ?",
        "[a-c]: ?",
        "- ?",
        "- [a-c]: ?",
        "-  - ?",
        "'[a-c]': ?",
        "\"[a-c]\": ?",
        "",
    ];
    let value = prop_oneof![
        "",
        "[a-z]{1,3}",
        "[a-z0-9]( |-|:|#|,|\\[|'|日){1,2}[a-z]",
        "'([a-z ,:#]|''){0,4}'",
        "\"([a-z ,:#]|\\\\\"|\\\\n|\\\\t|\\\\/){0,4}\"",
        "[|>][-+]?",
        "\\[( ?([a-z]|'[a-z]'|\\[[a-z]\\]),?){0,3} ?\\]",
        "\\{( ?([a-z]: ?([a-z]|\\[[a-z], [a-z]\\]|)),?){0,3} ?\\}",
        "[\\[{] ?[a-z]?:? ?[a-z]?,?",
        "[\\]}],?",
        "[-?:,&*!|>%@`~.<]{1,3}[a-z]?",
    ];
    let tail = prop_oneof![3 => Just(String::new()), 1 => " {0,2}(# ?[a-z:]{0,3})?"];
    let end =
        prop_oneof![6 => Just("\n"), 1 => Just("\n\n"), 1 => Just("\r\n"), 1 => Just("\n  \n")];
    let line = (indent, key, value, tail, end).prop_map(|(indent, key, value, tail, end)| {
        format!("{}{key}{value}{tail}{end}", " ".repeat(indent))
    });
    prop::collection::vec(line, 1..8).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files(file in 0..FILES.len(), edits in edits()) {
        agree(&mutated(FILES[file], edits), &Limits::FILE);
    }

    #[test]
    fn mutated_documents_of_the_test_suite(case in 0..402_usize, edits in edits()) {
        agree(&mutated(&test_suite()[case].yaml, edits), &Limits::FILE);
    }

    #[test]
    fn lines_in_any_order(text in lines()) {
        agree(&text, &Limits::FILE);
        agree(text.trim_end(), &Limits::FILE);
    }

    #[test]
    fn any_signs(text in "[-a-c:{}\\[\\],'\"|>#&*!?%@ \n\t\r日\u{3000}\u{85}\u{2028}0~<\\\\.]{0,40}") {
        agree(&text, &Limits::FILE);
    }
}

#[test]
fn time_and_memory_grow_with_the_text_only() {
    let limits = Limits { bytes: 8 << 20, levels: 64, nodes: 10_000_000, scalar_bytes: 8 << 20 };
    for piece in
        ["a: 1\n", "- ", "[", "{a: ", "a:\n", "[a, ", "'", "\"\\\"", "#\n", " ", "\n", "\r\n", ": "]
    {
        for head in ["", "x: ", "x: |\n ", "x: [", "x: '", "x: \"", "- "] {
            // accepted or not: it ends
            parse_strictly(&format!("{head}{}", piece.repeat(200_000)), &limits);
        }
    }
    let many = (0..100_000).map(|it| format!("k{it}: v\n")).collect::<Vec<_>>().concat();
    assert!(parse_strictly(&many, &limits).is_some());
    assert!(parse_strictly(&format!("{many}k7: v\n"), &limits).is_none());
}
