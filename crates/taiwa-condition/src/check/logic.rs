//! `!`, `&&`, `||`, `? :`, and what people write in their place.

use taiwa_text::{Span, say};

use super::{Checker, Typed, code, kind::Type, kind::Values, widened};
use crate::{Expr, ExprKind, Id, Kind, Operator};

impl<'c> Checker<'c> {
    pub(super) fn not(&mut self, id: Id, of: Id) -> Typed<'c> {
        let typed = self.infer(of);
        self.want_bool(&typed);
        self.typed(id, Type::Bool, ExprKind::Not(Box::new(typed.expr)))
    }

    pub(super) fn chain(
        &mut self,
        id: Id,
        (op, op_span): (Operator, Span),
        of: &'c [Id],
    ) -> Typed<'c> {
        match (op, of) {
            (Operator::And | Operator::Or, _) => self.logic(id, op, of),
            (Operator::In, [item, list]) => self.member(id, *item, *list),
            (
                Operator::Add
                | Operator::Subtract
                | Operator::Multiply
                | Operator::Divide
                | Operator::Remainder,
                [left, right],
            ) => self.arithmetic(id, (op, op_span), *left, *right),
            (_, [left, right]) => self.compare(id, (op, op_span), *left, *right),
            _ => self.hole(id),
        }
    }

    fn logic(&mut self, id: Id, op: Operator, of: &'c [Id]) -> Typed<'c> {
        let mut parts = Vec::with_capacity(of.len());
        let mut before = None;
        for part in of {
            let typed = self.infer(*part);
            if !self.lonely_value(op, before, &typed) {
                self.want_bool(&typed);
                before = Some(*part);
            }
            parts.push(typed.expr);
        }
        let kind = if op == Operator::And { ExprKind::All(parts) } else { ExprKind::Any(parts) };
        self.typed(id, Type::Bool, kind)
    }

    /// `a == "x" || "y"`: a value that was meant to be compared like the one before; reports it.
    fn lonely_value(&mut self, op: Operator, before: Option<Id>, typed: &Typed<'c>) -> bool {
        let wanted = if op == Operator::Or { Operator::Equal } else { Operator::Unequal };
        let plain = self.is_constant(typed.id) && !matches!(typed.kind, Type::Bool | Type::Hole);
        let Some(Kind::Chain { op: own, of, op_span: _ }) = before.map(|it| &self.node(it).kind)
        else {
            return false;
        };
        let ([left, right], true, true) = (of.as_slice(), plain, *own == wanted) else {
            return false;
        };
        let list =
            format!("{} in [{}, {}]", self.quote(*left), self.quote(*right), self.quote(typed.id));
        let help = if op == Operator::Or { list } else { format!("!({list})") };
        let message = say!(
            en: "a condition must be true or false; this is a plain value",
            ja: "条件は真か偽になる必要があります。これはただの値です",
        );
        self.error(
            code::TYPE,
            self.node(typed.id).span,
            message,
            Some(say!(en: "write {help}", ja: "`{help}` と書いてください")),
        );
        true
    }

    pub(super) fn choose(&mut self, id: Id, [test, yes, no]: [Id; 3]) -> Typed<'c> {
        let test = self.infer(test);
        self.want_bool(&test);
        let (yes, no) = (self.infer(yes), self.infer(no));
        let kind = match (yes.kind, no.kind) {
            (Type::Hole, it) | (it, Type::Hole) => it,
            (a, b) if a.is_number() && b.is_number() => {
                if a == b {
                    a
                } else {
                    Type::Number
                }
            }
            (Type::Enum(Values::Levels(_)), _) | (_, Type::Enum(Values::Levels(_))) => {
                let message = say!(
                    en: "level() can only be compared with the name of a level",
                    ja: "`level()` と比べられるのはレベル名だけです",
                );
                let help = say!(
                    en: "for example level() == \"customer\" ? … : …",
                    ja: "たとえば `level() == \"customer\" ? … : …` です",
                );
                self.error(code::TYPE, self.node(id).span, message, Some(help));
                return self.hole(id);
            }
            (a, b) if a.is_textual() && b.is_textual() => Type::Text,
            (a, b) if a == b && !a.is_list() => a,
            (a, b) if a == b => {
                let help = say!(
                    en: "choose between conditions: test ? x in a : x in b",
                    ja: "`test ? x in a : x in b` のように条件どうしから選んでください",
                );
                return self.refuse(
                    id,
                    self.node(id).span,
                    say!(en: "a choice cannot give a list", ja: "`? :` の結果をリストにすることはできません"),
                    help,
                );
            }
            (a, b) => {
                let message = say!(
                    en: "both results of `? :` need one type: {} and {}",
                    ja: "`? :` の 2 つの結果は同じ型でなければなりません。今は{}と{}です",
                    a.words(),
                    b.words(),
                );
                self.error(code::TYPE, self.node(id).span, message, None);
                return self.hole(id);
            }
        };
        let fit = |it: Typed<'c>| -> Box<Expr> {
            Box::new(if kind == Type::Number { widened(it) } else { it.expr })
        };
        let expr = ExprKind::Choose { test: Box::new(test.expr), yes: fit(yes), no: fit(no) };
        self.typed(id, kind, expr)
    }
}
