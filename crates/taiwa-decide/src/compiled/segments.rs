//! Segments and flowcharts, ready to run; none of them hangs on itself.
//!
//! **Invariants.** The index of a segment is that of its slot. Segments ask for segments at most [`MAX_SEGMENT_DEPTH`] deep,
//! so asking lazily needs little stack; a walk through a flowchart visits no node twice.

use std::collections::BTreeMap;

use taiwa_condition::{Expect, Uses};
use taiwa_model::{Flowchart, Node, NodeName, Scoped, SegmentName};

use super::{Builder, Condition};

/// How deep segments may hang on other segments.
pub const MAX_SEGMENT_DEPTH: usize = 32;

/// How membership in a segment is found.
#[derive(Debug)]
pub(crate) enum SegmentRule {
    /// Everybody is in it.
    Everyone,
    /// Whoever fulfils the condition.
    When(Box<Condition>),
    /// Whoever a flowchart leads there.
    Leaf {
        /// Which flowchart.
        chart: usize,
    },
    /// Nobody: its condition could not be compiled, which was reported.
    Nobody,
}

/// A flowchart.
#[derive(Debug)]
pub(crate) struct Chart {
    nodes: Vec<ChartNode>,
    start: usize,
}

#[derive(Debug)]
enum ChartNode {
    Decide(Vec<(Option<Condition>, usize)>),
    Leaf(usize),
}

impl Chart {
    /// Every condition on the way.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let cases = self.nodes.iter().flat_map(|it| match it {
            ChartNode::Decide(cases) => cases.as_slice(),
            ChartNode::Leaf(_) => &[],
        });
        cases.filter_map(|it| it.0.as_ref())
    }

    /// The index of the segment that it leads to.
    pub(crate) fn walk(&self, mut holds: impl FnMut(&Condition) -> bool) -> Option<usize> {
        let mut at = self.start;
        for _ in 0..=self.nodes.len() {
            match self.nodes.get(at)? {
                ChartNode::Leaf(segment) => return Some(*segment),
                ChartNode::Decide(cases) => {
                    at = cases.iter().find(|it| it.0.as_ref().is_none_or(&mut holds))?.1;
                }
            }
        }
        None
    }
}

impl Builder<'_> {
    /// All segments, by the index of their slots, and the flowcharts.
    pub(super) fn segments(&mut self) -> (Vec<SegmentRule>, Vec<Chart>) {
        let mut needs: Vec<Vec<SegmentName>> = Vec::new();
        let charts: Vec<_> = self.components.flowcharts.iter().collect();
        let compiled: Vec<(Chart, Uses)> = charts
            .iter()
            .map(|(name, chart)| self.chart(&format!("flowchart/{name}"), chart))
            .collect();
        let owners = self.components.segment_names();
        let names: Vec<SegmentName> =
            self.slots.segments.iter().map(|(_, name)| name.clone()).collect();
        let mut rules = Vec::new();
        for name in &names {
            let (rule, uses) = match (self.components.segments.get(name), owners.get(name)) {
                (Some(segment), _) => {
                    let place = format!("segment/{name}");
                    let when = &segment.content.when;
                    match self.condition(&place, when, Expect::Condition, &segment.scope) {
                        Some(it) => {
                            let uses = it.uses.segments.keys().cloned().collect();
                            (SegmentRule::When(Box::new(it)), uses)
                        }
                        None => (SegmentRule::Nobody, Vec::new()),
                    }
                }
                (None, Some(Some(owner))) => {
                    let chart = charts.iter().position(|it| it.0 == owner).unwrap_or_default();
                    let uses =
                        compiled.get(chart).map(|it| it.1.segments.keys().cloned().collect());
                    (SegmentRule::Leaf { chart }, uses.unwrap_or_default())
                }
                _ if name.as_str() == "everyone" => (SegmentRule::Everyone, Vec::new()),
                _ => (SegmentRule::Nobody, Vec::new()),
            };
            rules.push(rule);
            needs.push(uses);
        }
        self.no_cycle(&names, &needs);
        (rules, compiled.into_iter().map(|it| it.0).collect())
    }

    fn chart(&mut self, place: &str, chart: &Scoped<Flowchart>) -> (Chart, Uses) {
        let nodes = &chart.content.nodes;
        let numbers: BTreeMap<&NodeName, usize> =
            nodes.keys().enumerate().map(|(number, name)| (name, number)).collect();
        let mut uses = Uses::default();
        let mut compiled = Vec::new();
        for (name, node) in nodes {
            compiled.push(match node {
                Node::Segment { name, title: _ } => {
                    ChartNode::Leaf(self.slots.segments.intern(name).index())
                }
                Node::Decide(branches) => {
                    if branches.last().is_none_or(|it| it.when.is_some()) {
                        self.problem(
                            place,
                            &format!("node `{name}` has no `otherwise` at its end"),
                        );
                    }
                    let mut cases = Vec::new();
                    for branch in branches {
                        let when = branch.when.as_deref().map(|text| {
                            self.condition(place, text, Expect::Condition, &chart.scope)
                        });
                        let Some(to) = numbers.get(&branch.go) else {
                            self.problem(place, &format!("node `{}` does not exist", branch.go));
                            continue;
                        };
                        if let Some(Some(it)) = &when {
                            uses.merge(it.uses.clone());
                        }
                        match when {
                            Some(None) => {}
                            Some(Some(it)) => cases.push((Some(it), *to)),
                            None => cases.push((None, *to)),
                        }
                    }
                    ChartNode::Decide(cases)
                }
            });
        }
        let start = numbers.get(&chart.content.start).copied();
        if start.is_none() {
            self.problem(place, &format!("node `{}` does not exist", chart.content.start));
        }
        let chart = Chart { nodes: compiled, start: start.unwrap_or_default() };
        if chart.has_cycle() {
            self.problem(place, "its nodes lead back to themselves");
        }
        (chart, uses)
    }

    /// Takes away, again and again, the segments that hang on nothing that is left.
    fn no_cycle(&mut self, names: &[SegmentName], needs: &[Vec<SegmentName>]) {
        let number = |name: &SegmentName| self.slots.segments.slot(name.as_str());
        let needs: Vec<Vec<usize>> = needs
            .iter()
            .map(|it| it.iter().filter_map(number).map(taiwa_condition::Slot::index).collect())
            .collect();
        let mut done = vec![false; names.len()];
        for _ in 0..MAX_SEGMENT_DEPTH {
            let ready: Vec<usize> = (0..names.len())
                .filter(|at| !done[*at] && needs[*at].iter().all(|it| done[*it]))
                .collect();
            if ready.is_empty() {
                break;
            }
            for at in ready {
                done[at] = true;
            }
        }
        for (name, done) in names.iter().zip(done) {
            if !done {
                let words = format!(
                    "it hangs on itself, or on other segments more than {MAX_SEGMENT_DEPTH} deep"
                );
                self.problem(&format!("segment/{name}"), &words);
            }
        }
    }
}

impl Chart {
    fn has_cycle(&self) -> bool {
        let mut done = vec![false; self.nodes.len()];
        loop {
            let ready: Vec<usize> = (0..self.nodes.len())
                .filter(|at| {
                    !done[*at]
                        && match &self.nodes[*at] {
                            ChartNode::Leaf(_) => true,
                            ChartNode::Decide(cases) => cases.iter().all(|it| done[it.1]),
                        }
                })
                .collect();
            if ready.is_empty() {
                return done.contains(&false);
            }
            for at in ready {
                done[at] = true;
            }
        }
    }
}
