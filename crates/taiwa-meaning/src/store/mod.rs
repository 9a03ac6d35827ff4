//! The diagrams themselves: reduced, ordered, every node stored once.
//!
//! **Invariants.** Variables grow on the way from a root to a leaf. A node keeps runs of cells, not cells: a comparison with
//! one of ten thousand numbers is two runs. No node has only one run, no two runs side by side lead to the same, and no
//! two nodes are equal, so two diagrams mean the same exactly where they are the same number. Nothing recurses: what
//! walks has a stack of its own. What cannot be paid from the budget is [`Exhausted`], never half an answer.
//! Deliberately absent: what a variable or a cell stands for (`partition`), and which people are possible (`world`).

mod table;
mod walk;

use std::collections::BTreeMap;

use table::{Cache, Unique};

use crate::{Budget, Exhausted};

/// A diagram, by its number.
pub(crate) type Node = u32;

/// Nobody.
pub(crate) const EMPTY: Node = 0;

/// Everybody.
pub(crate) const FULL: Node = 1;

/// How much is done before an answer is given up, for each node of the budget.
const STEPS_A_NODE: u64 = 64;

/// How many runs there may be, for each node of the budget; walking over so many is one thing done.
const RUNS_A_NODE: usize = 16;

/// What a variable is for the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// How many cells it has, at least 2.
    pub(crate) cells: u32,
    /// Whether nobody knows what it stands for.
    pub(crate) opaque: bool,
    /// The group of variables that hang together, if any.
    pub(crate) cluster: Option<u32>,
}

/// Cells side by side that lead to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The cell behind the last one.
    pub(crate) end: u32,
    /// Where they lead.
    pub(crate) node: Node,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    variable: u32,
    first: u32,
    /// How many runs it has.
    runs: u32,
    /// Which clusters are asked below, by number of the list.
    clusters: u32,
    opaque: bool,
}

/// How two diagrams are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    And,
    Or,
    /// The first without the second.
    Minus,
}

/// All diagrams.
#[derive(Debug)]
pub(crate) struct Store {
    variables: Vec<Variable>,
    heads: Vec<Head>,
    runs: Vec<Run>,
    unique: Unique,
    cache: Cache,
    lists: Vec<Vec<u32>>,
    list_numbers: BTreeMap<Vec<u32>, u32>,
    list_unions: BTreeMap<(u32, u32), u32>,
    /// By cluster, the list that holds it alone.
    alone: Vec<u32>,
    most_nodes: usize,
    steps: u64,
    most_steps: u64,
}

impl Store {
    pub(crate) fn new(variables: Vec<Variable>, budget: Budget) -> Self {
        let leaf = Head { variable: u32::MAX, first: 0, runs: 0, clusters: 0, opaque: false };
        let clusters = variables.iter().filter_map(|it| it.cluster).max().map_or(0, |it| it + 1);
        let mut store = Self {
            variables,
            heads: vec![leaf; 2],
            runs: Vec::new(),
            unique: Unique::default(),
            cache: Cache::default(),
            lists: vec![Vec::new()],
            list_numbers: BTreeMap::from([(Vec::new(), 0)]),
            list_unions: BTreeMap::new(),
            alone: Vec::new(),
            most_nodes: budget.nodes as usize,
            steps: 0,
            most_steps: u64::from(budget.nodes) * STEPS_A_NODE,
        };
        store.alone = (0..clusters).map(|it| store.list(vec![it])).collect();
        store
    }

    /// How many nodes there are.
    pub(crate) const fn len(&self) -> usize {
        self.heads.len()
    }

    /// What was done and what is kept: steps, nodes and runs.
    #[cfg(test)]
    pub(crate) fn work(&self) -> u64 {
        self.steps + (self.heads.len() + self.runs.len()) as u64
    }

    /// The variables, in their order.
    pub(crate) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Whether a diagram asks something that nobody knows.
    pub(crate) fn is_opaque(&self, node: Node) -> bool {
        self.heads[node as usize].opaque
    }

    /// The clusters that a diagram asks, sorted.
    pub(crate) fn clusters(&self, node: Node) -> &[u32] {
        &self.lists[self.heads[node as usize].clusters as usize]
    }

    /// The variable that a diagram asks first; `u32::MAX` for a leaf.
    pub(crate) fn variable(&self, node: Node) -> u32 {
        self.heads[node as usize].variable
    }

    /// Where a diagram leads in the cells of its first variable; nowhere for a leaf.
    pub(crate) fn runs(&self, node: Node) -> &[Run] {
        let head = self.heads[node as usize];
        let first = head.first as usize;
        &self.runs[first..first + head.runs as usize]
    }

    /// Where a diagram leads in a cell of its first variable.
    pub(crate) fn child(&self, node: Node, cell: usize) -> Node {
        let runs = self.runs(node);
        let at = runs.partition_point(|it| it.end as usize <= cell);
        runs.get(at).map_or(EMPTY, |it| it.node)
    }

    /// Something was done; there is an end to that.
    fn pay(&mut self, runs: usize) -> Result<(), Exhausted> {
        self.steps += 1 + (runs / RUNS_A_NODE) as u64;
        if self.steps > self.most_steps { Err(Exhausted) } else { Ok(()) }
    }

    /// The diagram that asks a variable first. Runs must lead to later variables only, and no two side by side to the same.
    pub(crate) fn make(&mut self, variable: u32, runs: &[Run]) -> Result<Node, Exhausted> {
        match runs {
            [] => return Ok(EMPTY),
            [one] => return Ok(one.node),
            _ => {}
        }
        let same = |node: Node| self.variable(node) == variable && self.runs(node) == runs;
        let place = match self.unique.find(variable, runs, same) {
            Ok(node) => return Ok(node),
            Err(place) => place,
        };
        if self.heads.len() >= self.most_nodes
            || self.runs.len() + runs.len() > self.most_nodes * RUNS_A_NODE
        {
            return Err(Exhausted);
        }
        let node = Node::try_from(self.heads.len()).map_err(|_| Exhausted)?;
        let first = u32::try_from(self.runs.len()).map_err(|_| Exhausted)?;
        let known = self.variables[variable as usize];
        let mut clusters = known.cluster.map_or(0, |it| self.alone[it as usize]);
        let mut opaque = known.opaque;
        for run in runs {
            let head = self.heads[run.node as usize];
            opaque |= head.opaque;
            clusters = self.union(clusters, head.clusters);
        }
        self.runs.extend_from_slice(runs);
        let count = u32::try_from(runs.len()).map_err(|_| Exhausted)?;
        self.heads.push(Head { variable, first, runs: count, clusters, opaque });
        let heads = &self.heads;
        let all = &self.runs;
        self.unique.insert(place, node, |it| {
            let head = heads[it as usize];
            let from = head.first as usize;
            table::hash(head.variable, &all[from..from + head.runs as usize])
        });
        Ok(node)
    }

    /// The diagram that asks one variable: by run of cells, whether they are in it.
    pub(crate) fn draw(
        &mut self,
        variable: u32,
        cells: impl IntoIterator<Item = (u32, bool)>,
    ) -> Result<Node, Exhausted> {
        let mut runs = Vec::new();
        for (end, is_in) in cells {
            push(&mut runs, 0, Run { end, node: if is_in { FULL } else { EMPTY } });
        }
        self.make(variable, &runs)
    }

    /// The diagram that asks a variable first: by cell, where it leads. It is something done.
    pub(crate) fn lead(
        &mut self,
        variable: u32,
        cells: impl IntoIterator<Item = Node>,
    ) -> Result<Node, Exhausted> {
        let mut runs = Vec::new();
        for (end, node) in (1..).zip(cells) {
            push(&mut runs, 0, Run { end, node });
        }
        self.pay(runs.len())?;
        self.make(variable, &runs)
    }

    /// The number of a list of clusters.
    fn list(&mut self, list: Vec<u32>) -> u32 {
        if let Some(it) = self.list_numbers.get(&list) {
            return *it;
        }
        let number = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        self.lists.push(list.clone());
        self.list_numbers.insert(list, number);
        number
    }

    fn union(&mut self, a: u32, b: u32) -> u32 {
        if a == b || b == 0 {
            return a;
        }
        if a == 0 {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(it) = self.list_unions.get(&key) {
            return *it;
        }
        let mut both = [self.lists[a as usize].as_slice(), &self.lists[b as usize]].concat();
        both.sort_unstable();
        both.dedup();
        let number = self.list(both);
        self.list_unions.insert(key, number);
        number
    }
}

/// Adds a run behind those from a place on; where it leads to the same as the last of them, that one goes on.
fn push(runs: &mut Vec<Run>, from: usize, run: Run) {
    if let Some(last) = runs.get_mut(from..).and_then(<[Run]>::last_mut)
        && last.node == run.node
    {
        last.end = run.end;
        return;
    }
    runs.push(run);
}
