//! Rule TW0321, window-of-time.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a window that is missing, not a length of time, or longer than 400 days.
    ///
    /// ## Why it matters
    /// Windows say how much of each customer's history is kept. `seen('…')` without one would ask for everything for
    /// ever.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30 days')
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   seen('web-store/purchase', '30d')
    /// ```
    pub(crate) static WINDOW_OF_TIME = {
        code: "TW0321",
        name: "window-of-time",
        level: Guard,
        check: Check::Conditions,
    }
}
