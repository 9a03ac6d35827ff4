//! The questions: sets of people, what holds between them, and who is in one.
//!
//! **Invariants.** A set holds only people that there can be, as far as it looks at them. Answers are exact for everybody
//! but for what hangs on opaque atoms, which [`Set::possible`] says.

mod sides;

use std::collections::BTreeMap;

use taiwa_model::{FlowchartName, NodeName};
use taiwa_text::Text;

use crate::{
    Builder, Exhausted, Handle, Person, ScoreHandle, VersionId,
    builder::{ChartNode, SegmentDef, Version},
    formula::{Formula, ScoreTree},
    store::{EMPTY, FULL, Node, Op, Store},
    world::World,
};

pub(crate) use sides::direct;

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
    #[expect(clippy::unused_self, reason = "a set belongs to the meanings it is asked of")]
    pub const fn nobody(&self) -> Set {
        Set { node: EMPTY, possible: false }
    }

    /// Everybody.
    #[expect(clippy::unused_self, reason = "a set belongs to the meanings it is asked of")]
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
        // Both are held to what they look at, and so is what they have in common.
        let node = self.store.apply(Op::And, a.node, b.node)?;
        Ok(Set { node, possible: self.store.is_opaque(node) })
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
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "all questions are asked in one form"
    )]
    pub const fn is_empty(&self, set: Set) -> Result<bool, Exhausted> {
        Ok(set.node == EMPTY)
    }

    /// Whether everybody is in it.
    pub fn is_everybody(&mut self, set: Set) -> Result<bool, Exhausted> {
        Ok(self.complement(set)?.node == EMPTY)
    }

    /// Whether everybody in the first is in the second.
    pub fn implies(&mut self, a: Set, b: Set) -> Result<bool, Exhausted> {
        let known = self.store.clusters(a.node);
        if self.store.clusters(b.node).iter().all(|it| known.contains(it)) {
            return self.store.subset(a.node, b.node);
        }
        // The first may be held to less than the second: those who are not in the second are held to as much.
        let others = self.complement(b)?;
        self.store.disjoint(a.node, others.node)
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
}

fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}
