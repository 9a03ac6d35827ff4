//! Rule TW0013, not-utf-8.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a file that is not UTF-8, holds a NUL character, or begins with a byte order mark. (In the example
    /// `\u{feff}` stands for that mark.)
    ///
    /// ## Why it matters
    /// Text in another encoding would show customers garbled words.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// \u{feff}title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NOT_UTF_8 = {
        code: "TW0013",
        name: "not-utf-8",
        level: Guard,
        check: Check::Reader,
    }
}
