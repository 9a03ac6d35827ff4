//! Rule TW0707, granted-without-basis.

use taiwa_model::{ComponentId, ConsentDefault, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a consent purpose is granted by default only with `basis: contract` or `basis: legal`.
    ///
    /// ## Why it matters
    /// Who has said nothing has not agreed. Only what a contract or a law demands may be sent without asking.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: granted }
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
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    ///   service-notice: { default: granted, basis: contract }
    /// ```
    pub(crate) static GRANTED_WITHOUT_BASIS = {
        code: "TW0707",
        name: "granted-without-basis",
        level: Error,
        ja: r"## 何を調べるか
同意の目的が最初から同意済みとされるのは、`basis: contract` か `basis: legal` がある場合だけであることを調べます。

## なぜ大切か
何も言わなかった人は、同意していません。確認せずに送れるのは、契約や法律が求めるものだけです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let id = ComponentId::new(Kind::Audience, "shared");
    for (purpose, it) in &audience.consent {
        if it.default == ConsentDefault::Granted && it.basis.is_none() {
            findings.push(
                cx.at(
                    &GRANTED_WITHOUT_BASIS,
                    &id,
                    &format!("consent/{purpose}/default"),
                    say!(
                        en: "`{purpose}` is granted without a basis",
                        ja: "`{purpose}` が根拠なしに同意済みとされています",
                    ),
                )
                .help(say!(
                    en: "write `default: denied`, or name the `basis`: `contract` or `legal`",
                    ja: "`default: denied` と書くか、`basis` に `contract` か `legal` を書いてください",
                )),
            );
        }
    }
}
