//! Rule TW0704, personal-data-in-event.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that no event has a property with the name of an attribute that is marked `pii`.
    ///
    /// ## Why it matters
    /// Events are counted, logged and exported; a person's address has no business there. The profile is known anyway.
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
    ///   purchase: { category: buying, properties: { order_id: string, amount: number, email: string }, conversion: true }
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
    pub(crate) static PERSONAL_DATA_IN_EVENT = {
        code: "TW0704",
        name: "personal-data-in-event",
        level: Error,
        ja: r"## 何を調べるか
`pii` と宣言された属性と同じ名前のプロパティが、イベントにないことを調べます。

## なぜ大切か
イベントは集計され、記録され、書き出されます。個人の住所などを含めるべきではありません。
プロファイルはいずれにせよわかっています。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let home = ComponentId::new(Kind::Audience, "shared");
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for (event, it) in &channel.events {
            for property in it.properties.keys() {
                if !audience.attributes.get(property.as_str()).is_some_and(|it| it.pii) {
                    continue;
                }
                let message = say!(
                    en: "`{property}` is personal data and must not be in an event",
                    ja: "`{property}` は個人情報なので、イベントに含められません",
                );
                let related = cx.project.key_place(&home, &format!("attributes/{property}"));
                findings.push(
                    cx.at_key(
                        &PERSONAL_DATA_IN_EVENT,
                        &id,
                        &format!("events/{event}/properties/{property}"),
                        message,
                    )
                    .help(say!(
                        en: "leave it out: whose event it is is known by the key of the session",
                        ja: "削除してください。誰のイベントかはセッションのキーでわかります",
                    ))
                    .related(
                        related,
                        say!(en: "it is marked `pii` here", ja: "ここで `pii` と宣言されています"),
                    ),
                );
            }
        }
    }
}
