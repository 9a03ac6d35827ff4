//! What is written about the rules, made from the rules: `taiwa explain`, and the pages of the reference.

use taiwa_text::{Language, Text, say};

use crate::{Check, FixKinds, Level, Rule, fix_kinds, rules};

/// A page of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// File name: `TW0101.md`, or `README.md` for the index.
    pub file: String,
    /// Markdown.
    pub text: String,
}

/// The page of a rule, as it is shown in a terminal: Markdown.
pub fn explain(rule: &Rule, language: Language) -> String {
    page(rule, language)
}

/// One page for each rule and an index, in every language: English beside `README.md`, Japanese in `ja/`.
pub fn rule_pages() -> Vec<Page> {
    Language::ALL.into_iter().flat_map(pages_in).collect()
}

fn pages_in(language: Language) -> Vec<Page> {
    let folder = match language {
        Language::En => "",
        Language::Ja => "ja/",
    };
    let index = Page { file: format!("{folder}README.md"), text: index(language) };
    let pages = rules::ALL
        .iter()
        .map(|it| Page { file: format!("{folder}{}.md", it.code), text: page(it, language) });
    [index].into_iter().chain(pages).collect()
}

fn page(rule: &Rule, language: Language) -> String {
    let docs = match language {
        Language::En => unindented(rule.docs),
        Language::Ja => {
            let prose = joined(rule.docs_ja);
            format!("{}\n\n{}", prose.trim(), examples(rule))
        }
    };
    let note = note(rule);
    let note = note.to(language);
    let fix = mended(fix_kinds(rule.code));
    let fix = fix.to(language);
    format!("# {}: {}\n\n{note}{fix}\n\n{}\n", rule.code, rule.name, docs.trim())
}

/// How a program can mend it.
fn mended(kinds: Option<FixKinds>) -> Text {
    match kinds {
        None => Text::same(""),
        Some(FixKinds::Safe) => say!(
            en: " Mended by `taiwa validate --fix`.",
            ja: " `taiwa validate --fix` で修正できます。",
        ),
        Some(FixKinds::Unsafe) => say!(
            en: " Mended by `taiwa validate --fix --unsafe-fixes`.",
            ja: " `taiwa validate --fix --unsafe-fixes` で修正できます。",
        ),
        Some(FixKinds::Both) => say!(
            en: " Mended by `taiwa validate --fix`, in part only with `--unsafe-fixes`.",
            ja: " `taiwa validate --fix` で修正できます。一部には `--unsafe-fixes` が必要です。",
        ),
    }
}

/// How bad it is and who reports it.
fn note(rule: &Rule) -> Text {
    let level = level(rule.level);
    match rule.check {
        Check::Project(_) | Check::Meaning(_) | Check::Last(_) => {
            say!(en: "*{}.*", ja: "*{}。*", level)
        }
        Check::Against(category, _) => say!(
            en: "*{}.* Reported by `taiwa validate --against`, as a change of the {}.",
            ja: "*{}。* `taiwa validate --against` が「{}」の変更として報告します。",
            level,
            category.words(),
        ),
        Check::Reader => say!(
            en: "*{}.* Reported while files are read.",
            ja: "*{}。* ファイルを読み込むときに報告します。",
            level,
        ),
        Check::Conditions => say!(
            en: "*{}.* Reported for every condition.",
            ja: "*{}。* すべての条件について報告します。",
            level,
        ),
        Check::Comments => say!(
            en: "*{}.* Reported for comments that allow findings.",
            ja: "*{}。* 指摘を許可するコメントについて報告します。",
            level,
        ),
    }
}

fn unindented(docs: &str) -> String {
    let lines: Vec<&str> = docs.lines().map(|it| it.strip_prefix(' ').unwrap_or(it)).collect();
    lines.join("\n")
}

/// The examples are the same in every language; their headings are not.
fn examples(rule: &Rule) -> String {
    let docs = unindented(rule.docs);
    let from = docs.find("## Bad").unwrap_or(docs.len());
    let examples = docs.get(from..).unwrap_or_default();
    let heading = |line: &str| match line.trim_end() {
        "## Bad" => "## 悪い例".to_owned(),
        "## Good" => "## 良い例".to_owned(),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = examples.lines().map(heading).collect();
    lines.join("\n")
}

/// Paragraphs of Japanese on one line each: a line break would be shown as a blank within a sentence.
fn joined(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let ends =
            |it: &str| it.is_empty() || it.starts_with(['#', '-', '|']) || it.starts_with("```");
        match lines.peek() {
            Some(next) if !ends(line) && !ends(next) => {}
            _ => out.push('\n'),
        }
    }
    out
}

fn level(level: Level) -> Text {
    match level {
        Level::Guard => say!(
            en: "Error; cannot be lowered, because such a release could not be served",
            ja: "エラー。そのようなリリースは配信できないため、レベルは下げられません",
        ),
        Level::Error => say!(en: "Error", ja: "エラー"),
        Level::Warning => say!(en: "Warning", ja: "警告"),
        Level::Info => say!(en: "Information", ja: "情報"),
        Level::Off => say!(
            en: "Off, unless `taiwa.yaml` sets a level",
            ja: "`taiwa.yaml` でレベルを決めない限りオフ",
        ),
        Level::ErrorAtPromotion => say!(
            en: "Warning while editing and marking, error before a promotion",
            ja: "編集とマークでは警告、プロモーションの前ではエラー",
        ),
    }
}

fn index(language: Language) -> String {
    let rows = rules::ALL.iter().map(|it| {
        let (level, summary) = (short(it.level), it.summary());
        let (level, summary) = (level.to(language), summary.to(language));
        let fix = fixed(fix_kinds(it.code));
        let fix = fix.to(language);
        format!("| [{0}]({0}.md) | {1} | {level} | {fix} | {summary} |\n", it.code, it.name)
    });
    let rows: String = rows.collect();
    let head = say!(
        en: "# Rules\n\nGenerated from the rules themselves (`crates/taiwa-validator/src/rules/`).\n\
             `taiwa explain CODE` prints the same page. Levels are set in `taiwa.yaml` under `rules`.\n\n\
             | code | name | level | fix | what it looks for |",
        ja: "# ルール\n\nルールそのもの (`crates/taiwa-validator/src/rules/`) から生成しています。\n\n\
             `taiwa explain CODE --lang ja` で同じページを表示できます。レベルは `taiwa.yaml` の `rules` で変えられます。\n\n\
             | コード | 名前 | レベル | 修正 | 何を調べるか |",
    );
    format!("{}\n| --- | --- | --- | --- | --- |\n{rows}", head.to(language))
}

fn fixed(kinds: Option<FixKinds>) -> Text {
    match kinds {
        None => Text::same(""),
        Some(FixKinds::Safe) => say!(en: "safe", ja: "安全"),
        Some(FixKinds::Unsafe) => say!(en: "unsafe", ja: "要確認"),
        Some(FixKinds::Both) => say!(en: "safe, unsafe", ja: "安全、要確認"),
    }
}

fn short(level: Level) -> Text {
    match level {
        Level::Guard => say!(en: "error, always", ja: "常にエラー"),
        Level::Error => say!(en: "error", ja: "エラー"),
        Level::Warning => say!(en: "warning", ja: "警告"),
        Level::Info => say!(en: "info", ja: "情報"),
        Level::Off => say!(en: "off", ja: "オフ"),
        Level::ErrorAtPromotion => say!(en: "error at promotion", ja: "プロモーションでエラー"),
    }
}

impl Rule {
    /// The first sentence of what it does.
    pub fn summary(&self) -> Text {
        let after = self.docs.split("## What it does").nth(1).unwrap_or_default();
        let lines = after.lines().map(str::trim).skip_while(|it| it.is_empty());
        let first: Vec<&str> = lines.take_while(|it| !it.is_empty()).collect();
        let text = first.join(" ");
        let english = match text.split_once(". ") {
            Some((sentence, _)) => format!("{sentence}."),
            None => text,
        };
        let prose = joined(self.docs_ja);
        let mut lines = prose.lines().skip_while(|it| it.is_empty() || it.starts_with('#'));
        let first = lines.next().unwrap_or_default();
        let japanese = first.split_inclusive('。').next().unwrap_or_default();
        Text::new(english, japanese)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_parts() {
        let of = |file: &str| {
            let pages = rule_pages();
            pages.into_iter().find(|it| it.file == file).unwrap().text
        };
        for rule in rules::ALL {
            let (en, ja) = (of(&format!("{}.md", rule.code)), of(&format!("ja/{}.md", rule.code)));
            for part in ["# TW", "## What it does", "## Why it matters", "## Bad", "## Good"] {
                assert!(en.contains(part), "{}: {part}", rule.code);
            }
            for part in ["# TW", "## 何を調べるか", "## なぜ大切か", "## 悪い例", "## 良い例"]
            {
                assert!(ja.contains(part), "{}: {part}", rule.code);
            }
            let examples = |text: &str| text.matches("```yaml").count();
            assert!(examples(&en) > 1, "{}", rule.code);
            assert_eq!(examples(&en), examples(&ja), "{}", rule.code);
            let headings = |text: &str| text.matches("\n## ").count();
            assert_eq!(headings(&en), headings(&ja), "{}", rule.code);
            assert!(rule.summary().speaks_japanese(), "{}", rule.code);
            assert!(rule.summary().to(Language::Ja).ends_with('。'), "{}", rule.code);
            assert!(!ja.contains("## Bad") && !ja.contains("What it does"), "{}", rule.code);
        }
        let text = explain(rules::by_code("TW0101").unwrap(), Language::En);
        assert!(text.starts_with("# TW0101: unknown-offer\n\n*Error"), "{text}");
        let text = explain(rules::by_code("TW0101").unwrap(), Language::Ja);
        assert!(text.starts_with("# TW0101: unknown-offer\n\n*エラー"), "{text}");
        assert!(rules::by_code("TW9999").is_none());
    }

    #[test]
    fn a_sentence_in_japanese_is_one_line() {
        assert_eq!(
            joined("## 題\n書き、\n直します。\n\n次の文。\n- 項目\n"),
            "## 題\n書き、直します。\n\n次の文。\n- 項目\n"
        );
    }
}
