//! Rule TW0605, channel-without-goal.

use taiwa_model::{ComponentId, Direction, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that every inbound channel names the goal that it serves.
    ///
    /// ## Why it matters
    /// Without a goal nobody can say whether what the channel does is any good.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
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
    pub(crate) static CHANNEL_WITHOUT_GOAL = {
        code: "TW0605",
        name: "channel-without-goal",
        level: Error,
        ja: r"## 何を調べるか
すべてのインバウンドチャネルに、取り組む目標が書かれているかを調べます。

## なぜ大切か
目標がなければ、チャネルの活動が役に立っているかどうかを誰も判断できません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let inbound = channel.direction == Direction::Inbound;
        if inbound && channel.goal.is_none() && !cx.is_written(&id, "goal") {
            findings.push(
                cx.at(&CHANNEL_WITHOUT_GOAL, &id, "", say!(
                    en: "channel `{name}` serves no goal",
                    ja: "チャネル `{name}` に目標がありません",
                ))
                    .help(say!(
                        en: "add `goal: NAME`, and a file for it in `channels/shared/goals/`",
                        ja: "`goal: NAME` を加え、`channels/shared/goals/` にそのファイルを書いてください",
                    )),
            );
        }
    }
}
