//! Records for the tests of the ledger: appended, and read back with every law looked at.

#![allow(dead_code, reason = "each test file uses its part")]

use std::convert::Infallible;

use serde_json::{Value as Json, json};
use taiwa_git::{Appended, Head, Ledger, NewRecord, Repository};
use taiwa_model::{Digest, canonical};

use super::{Stage, ledger};

/// A record with a text, and one object that belongs to it.
pub(crate) fn record(text: &str, head: Head) -> NewRecord {
    let record = json!({
        "seq": head.seq, "prev": head.prev, "text": text, "kind": "intent",
    });
    let object = canonical::to_bytes(&json!({"of": text})).unwrap();
    NewRecord {
        record: canonical::to_bytes(&record).unwrap(),
        objects: vec![(Digest::of(&object), object)],
        summary: format!("intent: {text}"),
    }
}

pub(crate) fn append_to(ledger: &Ledger<'_>, text: &str) -> Appended {
    let mut make = |head| Ok::<_, Infallible>(record(text, head));
    ledger.append(&mut make, &mut |_| ()).unwrap()
}

pub(crate) fn append(repository: &Repository, text: &str) -> Appended {
    append_to(&ledger(repository), text)
}

/// The texts of all records; and that the chain is whole, every object there, every commit sound.
#[track_caller]
pub(crate) fn texts(repository: &Repository) -> Vec<String> {
    let ledger = ledger(repository);
    let mut prev: Option<Digest> = None;
    let mut texts = Vec::new();
    for (at, raw) in (1..).zip(ledger.read().unwrap()) {
        let json: Json = canonical::from_bytes(&raw.bytes).unwrap();
        assert_eq!((raw.seq, &json["seq"]), (at, &json!(at)), "no gap, no repetition");
        assert_eq!(json["prev"], json!(prev), "each names the one before");
        prev = Some(Digest::of(&raw.bytes));
        let text = json["text"].as_str().unwrap().to_owned();
        let object = canonical::to_bytes(&json!({"of": text})).unwrap();
        assert_eq!(ledger.object(&Digest::of(&object)).unwrap(), Some(object));
        texts.push(text);
    }
    assert_eq!(ledger.head().unwrap(), Head { seq: texts.len() as u64 + 1, prev });
    for (at, facts) in ledger.facts().unwrap().iter().enumerate() {
        assert_eq!(facts.parents, usize::from(at > 0), "{facts:?}");
        assert_eq!(facts.records, [at as u64 + 1], "one commit a record: {facts:?}");
        assert!(facts.altered.is_empty(), "the tree only grows: {facts:?}");
    }
    texts
}

/// Another clone of the same origin.
pub(crate) fn clone(stage: &Stage) -> Stage {
    let other = Stage::new();
    other.point_to(&stage.beside("origin.git"));
    other
}
