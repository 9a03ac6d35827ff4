//! Rule TW0301, constant-condition.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a condition that is true for everybody, or for nobody, because of its constants.
    ///
    /// ## Why it matters
    /// An offer that nobody can get looks alive and is not; one that everybody gets was probably meant for some.
    ///
    /// ## Bad
    /// ```yaml path=channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age < 18 && profile.age >= 18
    /// ```
    ///
    /// ## Good
    /// ```yaml path=channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18 && profile.age < 65
    /// ```
    pub(crate) static CONSTANT_CONDITION = {
        code: "TW0301",
        name: "constant-condition",
        level: Warning,
        check: Check::Conditions,
    }
}
