//! Columns of ordered values: numbers, instants, lengths of time.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Comparison, Constant, Expr, ExprKind};
use taiwa_model::Value;

use super::{
    Candidate, Task,
    answers::{Known, beside},
};
use crate::{
    fact::{Fact, monotone, plain},
    formula::{AtomId, Question},
    lattice::change_beside,
    probe::Probe,
};

/// A column of at most so many values can be cut into every single one.
const FEW: i64 = 1_024;

/// Most comparisons that one column is cut by.
const MOST_CUTS: usize = 200_000;

impl Task<'_> {
    /// Values of an ordered column, one for each stretch between two changes; what is not understood is
    /// said to be `weird`.
    pub(super) fn places(&self, known: &mut Known) -> Vec<Candidate> {
        let (lattice, (from, to)) = self.lattice();
        let mut lasts: BTreeSet<i64> = self.cuts.iter().copied().collect();
        let few = to.saturating_sub(from) < FEW;
        let mut own: BTreeMap<AtomId, Vec<i64>> = BTreeMap::new();
        for (id, atom) in &self.atoms {
            let expr = match &atom.question {
                Question::Of(it) => it,
                Question::Contacts { at_least, window, .. } => {
                    let windowed = matches!(self.fact, Fact::Since(_));
                    let last = if windowed { window.as_millis() } else { *at_least } - 1;
                    lasts.insert(last);
                    own.insert(*id, vec![last]);
                    continue;
                }
                Question::Closed(_) => {
                    known.weird.insert(*id);
                    continue;
                }
            };
            let mut comparisons = Vec::new();
            let understood = self.compared(expr, expr, &mut comparisons);
            if !understood && few {
                lasts.extend(from..to);
                continue;
            }
            if !understood || lasts.len() + comparisons.len() > MOST_CUTS {
                known.weird.insert(*id);
                continue;
            }
            let mut changes = Vec::new();
            for comparison in comparisons {
                let probe = Probe::new(&self.versions[atom.version], &comparison);
                changes.extend(change_beside(beside(&comparison), (from, to), |place| match probe
                    .truth(&self.fact, Some(&lattice.value(place)))
                {
                    taiwa_condition::Truth::True => Some(true),
                    taiwa_condition::Truth::False => Some(false),
                    taiwa_condition::Truth::Unknown => None,
                }));
            }
            lasts.extend(changes.iter().copied());
            if self.is_simple(&atom.question) {
                own.insert(*id, changes);
            }
        }
        self.stretches((from, to), &lasts, (&own, known))
    }

    /// The stretches between these; who changes where goes to `known`.
    fn stretches(
        &self,
        (from, to): (i64, i64),
        lasts: &BTreeSet<i64>,
        (own, known): (&BTreeMap<AtomId, Vec<i64>>, &mut Known),
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        if self.may_lack() {
            candidates.push(Candidate { value: None, open: false, range: None });
        }
        let mut least = from;
        let lasts = lasts.iter().copied().filter(|it| from <= *it && *it < to);
        let mut stretches = Vec::new();
        for last in lasts.chain([to]) {
            stretches.push((least, last));
            least = last + 1;
        }
        // The stretch that people are in by themselves comes first.
        let home = self.home();
        let lacking = candidates.len();
        let home =
            stretches.iter().position(|it| home.is_some_and(|home| it.0 <= home && home <= it.1));
        for (id, changes) in own {
            let all = known.changes.entry(*id).or_default();
            // What stands before the stretches, the one of home, and the first of the others.
            all.extend([lacking, lacking + usize::from(home.is_some())]);
            for last in changes {
                // The first stretch behind the change that did not move to the front.
                let behind = stretches.partition_point(|it| it.1 <= *last);
                all.insert(match home {
                    Some(home) if behind < home => lacking + behind + 1,
                    Some(home) if behind == home => lacking + home + 1,
                    _ => lacking + behind,
                });
            }
        }
        if let Some(at) = home {
            let first = stretches.remove(at);
            stretches.insert(0, first);
        }
        for (least, most) in stretches {
            candidates.push(Candidate {
                value: Some(self.standing((least, most))),
                open: least < most,
                range: Some((least, most)),
            });
        }
        candidates
    }

    /// The value that stands for a stretch: the one that needs no mention, or the plainest.
    pub(super) fn standing(&self, (least, most): (i64, i64)) -> Value {
        let (lattice, ends) = self.lattice();
        let home = self.home().filter(|it| least <= *it && *it <= most);
        lattice.value(home.unwrap_or_else(|| lattice.plainest((least, most), ends)))
    }

    /// The place that needs no mention.
    fn home(&self) -> Option<i64> {
        use taiwa_condition::SessionField::{Hour, Now, Visits, Weekday};
        let local = || {
            let zone = self.versions.last().map_or(jiff::tz::TimeZone::UTC, |it| it.zone.clone());
            self.at.in_zone(&zone)
        };
        match &self.fact {
            Fact::Session(Now) => Some(self.at.as_millis()),
            Fact::Session(Hour) => Some(i64::from(local().hour())),
            Fact::Session(Weekday) => Some(i64::from(local().weekday().to_monday_one_offset())),
            Fact::Session(Visits) => Some(1),
            Fact::Count(..) | Fact::Sum(..) | Fact::Size(..) => Some(0),
            _ => None,
        }
    }

    /// The comparisons that an atom is made of, as conditions of their own: "less than" and "at most", each of which changes
    /// at most once on the way from the least to the greatest value. Whether there is nothing else in it.
    fn compared(&self, atom: &Expr, part: &Expr, into: &mut Vec<Expr>) -> bool {
        match &part.kind {
            ExprKind::Has(_)
            | ExprKind::Constant(_)
            | ExprKind::Seen { .. }
            | ExprKind::Offer { .. } => {
                if let ExprKind::Seen { .. } | ExprKind::Offer { .. } = &part.kind {
                    into.push(part.clone());
                }
                true
            }
            ExprKind::Compare { left, right, op: _ } => {
                let fine = (monotone(left) && plain(right))
                    || (plain(left) && monotone(right))
                    || matches!(self.fact, Fact::Age(_));
                if fine {
                    into.extend(both(atom, left, right));
                }
                fine || (plain(left) && plain(right))
            }
            ExprKind::Member { item, list } => {
                // `5 in profile.list` asks a list for an element; `profile.age in [5]` a number for its value.
                let (of, constants) = match (&item.kind, &list.kind) {
                    (ExprKind::Constant(it), _) if matches!(self.fact, Fact::Element(..)) => {
                        let element = Expr { kind: ExprKind::Element, span: item.span };
                        let list = Expr {
                            kind: ExprKind::Quantified {
                                quantifier: taiwa_condition::Quantifier::Exists,
                                list: list.clone(),
                                body: Box::new(element.clone()),
                            },
                            span: part.span,
                        };
                        let constant =
                            Expr { kind: ExprKind::Constant(it.clone()), span: item.span };
                        into.extend(both(&list, &element, &constant));
                        return true;
                    }
                    (_, ExprKind::Constant(Constant::Ints(all))) if monotone(item) => {
                        (item, all.iter().map(|it| Constant::Int(*it)).collect::<Vec<_>>())
                    }
                    (_, ExprKind::Constant(Constant::Numbers(all))) if monotone(item) => {
                        (item, all.iter().map(|it| Constant::Number(*it)).collect())
                    }
                    _ => return false,
                };
                for constant in constants {
                    let constant = Expr { kind: ExprKind::Constant(constant), span: item.span };
                    into.extend(both(atom, of, &constant));
                }
                true
            }
            ExprKind::Quantified { list, body, quantifier: _ } => {
                matches!(list.kind, ExprKind::Attribute(_)) && self.compared(atom, body, into)
            }
            ExprKind::Not(_) | ExprKind::All(_) | ExprKind::Any(_) | ExprKind::Choose { .. } => {
                let mut fine = true;
                for it in crate::fact::parts(part) {
                    fine &= self.compared(atom, it, into);
                }
                fine
            }
            _ => false,
        }
    }
}

/// `left < right` and `left <= right`, asked of one element where the atom asks a list.
fn both(atom: &Expr, left: &Expr, right: &Expr) -> Vec<Expr> {
    let compare = |op| {
        let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
        Expr { kind: ExprKind::Compare { op, left, right }, span: atom.span }
    };
    let wrapped = |body: Expr| match &atom.kind {
        ExprKind::Quantified { quantifier, list, body: _ } => Expr {
            kind: ExprKind::Quantified {
                quantifier: *quantifier,
                list: list.clone(),
                body: Box::new(body),
            },
            span: atom.span,
        },
        _ => body,
    };
    [Comparison::Less, Comparison::AtMost].map(|op| wrapped(compare(op))).into()
}

/// The number in a value of an ordered column.
pub(crate) fn place_in(value: &Value) -> Option<i64> {
    match value {
        Value::Int(it) => Some(*it),
        Value::Time(it) => Some(it.as_millis()),
        Value::Number(it) => Some(crate::lattice::place(*it)),
        _ => None,
    }
}
