//! Rule TW0011, confusable-character.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports characters in names that cannot be seen or look like others, such as a Cyrillic `о` in `gold` or a zero-
    /// width space.
    ///
    /// ## Why it matters
    /// The name looks right on the screen and is another one: nothing that refers to it finds it.
    ///
    /// ## Bad
    /// ```yaml path=channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    ///
    /// ```yaml path=channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-stоre: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml path=channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static CONFUSABLE_CHARACTER = {
        code: "TW0011",
        name: "confusable-character",
        level: Guard,
        check: Check::Reader,
    }
}
