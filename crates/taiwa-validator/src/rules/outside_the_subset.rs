//! Rule TW0319, outside-the-subset.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports what the Common Expression Language has and conditions here do not: maps, regular expressions, type
    /// conversions, `null`.
    ///
    /// ## Why it matters
    /// Every condition can be analysed, explained and evaluated in nanoseconds, because the language is kept small; the
    /// help says how to write the rest.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.email.matches('.*@contoso.example')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.email.endsWith('@contoso.example')
    /// ```
    pub(crate) static OUTSIDE_THE_SUBSET = {
        code: "TW0319",
        name: "outside-the-subset",
        level: Guard,
        check: Check::Conditions,
    }
}
