//! Which people there can be: variables, their cells, and what hangs together.
//!
//! **Invariants.** A variable is a column of values, one class of elements of a list (whether it holds one), or something
//! that nobody can look into. Variables that hang together are a cluster with an axiom; clusters know nothing of each
//! other, so a diagram is held only to the axioms of those that it asks, and every axiom can be fulfilled.

mod axiom;
mod build;
mod cut;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::Truth;
use taiwa_model::Timestamp;

use crate::{
    Exhausted,
    fact::Fact,
    formula::AtomId,
    partition::Column,
    runs::Runs,
    store::{EMPTY, FULL, Node, Op, Store},
};

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// A column, by number.
    Column(usize),
    /// Whether a list holds an element of a class: the column of the elements, the cell in it.
    Holds(usize, usize),
    /// Nobody knows.
    Opaque(String),
}

/// How an atom is asked.
#[derive(Clone, Debug)]
pub(crate) enum Asking {
    /// The same for everybody.
    Known(Truth),
    /// By cell of a variable; where it has no answer, another variable says yes or no.
    Cells { variable: u32, truths: Runs<Option<Truth>>, ask: Option<u32> },
    /// A variable of no, yes and (of three cells) unknown, where all of these are there.
    Opaque { variable: u32, present: Vec<(u32, Runs<bool>)> },
    /// Whether some element, or every one, fulfils something: by class of elements that matters, what it says.
    List { some: bool, classes: Vec<(u32, Truth)> },
}

/// Variables that hang together.
#[derive(Clone, Debug)]
pub(crate) enum Cluster {
    /// `since`, counts and sums of one history: variables.
    History(Vec<u32>),
    /// The size of a list, and the classes of its elements.
    List { size: u32, holds: Vec<u32> },
}

/// The people there can be.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) at: Timestamp,
    pub(crate) columns: Vec<Column>,
    pub(crate) meanings: Vec<Meaning>,
    asking: Vec<Asking>,
    segments: BTreeMap<usize, u32>,
    pub(crate) clusters: Vec<Cluster>,
    axioms: BTreeMap<u32, Node>,
    atoms: BTreeMap<AtomId, (Node, Node)>,
}

impl World {
    /// What must hold between the variables of a cluster.
    pub(crate) fn axiom(&mut self, store: &mut Store, cluster: u32) -> Result<Node, Exhausted> {
        if let Some(it) = self.axioms.get(&cluster) {
            return Ok(*it);
        }
        let axiom = match self.clusters[cluster as usize].clone() {
            Cluster::History(variables) => self.history(store, &variables)?,
            Cluster::List { size, holds } => self.list(store, size, &holds)?,
        };
        self.axioms.insert(cluster, axiom);
        Ok(axiom)
    }

    /// The axiom of a cluster, if a diagram was held to it.
    pub(crate) fn axiom_if_known(&self, cluster: u32) -> Option<Node> {
        self.axioms.get(&cluster).copied()
    }

    /// For whom an atom is true, and for whom it is false.
    pub(crate) fn atom(
        &mut self,
        store: &mut Store,
        atom: AtomId,
    ) -> Result<(Node, Node), Exhausted> {
        if let Some(it) = self.atoms.get(&atom) {
            return Ok(*it);
        }
        let sides = match &self.asking[atom] {
            Asking::Known(it) => {
                let full = |wanted| if *it == wanted { FULL } else { EMPTY };
                (full(Truth::True), full(Truth::False))
            }
            Asking::Cells { variable, truths, ask } => {
                let mut sides = [EMPTY; 2];
                for (side, wanted) in sides.iter_mut().zip([Truth::True, Truth::False]) {
                    let asked = match ask {
                        Some(it) => {
                            let yes = wanted == Truth::True;
                            let cells = store.variables()[*it as usize].cells;
                            let leaf = |cell| (cell + 1, (cell == 1) == yes && cell < 2);
                            store.draw(*it, (0..cells).map(leaf))?
                        }
                        None => EMPTY,
                    };
                    // The opaque variable may come before the column: built by logic, not by hand.
                    let open = truths.iter().map(|it| (it.0, it.1.is_none()));
                    let open = store.draw(*variable, open)?;
                    let known = truths.iter().map(|it| (it.0, it.1 == Some(wanted)));
                    let known = store.draw(*variable, known)?;
                    let open = store.apply(Op::And, open, asked)?;
                    *side = store.apply(Op::Or, known, open)?;
                }
                (sides[0], sides[1])
            }
            Asking::Opaque { variable, present } => {
                let mut all = FULL;
                for (variable, there) in present {
                    let there = store.draw(*variable, there.iter().copied())?;
                    all = store.apply(Op::And, all, there)?;
                }
                let width = store.variables()[*variable as usize].cells as usize;
                let mut leaves = [vec![false; width], vec![false; width]];
                (leaves[0][1], leaves[1][0]) = (true, true);
                let (yes, no) =
                    (cells(store, *variable, &leaves[0])?, cells(store, *variable, &leaves[1])?);
                (store.apply(Op::And, yes, all)?, store.apply(Op::And, no, all)?)
            }
            Asking::List { some, classes } => {
                // Some element fulfils it where one that does is there; it fails where all that do not fail are absent.
                let decisive = if *some { Truth::True } else { Truth::False };
                let (mut any, mut none) = (EMPTY, FULL);
                for (variable, truth) in classes {
                    let (here, gone) = (
                        cells(store, *variable, &[false, true])?,
                        cells(store, *variable, &[true, false])?,
                    );
                    if *truth == decisive {
                        any = store.apply(Op::Or, any, here)?;
                    }
                    if *truth != decisive.negate() {
                        none = store.apply(Op::And, none, gone)?;
                    }
                }
                if *some { (any, none) } else { (none, any) }
            }
        };
        self.atoms.insert(atom, sides);
        Ok(sides)
    }

    /// The variables that a diagram asks, and those that hang together with them.
    pub(crate) fn touched(&self, store: &Store, node: Node) -> BTreeSet<u32> {
        let mut all: BTreeSet<u32> = store.support(node).into_iter().collect();
        for cluster in store.clusters(node) {
            all.extend(self.clusters[*cluster as usize].variables());
        }
        all
    }

    /// What is opaque in a variable, in one spelling.
    pub(crate) fn opaque(&self, store: &Store, variable: u32) -> Option<String> {
        store.variables()[variable as usize].opaque.then(|| self.name(variable))
    }

    /// A variable as conditions name it.
    pub(crate) fn name(&self, variable: u32) -> String {
        match &self.meanings[variable as usize] {
            Meaning::Column(it) | Meaning::Holds(it, _) => self.columns[*it].fact.name(),
            Meaning::Opaque(it) => it.clone(),
        }
    }

    pub(crate) fn opaque_segment(&self, segment: usize) -> Option<u32> {
        self.segments.get(&segment).copied()
    }

    /// The fact of a variable that is a column.
    pub(crate) fn fact(&self, variable: u32) -> Option<&Fact> {
        match &self.meanings[variable as usize] {
            Meaning::Column(it) => Some(&self.columns[*it].fact),
            _ => None,
        }
    }

    /// The column of a variable.
    pub(crate) fn column(&self, variable: u32) -> Option<&Column> {
        match &self.meanings[variable as usize] {
            Meaning::Column(it) | Meaning::Holds(it, _) => self.columns.get(*it),
            Meaning::Opaque(_) => None,
        }
    }

    /// From where to where the cells of a column of history go; `None` is never.
    pub(crate) fn ranges(&self, variable: u32) -> Vec<Option<(i64, i64)>> {
        let column = self.column(variable);
        column.into_iter().flat_map(|it| &it.cells).map(|it| it.range).collect()
    }
}

impl Cluster {
    pub(crate) fn variables(&self) -> Vec<u32> {
        match self {
            Self::History(it) => it.clone(),
            Self::List { size, holds } => std::iter::once(size).chain(holds).copied().collect(),
        }
    }
}

/// The diagram of some cells of a variable.
pub(crate) fn cells(store: &mut Store, variable: u32, of: &[bool]) -> Result<Node, Exhausted> {
    store.draw(variable, (1..).zip(of.iter().copied()))
}
