//! Which facts are cut, and by what: the atoms that ask them, the windows of their histories, and who needs them at all.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::SessionField;
use taiwa_model::{AttributeName, EventRef, PropertyName, ValueType};

use super::plan::{Plan, lacking};
use crate::{
    Builder,
    fact::{Fact, Past},
    formula::AtomId,
    lattice::LARGEST,
    partition::{Cell, Column, Task},
};

/// More entries of one history than this are not told one by one.
const MOST_ENTRIES: i64 = 1_000;

/// A stretch of time shorter than this does not hold every hour of every weekday, in milliseconds.
const WEEK_AND_MORE: i64 = 9 * 86_400_000;

/// What is asked of a fact, on its way.
#[derive(Default)]
pub(super) struct Wanted {
    atoms: Vec<AtomId>,
    present: BTreeSet<usize>,
    cuts: BTreeSet<i64>,
}

pub(super) fn wanted(builder: &Builder, plans: &[Plan]) -> BTreeMap<Fact, Wanted> {
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
            && column.answers.values().flatten().all(|it| it.1.is_some());
        if simple && let Some(it) = all.remove(&fact) {
            let since = all.entry(Fact::Since(past.clone())).or_default();
            since.atoms.extend(it.atoms);
            since.cuts.insert(window.as_millis() - 1);
        }
    }
}

fn task<'a>(builder: &'a Builder, fact: &Fact, wanted: &Wanted) -> Task<'a> {
    let mut atoms: Vec<_> = wanted.atoms.iter().map(|it| (*it, &builder.atoms.all[*it])).collect();
    // Whatever was added first, cells come out in one order.
    atoms.sort_by_cached_key(|it| (it.1.version, it.1.question.text()));
    Task {
        fact: fact.clone(),
        atoms,
        present: wanted.present.iter().copied().collect(),
        cuts: wanted.cuts.iter().copied().collect(),
        versions: &builder.versions,
        at: builder.at,
    }
}

pub(super) fn columns(builder: &Builder, mut all: BTreeMap<Fact, Wanted>) -> Vec<Column> {
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
pub(super) fn opaque_columns(builder: &Builder, columns: &[Column]) -> BTreeSet<usize> {
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
            let large = |it: &Cell| it.range.is_some_and(|it| it.0 > MOST_ENTRIES);
            column.cells.iter().any(large)
        }
        Fact::Sum(event, property, _) => windows.get(&(event, property)).is_some_and(|it| *it > 2),
        Fact::Session(SessionField::Now) => {
            let short =
                |it: &Cell| it.range.is_some_and(|it| it.1.saturating_sub(it.0) < WEEK_AND_MORE);
            clocked && column.cells.iter().any(short)
        }
        _ => false,
    };
    (0..columns.len()).filter(|it| is_opaque(&columns[*it])).collect()
}
