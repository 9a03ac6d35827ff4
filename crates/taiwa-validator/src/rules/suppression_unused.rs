//! Rule TW0903, suppression-unused.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports comments that allow a finding where there is none. It is looked for while people edit, and only where every file
    /// could be read.
    ///
    /// ## Why it matters
    /// The mistake is mended, or the comment stands at the wrong line. Left there, it would allow the next mistake unseen.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/silver.yaml
    /// # taiwa: allow TW0510 until 2027-03-31 because either offer will do
    /// title: Silver
    /// when: profile.tier == 'silver'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/silver.yaml
    /// # taiwa: allow TW0105 until 2027-03-31 because the spring campaign needs it
    /// title: Silver
    /// when: profile.tier == 'silver'
    /// ```
    pub(crate) static SUPPRESSION_UNUSED = {
        code: "TW0903",
        name: "suppression-unused",
        level: Warning,
        ja: r"## 何を調べるか
許可する対象の指摘がないコメントを報告します。編集時に、すべてのファイルを読めた場合だけ調べます。

## なぜ大切か
間違いが直されたか、コメントの位置が違っています。残しておくと、次の間違いが気づかれずに許可されます。
",
        check: Check::Comments,
    }
}
