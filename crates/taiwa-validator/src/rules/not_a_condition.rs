//! Rule TW0317, not-a-condition.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports text that is not a condition of the Common Expression Language, and says what to write: `==` for `=`,
    /// `&&` for `and`.
    ///
    /// ## Why it matters
    /// A condition that cannot be read cannot be true.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier = 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_A_CONDITION = {
        code: "TW0317",
        name: "not-a-condition",
        level: Guard,
        check: Check::Conditions,
    }
}
