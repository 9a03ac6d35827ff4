//! The searches of every day: small groups to the end, and each rule switched off once. The large ones are
//! `cargo xtask model`.
#![expect(clippy::unwrap_used, reason = "every function here is part of a test")]

use taiwa_protocol_model::{
    Bounds,
    runs::{MUTANTS, search},
};

fn bounds(words: &str) -> Bounds {
    Bounds::read(&words.split_whitespace().collect::<Vec<_>>()).unwrap()
}

#[track_caller]
fn check(words: &str, at_least: usize, reached: &[&str]) {
    let outcome = search(&bounds(words), 60);
    assert!(!outcome.cut, "{words}: not searched to the end");
    assert_eq!(outcome.violated, vec![], "{words}");
    assert!(outcome.states >= at_least, "{words}: only {} states", outcome.states);
    for number in reached {
        let there = outcome.reached.iter().any(|it| it.starts_with(number));
        assert!(there, "{words}: {number} is not reached");
    }
}

#[test]
fn two_servers_keep_the_invariants() {
    check("servers=2 honest=2", 10_000, &["S1", "S2", "S3"]);
    check("servers=2 honest=1 with=emergency,rotation", 5_000, &["S1", "S2", "S3"]);
    check("servers=2 honest=1 with=expiry,late", 1_000, &["S1", "S2"]);
}

#[test]
fn three_servers_keep_the_invariants() {
    check("servers=3 honest=1 epochs=2 with=rotation,retired", 5_000, &["S1", "S2"]);
    check("servers=3 honest=1 epochs=2 with=steps", 1_000, &["S1", "S2"]);
    check("servers=3 honest=1 epochs=2 absent=2 with=rotation", 5_000, &["S2"]);
}

#[test]
fn a_group_stays_ready_without_its_anchor() {
    check("servers=3 honest=2 epochs=2 with=stay", 50_000, &["S1", "S2", "S3", "S4"]);
    check("servers=3 honest=1 epochs=2 with=stay,rotation", 10_000, &["S4"]);
    check("servers=3 honest=1 epochs=2 with=stay,emergency", 10_000, &["S4"]);
    check("servers=3 honest=1 epochs=2 absent=2 with=stay", 1_000, &["S2"]);
    check("servers=4 honest=1 epochs=1 with=stay", 1_000, &["S4"]);
}

#[test]
fn a_disk_that_is_replaced_forgets_nothing_that_counts() {
    check("servers=2 honest=2 epochs=2 with=disk", 10_000, &["S1", "S2", "S3"]);
    check("servers=3 honest=1 epochs=2 with=disk,stay", 10_000, &["S1", "S2", "S4"]);
    check("servers=3 honest=1 epochs=2 with=disk,rotation,retired", 50_000, &["S1", "S2"]);
}

#[test]
fn without_one_of_its_rules_the_protocol_breaks() {
    for (rule, words, invariant) in MUTANTS {
        let outcome = search(&bounds(&format!("{words} off={rule}")), 60);
        let names: Vec<&str> = outcome.violated.iter().map(|it| it.0).collect();
        assert!(outcome.violates(invariant), "without {rule}, {invariant} still holds: {names:?}");
    }
}

#[test]
fn words_that_say_nothing_are_refused() {
    for words in ["servers=9", "servers", "with=nothing", "off=nothing", "colour=red"] {
        assert!(Bounds::read(&[words]).is_err(), "{words}");
    }
}
