//! From everything that was added to the people there can be: variables in a good order, and how each atom asks them.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Expr, ExprKind, Quantifier, Truth};
use taiwa_model::AttributeName;

use super::{
    Asking, Cluster, Meaning, World,
    cut::{columns, opaque_columns, wanted},
    plan::{Plan, divides, plans},
};
use crate::{
    Builder,
    builder::{ChartDef, SegmentRule},
    fact::Fact,
    formula::{AtomId, Question},
    meanings::direct,
    order::Ties,
    partition::{Asked, Column},
    store::{Store, Variable},
};

/// Something that becomes a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Column(usize),
    Holds(usize, usize),
    Opaque(String, u32),
}

/// What is known before variables have their order.
struct Ground<'a> {
    builder: &'a Builder,
    plans: Vec<Plan>,
    columns: Vec<Column>,
    /// By fact, the number of its column.
    numbers: BTreeMap<Fact, usize>,
    /// Everything that becomes a variable, sorted.
    things: Vec<Thing>,
    /// By thing, its block.
    blocks: Vec<usize>,
    /// By block, its things: what hangs together.
    groups: Vec<Vec<usize>>,
    /// By thing, its variable.
    variables: Vec<u32>,
}

impl World {
    pub(crate) fn new(builder: &Builder) -> (Store, Self) {
        let plans = plans(builder);
        let columns = columns(builder, wanted(builder, &plans));
        let opaque = opaque_columns(builder, &columns);
        let segments = opaque_segments(builder);
        let mut ground = Ground::new(builder, plans, columns, &segments);
        let order = ground.order();
        for (variable, thing) in order.iter().enumerate() {
            ground.variables[*thing] = u32::try_from(variable).unwrap_or(u32::MAX);
        }
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut cluster_of: BTreeMap<usize, u32> = BTreeMap::new();
        for (block, members) in ground.groups.iter().enumerate().filter(|it| it.1.len() > 1) {
            cluster_of.insert(block, u32::try_from(clusters.len()).unwrap_or(u32::MAX));
            clusters.push(ground.cluster(members));
        }
        let mut meanings = Vec::with_capacity(order.len());
        let mut variables = Vec::with_capacity(order.len());
        for thing in &order {
            let (meaning, cells, dark) = match &ground.things[*thing] {
                Thing::Column(at) => {
                    (Meaning::Column(*at), ground.columns[*at].cells.len(), opaque.contains(at))
                }
                Thing::Holds(at, cell) => (Meaning::Holds(*at, *cell), 2, opaque.contains(at)),
                Thing::Opaque(text, cells) => {
                    (Meaning::Opaque(text.clone()), *cells as usize, true)
                }
            };
            meanings.push(meaning);
            variables.push(Variable {
                cells: u32::try_from(cells).unwrap_or(u32::MAX),
                opaque: dark,
                cluster: cluster_of.get(&ground.blocks[*thing]).copied(),
            });
        }
        let asking = (0..ground.plans.len()).map(|it| ground.asking(it)).collect();
        let variable = |it: usize| Some((it, ground.variable(&segment_thing(builder, it))?));
        let world = Self {
            at: builder.at,
            meanings,
            asking,
            segments: segments.iter().filter_map(|it| variable(*it)).collect(),
            clusters,
            axioms: BTreeMap::new(),
            atoms: BTreeMap::new(),
            columns: ground.columns,
        };
        (Store::new(variables, builder.budget), world)
    }
}

impl<'a> Ground<'a> {
    fn new(
        builder: &'a Builder,
        plans: Vec<Plan>,
        columns: Vec<Column>,
        segments: &BTreeSet<usize>,
    ) -> Self {
        let numbers = columns.iter().enumerate().map(|(at, it)| (it.fact.clone(), at)).collect();
        let mut ground = Self {
            builder,
            plans,
            columns,
            numbers,
            things: Vec::new(),
            blocks: Vec::new(),
            groups: Vec::new(),
            variables: Vec::new(),
        };
        let mut things: BTreeSet<Thing> = BTreeSet::new();
        for (at, column) in ground.columns.iter().enumerate() {
            let cells = column.cells.len();
            match column.fact {
                Fact::Element(..) => things.extend((0..cells).map(|it| Thing::Holds(at, it))),
                _ if cells > 1 => drop(things.insert(Thing::Column(at))),
                _ => {}
            }
        }
        things.extend((0..ground.plans.len()).filter_map(|it| ground.opaque_thing(it)));
        things.extend(segments.iter().map(|it| segment_thing(builder, *it)));
        ground.variables = vec![0; things.len()];
        ground.things = things.into_iter().collect();
        (ground.blocks, ground.groups) = blocks(&ground.columns, &ground.things);
        ground
    }

    fn variable(&self, thing: &Thing) -> Option<u32> {
        self.things.binary_search(thing).ok().map(|it| self.variables[it])
    }

    /// The opaque variable that an atom needs.
    fn opaque_thing(&self, id: AtomId) -> Option<Thing> {
        let question = &self.builder.atoms.all[id].question;
        let needed = match &self.plans[id] {
            Plan::Known(_) => false,
            Plan::Opaque(_) => true,
            Plan::One(fact) => {
                let column = self.columns.get(self.home(fact, id)?)?;
                column
                    .answers
                    .get(&Asked::Atom(id))
                    .is_some_and(|it| it.iter().any(|it| it.1.is_none()))
            }
        };
        let unknown = match question {
            Question::Of(it) => divides(it),
            Question::Closed(_) => true,
            Question::Contacts { .. } => false,
        };
        needed.then(|| Thing::Opaque(question.text(), if unknown { 3 } else { 2 }))
    }

    /// The column in which an atom about one fact is answered: its own, or that of its history.
    fn home(&self, fact: &Fact, id: AtomId) -> Option<usize> {
        let here = self.numbers.get(fact).copied();
        let answered = |it: &usize| self.columns[*it].answers.contains_key(&Asked::Atom(id));
        let since = || self.numbers.get(&Fact::Since(fact.past()?)).copied();
        here.filter(answered).or_else(since)
    }

    fn order(&self) -> Vec<usize> {
        let of = |id: AtomId| -> Vec<usize> {
            self.asked(id).into_iter().map(|it| self.blocks[it]).collect()
        };
        let mut ties = Ties::default();
        for def in &self.builder.segments {
            if let SegmentRule::When(formula) = &def.rule {
                ties.read(formula, &of);
            }
        }
        for chart in self.builder.versions.iter().flat_map(|it| it.charts.values().flatten()) {
            for formula in chart.conditions() {
                ties.read(formula, &of);
            }
        }
        for (_, formula) in &self.builder.handles {
            ties.read(formula, &of);
        }
        let sizes: Vec<usize> = self.groups.iter().map(Vec::len).collect();
        let blocks = ties.order(&sizes).into_iter();
        blocks.flat_map(|it| self.groups[it].iter().copied()).collect()
    }

    fn cluster(&self, members: &[usize]) -> Cluster {
        let mut size = None;
        let mut rest = Vec::new();
        for it in members {
            match &self.things[*it] {
                Thing::Column(at) if matches!(self.columns[*at].fact, Fact::Size(..)) => {
                    size = Some(self.variables[*it]);
                }
                _ => rest.push(self.variables[*it]),
            }
        }
        match size {
            Some(size) => Cluster::List { size, holds: rest },
            None => Cluster::History(rest),
        }
    }

    /// The things that an atom asks, by number.
    fn asked(&self, id: AtomId) -> Vec<usize> {
        let mut all: Vec<Thing> = self.opaque_thing(id).into_iter().collect();
        match &self.plans[id] {
            Plan::Known(_) => {}
            Plan::One(fact) => {
                if let Some(at) = self.home(fact, id) {
                    all.push(Thing::Column(at));
                    if matches!(fact, Fact::Element(..)) {
                        let cells = self.columns[at].cells.len();
                        all.extend((0..cells).map(|it| Thing::Holds(at, it)));
                    }
                }
            }
            Plan::Opaque(facts) => {
                let columns = facts.iter().filter_map(|it| self.numbers.get(it));
                all.extend(columns.map(|it| Thing::Column(*it)));
            }
        }
        all.iter().filter_map(|it| self.things.binary_search(it).ok()).collect()
    }

    fn asking(&self, id: AtomId) -> Asking {
        let atom = &self.builder.atoms.all[id];
        let unknown = Asking::Known(Truth::Unknown);
        let ask = self.opaque_thing(id).and_then(|it| self.variable(&it));
        let fact = match &self.plans[id] {
            Plan::Known(it) => return Asking::Known(*it),
            Plan::Opaque(facts) => {
                let present = facts.iter().filter_map(|it| {
                    let at = *self.numbers.get(it)?;
                    let there = self.columns[at].answers.get(&Asked::Present(atom.version))?;
                    let there = there.iter().map(|it| (it.0, it.1 == Some(Truth::True))).collect();
                    Some((self.variable(&Thing::Column(at))?, there))
                });
                let present = present.collect();
                return ask.map_or(unknown, |variable| Asking::Opaque { variable, present });
            }
            Plan::One(fact) => fact,
        };
        let Some(at) = self.home(fact, id) else { return unknown };
        let Some(truths) = self.columns[at].answers.get(&Asked::Atom(id)) else { return unknown };
        let opaque = |variable| Asking::Opaque { variable, present: Vec::new() };
        if let (Fact::Element(..), Some(ask)) = (fact, ask) {
            return opaque(ask);
        }
        if let Fact::Element(..) = fact {
            let some = !is_all(&atom.question);
            // A class of which the least is said changes nothing.
            let idle = if some { Truth::False } else { Truth::True };
            let mut classes = Vec::new();
            let mut begin = 0;
            for (end, truth) in truths {
                let cells = std::mem::replace(&mut begin, *end)..*end;
                let Some(truth) = truth.filter(|it| *it != idle) else { continue };
                let variables =
                    cells.filter_map(|it| self.variable(&Thing::Holds(at, it as usize)));
                classes.extend(variables.map(|it| (it, truth)));
            }
            return Asking::List { some, classes };
        }
        match (self.variable(&Thing::Column(at)), truths.first()) {
            (Some(variable), _) => Asking::Cells { variable, truths: truths.clone(), ask },
            (None, Some((_, Some(it)))) => Asking::Known(*it),
            (None, _) => ask.map_or(unknown, opaque),
        }
    }
}

fn is_all(question: &Question) -> bool {
    let Question::Of(Expr { kind, .. }) = question else { return false };
    matches!(kind, ExprKind::Quantified { quantifier: Quantifier::All, .. })
}

/// The segments of which nobody can say who is in them, by number: unreadable ones, and those that hang on themselves.
fn opaque_segments(builder: &Builder) -> BTreeSet<usize> {
    let mut opaque = BTreeSet::new();
    let mut needs: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, def) in builder.segments.iter().enumerate() {
        let of = match &def.rule {
            SegmentRule::Opaque => {
                opaque.insert(number);
                continue;
            }
            SegmentRule::When(formula) => direct(formula),
            SegmentRule::Leaf(chart) => {
                let charts = &builder.versions[def.version].charts;
                charts
                    .get(chart)
                    .map_or_else(Vec::new, |it| it.iter().flat_map(ChartDef::needs).collect())
            }
        };
        needs.insert(number, of.into_iter().collect());
    }
    // What needs nothing that is left goes, then what nothing that is left needs; circles stay, and what lies between.
    loop {
        let left: BTreeSet<usize> = needs.keys().copied().collect();
        let used: BTreeSet<usize> = needs.values().flatten().copied().collect();
        needs.retain(|number, of| used.contains(number) && !of.is_disjoint(&left));
        if needs.len() == left.len() {
            break;
        }
    }
    opaque.extend(needs.into_keys());
    opaque
}

fn segment_thing(builder: &Builder, segment: usize) -> Thing {
    Thing::Opaque(format!("in_segment(\"{}\")", builder.segments[segment].name), 2)
}

/// By thing, its block; by block, its things. What hangs together is one block.
fn blocks(columns: &[Column], things: &[Thing]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut blocks = Vec::with_capacity(things.len());
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let sized: BTreeSet<&AttributeName> = columns
        .iter()
        .filter(|it| it.cells.len() > 1)
        .filter_map(|it| match &it.fact {
            Fact::Size(name, _) => Some(name),
            _ => None,
        })
        .collect();
    for (at, thing) in things.iter().enumerate() {
        let name = match thing {
            Thing::Column(it) | Thing::Holds(it, _) => match &columns[*it].fact {
                Fact::Size(name, kind) | Fact::Element(name, kind) if sized.contains(name) => {
                    Some(format!("list {name} {}", kind.as_str()))
                }
                fact => fact.past().map(|it| format!("past {it:?}")),
            },
            Thing::Opaque(..) => None,
        };
        let next = groups.len();
        let block = name.map_or(next, |it| *known.entry(it).or_insert(next));
        if block == next {
            groups.push(Vec::new());
        }
        groups[block].push(at);
        blocks.push(block);
    }
    (blocks, groups)
}
