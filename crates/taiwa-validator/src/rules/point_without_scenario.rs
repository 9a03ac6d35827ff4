//! Rule TW0613, point-without-scenario.

use std::collections::BTreeSet;

use taiwa_model::{ChannelName, ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Stage, Target};

rule! {
    /// ## What it does
    /// Finds interaction points that no scenario asks for, in channels that have scenarios.
    ///
    /// ## Why it matters
    /// Whatever a change does to this point, every scenario stays green.
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
    ///   banner: { zone: home, offers: 1, fallback: brand }
    ///   footer: { zone: home, offers: 1, fallback: none }
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
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner, footer]
    ///   events: [purchase, shown, clicked]
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
    pub(crate) static POINT_WITHOUT_SCENARIO = {
        code: "TW0613",
        name: "point-without-scenario",
        level: Info,
        ja: r"## 何を調べるか
シナリオのあるチャネルで、どのシナリオからも呼ばれていないインタラクションポイントを見つけます。

## なぜ大切か
変更がこのポイントに何をもたらしても、シナリオはすべて成功したままです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    if cx.options.stage != Stage::Edit {
        return;
    }
    let asked = cx.references.iter().filter(|it| it.from.kind == Kind::Scenario).map(|it| &it.to);
    let asked: BTreeSet<&Target> = asked.filter(|it| matches!(it, Target::Point(..))).collect();
    // A point that a scenario misspells may be this one.
    let unknown: BTreeSet<&ChannelName> =
        asked.iter().filter(|it| !cx.is_declared(it)).filter_map(|it| it.channel()).collect();
    let tested: BTreeSet<&ChannelName> = asked.iter().filter_map(|it| it.channel()).collect();
    for (name, channel) in &cx.components.channels {
        if !tested.contains(name) || unknown.contains(name) {
            continue;
        }
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for point in channel.interaction_points.keys() {
            let target = Target::Point(name.clone(), point.clone());
            if asked.contains(&target) || cx.may_be_meant(point.as_str()) {
                continue;
            }
            let message = say!(
                en: "no scenario asks for `{point}`",
                ja: "`{point}` を呼ぶシナリオがありません",
            );
            let path = format!("interaction_points/{point}");
            findings.push(cx.at_key(&POINT_WITHOUT_SCENARIO, &id, &path, message).help(say!(
                en: "add a step such as `- offers: {{ point: {point}, expect: [OFFER] }}`",
                ja: "`- offers: {{ point: {point}, expect: [OFFER] }}` のようなステップを加えてください",
            )));
        }
    }
}
