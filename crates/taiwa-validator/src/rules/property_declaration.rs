//! Rule TW0135, property-declaration.

use std::collections::BTreeSet;

use taiwa_model::{ComponentId, Kind, ValueType};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a property of an event can be what it is declared as: an enum lists its values, each once, and only an
    /// enum does.
    ///
    /// ## Why it matters
    /// An enum without values can never be posted; values of a text are checked by nobody.
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
    ///   plan_chosen: { category: buying, properties: { plan: { type: enum } } }
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
    ///   plan_chosen: { category: buying, properties: { plan: { type: enum, values: [monthly, yearly] } } }
    /// responses: { shown: shown, accepted: clicked }
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, shown, clicked, plan_chosen]
    /// ```
    pub(crate) static PROPERTY_DECLARATION = {
        code: "TW0135",
        name: "property-declaration",
        level: Error,
        ja: r"## 何を調べるか
イベントのプロパティが宣言どおりの型になれるかを調べます。列挙型は値を 1 度ずつ挙げ、値を挙げるのは列挙型だけです。

## なぜ大切か
値のない列挙型は送信できません。文字列に書かれた `values` は誰にも検査されません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        for (event, it) in &channel.events {
            for (property, it) in &it.properties {
                let path = format!("events/{event}/properties/{property}");
                if let Some((message, help)) = wrong(it.kind, &it.values) {
                    findings.push(cx.at_key(&PROPERTY_DECLARATION, &id, &path, message).help(help));
                }
            }
        }
    }
}

fn wrong(kind: ValueType, values: &[String]) -> Option<(Text, Text)> {
    let listed: BTreeSet<&String> = values.iter().collect();
    match (kind, values.is_empty()) {
        (ValueType::Enum, true) => Some((
            say!(en: "an enum lists its values", ja: "列挙型には `values` が必要です"),
            say!(en: "add `values: [a, b]`", ja: "`values: [a, b]` を加えてください"),
        )),
        (ValueType::Enum, false) if listed.len() < values.len() => Some((
            say!(en: "a value stands twice in this enum", ja: "この列挙型に同じ値が 2 度あります"),
            say!(en: "list each value once", ja: "値は 1 度ずつ挙げてください"),
        )),
        (ValueType::Enum, false) | (_, true) => None,
        (_, false) => Some((
            say!(en: "only an enum has `values`", ja: "`values` を持てるのは列挙型だけです"),
            say!(
                en: "write `type: enum`, or take the values out",
                ja: "`type: enum` と書くか、`values` を削除してください",
            ),
        )),
    }
}
