//! Rule TW0901, suppression-malformed.

use crate::Check;

rule! {
    /// ## What it does
    /// Checks that a comment that allows a finding can be understood: `# taiwa: allow TW0105 until 2027-03-31 because …`, on a
    /// line of its own before the line that it is about. It names rules that exist and may be allowed, a last day at most 400
    /// days ahead, and a reason.
    ///
    /// ## Why it matters
    /// An exception without a reason or an end stays for ever, and nobody dares to take it out. One that is misspelt allows
    /// nothing, and whoever wrote it believes that it does.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/silver.yaml
    /// # taiwa: allow TW0105
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
    pub(crate) static SUPPRESSION_MALFORMED = {
        code: "TW0901",
        name: "suppression-malformed",
        level: Error,
        ja: r"## 何を調べるか
指摘を許可するコメント `# taiwa: allow TW0105 until 2027-03-31 because …` が正しく書かれているかを調べます。対象の行の前に独立した行として書き、
実在して許可できるルール、400 日以内の期限、理由を含めます。

## なぜ大切か
理由や期限のない例外はいつまでも残り、誰も消せなくなります。書き間違えたコメントは何も許可しないのに、書いた人は許可したつもりでいます。
",
        check: Check::Comments,
    }
}
