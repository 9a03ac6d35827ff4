//! Which parts of a condition may be unknown, and what makes them known.
//!
//! `has(x)` is known for everybody, so what stands beside it under `&&`, or behind its `?`, may count on `x`.

use std::fmt;

use taiwa_model::{AttributeName, EventRef, PropertyName};
use taiwa_text::{Span, Text, say};

use super::{Arithmetic, Comparison, Expr, ExprKind, range};

/// What may leave a condition unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An attribute without a default.
    Attribute(AttributeName),
    /// A property that may be left out.
    Property(PropertyName),
    /// The time since an event that may never have happened.
    Since(EventRef),
    /// A division by something that may be 0.
    Division,
}

impl Missing {
    /// As the condition names it.
    pub fn subject(&self) -> Text {
        match self {
            Self::Attribute(it) => Text::same(format!("profile.{it}")),
            Self::Property(it) => Text::same(format!("event.{it}")),
            Self::Since(it) => Text::same(it.to_string()),
            Self::Division => say!(en: "a division", ja: "割り算の結果"),
        }
    }

    /// What is the matter with it.
    pub fn words(&self) -> Text {
        match self {
            Self::Attribute(_) | Self::Property(_) => {
                say!(en: "{} may be missing", ja: "{} の値がないことがあります", self.subject())
            }
            Self::Since(it) => {
                say!(en: "{it} may never have happened", ja: "{it} が一度も起きていないことがあります")
            }
            Self::Division => {
                say!(en: "it divides by something that may be 0", ja: "0 になりうるもので割っています")
            }
        }
    }

    /// The condition that asks for it, if there is one.
    pub fn has(&self) -> Option<String> {
        match self {
            Self::Attribute(_) | Self::Property(_) => Some(format!("has({})", &*self.subject())),
            Self::Since(it) => Some(format!("seen(\"{it}\", \"400d\")")),
            Self::Division => None,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

/// What may leave this condition or score unknown; `None` if it is known for everybody. Overflow is not
/// looked at.
pub fn may_be_missing(expr: &Expr) -> Option<Missing> {
    unknown(expr, &Known::default()).map(|it| it.0)
}

/// What is known to be there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Vec<Missing>);

impl Known {
    pub(crate) fn has(&self, missing: &Missing) -> bool {
        self.0.contains(missing)
    }

    /// What is known besides where a condition has this value, or at least not the other one: `has` is never
    /// unknown, so a conjunction that is not false has no `has` in it that is false.
    pub(crate) fn given(mut self, expr: &Expr, truth: bool) -> Self {
        self.learn(expr, truth, false);
        self
    }

    /// The same, and what a positive test of a value shows that its author has thought of: who writes
    /// `profile.age >= 18 && profile.age != 30` leaves out people without an age on purpose.
    pub(crate) fn intended(mut self, expr: &Expr, truth: bool) -> Self {
        self.learn(expr, truth, true);
        self
    }

    fn learn(&mut self, expr: &Expr, truth: bool, tests: bool) {
        match &expr.kind {
            ExprKind::Has(of) if truth => match &of.kind {
                ExprKind::Attribute(it) => self.0.push(Missing::Attribute(it.name.clone())),
                ExprKind::Property(it) => self.0.push(Missing::Property(it.name.clone())),
                _ => {}
            },
            ExprKind::Seen { event, .. } if truth => self.0.push(Missing::Since(event.clone())),
            ExprKind::Not(of) => self.learn(of, !truth, tests && !truth),
            ExprKind::All(parts) if truth => {
                for part in parts {
                    self.learn(part, true, tests);
                }
            }
            ExprKind::Any(parts) if !truth => {
                for part in parts {
                    self.learn(part, false, tests);
                }
            }
            ExprKind::Compare { op, .. } if tests && truth && *op != Comparison::Unequal => {
                self.learn_all_of(expr);
            }
            ExprKind::Member { .. } | ExprKind::Text { .. } if tests && truth => {
                self.learn_all_of(expr);
            }
            _ => {}
        }
    }

    fn learn_all_of(&mut self, expr: &Expr) {
        while let Some((missing, _)) = unknown(expr, self) {
            self.0.push(missing);
        }
    }
}

/// The first part that may be unknown while these are known.
pub(crate) fn unknown(expr: &Expr, known: &Known) -> Option<(Missing, Span)> {
    let unless_known = |missing: Missing| (!known.has(&missing)).then_some((missing, expr.span));
    match &expr.kind {
        ExprKind::Attribute(it) if it.missing => unless_known(Missing::Attribute(it.name.clone())),
        ExprKind::Property(it) if it.missing => unless_known(Missing::Property(it.name.clone())),
        ExprKind::Since(event) => unless_known(Missing::Since(event.clone())),
        ExprKind::Size(of) | ExprKind::Widen(of) | ExprKind::Negate(of) | ExprKind::Not(of) => {
            unknown(of, known)
        }
        ExprKind::Text { of, part, test: _ } => unknown(of, known).or_else(|| unknown(part, known)),
        ExprKind::Compare { left, right, op: _ } | ExprKind::Member { item: left, list: right } => {
            unknown(left, known).or_else(|| unknown(right, known))
        }
        ExprKind::Quantified { list, body, quantifier: _ } => {
            unknown(list, known).or_else(|| unknown(body, known))
        }
        ExprKind::Arithmetic { op, left, right } => {
            unknown(left, known).or_else(|| unknown(right, known)).or_else(|| {
                let divides = matches!(op, Arithmetic::Divide | Arithmetic::Remainder);
                let (least, most) = range(right);
                (divides && least <= 0.0 && most >= 0.0)
                    .then(|| unless_known(Missing::Division))
                    .flatten()
            })
        }
        ExprKind::All(parts) => unknown_part(parts, known, true),
        ExprKind::Any(parts) => unknown_part(parts, known, false),
        ExprKind::Choose { test, yes, no } => unknown(test, known)
            .or_else(|| unknown(yes, &known.clone().given(test, true)))
            .or_else(|| unknown(no, &known.clone().given(test, false))),
        _ => None,
    }
}

fn unknown_part(parts: &[Expr], known: &Known, truth: bool) -> Option<(Missing, Span)> {
    parts.iter().enumerate().find_map(|(index, part)| {
        let others = parts.iter().enumerate().filter(|it| it.0 != index).map(|it| it.1);
        let known = others.fold(known.clone(), |known, it| known.given(it, truth));
        unknown(part, &known)
    })
}
