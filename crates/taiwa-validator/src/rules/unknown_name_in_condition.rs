//! Rule TW0318, unknown-name-in-condition.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports an attribute, segment, offer, event, property, purpose, level, variable or function that nobody
    /// declares, with the nearest one that exists.
    ///
    /// ## Why it matters
    /// A condition over something that does not exist would never be true.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.teir == 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.tier == 'gold'
    /// ```
    pub(crate) static UNKNOWN_NAME_IN_CONDITION = {
        code: "TW0318",
        name: "unknown-name-in-condition",
        level: Guard,
        ja: r"## 何を調べるか
どこにも宣言されていない属性、セグメント、オファー、イベント、プロパティ、目的、レベル、変数、関数を報告し、
最も近い名前を示します。

## なぜ大切か
存在しないものについての条件が、真になることはありません。
",
        check: Check::Conditions,
    }
}
