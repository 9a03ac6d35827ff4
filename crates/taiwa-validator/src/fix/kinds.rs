//! Which rules have fixes, for their pages. A test holds this list to what the rules do.

/// What fixes the findings of a rule can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// All that there are cannot change meaning.
    Safe,
    /// All that there are need a look.
    Unsafe,
    /// Some of either kind.
    Both,
}

/// Every rule that has fixes, ordered by code.
const OF: &[(&str, Kinds)] = &[
    ("TW0001", Kinds::Both),
    ("TW0003", Kinds::Unsafe),
    ("TW0004", Kinds::Both),
    ("TW0006", Kinds::Both),
    ("TW0007", Kinds::Unsafe),
    ("TW0011", Kinds::Unsafe),
    ("TW0013", Kinds::Safe),
    ("TW0015", Kinds::Unsafe),
    ("TW0017", Kinds::Unsafe),
    ("TW0101", Kinds::Unsafe),
    ("TW0102", Kinds::Unsafe),
    ("TW0112", Kinds::Unsafe),
    ("TW0115", Kinds::Unsafe),
    ("TW0117", Kinds::Unsafe),
    ("TW0121", Kinds::Unsafe),
    ("TW0201", Kinds::Unsafe),
    ("TW0303", Kinds::Unsafe),
    ("TW0304", Kinds::Unsafe),
    ("TW0306", Kinds::Unsafe),
    ("TW0316", Kinds::Unsafe),
    ("TW0317", Kinds::Both),
    ("TW0318", Kinds::Unsafe),
    ("TW0319", Kinds::Unsafe),
    ("TW0505", Kinds::Unsafe),
    ("TW0515", Kinds::Unsafe),
    ("TW0528", Kinds::Unsafe),
    ("TW0530", Kinds::Unsafe),
    ("TW0805", Kinds::Unsafe),
    ("TW0901", Kinds::Unsafe),
    ("TW0902", Kinds::Unsafe),
    ("TW0903", Kinds::Safe),
    ("TW0906", Kinds::Unsafe),
    ("TW0907", Kinds::Safe),
];

/// What fixes the findings of a rule can have; none for the most.
pub fn kinds(code: &str) -> Option<Kinds> {
    let index = OF.binary_search_by(|it| it.0.cmp(code)).ok()?;
    OF.get(index).map(|it| it.1)
}
