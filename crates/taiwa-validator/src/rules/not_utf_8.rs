//! Rule TW0013, not-utf-8.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a file that is not UTF-8, holds a NUL character, or begins with a byte order mark. (In the example
    /// `\u{feff}` stands for that mark.)
    ///
    /// ## Why it matters
    /// Text in another encoding would show customers garbled words.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// \u{feff}title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_UTF_8 = {
        code: "TW0013",
        name: "not-utf-8",
        level: Guard,
        ja: r"## 何を調べるか
UTF-8 ではないファイル、NUL 文字を含むファイル、BOM で始まるファイルを報告します (例の `\u{feff}` は BOM を表します)。

## なぜ大切か
ほかの文字コードの文は、顧客の画面で文字化けします。
",
        check: Check::Reader,
    }
}
