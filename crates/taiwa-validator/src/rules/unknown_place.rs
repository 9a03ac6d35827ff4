//! Rule TW0014, unknown-place.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a YAML file in a folder that means nothing, and names the folder that was probably meant.
    ///
    /// ## Why it matters
    /// The folder says what a file is. A file in `segment/` instead of `segments/` would never be read, and nobody
    /// would notice.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segment/silver.yaml
    /// title: Silver
    /// when: profile.tier == 'silver'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static UNKNOWN_PLACE = {
        code: "TW0014",
        name: "unknown-place",
        level: Guard,
        ja: r"## 何を調べるか
意味のないフォルダーにある YAML ファイルを報告し、意図したと思われるフォルダーを示します。

## なぜ大切か
ファイルが何であるかはフォルダーで決まります。`segments/` ではなく `segment/` に置いたファイルは読み込まれず、
誰も気づきません。
",
        check: Check::Reader,
    }
}
