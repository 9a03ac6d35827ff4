//! Conditions that nobody can fulfil, as far as a chain of `&&` over single attributes shows it.
//!
//! Each attribute is held to everything that the chain demands of it; where nothing is left, nobody matches.
//! Deliberately absent: what needs more than one attribute, or more than `&&`, to be seen.

use std::collections::BTreeMap;

use taiwa_condition::{Comparison, Constant, Expr, ExprKind};
use taiwa_model::AttributeName;
use taiwa_text::Span;

/// Two demands on one attribute that exclude each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// The attribute.
    pub attribute: AttributeName,
    /// The demand that leaves nothing.
    pub span: Span,
}

/// The first contradiction of a chain of `&&`.
pub(crate) fn contradiction(expr: &Expr) -> Option<Contradiction> {
    let ExprKind::All(parts) = &expr.kind else { return None };
    let mut left: BTreeMap<AttributeName, Left> = BTreeMap::new();
    for part in parts {
        if let Some(inner) = contradiction(part) {
            return Some(inner);
        }
        let Some((attribute, demand)) = demand(part) else { continue };
        let rest = left.entry(attribute.clone()).or_default();
        rest.narrow(&demand);
        if rest.is_empty() {
            return Some(Contradiction { attribute, span: part.span });
        }
    }
    None
}

enum Demand {
    Number(Comparison, f64),
    Texts(Vec<String>),
    Not(String),
}

/// What is left for an attribute. Numbers between `least` and `most`, each with whether it belongs to it.
struct Left {
    least: (f64, bool),
    most: (f64, bool),
    texts: Option<Vec<String>>,
    excluded: Vec<String>,
}

impl Default for Left {
    fn default() -> Self {
        Self {
            least: (f64::NEG_INFINITY, false),
            most: (f64::INFINITY, false),
            texts: None,
            excluded: Vec::new(),
        }
    }
}

impl Left {
    fn narrow(&mut self, demand: &Demand) {
        match demand {
            Demand::Number(op, it) => {
                let belongs =
                    matches!(op, Comparison::Equal | Comparison::AtLeast | Comparison::AtMost);
                let (up, down) = match op {
                    Comparison::Equal => (true, true),
                    Comparison::Greater | Comparison::AtLeast => (true, false),
                    Comparison::Less | Comparison::AtMost => (false, true),
                    Comparison::Unequal => (false, false),
                };
                if up && (*it > self.least.0 || *it >= self.least.0 && !belongs) {
                    self.least = (*it, belongs);
                }
                if down && (*it < self.most.0 || *it <= self.most.0 && !belongs) {
                    self.most = (*it, belongs);
                }
            }
            Demand::Texts(wanted) => {
                let both = |it: &String| self.texts.as_ref().is_none_or(|old| old.contains(it));
                self.texts = Some(wanted.iter().filter(|it| both(it)).cloned().collect());
            }
            Demand::Not(text) => self.excluded.push(text.clone()),
        }
    }

    fn is_empty(&self) -> bool {
        let (least, most) = (self.least, self.most);
        let numbers = least.0 > most.0 || least.0 >= most.0 && !(least.1 && most.1);
        let texts = self.texts.as_ref();
        numbers || texts.is_some_and(|it| it.iter().all(|it| self.excluded.contains(it)))
    }
}

fn demand(part: &Expr) -> Option<(AttributeName, Demand)> {
    match &part.kind {
        ExprKind::Compare { op, left, right } => match (attribute(left), attribute(right)) {
            (Some(name), None) => compared(name, *op, right),
            (None, Some(name)) => compared(name, op.turned(), left),
            _ => None,
        },
        ExprKind::Member { item, list } => {
            let ExprKind::Constant(Constant::Texts(texts)) = &list.kind else { return None };
            Some((attribute(item)?, Demand::Texts(texts.clone())))
        }
        _ => None,
    }
}

fn compared(name: AttributeName, op: Comparison, with: &Expr) -> Option<(AttributeName, Demand)> {
    let with = if let ExprKind::Widen(of) = &with.kind { of } else { with };
    let ExprKind::Constant(constant) = &with.kind else { return None };
    let demand = match (op, constant) {
        (Comparison::Unequal, Constant::Int(_) | Constant::Number(_)) => return None,
        #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
        (op, Constant::Int(it)) => Demand::Number(op, *it as f64),
        (op, Constant::Number(it)) => Demand::Number(op, *it),
        (Comparison::Equal, Constant::Text(it)) => Demand::Texts(vec![it.clone()]),
        (Comparison::Unequal, Constant::Text(it)) => Demand::Not(it.clone()),
        _ => return None,
    };
    Some((name, demand))
}

fn attribute(expr: &Expr) -> Option<AttributeName> {
    match &expr.kind {
        ExprKind::Attribute(it) => Some(it.name.clone()),
        ExprKind::Widen(of) => attribute(of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_condition::{Expect, Names, Setting, check};
    use taiwa_model::{Attribute, ValueType};

    fn names() -> Names {
        let attribute = |kind, values: &[&str]| Attribute {
            kind,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
            default: None,
            min: None,
            max: None,
            pii: false,
        };
        let attributes = [
            ("age".into(), attribute(ValueType::Int, &[])),
            ("spent".into(), attribute(ValueType::Number, &[])),
            ("tier".into(), attribute(ValueType::Enum, &["none", "silver", "gold"])),
        ];
        Names { attributes: attributes.into(), ..Names::default() }
    }

    #[track_caller]
    fn nobody(text: &str, expect: Option<&str>) {
        let names = names();
        let setting = Setting { names: &names, scope: None, session: true, event: None };
        let checked = check(text, Expect::Condition, &setting);
        let expr = checked.expr.unwrap_or_else(|| panic!("{:?}", checked.remarks));
        let found = contradiction(&expr);
        let part = found.and_then(|it| text.get(it.span.start as usize..it.span.end as usize));
        assert_eq!(part, expect, "{text}");
    }

    #[test]
    fn what_excludes_itself() {
        nobody("profile.age < 18 && profile.age >= 18", Some("profile.age >= 18"));
        nobody("profile.age <= 18 && profile.age >= 18", None);
        nobody(
            "18 < profile.age && profile.spent > 1.5 && profile.age == 18",
            Some("profile.age == 18"),
        );
        nobody("profile.spent > 5 && profile.spent < 5.5", None);
        nobody(
            "profile.tier == 'gold' && profile.tier == 'silver'",
            Some("profile.tier == 'silver'"),
        );
        nobody("profile.tier in ['gold', 'silver'] && profile.tier == 'gold'", None);
        nobody("profile.tier == 'gold' && profile.tier != 'gold'", Some("profile.tier != 'gold'"));
        nobody("profile.tier == 'gold' || profile.tier == 'silver'", None);
        nobody("profile.age > 5 && (profile.tier == 'none' || profile.age < 3)", None);
    }
}
