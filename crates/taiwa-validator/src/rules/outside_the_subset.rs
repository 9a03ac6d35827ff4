//! Rule TW0319, outside-the-subset.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports what the Common Expression Language has and conditions here do not: maps, regular expressions, type
    /// conversions, `null`.
    ///
    /// ## Why it matters
    /// Every condition can be analysed, explained and evaluated in nanoseconds, because the language is kept small; the
    /// help says how to write the rest.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.email.matches('.*@contoso.example')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.email.endsWith('@contoso.example')
    /// ```
    pub(crate) static OUTSIDE_THE_SUBSET = {
        code: "TW0319",
        name: "outside-the-subset",
        level: Guard,
        ja: r"## 何を調べるか
Common Expression Language にはあっても、ここの条件では使えないものを報告します。マップ、正規表現、型変換、
`null` などです。

## なぜ大切か
言語を小さく保っているため、どの条件も分析でき、説明でき、ナノ秒単位で評価できます。代わりの書き方はヘルプに示されます。
",
        check: Check::Conditions,
    }
}
