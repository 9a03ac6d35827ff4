//! Rule TW0001, not-yaml.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports text that is not YAML: an unclosed quote or bracket, a wrong indentation, a key without a value.
    ///
    /// ## Why it matters
    /// Nothing of the broken part can be understood, so it can neither be checked nor served.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: 'profile.tier == "gold"
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_YAML = {
        code: "TW0001",
        name: "not-yaml",
        level: Guard,
        ja: r"## 何を調べるか
YAML として読めない文字列を報告します。閉じられていない引用符や括弧、間違った字下げ、値のないキーなどです。

## なぜ大切か
壊れた部分は解釈できないため、調べることも配信することもできません。
",
        check: Check::Reader,
    }
}
