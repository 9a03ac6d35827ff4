//! Rule TW0006, ambiguous-scalar.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a plain value that people and programs read differently, such as `yes`, `on`, `08:00` or `001`, where
    /// text is wanted.
    ///
    /// ## Why it matters
    /// Older YAML reads `no` as false and `08:00` as a number; quotes say what is meant.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: on
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: "on"
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static AMBIGUOUS_SCALAR = {
        code: "TW0006",
        name: "ambiguous-scalar",
        level: Warning,
        check: Check::Reader,
    }
}
