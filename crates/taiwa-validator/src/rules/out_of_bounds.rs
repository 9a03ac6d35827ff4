//! Rule TW0019, out-of-bounds.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a number outside of what its field allows: an interaction point that shows 0 offers, a cap of 0.
    ///
    /// ## Why it matters
    /// A point that shows no offer and a cap that nobody can be under are mistakes of the hand.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 0, per: 7d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// cap: { shown: 1, per: 7d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static OUT_OF_BOUNDS = {
        code: "TW0019",
        name: "out-of-bounds",
        level: Guard,
        check: Check::Reader,
    }
}
