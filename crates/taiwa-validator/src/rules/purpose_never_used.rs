//! Rule TW0711, purpose-never-used.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Stage, Target};

rule! {
    /// ## What it does
    /// Finds consent purposes that no channel, message, offer, policy, condition or scenario names.
    ///
    /// ## Why it matters
    /// People are asked for a consent that nothing needs; the law wants the opposite.
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
    /// consent:
    ///   marketing-email: { default: denied }
    ///   horoscopes: { default: denied }
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
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    pub(crate) static PURPOSE_NEVER_USED = {
        code: "TW0711",
        name: "purpose-never-used",
        level: Info,
        ja: r"## 何を調べるか
どのチャネル、メッセージ、オファー、ポリシー、条件、シナリオからも使われていない同意の目的を見つけます。

## なぜ大切か
何にも必要のない同意を求めることになります。法律が求めるのはその逆です。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // A release may hold a part of the workspace: what is used is asked of the whole.
    if cx.options.stage != Stage::Edit {
        return;
    }
    let Some(audience) = &cx.components.audience else { return };
    let id = ComponentId::new(Kind::Audience, "shared");
    // A purpose that is misspelt somewhere may be this one.
    let mut named = cx.references.iter().filter(|it| matches!(it.to, Target::Purpose(_)));
    if named.any(|it| !cx.is_declared(&it.to)) {
        return;
    }
    for purpose in audience.consent.keys() {
        let target = Target::Purpose(purpose.clone());
        if cx.references_to(&target).next().is_some() || cx.may_be_meant(purpose.as_str()) {
            continue;
        }
        let message = say!(
            en: "nothing needs the consent purpose `{purpose}`",
            ja: "同意の目的 `{purpose}` はどこでも必要とされていません",
        );
        findings.push(
            cx.at_key(&PURPOSE_NEVER_USED, &id, &format!("consent/{purpose}"), message).help(say!(
                en: "name it as `consent` of what needs it, or do not ask for it",
                ja: "必要とするものの `consent` に書くか、求めるのをやめてください",
            )),
        );
    }
}
