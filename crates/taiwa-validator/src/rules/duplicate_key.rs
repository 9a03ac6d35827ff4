//! Rule TW0002, duplicate-key.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a key that stands twice in one map.
    ///
    /// ## Why it matters
    /// Only one of the two could count, and which one would depend on the program that reads it. A price changed in the
    /// first one would change nothing.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// value: 15
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static DUPLICATE_KEY = {
        code: "TW0002",
        name: "duplicate-key",
        level: Guard,
        ja: r"## 何を調べるか
1 つの項目の中に同じキーが 2 回書かれているのを報告します。

## なぜ大切か
有効になるのは一方だけで、どちらになるかは読むプログラムによって変わります。最初のほうで価格を直しても、
何も変わらないかもしれません。
",
        check: Check::Reader,
    }
}
