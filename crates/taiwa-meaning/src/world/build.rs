//! From everything that was added to the people there can be: which facts are asked, cut into which cells, in which order.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Arithmetic, Expr, ExprKind, Quantifier, SessionField, Truth};
use taiwa_model::{AttributeName, EventRef, PropertyName, ValueType};

use super::{Asking, Cluster, Meaning, World};
use crate::{
    Builder,
    builder::{ChartDef, SegmentRule},
    fact::{Fact, Past, facts, is_list, parts, times},
    formula::{Atom, AtomId, Question},
    lattice::{LARGEST, Lattice},
    meanings::direct,
    order::Ties,
    partition::{Asked, Column, Task},
    probe::Probe,
    store::{Store, Variable},
};

/// More entries of one history than this are not told one by one.
pub(crate) const MOST_ENTRIES: i64 = 1_000;

/// A stretch of time shorter than this does not hold every hour of every weekday, in milliseconds.
const WEEK_AND_MORE: i64 = 9 * 86_400_000;

/// What an atom asks.
enum Plan {
    Known(Truth),
    One(Fact),
    Opaque(BTreeSet<Fact>),
}

/// What is asked of a fact, on its way.
#[derive(Default)]
struct Wanted {
    atoms: Vec<AtomId>,
    present: BTreeSet<usize>,
    cuts: BTreeSet<i64>,
}

/// Something that becomes a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Column(usize),
    Holds(usize, usize),
    Opaque(String, u32),
}

impl World {
    pub(crate) fn new(builder: &Builder) -> (Store, Self) {
        let plans = plans(builder);
        let wanted = wanted(builder, &plans);
        let columns = columns(builder, wanted);
        let opaque = opaque_columns(builder, &columns);
        let number: BTreeMap<&Fact, usize> =
            columns.iter().enumerate().map(|(at, it)| (&it.fact, at)).collect();
        let segments = opaque_segments(builder);
        let mut things: BTreeSet<Thing> = BTreeSet::new();
        for (at, column) in columns.iter().enumerate() {
            match column.fact {
                Fact::Element(..) => {
                    things.extend((0..column.cells.len()).map(|it| Thing::Holds(at, it)))
                }
                _ if column.cells.len() > 1 => drop(things.insert(Thing::Column(at))),
                _ => {}
            }
        }
        for (id, plan) in plans.iter().enumerate() {
            let atom = &builder.atoms.all[id];
            things.extend(opaque_thing(atom, plan, id, &columns, &number));
        }
        things.extend(segments.iter().map(|it| segment_thing(builder, *it)));
        let things: Vec<Thing> = things.into_iter().collect();
        let (blocks, groups) = blocks(&columns, &things);
        let asks = |id: AtomId| asked_things(builder, &plans, id, &columns, &number, &things);
        let order = order(builder, &things, (&blocks, &groups), &asks);
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut store_variables = Vec::with_capacity(things.len());
        let mut variable_of = vec![0; things.len()];
        for (variable, thing) in order.iter().enumerate() {
            variable_of[*thing] = u32::try_from(variable).unwrap_or(u32::MAX);
        }
        let mut cluster_of: BTreeMap<usize, u32> = BTreeMap::new();
        for (block, members) in groups.iter().enumerate().filter(|it| it.1.len() > 1) {
            cluster_of.insert(block, u32::try_from(clusters.len()).unwrap_or(u32::MAX));
            clusters.push(cluster(&columns, &things, members, &variable_of));
        }
        let mut meanings = Vec::with_capacity(things.len());
        for thing in &order {
            let (meaning, cells, dark) = match &things[*thing] {
                Thing::Column(at) => {
                    (Meaning::Column(*at), columns[*at].cells.len(), opaque.contains(at))
                }
                Thing::Holds(at, cell) => (Meaning::Holds(*at, *cell), 2, opaque.contains(at)),
                Thing::Opaque(text, cells) => {
                    (Meaning::Opaque(text.clone()), *cells as usize, true)
                }
            };
            meanings.push(meaning);
            store_variables.push(Variable {
                cells: u32::try_from(cells).unwrap_or(u32::MAX),
                opaque: dark,
                cluster: cluster_of.get(&blocks[*thing]).copied(),
            });
        }
        let variable = |thing: &Thing| things.binary_search(thing).ok().map(|it| variable_of[it]);
        let asking = plans
            .iter()
            .enumerate()
            .map(|(id, plan)| asking(builder, id, plan, &columns, (&number, &variable)))
            .collect();
        let variables = (0..columns.len()).map(|it| variable(&Thing::Column(it))).collect();
        let segments = segments
            .iter()
            .filter_map(|it| Some((*it, variable(&segment_thing(builder, *it))?)))
            .collect();
        let world = Self {
            at: builder.at,
            columns,
            meanings,
            variables,
            asking,
            segments,
            clusters,
            axioms: BTreeMap::new(),
            atoms: BTreeMap::new(),
        };
        (Store::new(store_variables, builder.budget), world)
    }
}

fn plans(builder: &Builder) -> Vec<Plan> {
    let mut plans: Vec<Plan> = builder.atoms.all.iter().map(|it| plan(builder, it)).collect();
    // A time of the profile that is only asked for, and for how long it is ago, is one column.
    let mut dated: BTreeSet<AttributeName> = BTreeSet::new();
    let mut aged: BTreeSet<AttributeName> = BTreeSet::new();
    for (plan, atom) in plans.iter().zip(&builder.atoms.all) {
        match plan {
            Plan::One(Fact::Age(name)) => drop(aged.insert(name.clone())),
            Plan::One(Fact::Attribute(name, ValueType::Timestamp)) if !is_has(atom) => {
                dated.insert(name.clone());
            }
            _ => {}
        }
    }
    for plan in &mut plans {
        if let Plan::One(Fact::Attribute(name, ValueType::Timestamp)) = plan
            && aged.contains(name)
            && !dated.contains(name)
        {
            *plan = Plan::One(Fact::Age(name.clone()));
        }
    }
    plans
}

fn is_has(atom: &Atom) -> bool {
    matches!(&atom.question, Question::Of(Expr { kind: ExprKind::Has(_), .. }))
}

fn plan(builder: &Builder, atom: &Atom) -> Plan {
    let expr = match &atom.question {
        Question::Of(expr) => expr,
        Question::Closed(expr) => return Plan::Opaque(facts(expr)),
        Question::Contacts { offer, history, window, at_least } => {
            let past = Past::Offer(offer.clone(), *history);
            return Plan::One(if *at_least <= 1 {
                Fact::Since(past)
            } else {
                Fact::Count(past, *window)
            });
        }
    };
    let mut all = facts(expr);
    let list = |it: &Fact| matches!(it, Fact::Property(_, kind) if is_list(*kind));
    if all.iter().any(|it| matches!(it, Fact::Flag(_)) || list(it)) {
        return Plan::Opaque(all);
    }
    if let ExprKind::Has(of) = &expr.kind
        && let ExprKind::Attribute(it) = &of.kind
        && is_list(it.kind)
    {
        return Plan::Known(Truth::True);
    }
    if let Some(age) = age(expr, &all) {
        return Plan::One(age);
    }
    if all.len() > 1 {
        return Plan::Opaque(all);
    }
    match all.pop_first() {
        Some(fact) => Plan::One(fact),
        None => {
            let probe = Probe::new(&builder.versions[atom.version], expr);
            Plan::Known(probe.truth(&Fact::Flag(String::new()), None))
        }
    }
}

/// A comparison of a time of the profile with the present instant.
fn age(expr: &Expr, all: &BTreeSet<Fact>) -> Option<Fact> {
    let now = Fact::Session(SessionField::Now);
    let name = all.iter().find_map(|it| match it {
        Fact::Attribute(name, ValueType::Timestamp) => Some(name.clone()),
        _ => None,
    })?;
    let ExprKind::Compare { left, right, op: _ } = &expr.kind else { return None };
    let (a, b) = (times(left)?, times(right)?);
    let sum = (a.0 - b.0, a.1 - b.1);
    (all.len() == 2 && all.contains(&now) && matches!(sum, (1, -1) | (-1, 1)))
        .then_some(Fact::Age(name))
}

fn wanted(builder: &Builder, plans: &[Plan]) -> BTreeMap<Fact, Wanted> {
    let mut all: BTreeMap<Fact, Wanted> = BTreeMap::new();
    for (id, plan) in plans.iter().enumerate() {
        let atom = &builder.atoms.all[id];
        match plan {
            Plan::Known(_) => {}
            Plan::One(fact) => all.entry(fact.clone()).or_default().atoms.push(id),
            Plan::Opaque(facts) => {
                for fact in facts.iter().filter(|it| lacking(builder, atom, it)) {
                    all.entry(fact.clone()).or_default().present.insert(atom.version);
                }
            }
        }
    }
    only_whether(builder, &mut all);
    let mut cuts: Vec<(Past, i64)> = Vec::new();
    let mut lists = Vec::new();
    for fact in all.keys() {
        match fact {
            Fact::Count(past, window) => cuts.push((past.clone(), window.as_millis() - 1)),
            Fact::Sum(event, _, window) => {
                cuts.push((Past::Event(event.clone()), window.as_millis() - 1));
            }
            Fact::Size(name, kind) => lists.push(Fact::Element(name.clone(), *kind)),
            _ => {}
        }
    }
    for (past, cut) in cuts {
        all.entry(Fact::Since(past)).or_default().cuts.insert(cut);
    }
    for it in lists {
        all.entry(it).or_default();
    }
    all
}

/// Counts of which it is only asked whether they are 0 need no column of their own: that is in `since`.
fn only_whether(builder: &Builder, all: &mut BTreeMap<Fact, Wanted>) {
    let counts: Vec<Fact> =
        all.keys().filter(|it| matches!(it, Fact::Count(..))).cloned().collect();
    for fact in counts {
        let Fact::Count(past, window) = &fact else { continue };
        let Some(wanted) = all.get(&fact) else { continue };
        let column = task(builder, &fact, wanted).column();
        let simple = column.cells.iter().all(|it| matches!(it.range, Some((0, 0) | (_, LARGEST))))
            && column.cells.iter().all(|it| it.range.is_none_or(|it| it.0 <= 1))
            && column.answers.values().flatten().all(Option::is_some);
        if simple && let Some(it) = all.remove(&fact) {
            let since = all.entry(Fact::Since(past.clone())).or_default();
            since.atoms.extend(it.atoms);
            since.cuts.insert(window.as_millis() - 1);
        }
    }
}

/// Whether a fact may be missing in the version of an atom.
fn lacking(builder: &Builder, atom: &Atom, fact: &Fact) -> bool {
    match fact {
        Fact::Attribute(name, _) => {
            let declared = builder.versions[atom.version].attributes.get(name);
            declared.is_some_and(|it| it.default.is_none())
        }
        Fact::Property(..) | Fact::Since(_) => true,
        _ => false,
    }
}

fn task<'a>(builder: &'a Builder, fact: &Fact, wanted: &Wanted) -> Task<'a> {
    let mut atoms: Vec<_> = wanted.atoms.iter().map(|it| (*it, &builder.atoms.all[*it])).collect();
    // Whatever was added first, cells come out in one order.
    atoms.sort_by_key(|it| (it.1.version, it.1.question.text()));
    Task {
        fact: fact.clone(),
        atoms,
        present: wanted.present.iter().copied().collect(),
        cuts: wanted.cuts.iter().copied().collect(),
        versions: &builder.versions,
        at: builder.at,
    }
}

fn columns(builder: &Builder, mut all: BTreeMap<Fact, Wanted>) -> Vec<Column> {
    // Sums of one property over several windows are compared with each other: they are cut alike.
    let mut sums: BTreeMap<(EventRef, PropertyName), Vec<Fact>> = BTreeMap::new();
    for fact in all.keys() {
        if let Fact::Sum(event, property, _) = fact {
            sums.entry((event.clone(), property.clone())).or_default().push(fact.clone());
        }
    }
    for facts in sums.into_values().filter(|it| it.len() > 1) {
        let ends = |fact: &Fact| -> Vec<i64> {
            let column = all.get(fact).map(|it| task(builder, fact, it).column());
            let cells = column.into_iter().flat_map(|it| it.cells);
            cells.filter_map(|it| it.range.map(|it| it.1)).collect()
        };
        let cuts: Vec<i64> = facts.iter().flat_map(ends).collect();
        for fact in facts {
            all.entry(fact).or_default().cuts.extend(cuts.iter().copied());
        }
    }
    all.iter().map(|(fact, wanted)| task(builder, fact, wanted).column()).collect()
}

/// Columns whose values are not free of each other in a way that no axiom says, by number.
fn opaque_columns(builder: &Builder, columns: &[Column]) -> BTreeSet<usize> {
    let mut kinds: BTreeMap<&AttributeName, BTreeSet<ValueType>> = BTreeMap::new();
    let mut windows: BTreeMap<(&EventRef, &PropertyName), usize> = BTreeMap::new();
    let mut clocked = false;
    for column in columns {
        match &column.fact {
            Fact::Attribute(name, kind) | Fact::Element(name, kind) => {
                kinds.entry(name).or_default().insert(*kind);
            }
            Fact::Sum(event, property, _) => *windows.entry((event, property)).or_default() += 1,
            Fact::Session(SessionField::Hour | SessionField::Weekday) => {
                clocked |= column.cells.len() > 1;
            }
            _ => {}
        }
    }
    let dated = |name: &AttributeName| {
        columns.iter().any(|it| it.fact == Fact::Attribute(name.clone(), ValueType::Timestamp))
            || builder
                .versions
                .iter()
                .any(|it| it.attributes.get(name).is_some_and(|it| it.default.is_some()))
    };
    let is_opaque = |column: &Column| match &column.fact {
        Fact::Attribute(name, _) | Fact::Element(name, _) | Fact::Size(name, _) => {
            kinds.get(name).is_some_and(|it| it.len() > 1)
        }
        Fact::Age(name) => dated(name),
        Fact::Property(_, kind) => *kind == ValueType::Enum,
        Fact::Count(..) => {
            let large =
                |it: &crate::partition::Cell| it.range.is_some_and(|it| it.0 > MOST_ENTRIES);
            column.cells.iter().any(large)
        }
        Fact::Sum(event, property, _) => windows.get(&(event, property)).is_some_and(|it| *it > 2),
        Fact::Session(SessionField::Now) => {
            let short = |it: &crate::partition::Cell| {
                it.range.is_some_and(|it| it.1.saturating_sub(it.0) < WEEK_AND_MORE)
            };
            clocked && column.cells.iter().any(short)
        }
        _ => false,
    };
    (0..columns.len()).filter(|it| is_opaque(&columns[*it])).collect()
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

/// The opaque variable that an atom needs.
fn opaque_thing(
    atom: &Atom,
    plan: &Plan,
    id: AtomId,
    columns: &[Column],
    number: &BTreeMap<&Fact, usize>,
) -> Option<Thing> {
    let expr = match &atom.question {
        Question::Of(it) | Question::Closed(it) => Some(it),
        Question::Contacts { .. } => None,
    };
    let needed = match plan {
        Plan::Known(_) => false,
        Plan::Opaque(_) => true,
        Plan::One(fact) => {
            let column = columns.get(home(columns, number, fact, id))?;
            column.answers.get(&Asked::Atom(id)).is_some_and(|it| it.contains(&None))
        }
    };
    let closed = matches!(atom.question, Question::Closed(_));
    let cells = if closed || expr.is_some_and(divides) { 3 } else { 2 };
    needed.then(|| Thing::Opaque(atom.question.text(), cells))
}

/// The column in which an atom about one fact is answered: its own, or that of its history.
fn home(columns: &[Column], number: &BTreeMap<&Fact, usize>, fact: &Fact, id: AtomId) -> usize {
    let here = number.get(fact).copied();
    let answered = |it: &usize| columns[*it].answers.contains_key(&Asked::Atom(id));
    let since = || fact.past().and_then(|it| number.get(&Fact::Since(it)).copied());
    here.filter(answered).or_else(since).unwrap_or(usize::MAX)
}

fn divides(expr: &Expr) -> bool {
    let op = match &expr.kind {
        ExprKind::Arithmetic { op, .. } => Some(*op),
        _ => None,
    };
    matches!(op, Some(Arithmetic::Divide | Arithmetic::Remainder))
        || parts(expr).into_iter().any(divides)
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
        let block = match name {
            Some(name) => *known.entry(name).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            }),
            None => {
                groups.push(Vec::new());
                groups.len() - 1
            }
        };
        groups[block].push(at);
        blocks.push(block);
    }
    (blocks, groups)
}

fn order(
    builder: &Builder,
    things: &[Thing],
    (blocks, groups): (&[usize], &[Vec<usize>]),
    asks: &impl Fn(AtomId) -> Vec<usize>,
) -> Vec<usize> {
    let of = |id: AtomId| -> Vec<usize> { asks(id).into_iter().map(|it| blocks[it]).collect() };
    let mut ties = Ties::default();
    for def in &builder.segments {
        if let SegmentRule::When(formula) = &def.rule {
            ties.read(formula, &of);
        }
    }
    for version in &builder.versions {
        for chart in version.charts.values().flatten() {
            for formula in chart.conditions() {
                ties.read(formula, &of);
            }
        }
    }
    for (_, formula) in &builder.handles {
        ties.read(formula, &of);
    }
    let order = ties.order(groups.len()).into_iter().flat_map(|it| groups[it].iter().copied());
    let order: Vec<usize> = order.collect();
    debug_assert_eq!(order.len(), things.len());
    order
}

fn cluster(
    columns: &[Column],
    things: &[Thing],
    members: &[usize],
    variable_of: &[u32],
) -> Cluster {
    let mut size = None;
    let mut rest = Vec::new();
    for it in members {
        let variable = variable_of[*it];
        match &things[*it] {
            Thing::Column(at) if matches!(columns[*at].fact, Fact::Size(..)) => {
                size = Some(variable)
            }
            _ => rest.push(variable),
        }
    }
    match size {
        Some(size) => Cluster::List { size, holds: rest },
        None => Cluster::History(rest),
    }
}

/// The things that an atom asks, by number.
fn asked_things(
    builder: &Builder,
    plans: &[Plan],
    id: AtomId,
    columns: &[Column],
    number: &BTreeMap<&Fact, usize>,
    things: &[Thing],
) -> Vec<usize> {
    let plan = &plans[id];
    let mut all: Vec<Thing> =
        opaque_thing(&builder.atoms.all[id], plan, id, columns, number).into_iter().collect();
    match plan {
        Plan::Known(_) => {}
        Plan::One(fact) => {
            let at = home(columns, number, fact, id);
            all.push(Thing::Column(at));
            let cells = columns.get(at).map_or(0, |it| it.cells.len());
            all.extend((0..cells).map(|it| Thing::Holds(at, it)));
        }
        Plan::Opaque(facts) => {
            all.extend(facts.iter().filter_map(|it| number.get(it)).map(|it| Thing::Column(*it)));
        }
    }
    all.iter().filter_map(|it| things.binary_search(it).ok()).collect()
}

fn asking(
    builder: &Builder,
    id: AtomId,
    plan: &Plan,
    columns: &[Column],
    (number, variable): (&BTreeMap<&Fact, usize>, &impl Fn(&Thing) -> Option<u32>),
) -> Asking {
    let atom = &builder.atoms.all[id];
    let unknown = Asking::Known(Truth::Unknown);
    let ask = opaque_thing(atom, plan, id, columns, number).and_then(|it| variable(&it));
    match plan {
        Plan::Known(it) => Asking::Known(*it),
        Plan::Opaque(facts) => {
            let Some(ask) = ask else { return unknown };
            let present = facts.iter().filter_map(|it| {
                let at = *number.get(it)?;
                let there = columns[at].answers.get(&Asked::Present(atom.version))?;
                let there = there.iter().map(|it| *it == Some(Truth::True)).collect();
                Some((variable(&Thing::Column(at))?, there))
            });
            Asking::Opaque { variable: ask, present: present.collect() }
        }
        Plan::One(fact) => {
            let at = home(columns, number, fact, id);
            let Some(truths) = columns.get(at).and_then(|it| it.answers.get(&Asked::Atom(id)))
            else {
                return unknown;
            };
            if let Fact::Element(..) = fact {
                let some = !matches!(
                    &atom.question,
                    Question::Of(Expr {
                        kind: ExprKind::Quantified { quantifier: Quantifier::All, .. },
                        ..
                    })
                );
                if let Some(ask) = ask {
                    return Asking::Opaque { variable: ask, present: Vec::new() };
                }
                let classes = truths.iter().enumerate().filter_map(|(cell, truth)| {
                    Some((variable(&Thing::Holds(at, cell))?, (*truth)?))
                });
                return Asking::List { some, classes: classes.collect() };
            }
            match (variable(&Thing::Column(at)), truths.first()) {
                (Some(variable), _) => Asking::Cells { variable, truths: truths.clone(), ask },
                (None, Some(Some(it))) => Asking::Known(*it),
                (None, _) => {
                    ask.map_or(unknown, |variable| Asking::Opaque { variable, present: Vec::new() })
                }
            }
        }
    }
}

/// In which order the values of a column lie.
pub(crate) fn lattice_of(fact: &Fact) -> Lattice {
    match fact {
        Fact::Attribute(_, ValueType::Number) | Fact::Property(_, ValueType::Number) => {
            Lattice::Number
        }
        Fact::Age(_) | Fact::Since(_) => Lattice::Span,
        Fact::Attribute(_, ValueType::Timestamp) | Fact::Session(SessionField::Now) => {
            Lattice::Time
        }
        _ => Lattice::Int,
    }
}
