//! Rule TW0614, shown-but-never-accepted.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds channels that say which event shows an offer, and not which one accepts it.
    ///
    /// ## Why it matters
    /// Every offer then looks as if nobody ever took it: acceptance rates stay at nothing, and `accepted(…)` is never
    /// true.
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
    /// responses: { shown: shown }
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
    pub(crate) static SHOWN_BUT_NEVER_ACCEPTED = {
        code: "TW0614",
        name: "shown-but-never-accepted",
        level: Warning,
        ja: r"## 何を調べるか
オファーの表示を示すイベントはあるのに、受諾を示すイベントがないチャネルを見つけます。

## なぜ大切か
どのオファーも誰にも選ばれていないように見えます。受諾率は 0 のままで、`accepted(…)` が真になることもありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let responses = &channel.responses;
        let written = cx.is_written(&id, "responses/accepted");
        if responses.shown.is_empty() || !responses.accepted.is_empty() || written {
            continue;
        }
        let message = say!(
            en: "`{name}` says when an offer is shown, and not when it is accepted",
            ja: "`{name}` では、オファーの表示は分かりますが、受諾が分かりません",
        );
        findings.push(cx.at_key(&SHOWN_BUT_NEVER_ACCEPTED, &id, "responses", message).help(say!(
            en: "add `accepted: EVENT`",
            ja: "`accepted: EVENT` を加えてください",
        )));
    }
}
