//! Literals, names, calls, brackets, and what follows them.

use taiwa_text::{LocalFix, Span, say};

use super::{
    Id, Kind, Literal,
    lex::T,
    parse::{Parser, is_closer},
    recover::closer,
};

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

impl Parser<'_> {
    pub(super) fn number(&mut self, minus: Option<Span>) -> Id {
        let token = self.token;
        let span = minus.map_or(token.span, |it| it.to(token.span));
        let sign = if minus.is_some() { "-" } else { "" };
        let digits = token.text.trim_end_matches(['u', 'U']);
        let literal = if token.kind == T::Float {
            let double: Option<f64> = format!("{sign}{digits}").parse().ok();
            double.filter(|it| it.is_finite()).map(Literal::Double)
        } else {
            let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
            let (plain, radix) = hex.map_or((digits, 10), |it| (it, 16));
            if digits.len() < token.text.len() {
                let whole = u64::from_str_radix(plain, radix).ok();
                whole.filter(|_| minus.is_none()).map(Literal::Uint)
            } else {
                i64::from_str_radix(&format!("{sign}{plain}"), radix).ok().map(Literal::Int)
            }
        };
        if literal.is_none() {
            self.report(
                span,
                say!(en: "the number {sign}{} is too large", ja: "数 {sign}{} は大きすぎます", token.text),
                None,
            );
        }
        self.advance();
        self.push(literal.map_or(Kind::Hole, Kind::Literal), span)
    }

    pub(super) fn primary(&mut self) -> Id {
        let token = self.token;
        let span = token.span;
        match token.kind {
            T::Int | T::Float => self.number(None),
            T::Text | T::Bytes => {
                let body = std::mem::take(&mut self.lexer.body);
                let literal = if token.kind == T::Text {
                    Literal::Text(String::from_utf8_lossy(&body).into_owned())
                } else {
                    Literal::Bytes(body)
                };
                self.accept();
                self.push(Kind::Literal(literal), span)
            }
            T::True | T::False | T::Null => {
                self.accept();
                let literal = match token.kind {
                    T::Null => Literal::Null,
                    it => Literal::Bool(it == T::True),
                };
                self.push(Kind::Literal(literal), span)
            }
            T::Dot => {
                self.accept();
                if self.token.kind == T::Name { self.name(Some(span)) } else { self.unexpected() }
            }
            T::Name => self.name(None),
            T::OpenParen => self.group(span),
            T::OpenBracket => {
                self.accept();
                let items = self.list(T::CloseBracket, span);
                self.push(Kind::List(items), Span::new(span.start, self.last_end))
            }
            T::OpenBrace => {
                self.accept();
                let entries = self.entries(span);
                self.push(Kind::Map(entries), Span::new(span.start, self.last_end))
            }
            _ => self.unexpected(),
        }
    }

    fn group(&mut self, open: Span) -> Id {
        self.accept();
        let id = self.expr();
        self.close(T::CloseParen, open);
        let outer = Span::new(open.start, self.last_end);
        let node = &mut self.nodes[id as usize];
        (node.grouped, node.outer) = (true, node.span.to(outer));
        id
    }

    fn name(&mut self, dot: Option<Span>) -> Id {
        let token = self.token;
        let span = dot.map_or(token.span, |it| it.to(token.span));
        if token.text == "not" && dot.is_none() {
            let help = say!(
                en: "write `!` before what is to be false, with parentheses: !(a in b)",
                ja: "否定する部分を括弧で囲み、前に `!` を付けてください: `!(a in b)`",
            );
            self.report(
                token.span,
                say!(en: "`not` is not an operator here", ja: "`not` はここでは演算子になりません"),
                Some(help),
            );
            self.advance();
            // `not a == b` means something else in other languages: a person should look at it
            let word = token.span.to(Span::new(self.token.span.start, self.token.span.start));
            self.mend(
                token.span,
                LocalFix::likely(say!(en: "write `!`", ja: "`!` と書く"), word, "!"),
            );
            let id = self.nested(Self::unary);
            let whole = span.to(self.span_of(id));
            return self.push(Kind::Not(id), whole);
        }
        if dot.is_none() && RESERVED.contains(&token.text) {
            let help = say!(
                en: "a choice is written: test ? when_true : when_false",
                ja: "選択は `test ? when_true : when_false` の形で書きます",
            );
            let help = (token.text == "if").then_some(help);
            self.report(
                token.span,
                say!(en: "`{}` is a reserved word", ja: "`{}` は予約語です", token.text),
                help,
            );
            self.advance();
            return self.hole(span);
        }
        self.accept();
        let name = token.text.to_owned();
        let open = self.token.span;
        if !self.eat(T::OpenParen) {
            return self.push(Kind::Name { name, absolute: dot.is_some() }, span);
        }
        let args = self.list(T::CloseParen, open);
        self.check_macro(None, &name, &args);
        let whole = Span::new(span.start, self.last_end);
        self.push(Kind::Call { target: None, name, name_span: token.span, args }, whole)
    }

    pub(super) fn postfix(&mut self, mut of: Id) -> Id {
        loop {
            let token = self.token;
            let start = self.span_of(of).start;
            match token.kind {
                T::Dot => {
                    self.accept();
                    match self.member(of, token.span) {
                        Ok(id) => of = id,
                        Err(hole) => return hole,
                    }
                }
                T::OpenBracket => {
                    self.accept();
                    self.eat(T::Question);
                    let index = self.expr();
                    self.close(T::CloseBracket, token.span);
                    of = self.push(Kind::Index { of, index }, Span::new(start, self.last_end));
                }
                T::OpenBrace if self.is_type_name(of) => {
                    self.accept();
                    let fields = self.fields(token.span);
                    of = self.push(Kind::Message { of, fields }, Span::new(start, self.last_end));
                }
                _ => return of,
            }
        }
    }

    /// What follows a `.`; a hole where that cannot be read.
    fn member(&mut self, of: Id, dot: Span) -> Result<Id, Id> {
        let start = self.span_of(of);
        let optional = self.eat(T::Question);
        let token = self.token;
        let keyword = matches!(token.kind, T::In | T::True | T::False | T::Null);
        if !keyword && !matches!(token.kind, T::Name | T::Escaped) {
            let help = say!(en: "write .name without quotes", ja: "引用符を付けずに `.name` の形で書いてください");
            let help = (token.kind == T::Text).then_some(help);
            self.report(
                self.here(),
                say!(en: "a name is expected after `.`", ja: "`.` の後には名前が必要です"),
                help,
            );
            return Err(self.hole(start.to(dot)));
        }
        if keyword {
            self.panicking = false;
            let message = say!(
                en: "`{}` is a word of the language and cannot follow `.`",
                ja: "`{}` は言語の語なので、`.` の後には書けません",
                token.text,
            );
            self.report(token.span, message, None);
            self.advance();
        } else {
            self.accept();
        }
        let field = token.text.trim_matches('`').to_owned();
        let open = self.token.span;
        let kind = if !optional && self.eat(T::OpenParen) {
            let args = self.list(T::CloseParen, open);
            self.check_macro(Some(of), &field, &args);
            Kind::Call { target: Some(of), name: field, name_span: token.span, args }
        } else {
            Kind::Field { of, field, field_span: token.span, optional }
        };
        Ok(self.push(kind, Span::new(start.start, self.last_end)))
    }

    fn is_type_name(&self, mut id: Id) -> bool {
        loop {
            match &self.node(id).kind {
                Kind::Name { .. } => return true,
                Kind::Field { of, optional: false, .. } => id = *of,
                _ => return false,
            }
        }
    }

    /// Items up to the closing token; a missing one is reported at the opening.
    fn list(&mut self, close: T, open: Span) -> Vec<Id> {
        let mut items = Vec::new();
        let mut comma = false;
        while self.token.kind != close && self.token.kind != T::End {
            if close == T::CloseBracket {
                self.eat(T::Question); // [?x] is refused by the checker as what it is: a list
            }
            items.push(self.expr());
            comma = false;
            if self.token.kind != close {
                if !self.separator(close) {
                    break;
                }
                comma = true;
            }
        }
        if close == T::CloseParen && comma && self.token.kind == close {
            self.report(
                self.token.span,
                say!(en: "an argument is expected after `,`", ja: "`,` の後には引数が必要です"),
                None,
            );
            self.panicking = false;
        }
        self.close(close, open);
        items
    }

    fn separator(&mut self, close: T) -> bool {
        if self.eat(T::Comma) {
            return true;
        }
        if self.token.kind == T::End || is_closer(self.token.kind) {
            return false;
        }
        let message = say!(
            en: "`,` or `{}` is expected before `{}`",
            ja: "`{1}` の前に `,` か `{0}` が必要です",
            closer(close),
            self.token.text,
        );
        self.report(self.here(), message, None);
        self.sync();
        self.eat(T::Comma)
    }

    fn entries(&mut self, open: Span) -> Vec<(Id, Id)> {
        let mut entries = Vec::new();
        while self.token.kind != T::CloseBrace && self.token.kind != T::End {
            self.eat(T::Question);
            let key = self.expr();
            if self.eat(T::Colon) {
                let value = self.expr();
                entries.push((key, value));
            } else {
                let help =
                    say!(en: "a list is written [1, 2]", ja: "リストは `[1, 2]` の形で書きます");
                self.report(
                    self.here(),
                    say!(en: "`:` is expected after the key", ja: "キーの後には `:` が必要です"),
                    Some(help),
                );
                self.sync();
            }
            if self.token.kind != T::CloseBrace && !self.separator(T::CloseBrace) {
                break;
            }
        }
        self.close(T::CloseBrace, open);
        entries
    }

    fn fields(&mut self, open: Span) -> Vec<(String, Id)> {
        let mut fields = Vec::new();
        while self.token.kind != T::CloseBrace && self.token.kind != T::End {
            self.eat(T::Question);
            let name = self.token;
            if matches!(name.kind, T::Name | T::Escaped) {
                self.accept();
                if self.eat(T::Colon) {
                    let value = self.expr();
                    fields.push((name.text.trim_matches('`').to_owned(), value));
                } else {
                    self.report(
                        self.here(),
                        say!(en: "`:` is expected after the field", ja: "フィールドの後には `:` が必要です"),
                        None,
                    );
                    self.sync();
                }
            } else {
                self.unexpected();
            }
            if self.token.kind != T::CloseBrace && !self.separator(T::CloseBrace) {
                break;
            }
        }
        self.close(T::CloseBrace, open);
        fields
    }
}
