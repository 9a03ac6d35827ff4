//! What a syntax error of YAML means to a person who did not want to learn YAML.
//!
//! The scanner says where it could not go on; the mistake is often before. Each function below looks at the line and the
//! one above for one way of writing that people take for right, and gives its place, words and a way out. The order of
//! the list is the order of certainty.
//! Long because every way of being wrong is said in two languages at its place.

use granit_parser::ErrorKind;
use taiwa_text::{Span, Text, say};

mod mend;
mod wide;

pub(crate) use mend::{mend, untag};

use crate::place::offsets;

type Said = (Span, Text, Option<Text>);

fn quote() -> Text {
    say!(
        en: "put the whole condition in single quotes: when: 'a == \"x\" && b'",
        ja: "条件全体を一重引用符で囲んでください: `when: 'a == \"x\" && b'`",
    )
}

/// Characters that change what a reader sees: directions, and blanks without width.
pub const fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// `key:` or `- …`: a line at which reading can go on.
pub(crate) fn looks_like_entry(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("- ")
        || line == "-"
        || line.split_once(':').is_some_and(|(key, rest)| {
            !key.is_empty()
                && key.chars().all(|c| c.is_alphanumeric() || "-_\"' ./".contains(c))
                && (rest.is_empty() || rest.starts_with([' ', '\r']))
        })
}

/// How many blanks a line begins with.
pub(crate) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The rest of the line at `from`, without its end.
pub(crate) fn first_line(text: &str, from: usize) -> &str {
    text.get(from..).and_then(|it| it.lines().next()).unwrap_or_default()
}

/// The place, the words and the way out for an error that the scanner met at `at`; `flow` is where the innermost open
/// bracket begins, `from` where the piece began that was read.
pub(crate) fn explain(
    text: &str,
    from: usize,
    at: usize,
    kind: &ErrorKind,
    flow: Option<usize>,
) -> Said {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1; // an error may point into a character
    }
    let start = text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let line = first_line(text, start);
    let mut above = (start, "");
    let mut offset = 0;
    for it in text.get(..start).unwrap_or_default().split_inclusive('\n') {
        if !it.trim().is_empty() && !it.trim_start().starts_with('#') {
            above = (offset, it.trim_end_matches(['\n', '\r']));
        }
        offset += it.len();
    }
    let flow = flow.or_else(|| flow_in_line(line, at - start).map(|it| start + it));
    let scene = Scene { text, from, at, kind, flow, start, line, above, words: kind.to_string() };
    let ways: [fn(&Scene<'_>) -> Option<Said>; 18] = [
        limit,
        plain,
        wide::indent,
        wide::blank,
        unclosed,
        wide::sign,
        bracket,
        never_closed,
        escape,
        after_quote,
        sign,
        no_dash,
        mixed,
        no_value,
        too_deep,
        list_in_line,
        second_colon,
        indentation,
    ];
    ways.iter().find_map(|it| it(&scene)).unwrap_or_else(|| scene.otherwise())
}

struct Scene<'a> {
    text: &'a str,
    from: usize,
    at: usize,
    kind: &'a ErrorKind,
    flow: Option<usize>,
    /// Where the line begins.
    start: usize,
    line: &'a str,
    /// The line above that says something, with where it begins.
    above: (usize, &'a str),
    words: String,
}

impl Scene<'_> {
    /// From here to the end of the line.
    fn whole(&self, from: usize) -> Span {
        offsets(from, from + first_line(self.text, from).trim_end().len())
    }

    /// The character at which the scanner stopped.
    fn here(&self) -> Span {
        let next = self.text.get(self.at..).and_then(|it| it.chars().next());
        offsets(self.at, self.at + next.filter(|it| *it != '\n').map_or(0, char::len_utf8))
    }

    fn content(&self) -> Span {
        self.whole(self.start + self.line.len() - self.line.trim_start().len())
    }

    /// What stands behind the first `: ` of the line, and where.
    fn value(&self) -> (usize, &str) {
        let Some((key, value)) = self.line.split_once(": ") else { return (self.at, "") };
        let blanks = value.len() - value.trim_start().len();
        (self.start + key.len() + 2 + blanks, value.trim())
    }

    fn otherwise(&self) -> Said {
        let line = self.line.trim_start();
        let simple =
            matches!(self.kind, ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey);
        if simple && !self.line.contains(':') {
            return (
                self.content(),
                say!(en: "`key: value` is expected", ja: "ここには `key: value` が必要です"),
                None,
            );
        }
        if line.contains(':') && !line.contains(": ") && !line.trim_end().ends_with(':') {
            return (
                self.here(),
                say!(en: "a blank is missing after `:`", ja: "`:` の後に空白がありません"),
                None,
            );
        }
        (
            self.here(),
            say!(en: "this cannot be read as YAML: {}", ja: "YAML として読めません: {}", self.words),
            None,
        )
    }
}

fn code(text: &str) -> bool {
    ["&&", "||", "==", "!=", ">=", "<=", " in ", "(", " ? "].iter().any(|it| text.contains(it))
}

/// Mistakes that the scanner names well, in other words.
fn plain(it: &Scene<'_>) -> Option<Said> {
    let help = say!(
        en: "put the text in quotes if it belongs to it",
        ja: "文字列の一部であれば、文字列を引用符で囲んでください",
    );
    let (message, help) = match it.kind {
        ErrorKind::DirectiveDisallowed => (
            say!(en: "a line that begins with `%` is not allowed here", ja: "`%` で始まる行は書けません"),
            None,
        ),
        ErrorKind::MisplacedFlowCollectionEnd => (
            say!(en: "this bracket closes nothing", ja: "この閉じ括弧に対応する開き括弧がありません"),
            Some(help),
        ),
        ErrorKind::ExpectedDocumentStart => (
            say!(en: "the value of this file ends on the line above", ja: "このファイルの値は上の行で終わっています"),
            None,
        ),
        _ if it.line.trim_start().strip_prefix('-').is_some_and(|it| {
            it.starts_with(|c: char| c.is_alphanumeric() || "{[\"'".contains(c))
        }) =>
        {
            let help = say!(
                en: "an item of a list is written `- text`",
                ja: "リストの項目は `- 文字列` と書きます",
            );
            return Some((
                it.content(),
                say!(en: "a blank is missing after `-`", ja: "`-` の後に空白がありません"),
                Some(help),
            ));
        }
        _ => return None,
    };
    Some((it.here(), message, help))
}

fn limit(it: &Scene<'_>) -> Option<Said> {
    (*it.kind == ErrorKind::RecursionLimitExceeded).then(|| {
        (
            it.here(),
            say!(en: "this file is nested too deep", ja: "このファイルは入れ子が深すぎます"),
            None,
        )
    })
}

/// An opening quote that never closes swallows the rest of the file: the error is found at its end.
fn unclosed(it: &Scene<'_>) -> Option<Said> {
    let message = say!(
        en: "this text is not closed: the closing quote is missing",
        ja: "この文字列は閉じられていません。閉じる引用符が足りません",
    );
    let multiline = it.words.contains("invalid indentation in multiline");
    if it.words.contains("unclosed quote") || multiline {
        let before = it.text.get(it.from..it.at).unwrap_or_default();
        let before = open_quote(before).or_else(|| before.rfind(['"', '\'']));
        let open = before.filter(|_| multiline).map_or(it.at, |at| it.from + at);
        return Some((it.whole(open), message, None));
    }
    let read = it.text.get(it.from..it.at.max(it.start))?;
    let open =
        open_quote(read).filter(|at| read.get(*at..).is_some_and(|it| it.lines().count() > 1))?;
    Some((it.whole(it.from + open), message, None))
}

fn bracket(it: &Scene<'_>) -> Option<Said> {
    let open = it.flow?;
    let first = first_line(it.text, open);
    let (sign, close) = if first.starts_with('{') { ('{', '}') } else { ('[', ']') };
    if code(first) || code(it.line) {
        let message = say!(
            en: "in `{sign} {close}` a condition ends at the first `,`, `{{`, `[`, `]` or `}}`",
            ja: "`{sign} {close}` の中では、条件は最初の `,`、`{{`、`[`、`]`、`}}` で終わってしまいます",
        );
        return Some((it.whole(open), message, Some(quote())));
    }
    if first.matches(['{', '[']).count() > first.matches(['}', ']']).count() {
        let message = say!(
            en: "this `{sign}` is never closed: `{close}` is missing",
            ja: "この `{sign}` は閉じられていません。`{close}` が足りません",
        );
        return Some((offsets(open, open + 1), message, None));
    }
    let quoted = it.line.get(..it.at.saturating_sub(it.start)).is_some_and(|it| it.ends_with('"'));
    let help = quoted.then(|| {
        say!(en: "or the text before is not closed", ja: "あるいは、前の文字列が閉じられていません")
    });
    Some((
        it.here(),
        say!(en: "`,` or `{close}` is expected", ja: "ここには `,` か `{close}` が必要です"),
        help,
    ))
}

/// A `{` or `[` that is still open where the next entry begins.
fn never_closed(it: &Scene<'_>) -> Option<Said> {
    let open = it.from + open_bracket(it.text.get(it.from..it.start + it.line.len())?)?;
    let first = first_line(it.text, open);
    let (sign, close) = if first.starts_with('{') { ('{', '}') } else { ('[', ']') };
    let message = say!(
        en: "this `{sign}` is never closed: `{close}` is missing",
        ja: "この `{sign}` は閉じられていません。`{close}` が足りません",
    );
    Some((offsets(open, open + 1), message, None))
}

fn escape(it: &Scene<'_>) -> Option<Said> {
    let help = say!(
        en: "write '…' instead: there a backslash is a backslash",
        ja: "`'…'` で囲んでください。その中ではバックスラッシュがそのまま使えます",
    );
    it.words.contains("escape").then(|| {
        (
            it.here(),
            say!(en: "this escape is not known in \"…\"", ja: "`\"…\"` の中でこのエスケープは使えません"),
            Some(help),
        )
    })
}

/// Whether something stands behind the quote that closes a value.
fn goes_on(value: &str) -> bool {
    let Some(quote) = value.chars().next().filter(|it| "\"'".contains(*it)) else { return false };
    let mut inside = value.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        let doubled = quote == '\'' && inside.peek().is_some_and(|it| it.1 == '\'');
        if c == '\\' && quote == '"' || c == quote && doubled {
            inside.next();
        } else if c == quote {
            let rest = value.get(at + 1..).unwrap_or_default().trim();
            return !rest.is_empty() && !rest.starts_with('#');
        }
    }
    false
}

fn after_quote(it: &Scene<'_>) -> Option<Said> {
    let (at, value) = it.value();
    goes_on(value).then(|| {
        let text = say!(
            en: "put the whole value in quotes; inside '…', write '' for '",
            ja: "値全体を引用符で囲んでください。`'…'` の中の `'` は `''` と書きます",
        );
        let help = if code(value) { quote() } else { text };
        (
            it.whole(at),
            say!(en: "text goes on after the closing quote", ja: "閉じる引用符の後に文字が続いています"),
            Some(help),
        )
    })
}

fn sign(it: &Scene<'_>) -> Option<Said> {
    let (at, value) = it.value();
    let sign = value.chars().next().filter(|it| "!&*%@`|>[{".contains(*it))?;
    let closed = match sign {
        '{' => value.ends_with('}'),
        '[' => value.ends_with(']'),
        _ => false,
    };
    let message = say!(
        en: "a value cannot begin with `{sign}` unless it is in quotes",
        ja: "引用符で囲まない値を `{sign}` で始めることはできません",
    );
    let help = if code(value) || sign == '!' {
        quote()
    } else {
        say!(en: "put the text in quotes: '…'", ja: "文字列を `'…'` のように引用符で囲んでください")
    };
    (!closed).then(|| (it.whole(at), message, Some(help)))
}

/// `{ … }` below `- { … }`: the item's sign is missing.
fn no_dash(it: &Scene<'_>) -> Option<Said> {
    let item = it.above.1.trim_start().starts_with("- ");
    let bare = it.line.trim_start().starts_with(['{', '[']);
    (item && bare && indent(it.line) == indent(it.above.1)).then(|| {
        let help =
            say!(en: "the lines of a list begin with `- `", ja: "リストの各行は `- ` で始めます");
        (
            it.content(),
            say!(en: "`- ` is missing before this", ja: "この前に `- ` がありません"),
            Some(help),
        )
    })
}

fn mixed(it: &Scene<'_>) -> Option<Said> {
    let item = |line: &str| line.trim_start().starts_with("- ");
    let kinds = [ErrorKind::ExpectedBlockMappingKey, ErrorKind::ExpectedBlockSequenceEntry];
    let differ = item(it.line) != item(it.above.1) && indent(it.line) == indent(it.above.1);
    (differ && kinds.contains(it.kind)).then(|| {
        let message = say!(
            en: "a list (`- …`) and entries (`key: …`) cannot be mixed",
            ja: "リスト (`- …`) と項目 (`key: …`) は混ぜられません",
        );
        let help = say!(
            en: "indent one of them deeper, below the key it belongs to",
            ja: "一方を、それが属するキーの下に字下げしてください",
        );
        (it.content(), message, Some(help))
    })
}

fn no_value(it: &Scene<'_>) -> Option<Said> {
    let (at, above) = it.above;
    let value = above.contains(": ") || above.trim_end().ends_with(':');
    let fits = it.words.contains("mapping values") && indent(above) <= indent(it.line);
    (fits && !value && !above.is_empty()).then(|| {
        let blank = above.contains(':');
        let message = if blank {
            say!(en: "a blank is missing after `:`", ja: "`:` の後に空白がありません")
        } else {
            say!(en: "`key: value` is expected", ja: "ここには `key: value` が必要です")
        };
        (it.whole(at), message, None)
    })
}

fn too_deep(it: &Scene<'_>) -> Option<Said> {
    let above = it.above.1;
    let fits = it.words.contains("mapping values") && above.contains(": ");
    (fits && indent(it.line) > indent(above)).then(|| {
        let message = say!(
            en: "this line is indented deeper, but the line above already has its value",
            ja: "この行は深く字下げされていますが、上の行にはすでに値があります",
        );
        let help = say!(
            en: "begin both in the same column, or leave the value above empty",
            ja: "両方を同じ桁から始めるか、上の行の値を空にしてください",
        );
        (it.content(), message, Some(help))
    })
}

fn list_in_line(it: &Scene<'_>) -> Option<Said> {
    let help = say!(en: "or write it as [a, b]", ja: "`[a, b]` の形でも書けます");
    it.words.contains("block sequence entries").then(|| {
        (
            it.here(),
            say!(en: "a list begins on a line of its own", ja: "リストは新しい行から始めます"),
            Some(help),
        )
    })
}

fn second_colon(it: &Scene<'_>) -> Option<Said> {
    let help = if code(it.line) {
        say!(en: "put the whole condition in quotes", ja: "条件全体を引用符で囲んでください")
    } else {
        say!(en: "put the text in quotes", ja: "文字列を引用符で囲んでください")
    };
    (it.line.matches(": ").count() >= 2).then(|| {
        (
            it.here(),
            say!(en: "a second `: ` in one line", ja: "1 行に `: ` が 2 つあります"),
            Some(help),
        )
    })
}

fn indentation(it: &Scene<'_>) -> Option<Said> {
    let kinds = [
        ErrorKind::InvalidIndentation,
        ErrorKind::ExpectedBlockMappingKey,
        ErrorKind::ExpectedBlockSequenceEntry,
    ];
    kinds.contains(it.kind).then(|| {
        let message = say!(
            en: "this line is indented differently from its neighbours",
            ja: "この行の字下げが前後の行と合っていません",
        );
        let help = say!(
            en: "entries that belong together begin in the same column",
            ja: "同じ階層の項目は同じ桁から始めます",
        );
        (it.content(), message, Some(help))
    })
}

/// Where the value of this line opens a `{` or `[` that is still open at column `at`.
fn flow_in_line(line: &str, at: usize) -> Option<usize> {
    let value = line.find(": ").map_or(0, |it| it + 2);
    let value = line.find("- ").filter(|it| *it < value || value == 0).map_or(value, |it| it + 2);
    let text = line.get(value..at)?;
    let open = text.matches(['{', '[']).count() > text.matches(['}', ']']).count();
    let begins = text.trim_start();
    (open && begins.starts_with(['{', '['])).then(|| value + text.len() - begins.len())
}

/// The first quote that opens a text and is not closed on the lines that follow.
fn open_quote(text: &str) -> Option<usize> {
    let mut offset = 0;
    let mut open: Option<(usize, char)> = None;
    for line in text.split_inclusive('\n') {
        let (mut previous, mut escaped, mut before) = (' ', false, ' ');
        for (at, c) in line.char_indices() {
            match open {
                None if c == '#' && previous.is_whitespace() => break,
                None if matches!(c, '"' | '\'') => {
                    let value = previous.is_whitespace() && ":-[{,".contains(before);
                    if value || matches!(previous, '[' | '{' | ',') {
                        open = Some((offset + at, c));
                    }
                }
                Some((_, '"')) if escaped => escaped = false,
                Some((_, '"')) if c == '\\' => escaped = true,
                Some((_, quote)) if c == quote => open = None,
                _ => {}
            }
            previous = c;
            if !c.is_whitespace() {
                before = c;
            }
        }
        offset += line.len();
    }
    open.map(|it| it.0)
}

/// The first bracket that opens a value and is open where an entry begins that is not deeper than its line.
fn open_bracket(text: &str) -> Option<usize> {
    let mut offset = 0;
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0;
    for line in text.split_inclusive('\n') {
        if open.is_empty() {
            depth = indent(line);
        } else if looks_like_entry(line.trim_end()) && indent(line) <= depth {
            return open.last().copied();
        }
        let (mut quote, mut before, mut previous) = (None, '-', ' ');
        for (at, c) in line.char_indices() {
            let value = ":-[{,".contains(before) || !open.is_empty() && matches!(c, ']' | '}');
            match (quote, c) {
                (Some(sign), c) if c == sign => quote = None,
                (None, '#') if previous.is_whitespace() => break,
                (None, '"' | '\'') if value => quote = Some(c),
                (None, '{' | '[') if value => open.push(offset + at),
                (None, '}' | ']') => drop(open.pop()),
                _ => {}
            }
            previous = c;
            if !c.is_whitespace() {
                before = c;
            }
        }
        offset += line.len();
    }
    None
}
