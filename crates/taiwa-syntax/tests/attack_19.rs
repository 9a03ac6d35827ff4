//! Attack 19: malicious YAML. The whole list, each with a limit on memory and on time that does not depend on the text.

use std::alloc::System;

use cap::Cap;
use taiwa_syntax::{Limits, parse};

/// What a text of this list may never cost.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 256 << 20);

/// Every text of the list is remarked upon, at a place inside it.
#[track_caller]
fn remarked(name: &str, text: &str) {
    let (_, remarks) = parse(text, &Limits::FILE);
    assert!(!remarks.is_empty(), "{name} is taken without a word");
    assert!(remarks.len() <= Limits::REMARKS, "{name}: {} remarks", remarks.len());
}

#[test]
fn attack_19_malicious_yaml_is_refused_within_limits() {
    let line = |it: i32| format!("a{it}: &a{it} [*a{0}, *a{0}]\n", it - 1);
    let bomb = (1..30).map(line).collect::<Vec<_>>().concat();
    remarked("an alias bomb", &format!("a0: &a0 [x, x]\n{bomb}"));
    remarked("an alias", "a: &a 1\nb: *a\n");
    remarked("depth in flow", &"[".repeat(100_000));
    let line = |it| format!("{}a:\n", " ".repeat(it));
    let deep = (0..1000).map(line).collect::<Vec<_>>().concat();
    remarked("depth in blocks", &deep);
    remarked("a scalar of 2 MB", &format!("a: {}\n", "x".repeat(2 << 20)));
    remarked("a scalar beyond its own limit", &format!("a: {}\n", "x".repeat(100 << 10)));
    remarked("a million nodes", &"- a\n".repeat(200_000));
    remarked("a key twice", "a: 1\na: 2\n");
    remarked("a key twice, far away", &format!("a: 1\n{}a: 2\n", "b: 1\n".repeat(3)));
    remarked("a merge key", "base: &base { a: 1 }\nmore:\n  <<: *base\n");
    remarked("a merge key without an alias", "<<: { a: 1 }\n");
    for tag in ["!!binary aGk=", "!!python/object:os.system x", "!local x", "!!str 1"] {
        remarked("a tag", &format!("a: {tag}\n"));
    }
    remarked("two documents", "a: 1\n---\nb: 2\n");
    remarked("a directive", "%YAML 1.1\n---\na: 1\n");
    remarked("NUL", "a: \"x\0y\"\n");
    remarked("a bidirectional override", "a: x\u{202e}y\n");
    remarked("a tab as indentation", "a:\n\tb: 1\n");
    remarked("a complex key", "? [a]\n: 1\n");
}
