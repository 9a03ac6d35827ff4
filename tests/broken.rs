//! Broken variants of the sample: each mistake is found, at its place, and nothing else is said.
//!
//! A variant is a folder below `fixtures/broken`: files that stand in for files of the sample or join them, and
//! `expect.txt` with one line for each finding: its code, its place, and a piece of its message.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeSet, path::PathBuf};

use taiwa_model::Timestamp;
use taiwa_stories::{Files, below, findings, root, sample};
use taiwa_validator::{Options, Stage};

const EXPECT: &str = "expect.txt";

fn variants() -> Vec<PathBuf> {
    let folder = root().join("tests/fixtures/broken");
    let files = below(&folder, ".");
    let names: BTreeSet<_> =
        files.keys().filter_map(|it| it.trim_start_matches("./").split('/').next()).collect();
    names.into_iter().map(|it| folder.join(it)).collect()
}

/// What is said of a variant, as lines of `expect.txt`: code, place, message.
fn said(overlay: Files) -> Vec<(String, String)> {
    let mut files = sample();
    files.extend(overlay);
    let at = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let (report, project) = findings(files, &Options { at, stage: Stage::Edit });
    let place = |it: &taiwa_text::Finding| {
        let source = project.sources.get(it.place.file);
        let position = source.position(it.place.span.start);
        format!("{} {}:{}:{}", it.code, source.path, position.line, position.column)
    };
    report
        .findings
        .iter()
        .map(|it| (place(it), format!("{} {:?}", &*it.message, it.help)))
        .collect()
}

#[test]
fn every_mistake_is_found_at_its_place_and_nothing_else_is_said() {
    let variants = variants();
    assert!(variants.len() >= 20, "there are only {} variants", variants.len());
    let mut wrong = Vec::new();
    for variant in variants {
        let mut overlay: Files = below(&variant, ".")
            .into_iter()
            .map(|(path, bytes)| (path.trim_start_matches("./").to_owned(), bytes))
            .collect();
        let expect = String::from_utf8(overlay.remove(EXPECT).unwrap()).unwrap();
        let mut said = said(overlay);
        let name = variant.file_name().unwrap().to_string_lossy().into_owned();
        for line in expect.lines() {
            let mut words = line.splitn(3, ' ');
            let place = format!("{} {}", words.next().unwrap(), words.next().unwrap());
            let fragment = words.next().unwrap_or_default();
            match said.iter().position(|it| it.0 == place && it.1.contains(fragment)) {
                Some(index) => drop(said.remove(index)),
                None => wrong.push(format!("{name}: missing: {line}")),
            }
        }
        wrong.extend(said.iter().map(|it| format!("{name}: not expected: {} {}", it.0, it.1)));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
