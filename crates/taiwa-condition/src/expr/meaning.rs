//! What can be said of a condition without knowing anybody: its value if it has only one, its range.

use super::{Arithmetic, Comparison, Constant, Expr, ExprKind, SessionField};
use crate::may_be_missing;

const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// The least and the greatest value of a number, from declared bounds by interval arithmetic. Infinite where
/// there is no bound; lengths of time count in milliseconds.
pub fn range(expr: &Expr) -> (f64, f64) {
    match &expr.kind {
        #[expect(clippy::cast_precision_loss, reason = "ints and lengths lie within 2^53")]
        ExprKind::Constant(it) => match it {
            Constant::Int(it) => (*it as f64, *it as f64),
            Constant::Number(it) => (*it, *it),
            Constant::Duration(it) => (it.as_millis() as f64, it.as_millis() as f64),
            _ => ANY,
        },
        ExprKind::Attribute(it) if it.kind.is_numeric() => {
            (it.min.unwrap_or(ANY.0), it.max.unwrap_or(ANY.1))
        }
        ExprKind::Session(SessionField::Weekday) => (1.0, 7.0),
        ExprKind::Session(SessionField::Hour) => (0.0, 23.0),
        ExprKind::Session(SessionField::Visits) => (1.0, ANY.1),
        ExprKind::Count { .. } | ExprKind::Size(_) | ExprKind::Since(_) => (0.0, ANY.1),
        ExprKind::Widen(of) => range(of),
        ExprKind::Negate(of) => {
            let (least, most) = range(of);
            (-most, -least)
        }
        ExprKind::Arithmetic { op, left, right } => combine(*op, range(left), range(right)),
        ExprKind::Choose { yes, no, test: _ } => {
            let (a, b) = (range(yes), range(no));
            (a.0.min(b.0), a.1.max(b.1))
        }
        _ => ANY,
    }
}

fn combine(op: Arithmetic, a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let corners = |of: fn(f64, f64) -> f64| {
        let all = [of(a.0, b.0), of(a.0, b.1), of(a.1, b.0), of(a.1, b.1)];
        if all.iter().any(|it| it.is_nan()) {
            return ANY;
        }
        (all.iter().copied().fold(ANY.1, f64::min), all.iter().copied().fold(ANY.0, f64::max))
    };
    match op {
        Arithmetic::Add => corners(|a, b| a + b),
        Arithmetic::Subtract => corners(|a, b| a - b),
        Arithmetic::Multiply => corners(|a, b| a * b),
        // Where the divisor may be 0 the quotient has no bound. Cutting towards zero: one more on each side is enough.
        Arithmetic::Divide if b.0 > 0.0 || b.1 < 0.0 => {
            let (least, most) = corners(|a, b| a / b);
            (least.min(0.0).max(least - 1.0), most.max(0.0).min(most + 1.0))
        }
        Arithmetic::Divide | Arithmetic::Remainder => ANY,
    }
}

/// The value of a condition that says the same of everybody; `None` where it depends, may be unknown, or would
/// need more than looking at constants and declared ranges. Overflow is not looked at.
pub fn constant(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Constant(Constant::Bool(it)) => Some(*it),
        ExprKind::Not(of) => constant(of).map(|it| !it),
        ExprKind::All(parts) => decided(parts, false),
        ExprKind::Any(parts) => decided(parts, true),
        ExprKind::Has(of) => may_be_missing(of).is_none().then_some(true),
        ExprKind::InSegment(it) if it.as_str() == "everyone" => Some(true),
        ExprKind::Choose { test, yes, no } => match constant(test) {
            Some(it) => constant(if it { yes } else { no }),
            None => constant(yes)
                .filter(|it| may_be_missing(test).is_none() && constant(no) == Some(*it)),
        },
        ExprKind::Compare { op, left, right } => compared(*op, left, right),
        ExprKind::Member { item, list } => match (&item.kind, &list.kind) {
            (ExprKind::Constant(item), ExprKind::Constant(list)) => among(item, list),
            _ => None,
        },
        _ => None,
    }
}

/// Whether one part decides the whole, or all are constant.
fn decided(parts: &[Expr], decisive: bool) -> Option<bool> {
    let mut all = true;
    for part in parts {
        match constant(part) {
            Some(it) if it == decisive => return Some(decisive),
            Some(_) => {}
            None => all = false,
        }
    }
    all.then_some(!decisive)
}

fn among(item: &Constant, list: &Constant) -> Option<bool> {
    match (item, list) {
        (Constant::Text(item), Constant::Texts(list)) => Some(list.contains(item)),
        (Constant::Int(item), Constant::Ints(list)) => Some(list.contains(item)),
        (Constant::Number(item), Constant::Numbers(list)) => Some(list.contains(item)),
        _ => None,
    }
}

fn compared(op: Comparison, left: &Expr, right: &Expr) -> Option<bool> {
    if let (ExprKind::Constant(a), ExprKind::Constant(b)) = (&left.kind, &right.kind) {
        let order = match (a, b) {
            (Constant::Bool(a), Constant::Bool(b)) => a.cmp(b),
            (Constant::Text(a), Constant::Text(b)) => a.cmp(b),
            (Constant::Int(a), Constant::Int(b)) => a.cmp(b),
            (Constant::Number(a), Constant::Number(b)) => a.partial_cmp(b)?,
            (Constant::Time(a), Constant::Time(b)) => a.cmp(b),
            (Constant::Duration(a), Constant::Duration(b)) => a.cmp(b),
            _ => return None,
        };
        return Some(op.holds(order));
    }
    if may_be_missing(left).is_some() || may_be_missing(right).is_some() {
        return None;
    }
    let (a, b) = (range(left), range(right));
    match op {
        Comparison::Less if a.1 < b.0 => Some(true),
        Comparison::Less if a.0 >= b.1 => Some(false),
        Comparison::AtMost if a.1 <= b.0 => Some(true),
        Comparison::AtMost if a.0 > b.1 => Some(false),
        Comparison::Greater | Comparison::AtLeast => compared(op.turned(), right, left),
        Comparison::Equal if a.1 < b.0 || a.0 > b.1 => Some(false),
        Comparison::Unequal if a.1 < b.0 || a.0 > b.1 => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expect, Names, Setting, check, check::tests::components};

    fn checked(text: &str, expect: Expect) -> Expr {
        let names = Names::new(&components());
        let setting = Setting { names: &names, scope: None, session: true, event: None };
        let checked = check(text, expect, &setting);
        checked.expr.unwrap_or_else(|| panic!("{text}: {:#?}", checked.remarks))
    }

    #[test]
    fn conditions_that_say_the_same_of_everybody() {
        for (text, expect) in [
            ("true", Some(true)),
            ("!true || profile.vip && false", Some(false)),
            ("profile.vip || true", Some(true)),
            ("profile.age > 3 && false", Some(false)),
            ("1 < 2 && \"a\" == \"a\" && 2.5 in [1, 2.5] && \"x\" in [\"x\"]", Some(true)),
            ("has(profile.tier)", Some(true)),
            ("has(profile.age)", None),
            ("in_segment(\"everyone\")", Some(true)),
            ("in_segment(\"adults\")", None),
            ("profile.vip ? true : true", Some(true)),
            ("profile.age > 3 ? true : true", None),
            ("false ? profile.vip : true", Some(true)),
            ("profile.visits >= 0", Some(true)),
            ("profile.visits < 0", Some(false)),
            ("profile.visits + 1 == 0", Some(false)),
            ("profile.age >= 0", None),
            ("session.hour + 1 > session.weekday - 8", Some(true)),
            ("count(\"shop/visit\", \"3d\") >= 0", Some(true)),
            ("duration(\"1d\") < duration(\"25h\")", Some(true)),
            (
                "timestamp(\"2026-01-01T00:00:00Z\") > timestamp(\"2026-01-01T09:00:00+09:00\")",
                Some(false),
            ),
            ("profile.vip", None),
        ] {
            assert_eq!(constant(&checked(text, Expect::Condition)), expect, "{text}");
        }
    }

    #[test]
    fn ranges_of_scores() {
        for (text, expect) in [
            ("80", (80.0, 80.0)),
            ("session.weekday >= 6 ? 90 : 40.5", (40.5, 90.0)),
            ("session.hour * -2 + 1", (-45.0, 1.0)),
            ("profile.rating * 10 / 2", (2.5, 25.0)),
            ("-profile.rating - session.weekday", (-12.0, -1.5)),
            ("profile.visits + 1", (1.0, f64::INFINITY)),
            ("has(profile.age) ? profile.age : -1", (-1.0, 130.0)),
        ] {
            let (least, most) = range(&checked(text, Expect::Score));
            assert!(least <= expect.0 && most >= expect.1, "{text} {least} {most}");
            assert!(least >= expect.0 - 1.0 && most <= expect.1 + 1.0, "{text} {least} {most}");
        }
    }
}
