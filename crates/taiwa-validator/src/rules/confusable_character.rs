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
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   points: { type: int, default: 0 }
    ///   cоlour: { type: string }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   points: { type: int, default: 0 }
    ///   colour: { type: string }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    pub(crate) static CONFUSABLE_CHARACTER = {
        code: "TW0011",
        name: "confusable-character",
        level: Guard,
        ja: r"## 何を調べるか
名前に含まれる、見えない文字や別の文字に見える文字を報告します。たとえば `gold` の中のキリル文字 `о` や、
幅のない空白です。

## なぜ大切か
画面では正しい名前に見えても、実際は別の名前です。参照しても見つかりません。
",
        check: Check::Reader,
    }
}
