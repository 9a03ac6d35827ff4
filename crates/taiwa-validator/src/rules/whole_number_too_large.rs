//! Rule TW0010, whole-number-too-large.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a whole number beyond 9007199254740991 (2^53 - 1).
    ///
    /// ## Why it matters
    /// Programs that read JSON would change its last digits silently. A long number that nobody calculates with is
    /// text: put it in quotes.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it, article: 9007199254740993 } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it, article: "9007199254740993" } }
    /// ```
    pub(crate) static WHOLE_NUMBER_TOO_LARGE = {
        code: "TW0010",
        name: "whole-number-too-large",
        level: Guard,
        ja: r"## 何を調べるか
9007199254740991 (2^53 - 1) を超える整数を報告します。

## なぜ大切か
JSON を読むプログラムは、末尾の桁を黙って変えてしまうことがあります。計算に使わない長い数は文字列です。
引用符で囲んでください。
",
        check: Check::Reader,
    }
}
