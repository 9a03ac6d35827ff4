//! Rule TW0518, no-treatment.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that an offer has a treatment for every channel whose strategy proposes it.
    ///
    /// ## Why it matters
    /// The offer would win and there would be nothing to show.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// consent: marketing-email
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   email: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static NO_TREATMENT = {
        code: "TW0518",
        name: "no-treatment",
        level: Guard,
        ja: r"## 何を調べるか
ストラテジーが提案するすべてのチャネルについて、オファーにトリートメントがあるかを調べます。

## なぜ大切か
オファーが選ばれても、表示するものがありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        for (index, rule) in strategy.rules.iter().enumerate() {
            let Some(offer) = cx.components.offers.get(&rule.offer) else { continue };
            if offer.content.treatments.contains_key(channel) {
                continue;
            }
            let home = ComponentId::new(Kind::Offer, rule.offer.as_str());
            let message = say!(
                en: "offer `{}` has no treatment for `{channel}`",
                ja: "オファー `{}` に、`{channel}` のトリートメントがありません",
                rule.offer,
            );
            findings.push(
                cx.at(&NO_TREATMENT, &id, &format!("rules/{index}/offer"), message)
                    .help(say!(
                        en: "add `{channel}` to `treatments` of the offer",
                        ja: "オファーの `treatments` に `{channel}` を加えてください",
                    ))
                    .related(
                        cx.project.key_place(&home, "treatments"),
                        say!(en: "its treatments", ja: "トリートメントの定義"),
                    ),
            );
        }
    }
}
