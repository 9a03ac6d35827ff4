//! The examples in the documentation of a rule are its first tests: each is laid over a small workspace without fault.
#![expect(clippy::disallowed_methods, reason = "test edge: lists the rule files")]

mod base;

use std::{collections::BTreeSet, fs, path::Path};

use base::{Stored, base, checked, checked_against, example, overlay};
use taiwa_text::Finding;
use taiwa_validator::{Check, Level, Rule, Stage, rules};

#[test]
fn the_base_workspace_has_no_finding() {
    for stage in Stage::ALL {
        let (report, sources) = checked(&base(), stage);
        let lines: Vec<String> =
            report.findings.iter().map(|it| base::line(it, &sources)).collect();
        assert!(lines.is_empty(), "{stage:?}:\n{}", lines.join("\n"));
    }
}

#[test]
fn bad_example_is_found_and_good_example_is_not() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let bad = findings(rule, "Bad");
        if !bad.iter().any(|it| it.0.code == rule.code) {
            wrong.push(format!("{} {}: Bad gives only {:?}", rule.code, rule.name, said(&bad)));
        }
        let good = findings(rule, "Good");
        if good.iter().any(|it| it.0.code == rule.code) {
            wrong.push(format!("{} {}: Good gives {:?}", rule.code, rule.name, said(&good)));
        }
        // A good example is one to copy: nothing else may be wrong with it either.
        if good
            .iter()
            .any(|it| it.0.code != rule.code && it.0.severity == taiwa_text::Severity::Error)
        {
            wrong.push(format!("{} {}: Good has faults {:?}", rule.code, rule.name, said(&good)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_finding_says_where_and_what_to_do() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let found = findings(rule, "Bad");
        for (it, line) in found.iter().filter(|it| it.0.code == rule.code) {
            let whole = it.message.ends_with('.') || it.message.contains('\n');
            // What the reader of files cannot know the way out of, it leaves without one.
            let helped = it.help.is_some() || matches!(rule.check, Check::Reader);
            if !helped || whole || it.message.is_empty() {
                wrong.push(line.clone());
            }
        }
    }
    assert!(wrong.is_empty(), "no help, or not one line without full stop:\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_file_is_in_the_list() {
    let listed: BTreeSet<_> =
        rules::ALL.iter().filter_map(|rule| Path::new(rule.file).file_name()).collect();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for entry in fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(name == "mod.rs" || listed.contains(&*name), "{name:?} is not in rules::ALL");
    }
}

#[test]
fn codes_ascend_and_never_return_and_names_are_unique() {
    assert!(rules::ALL.is_sorted_by(|a, b| a.code < b.code));
    assert!(rules::ALL.iter().all(|rule| !rules::RETIRED.contains(&rule.code)));
    let names: BTreeSet<&str> = rules::ALL.iter().map(|it| it.name).collect();
    assert_eq!(names.len(), rules::ALL.len());
    for rule in rules::ALL {
        let file = Path::new(rule.file).file_stem().unwrap().to_str().unwrap();
        assert_eq!(file.replace('_', "-"), rule.name, "the file is named like the rule");
    }
}

/// What stands before the path of a file as it was, in the example of a rule about changes.
const BEFORE: &str = "before ";
/// And before that of one that was deleted once.
const DELETED: &str = "deleted ";

/// What a rule says about an example, at the strictest stage at which it matters.
fn findings(rule: &Rule, heading: &str) -> Vec<(Finding, String)> {
    let stage = if rule.level == Level::ErrorAtPromotion { Stage::Promote } else { Stage::Edit };
    let (before, after): (Vec<Stored>, Vec<Stored>) =
        example(rule.docs, heading).into_iter().partition(|it| it.0.starts_with(BEFORE));
    let before: Vec<Stored> =
        before.into_iter().map(|it| (it.0.replacen(BEFORE, "", 1), it.1)).collect();
    let (deleted, after): (Vec<Stored>, Vec<Stored>) =
        after.into_iter().partition(|it| it.0.starts_with(DELETED));
    let deleted: Vec<Stored> =
        deleted.into_iter().map(|it| (it.0.replacen(DELETED, "", 1), it.1)).collect();
    let after = overlay(&base(), &after);
    let (report, sources) = match rule.check {
        Check::Against(..) => {
            checked_against(&overlay(&base(), &before), (&deleted, &after), stage)
        }
        // Nobody would read an example that uses up the real budget.
        Check::Last(_) => base::checked_within(&after, 100),
        _ => checked(&after, stage),
    };
    let lines: Vec<String> = report.findings.iter().map(|it| base::line(it, &sources)).collect();
    report.findings.into_iter().zip(lines).collect()
}

fn said(findings: &[(Finding, String)]) -> Vec<&str> {
    findings.iter().map(|it| it.1.as_str()).collect()
}
