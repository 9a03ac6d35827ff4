//! Which people there can be: variables, their cells, and what hangs together.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_text::Text;

use crate::{
    Assumed, Builder, Exhausted, Person,
    builder::Version,
    formula::AtomId,
    store::{EMPTY, FULL, Node, Store, Variable},
};

/// The people there can be.
#[derive(Debug)]
pub(crate) struct World {
    names: Vec<String>,
    atoms: Vec<u32>,
    at: taiwa_model::Timestamp,
    segments: BTreeMap<usize, u32>,
}

impl World {
    pub(crate) fn new(builder: &Builder) -> (Store, Self) {
        let texts: BTreeSet<String> =
            builder.atoms.all.iter().map(|it| it.question.text()).collect();
        let names: Vec<String> = texts.into_iter().collect();
        let variable = Variable { cells: 3, opaque: true, cluster: None };
        let store = Store::new(vec![variable; names.len()], builder.budget);
        let number = |text: &str| names.iter().position(|it| it == text).unwrap_or_default();
        let atoms = builder.atoms.all.iter().map(|it| number(&it.question.text()));
        let atoms = atoms.map(|it| u32::try_from(it).unwrap_or_default()).collect();
        (store, Self { names, atoms, at: builder.at, segments: BTreeMap::new() })
    }

    pub(crate) fn axiom(&self, _cluster: u32) -> Node {
        FULL
    }

    pub(crate) fn atom(&self, store: &mut Store, atom: AtomId) -> Result<(Node, Node), Exhausted> {
        let variable = self.atoms[atom];
        Ok((
            store.make(variable, &[EMPTY, FULL, EMPTY])?,
            store.make(variable, &[FULL, EMPTY, EMPTY])?,
        ))
    }

    pub(crate) fn touched(&self, store: &Store, node: Node) -> BTreeSet<u32> {
        store.support(node).into_iter().collect()
    }

    pub(crate) fn opaque(&self, variable: u32) -> Option<String> {
        Some(self.name(variable))
    }

    pub(crate) fn name(&self, variable: u32) -> String {
        self.names[variable as usize].clone()
    }

    pub(crate) fn opaque_segment(&self, segment: usize) -> Option<u32> {
        self.segments.get(&segment).copied()
    }

    pub(crate) fn is_opaque_segment(&self, segment: usize) -> bool {
        self.segments.contains_key(&segment)
    }

    pub(crate) fn person(&self, store: &Store, versions: &[Version], node: Node) -> Option<Person> {
        if node == EMPTY {
            return None;
        }
        let (level, key) = versions.iter().find_map(|it| it.levels.last().cloned())?;
        let assumed = store
            .support(node)
            .into_iter()
            .map(|it| Assumed { atom: self.name(it), holds: None })
            .collect();
        Some(Person {
            at: self.at,
            level,
            key,
            attributes: BTreeMap::new(),
            consent: BTreeMap::new(),
            history: Vec::new(),
            channel: None,
            locale: None,
            visits: None,
            properties: BTreeMap::new(),
            assumed,
            said: Text::same(""),
        })
    }
}
