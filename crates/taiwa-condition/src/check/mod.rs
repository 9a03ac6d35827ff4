//! The type checker: from what was read to what is meant.
//!
//! **Invariants.** Never fails. A part that is wrong has the type `Hole`, which fits everywhere, so that one
//! mistake gives one remark; there is an [`Expr`] exactly where no remark is an error. Nothing is guessed: what
//! could be read in two ways is a remark with both.

mod arithmetic;
mod call;
pub(crate) mod code;
mod compare;
mod function;
mod history;
mod kind;
mod logic;
mod member;
mod missing;
mod refuse;
mod signature;
#[cfg(test)]
pub(crate) mod tests;
mod uses;
mod variable;

use kind::Type;
use taiwa_model::{ChannelName, EventRef};
use taiwa_text::{LocalFix, Remark, Severity, Span, Text, say};
pub use uses::{EventUse, OfferUse, Uses};

use crate::{Constant, Expr, ExprKind, Id, Kind, Literal, Names, Node, Parsed, parse};

/// What is wanted of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// True or false.
    Condition,
    /// A number, which must never be unknown.
    Score,
}

/// Where a condition stands, as far as that decides what it may use.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// What is declared.
    pub names: &'a Names,
    /// The channel whose events may be named without it; `None` in `channels/shared/`, policies and goals.
    pub scope: Option<&'a ChannelName>,
    /// Whether a session is at hand; without one only `now`, `weekday` and `hour` are.
    pub session: bool,
    /// The event that causes the evaluation, if one does.
    pub event: Option<&'a EventRef>,
}

/// A condition after checking.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What it means; `None` if a remark is an error.
    pub expr: Option<Expr>,
    /// What is to be said about it, in the order of the text.
    pub remarks: Vec<Remark>,
    /// What it uses, as far as that could be read.
    pub uses: Uses,
}

/// Reads and checks one condition or score. Never fails: look at the remarks.
pub fn check(text: &str, expect: Expect, setting: &Setting<'_>) -> Checked {
    let parsed = parse(text);
    let mut checker = Checker {
        text,
        parsed: &parsed,
        setting,
        remarks: parsed.remarks.clone(),
        uses: Uses::default(),
        element: None,
    };
    let root = checker.infer(parsed.root);
    match expect {
        Expect::Condition => checker.want_bool(&root),
        Expect::Score => checker.want_score(&root),
    }
    let failed = |it: &Remark| it.severity == Severity::Error;
    if !checker.remarks.iter().any(failed) {
        match expect {
            Expect::Condition => checker.warn_of_missing(&root.expr),
            Expect::Score => checker.refuse_missing(&root.expr),
        }
    }
    let Checker { mut remarks, uses, .. } = checker;
    // What cannot be read has no type worth a word: one cause, one remark.
    let misread = |span: Span| {
        parsed.remarks.iter().any(|it| it.span.start < span.end && span.start < it.span.end)
    };
    remarks.retain(|it| it.code != code::TYPE || !misread(it.span));
    remarks.sort_by_key(|it| it.span.start);
    let expr = (!remarks.iter().any(failed)).then_some(root.expr);
    Checked { expr, remarks, uses }
}

/// A part with its type.
struct Typed<'c> {
    id: Id,
    expr: Expr,
    kind: Type<'c>,
}

/// The element of the list of the surrounding `exists` or `all`.
struct ElementOf<'c> {
    name: &'c str,
    kind: Type<'c>,
    within: &'c str,
}

struct Checker<'c> {
    text: &'c str,
    parsed: &'c Parsed,
    setting: &'c Setting<'c>,
    remarks: Vec<Remark>,
    uses: Uses,
    element: Option<ElementOf<'c>>,
}

impl<'c> Checker<'c> {
    fn node(&self, id: Id) -> &'c Node {
        self.parsed.node(id)
    }

    /// The text of a part, for messages: long ones are cut.
    fn quote(&self, id: Id) -> &'c str {
        self.slice(self.node(id).span)
    }

    fn slice(&self, span: Span) -> &'c str {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        match text.char_indices().nth(60) {
            Some((cut, _)) => text.get(..cut).unwrap_or(text),
            None => text,
        }
    }

    fn error(&mut self, code: &'static str, span: Span, message: Text, help: Option<Text>) {
        self.remarks.push(Remark {
            code,
            severity: Severity::Error,
            span,
            message,
            help,
            fix: None,
        });
    }

    /// A way to mend what was said last.
    fn mend(&mut self, fix: LocalFix) {
        if let Some(last) = self.remarks.last_mut() {
            last.fix = Some(fix);
        }
    }

    fn typed(&self, id: Id, kind: Type<'c>, expr: ExprKind) -> Typed<'c> {
        Typed { id, kind, expr: Expr { kind: expr, span: self.node(id).span } }
    }

    /// In place of what is wrong; the mistake has been reported.
    fn hole(&self, id: Id) -> Typed<'c> {
        self.typed(id, Type::Hole, ExprKind::Constant(Constant::Bool(false)))
    }

    fn infer(&mut self, id: Id) -> Typed<'c> {
        match &self.node(id).kind {
            Kind::Hole => self.hole(id),
            Kind::Literal(it) => self.literal(id, it),
            Kind::Name { name, absolute } => self.name(id, name, *absolute),
            Kind::Field { of, field, field_span, optional } => {
                if *optional {
                    return self.refuse_optional(id);
                }
                self.field(id, *of, (field, *field_span))
            }
            Kind::Call { target, name, name_span, args } => {
                self.call(id, *target, (name, *name_span), args)
            }
            Kind::List(items) => self.list(id, items),
            Kind::Not(of) => self.not(id, *of),
            Kind::Negate(of) => self.negate(id, *of),
            Kind::Chain { op, op_span, of } => self.chain(id, (*op, *op_span), of),
            Kind::Choose { test, yes, no } => self.choose(id, [*test, *yes, *no]),
            Kind::Index { of, index } => self.refuse_index(id, *of, *index),
            Kind::Map(_) | Kind::Message { .. } => self.refuse_map(id),
        }
    }

    fn literal(&mut self, id: Id, literal: &'c Literal) -> Typed<'c> {
        const LARGEST: u64 = (1 << 53) - 1;
        let (kind, constant) = match literal {
            Literal::Bool(it) => (Type::Bool, Constant::Bool(*it)),
            Literal::Int(it) if it.unsigned_abs() <= LARGEST => (Type::Int, Constant::Int(*it)),
            Literal::Int(_) => {
                let message = say!(
                    en: "{} is beyond the whole numbers that are exact",
                    ja: "{} は、正確に扱える整数の範囲を超えています",
                    self.quote(id),
                );
                let help =
                    say!(en: "they end at 9007199254740991", ja: "上限は 9007199254740991 です");
                self.error(code::RANGE, self.node(id).span, message, Some(help));
                return self.hole(id);
            }
            Literal::Double(it) => (Type::Number, Constant::Number(*it)),
            Literal::Text(it) => (Type::Text, Constant::Text(it.clone())),
            Literal::Null | Literal::Uint(_) | Literal::Bytes(_) => {
                return self.refuse_literal(id, literal);
            }
        };
        self.typed(id, kind, ExprKind::Constant(constant))
    }

    fn is_constant(&self, id: Id) -> bool {
        matches!(self.node(id).kind, Kind::Literal(_))
    }

    /// What a function or an operator needs to be true or false.
    fn want_bool(&mut self, typed: &Typed<'c>) {
        if matches!(typed.kind, Type::Bool | Type::Hole) {
            return;
        }
        let quote = self.quote(typed.id);
        let (what, help) = if self.is_constant(typed.id) {
            (say!(en: "this is a plain value", ja: "これはただの値です"), None)
        } else {
            let help = match typed.kind {
                Type::Texts => {
                    say!(
                        en: "for example \"espresso\" in {quote}",
                        ja: "たとえば `\"espresso\" in {quote}` です",
                    )
                }
                Type::Ints => {
                    say!(en: "for example 1 in {quote}", ja: "たとえば `1 in {quote}` です")
                }
                Type::Int | Type::Number => {
                    say!(en: "for example {quote} > 0", ja: "たとえば `{quote} > 0` です")
                }
                Type::Enum(values) => {
                    say!(
                        en: "for example {quote} == \"{}\"",
                        ja: "たとえば `{quote} == \"{}\"` です",
                        values.list().first().unwrap_or(&"…"),
                    )
                }
                Type::Text => {
                    say!(en: "for example {quote} == \"…\"", ja: "たとえば `{quote} == \"…\"` です")
                }
                _ => say!(en: "compare it with something", ja: "何かと比べてください"),
            };
            (say!(en: "{quote} is {}", ja: "{quote} は{}です", typed.kind.words()), Some(help))
        };
        let message = say!(
            en: "a condition must be true or false; {what}",
            ja: "条件は真か偽になる必要があります。{what}",
            what = what,
        );
        self.error(code::TYPE, self.node(typed.id).span, message, help);
    }

    fn want_score(&mut self, typed: &Typed<'c>) {
        if typed.kind.is_number() || typed.kind == Type::Hole {
            return;
        }
        let help = (typed.kind == Type::Bool).then(|| {
            say!(
                en: "write for example {} ? 80 : 20",
                ja: "たとえば `{} ? 80 : 20` と書いてください",
                self.quote(typed.id),
            )
        });
        let message = say!(
            en: "a score is a number; this is {}",
            ja: "スコアは数値です。これは{}です",
            typed.kind.words(),
        );
        self.error(code::TYPE, self.node(typed.id).span, message, help);
    }
}

/// An int taken as a number where a number is wanted.
fn widened(typed: Typed<'_>) -> Expr {
    if typed.kind != Type::Int {
        return typed.expr;
    }
    let span = typed.expr.span;
    let kind = match typed.expr.kind {
        #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
        ExprKind::Constant(Constant::Int(it)) => ExprKind::Constant(Constant::Number(it as f64)),
        _ => ExprKind::Widen(Box::new(typed.expr)),
    };
    Expr { kind, span }
}
