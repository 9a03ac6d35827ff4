//! What conditions look at: each fact is a column of values, or a few that hang together.

use std::collections::BTreeSet;

use taiwa_condition::{Arithmetic, Constant, Expr, ExprKind, History, SessionField};
use taiwa_model::{
    AttributeName, EventRef, OfferName, PropertyName, PurposeName, SpanOfTime, ValueType,
};

use crate::text::word;

/// Something that happened, or did not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Past {
    Event(EventRef),
    Offer(OfferName, History),
}

/// A fact about a person, an instant or a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Level,
    Attribute(AttributeName, ValueType),
    /// How long a time of the profile is ago; negative where it lies ahead.
    Age(AttributeName),
    /// One element of a list.
    Element(AttributeName, ValueType),
    /// How many elements a list has.
    Size(AttributeName, ValueType),
    Consent(PurposeName),
    Session(SessionField),
    Property(PropertyName, ValueType),
    /// How long ago it last happened.
    Since(Past),
    /// How often it happened within a window.
    Count(Past, SpanOfTime),
    Sum(EventRef, PropertyName, SpanOfTime),
    Flag(String),
}

impl Fact {
    /// As a condition names it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Level => "level()".to_owned(),
            Self::Attribute(name, _) | Self::Element(name, _) => format!("profile.{name}"),
            Self::Age(name) => format!("session.now - profile.{name}"),
            Self::Size(name, _) => format!("size(profile.{name})"),
            Self::Consent(it) => format!("consented(\"{it}\")"),
            Self::Session(it) => {
                let name = SessionField::ALL.iter().find(|known| known.0 == *it);
                format!("session.{}", name.map_or("", |it| it.1))
            }
            Self::Property(name, _) => format!("event.{name}"),
            Self::Since(Past::Event(it)) => format!("since(\"{it}\")"),
            Self::Since(Past::Offer(offer, history)) => format!("{}(\"{offer}\")", word(*history)),
            Self::Count(Past::Event(it), window) => format!("count(\"{it}\", \"{window}\")"),
            Self::Count(Past::Offer(offer, history), window) => {
                format!("{}(\"{offer}\", \"{window}\")", word(*history))
            }
            Self::Sum(event, property, window) => {
                format!("sum(\"{event}\", \"{property}\", \"{window}\")")
            }
            Self::Flag(it) => format!("flagged({it:?})"),
        }
    }

    /// The history it belongs to.
    pub(crate) fn past(&self) -> Option<Past> {
        match self {
            Self::Since(it) | Self::Count(it, _) => Some(it.clone()),
            Self::Sum(event, ..) => Some(Past::Event(event.clone())),
            _ => None,
        }
    }
}

/// The facts that an expression without logic asks for.
pub(crate) fn facts(expr: &Expr) -> BTreeSet<Fact> {
    let mut all = BTreeSet::new();
    collect(expr, &mut all);
    all
}

fn collect(expr: &Expr, into: &mut BTreeSet<Fact>) {
    if let Some(it) = leaf(expr) {
        into.insert(it);
        return;
    }
    for part in parts(expr) {
        collect(part, into);
    }
}

/// The fact that an expression is itself.
pub(crate) fn leaf(expr: &Expr) -> Option<Fact> {
    Some(match &expr.kind {
        ExprKind::Attribute(it) if is_list(it.kind) => Fact::Element(it.name.clone(), it.kind),
        ExprKind::Attribute(it) => Fact::Attribute(it.name.clone(), it.kind),
        ExprKind::Property(it) => Fact::Property(it.name.clone(), it.kind),
        ExprKind::Session(SessionField::Known) | ExprKind::Level => Fact::Level,
        ExprKind::Session(it) => Fact::Session(*it),
        ExprKind::Seen { event, window: _ } | ExprKind::Since(event) => {
            Fact::Since(Past::Event(event.clone()))
        }
        ExprKind::Count { event, window } => Fact::Count(Past::Event(event.clone()), *window),
        ExprKind::Sum { event, property, window } => {
            Fact::Sum(event.clone(), property.clone(), *window)
        }
        ExprKind::Offer { history, offer, window: _ } => {
            Fact::Since(Past::Offer(offer.clone(), *history))
        }
        ExprKind::Consented(it) => Fact::Consent(it.clone()),
        ExprKind::Flagged(it) => Fact::Flag(it.clone()),
        ExprKind::Size(of) => match &of.kind {
            ExprKind::Attribute(it) if is_list(it.kind) => Fact::Size(it.name.clone(), it.kind),
            _ => return None,
        },
        _ => return None,
    })
}

pub(crate) const fn is_list(kind: ValueType) -> bool {
    matches!(kind, ValueType::Strings | ValueType::Ints)
}

/// The parts of an expression, in order.
pub(crate) fn parts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Has(of)
        | ExprKind::Size(of)
        | ExprKind::Widen(of)
        | ExprKind::Negate(of)
        | ExprKind::Not(of) => vec![of],
        ExprKind::Text { of: left, part: right, test: _ }
        | ExprKind::Compare { left, right, op: _ }
        | ExprKind::Arithmetic { left, right, op: _ }
        | ExprKind::Member { item: left, list: right }
        | ExprKind::Quantified { list: left, body: right, quantifier: _ } => vec![left, right],
        ExprKind::All(parts) | ExprKind::Any(parts) => parts.iter().collect(),
        ExprKind::Choose { test, yes, no } => vec![test, yes, no],
        _ => Vec::new(),
    }
}

/// Whether an expression only grows, or only falls, with the one fact or element in it, which stands there once.
pub(crate) fn monotone(expr: &Expr) -> bool {
    if leaf(expr).is_some() || matches!(expr.kind, ExprKind::Element) {
        return true;
    }
    match &expr.kind {
        ExprKind::Widen(of) | ExprKind::Negate(of) => monotone(of),
        ExprKind::Arithmetic { op, left, right } => match op {
            Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply => {
                plain(left) && monotone(right) || monotone(left) && plain(right)
            }
            Arithmetic::Divide => monotone(left) && plain(right),
            Arithmetic::Remainder => false,
        },
        _ => false,
    }
}

/// Whether an expression asks for nothing.
pub(crate) fn plain(expr: &Expr) -> bool {
    leaf(expr).is_none()
        && !matches!(expr.kind, ExprKind::Element)
        && parts(expr).into_iter().all(plain)
}

/// How often a time of the profile and the present instant count in a sum, `None` where there is more to it.
pub(crate) fn times(expr: &Expr) -> Option<(i64, i64)> {
    match &expr.kind {
        ExprKind::Attribute(it) if it.kind == ValueType::Timestamp => Some((1, 0)),
        ExprKind::Session(SessionField::Now) => Some((0, 1)),
        ExprKind::Constant(Constant::Duration(_)) => Some((0, 0)),
        ExprKind::Arithmetic { op, left, right } => {
            let (a, b) = (times(left)?, times(right)?);
            match op {
                Arithmetic::Add => Some((a.0 + b.0, a.1 + b.1)),
                Arithmetic::Subtract => Some((a.0 - b.0, a.1 - b.1)),
                _ => None,
            }
        }
        _ => None,
    }
}
