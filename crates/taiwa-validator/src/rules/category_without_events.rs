//! Rule TW0213, category-without-events.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds event categories that no event of the channel is in.
    ///
    /// ## Why it matters
    /// Reports show an empty group, and often an event was meant to be in it.
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
    ///   browsing: { title: Browsing }
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
    pub(crate) static CATEGORY_WITHOUT_EVENTS = {
        code: "TW0213",
        name: "category-without-events",
        level: Info,
        ja: r"## 何を調べるか
チャネルのどのイベントも属していないイベントカテゴリーを見つけます。

## なぜ大切か
レポートに空のグループが表示されます。どれかのイベントを入れるつもりだったことも少なくありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        // An event whose category is misspelt may have meant this one.
        let misspelt =
            channel.events.values().any(|it| !channel.categories.contains_key(&it.category));
        if misspelt || cx.is_doubtful(&id) {
            continue;
        }
        for category in channel.categories.keys() {
            if channel.events.values().any(|it| it.category == *category) {
                continue;
            }
            let message = say!(
                en: "no event is in the category `{category}`",
                ja: "カテゴリー `{category}` に属するイベントがありません",
            );
            findings.push(
                cx.at_key(
                    &CATEGORY_WITHOUT_EVENTS,
                    &id,
                    &format!("categories/{category}"),
                    message,
                )
                .help(say!(
                    en: "put an event into it, or delete it",
                    ja: "イベントを入れるか、削除してください",
                )),
            );
        }
    }
}
