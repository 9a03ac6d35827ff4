//! Rule TW0004, wrong-type.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a value of another type than its field wants: text for a number, a list for a map.
    ///
    /// ## Why it matters
    /// A value that cannot be read as what it should be cannot be served.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: [12.5]
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
    pub(crate) static WRONG_TYPE = {
        code: "TW0004",
        name: "wrong-type",
        level: Guard,
        ja: r"## 何を調べるか
項目が求めるものとは別の型の値を報告します。たとえば、数値の場所の文字列や、項目の場所のリストです。

## なぜ大切か
求められた形に読めない値は、配信できません。
",
        check: Check::Reader,
    }
}
