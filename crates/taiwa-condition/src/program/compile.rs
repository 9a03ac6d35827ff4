//! From a checked condition to a program: slots for names, one step for common forms.

use taiwa_model::{LevelName, ValueType};

use super::{Root, Term, Test};
use crate::{AttributeSlot, Comparison, Constant, Expr, ExprKind, LevelSlot, SessionField, Slots};

pub(super) fn root(expr: &Expr, slots: &mut Slots) -> Root {
    if is_test(expr) { Root::Test(test(expr, slots)) } else { Root::Term(term(expr, slots)) }
}

/// Whether an expression is true or false.
fn is_test(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(it) => matches!(it, Constant::Bool(_)),
        ExprKind::Attribute(it) => it.kind == ValueType::Bool,
        ExprKind::Property(it) => it.kind == ValueType::Bool,
        ExprKind::Session(it) => *it == SessionField::Known,
        ExprKind::Choose { yes, test: _, no: _ } => is_test(yes),
        ExprKind::InSegment(_)
        | ExprKind::Seen { .. }
        | ExprKind::Offer { .. }
        | ExprKind::Consented(_)
        | ExprKind::Flagged(_)
        | ExprKind::Has(_)
        | ExprKind::Text { .. }
        | ExprKind::Quantified { .. }
        | ExprKind::Not(_)
        | ExprKind::All(_)
        | ExprKind::Any(_)
        | ExprKind::Compare { .. }
        | ExprKind::Member { .. } => true,
        ExprKind::Level
        | ExprKind::Count { .. }
        | ExprKind::Sum { .. }
        | ExprKind::Since(_)
        | ExprKind::Size(_)
        | ExprKind::Element
        | ExprKind::Widen(_)
        | ExprKind::Negate(_)
        | ExprKind::Arithmetic { .. } => false,
    }
}

fn test(expr: &Expr, slots: &mut Slots) -> Test {
    match &expr.kind {
        ExprKind::Constant(Constant::Bool(it)) => Test::Known(*it),
        ExprKind::Session(SessionField::Known) => Test::SessionKnown,
        ExprKind::Not(of) => Test::Not(Box::new(test(of, slots))),
        ExprKind::All(parts) => Test::All(parts.iter().map(|it| test(it, slots)).collect()),
        ExprKind::Any(parts) => Test::Any(parts.iter().map(|it| test(it, slots)).collect()),
        ExprKind::Choose { test: of, yes, no } => {
            Test::Choose(Box::new([test(of, slots), test(yes, slots), test(no, slots)]))
        }
        ExprKind::InSegment(it) => Test::Segment(slots.segments.intern(it)),
        ExprKind::Seen { event, window } => {
            Test::Seen { event: slots.events.intern(event), window: *window }
        }
        ExprKind::Offer { history, offer, window } => {
            let offer = slots.offers.intern(offer);
            Test::Offer { history: *history, offer, window: *window }
        }
        ExprKind::Consented(it) => Test::Consented(slots.purposes.intern(it)),
        ExprKind::Flagged(it) => Test::Flagged(it.as_str().into()),
        ExprKind::Has(of) => has(of, slots),
        ExprKind::Compare { op, left, right } => compare(*op, left, right, slots),
        ExprKind::Member { item, list } => member(item, list, slots),
        ExprKind::Text { test, of, part } => {
            Test::Text(Box::new((term(of, slots), *test, term(part, slots))))
        }
        ExprKind::Quantified { quantifier, list, body } => {
            Test::Quantified(Box::new((*quantifier, term(list, slots), test(body, slots))))
        }
        _ => Test::Of(value_of(expr, slots)),
    }
}

fn has(of: &Expr, slots: &mut Slots) -> Test {
    match &of.kind {
        ExprKind::Attribute(it) => {
            Test::HasAttribute { slot: slots.attributes.intern(&it.name), kind: it.kind }
        }
        ExprKind::Property(it) => {
            Test::HasProperty { slot: slots.properties.intern(&it.name), kind: it.kind }
        }
        _ => Test::Known(true),
    }
}

/// An attribute of one of these types, also behind a widening.
fn attribute(expr: &Expr, kinds: &[ValueType], slots: &mut Slots) -> Option<AttributeSlot> {
    match &expr.kind {
        ExprKind::Attribute(it) if kinds.contains(&it.kind) => {
            Some(slots.attributes.intern(&it.name))
        }
        ExprKind::Widen(of) => attribute(of, kinds, slots),
        _ => None,
    }
}

const TEXTUAL: [ValueType; 2] = [ValueType::String, ValueType::Enum];
const NUMERIC: [ValueType; 2] = [ValueType::Int, ValueType::Number];

fn compare(op: Comparison, left: &Expr, right: &Expr, slots: &mut Slots) -> Test {
    let turn = matches!(left.kind, ExprKind::Constant(_));
    let (op, of, with) = if turn { (op.turned(), right, left) } else { (op, left, right) };
    let equality = matches!(op, Comparison::Equal | Comparison::Unequal);
    match &with.kind {
        ExprKind::Constant(Constant::Text(text)) if matches!(of.kind, ExprKind::Level) => {
            let levels = [slots.levels.intern(&LevelName::new(text.as_str()))];
            return Test::LevelAmong { levels: levels.into(), among: op == Comparison::Equal };
        }
        ExprKind::Constant(Constant::Text(text)) if equality => {
            if let Some(slot) = attribute(of, &TEXTUAL, slots) {
                let equal = op == Comparison::Equal;
                return Test::AttributeIs { slot, text: text.as_str().into(), equal };
            }
        }
        ExprKind::Constant(Constant::Int(_) | Constant::Number(_)) => {
            if let Some(slot) = attribute(of, &NUMERIC, slots) {
                #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
                let number = match &with.kind {
                    ExprKind::Constant(Constant::Int(it)) => *it as f64,
                    ExprKind::Constant(Constant::Number(it)) => *it,
                    _ => f64::NAN,
                };
                return Test::AttributeNumber { slot, op, number };
            }
        }
        _ => {}
    }
    Test::Compare(Box::new((term(of, slots), op, term(with, slots))))
}

fn member(item: &Expr, list: &Expr, slots: &mut Slots) -> Test {
    match (&item.kind, &list.kind) {
        (ExprKind::Level, ExprKind::Constant(Constant::Texts(texts))) => {
            let levels: Vec<LevelSlot> =
                texts.iter().map(|it| slots.levels.intern(&LevelName::new(it.as_str()))).collect();
            return Test::LevelAmong { levels: levels.into(), among: true };
        }
        (_, ExprKind::Constant(Constant::Texts(texts))) => {
            if let Some(slot) = attribute(item, &TEXTUAL, slots) {
                let texts = texts.iter().map(|it| it.as_str().into()).collect();
                return Test::AttributeAmong { slot, texts };
            }
        }
        (ExprKind::Constant(Constant::Text(text)), _) => {
            if let Some(slot) = attribute(list, &[ValueType::Strings], slots) {
                return Test::AttributeHolds { slot, text: text.as_str().into() };
            }
        }
        _ => {}
    }
    Test::Member(Box::new((term(item, slots), term(list, slots))))
}

fn term(expr: &Expr, slots: &mut Slots) -> Term {
    match &expr.kind {
        ExprKind::Attribute(_) | ExprKind::Property(_) => value_of(expr, slots),
        _ if is_test(expr) => Term::Test(Box::new(test(expr, slots))),
        ExprKind::Choose { test: of, yes, no } => {
            Term::Choose(Box::new((test(of, slots), term(yes, slots), term(no, slots))))
        }
        ExprKind::Size(of) => Term::Size(Box::new(term(of, slots))),
        ExprKind::Widen(of) => Term::Widen(Box::new(term(of, slots))),
        ExprKind::Negate(of) => Term::Negate(Box::new(term(of, slots))),
        ExprKind::Arithmetic { op, left, right } => {
            Term::Arithmetic(Box::new((term(left, slots), *op, term(right, slots))))
        }
        _ => value_of(expr, slots),
    }
}

/// What has a value without any operator.
fn value_of(expr: &Expr, slots: &mut Slots) -> Term {
    match &expr.kind {
        ExprKind::Constant(it) => constant(it),
        ExprKind::Attribute(it) => {
            Term::Attribute { slot: slots.attributes.intern(&it.name), kind: it.kind }
        }
        ExprKind::Property(it) => {
            Term::Property { slot: slots.properties.intern(&it.name), kind: it.kind }
        }
        ExprKind::Session(it) => Term::Session(*it),
        ExprKind::Count { event, window } => {
            Term::Count { event: slots.events.intern(event), window: *window }
        }
        ExprKind::Sum { event, property, window } => Term::Sum {
            event: slots.events.intern(event),
            property: slots.properties.intern(property),
            window: *window,
        },
        ExprKind::Since(event) => Term::Since(slots.events.intern(event)),
        // A level stands only beside its names, which `compare` and `member` take; the rest are operators.
        _ => Term::Element,
    }
}

fn constant(constant: &Constant) -> Term {
    match constant {
        Constant::Bool(it) => Term::Test(Box::new(Test::Known(*it))),
        Constant::Int(it) => Term::Int(*it),
        Constant::Number(it) => Term::Number(*it),
        Constant::Text(it) => Term::Text(it.as_str().into()),
        Constant::Time(it) => Term::Time(it.as_millis()),
        Constant::Duration(it) => Term::Duration(it.as_millis()),
        Constant::Texts(it) => Term::Texts(it.as_slice().into()),
        Constant::Ints(it) => Term::Ints(it.as_slice().into()),
        Constant::Numbers(it) => Term::Numbers(it.as_slice().into()),
    }
}
