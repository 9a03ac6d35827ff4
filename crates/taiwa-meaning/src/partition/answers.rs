//! What each atom says of each value, without asking every atom about every value.
//!
//! **Invariants.** An atom that only compares a value with constants says the same between two of its own constants, so it is
//! asked once for each stretch between them; every other atom is asked about every value. Which values no atom tells
//! apart is found exactly: by laying answers over each other, two by two, never by comparing hashes.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Constant, Expr, ExprKind, Truth};

use super::{Asked, Candidate, Task};
use crate::{
    fact::{Fact, leaf},
    formula::{AtomId, Question},
    runs::{self, Runs},
};

/// Columns of at most so many values are asked about every one in debug builds, to see that it comes to the same.
const FEW: usize = 128;

/// What is known of atoms before they are asked.
#[derive(Default)]
pub(super) struct Known {
    /// Those that may tell open values apart.
    pub(super) weird: BTreeSet<AtomId>,
    /// Where the answer may change, as numbers of candidates; who is not here may change anywhere.
    pub(super) changes: BTreeMap<AtomId, BTreeSet<usize>>,
}

impl Task<'_> {
    /// What everything that is asked says of each candidate.
    pub(super) fn answers(
        &self,
        candidates: &[Candidate],
        known: &Known,
    ) -> BTreeMap<Asked, Runs<Option<Truth>>> {
        let mut answers = BTreeMap::new();
        for (id, atom) in &self.atoms {
            let ask = self.asker(atom);
            let weird = known.weird.contains(id);
            let says = |it: &Candidate| (!it.open || !weird).then(|| ask(it.value.as_ref()));
            let own = known.changes.get(id).filter(|_| !weird);
            let said = match own {
                Some(own) => {
                    let mut said = Runs::new();
                    let begins = std::iter::once(0).chain(own.range(1..).copied());
                    let ends = own.range(1..).copied().chain([candidates.len()]);
                    for (begin, end) in begins.zip(ends) {
                        if let Some(it) = candidates.get(begin) {
                            runs::push(&mut said, end.min(candidates.len()), says(it));
                        }
                    }
                    debug_assert!(
                        candidates.len() > FEW || said == runs::of(candidates.iter().map(says)),
                        "{:?}",
                        atom.question
                    );
                    said
                }
                None => runs::of(candidates.iter().map(says)),
            };
            answers.insert(Asked::Atom(*id), said);
        }
        for version in &self.present {
            let of = |it: &Candidate| Some(self.is_present(*version, it.value.as_ref()).into());
            answers.insert(Asked::Present(*version), runs::of(candidates.iter().map(of)));
        }
        answers
    }

    /// Whether an atom does nothing but compare the value with constants, so that it only changes beside them.
    pub(super) fn is_simple(&self, question: &Question) -> bool {
        let expr = match question {
            Question::Of(it) => it,
            Question::Contacts { .. } => return true,
            Question::Closed(_) => return false,
        };
        match &expr.kind {
            ExprKind::Has(of) => leaf(of).is_some(),
            ExprKind::Seen { .. } | ExprKind::Offer { .. } => true,
            ExprKind::Compare { left, right, op: _ } => {
                is_value(left) && is_constant(right) || is_constant(left) && is_value(right)
            }
            ExprKind::Member { item, list } => {
                let element = matches!(self.fact, Fact::Element(..));
                is_value(item) && is_constant(list)
                    || element && is_constant(item) && leaf(list).is_some()
            }
            _ => false,
        }
    }
}

/// By candidate, a number for all that is said of it: two candidates have the same number exactly where no answer differs.
pub(super) fn classes(
    answers: &BTreeMap<Asked, Runs<Option<Truth>>>,
    candidates: usize,
) -> Vec<usize> {
    let number = |it: &(u32, Option<Truth>)| (it.0, told(it.1));
    let mut layers: Vec<Runs<usize>> =
        answers.values().map(|it| it.iter().map(number).collect()).collect();
    while layers.len() > 1 {
        layers = layers.chunks(2).map(overlay).collect();
    }
    let mut classes = Vec::with_capacity(candidates);
    for (end, class) in layers.pop().unwrap_or_default() {
        classes.resize(end as usize, class);
    }
    classes.resize(candidates, 0);
    classes
}

/// Two layers as one: a number for each pair that there is.
fn overlay(layers: &[Runs<usize>]) -> Runs<usize> {
    let [one, other] = layers else { return layers.concat() };
    let mut numbers: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut both = Runs::new();
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let (end, pair) = (a.0.min(b.0), (a.1, b.1));
        one.next_if(|it| it.0 == end);
        other.next_if(|it| it.0 == end);
        let next = numbers.len();
        runs::push(&mut both, end as usize, *numbers.entry(pair).or_insert(next));
    }
    both
}

/// An answer as a number, for looking it up.
const fn told(answer: Option<Truth>) -> usize {
    match answer {
        None => 0,
        Some(Truth::False) => 1,
        Some(Truth::True) => 2,
        Some(Truth::Unknown) => 3,
    }
}

/// The fact itself, or it as a wider number.
fn is_value(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Widen(of) => is_value(of),
        _ => leaf(expr).is_some(),
    }
}

fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Widen(of) | ExprKind::Negate(of) => is_constant(of),
        kind => matches!(kind, ExprKind::Constant(_)),
    }
}

/// The place of the constant in a comparison, which it changes at or beside.
pub(super) fn beside(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Compare { left, right, op: _ } => beside(left).or_else(|| beside(right)),
        ExprKind::Widen(of) => beside(of),
        ExprKind::Negate(of) => beside(of).map(|it| -it),
        ExprKind::Constant(Constant::Int(it)) => Some(*it),
        ExprKind::Constant(Constant::Number(it)) => Some(crate::lattice::place(*it)),
        ExprKind::Constant(Constant::Time(it)) => Some(it.as_millis()),
        ExprKind::Constant(Constant::Duration(it)) => Some(it.as_millis()),
        ExprKind::Seen { window, .. } | ExprKind::Offer { window, .. } => Some(window.as_millis()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_class_exactly_where_nothing_tells_them_apart() {
        let (yes, no, open) = (Some(Truth::True), Some(Truth::False), None);
        let layers = [
            [no, no, yes, yes, no, no],
            [no, yes, yes, yes, yes, no],
            [open, open, open, no, open, open],
        ];
        let answers: BTreeMap<Asked, _> = layers
            .into_iter()
            .enumerate()
            .map(|(at, it)| (Asked::Atom(at), runs::of(it)))
            .collect();
        let classes = classes(&answers, 6);
        for a in 0..6 {
            for b in 0..6 {
                let same = layers.iter().all(|it| it[a] == it[b]);
                assert_eq!(classes[a] == classes[b], same, "{a} {b} {classes:?}");
            }
        }
    }
}
