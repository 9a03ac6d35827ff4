//! Rule TW0509, fewer-offers-than-places.

use std::collections::{BTreeMap, BTreeSet};
use taiwa_model::{ComponentId, Kind, OfferName, ZoneName};
use taiwa_text::{Finding, say};

use crate::{Check, Context, ranking::most_filled};

rule! {
    /// ## What it does
    /// Finds interaction points that show more offers than the strategy proposes in their zone, or than anybody may get of
    /// them at once.
    ///
    /// ## Why it matters
    /// The last places are empty for everybody, whoever comes.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page }
    /// interaction_points:
    ///   banner: { zone: home, offers: 5, fallback: brand }
    /// categories:
    ///   buying: { title: Buying }
    ///   reactions: { title: Reactions }
    /// events:
    ///   purchase: { category: buying, properties: { order_id: string, amount: number }, conversion: true }
    ///   shown: { category: reactions, properties: { offer: string } }
    ///   clicked: { category: reactions, properties: { offer: string } }
    /// responses: { shown: shown, accepted: clicked }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page }
    /// interaction_points:
    ///   banner: { zone: home, offers: 2, fallback: brand }
    /// categories:
    ///   buying: { title: Buying }
    ///   reactions: { title: Reactions }
    /// events:
    ///   purchase: { category: buying, properties: { order_id: string, amount: number }, conversion: true }
    ///   shown: { category: reactions, properties: { offer: string } }
    ///   clicked: { category: reactions, properties: { offer: string } }
    /// responses: { shown: shown, accepted: clicked }
    /// ```
    pub(crate) static FEWER_OFFERS_THAN_PLACES = {
        code: "TW0509",
        name: "fewer-offers-than-places",
        level: Warning,
        ja: r"## 何を調べるか
ゾーンでストラテジーが提案するオファーの数より多くを表示しようとするインタラクションポイントを見つけます。

## なぜ大切か
誰が来ても、最後の場所はいつも空いたままです。
",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let Some(strategy) = cx.components.strategies.get(name) else { continue };
        let mut proposed: BTreeMap<&ZoneName, BTreeSet<&OfferName>> = BTreeMap::new();
        for rule in &strategy.rules {
            proposed.entry(&rule.zone).or_default().insert(&rule.offer);
        }
        for (point, it) in &channel.interaction_points {
            let offers = proposed.get(&it.zone).map_or(0, BTreeSet::len);
            // A zone without any rule is said by TW0521.
            if offers > 0 && offers < it.offers as usize {
                let message = say!(
                    en: "`{point}` shows {} offers, its zone `{}` has {offers}",
                    ja: "`{point}` は {} 件のオファーを表示しますが、ゾーン `{}` のオファーは {offers} 件です",
                    it.offers,
                    it.zone,
                );
                findings.push(
                    cx.at(
                        &FEWER_OFFERS_THAN_PLACES,
                        &id,
                        &format!("interaction_points/{point}/offers"),
                        message,
                    )
                    .help(say!(
                        en: "write `offers: {offers}`, or add rules for the zone",
                        ja: "`offers: {offers}` と書くか、ゾーンに割り当てを加えてください",
                    )),
                );
            }
        }
    }
    for_nobody(cx, findings);
}

/// Points with places that the conditions of the offers leave empty, whoever comes.
fn for_nobody(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for zone in analysis.zones.iter().filter(|it| it.places() > 1) {
        let id = ComponentId::new(Kind::Channel, zone.channel.as_str());
        for (point, places) in &zone.points {
            if zone.candidates.len() < *places {
                continue;
            }
            let filled =
                analysis.ask(&id, |meanings| most_filled(analysis, meanings, zone, *places));
            let Some(filled) = filled.filter(|it| (1..*places).contains(it)) else { continue };
            let message = say!(
                en: "`{point}` shows {places} offers, and nobody may get more than {filled} of them at once",
                ja: "`{point}` は {places} 件を表示しますが、同時に {filled} 件を超えて受け取れる人はいません"
            );
            let help = say!(
                en: "write `offers: {filled}`, or add rules for people who have too few",
                ja: "`offers: {filled}` と書くか、足りない人に向けたルールを加えます"
            );
            let path = format!("interaction_points/{point}/offers");
            findings.push(cx.at(&FEWER_OFFERS_THAN_PLACES, &id, &path, message).help(help));
        }
    }
}
