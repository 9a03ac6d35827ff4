//! The diagrams themselves: reduced, ordered, every node stored once.
//!
//! **Invariants.** Variables grow on the way from a root to a leaf. No node has only equal children, and no two nodes are
//! equal, so two diagrams mean the same exactly where they are the same number. Nothing recurses: what walks has a stack
//! of its own. What cannot be paid from the budget is [`Exhausted`], never half an answer.
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

/// How many children there may be, for each node of the budget.
const CHILDREN_A_NODE: usize = 16;

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

#[derive(Clone, Copy, Debug)]
struct Head {
    variable: u32,
    first: u32,
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
    children: Vec<Node>,
    unique: Unique,
    cache: Cache,
    lists: Vec<Vec<u32>>,
    list_numbers: BTreeMap<Vec<u32>, u32>,
    list_unions: BTreeMap<(u32, u32), u32>,
    most_nodes: usize,
    steps: u64,
    most_steps: u64,
}

impl Store {
    pub(crate) fn new(variables: Vec<Variable>, budget: Budget) -> Self {
        let leaf = Head { variable: u32::MAX, first: 0, clusters: 0, opaque: false };
        Self {
            variables,
            heads: vec![leaf; 2],
            children: Vec::new(),
            unique: Unique::default(),
            cache: Cache::default(),
            lists: vec![Vec::new()],
            list_numbers: BTreeMap::from([(Vec::new(), 0)]),
            list_unions: BTreeMap::new(),
            most_nodes: budget.nodes as usize,
            steps: 0,
            most_steps: u64::from(budget.nodes) * STEPS_A_NODE,
        }
    }

    /// How many nodes there are.
    pub(crate) const fn len(&self) -> usize {
        self.heads.len()
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

    /// Where a diagram leads in each cell of its first variable.
    pub(crate) fn children(&self, node: Node) -> &[Node] {
        let head = self.heads[node as usize];
        let cells = self.variables.get(head.variable as usize).map_or(0, |it| it.cells as usize);
        let first = head.first as usize;
        &self.children[first..first + cells]
    }

    /// Something was done; there is an end to that.
    fn pay(&mut self) -> Result<(), Exhausted> {
        self.steps += 1;
        if self.steps > self.most_steps { Err(Exhausted) } else { Ok(()) }
    }

    /// The diagram that asks a variable first. Children must ask later variables only.
    pub(crate) fn make(&mut self, variable: u32, children: &[Node]) -> Result<Node, Exhausted> {
        let Some((one, rest)) = children.split_first() else { return Ok(EMPTY) };
        if rest.iter().all(|it| it == one) {
            return Ok(*one);
        }
        let same = |node: Node| self.variable(node) == variable && self.children(node) == children;
        let place = match self.unique.find(variable, children, same) {
            Ok(node) => return Ok(node),
            Err(place) => place,
        };
        if self.heads.len() >= self.most_nodes
            || self.children.len() + children.len() > self.most_nodes * CHILDREN_A_NODE
        {
            return Err(Exhausted);
        }
        let node = Node::try_from(self.heads.len()).map_err(|_| Exhausted)?;
        let first = u32::try_from(self.children.len()).map_err(|_| Exhausted)?;
        let known = self.variables[variable as usize];
        let own = known.cluster.map(|it| vec![it]).unwrap_or_default();
        let mut clusters = self.list(own);
        let mut opaque = known.opaque;
        let mut last = EMPTY;
        for child in children {
            if *child != last {
                last = *child;
                let head = self.heads[*child as usize];
                opaque |= head.opaque;
                clusters = self.union(clusters, head.clusters);
            }
        }
        self.children.extend_from_slice(children);
        self.heads.push(Head { variable, first, clusters, opaque });
        let heads = &self.heads;
        let all = &self.children;
        let widths = &self.variables;
        self.unique.insert(place, node, |it| {
            let head = heads[it as usize];
            let from = head.first as usize;
            let width = widths[head.variable as usize].cells as usize;
            table::hash(head.variable, &all[from..from + width])
        });
        Ok(node)
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
