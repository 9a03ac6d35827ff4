//! Rule TW0005, missing-field.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a required field that is not there.
    ///
    /// ## Why it matters
    /// Without it the file does not say what it must: a segment without `when` has no members to speak of.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static MISSING_FIELD = {
        code: "TW0005",
        name: "missing-field",
        level: Guard,
        ja: r"## 何を調べるか
必須の項目がないのを報告します。

## なぜ大切か
その項目がないと、ファイルの内容が決まりません。たとえば `when` のないセグメントでは、誰が入るのかわかりません。
",
        check: Check::Reader,
    }
}
