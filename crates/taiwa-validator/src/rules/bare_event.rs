//! Rule TW0112, bare-event.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports an event without its channel where no channel is meant: in conditions of `channels/shared/`, policies
    /// and goals.
    ///
    /// ## Why it matters
    /// Two channels may both have a `purchase`. In shared files `web-store/purchase` says which.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('purchase', '30d')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30d')
    /// ```
    pub(crate) static BARE_EVENT = {
        code: "TW0112",
        name: "bare-event",
        level: Guard,
        ja: r"## 何を調べるか
`channels/shared/` の条件、コンタクトポリシー、目標のように、どのチャネルか決まらない場所で、
チャネルを付けずに書かれたイベントを報告します。

## なぜ大切か
`purchase` は 2 つのチャネルの両方にあるかもしれません。共有のファイルでは `web-store/purchase` と書けば、
どちらかがわかります。
",
        check: Check::Conditions,
    }
}
