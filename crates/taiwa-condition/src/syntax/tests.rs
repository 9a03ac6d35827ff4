//! Good and bad conditions, limits, and mutations of them: places are always places of whole characters.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const GOOD: &str = include_str!("../../fixtures/good.txt");
/// The condition, then one line for each remark: `^` below its characters (`|` for none), message and help.
const BAD: &str = include_str!("../../fixtures/bad.txt");

fn drawn(text: &str) -> String {
    let mut drawn = format!("{text}\n");
    for it in parse(text).remarks {
        let before = text.get(..it.span.start as usize).unwrap().chars().count();
        let under = text.get(it.span.start as usize..it.span.end as usize).unwrap().chars().count();
        let mark = if under == 0 { "|".to_owned() } else { "^".repeat(under) };
        assert!(it.message.speaks_japanese(), "{it:?}");
        assert!(it.help.as_ref().is_none_or(taiwa_text::Text::speaks_japanese), "{it:?}");
        let help = it.help.map_or(String::new(), |help| format!("; {}", &*help));
        writeln!(drawn, "{}{mark} {}{help}", " ".repeat(before), it.message.as_str()).unwrap();
    }
    drawn
}

#[test]
fn good_conditions_are_read_without_a_remark() {
    for text in GOOD.lines() {
        assert_eq!(parse(text).remarks, [], "{text}");
        assert!(parse(text).nodes.iter().all(|it| it.kind != Kind::Hole), "{text}");
    }
}

#[test]
fn bad_conditions_are_explained_at_the_right_characters() {
    assert!(BAD.split("\n\n").count() > 50);
    for block in BAD.split("\n\n") {
        let text = block.lines().next().unwrap();
        assert_eq!(drawn(text).trim_end(), block.trim_end());
    }
}

#[test]
fn a_node_has_the_place_it_was_read_from() {
    let text = "!(a.b == 'é') && x.f(1, [2]) ? -y : z";
    let parsed = parse(text);
    let mut places: Vec<_> = parsed
        .nodes
        .iter()
        .map(|it| text.get(it.span.start as usize..it.span.end as usize).unwrap())
        .collect();
    places.sort_unstable();
    let mut expect = [
        "a",
        "a.b",
        "'é'",
        "a.b == 'é'",
        "!(a.b == 'é')",
        "x",
        "1",
        "2",
        "[2]",
        "x.f(1, [2])",
        "!(a.b == 'é') && x.f(1, [2])",
        "y",
        "-y",
        "z",
        text,
    ];
    expect.sort_unstable();
    assert_eq!(places, expect);
    let grouped = parsed.nodes.iter().find(|it| it.grouped).unwrap();
    assert_eq!((grouped.span.start, grouped.outer.start, grouped.outer.end), (2, 1, 14));
}

#[test]
fn escapes_and_kinds_of_texts() {
    for (text, expect) in [
        ("'a\\n\\t\\\\\\'\\x41\\u00e9\\U0001F600\\101'", "a\n\t\\'Aé😀A"),
        ("r'\\d+'", "\\d+"),
        ("'''a\n'b' \"c\"'''", "a\n'b' \"c\""),
        ("\"\"\"\"quoted\" \"\"\"", "\"quoted\" "),
        ("'東京' // 首都 'x'\n", "東京"),
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.remarks, [], "{text}");
        assert_eq!(parsed.node(parsed.root).kind, Kind::Literal(Literal::Text(expect.to_owned())));
    }
}

#[track_caller]
fn limit(text: &str, words: &str) {
    let parsed = parse(text);
    let last = parsed.remarks.iter().find(|it| it.code == "TW0008");
    assert!(last.is_some_and(|it| it.message.contains(words)), "{:?}", parsed.remarks);
    assert_eq!((parsed.nodes.len(), &parsed.nodes[0].kind), (1, &Kind::Hole));
}

#[test]
fn every_limit_is_kept() {
    assert_eq!(parse(&format!("true{}", " ".repeat(MAX_BYTES - 4))).remarks, []);
    limit(&format!("true{}", " ".repeat(MAX_BYTES - 3)), "longer than 4096 bytes");

    let depth = MAX_DEPTH as usize;
    let nested = |depth| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(parse(&nested(depth - 1)).remarks, []);
    limit(&nested(depth), "nested more than 64 deep");
    limit(&nested(2000), "nested more than 64 deep");
    assert_eq!(parse(&format!("{}true", "!".repeat(depth - 1))).remarks, []);
    limit(&format!("{}true", "!".repeat(depth)), "nested more than 64 deep");
    limit(&"[".repeat(4000), "nested more than 64 deep");
    limit(&"f(".repeat(2000), "nested more than 64 deep");
    limit(&"not ".repeat(1000), "nested more than 64 deep");
    limit(&"a?b:".repeat(1000), "nested more than 64 deep");
    limit(&format!("a{}", ".b".repeat(64)), "nested more than 64 deep");

    let chain = |parts: usize| vec!["a"; parts].join("&&");
    assert_eq!(parse(&chain(MAX_NODES - 1)).remarks, []);
    limit(&chain(MAX_NODES), "made of more than 200 parts");
    limit(&format!("[{}]", vec!["1"; 1500].join(",")), "made of more than 200 parts");

    assert_eq!(parse(&"$ ".repeat(100)).remarks.len(), MAX_REMARKS);
}

/// A condition with a few bytes taken out, doubled or exchanged for what hurts.
fn mutated(text: &str, changes: &[(u16, u8, u8)]) -> String {
    const HURT: [&str; 24] = [
        "(", ")", "[", "]", "{", "}", "\"", "'", "\\", ".", ",", "?", ":", "!", "&&", "||", "=",
        "“", "＝", "\u{3000}", "0x", "1e", "`", "é",
    ];
    let mut chars: Vec<String> = text.chars().map(String::from).collect();
    for (at, what, with) in changes {
        let at = usize::from(*at) % (chars.len() + 1);
        match what % 3 {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 if at < chars.len() => {
                let (_, tail) = chars.split_at(at);
                let tail: Vec<_> = tail.iter().take(usize::from(*with)).cloned().collect();
                chars.splice(at..at, tail);
            }
            _ => chars.insert(at, HURT[usize::from(*with) % HURT.len()].to_owned()),
        }
    }
    chars.concat()
}

fn sound(text: &str) {
    let parsed = parse(text);
    let within = |span: Span| {
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{text:?} {span:?}");
    };
    for node in &parsed.nodes {
        within(node.span);
        within(node.outer);
        assert!(node.height <= MAX_DEPTH, "{text:?}");
    }
    for it in &parsed.remarks {
        within(it.span);
    }
    let holes = parsed.nodes.iter().any(|it| it.kind == Kind::Hole);
    assert!(!holes || !parsed.remarks.is_empty(), "a hole without a remark: {text:?}");
    if parsed.remarks.is_empty() {
        let printed = print(&parsed);
        assert_eq!(print(&parse(&printed)), printed, "{text:?}");
    }
    let names = crate::Names::default();
    let setting = crate::Setting { names: &names, scope: None, session: true, event: None };
    for it in crate::check(text, crate::Expect::Score, &setting).remarks {
        within(it.span);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,80}") {
        sound(&text);
    }

    #[test]
    fn mutations_are_read(
        row in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(u16, u8, u8)>(), 1..8),
    ) {
        let bad = BAD.split("\n\n").filter_map(|it| it.lines().next());
        let all: Vec<_> = GOOD.lines().chain(bad).collect();
        sound(&mutated(all[row.index(all.len())], &changes));
    }
}
