//! Rule TW0007, unsupported-yaml.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports anchors, aliases, tags, merge keys, a second document and `? key`.
    ///
    /// ## Why it matters
    /// They make one value depend on another place of the file, and a few lines of them can grow to gigabytes. What is
    /// written here is read by many people; it says everything where it stands.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: &name Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: *name } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static UNSUPPORTED_YAML = {
        code: "TW0007",
        name: "unsupported-yaml",
        level: Guard,
        ja: r"## 何を調べるか
アンカー、エイリアス、タグ、マージキー、2 つ目の文書、`? key` を報告します。

## なぜ大切か
これらを使うと、値がファイルの別の場所に左右され、数行が何ギガバイトにも膨らむことがあります。
ここのファイルは多くの人が読むので、その場所にすべてを書きます。
",
        check: Check::Reader,
    }
}
