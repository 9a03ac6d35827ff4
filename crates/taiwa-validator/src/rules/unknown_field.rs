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
        check: Check::Reader,
    }
}
