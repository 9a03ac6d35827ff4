//! Rule TW0012, unsupported-format.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a `taiwa.yaml` without `format`, or with a format that this version does not know.
    ///
    /// ## Why it matters
    /// The format says how the files are to be read. A newer one may mean something else by the same words.
    ///
    /// ## Bad
    /// ```yaml
    /// # taiwa.yaml
    /// format: 2
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # taiwa.yaml
    /// format: 1
    /// title: Contoso
    /// locales: [en]
    /// time_zone: Asia/Tokyo
    /// currency: JPY
    /// ```
    pub(crate) static UNSUPPORTED_FORMAT = {
        code: "TW0012",
        name: "unsupported-format",
        level: Guard,
        ja: r"## 何を調べるか
`format` のない `taiwa.yaml`、またはこの版の知らない形式の `taiwa.yaml` を報告します。

## なぜ大切か
形式は、ファイルの読み方を示します。新しい形式では、同じ言葉が別の意味になるかもしれません。
",
        check: Check::Reader,
    }
}
