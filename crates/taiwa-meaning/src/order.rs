//! In which order diagrams ask: what stands together in conditions stands together here.
//!
//! What is large comes last, so that it is drawn once below all that differs: above, it would be drawn anew for each.
//! Else greedy: next comes what has most in common with what is placed, and least with what is not. Ties go by number, which goes
//! by name, so that the order in which conditions were added decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::formula::{AtomId, Formula};

/// Larger groups say little about who belongs to whom.
const LARGEST_GROUP: usize = 16;

/// A history with more windows than this is large.
const LARGE: usize = 16;

/// A weight that every group size divides.
const WHOLE: i64 = 720_720;

/// How strongly things belong together.
#[derive(Debug, Default)]
pub(crate) struct Ties {
    weights: BTreeMap<(usize, usize), i64>,
}

impl Ties {
    /// Takes in a condition. `of` gives the things that an atom asks.
    pub(crate) fn read(
        &mut self,
        formula: &Formula,
        of: &impl Fn(AtomId) -> Vec<usize>,
    ) -> BTreeSet<usize> {
        let group: BTreeSet<usize> = match formula {
            Formula::Known(_) | Formula::Segment(_) => BTreeSet::new(),
            Formula::Atom(it) => of(*it).into_iter().collect(),
            Formula::Not(it) => return self.read(it, of),
            Formula::All(parts) | Formula::Any(parts) => {
                parts.iter().flat_map(|it| self.read(it, of)).collect()
            }
            Formula::Choose(parts) => parts.iter().flat_map(|it| self.read(it, of)).collect(),
            Formula::Same(parts) => parts.iter().flat_map(|it| self.read(it, of)).collect(),
        };
        self.tie(&group);
        group
    }

    /// These belong together.
    pub(crate) fn tie(&mut self, group: &BTreeSet<usize>) {
        if group.len() < 2 || group.len() > LARGEST_GROUP {
            return;
        }
        let weight = WHOLE / i64::try_from(group.len() * group.len()).unwrap_or(WHOLE);
        for a in group {
            for b in group.range(a + 1..) {
                *self.weights.entry((*a, *b)).or_default() += weight;
            }
        }
    }

    /// All things in a good order, by how large each is.
    pub(crate) fn order(&self, sizes: &[usize]) -> Vec<usize> {
        let count = sizes.len();
        let mut near: Vec<Vec<(usize, i64)>> = vec![Vec::new(); count];
        let mut scores = vec![0; count];
        for ((a, b), weight) in &self.weights {
            near[*a].push((*b, *weight));
            near[*b].push((*a, *weight));
            scores[*a] -= weight;
            scores[*b] -= weight;
        }
        let place = |score: i64, at: usize| (sizes[at] > LARGE, -score, at);
        let mut waiting: BTreeSet<(bool, i64, usize)> =
            scores.iter().enumerate().map(|(at, score)| place(*score, at)).collect();
        let mut order = Vec::with_capacity(count);
        while let Some((_, _, next)) = waiting.pop_first() {
            order.push(next);
            for (other, weight) in &near[next] {
                if waiting.remove(&place(scores[*other], *other)) {
                    scores[*other] += 2 * weight;
                    waiting.insert(place(scores[*other], *other));
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_stands_together() {
        let mut ties = Ties::default();
        for it in 0..18 {
            ties.tie(&BTreeSet::from([it, it + 18]));
        }
        let order = ties.order(&[1; 36]);
        for pair in order.chunks(2) {
            assert_eq!(pair[0].abs_diff(pair[1]), 18, "{order:?}");
        }
        let mut sizes = [1; 36];
        sizes[3] = LARGE + 1;
        assert_eq!(ties.order(&sizes).last(), Some(&3));
    }
}
