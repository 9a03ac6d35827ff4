//! Words for what went wrong: mistakes that people bring along from other languages, and what to write instead.

use super::{
    Id, Kind,
    lex::T,
    parse::{Parser, operator},
};

impl Parser<'_> {
    /// An operator of another language in operator position: says what to write, and reads on as if it had been.
    pub(super) fn wrong_operator(&mut self, floor: u8) -> bool {
        let span = self.token.span;
        if self.token.text == "not"
            && floor <= 2
            && self.lexer.rest().trim_start().starts_with("in")
        {
            self.report(span, "`not in` is not an operator", Some("write !(a in b)"));
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
            "=" => "`=` does not compare".to_owned(),
            other => format!("`{other}` is not an operator here"),
        };
        self.report(span, message, Some(&format!("write `{right}`")));
        self.token.kind = kind;
        true
    }

    /// Only names can stand for the elements of a list, and `has` asks about one attribute.
    pub(super) fn check_macro(&mut self, target: Option<Id>, name: &str, args: &[Id]) {
        let Some(first) = args.first() else { return };
        let (fits, message, help) = match (target, name, args.len()) {
            (None, "has", 1) => (
                matches!(self.node(*first).kind, Kind::Field { .. } | Kind::Hole),
                "`has` asks whether one attribute is known".to_owned(),
                "write for example has(profile.age)",
            ),
            (Some(_), "all" | "exists" | "exists_one" | "existsOne" | "filter", 2)
            | (Some(_), "map", 2 | 3) => (
                matches!(self.node(*first).kind, Kind::Name { absolute: false, .. } | Kind::Hole),
                format!("the first argument of `{name}` names each element: a plain name"),
                "for example profile.interests.exists(i, i == \"espresso\")",
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
                "something is missing at the end".to_owned(),
                Some("a number stands without `%`; 30 percent of a whole is 0.3"),
            ),
            T::End => ("something is missing at the end".to_owned(), None),
            T::Assign => ("`=` cannot stand here".to_owned(), Some("to compare, write ==")),
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
            | T::Percent => (format!("something to the left of `{}` is missing", token.text), None),
            T::And | T::Or | T::CloseParen | T::CloseBracket | T::CloseBrace | T::Comma => {
                (format!("something is missing before `{}`", token.text), None)
            }
            _ => (format!("`{}` cannot stand here", token.text), None),
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
            (T::CloseParen | T::CloseBracket | T::CloseBrace, _) => {
                (format!("`{text}` closes nothing"), Some("remove it, or add the opening one"))
            }
            (T::Name, "contains" | "has" | "includes") => (
                format!("`{text}` is not an operator"),
                Some("write \"espresso\" in profile.interests"),
            ),
            (T::Name, "between") => {
                (format!("`{text}` is not an operator"), Some("write x >= 1 && x <= 9"))
            }
            (T::Name, "then") => (
                "`then` is not a word of conditions".to_owned(),
                Some("a choice is written: test ? when_true : when_false"),
            ),
            (T::Comma, _) => (
                "a `,` cannot stand here".to_owned(),
                Some("join conditions with && or ||; 1,000 is written 1000"),
            ),
            (T::Colon, _) => ("a `:` cannot stand here".to_owned(), None),
            _ => (
                format!("an operator is missing before `{text}`"),
                Some("join conditions with && or ||"),
            ),
        };
        self.report(self.token.span, message, help);
    }
}
