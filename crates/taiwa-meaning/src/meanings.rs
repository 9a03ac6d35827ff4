//! The questions: sets of people, what holds between them, and who is in one.
//!
//! **Invariants.** A set holds only people that there can be, as far as it looks at them. Answers are exact for everybody
//! but for what hangs on opaque atoms, which [`Set::possible`] says.

use std::collections::BTreeMap;

use taiwa_model::{FlowchartName, NodeName};
use taiwa_text::Text;

use crate::{
    Builder, Exhausted, Handle, Person, ScoreHandle, VersionId,
    builder::{ChartNode, SegmentDef, SegmentRule, Version},
    formula::{Formula, ScoreTree},
    store::{EMPTY, FULL, Node, Op, Store},
    world::World,
};

/// A set of people. It belongs to the [`Meanings`] that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set {
    pub(crate) node: Node,
    /// Whether it hangs on an opaque atom: somebody may be in it who does not exist. An empty set is empty in any case.
    pub possible: bool,
}

/// People for whom a score lies between two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreCell {
    /// Who.
    pub people: Set,
    /// The least score; infinite where nothing bounds it.
    pub least: f64,
    /// The greatest score; infinite where nothing bounds it.
    pub most: f64,
}

/// What a flowchart does with people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartMeaning {
    /// By node.
    pub nodes: BTreeMap<NodeName, NodeMeaning>,
    /// Who is led to no segment at all.
    pub lost: Set,
}

/// A node of a flowchart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeMeaning {
    /// Who comes here.
    pub reached: Set,
    /// By case, in order: who of them takes it. Empty for leaves.
    pub cases: Vec<Set>,
}

/// The two sides of a condition; who is in neither is unknown.
#[derive(Clone, Copy, Debug)]
struct Sides {
    yes: Node,
    no: Node,
}

/// What conditions mean.
#[derive(Debug)]
pub struct Meanings {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) versions: Vec<Version>,
    segments: Vec<SegmentDef>,
    handles: Vec<(usize, Formula)>,
    scores: Vec<ScoreTree>,
    members: BTreeMap<usize, Node>,
    sides: BTreeMap<usize, Sides>,
    leaves: BTreeMap<(usize, FlowchartName), BTreeMap<NodeName, Node>>,
}

impl Meanings {
    pub(crate) fn new(builder: Builder) -> Self {
        let (store, world) = World::new(&builder);
        let Builder { versions, segments, handles, scores, .. } = builder;
        Self {
            store,
            world,
            versions,
            segments,
            handles,
            scores,
            members: BTreeMap::new(),
            sides: BTreeMap::new(),
            leaves: BTreeMap::new(),
        }
    }

    /// How many nodes all diagrams have.
    pub const fn nodes(&self) -> usize {
        self.store.len()
    }

    /// Nobody.
    pub const fn nobody(&self) -> Set {
        Set { node: EMPTY, possible: false }
    }

    /// Everybody.
    pub const fn everybody(&self) -> Set {
        Set { node: FULL, possible: false }
    }

    /// For whom a condition is true. Unknown is not.
    ///
    /// # Errors
    /// When the budget is used up, as everywhere here.
    pub fn truth(&mut self, handle: Handle) -> Result<Set, Exhausted> {
        let sides = self.sides_of(handle)?;
        self.set(sides.yes)
    }

    /// For whom a condition is false. Unknown is not.
    pub fn falsity(&mut self, handle: Handle) -> Result<Set, Exhausted> {
        let sides = self.sides_of(handle)?;
        self.set(sides.no)
    }

    /// For whom a condition is unknown, because something is missing.
    pub fn unknown(&mut self, handle: Handle) -> Result<Set, Exhausted> {
        let sides = self.sides_of(handle)?;
        let known = self.store.apply(Op::Or, sides.yes, sides.no)?;
        let rest = self.store.apply(Op::Minus, FULL, known)?;
        self.set(rest)
    }

    /// Who is in both.
    pub fn and(&mut self, a: Set, b: Set) -> Result<Set, Exhausted> {
        let node = self.store.apply(Op::And, a.node, b.node)?;
        self.set(node)
    }

    /// Who is in either.
    pub fn or(&mut self, a: Set, b: Set) -> Result<Set, Exhausted> {
        let node = self.store.apply(Op::Or, a.node, b.node)?;
        self.set(node)
    }

    /// Who is in the first and not in the second.
    pub fn minus(&mut self, a: Set, b: Set) -> Result<Set, Exhausted> {
        let node = self.store.apply(Op::Minus, a.node, b.node)?;
        self.set(node)
    }

    /// Everybody else.
    pub fn complement(&mut self, set: Set) -> Result<Set, Exhausted> {
        self.minus(self.everybody(), set)
    }

    /// Those who are in it whatever the opaque atoms say.
    pub fn certain(&mut self, set: Set) -> Result<Set, Exhausted> {
        let node = self.store.certain(set.node)?;
        self.set(node)
    }

    /// Whether nobody is in it.
    #[expect(clippy::unnecessary_wraps, reason = "all questions are asked in one form")]
    pub const fn is_empty(&self, set: Set) -> Result<bool, Exhausted> {
        Ok(set.node == EMPTY)
    }

    /// Whether everybody is in it.
    pub fn is_everybody(&mut self, set: Set) -> Result<bool, Exhausted> {
        Ok(self.complement(set)?.node == EMPTY)
    }

    /// Whether everybody in the first is in the second.
    pub fn implies(&mut self, a: Set, b: Set) -> Result<bool, Exhausted> {
        let mut first = a.node;
        for cluster in self.store.clusters(b.node).to_vec() {
            if !self.store.clusters(first).contains(&cluster) {
                let axiom = self.world.axiom(&mut self.store, cluster)?;
                first = self.store.apply(Op::And, first, axiom)?;
            }
        }
        self.store.subset(first, b.node)
    }

    /// Whether the same people are in both.
    pub fn equal(&mut self, a: Set, b: Set) -> Result<bool, Exhausted> {
        Ok(a.node == b.node || self.implies(a, b)? && self.implies(b, a)?)
    }

    /// Whether somebody is in both.
    pub fn overlaps(&mut self, a: Set, b: Set) -> Result<bool, Exhausted> {
        Ok(!self.store.disjoint(a.node, b.node)?)
    }

    /// Whether two sets look at nothing in common: then they overlap, and neither implies the other, unless one is empty
    /// or everybody.
    pub fn supports_disjoint(&self, a: Set, b: Set) -> bool {
        let theirs = self.world.touched(&self.store, b.node);
        self.world.touched(&self.store, a.node).is_disjoint(&theirs)
    }

    /// Who is in at least `k` of the sets, `k` counted up to 8.
    pub fn covered_at_least(&mut self, sets: &[Set], k: usize) -> Result<Set, Exhausted> {
        let k = k.min(8);
        // at[n]: who is in at least n of those so far.
        let mut at = vec![EMPTY; k + 1];
        at[0] = FULL;
        for set in sets {
            for n in (1..=k).rev() {
                let more = self.store.apply(Op::And, at[n - 1], set.node)?;
                at[n] = self.store.apply(Op::Or, at[n], more)?;
            }
        }
        self.set(at[k])
    }

    /// A score, by people; nobody is in two cells. Who is in none has no score.
    pub fn score_cells(&mut self, score: ScoreHandle) -> Result<Vec<ScoreCell>, Exhausted> {
        let tree = self.scores[score.0].clone();
        let mut open = vec![(&tree, FULL)];
        let mut cells: Vec<(Node, f64, f64)> = Vec::new();
        while let Some((tree, people)) = open.pop() {
            match tree {
                _ if people == EMPTY => {}
                ScoreTree::Range(least, most) => {
                    match cells.iter_mut().find(|it| same(it.1, *least) && same(it.2, *most)) {
                        Some(it) => it.0 = self.store.apply(Op::Or, it.0, people)?,
                        None => cells.push((people, *least, *most)),
                    }
                }
                ScoreTree::Choose(it) => {
                    let sides = self.sides(&it.0)?;
                    let (yes, no) = (
                        self.store.apply(Op::And, people, sides.yes)?,
                        self.store.apply(Op::And, people, sides.no)?,
                    );
                    let (yes, no) = (self.set(yes)?.node, self.set(no)?.node);
                    open.push((&it.2, no));
                    open.push((&it.1, yes));
                }
            }
        }
        let mut all = Vec::with_capacity(cells.len());
        for (node, least, most) in cells {
            all.push(ScoreCell { people: self.set(node)?, least, most });
        }
        Ok(all)
    }

    /// What a flowchart does; `None` where it does not exist, runs in circles, or cannot be read.
    pub fn chart(
        &mut self,
        version: VersionId,
        name: &FlowchartName,
    ) -> Result<Option<ChartMeaning>, Exhausted> {
        let Some(Some(chart)) = self.versions[version.0].charts.get(name).cloned() else {
            return Ok(None);
        };
        let Some(order) = chart.order() else { return Ok(None) };
        let mut reached: BTreeMap<&NodeName, Node> = BTreeMap::from([(&chart.start, FULL)]);
        let mut nodes = BTreeMap::new();
        let mut lost = EMPTY;
        for name in order {
            let here = reached.get(name).copied().unwrap_or(EMPTY);
            let mut meaning = NodeMeaning { reached: self.set(here)?, cases: Vec::new() };
            if let Some(ChartNode::Decide(cases)) = chart.nodes.get(name) {
                let mut left = here;
                for (when, go) in cases {
                    let yes = match when {
                        Some(it) => self.sides(it)?.yes,
                        None => FULL,
                    };
                    let taken = self.store.apply(Op::And, left, yes)?;
                    left = self.store.apply(Op::Minus, left, yes)?;
                    let there = reached.entry(go).or_insert(EMPTY);
                    *there = self.store.apply(Op::Or, *there, taken)?;
                    meaning.cases.push(self.set(taken)?);
                }
                lost = self.store.apply(Op::Or, lost, left)?;
            }
            nodes.insert(name.clone(), meaning);
        }
        Ok(Some(ChartMeaning { nodes, lost: self.set(lost)? }))
    }

    /// The simplest person in a set: with the fewest things to be said of them, and of those the most ordinary.
    /// One who certainly exists is preferred to one who may. `None` where the set is empty.
    pub fn smallest(&mut self, set: Set) -> Result<Option<Person>, Exhausted> {
        let certain = self.certain(set)?;
        let node = if certain.node == EMPTY { set.node } else { certain.node };
        Ok(self.world.person(&self.store, &self.versions, node))
    }

    /// What is opaque in a condition, in one spelling each, segments that it asks for included.
    pub fn opaque(&mut self, handle: Handle) -> Result<Vec<String>, Exhausted> {
        let sides = self.sides_of(handle)?;
        let mut all: Vec<String> = [sides.yes, sides.no]
            .into_iter()
            .flat_map(|it| self.store.support(it))
            .filter_map(|it| self.world.opaque(&self.store, it))
            .collect();
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// What a set looks at, each in the words of a condition: `profile.age`, `consented("marketing-email")`.
    pub fn asks(&self, set: Set) -> Vec<String> {
        let support = self.store.support(set.node);
        let mut all: Vec<String> = support.into_iter().map(|it| self.world.name(it)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The people of a set in words, as one of its simplest persons: a short way to [`Person::said`].
    pub fn said(&mut self, set: Set) -> Result<Option<Text>, Exhausted> {
        Ok(self.smallest(set)?.map(|it| it.said().clone()))
    }

    fn set(&mut self, node: Node) -> Result<Set, Exhausted> {
        let mut node = node;
        for cluster in self.store.clusters(node).to_vec() {
            let axiom = self.world.axiom(&mut self.store, cluster)?;
            node = self.store.apply(Op::And, node, axiom)?;
        }
        Ok(Set { node, possible: self.store.is_opaque(node) })
    }

    fn sides_of(&mut self, handle: Handle) -> Result<Sides, Exhausted> {
        if let Some(it) = self.sides.get(&handle.0) {
            return Ok(*it);
        }
        let formula = self.handles[handle.0].1.clone();
        let sides = self.sides(&formula)?;
        self.sides.insert(handle.0, sides);
        Ok(sides)
    }

    /// Depth of recursion: that of a condition; segments are taken one after the other.
    fn sides(&mut self, formula: &Formula) -> Result<Sides, Exhausted> {
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
        let mut seen = std::collections::BTreeSet::new();
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
            SegmentRule::Leaf(chart) => {
                self.versions[it.version].charts.get(chart).map_or_else(Vec::new, |chart| {
                    chart.iter().flat_map(crate::builder::ChartDef::needs).collect()
                })
            }
            SegmentRule::Opaque => Vec::new(),
        }
    }

    /// Finds the members of a segment whose own needs are known.
    fn learn(&mut self, segment: usize) -> Result<(), Exhausted> {
        let def = self.segments[segment].clone();
        let node = match (self.world.opaque_segment(segment), def.rule) {
            (Some(variable), _) => self.store.make(variable, &[EMPTY, FULL])?,
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
        segment: &taiwa_model::SegmentName,
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

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
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
