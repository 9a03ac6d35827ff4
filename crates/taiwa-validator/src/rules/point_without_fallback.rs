//! Rule TW0505, point-without-fallback.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that every interaction point says what it shows when nobody is eligible: an offer, or `none`.
    ///
    /// ## Why it matters
    /// Sooner or later somebody comes for whom there is no offer. What they see then should be somebody's decision, not
    /// an accident.
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
    ///   banner: { zone: home, offers: 1 }
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
    pub(crate) static POINT_WITHOUT_FALLBACK = {
        code: "TW0505",
        name: "point-without-fallback",
        level: Error,
        ja: r"## 何を調べるか
すべてのインタラクションポイントに、
対象のオファーがないときに表示するもの (オファーまたは `none`) が書かれているかを調べます。

## なぜ大切か
いつか必ず、対象のオファーがない人が来ます。そのとき何を見せるかは、偶然ではなく人が決めることです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for (point, it) in &channel.interaction_points {
            let path = format!("interaction_points/{point}");
            if it.fallback.is_none() && !cx.is_written(&id, &format!("{path}/fallback")) {
                let message = say!(
                    en: "`{point}` does not say what it shows when nobody is eligible",
                    ja: "`{point}` に、対象のオファーがないときに表示するものが書かれていません",
                );
                let mut finding =
                    cx.at_key(&POINT_WITHOUT_FALLBACK, &id, &path, message)
                        .help(say!(
                            en: "add `fallback: OFFER`, or `fallback: none` to show nothing",
                            ja: "`fallback: OFFER` を加えるか、何も表示しないなら `fallback: none` と書いてください",
                        ));
                finding.fix = cx.project.add_entry(&id, &path, "fallback: none");
                findings.push(finding);
            }
        }
    }
}
