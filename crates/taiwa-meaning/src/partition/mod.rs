//! Values cut into cells: in one cell no atom tells two values apart.
//!
//! **Invariants.** Which cell a value is in is found by asking the engine about a value of it; where an answer changes is
//! found by halving, to the last bit. A cell holds at least one real value. The first cell is the most ordinary one: what
//! holds of somebody of whom nothing is said.

mod answers;
mod ordered;
mod textual;

pub(crate) use ordered::place_in;

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{Expr, ExprKind, SessionField, Truth};
use taiwa_model::{Timestamp, Value, ValueType};

use crate::{
    builder::Version,
    fact::Fact,
    formula::{Atom, AtomId, Question},
    lattice::{LARGEST, Lattice},
    probe::{Probe, effective},
    runs::{self, Runs},
};

use answers::{Known, classes};

/// The longest time that something is thought to be ago, in milliseconds: a thousand years.
const LONGEST: i64 = 365_000 * 86_400_000;

/// What a cell of a column answers: an atom, or whether a version sees a value at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    Atom(AtomId),
    Present(usize),
}

/// Values that no atom tells apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    /// Values of it, the plainest first; `None` is missing, never, or nothing said.
    pub(crate) values: Vec<Option<Value>>,
    /// From where to where, in columns of history, which are cut into neighbours.
    pub(crate) range: Option<(i64, i64)>,
}

/// The cells of one fact.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) fact: Fact,
    pub(crate) cells: Vec<Cell>,
    /// By what is asked: the answer in each cell, by runs of them; `None` where only an opaque atom can say.
    pub(crate) answers: BTreeMap<Asked, Runs<Option<Truth>>>,
}

/// What is asked of one fact.
pub(crate) struct Task<'a> {
    pub(crate) fact: Fact,
    pub(crate) atoms: Vec<(AtomId, &'a Atom)>,
    /// Versions that need to know whether it is there.
    pub(crate) present: Vec<usize>,
    /// Where else the values are cut: windows of a history, bounds of counts.
    pub(crate) cuts: Vec<i64>,
    pub(crate) versions: &'a [Version],
    /// When witnesses live.
    pub(crate) at: Timestamp,
}

/// What an atom answers about a value.
type Asker<'p> = Box<dyn Fn(Option<&Value>) -> Truth + 'p>;

/// A value that stands for others.
pub(crate) struct Candidate {
    pub(crate) value: Option<Value>,
    /// Whether it stands for others that an atom which is not understood may tell apart.
    pub(crate) open: bool,
    pub(crate) range: Option<(i64, i64)>,
}

impl Candidate {
    fn closed(value: Option<Value>) -> Self {
        Self { value, open: false, range: None }
    }
}

impl Task<'_> {
    /// Cuts.
    pub(crate) fn column(&self) -> Column {
        let mut known = Known::default();
        let candidates = self.candidates(&mut known);
        let keep =
            matches!(self.fact, Fact::Since(_) | Fact::Count(..) | Fact::Sum(..) | Fact::Size(..));
        let mut answers = self.answers(&candidates, &known);
        let classes = classes(&answers, candidates.len());
        let mut cells: Vec<Cell> = Vec::new();
        let mut firsts: Vec<usize> = Vec::new();
        let mut known: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, candidate) in candidates.into_iter().enumerate() {
            let next = cells.len();
            let same = |first: usize| classes[first] == classes[at];
            let cell = if keep {
                let before = cells.last().is_some_and(|it| self.joins(it.range, candidate.range));
                if before && firsts.last().is_some_and(|it| same(*it)) { next - 1 } else { next }
            } else {
                *known.entry(classes[at]).or_insert(next)
            };
            if cell == next {
                firsts.push(at);
                cells.push(Cell { values: vec![candidate.value], range: candidate.range });
            } else if keep {
                let ends = cells[cell].range.zip(candidate.range);
                cells[cell].range = ends.map(|(a, b)| (a.0, b.1));
            } else {
                cells[cell].values.push(candidate.value);
            }
        }
        if keep {
            // Columns that are cut alike have the same values.
            for it in &mut cells {
                it.values = vec![it.range.map(|it| self.standing(it))];
            }
        }
        for it in answers.values_mut() {
            let mut by_cell = Runs::new();
            for (end, answer) in it.iter() {
                let end = firsts.partition_point(|first| *first < *end as usize);
                runs::push(&mut by_cell, end, *answer);
            }
            *it = by_cell;
        }
        Column { fact: self.fact.clone(), cells, answers }
    }

    /// Whether one stretch goes on where another ends, and nothing else needs the cut between them.
    fn joins(&self, one: Option<(i64, i64)>, next: Option<(i64, i64)>) -> bool {
        let ends = one.zip(next);
        ends.is_some_and(|(a, b)| a.1 + 1 == b.0 && !self.cuts.contains(&a.1))
    }

    /// How an atom answers about a value of this fact.
    fn asker<'p>(&'p self, atom: &'p Atom) -> Asker<'p> {
        match &atom.question {
            Question::Of(expr) | Question::Closed(expr) => {
                let probe = Probe::new(&self.versions[atom.version], expr);
                Box::new(move |value| probe.truth(&self.fact, value))
            }
            Question::Contacts { window, at_least, .. } => Box::new(move |value| {
                let count = match (&self.fact, value) {
                    (Fact::Since(_), Some(Value::Int(ago))) => i64::from(*ago < window.as_millis()),
                    (Fact::Count(..), Some(Value::Int(count))) => *count,
                    _ => 0,
                };
                (count >= *at_least).into()
            }),
        }
    }

    fn is_present(&self, version: usize, value: Option<&Value>) -> bool {
        match &self.fact {
            Fact::Attribute(name, _) => self.versions[version]
                .attributes
                .get(name)
                .is_some_and(|it| effective(value, it).is_some()),
            _ => value.is_some(),
        }
    }

    fn candidates(&self, known: &mut Known) -> Vec<Candidate> {
        let missing = || Candidate::closed(None);
        let closed = |it: Value| Candidate::closed(Some(it));
        let bools = [false, true].map(Value::Bool);
        let text = |it: &str| Value::Text(it.to_owned());
        match &self.fact {
            Fact::Level => self.union(|it| it.levels.iter().map(|it| it.0.as_str()).collect()),
            Fact::Consent(_) => std::iter::once(missing()).chain(bools.map(closed)).collect(),
            Fact::Session(SessionField::Channel) => {
                self.union(|it| it.channels.iter().map(taiwa_model::ChannelName::as_str).collect())
            }
            Fact::Attribute(_, ValueType::Bool) | Fact::Property(_, ValueType::Bool) => {
                std::iter::once(missing()).chain(bools.map(closed)).collect()
            }
            Fact::Attribute(name, ValueType::Enum) => {
                let values = |it: &'_ Version| -> Vec<String> {
                    it.attributes.get(name).map(|it| it.values.clone()).unwrap_or_default()
                };
                let mut all: Vec<String> = self.versions.iter().rev().flat_map(values).collect();
                let mut seen = BTreeSet::new();
                all.retain(|it| seen.insert(it.clone()));
                let values = all.iter().map(|it| closed(text(it)));
                std::iter::once(missing()).chain(values).collect()
            }
            Fact::Attribute(_, ValueType::String)
            | Fact::Property(_, ValueType::String | ValueType::Enum)
            | Fact::Element(_, ValueType::Strings)
            | Fact::Session(SessionField::Locale) => self.texts(known),
            Fact::Attribute(..)
            | Fact::Age(_)
            | Fact::Element(..)
            | Fact::Size(..)
            | Fact::Property(..)
            | Fact::Session(_)
            | Fact::Since(_)
            | Fact::Count(..)
            | Fact::Sum(..) => self.places(known),
            Fact::Flag(_) => Vec::new(),
        }
    }

    /// Whether the fact may be without a value.
    fn may_lack(&self) -> bool {
        match &self.fact {
            Fact::Attribute(..) | Fact::Age(_) | Fact::Since(_) => true,
            Fact::Property(name, _) => {
                let optional = |it: &(AtomId, &Atom)| match &it.1.question {
                    Question::Of(expr) => lacks(expr, name.as_str()),
                    _ => false,
                };
                self.atoms.iter().any(optional)
            }
            _ => false,
        }
    }

    fn union<'v>(&'v self, of: impl Fn(&'v Version) -> Vec<&'v str>) -> Vec<Candidate> {
        let mut seen = BTreeSet::new();
        let all = self.versions.iter().rev().flat_map(of).filter(|it| seen.insert(*it));
        let all: Vec<_> =
            all.map(|it| Candidate::closed(Some(Value::Text(it.to_owned())))).collect();
        // Somebody is somewhere even where nothing is declared.
        if all.is_empty() { vec![Candidate::closed(Some(Value::Text(String::new())))] } else { all }
    }

    /// In which order the values lie, and from where to where they go.
    fn lattice(&self) -> (Lattice, (i64, i64)) {
        let any = (-LARGEST, LARGEST);
        match &self.fact {
            Fact::Attribute(name, kind) => {
                let lattice = lattice_of(*kind);
                let declared: Vec<_> = self
                    .versions
                    .iter()
                    .filter_map(|it| it.attributes.get(name).filter(|it| it.kind == *kind))
                    .collect();
                let ends = ends_of(lattice);
                let least = declared.iter().map(|it| {
                    it.min.map_or(ends.0, |min| {
                        lattice.place_of(if lattice == Lattice::Int { min.ceil() } else { min })
                    })
                });
                let most = declared.iter().map(|it| {
                    it.max.map_or(ends.1, |max| {
                        lattice.place_of(if lattice == Lattice::Int { max.floor() } else { max })
                    })
                });
                let least = least.min().unwrap_or(ends.0).max(ends.0);
                (lattice, (least, most.max().unwrap_or(ends.1).min(ends.1).max(least)))
            }
            Fact::Property(_, kind) => (lattice_of(*kind), ends_of(lattice_of(*kind))),
            Fact::Age(_) => (Lattice::Span, (-LONGEST, LONGEST)),
            Fact::Since(_) => (Lattice::Span, (0, LONGEST)),
            Fact::Size(..) => (Lattice::Int, (0, 1_000)),
            Fact::Count(..) => (Lattice::Int, (0, LARGEST)),
            Fact::Sum(event, property, _) => {
                let whole = self.versions.iter().all(|it| {
                    let declared = it.names.events.get(event).and_then(|it| it.get(property));
                    declared.is_none_or(|it| it.kind == ValueType::Int)
                });
                let lattice = if whole { Lattice::Int } else { Lattice::Number };
                (lattice, ends_of(lattice))
            }
            Fact::Session(SessionField::Now) => (Lattice::Time, ends_of(Lattice::Time)),
            Fact::Session(SessionField::Weekday) => (Lattice::Int, (1, 7)),
            Fact::Session(SessionField::Hour) => (Lattice::Int, (0, 23)),
            Fact::Session(_) => (Lattice::Int, (1, LARGEST)),
            _ => (Lattice::Int, any),
        }
    }
}

const fn lattice_of(kind: ValueType) -> Lattice {
    match kind {
        ValueType::Number => Lattice::Number,
        ValueType::Timestamp => Lattice::Time,
        _ => Lattice::Int,
    }
}

fn ends_of(lattice: Lattice) -> (i64, i64) {
    match lattice {
        Lattice::Number => (crate::lattice::place(f64::MIN), crate::lattice::place(f64::MAX)),
        Lattice::Time => (Timestamp::from_millis(i64::MIN).as_millis(), Timestamp::MAX.as_millis()),
        Lattice::Int | Lattice::Span => (-LARGEST, LARGEST),
    }
}

/// Whether a property stands in an expression that may be left out.
fn lacks(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::Property(it) => it.missing && it.name.as_str() == name,
        _ => crate::fact::parts(expr).into_iter().any(|it| lacks(it, name)),
    }
}
