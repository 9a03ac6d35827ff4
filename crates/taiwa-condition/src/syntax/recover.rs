//! Where to read on after a mistake, and brackets that are not closed.

use taiwa_text::{Span, say};

use super::{
    lex::T,
    parse::{Parser, is_closer},
};

impl Parser<'_> {
    pub(super) fn close(&mut self, close: T, open: Span) {
        if self.eat(close) {
            return;
        }
        if !self.panicking && self.token.kind != T::End && !is_closer(self.token.kind) {
            self.trailing();
        }
        self.skip(is_closer);
        if self.eat(close) {
            return;
        }
        let source = self.lexer.source;
        let opened = source.get(open.start as usize..open.end as usize).unwrap_or_default();
        let message = say!(
            en: "this `{opened}` is never closed: `{}` is missing",
            ja: "この `{opened}` は閉じられていません。`{}` が足りません",
            closer(close),
        );
        self.report(open, message, None);
    }

    /// The token; at the end the place just behind the last one.
    pub(super) const fn here(&self) -> Span {
        match self.token.kind {
            T::End => Span::new(self.last_end, self.last_end),
            _ => self.token.span,
        }
    }

    /// Skips to where reading can go on: a separator, a closer, a logical operator, the end.
    pub(super) fn sync(&mut self) {
        self.skip(|kind| is_closer(kind) || matches!(kind, T::Comma | T::And | T::Or));
    }

    fn skip(&mut self, stop: impl Fn(T) -> bool) {
        let mut open = 0_u32;
        while self.token.kind != T::End {
            match self.token.kind {
                T::OpenParen | T::OpenBracket | T::OpenBrace => open += 1,
                kind if open == 0 && stop(kind) => return,
                kind if is_closer(kind) => open = open.saturating_sub(1),
                _ => {}
            }
            self.advance();
        }
    }
}

pub(super) const fn closer(kind: T) -> &'static str {
    match kind {
        T::CloseParen => ")",
        T::CloseBracket => "]",
        _ => "}",
    }
}
