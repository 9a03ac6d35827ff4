//! The encoding against its definition: a golden release, a second implementation, limits and hostile bytes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use proptest::prelude::*;
use serde_json::Value as Json;
use sha2::Sha256;
use support::{any_components, golden, tree};
use taiwa_model::{Components, Digest, Offer, Scope, Scoped};
use taiwa_release::{
    MAX_COMPONENTS, MAX_DEPTH, MAX_RELEASE_BYTES, PREFIX, ReadReleaseError, Release, SealError,
};

const GOLDEN: &[u8] = include_bytes!("golden/espresso.release");
const GOLDEN_DIGEST: &str = include_str!("golden/espresso.digest");

/// The encoding again, from its description: another order of work, another canonical writer, another SHA-256.
mod second {
    use super::{Json, Sha256};
    use sha2::Digest as _;
    use std::fmt::Write as _;

    pub(super) fn bytes(tree: &Json) -> Vec<u8> {
        let mut text = String::from("taiwa/release/1\0");
        write(tree, &mut text);
        text.into_bytes()
    }

    pub(super) fn digest(bytes: &[u8]) -> String {
        let mut text = String::from("sha256:");
        for byte in Sha256::digest(bytes) {
            write!(text, "{byte:02x}").unwrap();
        }
        text
    }

    fn write(value: &Json, out: &mut String) {
        match value {
            Json::Null => out.push_str("null"),
            Json::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Json::Number(it) => out.push_str(&number(it.as_f64().unwrap())),
            Json::String(it) => string(it, out),
            Json::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                let mut sorted: Vec<(Vec<u16>, &String, &Json)> = fields
                    .iter()
                    .map(|(key, it)| (key.encode_utf16().collect(), key, it))
                    .collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                out.push('{');
                for (at, (_, key, item)) in sorted.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    string(key, out);
                    out.push(':');
                    write(item, out);
                }
                out.push('}');
            }
        }
    }

    fn string(text: &str, out: &mut String) {
        out.push('"');
        for it in text.chars() {
            match it {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\u{8}' => out.push_str("\\b"),
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\u{c}' => out.push_str("\\f"),
                '\r' => out.push_str("\\r"),
                it if it < ' ' => write!(out, "\\u{:04x}", u32::from(it)).unwrap(),
                it => out.push(it),
            }
        }
        out.push('"');
    }

    /// `Number::toString` of ECMAScript, from the shortest digits and the exponent.
    fn number(value: f64) -> String {
        if value == 0.0 {
            return "0".into();
        }
        let sign = if value < 0.0 { "-" } else { "" };
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap();
        let digits: String = mantissa.chars().filter(|it| *it != '.').collect();
        let (k, n) = (i32::try_from(digits.len()).unwrap(), exponent.parse::<i32>().unwrap() + 1);
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap());
        let body = if k <= n && n <= 21 {
            format!("{digits}{}", zeros(n - k))
        } else if 0 < n && n <= 21 {
            let (whole, rest) = digits.split_at(usize::try_from(n).unwrap());
            format!("{whole}.{rest}")
        } else if -6 < n && n <= 0 {
            format!("0.{}{digits}", zeros(-n))
        } else {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let plus = if n > 0 { "+" } else { "" };
            format!("{first}{point}{rest}e{plus}{}", n - 1)
        };
        format!("{sign}{body}")
    }
}

#[expect(clippy::disallowed_methods, reason = "writes the golden files when told to")]
#[test]
fn the_golden_release_has_these_bytes_and_this_digest() {
    let release = Release::seal(golden()).unwrap();
    if std::env::var_os("TAIWA_WRITE_GOLDEN").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/");
        std::fs::write(format!("{folder}espresso.release"), release.bytes()).unwrap();
        std::fs::write(format!("{folder}espresso.digest"), format!("{}\n", release.digest()))
            .unwrap();
        return;
    }
    assert_eq!(release.bytes(), GOLDEN);
    assert_eq!(release.digest().to_string(), GOLDEN_DIGEST.trim_end());
    assert_eq!(second::digest(GOLDEN), GOLDEN_DIGEST.trim_end());
    assert_eq!(Release::read(GOLDEN).unwrap(), release);
}

#[test]
fn the_written_definition_shows_the_golden_release() {
    let page = include_str!("../../../docs/reference/release-encoding.md");
    let json = std::str::from_utf8(GOLDEN.strip_prefix(PREFIX).unwrap()).unwrap();
    let shown: String = page
        .split("```json\n")
        .nth(1)
        .and_then(|it| it.split("```").next())
        .unwrap()
        .lines()
        .collect();
    assert_eq!(shown, json, "the example on the page, its line breaks taken out, is the JSON");
    assert!(page.contains(GOLDEN_DIGEST.trim_end()), "the page names the digest");
    assert!(page.contains(&format!("{} bytes", GOLDEN.len())), "the page says how long it is");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn read_is_the_inverse_of_seal(components in any_components()) {
        let sealed = Release::seal(components).unwrap();
        let read = Release::read(sealed.bytes()).unwrap();
        prop_assert_eq!(&read, &sealed);
        // What a release holds seals to the same release.
        prop_assert_eq!(Release::seal(sealed.components().clone()).unwrap(), sealed);
    }

    #[test]
    fn a_second_implementation_agrees(components in any_components()) {
        let release = Release::seal(components.clone()).unwrap();
        let bytes = second::bytes(&tree(&components));
        prop_assert_eq!(String::from_utf8_lossy(release.bytes()), String::from_utf8_lossy(&bytes));
        prop_assert_eq!(release.digest().to_string(), second::digest(&bytes));
        let json = &bytes[PREFIX.len()..];
        prop_assert_eq!(release.digest(), Digest::of_kind("release", json));
    }

    #[test]
    fn other_contents_have_other_digests(a in any_components(), b in any_components()) {
        let (a, b) = (Release::seal(a).unwrap(), Release::seal(b).unwrap());
        prop_assert_eq!(a.components() == b.components(), a.digest() == b.digest());
    }

    #[test]
    fn the_order_of_insertion_is_not_in_it(components in any_components(), turn in 0..7_usize) {
        let mut other = components.clone();
        other.offers.clear();
        let mut offers: Vec<_> = components.offers.clone().into_iter().collect();
        offers.reverse();
        let turns = turn % offers.len().max(1);
        offers.rotate_left(turns);
        other.offers.extend(offers);
        prop_assert_eq!(Release::seal(other).unwrap().digest(), Release::seal(components).unwrap().digest());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Release::read(&bytes).is_err());
        prop_assert!(Release::read(&[PREFIX, &bytes].concat()).is_err());
    }

    #[test]
    fn mutations_are_refused_or_other_releases(at in 0..GOLDEN.len(), with in any::<[u8; 3]>(), cut in 0..3_usize) {
        let mut bytes = GOLDEN.to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, with);
        if let Ok(release) = Release::read(&bytes) {
            // Whatever is read says exactly what was sent, and is not mistaken for the golden one.
            prop_assert_eq!(release.bytes(), &bytes[..]);
            prop_assert_eq!(release.digest() == Digest::of(GOLDEN), bytes == GOLDEN);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let expected = Digest::of(GOLDEN);
    let golden = Release::read(GOLDEN).unwrap();
    for at in 0..GOLDEN.len() {
        for bit in 0..8 {
            let mut bytes = GOLDEN.to_vec();
            bytes[at] ^= 1 << bit;
            let read = Release::read_expecting(&bytes, &expected);
            assert!(matches!(read, Err(ReadReleaseError::Digest { .. })), "bit {bit} of byte {at}");
            // Without a digest to hold it against, what can be read is another content, never the same one.
            if bit == at % 8
                && let Ok(release) = Release::read(&bytes)
            {
                assert_ne!(release.components(), golden.components());
            }
        }
    }
}

#[test]
fn every_cut_is_refused() {
    for end in 0..GOLDEN.len() {
        assert!(Release::read(&GOLDEN[..end]).is_err(), "cut at {end}");
    }
    assert!(Release::read(&[GOLDEN, b" "].concat()).is_err());
    assert!(Release::read(&[GOLDEN, GOLDEN].concat()).is_err());
}

/// Reads JSON behind the prefix.
fn read(json: &str) -> Result<Release, ReadReleaseError> {
    Release::read(&[PREFIX, json.as_bytes()].concat())
}

const SEGMENT: &str = r#"{"content":{"title":{"und":"A"},"when":"true"},"scope":"shared"}"#;

#[track_caller]
fn refused(json: &str, why: &str) {
    let error = read(json).unwrap_err().to_string();
    assert!(error.contains(why), "{json}: {error}");
}

#[test]
fn strict_reading() {
    let whole = |components: &str| format!(r#"{{"components":{{{components}}},"format":1}}"#);
    let one = |name: &str, document: &str| whole(&format!(r#""{name}":{document}"#));
    assert!(read(&one("segment/a", SEGMENT)).is_ok());
    refused("", "not the shape");
    refused("{}", "missing field");
    refused(&whole(""), "at least one component");
    refused(&one("segment/a", SEGMENT).replace("\"format\":1", "\"format\":2"), "format 2");
    refused(&one("segment/a", SEGMENT).replace("\"format\":1", "\"format\":1.0"), "not the shape");
    refused(
        &one("segment/a", SEGMENT).replace("\"format\":1", "\"format\":1,\"x\":1"),
        "unknown field",
    );
    refused(&one("segment/A", SEGMENT), "not a name");
    refused(&one("segment/ä", SEGMENT), "not a name");
    refused(&one("segment/a/b", SEGMENT), "kind/name");
    refused(&one("thing/a", SEGMENT), "kind/name");
    refused(&one("offer/a", SEGMENT), "unknown field");
    refused(&one("journey/a", SEGMENT), "journeys");
    let workspace = r#"{"content":{"currency":"JPY","format":1,"locales":[],"time_zone":"UTC","title":{}},"scope":"shared"}"#;
    assert!(read(&one("workspace/taiwa", workspace)).is_ok());
    refused(&one("workspace/other", workspace), "cannot have");
    refused(
        &one("workspace/taiwa", &workspace.replace("\"shared\"", r#"{"channel":"a"}"#)),
        "cannot have",
    );
    refused(&one("strategy/a", r#"{"content":{"rules":[]},"scope":"shared"}"#), "cannot have");
    refused(&one("segment/a", &SEGMENT.replace("\"when\"", "\"x\":1,\"when\"")), "unknown field");
    refused(&one("segment/a", &SEGMENT.replace("\"scope\"", "\"z\":1,\"scope\"")), "unknown field");
    refused(
        &one("segment/a", &SEGMENT.replace("{\"und\"", "{\"en\":\"B\",\"en\":\"B\",\"und\"")),
        "canonical",
    );
    refused(&one("segment/a", &SEGMENT.replace("\"A\"", "\"\\u0041\"")), "canonical");
    refused(&one("segment/a", &SEGMENT.replace(":\"true\"", ": \"true\"")), "canonical");
    let twice = format!(r#""segment/a":{SEGMENT},"segment/a":{SEGMENT}"#);
    refused(&whole(&twice), "canonical");
    let order = format!(r#""segment/b":{SEGMENT},"segment/a":{SEGMENT}"#);
    refused(&whole(&order), "canonical");
    // What equals its default is left out, so that it has one form.
    let offer = r#"{"content":{"title":{},"value":0},"scope":"shared"}"#;
    refused(&one("offer/a", offer), "canonical");
    let offer = r#"{"content":{"title":{},"value":9007199254740993},"scope":"shared"}"#;
    assert!(read(&one("offer/a", offer)).is_err());
    assert!(matches!(Release::read(b"{}"), Err(ReadReleaseError::Prefix)));
}

#[test]
fn limits_hold_before_anything_is_built() {
    let bytes = vec![b' '; MAX_RELEASE_BYTES + 1];
    assert!(matches!(Release::read(&bytes), Err(ReadReleaseError::TooLarge { .. })));
    let found = Release::read_expecting(&bytes, &Digest::of(b""));
    assert!(matches!(found, Err(ReadReleaseError::TooLarge { .. })));
    let deep = |levels| format!("{{\"components\":{}", "[".repeat(levels));
    assert!(matches!(read(&deep(MAX_DEPTH)), Err(ReadReleaseError::TooDeep { .. })));
    assert!(matches!(read(&deep(MAX_DEPTH - 1)), Err(ReadReleaseError::Shape { .. })));
    // Brackets in texts are no nesting.
    let text = format!(
        r#"{{"components":{{"segment/a":{{"content":{{"title":{{}},"when":"\"{}"}},"scope":"shared"}}}},"format":1}}"#,
        "[".repeat(99)
    );
    assert!(read(&text).is_ok());
    let many: Vec<String> =
        (0..=MAX_COMPONENTS).map(|it| format!(r#""segment/s{it:06}":{SEGMENT}"#)).collect();
    let all = format!(r#"{{"components":{{{}}},"format":1}}"#, many.join(","));
    assert!(matches!(read(&all), Err(ReadReleaseError::TooManyComponents)));
}

#[test]
fn what_cannot_be_sealed() {
    assert!(matches!(Release::seal(Components::default()), Err(SealError::Empty)));
    let offer = |name: &str, value| {
        let content = Offer { value, ..Offer::default() };
        let mut set = Components::default();
        set.offers.insert(name.into(), Scoped { scope: Scope::Shared, content });
        Release::seal(set)
    };
    assert!(offer("a", 1.5).is_ok());
    assert!(matches!(offer("A b", 1.5), Err(SealError::Name { .. })));
    for value in [f64::NAN, f64::INFINITY] {
        let error = offer("a", value).unwrap_err().to_string();
        assert!(error.contains("offer/a") && error.contains("finite"), "{error}");
    }
    let mut set = Components::default();
    let segment =
        taiwa_model::Segment { title: taiwa_model::Localized::default(), when: String::new() };
    for it in 0..=MAX_COMPONENTS {
        let content = segment.clone();
        set.segments.insert(format!("s{it}").into(), Scoped { scope: Scope::Shared, content });
    }
    assert!(matches!(Release::seal(set), Err(SealError::TooManyComponents { .. })));
}
