//! From a diagram to a person: the cheapest way through it, then real values on that way.
//!
//! **Invariants.** What is skipped on a way is free, so it stays as with somebody of whom nothing is known. What is said of a
//! person is what the way needs: a cell that could be any other one is not mentioned.

mod past;
mod said;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use taiwa_condition::SessionField;
use taiwa_model::{
    AttributeName, ChannelName, ConsentDefault, LevelName, Past as Entry, Timestamp, Value,
};

use crate::{
    Assumed, Person,
    builder::Version,
    fact::{Fact, Past},
    partition::Column,
    store::{FULL, Node, Store},
    world::{Meaning, World},
};

/// What it costs to say something: the ordinary least, what nobody can look into most.
const ORDINARY: u64 = 10;
const REMARKABLE: u64 = 1_000;
const ASSUMED: u64 = 1_000_000;

/// A way through a diagram: the cell of each variable on it.
pub(crate) type Way = BTreeMap<u32, usize>;

/// A person on the way to be one.
#[derive(Default)]
struct Draft {
    level: Option<LevelName>,
    attributes: BTreeMap<AttributeName, Value>,
    ages: BTreeMap<AttributeName, i64>,
    holds: BTreeMap<usize, Vec<(usize, bool)>>,
    sizes: BTreeMap<AttributeName, usize>,
    pasts: BTreeMap<Past, BTreeMap<u32, usize>>,
    clock: BTreeMap<SessionField, usize>,
}

impl World {
    /// The simplest person in a diagram.
    pub(crate) fn person(&self, store: &Store, versions: &[Version], node: Node) -> Option<Person> {
        let way = cheapest(self, store, node)?;
        let needed: Vec<u32> =
            way.keys().copied().filter(|it| self.is_needed(store, node, &way, *it)).collect();
        self.person_on(versions, &way, &needed)
    }

    /// The person on a way, with what is needed on it.
    pub(crate) fn person_on(
        &self,
        versions: &[Version],
        way: &Way,
        needed: &[u32],
    ) -> Option<Person> {
        let first = versions.iter().rev().find_map(|it| it.levels.first())?;
        let mut person = Person {
            at: self.at,
            level: first.0.clone(),
            key: first.1.clone(),
            attributes: BTreeMap::new(),
            consent: BTreeMap::new(),
            history: Vec::new(),
            channel: None,
            locale: None,
            visits: None,
            properties: BTreeMap::new(),
            assumed: Vec::new(),
            said: taiwa_text::Text::default(),
        };
        let mut draft = Draft::default();
        for (variable, cell) in way {
            self.put(&mut draft, &mut person, (*variable, *cell), needed.contains(variable));
        }
        if let Some(level) = draft.level.take() {
            let keys = versions.iter().rev().flat_map(|it| &it.levels);
            person.key = keys
                .into_iter()
                .find(|it| it.0 == level)
                .map_or_else(String::new, |it| it.1.clone());
            person.level = level;
        }
        person.attributes = std::mem::take(&mut draft.attributes);
        self.lists(&draft, &mut person, versions);
        person.at = self.instant(&draft, &person, versions);
        for (name, age) in &draft.ages {
            let then = Value::Time(person.at.plus_millis(-age));
            person.attributes.insert(name.clone(), then);
        }
        for (past, cells) in &draft.pasts {
            person.history.extend(self.entries(past, cells));
        }
        person.history.sort_by_key(|it| it.ago);
        person.said = self.words(&person, versions, way, needed);
        Some(person)
    }

    fn put(
        &self,
        draft: &mut Draft,
        person: &mut Person,
        (variable, cell): (u32, usize),
        needed: bool,
    ) {
        let column = match &self.meanings[variable as usize] {
            Meaning::Column(it) => &self.columns[*it],
            Meaning::Holds(column, class) => {
                draft.holds.entry(*column).or_default().push((*class, cell == 1));
                return;
            }
            Meaning::Opaque(atom) => {
                if needed {
                    let holds = [Some(false), Some(true)].get(cell).copied().flatten();
                    person.assumed.push(Assumed { atom: atom.clone(), holds });
                }
                return;
            }
        };
        let value = plain(column, cell);
        match (&column.fact, value) {
            (Fact::Level, Some(Value::Text(it))) => draft.level = Some(LevelName::new(it)),
            (Fact::Attribute(name, _), Some(it)) => {
                draft.attributes.insert(name.clone(), it);
            }
            (Fact::Age(name), Some(Value::Int(it))) => {
                draft.ages.insert(name.clone(), it);
            }
            (Fact::Size(name, _), Some(Value::Int(it))) => {
                draft.sizes.insert(name.clone(), usize::try_from(it).unwrap_or_default());
            }
            (Fact::Consent(purpose), Some(Value::Bool(it))) => {
                let said = if it { ConsentDefault::Granted } else { ConsentDefault::Denied };
                person.consent.insert(purpose.clone(), said);
            }
            (Fact::Session(SessionField::Channel), Some(Value::Text(it))) if needed => {
                person.channel = Some(ChannelName::new(it));
            }
            (Fact::Session(SessionField::Locale), Some(Value::Text(it))) if needed => {
                person.locale = Some(it);
            }
            (Fact::Session(SessionField::Visits), Some(Value::Int(it))) if needed => {
                person.visits = Some(it);
            }
            (Fact::Session(field), _) => {
                draft.clock.insert(*field, cell);
            }
            (Fact::Property(name, _), Some(it)) => {
                person.properties.insert(name.clone(), it);
            }
            (fact @ (Fact::Since(_) | Fact::Count(..) | Fact::Sum(..)), _) => {
                if let Some(past) = fact.past() {
                    draft.pasts.entry(past).or_default().insert(variable, cell);
                }
            }
            _ => {}
        }
    }

    /// Lists with the elements that the way asks for; a default list that fits stays unsaid.
    fn lists(&self, draft: &Draft, person: &mut Person, versions: &[Version]) {
        let mut sizes = draft.sizes.clone();
        for (column, holds) in &draft.holds {
            let Fact::Element(name, kind) = &self.columns[*column].fact else { continue };
            let wanted = holds.iter().filter(|it| it.1);
            let mut items: Vec<Value> =
                wanted.filter_map(|it| plain(&self.columns[*column], it.0)).collect();
            let size = sizes.remove(name).unwrap_or(items.len());
            while items.len() < size {
                let more = items.last().cloned().or_else(|| plain(&self.columns[*column], 0));
                match more {
                    Some(it) => items.push(it),
                    None => break,
                }
            }
            let defaults = versions
                .iter()
                .any(|it| it.attributes.get(name).is_some_and(|it| it.default.is_some()));
            if !items.is_empty() || defaults {
                person.attributes.insert(name.clone(), listed(*kind, items));
            }
        }
        for (name, size) in sizes {
            if size > 0 {
                let items = vec!["other".to_owned(); size];
                person.attributes.insert(name, Value::Texts(items));
            }
        }
    }

    /// An instant in the stretch of time, at the hour and on the weekday that the way asks for.
    fn instant(&self, draft: &Draft, person: &Person, versions: &[Version]) -> Timestamp {
        let number = |field: SessionField| {
            let cell = *draft.clock.get(&field)?;
            let column = self.columns.iter().find(|it| it.fact == Fact::Session(field))?;
            let values = column.cells.get(cell)?.values.iter();
            let all: Vec<i64> = values
                .filter_map(|it| match it {
                    Some(Value::Int(it)) => Some(*it),
                    Some(Value::Time(it)) => Some(it.as_millis()),
                    _ => None,
                })
                .collect();
            Some((all, column.cells.get(cell)?.range))
        };
        let now = number(SessionField::Now);
        let begin =
            now.as_ref().and_then(|it| it.0.first().copied()).unwrap_or(self.at.as_millis());
        let range = now.and_then(|it| it.1).unwrap_or((i64::MIN, i64::MAX));
        let (hours, days) = (number(SessionField::Hour), number(SessionField::Weekday));
        let own = match person.attributes.get("time_zone") {
            Some(Value::Text(it)) => TimeZone::get(it).ok(),
            _ => None,
        };
        let declared = || {
            let default = versions.iter().rev().find_map(|it| it.attributes.get("time_zone"))?;
            match &default.default {
                Some(Value::Text(it)) => TimeZone::get(it).ok(),
                _ => None,
            }
        };
        let zone = || versions.last().map(|it| it.zone.clone());
        let zone = own.or_else(declared).or_else(zone).unwrap_or(TimeZone::UTC);
        let fits = |at: &i64| {
            let local = Timestamp::from_millis(*at).in_zone(&zone);
            let (hour, day) =
                (i64::from(local.hour()), i64::from(local.weekday().to_monday_one_offset()));
            range.0 <= *at
                && *at <= range.1
                && hours.as_ref().is_none_or(|it| it.0.contains(&hour))
                && days.as_ref().is_none_or(|it| it.0.contains(&day))
        };
        let found = (0..16 * 24 * 4).flat_map(|it| {
            let step: i64 = it * 900_000;
            [begin.saturating_add(step), begin.saturating_sub(step)]
        });
        Timestamp::from_millis(found.into_iter().find(fits).unwrap_or(begin))
    }

    fn entries(&self, past: &Past, cells: &BTreeMap<u32, usize>) -> Vec<Entry> {
        past::entries(self, past, cells)
    }

    /// Whether another cell of a variable would leave the set, all else as it is.
    fn is_needed(&self, store: &Store, node: Node, way: &Way, variable: u32) -> bool {
        let axiom =
            store.variables()[variable as usize].cluster.and_then(|it| self.axiom_if_known(it));
        let mut other = way.clone();
        let mut others = changes(store, node, way, variable);
        others.extend(axiom.into_iter().flat_map(|it| changes(store, it, way, variable)));
        others.into_iter().any(|cell| {
            other.insert(variable, cell);
            !holds(store, node, &other) && axiom.is_none_or(|it| holds(store, it, &other))
        })
    }
}

/// The plainest value of a cell.
fn plain(column: &Column, cell: usize) -> Option<Value> {
    column.cells.get(cell)?.values.first().cloned().flatten()
}

fn listed(kind: taiwa_model::ValueType, items: Vec<Value>) -> Value {
    match kind {
        taiwa_model::ValueType::Ints => Value::Ints(
            items
                .into_iter()
                .filter_map(|it| match it {
                    Value::Int(it) => Some(it),
                    _ => None,
                })
                .collect(),
        ),
        _ => Value::Texts(
            items
                .into_iter()
                .filter_map(|it| match it {
                    Value::Text(it) => Some(it),
                    _ => None,
                })
                .collect(),
        ),
    }
}

/// Whether a point lies in a diagram; what the way does not ask is in its first cell.
pub(crate) fn holds(store: &Store, node: Node, way: &Way) -> bool {
    let mut at = node;
    while at > FULL {
        let cell = way.get(&store.variable(at)).copied().unwrap_or_default();
        at = store.child(at, cell);
    }
    at == FULL
}

/// The cells of a variable in which a diagram begins to lead elsewhere, all else being as on a way.
fn changes(store: &Store, node: Node, way: &Way, variable: u32) -> Vec<usize> {
    let mut at = node;
    while at > FULL && store.variable(at) < variable {
        at = store.child(at, way.get(&store.variable(at)).copied().unwrap_or_default());
    }
    let mut all = vec![0];
    if store.variable(at) == variable {
        let ends = store.runs(at).iter().map(|it| it.end as usize);
        all.extend(ends.filter(|it| *it < store.variables()[variable as usize].cells as usize));
    }
    all
}

/// The cheapest way to a point of a diagram.
fn cheapest(world: &World, store: &Store, node: Node) -> Option<Way> {
    let mut costs: BTreeMap<Node, (u64, usize)> = BTreeMap::from([(FULL, (0, 0))]);
    for it in store.upwards(node) {
        let variable = store.variable(it);
        let mut best: Option<(u64, usize)> = None;
        // Of cells that lead to the same the first one costs least.
        let mut next = 0;
        for run in store.runs(it) {
            let cell = std::mem::replace(&mut next, run.end as usize);
            let Some((below, _)) = costs.get(&run.node) else { continue };
            let cost = below.saturating_add(world.cost(store, variable, cell));
            if best.is_none_or(|it| cost < it.0) {
                best = Some((cost, cell));
            }
        }
        if let Some(best) = best {
            costs.insert(it, best);
        }
    }
    let mut way = Way::new();
    let mut at = node;
    while at > FULL {
        let (_, cell) = *costs.get(&at)?;
        way.insert(store.variable(at), cell);
        at = store.child(at, cell);
    }
    (at == FULL).then_some(way)
}

impl World {
    fn cost(&self, store: &Store, variable: u32, cell: usize) -> u64 {
        let rank = u64::try_from(cell).unwrap_or(u64::MAX);
        match &self.meanings[variable as usize] {
            Meaning::Opaque(_) => ASSUMED + rank,
            _ if store.variables()[variable as usize].opaque && cell > 0 => ASSUMED + rank,
            _ if cell == 0 => ORDINARY,
            // A value that was never set is ordinary, too, where another one stands first.
            _ => REMARKABLE + rank,
        }
    }
}
