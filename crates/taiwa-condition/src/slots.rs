//! Numbers for names, so that evaluation compares no text: one [`Slots`] is shared by all programs of a release.
//!
//! **Invariant.** A slot is an index into the table that gave it, dense from 0, in the order of interning. The
//! same programs compiled in the same order give the same slots.

use std::{borrow::Borrow, cmp::Ordering, collections::BTreeMap, fmt, marker::PhantomData};

use taiwa_model::{
    AttributeName, EventRef, LevelName, OfferName, PropertyName, PurposeName, SegmentName,
};

/// The number of a name of kind `N`.
pub struct Slot<N> {
    index: u32,
    of: PhantomData<fn() -> N>,
}

impl<N> Slot<N> {
    /// From 0, for tables beside the slots.
    pub const fn index(self) -> usize {
        self.index as usize
    }
}

impl<N> Clone for Slot<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Slot<N> {}

impl<N> PartialEq for Slot<N> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<N> Eq for Slot<N> {}

impl<N> PartialOrd for Slot<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<N> Ord for Slot<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.index.cmp(&other.index)
    }
}

impl<N> fmt::Debug for Slot<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// The slot of an attribute.
pub type AttributeSlot = Slot<AttributeName>;
/// The slot of a segment.
pub type SegmentSlot = Slot<SegmentName>;
/// The slot of an offer.
pub type OfferSlot = Slot<OfferName>;
/// The slot of an event.
pub type EventSlot = Slot<EventRef>;
/// The slot of a property, by its name alone: events share it.
pub type PropertySlot = Slot<PropertyName>;
/// The slot of a consent purpose.
pub type PurposeSlot = Slot<PurposeName>;
/// The slot of an audience level.
pub type LevelSlot = Slot<LevelName>;

/// Names of one kind with their slots.
#[derive(Clone, Debug)]
pub struct Table<N> {
    names: Vec<N>,
    slots: BTreeMap<N, u32>,
}

impl<N> Default for Table<N> {
    fn default() -> Self {
        Self { names: Vec::new(), slots: BTreeMap::new() }
    }
}

impl<N: Ord + Clone> Table<N> {
    /// The slot of a name, which it gets now if it has none.
    ///
    /// # Panics
    /// At more than 2^32 names of one kind; a release is limited far below.
    pub fn intern(&mut self, name: &N) -> Slot<N> {
        let index = self.slots.get(name).copied().unwrap_or_else(|| {
            let index = u32::try_from(self.names.len()).expect("fewer than 2^32 names");
            self.names.push(name.clone());
            self.slots.insert(name.clone(), index);
            index
        });
        Slot { index, of: PhantomData }
    }

    /// The slot of a name, if it has one.
    pub fn slot<Q: Ord + ?Sized>(&self, name: &Q) -> Option<Slot<N>>
    where
        N: Borrow<Q>,
    {
        self.slots.get(name).map(|it| Slot { index: *it, of: PhantomData })
    }

    /// The name of a slot.
    ///
    /// # Panics
    /// When the slot is of another table.
    pub fn name(&self, slot: Slot<N>) -> &N {
        &self.names[slot.index()]
    }

    /// How many names there are: slots are below.
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All, in the order of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (Slot<N>, &N)> {
        (0..).map(|index| Slot { index, of: PhantomData }).zip(&self.names)
    }
}

/// The tables of a release.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    /// Attributes.
    pub attributes: Table<AttributeName>,
    /// Segments.
    pub segments: Table<SegmentName>,
    /// Offers.
    pub offers: Table<OfferName>,
    /// Events.
    pub events: Table<EventRef>,
    /// Properties.
    pub properties: Table<PropertyName>,
    /// Purposes.
    pub purposes: Table<PurposeName>,
    /// Levels.
    pub levels: Table<LevelName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_dense_and_stable() {
        let mut table = Table::<AttributeName>::default();
        assert!(table.is_empty());
        let [b, a, again] = ["b", "a", "b"].map(|it| table.intern(&it.into()));
        assert_eq!((b.index(), a.index(), again), (0, 1, b));
        assert_eq!(table.slot("a"), Some(a));
        assert_eq!(table.slot("c"), None);
        assert_eq!(table.name(a).as_str(), "a");
        assert_eq!(table.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((table.len(), format!("{a:?}").as_str(), b < a), (2, "#1", true));
    }
}
