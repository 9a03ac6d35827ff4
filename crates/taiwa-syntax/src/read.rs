//! Events of the YAML scanner to a tree, and what is refused on the way.
//!
//! After a syntax error reading goes on at the next entry (`recover`), so that several mistakes of one file are said; what
//! is read after the first error is not kept. Everything that can grow is limited, every loop consumes.
//! Long because every refusal is said in two languages at its place.

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as YamlSpan, StructureStyle};
use taiwa_text::{LocalFix, Remark, Severity, Span, Text, say};

use crate::{Limits, Node, NodeId, NodeKind, Style, Tree, hints, place::offsets, recover};

/// Most pieces that are read after syntax errors.
const MAX_PIECES: usize = 40;

/// Reads a text with the reader that knows all of YAML: the same as [`parse`], slower where the text is plain.
pub fn parse_generally(text: &str, limits: &Limits) -> (Tree, Vec<Remark>) {
    let mut reader = Reader { text, limits, tree: Tree::default(), remarks: Vec::new() };
    if text.len() > limits.bytes {
        reader.tree.broken = true;
        reader.over(
            Span::default(),
            say!(
                en: "this file is larger than {} bytes",
                ja: "このファイルは {} バイトを超えています",
                limits.bytes,
            ),
            say!(en: "divide it into several files", ja: "複数のファイルに分けてください"),
        );
        return (reader.tree, reader.remarks);
    }
    if !reader.unmerged() {
        reader.everything();
    }
    reader.invisible();
    reader.remarks.sort_by_key(|it| it.span);
    (reader.tree, reader.remarks)
}

/// A map or a list whose end has not come yet.
struct Open {
    start: u32,
    map: bool,
    flow: bool,
    kids: Vec<NodeId>,
}

struct Reader<'a> {
    text: &'a str,
    limits: &'a Limits,
    tree: Tree,
    remarks: Vec<Remark>,
}

/// How the reading of a piece ended.
enum Ended {
    /// At its end.
    Well,
    /// At a mistake: where it is.
    Wrong(usize),
    /// Beyond a limit or at a second document: nothing more is read.
    Stop,
}

impl Reader<'_> {
    /// What git leaves where two people changed the same lines is no YAML, and nothing else about the file is worth
    /// saying before it is gone.
    fn unmerged(&mut self) -> bool {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let content = line.trim_end();
            if content.starts_with("<<<<<<< ") && self.remarks.len() < Limits::REMARKS {
                self.tree.broken = true;
                let message = say!(
                    en: "two versions stand here that git could not merge",
                    ja: "git が統合できなかった 2 つの版が残っています",
                );
                let help = say!(
                    en: "keep what is right, and delete the lines <<<<<<<, ======= and >>>>>>>",
                    ja: "正しいほうを残し、`<<<<<<<`、`=======`、`>>>>>>>` の行を消してください",
                );
                self.remark("TW0001", offsets(at, at + content.len()), message, Some(help));
            }
            at += line.len();
        }
        self.tree.broken
    }

    fn everything(&mut self) {
        let (mut from, mut to) = (0, self.text.len());
        for round in 0..MAX_PIECES {
            if from >= self.text.len() || self.remarks.len() >= Limits::REMARKS {
                return;
            }
            let nodes = self.tree.nodes.len();
            let ended = self.piece(from, to, round == 0);
            if round > 0 {
                self.tree.nodes.truncate(nodes);
            }
            (from, to) = match ended {
                Ended::Well if to == self.text.len() => return,
                Ended::Well => recover::piece_from(self.text, to, usize::MAX),
                Ended::Wrong(at) => {
                    self.tree.broken = true;
                    recover::next_piece(self.text, at.max(from))
                }
                Ended::Stop => {
                    self.tree.broken = true;
                    return;
                }
            };
        }
    }

    /// Reads one piece of the text; only the first becomes the tree.
    fn piece(&mut self, from: usize, to: usize, first: bool) -> Ended {
        let mut options = Options::default();
        options.emit_comments = false;
        options.emit_unresolved_aliases = true;
        options.disallow_directives = true;
        let mut open: Vec<Open> = Vec::new();
        let mut documents = 0_usize;
        let piece = self.text.get(from..to).unwrap_or_default();
        for next in Parser::new_from_str_with_options(piece, options) {
            let (event, span) = match next {
                Ok((event, span)) => (event, self.absolute(&span, from)),
                Err(error) => {
                    let at = from + error.marker().byte_offset().unwrap_or(0);
                    let (span, message, help) =
                        hints::explain(self.text, from, at, error.kind(), self.flow(&open));
                    self.remark("TW0001", span, message, help);
                    if first {
                        self.close_all(&mut open, at);
                    }
                    return Ended::Wrong(span.start as usize);
                }
            };
            if matches!(event, Event::DocumentStart(..)) {
                documents += 1;
            }
            if documents > 1 {
                let help = say!(
                    en: "put what follows `---` into a file of its own",
                    ja: "`---` より後ろを別のファイルに移してください",
                );
                self.refuse(
                    span,
                    say!(en: "a file holds one document", ja: "1 つのファイルに書ける文書は 1 つです"),
                    help,
                );
                return Ended::Stop;
            }
            if !self.event(event, span, &mut open, first) {
                if first {
                    self.close_all(&mut open, span.end as usize);
                }
                return Ended::Stop;
            }
        }
        Ended::Well
    }

    /// Takes one event; `false` beyond a limit.
    fn event(&mut self, event: Event<'_>, span: Span, open: &mut Vec<Open>, first: bool) -> bool {
        let mut done = None;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let refused = self.properties(span, anchor != 0, tag.is_some());
                done = Some(self.scalar(&text, style, span, refused));
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.properties(span, anchor != 0, tag.is_some());
                open.push(Open::new(span, false, style));
            }
            Event::MappingStart(style, anchor, tag) => {
                self.properties(span, anchor != 0, tag.is_some());
                open.push(Open::new(span, true, style));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                done = open.pop().map(|it| self.close(it, span.end));
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(
                    span,
                    say!(
                        en: "`*` takes a value from elsewhere; that is not allowed here",
                        ja: "`*` はほかの場所の値を参照する記号です。ここでは使えません",
                    ),
                    say!(
                        en: "write the value out; if it is text or a condition, put it in quotes",
                        ja: "値をそのまま書いてください。文字列や条件であれば引用符で囲みます",
                    ),
                );
                done = Some(self.push(NodeKind::Hole, span));
            }
            _ => {}
        }
        match (done, open.last_mut()) {
            (Some(id), Some(parent)) => parent.kids.push(id),
            (Some(id), None) if first => self.tree.root = self.tree.root.or(Some(id)),
            _ => {}
        }
        self.within(span, open.len())
    }

    fn within(&mut self, span: Span, depth: usize) -> bool {
        let Limits { levels, nodes, .. } = *self.limits;
        if depth > levels {
            let help = say!(
                en: "such depth has no use here; is a bracket left open?",
                ja: "これほどの深さは必要ありません。閉じ忘れた括弧はありませんか？",
            );
            self.over(
                span,
                say!(
                    en: "this file is nested more than {levels} deep",
                    ja: "このファイルの入れ子は {levels} 段を超えています",
                ),
                help,
            );
        } else if self.tree.nodes.len() > nodes {
            let message = say!(
                en: "this file has more than {nodes} values",
                ja: "このファイルの値は {nodes} 個を超えています",
            );
            self.over(
                span,
                message,
                say!(en: "divide it into several files", ja: "複数のファイルに分けてください"),
            );
        }
        depth <= levels && self.tree.nodes.len() <= nodes
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span, refused: bool) -> NodeId {
        if text.len() > self.limits.scalar_bytes {
            let message = say!(
                en: "this text is longer than {} bytes",
                ja: "この文字列は {} バイトを超えています",
                self.limits.scalar_bytes,
            );
            self.over(span, message, say!(en: "shorten it", ja: "短くしてください"));
            return self.push(NodeKind::Hole, span);
        }
        if refused {
            return self.push(NodeKind::Hole, span);
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        // the scanner writes `~` where nothing is written
        let text = if span.start == span.end { "" } else { text };
        let mut span = span;
        if matches!(style, Style::Literal | Style::Folded) {
            let raw = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
            span = offsets(span.start as usize, span.start as usize + raw.trim_end().len());
        }
        self.push(NodeKind::Scalar { text: text.to_owned(), style }, span)
    }

    /// Refuses an anchor or a tag before a value.
    fn properties(&mut self, span: Span, anchor: bool, tag: bool) -> bool {
        if tag {
            self.refuse(
                self.before(span, '!'),
                say!(
                    en: "`!` at the beginning of a value makes it a YAML tag; tags are not allowed here",
                    ja: "値の先頭の `!` は YAML のタグになります。ここではタグを使えません",
                ),
                say!(
                    en: "put a condition that begins with `!` in single quotes: when: '!a'",
                    ja: "`!` で始まる条件は一重引用符で囲んでください: `when: '!a'`",
                ),
            );
        }
        if anchor {
            self.refuse(
                self.before(span, '&'),
                say!(
                    en: "`&` names a value for use elsewhere; that is not allowed here",
                    ja: "`&` は値に名前を付けて再利用する記号です。ここでは使えません",
                ),
                say!(
                    en: "write the value out where it is used; if it is text or a condition, put it in quotes",
                    ja: "使う場所に値をそのまま書いてください。文字列や条件であれば引用符で囲みます",
                ),
            );
        }
        tag || anchor
    }

    /// The anchor or tag that stands before a node on its line, or at the end of the line before.
    fn before(&self, span: Span, sign: char) -> Span {
        const LOOK_BACK_BYTES: usize = 256;
        let end = span.start as usize;
        let mut start = end.saturating_sub(LOOK_BACK_BYTES);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let near = self.text.get(start..end).unwrap_or_default();
        let Some(last) = near.rfind(sign) else { return span };
        let at = near.get(..=last).map_or(last, |it| it.trim_end_matches(sign).len());
        let word = near.get(at..).unwrap_or_default();
        let length = word.find(char::is_whitespace).unwrap_or(word.len());
        offsets(start + at, start + at + length)
    }

    fn close(&mut self, open: Open, end: u32) -> NodeId {
        let last = open.kids.last().map_or(open.start, |it| self.tree.node(*it).span.end);
        let end = if open.flow { end.max(last) } else { last.max(open.start) };
        let span = Span::new(open.start, end);
        if !open.map {
            return self.push(NodeKind::List { items: open.kids, flow: open.flow }, span);
        }
        let entries: Vec<(NodeId, NodeId)> =
            open.kids.chunks_exact(2).map(|it| (it[0], it[1])).collect();
        for (key, _) in &entries {
            self.key(*key, open.flow);
        }
        self.duplicates(&entries);
        self.push(NodeKind::Map { entries, flow: open.flow }, span)
    }

    fn close_all(&mut self, open: &mut Vec<Open>, end: usize) {
        while let Some(it) = open.pop() {
            let id = self.close(it, offsets(end.min(self.text.len()), 0).start);
            match open.last_mut() {
                Some(parent) => parent.kids.push(id),
                None => self.tree.root = self.tree.root.or(Some(id)),
            }
        }
    }

    fn key(&mut self, id: NodeId, flow: bool) {
        let (span, bytes) = (self.tree.node(id).span, self.text.as_bytes());
        let blank = |it: &&u8| matches!(**it, b' ' | b'\t');
        let before = bytes.get(..span.start as usize).unwrap_or_default();
        let asked = before.iter().rev().find(|it| !blank(it)) == Some(&b'?');
        let after = bytes.get(span.end as usize..).unwrap_or_default();
        let colon = after.iter().find(|it| !blank(it)) == Some(&b':');
        let plain = match &self.tree.node(id).kind {
            NodeKind::Scalar { text, style } => {
                if text == "<<" && *style == Style::Plain {
                    let message = say!(
                        en: "`<<` merges another value; that is not allowed here",
                        ja: "`<<` はほかの値を取り込む記号です。ここでは使えません",
                    );
                    self.refuse(
                        span,
                        message,
                        say!(en: "write the entries out", ja: "項目をそのまま書いてください"),
                    );
                }
                true
            }
            NodeKind::Hole => return,
            _ => false,
        };
        if asked || (plain && !flow && !colon) {
            self.refuse(
                span,
                say!(en: "`? key` is not allowed here", ja: "`? key` の形は使えません"),
                say!(en: "write `key: value`", ja: "`key: value` の形で書いてください"),
            );
        } else if !plain {
            self.refuse(
                span,
                say!(en: "a key must be plain text", ja: "キーは文字列でなければなりません"),
                say!(en: "write `key: value`", ja: "`key: value` の形で書いてください"),
            );
        }
    }

    fn duplicates(&mut self, entries: &[(NodeId, NodeId)]) {
        let mut keys: Vec<(&str, NodeId)> =
            entries.iter().filter_map(|it| Some((self.tree.scalar(it.0)?, it.0))).collect();
        keys.sort_unstable();
        let mut found = Vec::new();
        let mut first = None;
        for (name, id) in keys {
            match first {
                Some((same, at)) if same == name => found.push((name.to_owned(), at, id)),
                _ => first = Some((name, id)),
            }
        }
        for (name, first, again) in found.into_iter().take(Limits::REMARKS) {
            let start = self.tree.node(first).span.start as usize;
            let line =
                self.text.as_bytes().iter().take(start).filter(|it| **it == b'\n').count() + 1;
            let message = say!(
                en: "`{name}` is written twice; the first is on line {line}",
                ja: "`{name}` が 2 回書かれています。最初は {line} 行目です",
            );
            let span = self.tree.node(again).span;
            self.remark(
                "TW0002",
                span,
                message,
                Some(say!(en: "keep one of the two", ja: "どちらか一方だけを残してください")),
            );
        }
    }

    /// Characters that change what a reader sees, wherever they stand.
    fn invisible(&mut self) {
        for (at, c) in self.text.char_indices().filter(|it| hints::is_deceptive(it.1)) {
            if self.remarks.len() >= Limits::REMARKS {
                return;
            }
            let message = say!(
                en: "an invisible character (U+{:04X}) stands here",
                ja: "見えない文字 (U+{:04X}) があります",
                u32::from(c),
            );
            let span = offsets(at, at + c.len_utf8());
            // marks of direction and blanks without width have their use in some scripts; overrides have none here
            let useful = matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}');
            let severity = if useful { Severity::Warning } else { Severity::Error };
            let help = Some(
                say!(en: "delete it and type the text again", ja: "消して、入力し直してください"),
            );
            let fix = LocalFix::likely(say!(en: "delete it", ja: "消す"), span, "");
            let fix = Some(fix);
            self.remarks.push(Remark { code: "TW0011", severity, span, message, help, fix });
        }
    }

    /// Where the innermost `{` or `[` that is open begins.
    fn flow(&self, open: &[Open]) -> Option<usize> {
        let bracket = |at: usize| matches!(self.text.as_bytes().get(at), Some(b'{' | b'['));
        open.iter()
            .rev()
            .map(|it| (it.flow, it.start as usize))
            .find(|it| it.0 && bracket(it.1))
            .map(|it| it.1)
    }

    fn absolute(&self, span: &YamlSpan, from: usize) -> Span {
        let range = span.byte_range().unwrap_or(0..0);
        let clamp = |offset: usize| {
            let mut at = (from + offset).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        offsets(clamp(range.start), clamp(range.end.max(range.start)))
    }

    fn push(&mut self, kind: NodeKind, span: Span) -> NodeId {
        self.tree.nodes.push(Node { kind, span });
        NodeId(u32::try_from(self.tree.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    fn refuse(&mut self, span: Span, message: Text, help: Text) {
        self.remark("TW0007", span, message, Some(help));
    }

    fn over(&mut self, span: Span, message: Text, help: Text) {
        self.remark("TW0008", span, message, Some(help));
    }

    fn remark(&mut self, code: &'static str, span: Span, message: Text, help: Option<Text>) {
        let said = |it: &Remark| it.span == span && (it.code == code || code == "TW0001");
        if self.remarks.len() < Limits::REMARKS && !self.remarks.iter().any(said) {
            let tag = || self.text.get(span.start as usize..).is_some_and(|it| it.starts_with('!'));
            let fix = match code {
                "TW0001" => hints::mend(self.text, span),
                "TW0007" if tag() => hints::untag(self.text, span),
                _ => None,
            };
            self.remarks.push(Remark { code, severity: Severity::Error, span, message, help, fix });
        }
    }
}

impl Open {
    fn new(span: Span, map: bool, style: StructureStyle) -> Self {
        Self { start: span.start, map, flow: style == StructureStyle::Flow, kids: Vec::new() }
    }
}
