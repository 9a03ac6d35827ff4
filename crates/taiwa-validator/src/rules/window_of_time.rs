//! Rule TW0321, window-of-time.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a window that is missing, not a length of time, or longer than 400 days.
    ///
    /// ## Why it matters
    /// Windows say how much of each customer's history is kept. `seen('…')` without one would ask for everything for
    /// ever.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30 days')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30d')
    /// ```
    pub(crate) static WINDOW_OF_TIME = {
        code: "TW0321",
        name: "window-of-time",
        level: Guard,
        ja: r"## 何を調べるか
集計期間がない、期間として読めない、または 400 日より長いのを報告します。

## なぜ大切か
集計期間によって、顧客ごとに保存する履歴の長さが決まります。期間のない `seen('…')` は、
すべてを永久に保存することを求めます。
",
        check: Check::Conditions,
    }
}
