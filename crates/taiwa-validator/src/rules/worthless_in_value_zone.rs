//! Rule TW0520, worthless-in-value-zone.

use taiwa_model::{Arbitration, ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds offers without a `value` in zones whose winner is found by value.
    ///
    /// ## Why it matters
    /// Score times nothing is nothing: the offer is last, whatever its score.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// arbitration: { home: value }
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: brand, score: 40 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// arbitration: { home: value }
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static WORTHLESS_IN_VALUE_ZONE = {
        code: "TW0520",
        name: "worthless-in-value-zone",
        level: Warning,
        ja: r"## 何を調べるか
価値で勝者を決めるゾーンにある、`value` のないオファーを見つけます。

## なぜ大切か
スコアに 0 を掛けても 0 です。スコアがいくつでも、そのオファーは最後になります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        let by_value = |zone| strategy.arbitration.get(zone) == Some(&Arbitration::Value);
        for (index, rule) in strategy.rules.iter().enumerate().filter(|it| by_value(&it.1.zone)) {
            let Some(offer) = cx.components.offers.get(&rule.offer) else { continue };
            // A negative value is a price that somebody decided to pay, and comes last on purpose.
            if offer.content.value.abs() > 0.0 {
                continue;
            }
            let home = ComponentId::new(Kind::Offer, rule.offer.as_str());
            if cx.is_doubtful(&home) {
                continue;
            }
            let message = say!(
                en: "`{}` is worth nothing, and the zone `{}` is decided by value",
                ja: "`{}` の価値は 0 ですが、ゾーン `{}` の勝者は価値で決まります",
                rule.offer,
                rule.zone,
            );
            findings.push(
                cx.at(&WORTHLESS_IN_VALUE_ZONE, &id, &format!("rules/{index}/offer"), message)
                    .help(say!(
                        en: "give the offer a `value`, or let the zone be decided by `score`",
                        ja: "オファーに `value` を付けるか、ゾーンを `score` で決めてください",
                    ))
                    .related(cx.place(&home, ""), say!(en: "the offer", ja: "オファー")),
            );
        }
    }
}
