//! Rule TW0521, idle-zone.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds zones of inbound channels without an interaction point, or without a rule that proposes something there.
    ///
    /// ## Why it matters
    /// Nothing is ever shown in it, or only the fallback.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page }
    ///   footer: { title: Bottom of the page }
    /// interaction_points:
    ///   banner: { zone: home, offers: 1, fallback: brand }
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
    ///   banner: { zone: home, offers: 1, fallback: brand }
    /// categories:
    ///   buying: { title: Buying }
    ///   reactions: { title: Reactions }
    /// events:
    ///   purchase: { category: buying, properties: { order_id: string, amount: number }, conversion: true }
    ///   shown: { category: reactions, properties: { offer: string } }
    ///   clicked: { category: reactions, properties: { offer: string } }
    /// responses: { shown: shown, accepted: clicked }
    /// ```
    pub(crate) static IDLE_ZONE = {
        code: "TW0521",
        name: "idle-zone",
        level: Warning,
        ja: r"## 何を調べるか
インバウンドチャネルのゾーンのうち、インタラクションポイントがないもの、または提案の割り当てがないものを見つけます。

## なぜ大切か
何も表示されないか、フォールバックしか表示されません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let rules =
            cx.components.strategies.get(name).map(|it| it.rules.as_slice()).unwrap_or_default();
        for zone in channel.zones.keys().filter(|it| !cx.may_be_meant(it.as_str())) {
            let has_point = channel.interaction_points.values().any(|it| it.zone == *zone);
            let has_rule = rules.iter().any(|it| it.zone == *zone);
            let (message, help) = match (has_point, has_rule) {
                (true, true) => continue,
                (false, _) => (
                    say!(
                        en: "no interaction point shows the zone `{zone}`",
                        ja: "ゾーン `{zone}` を表示するインタラクションポイントがありません",
                    ),
                    say!(
                        en: "add a point, or delete the zone",
                        ja: "インタラクションポイントを加えるか、このゾーンを削除してください",
                    ),
                ),
                (true, false) => (
                    say!(
                        en: "no rule proposes anything in the zone `{zone}`",
                        ja: "ゾーン `{zone}` に提案の割り当てがありません",
                    ),
                    say!(en: "add a rule to `strategy.yaml`", ja: "`strategy.yaml` に割り当てを加えてください"),
                ),
            };
            findings.push(cx.at_key(&IDLE_ZONE, &id, &format!("zones/{zone}"), message).help(help));
        }
    }
}
