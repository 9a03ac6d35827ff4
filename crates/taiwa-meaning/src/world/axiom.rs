//! What hangs together: the windows of one history, the size of a list and what it holds.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::SpanOfTime;

use super::{World, cells};
use crate::{
    Exhausted,
    fact::Fact,
    store::{EMPTY, FULL, Node, Op, Store},
};

type Ranges = Vec<(i64, i64)>;

impl World {
    /// A history: something lies within a window exactly where its count is not 0; a longer window holds no less than a
    /// shorter one; a sum over nothing is 0; and where two windows must hold the same events they have the same sum.
    pub(super) fn history(&self, store: &mut Store, variables: &[u32]) -> Result<Node, Exhausted> {
        let mut counts: Vec<(SpanOfTime, u32, Ranges)> = Vec::new();
        let mut sums: Vec<(String, SpanOfTime, u32)> = Vec::new();
        let mut since = None;
        for variable in variables {
            match self.fact(*variable) {
                Some(Fact::Since(_)) => since = Some(*variable),
                Some(Fact::Count(_, window)) => {
                    let ranges = self.ranges(*variable).into_iter().flatten().collect();
                    counts.push((*window, *variable, ranges));
                }
                Some(Fact::Sum(_, property, window)) => {
                    sums.push((property.as_str().to_owned(), *window, *variable));
                }
                _ => {}
            }
        }
        counts.sort();
        sums.sort();
        let Some(since) = since else { return Ok(FULL) };
        let mut axiom = self.counted(store, since, &counts)?;
        for (_, window, variable) in &sums {
            let within = self.within(store, since, *window)?;
            let nothing = self.zero(store, *variable)?;
            let fits = store.apply(Op::Or, within, nothing)?;
            axiom = store.apply(Op::And, axiom, fits)?;
        }
        for (at, (property, shorter, few)) in sums.iter().enumerate() {
            let longer = sums[at + 1..].iter().filter(|it| it.0 == *property);
            for (_, longer, many) in longer {
                let same = self.same_events(store, since, &counts, (*shorter, *longer))?;
                let unequal = self.unequal(store, *few, *many)?;
                let wrong = store.apply(Op::And, same, unequal)?;
                axiom = store.apply(Op::Minus, axiom, wrong)?;
            }
        }
        Ok(axiom)
    }

    /// What holds between `since` and the counts, drawn from the last window to the first: a count must be at least the
    /// greatest least count of the shorter windows, and is 0 exactly where nothing lies within its window.
    fn counted(
        &self,
        store: &mut Store,
        since: u32,
        counts: &[(SpanOfTime, u32, Ranges)],
    ) -> Result<Node, Exhausted> {
        // By cell of `since`, the first window that holds it.
        let first = |ago: &Option<(i64, i64)>| {
            let is_beyond = |window: SpanOfTime| ago.is_none_or(|it| it.1 >= window.as_millis());
            counts.partition_point(|it| is_beyond(it.0))
        };
        let firsts: Vec<usize> = self.ranges(since).iter().map(first).collect();
        // By window, the least counts of those before it.
        let mut floors = vec![BTreeSet::from([0])];
        for (at, (_, _, ranges)) in counts.iter().enumerate() {
            let mut all = floors[at].clone();
            all.extend(ranges.iter().map(|it| it.0));
            floors.push(all);
        }
        // From a window on: where it holds something, by the greatest least count before it; where it does not, by the first
        // window that does.
        let every = floors.pop().unwrap_or_default();
        let mut full: BTreeMap<i64, Node> = every.into_iter().map(|it| (it, FULL)).collect();
        let mut bare: BTreeMap<usize, Node> = BTreeMap::new();
        for (at, (_, variable, ranges)) in counts.iter().enumerate().rev() {
            for first in firsts.iter().copied().collect::<BTreeSet<_>>().range(at + 1..) {
                let behind = if *first == at + 1 { full.get(&0) } else { bare.get(first) };
                let behind = behind.copied().unwrap_or(EMPTY);
                let leads = ranges.iter().map(|it| if it.0 == 0 { behind } else { EMPTY });
                let node = store.lead(*variable, leads)?;
                bare.insert(*first, node);
            }
            let mut here = BTreeMap::new();
            for floor in floors.pop().unwrap_or_default() {
                let leads = ranges.iter().map(|(least, most)| {
                    let fits = *most > 0 && *most >= floor;
                    let behind = full.get(&floor.max(*least)).filter(|_| fits);
                    behind.copied().unwrap_or(EMPTY)
                });
                let node = store.lead(*variable, leads)?;
                here.insert(floor, node);
            }
            full = here;
        }
        let leads = firsts.iter().map(|it| if *it == 0 { full.get(&0) } else { bare.get(it) });
        let leads: Vec<Node> = leads.map(|it| it.copied().unwrap_or(FULL)).collect();
        store.lead(since, leads)
    }

    /// Where something happened within a window.
    fn within(&self, store: &mut Store, since: u32, window: SpanOfTime) -> Result<Node, Exhausted> {
        let within = |it: &Option<(i64, i64)>| it.is_some_and(|it| it.1 < window.as_millis());
        let of: Vec<bool> = self.ranges(since).iter().map(within).collect();
        cells(store, since, &of)
    }

    /// Where a sum is 0, or may be.
    fn zero(&self, store: &mut Store, sum: u32) -> Result<Node, Exhausted> {
        let zero = |it: &Option<(i64, i64)>| it.is_some_and(|it| it.0 <= 0 && 0 <= it.1);
        let of: Vec<bool> = self.ranges(sum).iter().map(zero).collect();
        cells(store, sum, &of)
    }

    /// Where a longer window can hold no more events than a shorter one, and something happened in the shorter.
    fn same_events(
        &self,
        store: &mut Store,
        since: u32,
        counts: &[(SpanOfTime, u32, Ranges)],
        (shorter, longer): (SpanOfTime, SpanOfTime),
    ) -> Result<Node, Exhausted> {
        let mut same = EMPTY;
        let happened = self.within(store, since, shorter)?;
        for (_, most, tops) in counts.iter().filter(|it| it.0 >= longer) {
            for (cell, (_, top)) in tops.iter().enumerate() {
                let few = one(store, *most, (cell, tops.len()))?;
                let mut full = if *top == 1 { happened } else { EMPTY };
                for (_, least, bottoms) in counts.iter().filter(|it| it.0 <= shorter) {
                    let here: Vec<bool> =
                        bottoms.iter().map(|it| it.0 >= 1 && it.0 == *top).collect();
                    let here = cells(store, *least, &here)?;
                    full = store.apply(Op::Or, full, here)?;
                }
                let both = store.apply(Op::And, few, full)?;
                same = store.apply(Op::Or, same, both)?;
            }
        }
        Ok(same)
    }

    /// Where two sums lie in cells that have nothing in common.
    fn unequal(&self, store: &mut Store, a: u32, b: u32) -> Result<Node, Exhausted> {
        let (left, right) = (self.ranges(a), self.ranges(b));
        let mut sum = EMPTY;
        for (cell, range) in left.iter().enumerate() {
            let apart = |it: &Option<(i64, i64)>| match (range, it) {
                (Some(a), Some(b)) => a.1 < b.0 || b.1 < a.0,
                _ => true,
            };
            let here = one(store, a, (cell, left.len()))?;
            let of: Vec<bool> = right.iter().map(apart).collect();
            let there = cells(store, b, &of)?;
            let both = store.apply(Op::And, here, there)?;
            sum = store.apply(Op::Or, sum, both)?;
        }
        Ok(sum)
    }

    /// A list: it holds no more classes than elements, and something where it is not empty.
    pub(super) fn list(
        &self,
        store: &mut Store,
        size: u32,
        holds: &[u32],
    ) -> Result<Node, Exhausted> {
        // at_most[n]: no more than n classes.
        let ranges = self.ranges(size);
        let most = ranges.iter().flatten().map(|it| usize::try_from(it.1).unwrap_or_default());
        let most = most.max().unwrap_or_default().min(holds.len());
        let mut at_least = vec![EMPTY; most + 2];
        at_least[0] = FULL;
        for variable in holds.iter().rev() {
            let here = cells(store, *variable, &[false, true])?;
            for n in (1..at_least.len()).rev() {
                let more = store.apply(Op::And, at_least[n - 1], here)?;
                at_least[n] = store.apply(Op::Or, at_least[n], more)?;
            }
        }
        let mut axiom = EMPTY;
        for (cell, range) in ranges.iter().enumerate() {
            let (least, most) = range.unwrap_or_default();
            let here = one(store, size, (cell, ranges.len()))?;
            let above = usize::try_from(most).unwrap_or_default() + 1;
            let too_many = at_least.get(above).copied().unwrap_or(EMPTY);
            let enough = if least >= 1 { at_least[1] } else { FULL };
            let fits = store.apply(Op::Minus, enough, too_many)?;
            let both = store.apply(Op::And, here, fits)?;
            axiom = store.apply(Op::Or, axiom, both)?;
        }
        Ok(axiom)
    }
}

/// One cell of a variable of so many.
fn one(store: &mut Store, variable: u32, (cell, of): (usize, usize)) -> Result<Node, Exhausted> {
    let all: Vec<bool> = (0..of).map(|it| it == cell).collect();
    cells(store, variable, &all)
}
