//! Rule TW0902, suppression-expired.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports comments that allowed a finding until a day that is over.
    ///
    /// ## Why it matters
    /// What was allowed for a while is found again from then on. The comment no longer says the truth.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/silver.yaml
    /// # taiwa: allow TW0105 until 2026-06-30 because the summer campaign needs it
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
    pub(crate) static SUPPRESSION_EXPIRED = {
        code: "TW0902",
        name: "suppression-expired",
        level: Warning,
        ja: r"## 何を調べるか
期限が過ぎた許可コメントを報告します。

## なぜ大切か
期限が過ぎると、許可されていた指摘は再び報告されます。コメントはもう事実と合っていません。
",
        check: Check::Comments,
    }
}
