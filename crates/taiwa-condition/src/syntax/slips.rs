//! Words for what went wrong: mistakes that people bring along from other languages, and what to write instead.

use super::{
    Id, Kind,
    lex::T,
    parse::{Parser, operator},
};
use taiwa_text::{LocalFix, say};

impl Parser<'_> {
    /// An operator of another language in operator position: says what to write, and reads on as if it had been.
    pub(super) fn wrong_operator(&mut self, floor: u8) -> bool {
        let span = self.token.span;
        if self.token.text == "not"
            && floor <= 2
            && self.lexer.rest().trim_start().starts_with("in")
        {
            self.report(
                span,
                say!(en: "`not in` is not an operator", ja: "`not in` は演算子ではありません"),
                Some(say!(en: "write !(a in b)", ja: "`!(a in b)` と書いてください")),
            );
            self.advance();
            return self.token.kind == T::In;
        }
        let (right, kind, level) = match (self.token.kind, self.token.text) {
            (T::Name, "and" | "AND" | "And") => ("&&", T::And, 1),
            (T::Name, "or" | "OR" | "Or") => ("||", T::Or, 0),
            (T::Assign, _) | (T::Name, "is" | "eq" | "equals") => ("==", T::Equal, 2),
            (T::Name, "ne") => ("!=", T::Unequal, 2),
            (T::Name, "IN") => ("in", T::In, 2),
            _ => return false,
        };
        if level < floor {
            return false;
        }
        let message = match self.token.text {
            "=" => say!(en: "`=` does not compare", ja: "`=` では比較できません"),
            other => {
                say!(en: "`{other}` is not an operator here", ja: "`{other}` はここでは演算子になりません")
            }
        };
        self.report(
            span,
            message,
            Some(say!(en: "write `{right}`", ja: "`{right}` と書いてください")),
        );
        self.mend(span, LocalFix::write(span, right));
        self.token.kind = kind;
        true
    }

    /// Only names can stand for the elements of a list, and `has` asks about one attribute.
    pub(super) fn check_macro(&mut self, target: Option<Id>, name: &str, args: &[Id]) {
        let Some(first) = args.first() else { return };
        let (fits, message, help) = match (target, name, args.len()) {
            (None, "has", 1) => (
                matches!(self.node(*first).kind, Kind::Field { .. } | Kind::Hole),
                say!(
                    en: "`has` asks whether one attribute is known",
                    ja: "`has` は、1 つの属性の値があるかどうかを調べる関数です",
                ),
                say!(
                    en: "write for example has(profile.age)",
                    ja: "たとえば `has(profile.age)` と書いてください",
                ),
            ),
            (Some(_), "all" | "exists" | "exists_one" | "existsOne" | "filter", 2)
            | (Some(_), "map", 2 | 3) => (
                matches!(self.node(*first).kind, Kind::Name { absolute: false, .. } | Kind::Hole),
                say!(
                    en: "the first argument of `{name}` names each element: a plain name",
                    ja: "`{name}` の最初の引数は、要素を指す名前でなければなりません",
                ),
                say!(
                    en: "for example profile.interests.exists(i, i == \"espresso\")",
                    ja: "たとえば `profile.interests.exists(i, i == \"espresso\")` です",
                ),
            ),
            _ => return,
        };
        if !fits {
            self.panicking = false;
            self.report(self.span_of(*first), message, Some(help));
            self.panicking = false;
        }
    }

    pub(super) fn unexpected(&mut self) -> Id {
        let token = self.token;
        let span = self.here();
        let (message, help) = match token.kind {
            T::End if self.lexer.source.trim_end().ends_with('%') => (
                say!(en: "something is missing at the end", ja: "末尾に何かが足りません"),
                Some(say!(
                    en: "a number stands without `%`; 30 percent of a whole is 0.3",
                    ja: "数に `%` は付けません。全体の 30 パーセントは 0.3 です",
                )),
            ),
            T::End => {
                (say!(en: "something is missing at the end", ja: "末尾に何かが足りません"), None)
            }
            T::Assign => (
                say!(en: "`=` cannot stand here", ja: "ここに `=` は書けません"),
                Some(say!(en: "to compare, write ==", ja: "比べるときは `==` と書いてください")),
            ),
            T::In
            | T::Equal
            | T::Unequal
            | T::Less
            | T::AtMost
            | T::Greater
            | T::AtLeast
            | T::Plus
            | T::Star
            | T::Slash
            | T::Percent => (
                say!(
                    en: "something to the left of `{}` is missing",
                    ja: "`{}` の左に何かが足りません",
                    token.text,
                ),
                None,
            ),
            T::And | T::Or | T::CloseParen | T::CloseBracket | T::CloseBrace | T::Comma => (
                say!(en: "something is missing before `{}`", ja: "`{}` の前に何かが足りません", token.text),
                None,
            ),
            _ => (
                say!(en: "`{}` cannot stand here", ja: "ここに `{}` は書けません", token.text),
                None,
            ),
        };
        self.report(span, message, help);
        let id = self.hole(span);
        if operator(token.kind).is_none() {
            self.sync();
        }
        id
    }

    /// After a complete expression something follows that cannot.
    pub(super) fn trailing(&mut self) {
        let text = self.token.text;
        let (message, help) = match (self.token.kind, text) {
            (T::CloseParen | T::CloseBracket | T::CloseBrace, _) => (
                say!(en: "`{text}` closes nothing", ja: "`{text}` に対応する開き括弧がありません"),
                Some(
                    say!(en: "remove it, or add the opening one", ja: "これを消すか、開き括弧を加えてください"),
                ),
            ),
            (T::Name, "contains" | "has" | "includes") => (
                say!(en: "`{text}` is not an operator", ja: "`{text}` は演算子ではありません"),
                Some(say!(
                    en: "write \"espresso\" in profile.interests",
                    ja: "`\"espresso\" in profile.interests` の形で書いてください",
                )),
            ),
            (T::Name, "between") => (
                say!(en: "`{text}` is not an operator", ja: "`{text}` は演算子ではありません"),
                Some(
                    say!(en: "write x >= 1 && x <= 9", ja: "`x >= 1 && x <= 9` の形で書いてください"),
                ),
            ),
            (T::Name, "then") => (
                say!(en: "`then` is not a word of conditions", ja: "条件では `then` を使えません"),
                Some(say!(
                    en: "a choice is written: test ? when_true : when_false",
                    ja: "選択は `test ? when_true : when_false` の形で書きます",
                )),
            ),
            (T::Comma, _) => (
                say!(en: "a `,` cannot stand here", ja: "ここに `,` は書けません"),
                Some(say!(
                    en: "join conditions with && or ||; 1,000 is written 1000",
                    ja: "条件は `&&` か `||` でつなぎます。1,000 は 1000 と書きます",
                )),
            ),
            (T::Colon, _) => {
                (say!(en: "a `:` cannot stand here", ja: "ここに `:` は書けません"), None)
            }
            _ => (
                say!(en: "an operator is missing before `{text}`", ja: "`{text}` の前に演算子がありません"),
                Some(
                    say!(en: "join conditions with && or ||", ja: "条件は `&&` か `||` でつないでください"),
                ),
            ),
        };
        self.report(self.token.span, message, help);
    }
}
