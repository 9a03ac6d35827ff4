//! Rule TW0303, type-error.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports values that do not go together: a number compared with text, a list compared with a word.
    ///
    /// ## Why it matters
    /// Such a comparison has no answer, so the condition would never be true.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= '18'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18
    /// ```
    pub(crate) static TYPE_ERROR = {
        code: "TW0303",
        name: "type-error",
        level: Guard,
        check: Check::Conditions,
    }
}
