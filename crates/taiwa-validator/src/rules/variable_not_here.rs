//! Rule TW0322, variable-not-here.

use crate::Check;

rule! {
    /// ## What it does
    /// Reports `event`, or a variable of the session, where there is none: a contact policy is asked when something is
    /// sent, and nobody is in a session then.
    ///
    /// ## Why it matters
    /// The variable would have no value, and the condition would never be true.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// limits: [ { sent: 2, per: 1d } ]
    /// never: session.visits > 3
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/policies/calm.yaml
    /// title: Calm
    /// channels: [email]
    /// limits: [ { sent: 2, per: 1d } ]
    /// never: session.hour < 8
    /// ```
    pub(crate) static VARIABLE_NOT_HERE = {
        code: "TW0322",
        name: "variable-not-here",
        level: Guard,
        ja: r"## 何を調べるか
`event` やセッションの変数が、それらのない場所で使われているのを報告します。
コンタクトポリシーが評価されるのは送信のときで、セッション中の人はいません。

## なぜ大切か
変数に値がないため、条件が真になることはありません。
",
        check: Check::Conditions,
    }
}
