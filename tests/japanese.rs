//! Findings in Japanese: the same findings as in English, in other words; drawn where wide characters stand.
#![expect(clippy::disallowed_methods, reason = "the test writes a workspace")]

use std::path::Path;

use serde_json::Value;
use taiwa_model::Timestamp;
use taiwa_stories::{Files, below, findings, root, sample};
use taiwa_text::Language;
use taiwa_validator::{Options, Stage};

/// Whether there is a character of Japanese in a text.
fn is_japanese(text: &str) -> bool {
    text.contains(|it: char| matches!(it, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// The sample with all the mistakes of the broken variants, one variant after the other.
fn variants() -> Vec<Files> {
    let folder = root().join("tests/fixtures/broken");
    let all = below(&folder, ".");
    let names: std::collections::BTreeSet<_> =
        all.keys().filter_map(|it| it.trim_start_matches("./").split('/').next()).collect();
    let variant = |name: &str| {
        let mut files = sample();
        let overlay = below(&folder.join(name), ".").into_iter();
        files.extend(overlay.map(|(path, it)| (path.trim_start_matches("./").to_owned(), it)));
        files.retain(|path, _| !path.ends_with("expect.txt"));
        files
    };
    names.into_iter().map(variant).collect()
}

/// Empties what is said to people; gives what was there.
fn silenced(report: &mut Value, said: &mut Vec<String>) {
    match report {
        Value::Object(entries) => {
            for (key, value) in entries {
                if let ("message" | "help" | "said", Value::String(text)) = (key.as_str(), &*value)
                {
                    said.push(text.clone());
                    *value = Value::Null;
                } else {
                    silenced(value, said);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| silenced(it, said)),
        _ => {}
    }
}

#[test]
fn only_the_words_for_people_differ_between_languages() {
    let at = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let mut words = 0;
    for files in variants() {
        let (report, project) = findings(files, &Options { at, stage: Stage::Edit });
        let in_language = |language| {
            let mut json = serde_json::to_value(report.json(&project.sources, language)).unwrap();
            let mut said = Vec::new();
            silenced(&mut json, &mut said);
            (json, said)
        };
        let (english, said_en) = in_language(Language::En);
        let (japanese, said_ja) = in_language(Language::Ja);
        assert_eq!(english, japanese, "codes, keys, places and fingerprints");
        assert_eq!(said_en.len(), said_ja.len());
        for (en, ja) in said_en.iter().zip(&said_ja) {
            assert!(is_japanese(ja), "{en} => {ja}");
        }
        words += said_ja.len();
    }
    assert!(words > 60, "{words}");
}

/// The width of a text on a terminal: Japanese characters take two columns.
fn columns(text: &str) -> usize {
    text.chars().map(|it| if it >= '\u{1100}' { 2 } else { 1 }).sum()
}

#[test]
fn what_is_wrong_is_underlined_behind_wide_characters() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in sample() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let segment =
        "title: 金の顧客\nwhen: 'profile.tier == \"金の　ひと\" && profile.teir == \"gold\"'\n";
    std::fs::write(folder.path().join("channels/shared/segments/kin.yaml"), segment).unwrap();
    let run = |args: &[&str]| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut cx = taiwa::Cx::captured(folder.path().to_owned(), &mut out, &mut err);
        taiwa::run(args.iter().map(std::ffi::OsString::from), &mut cx);
        drop(cx);
        (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    };
    let (out, err) =
        run(&["taiwa", "validate", "--lang", "ja", "channels/shared/segments/kin.yaml"]);
    let text = out + &err;
    assert!(text.contains("エラー[TW0318]: "), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    for wrong in ["teir", "\"金の　ひと\""] {
        let mark = columns(wrong);
        let drawn = lines.windows(2).any(|pair| {
            let at = pair[0].split_once(wrong).map(|it| columns(it.0));
            at.is_some_and(|at| {
                let below = pair[1].split_once('^').map(|it| columns(it.0));
                below == Some(at) && pair[1].matches('^').count() == mark
            })
        });
        assert!(drawn, "{wrong} is not underlined where it stands:\n{text}");
    }
    let (json, _) = run(&["taiwa", "validate", "--lang", "ja", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let found = json["findings"].as_array().unwrap();
    let found = found.iter().find(|it| it["code"] == "TW0318").unwrap();
    let before = segment.lines().nth(1).unwrap().split("teir").next().unwrap();
    assert_eq!(found["line"], 2, "{found}");
    assert_eq!(found["column"], before.chars().count() + 1, "{found}");
}

#[test]
fn sentences_are_translated_and_not_repeated() {
    let mut wrong = Vec::new();
    for (path, bytes) in below(&root().join("crates"), ".") {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if Path::new(&path).extension().is_none_or(|it| it != "rs") || path.contains("/tests") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for piece in code.split("Text::same(").skip(1) {
            let literal = piece.trim_start().trim_start_matches("format!(").trim_start();
            let Some(literal) = literal.strip_prefix('"') else { continue };
            let literal = literal.split('"').next().unwrap_or_default();
            let words = literal.split(' ').filter(|it| {
                it.len() > 1 && it.chars().all(|it| it.is_ascii_lowercase() || ",.".contains(it))
            });
            if words.count() > 1 {
                wrong.push(format!("{path}: {literal}"));
            }
        }
    }
    assert!(wrong.is_empty(), "sentences need `say!`:\n{}", wrong.join("\n"));
}
