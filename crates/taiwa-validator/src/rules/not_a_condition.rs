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
        ja: r"## 何を調べるか
Common Expression Language の条件として読めない文字列を報告し、正しい書き方を示します。たとえば `=` は `==`、
`and` は `&&` です。

## なぜ大切か
読めない条件は、真になることもありません。
",
        check: Check::Conditions,
    }
}
