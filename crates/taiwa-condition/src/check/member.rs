//! `item in list`, and lists that are written out.

use super::{
    Checker, Typed, code,
    kind::{Type, Values},
    widened,
};
use crate::{Constant, Expr, ExprKind, Id, Kind, Literal, Operator};
use taiwa_text::say;

impl<'c> Checker<'c> {
    pub(super) fn member(&mut self, id: Id, item: Id, list: Id) -> Typed<'c> {
        let item = match self.infer_left_of(Operator::In, item, list) {
            Some(typed) => typed,
            None => self.infer(item),
        };
        let mut list = self.infer(list);
        self.fits(&item, &list);
        if let (Type::Number, ExprKind::Constant(Constant::Ints(ints))) =
            (item.kind, &list.expr.kind)
        {
            #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
            let numbers = ints.iter().map(|it| *it as f64).collect();
            list.expr.kind = ExprKind::Constant(Constant::Numbers(numbers));
        }
        let item = if list.kind == Type::Numbers { widened(item) } else { item.expr };
        let expr = ExprKind::Member { item: Box::new(item), list: Box::new(list.expr) };
        self.typed(id, Type::Bool, expr)
    }

    fn fits(&mut self, item: &Typed<'c>, list: &Typed<'c>) {
        match (item.kind, list.kind) {
            (Type::Hole, _) | (_, Type::Hole) | (Type::Text, Type::Texts) => {}
            (Type::Enum(values), Type::Texts) => self.enum_items(item, values, list),
            (a, b) if a.is_number() && matches!(b, Type::Ints | Type::Numbers) => {
                self.items_in_range(item, list);
            }
            (a, b) if b.is_textual() => {
                let (a_text, b_text) = (self.quote(item.id), self.quote(list.id));
                let message = say!(
                    en: "`in` looks into a list; {b_text} is {}",
                    ja: "`in` の右にはリストが必要です。{b_text} は{}です",
                    b.words(),
                );
                let help = if a.is_textual() && self.is_constant(item.id) {
                    say!(
                        en: "write {b_text}.contains({a_text})",
                        ja: "`{b_text}.contains({a_text})` と書いてください",
                    )
                } else {
                    say!(en: "write {a_text} == {b_text}", ja: "`{a_text} == {b_text}` と書いてください")
                };
                self.error(code::TYPE, self.node(list.id).span, message, Some(help));
            }
            (_, b) if !b.is_list() => {
                let message = say!(
                    en: "`in` looks into a list; {} is {}",
                    ja: "`in` の右にはリストが必要です。{} は{}です",
                    self.quote(list.id),
                    b.words(),
                );
                self.error(code::TYPE, self.node(list.id).span, message, None);
            }
            (a, b) => {
                let message = say!(
                    en: "{} is {}; {} is {}",
                    ja: "{} は{}、{} は{}です",
                    self.quote(item.id),
                    a.words(),
                    self.quote(list.id),
                    b.words(),
                );
                self.error(code::TYPE, self.node(item.id).span, message, None);
            }
        }
    }

    fn enum_items(&mut self, item: &Typed<'c>, values: Values<'c>, list: &Typed<'c>) {
        if let (ExprKind::Constant(Constant::Texts(texts)), Kind::List(ids)) =
            (&list.expr.kind, &self.node(list.id).kind)
        {
            for (text, id) in texts.iter().zip(ids) {
                self.enum_value(item.id, values, text, self.node(*id).span);
            }
        } else if matches!(values, Values::Levels(_)) {
            let message = say!(
                en: "level() can only be compared with the names of levels",
                ja: "`level()` と比べられるのはレベル名だけです",
            );
            self.error(code::TYPE, self.node(list.id).span, message, None);
        }
    }

    fn items_in_range(&mut self, item: &Typed<'c>, list: &Typed<'c>) {
        let Kind::List(ids) = &self.node(list.id).kind else { return };
        for id in ids {
            #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
            let value = match &self.node(*id).kind {
                Kind::Literal(Literal::Int(it)) => *it as f64,
                Kind::Literal(Literal::Double(it)) => *it,
                _ => continue,
            };
            self.value_in_range(item, value, self.node(*id).span);
        }
    }

    /// A list that is written out: texts, or numbers.
    pub(super) fn list(&mut self, id: Id, items: &'c [Id]) -> Typed<'c> {
        if items.is_empty() {
            let message =
                say!(en: "an empty list holds nothing", ja: "空のリストには何も含まれません");
            let help = say!(
                en: "to ask whether a list is empty: size(profile.interests) == 0",
                ja: "リストが空かどうかは `size(profile.interests) == 0` で調べられます",
            );
            self.error(code::TYPE, self.node(id).span, message, Some(help));
            return self.hole(id);
        }
        let mut texts = Vec::new();
        let mut ints = Vec::new();
        let mut numbers = Vec::new();
        for item in items {
            let typed = self.infer(*item);
            match (&typed.expr.kind, typed.kind) {
                (_, Type::Hole) => return self.hole(id),
                (ExprKind::Constant(Constant::Text(it)), _) => texts.push(it.clone()),
                (ExprKind::Constant(Constant::Int(it)), _) => ints.push(*it),
                (ExprKind::Constant(Constant::Number(it)), _) => numbers.push(*it),
                _ => {
                    let message = say!(
                        en: "a list holds texts or numbers that are written out",
                        ja: "リストには、直接書いた文字列か数値だけを入れられます",
                    );
                    let help = say!(
                        en: "to compare with several things, join comparisons with ||",
                        ja: "複数のものと比べるには、比較を `||` でつないでください",
                    );
                    return self.refuse(id, self.node(*item).span, message, help);
                }
            }
        }
        let (kind, constant) = match (texts.is_empty(), ints.is_empty(), numbers.is_empty()) {
            (false, true, true) => (Type::Texts, Constant::Texts(texts)),
            (true, false, true) => (Type::Ints, Constant::Ints(ints)),
            (true, _, false) => {
                let all = items.iter().filter_map(|it| match &self.node(*it).kind {
                    #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
                    Kind::Literal(Literal::Int(it)) => Some(*it as f64),
                    Kind::Literal(Literal::Double(it)) => Some(*it),
                    _ => None,
                });
                (Type::Numbers, Constant::Numbers(all.collect()))
            }
            _ => {
                let message = say!(
                    en: "a list holds texts or numbers, not both",
                    ja: "リストに文字列と数値を混ぜることはできません",
                );
                self.error(code::TYPE, self.node(id).span, message, None);
                return self.hole(id);
            }
        };
        Typed {
            id,
            kind,
            expr: Expr { kind: ExprKind::Constant(constant), span: self.node(id).span },
        }
    }
}
