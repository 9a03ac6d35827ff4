//! Rule TW0212, event-of-no-use.

use taiwa_model::{ComponentId, EventRef, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Stage, Target};

rule! {
    /// ## What it does
    /// Finds events that no touchpoint of their channel posts and that nothing reads: no condition, goal, response or
    /// scenario. Channels without a touchpoint are left alone.
    ///
    /// ## Why it matters
    /// Such an event was forgotten by its touchpoint, or is left over; developers build against the list.
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
    /// categories:
    ///   buying: { title: Buying }
    ///   reactions: { title: Reactions }
    /// events:
    ///   purchase: { category: buying, properties: { order_id: string, amount: number }, conversion: true }
    ///   shown: { category: reactions, properties: { offer: string } }
    ///   clicked: { category: reactions, properties: { offer: string } }
    ///   gift_chosen: { category: buying, properties: { sku: string } }
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
    pub(crate) static EVENT_OF_NO_USE = {
        code: "TW0212",
        name: "event-of-no-use",
        level: Warning,
        ja: r"## 何を調べるか
チャネルのどのタッチポイントも送らず、条件、目標、反応、シナリオのどれも読まないイベントを見つけます。タッチポイントのないチャネルは対象外です。

## なぜ大切か
タッチポイントに書き忘れたか、使われなくなったイベントです。開発者はこの一覧を見て作ります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // A release may hold a part of the workspace: what is used is asked of the whole.
    if cx.options.stage != Stage::Edit {
        return;
    }
    for (name, channel) in cx.components.channels.iter().filter(|it| cx.has_touchpoint(it.0)) {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for event in channel.events.keys() {
            let target = Target::Event(EventRef::new(name.clone(), event.clone()));
            if cx.references_to(&target).next().is_some() || cx.may_be_meant(event.as_str()) {
                continue;
            }
            let message = say!(
                en: "nobody posts the event `{event}`, and nothing reads it",
                ja: "イベント `{event}` はどこからも送られず、どこからも読まれていません",
            );
            findings.push(
                cx.at_key(&EVENT_OF_NO_USE, &id, &format!("events/{event}"), message).help(say!(
                    en: "add it to `uses` of the touchpoint that posts it, or delete it",
                    ja: "送信するタッチポイントの `uses` に加えるか、削除してください",
                )),
            );
        }
    }
}
