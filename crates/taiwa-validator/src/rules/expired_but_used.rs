//! Rule TW0502, expired-but-used.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds offers whose `until` is past, at the time of the check, and that a strategy still proposes.
    ///
    /// ## Why it matters
    /// The rule does nothing any more; people who read the strategy believe that it does.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { from: 2020-11-01, until: 2020-11-30 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { from: 2020-11-01, until: 2099-11-30 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static EXPIRED_BUT_USED = {
        code: "TW0502",
        name: "expired-but-used",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
確認の時点で `until` を過ぎているのに、ストラテジーがまだ提案しているオファーを見つけます。

## なぜ大切か
その割り当てはもう働きませんが、ストラテジーを読む人は働いていると思います。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, offer) in &cx.components.offers {
        let Some(until) = offer.content.valid.until else { continue };
        let Some(zones) = cx.index.zones_of_offer.get(name) else { continue };
        // One that ends before it begins has a mistake in its dates, which is said already.
        let begins = offer.content.valid.from.map(|it| it.begins(&cx.zone));
        let ends = until.ends(&cx.zone);
        if !cx.clock.has_passed(ends) || begins.is_some_and(|it| it >= ends) {
            continue;
        }
        let id = ComponentId::new(Kind::Offer, name.as_str());
        let places: Vec<String> =
            zones.iter().map(|(channel, zone)| format!("{channel}/{zone}")).collect();
        let message = say!(
            en: "offer `{name}` ended on {until} and is still proposed in {}",
            ja: "オファー `{name}` は {until} に終了しましたが、まだ {} で提案されています",
            Text::row(&places),
        );
        findings.push(cx.at(&EXPIRED_BUT_USED, &id, "valid/until", message).help(say!(
            en: "take its rules out of the strategy, or give it a later `until`",
            ja: "ストラテジーから該当する行を削除するか、`until` を後の日付にしてください",
        )));
    }
}
