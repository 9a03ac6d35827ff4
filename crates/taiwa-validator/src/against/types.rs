//! Which values a type takes that another one did not.

use taiwa_model::ValueType;

/// Whether something that fits the old type does not fit the new one.
pub(crate) const fn narrowed(old: ValueType, new: ValueType) -> bool {
    use ValueType::{Bool, Enum, Int, Ints, Number, String, Strings, Timestamp};
    !matches!(
        (old, new),
        (Bool, Bool)
            | (Int, Int | Number)
            | (Number, Number)
            | (String, String)
            | (Enum, Enum | String)
            | (Timestamp, Timestamp | String)
            | (Strings, Strings)
            | (Ints, Ints)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_less_is_narrower() {
        for kind in ValueType::ALL {
            assert!(!narrowed(kind, kind), "{kind:?}");
        }
        assert!(!narrowed(ValueType::Int, ValueType::Number));
        assert!(narrowed(ValueType::Number, ValueType::Int));
        assert!(!narrowed(ValueType::Enum, ValueType::String));
        assert!(narrowed(ValueType::String, ValueType::Enum));
        assert!(narrowed(ValueType::Int, ValueType::String));
    }
}
