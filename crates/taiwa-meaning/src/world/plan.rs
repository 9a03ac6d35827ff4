//! What each atom asks: nothing, one fact, or something that nobody can look into.

use std::collections::BTreeSet;

use taiwa_condition::{Arithmetic, Expr, ExprKind, SessionField, Truth};
use taiwa_model::{AttributeName, ValueType};

use crate::{
    Builder,
    fact::{Fact, Past, facts, is_list, parts, times},
    formula::{Atom, Question},
    probe::Probe,
};

/// What an atom asks.
pub(super) enum Plan {
    Known(Truth),
    One(Fact),
    Opaque(BTreeSet<Fact>),
}

pub(super) fn plans(builder: &Builder) -> Vec<Plan> {
    let mut plans: Vec<Plan> = builder.atoms.all.iter().map(|it| plan(builder, it)).collect();
    // A time of the profile that is only asked for, and for how long it is ago, is one column.
    let mut dated: BTreeSet<AttributeName> = BTreeSet::new();
    let mut aged: BTreeSet<AttributeName> = BTreeSet::new();
    for (plan, atom) in plans.iter().zip(&builder.atoms.all) {
        match plan {
            Plan::One(Fact::Age(name)) => drop(aged.insert(name.clone())),
            Plan::One(Fact::Attribute(name, ValueType::Timestamp)) if !is_has(atom) => {
                dated.insert(name.clone());
            }
            _ => {}
        }
    }
    for plan in &mut plans {
        if let Plan::One(Fact::Attribute(name, ValueType::Timestamp)) = plan
            && aged.contains(name)
            && !dated.contains(name)
        {
            *plan = Plan::One(Fact::Age(name.clone()));
        }
    }
    plans
}

fn is_has(atom: &Atom) -> bool {
    matches!(&atom.question, Question::Of(Expr { kind: ExprKind::Has(_), .. }))
}

fn plan(builder: &Builder, atom: &Atom) -> Plan {
    let expr = match &atom.question {
        Question::Of(expr) => expr,
        Question::Closed(_) => return Plan::Opaque(BTreeSet::new()),
        Question::Contacts { offer, history, window, at_least } => {
            let past = Past::Offer(offer.clone(), *history);
            return Plan::One(if *at_least <= 1 {
                Fact::Since(past)
            } else {
                Fact::Count(past, *window)
            });
        }
    };
    let mut all = facts(expr);
    let list = |it: &Fact| matches!(it, Fact::Property(_, kind) if is_list(*kind));
    if all.iter().any(|it| matches!(it, Fact::Flag(_)) || list(it)) {
        return Plan::Opaque(all);
    }
    if let ExprKind::Has(of) = &expr.kind
        && let ExprKind::Attribute(it) = &of.kind
        && is_list(it.kind)
    {
        return Plan::Known(Truth::True);
    }
    if let Some(age) = age(expr, &all) {
        return Plan::One(age);
    }
    if all.len() > 1 {
        return Plan::Opaque(all);
    }
    all.pop_first().map_or_else(
        || {
            let probe = Probe::new(&builder.versions[atom.version], expr);
            Plan::Known(probe.truth(&Fact::Flag(String::new()), None))
        },
        Plan::One,
    )
}

/// A comparison of a time of the profile with the present instant.
fn age(expr: &Expr, all: &BTreeSet<Fact>) -> Option<Fact> {
    let now = Fact::Session(SessionField::Now);
    let name = all.iter().find_map(|it| match it {
        Fact::Attribute(name, ValueType::Timestamp) => Some(name.clone()),
        _ => None,
    })?;
    let ExprKind::Compare { left, right, op: _ } = &expr.kind else { return None };
    let (a, b) = (times(left)?, times(right)?);
    let sum = (a.0 - b.0, a.1 - b.1);
    (all.len() == 2 && all.contains(&now) && matches!(sum, (1, -1) | (-1, 1)))
        .then_some(Fact::Age(name))
}

/// Whether a fact may be missing in the version of an atom.
pub(super) fn lacking(builder: &Builder, atom: &Atom, fact: &Fact) -> bool {
    match fact {
        Fact::Attribute(name, _) => {
            let declared = builder.versions[atom.version].attributes.get(name);
            declared.is_some_and(|it| it.default.is_none())
        }
        Fact::Property(..) | Fact::Since(_) => true,
        _ => false,
    }
}

pub(super) fn divides(expr: &Expr) -> bool {
    let op = match &expr.kind {
        ExprKind::Arithmetic { op, .. } => Some(*op),
        _ => None,
    };
    matches!(op, Some(Arithmetic::Divide | Arithmetic::Remainder))
        || parts(expr).into_iter().any(divides)
}
