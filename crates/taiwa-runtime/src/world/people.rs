//! The people in memory, by every identity they have.
//!
//! Invariant: one person has at most one cell that is not gone, whichever identity asked for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use taiwa_decide::Person;
use taiwa_store::{Identity, PersonNumber, Store, StoreError};

use super::Cell;

/// People in memory at most, while the disk keeps up; beyond it idle ones are dropped from memory.
pub(crate) const PEOPLE_IN_MEMORY_MAX: usize = 50_000;
/// How many are looked at when memory is full.
const SCAN: usize = 256;

/// A person in memory.
#[derive(Debug)]
pub(crate) struct PersonCell {
    pub(crate) number: PersonNumber,
    pub(crate) cell: Cell<Who>,
}

/// The person, and the identities that the disk has not been told of yet.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) person: Person,
    pub(crate) untold: Vec<Identity>,
}

/// The people in memory.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    numbers: BTreeMap<Identity, PersonNumber>,
    cells: BTreeMap<PersonNumber, Arc<PersonCell>>,
    cursor: Option<PersonNumber>,
}

impl Directory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The person of an identity, if there is one.
    pub(crate) fn find(
        &self,
        store: &dyn Store,
        who: &Identity,
    ) -> Result<Option<Arc<PersonCell>>, StoreError> {
        self.inner().find(store, who)
    }

    /// The person of an identity; a new one, not yet on the disk, if there is none.
    pub(crate) fn find_or_make(
        &self,
        store: &dyn Store,
        who: &Identity,
    ) -> Result<Arc<PersonCell>, StoreError> {
        let mut inner = self.inner();
        if let Some(found) = inner.find(store, who)? {
            return Ok(found);
        }
        let number = store.new_person();
        Ok(inner.add(who, number, Who { person: Person::default(), untold: vec![who.clone()] }))
    }

    /// Whatever meant `from` means `into` from now on. Both cells are held by the caller.
    pub(crate) fn repoint(&self, from: &PersonCell, into: PersonNumber) {
        from.cell.end();
        let mut inner = self.inner();
        inner.numbers.values_mut().filter(|it| **it == from.number).for_each(|it| *it = into);
        inner.cells.remove(&from.number);
    }

    /// Memory lets go of a person; the disk is asked again.
    pub(crate) fn forget(&self, person: &PersonCell) {
        person.cell.end();
        let mut inner = self.inner();
        inner.cells.remove(&person.number);
        inner.numbers.retain(|_, it| *it != person.number);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.inner().cells.len()
    }
}

impl Inner {
    /// The disk is read under the lock: cold reads take microseconds, and no other request may make or merge the
    /// person in between.
    fn find(
        &mut self,
        store: &dyn Store,
        who: &Identity,
    ) -> Result<Option<Arc<PersonCell>>, StoreError> {
        if let Some(cell) = self.numbers.get(who).and_then(|it| self.cells.get(it)) {
            return Ok(Some(cell.clone()));
        }
        let Some((number, person)) = store.person(who)? else { return Ok(None) };
        Ok(Some(self.add(who, number, Who { person, untold: Vec::new() })))
    }

    fn add(&mut self, who: &Identity, number: PersonNumber, value: Who) -> Arc<PersonCell> {
        if self.cells.len() >= PEOPLE_IN_MEMORY_MAX {
            self.make_room();
        }
        self.numbers.insert(who.clone(), number);
        let new = || Arc::new(PersonCell { number, cell: Cell::new(value) });
        self.cells.entry(number).or_insert_with(new).clone()
    }

    fn make_room(&mut self) {
        let start = self.cursor.unwrap_or(PersonNumber(i64::MIN));
        let seen: Vec<_> = self
            .cells
            .range(start..)
            .take(SCAN)
            .map(|(number, it)| (*number, it.cell.idle() && Arc::strong_count(it) == 1))
            .collect();
        self.cursor = seen.last().filter(|_| seen.len() == SCAN).map(|it| it.0);
        for (number, _) in seen.iter().filter(|it| it.1) {
            self.cells.remove(number);
        }
        // Identities of dropped people are swept when they would outgrow the people.
        if self.numbers.len() > 4 * PEOPLE_IN_MEMORY_MAX {
            self.numbers.retain(|_, it| self.cells.contains_key(it));
        }
    }
}

#[cfg(test)]
mod tests {
    use taiwa_store::{MemoryStore, Write};

    use super::*;

    fn who(key: &str) -> Identity {
        Identity { level: "customer".into(), key: key.into() }
    }

    #[test]
    fn memory_is_bounded_and_a_person_has_one_cell() {
        let (store, people) = (MemoryStore::default(), Directory::default());
        for number in 0..PEOPLE_IN_MEMORY_MAX + 2 * SCAN {
            people.find_or_make(&store, &who(&number.to_string())).unwrap();
        }
        assert!(people.len() <= PEOPLE_IN_MEMORY_MAX);
        let held = people.find_or_make(&store, &who("held")).unwrap();
        held.cell.lock().unwrap().person.visit();
        let again = people.find_or_make(&store, &who("held")).unwrap();
        assert!(Arc::ptr_eq(&held, &again));
    }

    #[test]
    fn two_identities_of_one_person_meet_in_one_cell() {
        let (store, people) = (MemoryStore::default(), Directory::default());
        let number = store.new_person();
        let person = Write::Person(number, Box::default());
        let names = [Write::Identity(who("a"), number), Write::Identity(who("b"), number)];
        store.commit([vec![person], names.to_vec()].concat()).unwrap();
        let a = people.find(&store, &who("a")).unwrap().unwrap();
        let b = people.find(&store, &who("b")).unwrap().unwrap();
        assert!(Arc::ptr_eq(&a, &b));
        people.forget(&a);
        assert!(a.cell.lock().is_none());
        assert!(people.find(&store, &who("b")).unwrap().unwrap().cell.lock().is_some());
    }
}
