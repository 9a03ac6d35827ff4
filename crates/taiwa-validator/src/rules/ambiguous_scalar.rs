//! Rule TW0006, ambiguous-scalar.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a plain value that people and programs read differently, such as `yes`, `on`, `08:00` or `001`, where
    /// text is wanted.
    ///
    /// ## Why it matters
    /// Older YAML reads `no` as false and `08:00` as a number; quotes say what is meant.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: on
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: "on"
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static AMBIGUOUS_SCALAR = {
        code: "TW0006",
        name: "ambiguous-scalar",
        level: Warning,
        ja: r"## 何を調べるか
`yes`、`on`、`08:00`、`001` のように、人とプログラムとで読み方が変わる値が、
文字列の必要な場所に引用符なしで書かれているのを報告します。

## なぜ大切か
古い YAML は `no` を偽と、`08:00` を数値と読みます。引用符で囲めば、意図がはっきりします。
",
        check: Check::Reader,
    }
}
