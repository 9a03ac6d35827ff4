//! Rule TW0320, score-may-be-unknown.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports a score that has no value for people of whom an attribute is not known.
    ///
    /// ## Why it matters
    /// An offer without a score can be neither first nor last. Give the attribute a `default`, or ask with `has(…) ? …
    /// : …`.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: "profile.age > 40 ? 90 : 10" }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: "has(profile.age) && profile.age > 40 ? 90 : 10" }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static SCORE_MAY_BE_UNKNOWN = {
        code: "TW0320",
        name: "score-may-be-unknown",
        level: Guard,
        ja: r"## 何を調べるか
属性のわからない人に対して値が決まらないスコアを報告します。

## なぜ大切か
スコアのないオファーは、最初にも最後にもできません。属性に `default` を付けるか、`has(…) ? … : …` で調べてください。
",
        check: Check::Conditions,
    }
}
