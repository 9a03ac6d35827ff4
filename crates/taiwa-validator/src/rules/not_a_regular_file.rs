//! Rule TW0016, not-a-regular-file.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports symbolic links and other files that are not regular. (In the example `-> target` stands for a link.)
    ///
    /// ## Why it matters
    /// A link may point outside of the repository, where nobody reviews. A release holds only content of the
    /// repository.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// -> /etc/passwd
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_A_REGULAR_FILE = {
        code: "TW0016",
        name: "not-a-regular-file",
        level: Guard,
        ja: r"## 何を調べるか
シンボリックリンクなど、通常のファイルではないものを報告します (例の `-> target` はリンクを表します)。

## なぜ大切か
リンクは、誰も確認しないリポジトリの外を指すことがあります。リリースに入るのは、リポジトリの内容だけです。
",
        check: Check::Reader,
    }
}
