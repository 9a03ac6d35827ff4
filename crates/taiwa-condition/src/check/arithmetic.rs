//! `+ - * / %` on numbers, times and lengths of time.

use taiwa_text::{Span, say};

use super::{Checker, Typed, code, kind::Type, widened};
use crate::{Arithmetic, Constant, Expr, ExprKind, Id, Operator};

impl<'c> Checker<'c> {
    pub(super) fn negate(&mut self, id: Id, of: Id) -> Typed<'c> {
        let typed = self.infer(of);
        if typed.kind == Type::Hole {
            return self.hole(id);
        }
        if !typed.kind.is_number() {
            let message = say!(
                en: "`-` needs a number; {} is {}",
                ja: "`-` には数値が必要です。{} は{}です",
                self.quote(of),
                typed.kind.words(),
            );
            self.error(code::TYPE, self.node(of).span, message, None);
            return self.hole(id);
        }
        self.typed(id, typed.kind, ExprKind::Negate(Box::new(typed.expr)))
    }

    pub(super) fn arithmetic(
        &mut self,
        id: Id,
        (op, op_span): (Operator, Span),
        left: Id,
        right: Id,
    ) -> Typed<'c> {
        let (left, right) = (self.infer(left), self.infer(right));
        if left.kind == Type::Hole || right.kind == Type::Hole {
            return self.hole(id);
        }
        let Some(operator) = operator(op) else { return self.hole(id) };
        let Some(kind) = result(operator, left.kind, right.kind) else {
            return self.no_arithmetic(id, (op, op_span), &left, &right);
        };
        if matches!(operator, Arithmetic::Divide | Arithmetic::Remainder) && is_zero(&right.expr) {
            let message =
                say!(en: "a division by zero gives nothing", ja: "0 で割ると値がなくなります");
            self.error(code::TYPE, self.node(right.id).span, message, None);
            return self.hole(id);
        }
        let fit = |it: Typed<'c>| -> Box<Expr> {
            Box::new(if kind == Type::Number { widened(it) } else { it.expr })
        };
        let expr = ExprKind::Arithmetic { op: operator, left: fit(left), right: fit(right) };
        self.typed(id, kind, expr)
    }

    fn no_arithmetic(
        &mut self,
        id: Id,
        (op, op_span): (Operator, Span),
        left: &Typed<'c>,
        right: &Typed<'c>,
    ) -> Typed<'c> {
        let sign = op.as_str();
        let timely = |it: Type<'_>| matches!(it, Type::Time | Type::Duration);
        let span = self.node(right.id).span;
        if timely(left.kind) && right.kind == Type::Text && self.is_constant(right.id) {
            let quote = self.quote(right.id);
            let message = say!(
                en: "{quote} is a text, not a length of time",
                ja: "{quote} は文字列です。期間ではありません",
            );
            self.error(
                code::TYPE,
                span,
                message,
                Some(
                    say!(en: "write duration({quote})", ja: "`duration({quote})` と書いてください"),
                ),
            );
        } else if timely(left.kind) && right.kind.is_number() {
            let message = say!(
                en: "`{sign}` of {} needs a length of time",
                ja: "{}に対する `{sign}` には期間が必要です",
                left.kind.words(),
            );
            let help = say!(
                en: "write for example duration(\"{}d\")",
                ja: "たとえば `duration(\"{}d\")` と書いてください",
                self.quote(right.id),
            );
            self.error(code::TYPE, span, message, Some(help));
        } else if op == Operator::Add && left.kind.is_textual() && right.kind.is_textual() {
            let help = say!(
                en: "compare the parts one by one, joined with &&",
                ja: "部分ごとに比べ、`&&` でつないでください",
            );
            return self.refuse(
                id,
                op_span,
                say!(en: "conditions do not join texts", ja: "条件では文字列を連結できません"),
                help,
            );
        } else if op == Operator::Add && left.kind.is_list() {
            let help = say!(en: "ask each list, joined with ||", ja: "リストごとに調べ、`||` でつないでください");
            return self.refuse(
                id,
                op_span,
                say!(en: "conditions do not join lists", ja: "条件ではリストを連結できません"),
                help,
            );
        } else {
            let message = say!(
                en: "`{sign}` does not go with {} and {}",
                ja: "`{sign}` は{}と{}には使えません",
                left.kind.words(),
                right.kind.words(),
            );
            let help = (op == Operator::Remainder && left.kind.is_number())
                .then(|| say!(en: "the remainder is for whole numbers", ja: "剰余が使えるのは整数だけです"));
            self.error(code::TYPE, op_span, message, help);
        }
        self.hole(id)
    }
}

const fn operator(op: Operator) -> Option<Arithmetic> {
    Some(match op {
        Operator::Add => Arithmetic::Add,
        Operator::Subtract => Arithmetic::Subtract,
        Operator::Multiply => Arithmetic::Multiply,
        Operator::Divide => Arithmetic::Divide,
        Operator::Remainder => Arithmetic::Remainder,
        _ => return None,
    })
}

fn result<'c>(op: Arithmetic, left: Type<'c>, right: Type<'c>) -> Option<Type<'c>> {
    use Arithmetic::{Add, Remainder, Subtract};
    match (op, left, right) {
        (_, Type::Int, Type::Int) => Some(Type::Int),
        (Remainder, _, _) => None,
        (_, a, b) if a.is_number() && b.is_number() => Some(Type::Number),
        (Add | Subtract, Type::Time, Type::Duration) | (Add, Type::Duration, Type::Time) => {
            Some(Type::Time)
        }
        (Add | Subtract, Type::Duration, Type::Duration) | (Subtract, Type::Time, Type::Time) => {
            Some(Type::Duration)
        }
        _ => None,
    }
}

fn is_zero(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(Constant::Int(it)) => *it == 0,
        ExprKind::Constant(Constant::Number(it)) => *it == 0.0,
        _ => false,
    }
}
