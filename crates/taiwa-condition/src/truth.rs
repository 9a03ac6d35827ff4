//! Three-valued logic: true, false, and unknown because something is missing.
//!
//! The tables are Kleene's, which is CEL's rule that `&&` and `||` absorb an error on either side.

/// What a condition says of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// A value that decides it is missing, or cannot be computed.
    Unknown,
}

impl Truth {
    /// All three.
    pub const ALL: [Self; 3] = [Self::True, Self::False, Self::Unknown];

    /// Both hold. False wins over unknown, on either side.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// At least one holds. True wins over unknown, on either side.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    pub const fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }

    /// What counts in the end: unknown means no.
    pub const fn holds(self) -> bool {
        matches!(self, Self::True)
    }
}

impl From<bool> for Truth {
    fn from(it: bool) -> Self {
        if it { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for Truth {
    fn from(it: Option<bool>) -> Self {
        it.map_or(Self::Unknown, Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False as F, True as T, Unknown as U};
    use super::*;

    #[test]
    fn the_whole_tables() {
        let rows = [
            (T, T, T, T),
            (T, F, F, T),
            (T, U, U, T),
            (F, T, F, T),
            (F, F, F, F),
            (F, U, F, U),
            (U, T, U, T),
            (U, F, F, U),
            (U, U, U, U),
        ];
        for (a, b, and, or) in rows {
            assert_eq!((a.and(b), a.or(b)), (and, or), "{a:?} {b:?}");
        }
        assert_eq!(Truth::ALL.map(Truth::negate), [F, T, U]);
        assert_eq!(Truth::ALL.map(Truth::holds), [true, false, false]);
        assert_eq!([Some(true), Some(false), None].map(Truth::from), [T, F, U]);
    }
}
