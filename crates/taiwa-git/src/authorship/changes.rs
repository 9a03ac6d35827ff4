//! What one commit changed, against all its parents at once.
//!
//! An entry counts where it differs from that of every parent; where it agrees with one, so does everything below it, and
//! nobody looks there. Trees that multiply themselves are looked at once, not as often as they lie in a commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use git2::Oid;

use super::{AuthorshipError, Objects};

/// The most places that one question looks at.
const MAX_LOOKS: usize = 20_000_000;
/// The most folders that are kept in memory.
const MAX_KEPT: usize = 20_000;
/// Below so many folders nobody looks whether a content lies there: it is taken that it may.
const MAX_LOOK: usize = 64;
/// The type of an entry that is a folder.
const FOLDER: u32 = 0o040_000;

/// What a commit changed of what is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Of the paths by number: what lies there now; none: nothing more.
    pub(super) touched: BTreeMap<usize, Option<Oid>>,
    /// Of the contents by number: those that lie where no parent had them.
    pub(super) brought: BTreeSet<usize>,
}

/// An entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    mode: u32,
    id: Oid,
}

impl Entry {
    const fn is_folder(self) -> bool {
        self.mode & 0o170_000 == FOLDER
    }
}

/// A folder: its entries by name. Git never writes a name twice; whoever does has both looked at.
type Folder = BTreeMap<Vec<u8>, Vec<Entry>>;

/// The paths that are asked for, as a tree.
#[derive(Default)]
struct Paths {
    below: Vec<BTreeMap<Vec<u8>, usize>>,
    number: Vec<Option<usize>>,
}

impl Paths {
    fn of(paths: &[Vec<u8>]) -> Self {
        let mut all = Self { below: vec![BTreeMap::new()], number: vec![None] };
        for (number, path) in paths.iter().enumerate() {
            let mut at = 0;
            for part in path.split(|it| *it == b'/') {
                let next = all.below.len();
                at = *all.below[at].entry(part.to_vec()).or_insert(next);
                if at == next {
                    all.below.push(BTreeMap::new());
                    all.number.push(None);
                }
            }
            all.number[at] = Some(number);
        }
        all
    }

    fn child(&self, at: Option<usize>, name: &[u8]) -> Option<usize> {
        self.below[at?].get(name).copied()
    }
}

/// A search over many commits.
pub(super) struct Search<'a> {
    objects: &'a Objects<'a>,
    paths: Paths,
    wanted: BTreeMap<Oid, usize>,
    folders: BTreeMap<Oid, Rc<Folder>>,
    holds: BTreeMap<Oid, Rc<BTreeSet<usize>>>,
    looks: usize,
}

/// A place that is still to be looked at: the same folder in the commit and in each of its parents.
struct Place {
    new: Option<Oid>,
    old: Vec<Option<Oid>>,
    paths: Option<usize>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        objects: &'a Objects<'a>,
        paths: &[Vec<u8>],
        wanted: impl Iterator<Item = Oid>,
    ) -> Self {
        Self {
            objects,
            paths: Paths::of(paths),
            wanted: wanted.enumerate().map(|(number, id)| (id, number)).collect(),
            folders: BTreeMap::new(),
            holds: BTreeMap::new(),
            looks: 0,
        }
    }

    /// What a commit with this tree changed against the trees of its parents.
    pub(super) fn of_commit(
        &mut self,
        tree: Oid,
        parents: Vec<Oid>,
    ) -> Result<Changes, AuthorshipError> {
        let mut changes = Changes::default();
        let mut seen = BTreeSet::new();
        let old = parents.into_iter().map(Some).collect();
        let mut open = vec![Place { new: Some(tree), old, paths: Some(0) }];
        while let Some(place) = open.pop() {
            // What is as in one of the parents is not this commit's doing.
            if place.old.contains(&place.new) {
                continue;
            }
            if place.paths.is_none() && !self.worth_a_look(&place, &changes, &mut seen)? {
                continue;
            }
            self.look(&place, &mut changes, &mut open)?;
        }
        Ok(changes)
    }

    /// Whether a place without a path that is asked for can still say something new.
    fn worth_a_look(
        &mut self,
        place: &Place,
        changes: &Changes,
        seen: &mut BTreeSet<(Oid, Vec<Option<Oid>>)>,
    ) -> Result<bool, AuthorshipError> {
        let Some(new) = place.new else { return Ok(false) };
        if place.old.iter().all(Option::is_none) && self.holds(new, 0)?.is_subset(&changes.brought)
        {
            return Ok(false);
        }
        Ok(seen.insert((new, place.old.clone())))
    }

    fn look(
        &mut self,
        place: &Place,
        changes: &mut Changes,
        open: &mut Vec<Place>,
    ) -> Result<(), AuthorshipError> {
        self.looks += 1;
        if let Some(new) = place.new.filter(|_| self.looks > MAX_LOOKS) {
            return Err(AuthorshipError::TooLarge { id: new.to_string() });
        }
        let new = self.folder(place.new)?;
        let old = place.old.iter().map(|it| self.folder(*it)).collect::<Result<Vec<_>, _>>()?;
        let folders_of = |name: &[u8]| -> Vec<Option<Oid>> {
            let of =
                |it: &Rc<Folder>| it.get(name)?.iter().find(|it| it.is_folder()).map(|it| it.id);
            old.iter().map(of).collect()
        };
        for (name, entries) in new.iter() {
            let paths = self.paths.child(place.paths, name);
            for entry in entries {
                if old.iter().any(|it| it.get(name).is_some_and(|it| it.contains(entry))) {
                    continue;
                }
                if let Some(number) = paths.and_then(|it| self.paths.number[it]) {
                    changes.touched.insert(number, Some(entry.id));
                }
                if entry.is_folder() {
                    open.push(Place { new: Some(entry.id), old: folders_of(name), paths });
                } else if let Some(number) = self.wanted.get(&entry.id) {
                    changes.brought.insert(*number);
                }
            }
        }
        let asked = place.paths.map(|it| &self.paths.below[it]).into_iter().flatten();
        for (name, at) in asked.filter(|it| !new.contains_key(it.0)) {
            if old.is_empty() || !old.iter().all(|it| it.contains_key(name)) {
                continue;
            }
            if let Some(number) = self.paths.number[*at] {
                changes.touched.insert(number, None);
            }
            open.push(Place { new: None, old: folders_of(name), paths: Some(*at) });
        }
        Ok(())
    }

    fn folder(&mut self, id: Option<Oid>) -> Result<Rc<Folder>, AuthorshipError> {
        let Some(id) = id else { return Ok(Rc::default()) };
        if let Some(folder) = self.folders.get(&id) {
            return Ok(Rc::clone(folder));
        }
        let bytes = self.objects.tree(id)?;
        let malformed = || AuthorshipError::Malformed { id: id.to_string(), what: "tree" };
        let folder = Rc::new(entries(&bytes).ok_or_else(malformed)?);
        if self.folders.len() >= MAX_KEPT {
            self.folders.clear();
        }
        self.folders.insert(id, Rc::clone(&folder));
        Ok(folder)
    }

    /// Which contents that are asked for lie in a folder or below it.
    fn holds(&mut self, id: Oid, depth: usize) -> Result<Rc<BTreeSet<usize>>, AuthorshipError> {
        if let Some(known) = self.holds.get(&id) {
            return Ok(Rc::clone(known));
        }
        if depth > MAX_LOOK {
            return Ok(Rc::new((0..self.wanted.len()).collect()));
        }
        let folder = self.folder(Some(id))?;
        let mut found = BTreeSet::new();
        for entry in folder.values().flatten() {
            if entry.is_folder() {
                found.extend(self.holds(entry.id, depth + 1)?.iter());
            } else {
                found.extend(self.wanted.get(&entry.id));
            }
        }
        let found = Rc::new(found);
        self.holds.insert(id, Rc::clone(&found));
        Ok(found)
    }
}

/// The entries of a folder's bytes: `mode name\0id`, one after the other.
fn entries(bytes: &[u8]) -> Option<Folder> {
    let mut folder = Folder::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|it| *it == 0)?;
        let (head, tail) = (rest.get(..end)?, rest.get(end + 1..)?);
        let space = head.iter().position(|it| *it == b' ')?;
        let digits = std::str::from_utf8(head.get(..space)?).ok()?;
        let mode = u32::from_str_radix(digits, 8).ok()?;
        let id = Oid::from_bytes(tail.get(..20)?).ok()?;
        let name = head.get(space + 1..)?.to_vec();
        folder.entry(name).or_default().push(Entry { mode, id });
        rest = tail.get(20..)?;
    }
    Some(folder)
}
