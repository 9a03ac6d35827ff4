//! The findings as a comment of a pull request: what is wrong first, everything else folded.
//!
//! **Invariants.** Never longer than a comment may be; the counts are whole even where the list is cut. Text of authors
//! stands in code spans only, in which neither Markdown nor the code host gives a meaning to anything: no link, no
//! image, no mention, no HTML. No text of authors stands in a table, where code spans can be cut in two.

use taiwa_text::{Language, Severity, is_hidden};

use super::{JsonFinding, View, visible::in_line};

/// What GitHub takes for one comment, less what whoever posts it may add. In UTF-16 units, the most cautious reading of
/// its 65,536 characters.
const MAX_LENGTH: usize = 65_000;

/// What is kept free for the last lines.
const TAIL: usize = 600;

/// The comment. Its first line is a mark by which a later run finds and replaces it.
pub fn markdown(view: &View<'_>) -> String {
    let title = view.say("taiwa validate", "taiwa validate の結果");
    let mut page = Page::default();
    page.put(&format!("<!-- taiwa validate -->\n### {title}: {}\n", view.words()));
    let findings = view.json().findings;
    let worst = findings.iter().map(severity).max();
    let (mut left, mut examples) = (view.left_out(), Vec::new());
    for level in [Severity::Error, Severity::Warning, Severity::Info] {
        let here: Vec<&JsonFinding> = findings.iter().filter(|it| severity(it) == level).collect();
        if here.is_empty() {
            continue;
        }
        examples.extend(here.first().map(|it| it.code.as_str()));
        left += section(&mut page, view, level, &here, worst == Some(level));
    }
    page.text += &tail(view, left, examples.first().copied());
    page.text
}

/// Puts the findings of one severity; how many did not fit.
fn section(
    page: &mut Page,
    view: &View<'_>,
    level: Severity,
    findings: &[&JsonFinding],
    open: bool,
) -> usize {
    let open = if open { " open" } else { "" };
    let (icon, word, number) = (icon(level), view.severity(level), findings.len());
    let close = "\n</details>\n";
    let head = format!("\n<details{open}>\n<summary>{icon} {word}: {number}</summary>\n");
    if !page.fits(head.len() + close.len()) {
        return number;
    }
    page.put(&head);
    let (mut file, mut put) = (None, 0);
    for it in findings {
        let mut text = String::new();
        if file != Some(&it.file) {
            text = format!("\n**{}**\n\n", code(&view.path(&it.file)));
        }
        text += &item(it, view);
        if !page.fits(length(&text) + close.len()) {
            break;
        }
        page.put(&text);
        file = Some(&it.file);
        put += 1;
    }
    page.put(close);
    number - put
}

fn item(it: &JsonFinding, view: &View<'_>) -> String {
    let (line, message) = (it.line, inline(&it.message));
    let at = match view.language {
        Language::En => format!("line {line}"),
        Language::Ja => format!("{line} 行目"),
    };
    let mut out = format!("- {at}: {message} ({})\n", it.title());
    let mut more = |label: &str, text: String| {
        out.extend(["  - ", label, ": ", &text, "\n"]);
    };
    if let Some(help) = &it.help {
        more(view.say("help", "ヒント"), inline(help));
    }
    if let Some(witness) = &it.witness {
        more(view.say("for example", "例"), inline(&witness.said));
    }
    for other in &it.related {
        let place = code(&format!("{}:{}", view.path(&other.file), other.line));
        more(view.say("see", "関連"), format!("{place} {}", inline(&other.message)));
    }
    out
}

fn tail(view: &View<'_>, left: usize, code: Option<&str>) -> String {
    let mut out = String::new();
    if left > 0 {
        let text = view.say(
            "\n… and {left} more; see all of them: `taiwa validate`\n",
            "\n… ほかに {left} 件あります。すべて見るには: `taiwa validate`\n",
        );
        out += &text.replace("{left}", &left.to_string());
    }
    let files = view.files.len();
    let read = view.say("{files} files were checked.", "{files} 個のファイルを調べました。");
    out.extend(["\n", &read.replace("{files}", &files.to_string())]);
    if let Some(code) = code {
        let text = view.say(
            " More about a rule: `taiwa explain {code}`",
            " ルールの説明: `taiwa explain {code}`",
        );
        out += &text.replace("{code}", code);
    }
    out
}

const fn icon(level: Severity) -> &'static str {
    match level {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Info => "ℹ️",
    }
}

fn severity(it: &JsonFinding) -> Severity {
    match it.severity.as_str() {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Info,
    }
}

/// A text that grows up to a length.
#[derive(Default)]
struct Page {
    text: String,
    used: usize,
}

impl Page {
    fn fits(&self, more: usize) -> bool {
        self.used + more + TAIL <= MAX_LENGTH
    }

    fn put(&mut self, text: &str) {
        self.used += length(text);
        self.text.push_str(text);
    }
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A message: what stands in backquotes is code; of the rest, every word in which anything but letters, numbers and
/// plain punctuation occurs is code, too.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let pieces: Vec<&str> = text.split('`').collect();
    let last = pieces.len() - 1;
    for (index, piece) in pieces.iter().enumerate() {
        if index % 2 == 1 && index < last {
            span(&mut out, piece);
        } else {
            prose(&mut out, piece);
        }
    }
    out
}

fn prose(out: &mut String, text: &str) {
    for piece in text.split_inclusive([' ', '\n', '\t']) {
        let word = piece.trim_end_matches([' ', '\n', '\t']);
        if is_plain(word) {
            out.push_str(word);
        } else {
            span(out, word);
        }
        if word.len() < piece.len() {
            out.push(' ');
        }
    }
}

/// Whether a word means nothing to Markdown or to a code host, wherever it stands within a line.
fn is_plain(word: &str) -> bool {
    let plain = |c: char| {
        !is_hidden(c) && (!c.is_ascii() || c.is_ascii_alphanumeric() || ".,;:'\"?()%/-".contains(c))
    };
    // An address is made a link, `:word:` a picture, `GH-12` a reference.
    let inner = word.trim_end_matches(':').contains(':');
    let lower = word.to_ascii_lowercase();
    word.chars().all(plain) && !inner && !lower.contains("www.") && !lower.contains("gh-")
}

/// Puts a code span, apart from one that stands right before it.
fn span(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code(text));
}

/// A code span around any text: its fence is longer than every run of backquotes in it.
fn code(text: &str) -> String {
    let text = in_line(text);
    if text.is_empty() {
        return text;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let bare = |c: Option<char>| c.is_some_and(|c| c == '`' || c == ' ');
    let pad = if bare(text.chars().next()) || bare(text.chars().next_back()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(inline(text), expect);
    }

    #[test]
    fn words_of_authors_are_code() {
        check("no offer `x`; did you mean it?", "no offer `x`; did you mean it?");
        check("オファー `x` はありません。", "オファー `x` はありません。");
        check("by @tanaka, see #12", "by `@tanaka,` see `#12`");
        check("`a` @b `c", "`a` `@b` c");
        check("a `b``c`", "a `b` `c`");
        check("[x](http://a.b) ![i](//x)", "`[x](http://a.b)` `![i](//x)`");
        check("<script>alert(1)</script>", "`<script>alert(1)</script>`");
        check(
            "see https://a.example and www.a.example",
            "see `https://a.example` and `www.a.example`",
        );
        check("x\u{202e}y *z*\n# h", "`x\\u{202e}y` `*z*` `#` h");
        check("``", "");
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(" a\nb"), "`  a\\u{a}b `");
    }
}
