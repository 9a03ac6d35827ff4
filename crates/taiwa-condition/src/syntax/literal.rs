//! Numbers and texts.

use super::lex::{Lexer, T, offset, remark};
use taiwa_model::SpanOfTime;
use taiwa_text::{LocalFix, Span, say};

impl Lexer<'_> {
    pub(super) fn number(&mut self, start: usize) -> T {
        if self.peek(0) == b'0'
            && matches!(self.peek(1), b'x' | b'X')
            && self.peek(2).is_ascii_hexdigit()
        {
            self.at += 2;
            while self.peek(0).is_ascii_hexdigit() {
                self.at += 1;
            }
            self.unsigned_mark();
            return T::Int;
        }
        self.digits();
        let mut kind = T::Int;
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            kind = T::Float;
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                kind = T::Float;
                self.at += 1 + sign;
                self.digits();
            }
        }
        if kind == T::Float || !self.unsigned_mark() {
            self.glued_unit(start, kind);
        }
        kind
    }

    fn unsigned_mark(&mut self) -> bool {
        let marked = matches!(self.peek(0), b'u' | b'U') && !self.peek(1).is_ascii_alphanumeric();
        self.at += usize::from(marked);
        marked
    }

    /// `30d`: letters behind a number belong to neither.
    fn glued_unit(&mut self, start: usize, kind: T) {
        let unit = self.rest().bytes().take_while(u8::is_ascii_alphanumeric).count();
        if unit > 0 {
            self.at += unit;
            let all = self.since(start);
            let message = say!(
                en: "`{all}` is neither a number nor a name",
                ja: "`{all}` は数でも名前でもありません",
            );
            let help = say!(
                en: "a duration is text in quotes: \"{all}\"",
                ja: "期間は引用符で囲んで `\"{all}\"` と書いてください",
            );
            let duration = SpanOfTime::parse(all).is_ok();
            let quoted = format!("\"{all}\"");
            self.trouble(start, kind, message, duration.then_some(help));
            if duration {
                self.mended(kind, LocalFix::write(self.span_since(start), quoted));
            }
        }
    }

    fn digits(&mut self) {
        while self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
    }

    /// A text whose quote comes after `prefix` letters; an `r` among them makes it raw.
    pub(super) fn string(&mut self, start: usize, prefix: usize, kind: T) -> T {
        self.at += prefix;
        let raw = self.since(start).contains(['r', 'R']);
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        let quotes = if triple { 3 } else { 1 };
        self.at += quotes;
        self.body.clear();
        loop {
            let byte = self.peek(0);
            if self.at >= self.source.len() || (!triple && matches!(byte, b'\n' | b'\r')) {
                let help = if self.since(start).contains('\\') {
                    say!(
                        en: "a backslash before a quote keeps it from closing the text",
                        ja: "引用符の前にバックスラッシュがあると、文字列は閉じません",
                    )
                } else {
                    say!(en: "add the closing quote", ja: "閉じる引用符を加えてください")
                };
                return self.trouble(
                    start,
                    kind,
                    say!(en: "this text is not closed", ja: "この文字列は閉じられていません"),
                    Some(help),
                );
            }
            if byte == quote && (!triple || (self.peek(1) == quote && self.peek(2) == quote)) {
                self.at += quotes;
                return kind;
            }
            if byte == b'\\' && !raw {
                self.escape(kind == T::Bytes);
            } else {
                self.body.push(byte);
                self.at += 1;
            }
        }
    }

    fn escape(&mut self, bytes: bool) {
        let start = self.at;
        let letter = self.peek(1);
        let simple = match letter {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'v' => 11,
            b'\\' | b'?' | b'"' | b'\'' | b'`' => letter,
            _ => 0,
        };
        if simple != 0 {
            self.at += 2;
            self.body.push(simple);
            return;
        }
        let (from, length, radix) = match letter {
            b'x' | b'X' => (start + 2, 2, 16),
            b'u' if !bytes => (start + 2, 4, 16),
            b'U' if !bytes => (start + 2, 8, 16),
            b'0'..=b'3' => (start + 1, 3, 8),
            _ => (start + 1, 0, 10),
        };
        let code = self
            .source
            .get(from..from + length)
            .filter(|it| length > 0 && it.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|it| u32::from_str_radix(it, radix).ok());
        if self.push_code(code, bytes) {
            self.at = from + length;
            return;
        }
        let after = self.source.get(start + 1..).and_then(|it| it.chars().next());
        self.at = start + 1 + after.map_or(0, char::len_utf8);
        let span = Span::new(offset(start), offset(self.at));
        let help = say!(
            en: "write \\\\ for a backslash; or a raw text: r\"…\"",
            ja: "バックスラッシュは `\\\\` と書くか、`r\"…\"` の形を使ってください",
        );
        self.problem.get_or_insert(remark(
            span,
            say!(en: "this escape is not known", ja: "このエスケープは使えません"),
            Some(help),
        ));
    }

    fn push_code(&mut self, code: Option<u32>, bytes: bool) -> bool {
        let Some(code) = code else { return false };
        if bytes {
            let byte = u8::try_from(code);
            self.body.extend(byte);
            return byte.is_ok();
        }
        let Some(c) = char::from_u32(code) else { return false };
        self.body.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        true
    }
}
