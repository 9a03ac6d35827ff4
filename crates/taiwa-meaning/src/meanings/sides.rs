//! From logic over atoms to diagrams: for whom a condition is true, and for whom it is false; who is in a segment.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{FlowchartName, SegmentName};

use super::{Meanings, Set, Sides};
use crate::{
    Exhausted, Handle,
    builder::{ChartDef, ChartNode, SegmentRule},
    formula::Formula,
    store::{EMPTY, FULL, Node, Op},
};

impl Meanings {
    pub(super) fn set(&mut self, node: Node) -> Result<Set, Exhausted> {
        let mut node = node;
        for cluster in self.store.clusters(node).to_vec() {
            let axiom = self.world.axiom(&mut self.store, cluster)?;
            node = self.store.apply(Op::And, node, axiom)?;
        }
        Ok(Set { node, possible: self.store.is_opaque(node) })
    }

    pub(super) fn sides_of(&mut self, handle: Handle) -> Result<Sides, Exhausted> {
        if let Some(it) = self.sides.get(&handle.0) {
            return Ok(*it);
        }
        let formula = self.handles[handle.0].1.clone();
        let sides = self.sides(&formula)?;
        self.sides.insert(handle.0, sides);
        Ok(sides)
    }

    /// Depth of recursion: that of a condition; segments are taken one after the other.
    pub(super) fn sides(&mut self, formula: &Formula) -> Result<Sides, Exhausted> {
        for segment in self.needed(formula) {
            self.learn(segment)?;
        }
        self.sides_within(formula)
    }

    fn sides_within(&mut self, formula: &Formula) -> Result<Sides, Exhausted> {
        Ok(match formula {
            Formula::Known(true) => Sides { yes: FULL, no: EMPTY },
            Formula::Known(false) => Sides { yes: EMPTY, no: FULL },
            Formula::Atom(it) => {
                let (yes, no) = self.world.atom(&mut self.store, *it)?;
                Sides { yes, no }
            }
            Formula::Not(of) => {
                let Sides { yes, no } = self.sides_within(of)?;
                Sides { yes: no, no: yes }
            }
            Formula::All(parts) => self.fold(parts, (Op::And, Op::Or), (FULL, EMPTY))?,
            Formula::Any(parts) => self.fold(parts, (Op::Or, Op::And), (EMPTY, FULL))?,
            Formula::Choose(parts) => {
                let [test, yes, no] = &**parts;
                let (test, yes, no) =
                    (self.sides_within(test)?, self.sides_within(yes)?, self.sides_within(no)?);
                Sides {
                    yes: self.either((test.yes, yes.yes), (test.no, no.yes))?,
                    no: self.either((test.yes, yes.no), (test.no, no.no))?,
                }
            }
            Formula::Same(parts) => {
                let [a, b] = &**parts;
                let (a, b) = (self.sides_within(a)?, self.sides_within(b)?);
                Sides {
                    yes: self.either((a.yes, b.yes), (a.no, b.no))?,
                    no: self.either((a.yes, b.no), (a.no, b.yes))?,
                }
            }
            Formula::Segment(it) => {
                let yes = self.members.get(it).copied().unwrap_or(EMPTY);
                Sides { yes, no: self.store.apply(Op::Minus, FULL, yes)? }
            }
        })
    }

    fn fold(
        &mut self,
        parts: &[Formula],
        (of_yes, of_no): (Op, Op),
        (yes, no): (Node, Node),
    ) -> Result<Sides, Exhausted> {
        let mut sum = Sides { yes, no };
        for part in parts {
            let it = self.sides_within(part)?;
            sum.yes = self.store.apply(of_yes, sum.yes, it.yes)?;
            sum.no = self.store.apply(of_no, sum.no, it.no)?;
        }
        Ok(sum)
    }

    /// `a ∧ b ∨ c ∧ d`.
    fn either(&mut self, one: (Node, Node), other: (Node, Node)) -> Result<Node, Exhausted> {
        let one = self.store.apply(Op::And, one.0, one.1)?;
        let other = self.store.apply(Op::And, other.0, other.1)?;
        self.store.apply(Op::Or, one, other)
    }

    /// The segments that a formula hangs on and whose members are not known yet, each after those that it needs.
    fn needed(&self, formula: &Formula) -> Vec<usize> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        let mut ways: Vec<(usize, bool)> =
            direct(formula).into_iter().map(|it| (it, false)).collect();
        while let Some((segment, done)) = ways.pop() {
            if done {
                order.push(segment);
            } else if !self.members.contains_key(&segment) && seen.insert(segment) {
                ways.push((segment, true));
                ways.extend(self.needs(segment).into_iter().map(|it| (it, false)));
            }
        }
        order
    }

    fn needs(&self, segment: usize) -> Vec<usize> {
        let it = &self.segments[segment];
        if self.world.opaque_segment(segment).is_some() {
            return Vec::new();
        }
        match &it.rule {
            SegmentRule::When(formula) => direct(formula),
            SegmentRule::Leaf(chart) => self.versions[it.version]
                .charts
                .get(chart)
                .map_or_else(Vec::new, |chart| chart.iter().flat_map(ChartDef::needs).collect()),
            SegmentRule::Opaque => Vec::new(),
        }
    }

    /// Finds the members of a segment whose own needs are known.
    fn learn(&mut self, segment: usize) -> Result<(), Exhausted> {
        let def = self.segments[segment].clone();
        let node = match (self.world.opaque_segment(segment), def.rule) {
            (Some(variable), _) => self.store.draw(variable, [(1, false), (2, true)])?,
            (None, SegmentRule::When(formula)) => self.sides_within(&formula)?.yes,
            (None, SegmentRule::Leaf(chart)) => self.leaf(def.version, &chart, &def.name)?,
            (None, SegmentRule::Opaque) => EMPTY,
        };
        self.members.insert(segment, node);
        Ok(())
    }

    /// Who is led to a segment by a flowchart.
    fn leaf(
        &mut self,
        version: usize,
        chart: &FlowchartName,
        segment: &SegmentName,
    ) -> Result<Node, Exhausted> {
        let key = (version, chart.clone());
        let Some(Some(def)) = self.versions[version].charts.get(chart).cloned() else {
            return Ok(EMPTY);
        };
        if !self.leaves.contains_key(&key) {
            let mut reached = BTreeMap::from([(def.start.clone(), FULL)]);
            for name in def.order().unwrap_or_default() {
                let Some(ChartNode::Decide(cases)) = def.nodes.get(name) else { continue };
                let mut left = reached.get(name).copied().unwrap_or(EMPTY);
                for (when, go) in cases {
                    let yes = match when {
                        Some(it) => self.sides_within(it)?.yes,
                        None => FULL,
                    };
                    let taken = self.store.apply(Op::And, left, yes)?;
                    left = self.store.apply(Op::Minus, left, yes)?;
                    let before = reached.get(go).copied().unwrap_or(EMPTY);
                    let there = self.store.apply(Op::Or, before, taken)?;
                    reached.insert(go.clone(), there);
                }
            }
            self.leaves.insert(key.clone(), reached);
        }
        let mut sum = EMPTY;
        for (name, node) in &def.nodes {
            if matches!(node, ChartNode::Leaf(it) if it == segment) {
                let here = self.leaves.get(&key).and_then(|it| it.get(name)).copied();
                sum = self.store.apply(Op::Or, sum, here.unwrap_or(EMPTY))?;
            }
        }
        Ok(sum)
    }
}

/// The segments that a formula names.
pub(crate) fn direct(formula: &Formula) -> Vec<usize> {
    match formula {
        Formula::Known(_) | Formula::Atom(_) => Vec::new(),
        Formula::Not(of) => direct(of),
        Formula::All(parts) | Formula::Any(parts) => parts.iter().flat_map(direct).collect(),
        Formula::Choose(parts) => parts.iter().flat_map(direct).collect(),
        Formula::Same(parts) => parts.iter().flat_map(direct).collect(),
        Formula::Segment(it) => vec![*it],
    }
}
