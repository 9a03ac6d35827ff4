//! A condition as text again, in one spelling: what names an opaque atom.

use taiwa_condition::{
    Arithmetic, Comparison, Constant, Expr, ExprKind, History, Quantifier, SessionField, TextTest,
};

/// The condition in one spelling, spans left out: equal texts mean the same.
pub(crate) fn text(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Constant(it) => constant(it),
        ExprKind::Attribute(it) => format!("profile.{}", it.name),
        ExprKind::Property(it) => format!("event.{}", it.name),
        ExprKind::Session(it) => {
            let name = SessionField::ALL.iter().find(|known| known.0 == *it).map_or("", |it| it.1);
            format!("session.{name}")
        }
        ExprKind::Level => "level()".to_owned(),
        ExprKind::InSegment(it) => format!("in_segment(\"{it}\")"),
        ExprKind::Seen { event, window } => format!("seen(\"{event}\", \"{window}\")"),
        ExprKind::Count { event, window } => format!("count(\"{event}\", \"{window}\")"),
        ExprKind::Sum { event, property, window } => {
            format!("sum(\"{event}\", \"{property}\", \"{window}\")")
        }
        ExprKind::Since(it) => format!("since(\"{it}\")"),
        ExprKind::Offer { history, offer, window } => {
            format!("{}(\"{offer}\", \"{window}\")", word(*history))
        }
        ExprKind::Consented(it) => format!("consented(\"{it}\")"),
        ExprKind::Flagged(it) => format!("flagged({it:?})"),
        ExprKind::Has(of) => format!("has({})", text(of)),
        ExprKind::Size(of) => format!("size({})", text(of)),
        ExprKind::Text { test, of, part } => {
            let name = match test {
                TextTest::Starts => "startsWith",
                TextTest::Ends => "endsWith",
                TextTest::Contains => "contains",
            };
            format!("{}.{name}({})", text(of), text(part))
        }
        ExprKind::Element => "it".to_owned(),
        ExprKind::Quantified { quantifier, list, body } => {
            let name = match quantifier {
                Quantifier::Exists => "exists",
                Quantifier::All => "all",
            };
            format!("{}.{name}(it, {})", text(list), text(body))
        }
        ExprKind::Widen(of) => text(of),
        ExprKind::Negate(of) => format!("-{}", text(of)),
        ExprKind::Not(of) => format!("!({})", text(of)),
        ExprKind::All(parts) => joined(parts, " && "),
        ExprKind::Any(parts) => joined(parts, " || "),
        ExprKind::Compare { op, left, right } => {
            format!("{} {} {}", text(left), sign(*op), text(right))
        }
        ExprKind::Member { item, list } => format!("{} in {}", text(item), text(list)),
        ExprKind::Arithmetic { op, left, right } => {
            let sign = match op {
                Arithmetic::Add => '+',
                Arithmetic::Subtract => '-',
                Arithmetic::Multiply => '*',
                Arithmetic::Divide => '/',
                Arithmetic::Remainder => '%',
            };
            format!("({} {sign} {})", text(left), text(right))
        }
        ExprKind::Choose { test, yes, no } => {
            format!("({} ? {} : {})", text(test), text(yes), text(no))
        }
    }
}

/// The function that asks.
pub(crate) const fn word(history: History) -> &'static str {
    match history {
        History::Shown => "shown",
        History::Accepted => "accepted",
        History::Rejected => "rejected",
    }
}

const fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "==",
        Comparison::Unequal => "!=",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
    }
}

fn joined(parts: &[Expr], by: &str) -> String {
    let all: Vec<String> = parts.iter().map(text).collect();
    format!("({})", all.join(by))
}

fn constant(it: &Constant) -> String {
    match it {
        Constant::Bool(it) => it.to_string(),
        Constant::Int(it) => it.to_string(),
        Constant::Number(it) => format!("{it:?}"),
        Constant::Text(it) => format!("{it:?}"),
        Constant::Time(it) => format!("timestamp(\"{it}\")"),
        Constant::Duration(it) => format!("duration(\"{it}\")"),
        Constant::Texts(it) => format!("{it:?}"),
        Constant::Ints(it) => format!("{it:?}"),
        Constant::Numbers(it) => format!("{it:?}"),
    }
}
