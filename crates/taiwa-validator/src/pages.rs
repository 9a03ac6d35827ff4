//! What is written about the rules, made from the rules: `taiwa explain`, and the pages of the reference.

use crate::{Check, Level, Rule, rules};

/// A page of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// File name: `TW0101.md`, or `README.md` for the index.
    pub file: String,
    /// Markdown.
    pub text: String,
}

/// The page of a rule, as it is shown in a terminal: Markdown.
pub fn explain(rule: &Rule) -> String {
    page(rule)
}

/// One page for each rule, and an index.
pub fn rule_pages() -> Vec<Page> {
    let pages =
        rules::ALL.iter().map(|it| Page { file: format!("{}.md", it.code), text: page(it) });
    let index = Page { file: "README.md".to_owned(), text: index() };
    [index].into_iter().chain(pages).collect()
}

fn page(rule: &Rule) -> String {
    let docs: Vec<&str> = rule.docs.lines().map(|it| it.strip_prefix(' ').unwrap_or(it)).collect();
    let docs = docs.join("\n");
    let by = match rule.check {
        Check::Project(_) => String::new(),
        Check::Against(category, _) => format!(
            " Reported by `taiwa validate --against`, as a change of the {}.",
            category.as_str()
        ),
        Check::Reader => " Reported while files are read.".to_owned(),
        Check::Conditions => " Reported for every condition.".to_owned(),
        Check::Comments => " Reported for comments that allow findings.".to_owned(),
    };
    let level = level(rule.level);
    format!("# {}: {}\n\n*{level}.*{by}\n\n{}\n", rule.code, rule.name, docs.trim())
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Guard => "Error; cannot be lowered, because such a release could not be served",
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Info => "Information",
        Level::ErrorAtPromotion => "Warning while editing and marking, error before a promotion",
    }
}

fn index() -> String {
    let rows = rules::ALL.iter().map(|it| {
        format!(
            "| [{0}]({0}.md) | {1} | {2} | {3} |\n",
            it.code,
            it.name,
            short(it.level),
            it.summary()
        )
    });
    let rows: String = rows.collect();
    format!(
        "# Rules\n\nGenerated from the rules themselves (`crates/taiwa-validator/src/rules/`).\n\
         `taiwa explain CODE` prints the same page. Levels are set in `taiwa.yaml` under `rules`.\n\n\
         | code | name | level | what it looks for |\n| --- | --- | --- | --- |\n{rows}"
    )
}

const fn short(level: Level) -> &'static str {
    match level {
        Level::Guard => "error (fixed)",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
        Level::ErrorAtPromotion => "error at promotion",
    }
}

impl Rule {
    /// The first sentence of what it does.
    pub fn summary(&self) -> String {
        let after = self.docs.split("## What it does").nth(1).unwrap_or_default();
        let lines = after.lines().map(str::trim).skip_while(|it| it.is_empty());
        let first: Vec<&str> = lines.take_while(|it| !it.is_empty()).collect();
        let text = first.join(" ");
        match text.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_parts() {
        for page in rule_pages().iter().skip(1) {
            for part in ["# TW", "## What it does", "## Why it matters", "## Bad", "## Good"] {
                assert!(page.text.contains(part), "{}: {part}", page.file);
            }
        }
        let text = explain(rules::by_code("TW0101").unwrap());
        assert!(text.starts_with("# TW0101: unknown-offer\n\n*Error"), "{text}");
        assert!(rules::by_code("TW9999").is_none());
    }
}
