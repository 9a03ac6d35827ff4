//! Tokens, with the mistakes that people bring along from other languages.
//!
//! **Invariant.** Every call of [`Lexer::next`] consumes at least one character, or is at the end.

use taiwa_text::{LocalFix, Remark, Severity, Span, Text, say};

use crate::check::code;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum T {
    End,
    /// Stands for nothing; a problem was reported.
    Skip,
    Name,
    /// A name in backquotes.
    Escaped,
    Int,
    Float,
    Text,
    Bytes,
    True,
    False,
    Null,
    In,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Dot,
    Comma,
    Colon,
    Question,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Not,
    /// A single `=`.
    Assign,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    And,
    Or,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: T,
    pub(super) span: Span,
    pub(super) text: &'s str,
}

impl Token<'_> {
    pub(super) const fn end(at: u32) -> Self {
        Token { kind: T::End, span: Span::new(at, at), text: "" }
    }
}

pub(super) struct Lexer<'s> {
    pub(super) source: &'s str,
    /// The next byte, always at a character.
    pub(super) at: usize,
    /// The decoded text of the last `Text` or `Bytes`.
    pub(super) body: Vec<u8>,
    /// What was wrong with the last token.
    pub(super) problem: Option<Remark>,
}

/// An offset as places have it. Conditions are far shorter than 4 GiB.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A mistake in how a condition is written.
pub(super) fn remark(span: Span, message: Text, help: Option<Text>) -> Remark {
    Remark { code: code::PARSE, severity: Severity::Error, span, message, help, fix: None }
}

impl<'s> Lexer<'s> {
    pub(super) const fn new(source: &'s str) -> Self {
        Lexer { source, at: 0, body: Vec::new(), problem: None }
    }

    /// Gives nothing but the end from now on.
    pub(super) const fn finish(&mut self) {
        self.at = self.source.len();
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'s str {
        self.source.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn span_since(&self, start: usize) -> Span {
        Span::new(offset(start), offset(self.at))
    }

    pub(super) fn next(&mut self) -> Token<'s> {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 12 => self.at += 1,
                b'/' if self.peek(1) == b'/' => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        let start = self.at;
        if start >= self.source.len() {
            return Token::end(offset(start));
        }
        let kind = self.token(start);
        Token { kind, span: self.span_since(start), text: self.since(start) }
    }

    fn token(&mut self, start: usize) -> T {
        let quote = |at: u8| matches!(at, b'"' | b'\'');
        match self.peek(0) {
            b'"' | b'\'' => self.string(start, 0, T::Text),
            b'r' | b'R' if quote(self.peek(1)) => self.string(start, 1, T::Text),
            b'b' | b'B' if quote(self.peek(1)) => self.string(start, 1, T::Bytes),
            b'b' | b'B' if matches!(self.peek(1), b'r' | b'R') && quote(self.peek(2)) => {
                self.string(start, 2, T::Bytes)
            }
            b'0'..=b'9' => self.number(start),
            b'.' if self.peek(1).is_ascii_digit() => self.number(start),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => self.word(start),
            b'`' => self.backquoted(start),
            _ => self.operator(start),
        }
    }

    fn word(&mut self, start: usize) -> T {
        while matches!(self.peek(0), b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9') {
            self.at += 1;
        }
        match self.since(start) {
            "true" => T::True,
            "false" => T::False,
            "null" => T::Null,
            "in" => T::In,
            _ => T::Name,
        }
    }

    fn backquoted(&mut self, start: usize) -> T {
        self.at += 1;
        let word = |b: &u8| b.is_ascii_alphanumeric() || b"_.-/ ".contains(b);
        let length = self.rest().bytes().take_while(|it| word(it)).count();
        self.at += length;
        if length > 0 && self.peek(0) == b'`' {
            self.at += 1;
            return T::Escaped;
        }
        let help = say!(
            en: "text is written in \"double\" or 'single' quotes",
            ja: "文字列は `\"二重引用符\"` か `'一重引用符'` で囲みます",
        );
        self.trouble(
            start,
            T::Skip,
            say!(en: "this quoted name is not closed", ja: "引用した名前が閉じられていません"),
            Some(help),
        )
    }

    fn operator(&mut self, start: usize) -> T {
        let two = [self.peek(0), self.peek(1)];
        let (kind, length) = match &two {
            b"==" => (T::Equal, 2),
            b"!=" => (T::Unequal, 2),
            b"<=" => (T::AtMost, 2),
            b">=" => (T::AtLeast, 2),
            b"&&" => (T::And, 2),
            b"||" => (T::Or, 2),
            b"<>" => return self.accent(start, 2, T::Unequal, "!="),
            b"=>" => return self.accent(start, 2, T::AtLeast, ">="),
            b"=<" => return self.accent(start, 2, T::AtMost, "<="),
            [b'&', _] => return self.accent(start, 1, T::And, "&&"),
            [b'|', _] => return self.accent(start, 1, T::Or, "||"),
            [first, _] => match single(*first) {
                Some(kind) => (kind, 1),
                None => return self.foreign(start),
            },
        };
        self.at += length;
        match kind {
            T::Equal if self.peek(0) == b'=' => self.accent(start, 1, kind, "=="),
            T::Unequal if self.peek(0) == b'=' => self.accent(start, 1, kind, "!="),
            _ => kind,
        }
    }

    /// A known slip: reported, and read as what was meant.
    fn accent(&mut self, start: usize, length: usize, kind: T, right: &str) -> T {
        self.at += length;
        let wrong = self.since(start);
        let fix = LocalFix::write(self.span_since(start), right);
        let message = match wrong {
            one @ ("&" | "|") => {
                say!(en: "a single `{one}` is not an operator", ja: "`{one}` 1 つだけでは演算子になりません")
            }
            other => {
                say!(en: "`{other}` is not an operator", ja: "`{other}` は演算子ではありません")
            }
        };
        self.trouble(
            start,
            kind,
            message,
            Some(say!(en: "write `{right}`", ja: "`{right}` と書いてください")),
        );
        self.mended(kind, fix)
    }

    /// The same token, with a way to mend what was wrong with it.
    pub(super) fn mended(&mut self, kind: T, fix: LocalFix) -> T {
        if let Some(problem) = &mut self.problem {
            problem.fix = Some(fix);
        }
        kind
    }

    pub(super) fn trouble(
        &mut self,
        start: usize,
        kind: T,
        message: Text,
        help: Option<Text>,
    ) -> T {
        self.problem = Some(remark(self.span_since(start), message, help));
        kind
    }
}

const fn single(byte: u8) -> Option<T> {
    Some(match byte {
        b'(' => T::OpenParen,
        b')' => T::CloseParen,
        b'[' => T::OpenBracket,
        b']' => T::CloseBracket,
        b'{' => T::OpenBrace,
        b'}' => T::CloseBrace,
        b'.' => T::Dot,
        b',' => T::Comma,
        b':' => T::Colon,
        b'?' => T::Question,
        b'+' => T::Plus,
        b'-' => T::Minus,
        b'*' => T::Star,
        b'/' => T::Slash,
        b'%' => T::Percent,
        b'!' => T::Not,
        b'<' => T::Less,
        b'>' => T::Greater,
        b'=' => T::Assign,
        _ => return None,
    })
}
