//! Rule TW0303, type-error.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports values that do not go together: a number compared with text, a list compared with a word.
    ///
    /// ## Why it matters
    /// Such a comparison has no answer, so the condition would never be true.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= '18'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18
    /// ```
    pub(crate) static TYPE_ERROR = {
        code: "TW0303",
        name: "type-error",
        level: Guard,
        ja: r"## 何を調べるか
数値と文字列、リストと単語のように、組み合わせられない値の比較を報告します。

## なぜ大切か
そのような比較には答えがないため、条件が真になることはありません。
",
        check: Check::Conditions,
    }
}
