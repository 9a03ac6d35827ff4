//! A report in the form that was asked for.

use std::collections::BTreeMap;

use taiwa_text::{Finding, Language, Place, Severity};
use taiwa_validator::{View, github, gitlab, junit, markdown, rules::by_code, sarif};

use super::{findings, table};
use crate::{Cx, Format};

/// Most findings that are drawn; whoever has more is helped by the counts of each file.
const MAX_DRAWN: usize = 100;
/// From so many findings on, they are counted by file, too.
const MANY: usize = 20;
/// Most files in that table, and most rules that are named.
const MAX_ROWS: usize = 20;

/// Writes a report; `read` says for a person what was read.
pub(crate) fn report(cx: &mut Cx<'_>, view: &View<'_>, read: &str) {
    match cx.format() {
        Format::Json => cx.print_json(&serde_json::to_value(view.json()).unwrap_or_default()),
        Format::Sarif => cx.print_json(&sarif(view)),
        Format::Gitlab => cx.print_json(&gitlab(view)),
        Format::Junit => cx.print(junit(view)),
        Format::Markdown => cx.print(markdown(view)),
        Format::Github => {
            for line in github(view) {
                cx.print(line);
            }
        }
        Format::Human => draw(cx, view, read),
    }
}

fn draw(cx: &mut Cx<'_>, view: &View<'_>, read: &str) {
    let groups = grouped(&view.report.findings);
    let (language, colour) = (view.language, cx.colour());
    let mut drawn = 0;
    for group in groups.iter().take(MAX_DRAWN) {
        cx.print(findings(view.sources, group, language, colour));
        cx.print("");
        drawn += group.len();
    }
    let all = &view.report.findings;
    if all.len() >= MANY {
        cx.print(by_file(view));
        cx.print("");
    }
    let words = view.report.summary.words(language);
    cx.print(format!("{read}: {words}"));
    if let Some(breaking) = &view.report.breaking {
        cx.print(breaking.said().to(language));
    }
    if drawn < all.len() {
        let rest = all.len() - drawn;
        cx.print(match language {
            Language::En => {
                format!("{rest} of them are not shown; those of one folder: taiwa validate PATH")
            }
            Language::Ja => format!(
                "うち {rest} 件は省略しました。フォルダーごとに見るには: taiwa validate PATH"
            ),
        });
    }
    if let Some(code) = all.iter().max_by_key(|it| it.severity).map(|it| it.code) {
        cx.print(rules(all, code, language));
    }
}

/// Findings that have one cause and one cure are said once, with all their places; those with places or examples of
/// their own stay apart.
fn grouped(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut known: BTreeMap<(&str, Severity, &str, &str), usize> = BTreeMap::new();
    for it in findings {
        if !it.related.is_empty() || it.witness.is_some() || !it.message.contains('`') {
            groups.push(vec![it]);
            continue;
        }
        let help = it.help.as_deref().unwrap_or_default();
        let at = *known.entry((it.code, it.severity, &it.message, help)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(it);
    }
    groups
}

fn by_file(view: &View<'_>) -> String {
    let mut files: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let texts: Vec<&str> = view.sources.iter().map(|it| it.1.path.as_str()).collect();
    let path = |place: Place| texts.get(place.file.0 as usize).copied().unwrap_or_default();
    for it in &view.report.findings {
        let column = match it.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        files.entry(path(it.place)).or_default()[column] += 1;
    }
    let mut rows: Vec<_> = files.into_iter().collect();
    rows.sort_by_key(|it| std::cmp::Reverse(it.1));
    let more = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);
    let number = |it: usize| if it == 0 { String::new() } else { it.to_string() };
    let rows = rows.into_iter().map(|(path, counts)| {
        let [error, warning, info] = counts.map(number);
        [path.replace('\n', "\\n"), error, warning, info]
    });
    let header = match view.language {
        Language::En => ["file", "errors", "warnings", "notes"],
        Language::Ja => ["ファイル", "エラー", "警告", "情報"],
    };
    let mut text = table(header, rows);
    if more > 0 {
        let rest = match view.language {
            Language::En => format!("\n… and {more} more files"),
            Language::Ja => format!("\n… ほかに {more} ファイル"),
        };
        text.push_str(&rest);
    }
    text
}

/// The rules that spoke, the one that spoke most first, and how to read about one.
fn rules(findings: &[Finding], worst: &str, language: Language) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for it in findings {
        *counts.entry(it.code).or_default() += 1;
    }
    let more = match language {
        Language::En => "more about a rule",
        Language::Ja => "ルールの説明",
    };
    let explain = format!("{more}: taiwa explain {worst}");
    if counts.len() < 2 {
        return explain;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|it| std::cmp::Reverse(it.1));
    let named = counts.iter().take(5).map(|(code, number)| {
        let name = by_code(code).map_or("", |it| it.name);
        format!("{code} {name} ({number})")
    });
    let dots = if counts.len() > 5 { ", …" } else { "" };
    format!("{}{dots}\n{explain}", named.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_text::{Span, Text};

    #[test]
    fn one_cause_is_said_once() {
        let at = |n| Place { span: Span::new(n, n), ..Place::default() };
        let offer = |n| Finding::error("TW0101", at(n), Text::same("`x`")).help(Text::same("`y`?"));
        let all = [
            offer(1),
            Finding::error("TW0101", at(2), Text::same("`z`")),
            offer(3),
            offer(4).related(at(9), Text::same("here")),
            Finding::error("TW0002", at(5), Text::same("YAML")),
            Finding::error("TW0002", at(6), Text::same("YAML")),
        ];
        let sizes: Vec<usize> = grouped(&all).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1, 1, 1]);
    }

    #[test]
    fn the_rules_that_spoke() {
        let one = |code| Finding::error(code, Place::default(), Text::same("x"));
        let said = rules(&[one("TW0101"), one("TW0102"), one("TW0102")], "TW0101", Language::En);
        assert!(said.starts_with("TW0102 "), "{said}");
        assert!(said.ends_with("\nmore about a rule: taiwa explain TW0101"), "{said}");
        assert_eq!(
            rules(&[one("TW0101")], "TW0101", Language::Ja),
            "ルールの説明: taiwa explain TW0101"
        );
    }
}
