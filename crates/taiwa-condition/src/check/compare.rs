//! `== != < <= > >=`, with values checked against what is declared.

use taiwa_text::{LocalFix, Span, Text, say};

use super::{
    Checker, Typed, code,
    kind::{Type, Values},
    widened,
};
use crate::{Comparison, Constant, Expr, ExprKind, Id, Kind, Operator, closest, range};

impl<'c> Checker<'c> {
    pub(super) fn compare(
        &mut self,
        id: Id,
        (op, op_span): (Operator, Span),
        left: Id,
        right: Id,
    ) -> Typed<'c> {
        if self.is_chained(left) || self.is_chained(right) {
            self.chained(op, op_span, left, right);
            self.infer(left);
            self.infer(right);
            return self.typed(id, Type::Bool, ExprKind::Constant(Constant::Bool(false)));
        }
        let negated = self.infer_left_of(op, left, right);
        let (left, right) = match negated {
            Some(typed) => (typed, self.infer(right)),
            None => (self.infer(left), self.infer(right)),
        };
        let Some(op) = comparison(op) else { return self.hole(id) };
        self.operands(op, op_span, &left, &right);
        let (left, right) = if left.kind == right.kind {
            (left.expr, right.expr)
        } else {
            (widened(left), widened(right))
        };
        let expr = ExprKind::Compare { op, left: Box::new(left), right: Box::new(right) };
        self.typed(id, Type::Bool, expr)
    }

    fn is_chained(&self, id: Id) -> bool {
        let node = self.node(id);
        matches!(&node.kind, Kind::Chain { op, .. } if op.level() == Operator::Less.level())
            && !node.grouped
    }

    fn chained(&mut self, op: Operator, op_span: Span, left: Id, right: Id) {
        let mut fix = None;
        let help = match &self.node(left).kind {
            Kind::Chain { op: first, of, .. } if of.len() == 2 => {
                let (a, b) = (self.quote(of[0]), self.quote(of[1]));
                let c = self.quote(right);
                fix = Some(LocalFix::guess(op_span, format!("&& {b} {}", op.as_str())));
                Some(say!(
                    en: "write {a} {} {b} && {b} {} {c}",
                    ja: "`{a} {} {b} && {b} {} {c}` と書いてください",
                    first.as_str(),
                    op.as_str(),
                ))
            }
            _ => None,
        };
        self.error(
            code::TYPE,
            op_span,
            say!(en: "comparisons cannot be chained", ja: "比較を続けて書くことはできません"),
            help,
        );
        if let Some(fix) = fix {
            self.mend(fix);
        }
    }

    /// `!a == b` and `!a in b` where `a` is not true or false: reports that `!` binds tighter, and gives `a`.
    pub(super) fn infer_left_of(&mut self, op: Operator, left: Id, right: Id) -> Option<Typed<'c>> {
        let node = self.node(left);
        let Kind::Not(of) = &node.kind else { return None };
        if node.grouped {
            return None;
        }
        let typed = self.infer(*of);
        if typed.kind == Type::Bool && op != Operator::In {
            let not = self.typed(left, Type::Bool, ExprKind::Not(Box::new(typed.expr)));
            return Some(not);
        }
        if typed.kind == Type::Hole && op != Operator::In {
            return Some(typed);
        }
        let (a, b, op) = (self.quote(*of), self.quote(right), op.as_str());
        let ending = if op == "in" {
            say!(en: "is in the list", ja: "がリストにあるかどうか")
        } else {
            say!(en: "is equal", ja: "が等しいかどうか")
        };
        let message = say!(
            en: "`!` binds tighter than `{op}`: this asks whether (!{a}) {}",
            ja: "`!` は `{op}` より先に結び付くため、`(!{a})` {}を調べることになります",
            ending,
        );
        self.error(
            code::TYPE,
            node.span,
            message,
            Some(say!(en: "write !({a} {op} {b})", ja: "`!({a} {op} {b})` と書いてください")),
        );
        let (start, end) = (node.span.start, self.node(right).outer.end);
        let said = say!(en: "write `!({a} {op} {b})`", ja: "`!({a} {op} {b})` と書く");
        let fix = LocalFix::likely(said, Span::new(start, start + 1), "!(");
        self.mend(fix.and(Span::new(end, end), ")"));
        Some(typed)
    }

    fn operands(&mut self, op: Comparison, op_span: Span, left: &Typed<'c>, right: &Typed<'c>) {
        let equality = matches!(op, Comparison::Equal | Comparison::Unequal);
        match (left.kind, right.kind) {
            (Type::Enum(values), Type::Hole) => self.unquoted(values, right.id),
            (Type::Hole, Type::Enum(values)) => self.unquoted(values, left.id),
            (Type::Hole, _) | (_, Type::Hole) => {}
            (Type::Enum(_), Type::Text | Type::Enum(_)) | (Type::Text, Type::Enum(_)) => {
                let (one, other) =
                    if matches!(left.kind, Type::Enum(_)) { (left, right) } else { (right, left) };
                if equality {
                    self.enum_operand(one, other);
                } else {
                    let message = say!(
                        en: "the values of {} have no order",
                        ja: "{} の値には大小がありません",
                        self.quote(one.id),
                    );
                    let help = say!(
                        en: "list the values: {} in [\"…\", \"…\"]",
                        ja: "`{} in [\"…\", \"…\"]` のように値を並べてください",
                        self.quote(one.id),
                    );
                    self.error(code::SUBSET, op_span, message, Some(help));
                }
            }
            (a, b) if a.is_number() && b.is_number() => {
                self.in_range(left, right.id, &right.expr);
                self.in_range(right, left.id, &left.expr);
            }
            (Type::Bool, Type::Bool) if !equality => {
                let message =
                    say!(en: "true and false have no order", ja: "真と偽に大小はありません");
                self.error(
                    code::TYPE,
                    op_span,
                    message,
                    Some(say!(en: "compare with == or !=", ja: "`==` か `!=` で比べてください")),
                );
            }
            (a, b) if a == b && !a.is_list() => {}
            _ => self.mismatch(left, right),
        }
    }

    /// A value of an enum without its quotes: it was said that there is no such name.
    fn unquoted(&mut self, values: Values<'c>, id: Id) {
        let node = self.node(id);
        let Kind::Name { name, absolute: false } = &node.kind else { return };
        let last = self.remarks.iter_mut().rfind(|it| it.span == node.span);
        if let Some(last) = last.filter(|_| values.list().contains(&name.as_str())) {
            last.fix = Some(LocalFix::guess(node.span, format!("\"{name}\"")));
        }
    }

    fn enum_operand(&mut self, one: &Typed<'c>, other: &Typed<'c>) {
        let Type::Enum(values) = one.kind else { return };
        if let ExprKind::Constant(Constant::Text(text)) = &other.expr.kind {
            self.enum_value(one.id, values, text, self.node(other.id).span);
        } else if matches!(values, Values::Levels(_)) || one.kind != other.kind {
            let (one, other) = (self.quote(one.id), self.node(other.id).span);
            let message = say!(
                en: "{one} can only be compared with one of its values, in quotes",
                ja: "{one} と比べられるのは、引用符で囲んだ {one} の値だけです",
            );
            let example = values.list().first().copied().unwrap_or("…");
            self.error(
                code::TYPE,
                other,
                message,
                Some(say!(
                    en: "for example {one} == \"{example}\"",
                    ja: "たとえば `{one} == \"{example}\"` です",
                )),
            );
        }
    }

    /// Whether a text is among the values of an enum; reports it where it is not.
    pub(super) fn enum_value(&mut self, of: Id, values: Values<'c>, text: &str, span: Span) {
        let list = values.list();
        if list.contains(&text) {
            if let Values::Levels(levels) = values
                && let Some(level) = levels.iter().find(|it| it.as_str() == text)
            {
                self.uses.levels.entry(level.clone()).or_insert(span);
            }
            return;
        }
        let near = closest(text, list.iter().copied());
        let help = match near {
            Some(near) => {
                say!(en: "did you mean \"{near}\"?", ja: "もしかして `\"{near}\"` ですか？")
            }
            None if list.len() <= 12 => {
                let quoted: Vec<String> = list.iter().map(|it| format!("\"{it}\"")).collect();
                say!(en: "it is one of {}", ja: "値は {} のいずれかです", Text::row(&quoted))
            }
            None => {
                say!(
                    en: "it has {} values; see its declaration",
                    ja: "値は {} 個あります。宣言を見てください",
                    list.len(),
                )
            }
        };
        let message = say!(
            en: "{} is never \"{text}\"",
            ja: "{} が `\"{text}\"` になることはありません",
            self.quote(of),
        );
        self.error(code::RANGE, span, message, Some(help));
        if let Some(near) = near {
            let quote = if self.slice(span).ends_with('\'') { '\'' } else { '"' };
            self.mend(LocalFix::guess(span, format!("{quote}{near}{quote}")));
        }
    }

    /// Whether a constant lies within the declared range of what it is compared with; reports it where it does not.
    pub(super) fn in_range(&mut self, of: &Typed<'c>, constant: Id, expr: &Expr) {
        #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
        let value = match &expr.kind {
            ExprKind::Constant(Constant::Int(it)) => *it as f64,
            ExprKind::Constant(Constant::Number(it)) => *it,
            _ => return,
        };
        self.value_in_range(of, value, self.node(constant).span);
    }

    pub(super) fn value_in_range(&mut self, of: &Typed<'c>, value: f64, span: Span) {
        if !matches!(
            of.expr.kind,
            ExprKind::Attribute(_) | ExprKind::Session(_) | ExprKind::Count { .. }
        ) {
            return;
        }
        let (min, max) = range(&of.expr);
        if min <= value && value <= max {
            return;
        }
        let name = self.quote(of.id);
        let bounds = match (min.is_finite(), max.is_finite()) {
            (true, true) => say!(en: "{min} to {max}", ja: "{min} から {max} まで"),
            (true, false) => say!(en: "at least {min}", ja: "{min} 以上"),
            _ => say!(en: "at most {max}", ja: "{max} 以下"),
        };
        let message = say!(
            en: "{name} is {}; {} lies outside",
            ja: "{name} は {}です。{} は範囲の外にあります",
            bounds,
            self.slice(span),
        );
        self.error(code::RANGE, span, message, None);
    }

    /// Two operands of different types: said at the constant, if one is.
    pub(super) fn mismatch(&mut self, left: &Typed<'c>, right: &Typed<'c>) {
        let (one, other) = if self.is_constant(left.id) && !self.is_constant(right.id) {
            (right, left)
        } else {
            (left, right)
        };
        let (a, b) = (self.quote(one.id), self.quote(other.id));
        let inner = b.trim_matches(['"', '\'']);
        let constant = self.is_constant(other.id);
        let help = match (one.kind, other.kind) {
            (Type::Int | Type::Number, Type::Text) if constant && inner.parse::<f64>().is_ok() => {
                Some(
                    say!(en: "write {inner} without quotes", ja: "引用符を付けずに `{inner}` と書いてください"),
                )
            }
            (Type::Bool, Type::Text) if matches!(inner, "true" | "false") => Some(
                say!(en: "write {inner} without quotes", ja: "引用符を付けずに `{inner}` と書いてください"),
            ),
            (it, Type::Int | Type::Number) if it.is_textual() && constant => Some(
                say!(en: "write \"{b}\" in quotes", ja: "引用符で囲んで `\"{b}\"` と書いてください"),
            ),
            (Type::Time, Type::Text) if constant => {
                Some(say!(en: "write timestamp({b})", ja: "`timestamp({b})` と書いてください"))
            }
            (Type::Duration, Type::Text) if constant => {
                Some(say!(en: "write duration({b})", ja: "`duration({b})` と書いてください"))
            }
            (Type::Duration, Type::Int) if constant => Some(say!(
                en: "write for example duration(\"{b}d\")",
                ja: "たとえば `duration(\"{b}d\")` と書いてください",
            )),
            (Type::Texts | Type::Ints, it) if !it.is_list() => {
                Some(say!(en: "write {b} in {a}", ja: "`{b} in {a}` と書いてください"))
            }
            (it, Type::Texts | Type::Ints | Type::Numbers) if !it.is_list() => {
                Some(say!(en: "write {a} in {b}", ja: "`{a} in {b}` と書いてください"))
            }
            (it, _) if it.is_list() => Some(say!(
                en: "lists are only asked: with `in`, exists, all and size",
                ja: "リストは `in`、`exists`、`all`、`size` で調べることしかできません",
            )),
            _ => None,
        };
        let instead = match (one.kind, other.kind) {
            _ if !constant => None,
            (Type::Int | Type::Number, Type::Text) if inner.parse::<f64>().is_ok() => {
                Some(inner.to_owned())
            }
            (Type::Bool, Type::Text) if matches!(inner, "true" | "false") => Some(inner.to_owned()),
            (it, Type::Int | Type::Number) if it.is_textual() => Some(format!("\"{b}\"")),
            (Type::Time, Type::Text) => Some(format!("timestamp({b})")),
            (Type::Duration, Type::Text) => Some(format!("duration({b})")),
            _ => None,
        };
        let message = say!(
            en: "{a} is {}; {b} is {}",
            ja: "{a} は{}、{b} は{}です",
            one.kind.words(),
            other.kind.words(),
        );
        let span = self.node(other.id).span;
        self.error(code::TYPE, span, message, help);
        if let Some(instead) = instead {
            self.mend(LocalFix::guess(span, instead));
        }
    }
}

const fn comparison(op: Operator) -> Option<Comparison> {
    Some(match op {
        Operator::Equal => Comparison::Equal,
        Operator::Unequal => Comparison::Unequal,
        Operator::Less => Comparison::Less,
        Operator::AtMost => Comparison::AtMost,
        Operator::Greater => Comparison::Greater,
        Operator::AtLeast => Comparison::AtLeast,
        _ => return None,
    })
}
