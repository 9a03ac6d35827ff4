//! Rule TW0516, content-of-the-zone.

use std::collections::BTreeSet;
use taiwa_model::{ChannelName, ComponentId, FieldKind, Kind, OfferName, Value, ZoneName};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, placeholder::without_placeholders};

rule! {
    /// ## What it does
    /// Checks the treatments of an offer against the fields that the zones declare in which it is shown: each field is
    /// there, of the declared kind, and not longer than allowed, counted in characters.
    ///
    /// ## Why it matters
    /// The touchpoint has room for forty characters. The forty-first is cut off, on the customer's screen.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page, content: { headline: string(10) } }
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
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste the new espresso } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page, content: { headline: string(10) } }
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
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static CONTENT_OF_THE_ZONE = {
        code: "TW0516",
        name: "content-of-the-zone",
        level: Error,
        ja: r"## 何を調べるか
オファーのトリートメントを、表示先のゾーンが宣言した項目と照らし合わせます。すべての項目があり、種類が合い、
文字数が上限以内であることを確かめます。

## なぜ大切か
タッチポイントに 40 文字分の場所しかなければ、41 文字目は顧客の画面で切れてしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel_name, channel) in &cx.components.channels {
        for (zone_name, zone) in channel.zones.iter().filter(|it| !it.1.content.is_empty()) {
            for offer_name in shown(cx, channel_name, zone_name) {
                let Some(offer) = cx.components.offers.get(&offer_name) else { continue };
                let Some(treatment) = offer.content.treatments.get(channel_name) else { continue };
                let id = ComponentId::new(Kind::Offer, offer_name.as_str());
                let home = ComponentId::new(Kind::Channel, channel_name.as_str());
                for (locale, content) in treatment {
                    for (field, kind) in &zone.content {
                        let path = format!("treatments/{channel_name}/{locale}");
                        let at = format!("{path}/{field}");
                        let value = content.get(field);
                        let unread = value.is_none() && cx.is_written(&id, &at);
                        let Some(message) = misfit(value, field.as_str(), kind).filter(|_| !unread)
                        else {
                            continue;
                        };
                        let declared =
                            cx.place(&home, &format!("zones/{zone_name}/content/{field}"));
                        let finding = if content.contains_key(field) {
                            cx.at(&CONTENT_OF_THE_ZONE, &id, &at, message)
                                .help(way_out(field.as_str(), kind))
                        } else {
                            cx.at_key(&CONTENT_OF_THE_ZONE, &id, &path, message).help(say!(
                                en: "add `{field}: …`, {}",
                                ja: "`{field}: …` に{}を書いて加えてください",
                                wanted(kind),
                            ))
                        };
                        let related = say!(
                            en: "the zone `{zone_name}` declares it here",
                            ja: "ゾーン `{zone_name}` がここで宣言しています",
                        );
                        findings.push(finding.related(declared, related));
                    }
                }
            }
        }
    }
}

/// The offers that may be seen in a zone: proposed there, or the fallback of one of its points.
fn shown(cx: &Context<'_>, channel: &ChannelName, zone: &ZoneName) -> BTreeSet<OfferName> {
    let strategy = cx.components.strategies.get(channel);
    let rules = strategy.into_iter().flat_map(|it| &it.rules).filter(|it| it.zone == *zone);
    let points = cx.components.channels.get(channel);
    let points = points.into_iter().flat_map(|it| it.interaction_points.values());
    let fallbacks = points.filter(|it| it.zone == *zone).filter_map(|it| it.fallback.clone());
    rules.map(|it| it.offer.clone()).chain(fallbacks).collect()
}

fn misfit(value: Option<&Value>, field: &str, kind: &FieldKind) -> Option<Text> {
    let Some(value) = value else {
        return Some(say!(en: "the field `{field}` is missing", ja: "項目 `{field}` がありません"));
    };
    match (kind, value) {
        (FieldKind::String { max }, Value::Text(text)) => {
            let characters = without_placeholders(text).chars().count();
            let max = max.filter(|it| characters > *it as usize)?;
            Some(say!(
                en: "`{field}` has {characters} characters, {max} are allowed",
                ja: "`{field}` は {characters} 文字あります。書けるのは {max} 文字までです",
            ))
        }
        (FieldKind::Url, Value::Text(text)) => {
            let fits = text.starts_with("https://") || text.starts_with('/');
            (!fits).then(
                || say!(en: "`{field}` is no address", ja: "`{field}` はアドレスではありません"),
            )
        }
        (FieldKind::Number, Value::Int(_) | Value::Number(_))
        | (FieldKind::Bool, Value::Bool(_))
        | (FieldKind::List, Value::Texts(_) | Value::Ints(_)) => None,
        _ => {
            Some(say!(en: "`{field}` is not {}", ja: "`{field}` は{}ではありません", wanted(kind)))
        }
    }
}

fn wanted(kind: &FieldKind) -> Text {
    match kind {
        FieldKind::String { .. } => say!(en: "a text", ja: "文字列"),
        FieldKind::Url => say!(en: "an address", ja: "アドレス"),
        FieldKind::Number => say!(en: "a number", ja: "数値"),
        FieldKind::Bool => say!(en: "true or false", ja: "真偽値"),
        FieldKind::List => say!(en: "a list", ja: "リスト"),
    }
}

fn way_out(field: &str, kind: &FieldKind) -> Text {
    match kind {
        FieldKind::String { max: Some(max) } => {
            say!(
                en: "write at most {max} characters, or let the zone allow more",
                ja: "{max} 文字以内で書くか、ゾーンの上限を増やしてください",
            )
        }
        FieldKind::Url => {
            say!(
                en: "write `https://…`, or a path such as `/offers`",
                ja: "`https://…` または `/offers` のようなパスを書いてください",
            )
        }
        other => {
            say!(en: "give `{field}` {}", ja: "`{field}` には{}を書いてください", wanted(other))
        }
    }
}
