//! Mutated input at every door: nothing panics, nothing hangs, no finding points outside of its file.
//!
//! Bounded runs with fixed seeds; a failure names seed and file, and `tests/fuzz` holds targets for longer ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use taiwa_model::Timestamp;
use taiwa_release::Release;
use taiwa_stories::{findings, sample, unkind};
use taiwa_validator::{Options, Stage};

/// A small generator with a seed: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }
}

/// Pieces that readers stumble over.
const PIECES: [&str; 16] = [
    "\n", "  ", "\t", ": ", "- ", "{", "[", "]", "'", "\"", "&a ", "*a", "\u{3000}", "!!x ", "|\n",
    "\0",
];

fn mutated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len());
        let to = (at + dice.roll(20)).min(bytes.len());
        match dice.roll(5) {
            0 => drop(bytes.drain(at..to)),
            1 => drop(bytes.splice(at..at, PIECES[dice.roll(PIECES.len())].bytes())),
            2 => bytes.truncate(at),
            3 => {
                let piece = bytes.get(at..to).unwrap_or_default().to_vec();
                let target = dice.roll(bytes.len());
                drop(bytes.splice(target..target, piece));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(dice.roll(256)).unwrap();
                }
            }
        }
    }
    bytes
}

#[track_caller]
fn check(seed: u64, input: &[u8], what: &str, door: impl Fn(&[u8])) {
    let ended = catch_unwind(AssertUnwindSafe(|| door(input)));
    assert!(ended.is_ok(), "seed {seed}, {what}: panicked on\n{}", String::from_utf8_lossy(input));
}

#[test]
fn files_of_authors() {
    for (index, (path, bytes)) in sample().into_iter().enumerate() {
        for round in 0..20 {
            let seed = u64::try_from(index * 1000 + round + 1).unwrap();
            let input = mutated(&bytes, &mut Dice(seed));
            check(seed, &input, &path, |it| unkind::file(&path, it));
            check(seed, &input, &path, unkind::yaml);
        }
    }
}

#[test]
fn bytes_of_releases() {
    let options = Options { at: Timestamp::from_millis(0), stage: Stage::Edit };
    let components = findings(sample(), &options).1.components;
    let release = Release::seal(components).unwrap();
    unkind::release(release.bytes());
    for seed in 1..200 {
        let input = mutated(release.bytes(), &mut Dice(seed));
        check(seed, &input, "release", unkind::release);
    }
}

#[test]
fn bodies_of_requests() {
    let bodies = [
        r#"{"channel":"web-store","audience":{"visitor_id":"v-1"},"attributes":{"age":3},"locale":"ja"}"#,
        r#"{"event":"add_to_cart","properties":{"sku":"B","price":12.5},"message_id":"m-1"}"#,
        r#"{"channel":"web-store","point":"home-banner","audience":{"customer_id":"c"},"limit":2}"#,
        r#"{"commands":[{"start":{"channel":"web-store"}}]}"#,
        r#"{"bundle":{"format":1,"plan":"e30=","policies":[],"statements":[]},"move":"step-1"}"#,
        r#"{"payload":"e30=","signatures":[{"key":"k","sig":"s"}],"type":"approve@taiwa"}"#,
    ];
    for (index, body) in bodies.iter().enumerate() {
        unkind::body(body.as_bytes());
        for round in 0..150 {
            let seed = u64::try_from(index * 1000 + round + 1).unwrap();
            let input = mutated(body.as_bytes(), &mut Dice(seed));
            check(seed, &input, "body", unkind::body);
        }
    }
}

/// What is huge, deep or a bomb is refused at once.
#[test]
fn oversized_files() {
    let deep = "[".repeat(100_000);
    let bomb = "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n".repeat(50);
    let keys: String = (0..30_000).fold(String::new(), |text, it| text + &format!("k{it}: 1\n"));
    let long = format!("title: {}\n", "x".repeat(2 << 20));
    let quote = format!("title: \"{}", "x\n".repeat(100_000));
    for text in [deep, bomb, keys, long, quote, String::new(), "\u{feff}".to_owned()] {
        unkind::file("channels/shared/offers/a.yaml", text.as_bytes());
        unkind::file("environments/staging/marks.yaml", text.as_bytes());
        unkind::body(text.as_bytes());
        unkind::release(text.as_bytes());
    }
}
