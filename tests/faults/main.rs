//! Three hundred faults in the sample workspace: each is found at its place, and little else is said.
//!
//! A kind of fault is a generator that chooses a place by a seed. The same seeds give the same faults everywhere; a
//! failure prints the command that replays one of them. Deliberately absent: what a finding says in words (rule
//! examples and `tests/fixtures/broken` hold that).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![expect(clippy::too_many_lines, reason = "each list of kinds is a table")]

mod conditions;
mod content;
mod moving;
mod names;
mod seed;
mod syntax;

use std::collections::BTreeSet;

use seed::{Fault, Seeder};
use taiwa_model::Timestamp;
use taiwa_stories::{Files, findings, sample};
use taiwa_text::Finding;
use taiwa_validator::{Options, Stage};

/// How many faults there are in all.
const FAULTS: usize = 300;
/// Findings besides the one that a fault must give: one cause, one finding; what follows from it is rarely worth a word.
const MOST_BESIDES: usize = 3;

/// A kind of fault.
struct Kind {
    name: &'static str,
    /// The rule that must find it.
    code: &'static str,
    /// What also holds and is said: codes, each a true sentence of its own.
    also: &'static [&'static str],
    seed: fn(&mut Seeder<'_>) -> Fault,
}

impl Kind {
    const fn new(
        name: &'static str,
        code: &'static str,
        seed: fn(&mut Seeder<'_>) -> Fault,
    ) -> Self {
        Self { name, code, also: &[], seed }
    }

    const fn also(mut self, codes: &'static [&'static str]) -> Self {
        self.also = codes;
        self
    }
}

fn groups() -> [(&'static str, Vec<Kind>); 5] {
    [
        ("syntax", syntax::kinds()),
        ("names", names::kinds()),
        ("conditions", conditions::kinds()),
        ("content", content::kinds()),
        ("moving", moving::kinds()),
    ]
}

/// A fault with what it was made from.
struct Seeded<'k> {
    kind: &'k Kind,
    round: u64,
    fault: Fault,
}

fn seeded<'k>(files: &Files, kind: &'k Kind, round: u64) -> Seeded<'k> {
    let name: u64 = kind.name.bytes().fold(0, |sum, it| sum.wrapping_mul(31) + u64::from(it));
    let fault = (kind.seed)(&mut Seeder::new(files, name.wrapping_add(round)));
    assert_ne!(fault.files, *files, "{} {round}: nothing was changed", kind.name);
    Seeded { kind, round, fault }
}

/// `count` different faults, the kinds in turn.
fn faults<'k>(files: &Files, kinds: &'k [Kind], count: usize) -> Vec<Seeded<'k>> {
    let mut seen: BTreeSet<Files> = BTreeSet::new();
    let mut all = Vec::new();
    for round in 0..50 {
        for kind in kinds {
            let it = seeded(files, kind, round);
            if all.len() < count && seen.insert(it.fault.files.clone()) {
                all.push(it);
            }
        }
    }
    all
}

/// A finding as far as a fault is asked for it.
struct Said {
    code: &'static str,
    path: String,
    line: u32,
    column: u32,
    text: String,
}

fn said(files: &Files) -> Vec<Said> {
    let at = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
    let (report, project) = findings(files.clone(), &Options { at, stage: Stage::Edit });
    let one = |it: &Finding| {
        let source = project.sources.get(it.place.file);
        let at = source.position(it.place.span.start);
        let help = it.help.as_ref().map_or("", |it| it);
        let text = format!("{} ({help})", &*it.message);
        Said { code: it.code, path: source.path.clone(), line: at.line, column: at.column, text }
    };
    report.findings.iter().map(one).collect()
}

impl Seeded<'_> {
    /// What is wrong with what is said about the fault.
    fn verdict(&self, clean: &Files) -> Option<String> {
        let said = said(&self.fault.files);
        let text = String::from_utf8_lossy(self.fault.files.get(&self.fault.path)?).into_owned();
        let offset = u32::try_from(self.fault.offset).unwrap();
        let source = taiwa_text::Source { path: self.fault.path.clone(), text };
        let at = source.position(offset);
        let hit = |it: &&Said| {
            it.code == self.kind.code
                && it.path == self.fault.path
                && it.line == at.line
                && (it.column == at.column || !self.fault.exact)
        };
        let expected = said.iter().find(hit);
        let besides = |it: &&Said| {
            !expected.is_some_and(|hit| std::ptr::eq(hit, *it))
                && !self.kind.also.contains(&it.code)
        };
        let avalanche = said.iter().filter(besides).count() > MOST_BESIDES;
        if expected.is_some() && !avalanche {
            return None;
        }
        let lines: Vec<String> = said
            .iter()
            .map(|it| {
                format!("  said: {} {}:{}:{} {}", it.code, it.path, it.line, it.column, it.text)
            })
            .collect();
        Some(format!(
            "{} {}\n  replay: TAIWA_FAULT={}:{} cargo test -p taiwa-stories --test faults\n  \
             expected: {} {}:{}:{}\n{}\n{}\n",
            if avalanche { "avalanche:" } else { "not found at its place:" },
            self.kind.name,
            self.kind.name,
            self.round,
            self.kind.code,
            self.fault.path,
            at.line,
            if self.fault.exact { at.column.to_string() } else { "*".to_owned() },
            diff(clean, &self.fault.files),
            lines.join("\n"),
        ))
    }
}

/// The lines that changed.
fn diff(before: &Files, after: &Files) -> String {
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut out = Vec::new();
    for path in paths {
        let lines = |of: &Files| -> Vec<String> {
            let text = of.get(path).map(|it| String::from_utf8_lossy(it).into_owned());
            text.iter().flat_map(|it| it.lines()).map(str::to_owned).collect()
        };
        let (old, new) = (lines(before), lines(after));
        if before.get(path) == after.get(path) {
            continue;
        }
        let same = old.iter().zip(&new).take_while(|it| it.0 == it.1).count();
        let tail = old.iter().rev().zip(new.iter().rev()).take_while(|it| it.0 == it.1).count();
        let tail = tail.min(old.len().min(new.len()) - same);
        out.push(format!("  {path}:{}", same + 1));
        out.extend(old[same..old.len() - tail].iter().map(|it| format!("  - {it}")));
        out.extend(new[same..new.len() - tail].iter().map(|it| format!("  + {it}")));
    }
    out.truncate(30);
    out.join("\n")
}

/// One fault, `KIND:ROUND`, instead of all.
#[expect(clippy::disallowed_methods, reason = "a developer asks for a replay")]
fn asked() -> Option<(String, u64)> {
    let text = std::env::var("TAIWA_FAULT").ok()?;
    let (kind, round) = text.split_once(':').expect("KIND:ROUND");
    Some((kind.to_owned(), round.parse().expect("a number")))
}

fn check(group: &str) {
    let clean = sample();
    let groups = groups();
    let kinds: usize = groups.iter().map(|it| it.1.len()).sum();
    let (_, own) = groups.iter().find(|it| it.0 == group).unwrap();
    let count = (FAULTS * own.len()).div_ceil(kinds);
    let all = match asked() {
        Some((kind, round)) => {
            let kinds = own.iter().filter(|it| it.name == kind);
            kinds.map(|it| seeded(&clean, it, round)).collect()
        }
        None => faults(&clean, own, count),
    };
    let wrong: Vec<String> = all.iter().filter_map(|it| it.verdict(&clean)).collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_the_reader_finds() {
    check("syntax");
}

#[test]
fn names_that_nobody_declares() {
    check("names");
}

#[test]
fn conditions_that_mean_nothing_or_something_else() {
    check("conditions");
}

#[test]
fn content_that_customers_must_not_see() {
    check("content");
}

#[test]
fn mistakes_of_environments() {
    check("moving");
}

#[test]
fn there_are_enough_kinds_and_the_clean_workspace_has_no_finding() {
    let kinds: Vec<&str> = groups().iter().flat_map(|it| &it.1).map(|it| it.name).collect();
    let names: BTreeSet<&str> = kinds.iter().copied().collect();
    assert!(names.len() == kinds.len() && kinds.len() >= 40, "{} kinds", kinds.len());
    assert!(said(&sample()).is_empty());
}
