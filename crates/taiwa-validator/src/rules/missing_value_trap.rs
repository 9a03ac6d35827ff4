//! Rule TW0307, missing-value-trap.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a negation over a value that may be missing, and says who is left out or taken in by it.
    ///
    /// ## Why it matters
    /// `!(profile.age < 18)` leaves out everybody whose age is not known, and `!in_segment(…)` takes them in. Both look
    /// as if they meant all others.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   !(profile.age < 18)
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: >-
    ///   profile.age >= 18
    /// ```
    pub(crate) static MISSING_VALUE_TRAP = {
        code: "TW0307",
        name: "missing-value-trap",
        level: Warning,
        ja: r"## 何を調べるか
値がないことのある属性に対する否定を報告し、それによって誰が除かれ、誰が含まれるかを示します。

## なぜ大切か
`!(profile.age < 18)` は年齢のわからない人をすべて除き、`!in_segment(…)` はその人たちを含みます。
どちらも「それ以外の全員」のように見えます。
",
        check: Check::Conditions,
    }
}
