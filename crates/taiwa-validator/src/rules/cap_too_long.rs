//! Rule TW0532, cap-too-long.

use taiwa_model::{ComponentId, Kind, SpanOfTime};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that the window of a `cap`, and of a limit of a contact policy, is at most 400 days.
    ///
    /// ## Why it matters
    /// Windows say how much of each customer's history is kept; no longer than that is.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// cap: { shown: 3, per: 500d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// cap: { shown: 3, per: 365d }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static CAP_TOO_LONG = {
        code: "TW0532",
        name: "cap-too-long",
        level: Guard,
        ja: r"## 何を調べるか
`cap` の期間と、コンタクトポリシーの上限の期間が 400 日以内かを調べます。

## なぜ大切か
期間によって、顧客ごとに保存する履歴の長さが決まります。それより長くは保存されません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let long = |per: SpanOfTime| per > SpanOfTime::LONGEST_WINDOW;
    let mut push = |id: &ComponentId, path: &str, per: SpanOfTime| {
        let message = say!(
            en: "{per} are longer than the history that is kept",
            ja: "{per} は、保存される履歴の期間を超えています",
        );
        findings.push(
            cx.at(&CAP_TOO_LONG, id, path, message)
                .help(say!(en: "write at most `400d`", ja: "`400d` 以下にしてください")),
        );
    };
    for (name, offer) in &cx.components.offers {
        if let Some(cap) = offer.content.cap.filter(|it| long(it.per)) {
            push(&ComponentId::new(Kind::Offer, name.as_str()), "cap/per", cap.per);
        }
    }
    for (name, policy) in &cx.components.policies {
        let id = ComponentId::new(Kind::Policy, name.as_str());
        for (index, limit) in policy.content.limits.iter().enumerate().filter(|it| long(it.1.per)) {
            push(&id, &format!("limits/{index}/per"), limit.per);
        }
    }
}
