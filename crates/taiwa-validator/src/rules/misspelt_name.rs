//! Rule TW0015, misspelt-name.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a name that is not spelled as its kind demands: lower case with dashes for files, zones, points and
    /// purposes; lower case with underscores for attributes, events and properties, which conditions read; and the
    /// reserved names `none`, `everyone` and `shared`.
    ///
    /// ## Why it matters
    /// One spelling for one kind makes a name findable, and keeps conditions readable: `profile.last-visit` would be a
    /// subtraction.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/GoldMembers.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static MISSPELT_NAME = {
        code: "TW0015",
        name: "misspelt-name",
        level: Guard,
        ja: r"## 何を調べるか
名前の書き方が種類の決まりに合っていないのを報告します。ファイル、ゾーン、ポイント、目的は小文字とハイフン、
条件で読む属性、イベント、プロパティは小文字とアンダースコアで書きます。`none`、`everyone`、
`shared` は予約されています。

## なぜ大切か
種類ごとに書き方が 1 つなら、名前を探しやすく、条件も読みやすくなります。
`profile.last-visit` は引き算になってしまいます。
",
        check: Check::Reader,
    }
}
