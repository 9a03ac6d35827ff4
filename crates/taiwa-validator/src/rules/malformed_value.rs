//! Rule TW0017, malformed-value.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a duration, date, clock time, percentage, rate, locale, time zone or currency that is not written as
    /// one.
    ///
    /// ## Why it matters
    /// `per: 7` does not say seven of what, and `2027-02-29` does not exist.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 3, per: 7 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 3, per: 7d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static MALFORMED_VALUE = {
        code: "TW0017",
        name: "malformed-value",
        level: Guard,
        ja: r"## 何を調べるか
期間、日付、時刻、割合、頻度、ロケール、タイムゾーン、通貨が、正しい形で書かれていないのを報告します。

## なぜ大切か
`per: 7` では何が 7 なのかわからず、`2027-02-29` という日は存在しません。
",
        check: Check::Reader,
    }
}
