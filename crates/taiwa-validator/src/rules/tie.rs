//! Rule TW0510, tie.

use std::collections::BTreeMap;

use taiwa_model::{ComponentId, Kind, OfferName, Score};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds two offers for the same segment in the same zone with the same written score and the same value.
    ///
    /// ## Why it matters
    /// Which of the two is shown is then decided by their names, always for the same one.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: sale, score: 40 }
    ///   - { zone: home, segment: gold, offer: twin, score: 40 }
    ///   - { zone: home, segment: everyone, offer: kit, score: 10 }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/twin.yaml
    /// title: Twin
    /// value: 5
    /// treatments:
    ///   web-store: { en: { headline: Me too } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static TIE = {
        code: "TW0510",
        name: "tie",
        level: Info,
        ja: r"## 何を調べるか
同じゾーンの同じセグメントに対して、書かれたスコアと価値がどちらも同じ 2 つのオファーを見つけます。

## なぜ大切か
どちらが表示されるかは名前の順で決まり、いつも同じほうになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        let value =
            |offer: &OfferName| cx.components.offers.get(offer).map_or(0.0, |it| it.content.value);
        let mut seen: BTreeMap<_, &OfferName> = BTreeMap::new();
        for (index, rule) in strategy.rules.iter().enumerate() {
            let Score::Fixed(score) = rule.score else { continue };
            let worth = (score.to_bits(), value(&rule.offer).to_bits());
            let key = (&rule.zone, &rule.segment, worth);
            let first = *seen.entry(key).or_insert(&rule.offer);
            if *first == rule.offer {
                continue;
            }
            let message = say!(
                en: "`{}` and `{}` have the same score and value here: the name decides",
                ja: "`{}` と `{}` のスコアと価値が同じなので、名前の順で決まります",
                first,
                rule.offer,
            );
            findings.push(cx.at(&TIE, &id, &format!("rules/{index}/score"), message).help(say!(
                en: "give the one that should win a higher score",
                ja: "優先するほうのスコアを高くしてください",
            )));
        }
    }
}
