//! Rule TW0018, not-in-this-version.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports what the formats know and this version does not serve yet: journeys, and steps of scenarios that are
    /// about them.
    ///
    /// ## Why it matters
    /// Nothing is ignored silently: what would not run is refused.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/journeys/launch.yaml
    /// title: Launch
    /// steps: []
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_IN_THIS_VERSION = {
        code: "TW0018",
        name: "not-in-this-version",
        level: Guard,
        ja: r"## 何を調べるか
書式としては定められていても、この版がまだ実行できないものを報告します。ジャーニーと、それに関するシナリオの手順です。

## なぜ大切か
黙って無視することはありません。動かないものは受け付けません。
",
        check: Check::Reader,
    }
}
