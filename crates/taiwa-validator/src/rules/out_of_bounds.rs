//! Rule TW0019, out-of-bounds.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a number outside of what its field allows: an interaction point that shows 0 offers, a cap of 0.
    ///
    /// ## Why it matters
    /// A point that shows no offer and a cap that nobody can be under are mistakes of the hand.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 0, per: 7d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 1, per: 7d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static OUT_OF_BOUNDS = {
        code: "TW0019",
        name: "out-of-bounds",
        level: Guard,
        ja: r"## 何を調べるか
項目が許す範囲の外にある数を報告します。たとえば、オファーを 0 件表示するインタラクションポイントや、0 回の上限です。

## なぜ大切か
何も表示しないポイントや、誰も下回れない上限は、入力の間違いです。
",
        check: Check::Reader,
    }
}
