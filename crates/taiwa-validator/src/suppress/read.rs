//! Comments that allow a finding: `# taiwa: allow TW0402 until 2027-03-31 because …`.
//!
//! A comment that begins with `taiwa:` is meant for us, and must be understood: what allows nothing and looks as if it
//! did would be worse than none. Files without that word are not read again.

use taiwa_config::{FilePlace, place_of};
use taiwa_model::Moment;
use taiwa_syntax::{Limits, NodeKind, Style, Tree, comments, parse};
use taiwa_text::{FileId, Place, Source, Span, Text, say};

use crate::{
    Level,
    rules::{ALL, by_code},
    suggest,
};

/// Most such comments of one file.
const MOST: usize = 200;

/// How it is written.
pub(super) const FORM: &str = "# taiwa: allow TW0105 until 2027-03-31 because …";

/// A comment that allows something, and what it is about.
#[derive(Clone, Debug)]
pub(super) struct Allow {
    /// The comment.
    pub(super) place: Place,
    /// The whole line with its end, to be taken out.
    pub(super) line: Place,
    /// The codes, each with its place.
    pub(super) codes: Vec<(&'static str, Place)>,
    /// The last day.
    pub(super) until: Moment,
    /// Why.
    pub(super) reason: String,
    /// Findings that begin here are allowed.
    pub(super) covers: Span,
    /// Whether nothing but comments stands before it: then also what is said about the file as a whole.
    pub(super) first: bool,
}

/// A comment that is meant for us and cannot be used.
#[derive(Clone, Debug)]
pub(super) struct Malformed {
    pub(super) place: Place,
    pub(super) message: Text,
    pub(super) help: Text,
    /// What was probably meant, in the place of `place`.
    pub(super) meant: Option<String>,
}

/// All of one file.
pub(super) fn read(file: FileId, source: &Source) -> (Vec<Allow>, Vec<Malformed>) {
    let (mut allows, mut wrong) = (Vec::new(), Vec::new());
    if !is_mentioned(&source.text) {
        return (allows, wrong);
    }
    let marks = matches!(place_of(&source.path), FilePlace::Marks(_));
    let (tree, _) = parse(&source.text, if marks { &Limits::MARKS } else { &Limits::FILE });
    let starts = scalars(&source.text, &tree);
    for it in comments(&source.text, &tree) {
        let whole = text(source, it.span);
        if !is_ours(whole) {
            continue;
        }
        let comment = Words { file, source, span: it.span };
        if allows.len() + wrong.len() >= MOST {
            let message = say!(
                en: "more than {MOST} comments of this file allow findings",
                ja: "このファイルには指摘を許可するコメントが {MOST} 個より多くあります",
            );
            let help = say!(en: "mend the findings, or set the level of the rule in taiwa.yaml", ja: "指摘を直すか、taiwa.yaml でルールのレベルを設定してください");
            wrong.push(comment.wrong(it.span, message, help, None));
            return (allows, wrong);
        }
        if !it.alone {
            let message = say!(en: "this comment stands behind something: it would allow nothing", ja: "このコメントは行の途中にあるため、何も許可しません");
            let help = say!(en: "put it on a line of its own, before the line it is about", ja: "対象の行の前に、独立した行として書いてください");
            wrong.push(comment.wrong(it.span, message, help, None));
            continue;
        }
        let Some((covers, first)) = covered(&source.text, it.span, &starts) else {
            let message = say!(en: "nothing follows this comment: it allows nothing", ja: "このコメントの後に何もないため、何も許可しません");
            let help =
                say!(en: "put it before the line it is about", ja: "対象の行の前に書いてください");
            wrong.push(comment.wrong(it.span, message, help, None));
            continue;
        };
        match comment.allow(covers, first) {
            Ok(it) => allows.push(it),
            Err(it) => wrong.push(*it),
        }
    }
    (allows, wrong)
}

fn text(source: &Source, span: Span) -> &str {
    source.text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// Whether some line may hold such a comment: looked at before anything is read again.
fn is_mentioned(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        if is_ours_after_sign(after) && (before.is_empty() || before.ends_with(char::is_whitespace))
        {
            return true;
        }
        rest = after;
    }
    false
}

fn is_ours(comment: &str) -> bool {
    comment.strip_prefix('#').is_some_and(is_ours_after_sign)
}

/// `taiwa:` in any spelling of the colon and of the letters, or a word such as `taiwa-ignore`.
fn is_ours_after_sign(after: &str) -> bool {
    let after = after.trim_start_matches(['#', ' ', '\t', '\u{3000}']);
    let named = after.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("taiwa"));
    let Some(rest) = after.get(5..).filter(|_| named) else { return false };
    if rest.trim_start_matches([' ', '\t']).starts_with([':', '：']) {
        return true;
    }
    let verb = rest.strip_prefix('-').unwrap_or_default();
    ["allow", "ignore", "disable", "suppress"].iter().any(|it| verb.starts_with(it))
}

/// Where each text of the file begins and ends. That of a block begins with its sign, on the line of its key.
fn scalars(text: &str, tree: &Tree) -> Vec<Span> {
    let mut found = Vec::new();
    for node in tree.nodes() {
        let NodeKind::Scalar { style, text: _ } = &node.kind else { continue };
        let mut span = node.span;
        if matches!(style, Style::Literal | Style::Folded) {
            let before = text.get(..span.start as usize).unwrap_or_default().trim_end().len();
            span.start = u32::try_from(before).unwrap_or(span.start).saturating_sub(1);
        }
        found.push(span);
    }
    found
}

/// The next line that holds more than a comment, to the end of the text that begins there; and whether it is the first
/// such line of the file.
fn covered(text: &str, comment: Span, scalars: &[Span]) -> Option<(Span, bool)> {
    let mut at = comment.end as usize;
    let mut line = Span::default();
    for it in text.get(at..)?.split_inclusive('\n') {
        let content = it.trim();
        let end = at + it.len();
        line = Span::new(u32::try_from(at).ok()?, u32::try_from(end).ok()?);
        if at > comment.end as usize && !content.is_empty() && !content.starts_with('#') {
            break;
        }
        at = end;
        line.end = 0;
    }
    if line.end == 0 {
        return None;
    }
    let begun = scalars.iter().filter(|it| line.start <= it.start && it.start < line.end);
    let end = begun.map(|it| it.end).max().unwrap_or(line.end).max(line.end);
    let before = text.get(..comment.start as usize)?;
    let first = before.lines().all(|it| it.trim().is_empty() || it.trim().starts_with('#'));
    Some((Span::new(line.start, end), first))
}

/// One comment that is meant for us.
struct Words<'a> {
    file: FileId,
    source: &'a Source,
    span: Span,
}

impl Words<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    fn wrong(&self, at: Span, message: Text, help: Text, meant: Option<String>) -> Malformed {
        Malformed { place: self.place(at), message, help, meant }
    }

    fn form(&self, message: Text) -> Box<Malformed> {
        let help = say!(en: "write `{FORM}`", ja: "`{FORM}` のように書いてください");
        Box::new(self.wrong(self.span, message, help, None))
    }

    /// Reads the comment, word for word.
    fn allow(&self, covers: Span, first: bool) -> Result<Allow, Box<Malformed>> {
        let whole = text(self.source, self.span);
        let Some(list) =
            whole.strip_prefix('#').map(str::trim_start).and_then(|it| it.strip_prefix("taiwa:"))
        else {
            return Err(self.form(
                say!(en: "this comment is not understood", ja: "このコメントは解釈できません"),
            ));
        };
        let Some(list) = list
            .trim_start()
            .strip_prefix("allow")
            .filter(|it| it.starts_with([' ', '\t', '\u{3000}']))
        else {
            return Err(self.form(say!(en: "only `allow` is understood after `taiwa:`", ja: "`taiwa:` の後に書けるのは `allow` だけです")));
        };
        let at = self.span.end as usize - list.len();
        let (list, reason) = match list.split_once("because") {
            Some((list, reason)) => (list, reason.trim().trim_start_matches([':', '：'])),
            None => (list, ""),
        };
        if !reason.chars().any(char::is_alphanumeric) {
            return Err(self.form(
                say!(en: "a reason is missing: because …", ja: "理由 (because …) がありません"),
            ));
        }
        let Some((list, date)) = list.split_once("until") else {
            return Err(self.form(say!(en: "the last day is missing: until 2027-03-31", ja: "期限 (until 2027-03-31) がありません")));
        };
        let Some(until @ Moment::Day(_)) = Moment::parse(date.trim()).ok() else {
            let date = date.trim();
            return Err(self.form(say!(en: "`{date}` is not a date such as 2027-03-31", ja: "`{date}` は 2027-03-31 のような日付ではありません")));
        };
        let codes = self.codes(list, at)?;
        if codes.is_empty() {
            return Err(self.form(
                say!(en: "the code of a rule is missing", ja: "ルールのコードがありません"),
            ));
        }
        let (place, reason) = (self.place(self.span), reason.trim().to_owned());
        Ok(Allow { place, line: self.line(), codes, until, reason, covers, first })
    }

    /// The line of the comment with its end; at the end of the file with the one before.
    fn line(&self) -> Place {
        let text = &self.source.text;
        let (start, end) = (self.span.start as usize, self.span.end as usize);
        let start = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let rest = text.get(end..).unwrap_or_default();
        let end = end + rest.find('\n').map_or(rest.len(), |it| it + 1);
        let at = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        self.place(Span::new(at(start), at(end)))
    }

    /// The codes of a list that begins `at` in the file.
    fn codes(&self, list: &str, at: usize) -> Result<Vec<(&'static str, Place)>, Box<Malformed>> {
        const APART: [char; 6] = [',', ' ', '\t', '、', '，', '\u{3000}'];
        let offset = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let mut codes: Vec<(&'static str, Place)> = Vec::new();
        let mut next = at;
        for piece in list.split_inclusive(APART) {
            let (word, at) = (piece.trim_end_matches(APART), next);
            next += piece.len();
            if word.is_empty() {
                continue;
            }
            let span = Span::new(offset(at), offset(at + word.len()));
            let Some(rule) = by_code(word) else { return Err(Box::new(self.unknown(word, span))) };
            if rule.level == Level::Guard || rule.code.starts_with("TW09") {
                let code = rule.code;
                let message =
                    say!(en: "`{code}` cannot be allowed", ja: "`{code}` は許可できません");
                let help = if rule.level == Level::Guard {
                    say!(en: "what breaks this rule could not be served: mend it", ja: "このルールに反するものは配信できません。直してください")
                } else {
                    say!(en: "rules about such comments have no exception: mend it", ja: "許可コメントについてのルールに例外はありません。直してください")
                };
                return Err(Box::new(self.wrong(span, message, help, None)));
            }
            codes.push((rule.code, self.place(span)));
        }
        Ok(codes)
    }

    fn unknown(&self, word: &str, span: Span) -> Malformed {
        let named = ALL.iter().find(|it| it.name == word || it.code.eq_ignore_ascii_case(word));
        let near = named.map(|it| it.code);
        let near = near.or_else(|| suggest::nearest(word, ALL.iter().map(|it| it.code)));
        let message = say!(en: "there is no rule `{word}`", ja: "ルール `{word}` はありません");
        let help = match near {
            Some(it) => say!(en: "did you mean `{it}`?", ja: "`{it}` ではありませんか?"),
            None => {
                say!(en: "`taiwa explain` lists the rules", ja: "`taiwa explain` でルールの一覧を見られます")
            }
        };
        self.wrong(span, message, help, near.map(str::to_owned))
    }
}
