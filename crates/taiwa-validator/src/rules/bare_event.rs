//! Rule TW0112, bare-event.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports an event without its channel where no channel is meant: in conditions of `channels/shared/`, policies
    /// and goals.
    ///
    /// ## Why it matters
    /// Two channels may both have a `purchase`. In shared files `web-store/purchase` says which.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('purchase', '30d')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30d')
    /// ```
    pub(crate) static BARE_EVENT = {
        code: "TW0112",
        name: "bare-event",
        level: Guard,
        check: Check::Conditions,
    }
}
