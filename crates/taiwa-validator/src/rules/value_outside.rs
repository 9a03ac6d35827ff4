//! Rule TW0304, value-outside.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a comparison with a value that the attribute never has: one that its enum does not list, or a number
    /// beyond its `min` and `max`.
    ///
    /// ## Why it matters
    /// `profile.tier == 'glod'` is never true: the offer would wait for customers that do not exist.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier == 'glod'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier == 'gold'
    /// ```
    pub(crate) static VALUE_OUTSIDE = {
        code: "TW0304",
        name: "value-outside",
        level: Guard,
        ja: r"## 何を調べるか
属性が決して取らない値との比較を報告します。列挙型の一覧にない値や、`min` と `max` の範囲を超える数です。

## なぜ大切か
`profile.tier == 'glod'` が真になることはなく、オファーは存在しない顧客を待ち続けます。
",
        check: Check::Conditions,
    }
}
