//! Rule TW0003, unknown-field.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a field that its kind of file does not have, and says which one was probably meant.
    ///
    /// ## Why it matters
    /// A misspelt field would be left out silently: an offer with `elegible:` would be shown to everybody.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// elegible: profile.tier == 'gold'
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// eligible: profile.tier == 'gold'
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static UNKNOWN_FIELD = {
        code: "TW0003",
        name: "unknown-field",
        level: Guard,
        ja: r"## 何を調べるか
その種類のファイルにはない項目を報告し、意図したと思われる項目を示します。

## なぜ大切か
書き間違えた項目は、黙って無視されかねません。`elegible:` と書かれたオファーは、全員に表示されてしまいます。
",
        check: Check::Reader,
    }
}
