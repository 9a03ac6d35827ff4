//! The stable words that go with a no are promises: the page of exit codes lists every one, and none that is gone.

use std::collections::BTreeSet;

use crate::tree::File;

/// The page with the table of words: the first cell of a row is a word in backticks.
const PAGE: &str = "docs/reference/exit-codes.md";
/// Where the words of refusals are declared.
const REFUSALS: &str = "crates/taiwa-plan/src/refusal.rs";

/// One line for each thing to mend.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|it| it.path == path).map_or("", |it| &it.text);
    let mut said: BTreeSet<String> = reasons(text(REFUSALS));
    for file in files.iter().filter(|it| it.path.starts_with("crates/taiwa/src/")) {
        said.extend(failures(&file.text));
    }
    let listed = listed(text(PAGE));
    let missing = said.difference(&listed).map(|it| format!("{PAGE}: `{it}` is missing"));
    let gone = listed.difference(&said).map(|it| format!("{PAGE}: nothing says `{it}` any more"));
    missing.chain(gone).collect()
}

/// The variants of `enum Reason`, as they are written.
fn reasons(source: &str) -> BTreeSet<String> {
    let body = source.split("pub enum Reason {").nth(1).unwrap_or_default();
    body.lines()
        .take_while(|it| *it != "}")
        .filter_map(|it| it.trim().strip_suffix(','))
        .filter(|it| it.chars().all(|c| c.is_ascii_alphabetic()))
        .map(kebab)
        .collect()
}

fn kebab(name: &str) -> String {
    let mut word = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// The words in `Failure::no("word", …)` and its sisters; `Failure::usage` has a word of its own.
fn failures(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in ["no(", "world(", "wrong("] {
        for after in source.split(&format!("Failure::{kind}")).skip(1) {
            let word = after.trim_start().strip_prefix('"').and_then(|it| it.split('"').next());
            found.extend(word.map(str::to_owned));
        }
    }
    if source.contains("Failure::usage(") {
        found.insert("usage".to_owned());
    }
    found
}

fn listed(page: &str) -> BTreeSet<String> {
    page.lines()
        .filter_map(|it| it.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_are_said() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let source = "Failure::no(\n    \"stale-plan\", x); Failure::world(\"unreachable\", y)";
        let refusals = "pub enum Reason {\n    /// Text.\n    NotAMember,\n    Clock,\n}\n";
        let page = "| word | means |\n| `stale-plan` | x |\n| `unreachable` | x |\n| `clock` | x |\n| `old` | x |\n";
        let files =
            [file("crates/taiwa/src/a.rs", source), file(REFUSALS, refusals), file(PAGE, page)];
        let wrong = check(&files);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong.iter().any(|it| it.contains("`not-a-member` is missing")));
        assert!(wrong.iter().any(|it| it.contains("`old` any more")));
    }
}
