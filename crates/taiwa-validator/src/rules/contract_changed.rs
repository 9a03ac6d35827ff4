//! Rule TW1002, contract-changed.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{
    Audience, Channel, ChannelName, ComponentId, Components, Event, EventRef, FieldKind, FieldName,
    Kind, Property, PropertyName, ZoneName,
};
use taiwa_text::{Finding, Text, say};

use crate::{
    Check, Target,
    against::{Category, Comparison, Used, joined, lowered, narrowed},
};

rule! {
    /// ## What it does
    /// Finds changes of what touchpoints send and get: a property of an event that is gone, has another type, takes fewer
    /// values or became required; an interaction point that answers with fewer offers; a field of the answer that is gone
    /// or may be longer; another direction or medium of a channel; another key of an audience level; a locale that is
    /// gone.
    ///
    /// ## Why it matters
    /// The versions of an app that are installed now send what was asked for yesterday, and show what they were built
    /// for. What they send is refused, or what they get is shown with a hole. The way without a break is to add: a new
    /// property that may be left out, a new field beside the old one.
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
    ///   purchase: { category: buying, properties: { order_id: string, amount: number, shop: string }, conversion: true }
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
    ///   purchase:
    ///     category: buying
    ///     properties: { order_id: string, amount: number, shop: { type: string, required: false } }
    ///     conversion: true
    ///   shown: { category: reactions, properties: { offer: string } }
    ///   clicked: { category: reactions, properties: { offer: string } }
    /// responses: { shown: shown, accepted: clicked }
    /// ```
    pub(crate) static CONTRACT_CHANGED = {
        code: "TW1002",
        name: "contract-changed",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
タッチポイントが送るものと受け取るものの変更を探します。イベントのプロパティの削除、型の変更、値の減少、必須化、インタラクションポイントのオファー数の減少、応答のフィールドの削除や長さの増加、チャネルの方向や媒体の変更、オーディエンスのレベルのキーの変更、ロケールの削除です。

## なぜ大切か
いま入っているアプリは、昨日求められたものを送り、昨日の形に合わせて表示します。送ったものは拒否され、受け取ったものには穴があきます。壊さない方法は追加することです。省略できる新しいプロパティや、古いものと並ぶ新しいフィールドを加えます。",
        check: Check::Against(Category::Contract, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let (old, new) = (cx.old(), cx.new_components());
    for (name, was) in &old.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let Some(is) = new.channels.get(name).filter(|_| cx.is_comparable(&id)) else { continue };
        let mut side = Side { cx, id: &id, findings };
        if was != is {
            kind(&mut side, was, is);
            points(&mut side, name, was, is);
            events(&mut side, name, was, is);
        }
        answers(&mut side, name, was, is);
    }
    if let (Some(was), Some(is)) = (&old.audience, &new.audience)
        && was != is
    {
        let id = ComponentId::new(Kind::Audience, "shared");
        keys(&mut Side { cx, id: &id, findings }, was, is);
    }
    if let (Some(was), Some(is)) = (&old.workspace, &new.workspace) {
        let id = ComponentId::new(Kind::Workspace, "taiwa");
        for locale in was.locales.iter().filter(|it| !is.locales.contains(it)) {
            let message = say!(
                en: "the locale `{locale}` is gone: touchpoints that ask for it get `{}`",
                ja: "ロケール `{locale}` がなくなり、それを求めるタッチポイントには `{}` が返ります",
                is.locales.first().map_or("", |it| it.as_str())
            );
            let help = say!(en: "keep the locale", ja: "このロケールを残してください");
            Side { cx, id: &id, findings }.say("locales", message, help);
        }
    }
}

/// Where findings of one component go.
struct Side<'a, 'c> {
    cx: &'a Comparison<'c>,
    id: &'a ComponentId,
    findings: &'a mut Vec<Finding>,
}

impl Side<'_, '_> {
    fn say(&mut self, path: &str, message: Text, help: Text) {
        self.findings.push(self.made(path, message, help));
    }

    /// About something that touchpoints use; one step less grave where no touchpoint file names it.
    fn say_of(&mut self, used: &Used, path: &str, message: &Text, help: Text) {
        let finding = self.made(path, joined(message, &used.said()), help);
        self.findings.push(if used.is_declared() { finding } else { lowered(finding) });
    }

    fn made(&self, path: &str, message: Text, help: Text) -> Finding {
        self.cx.now.at_key(&CONTRACT_CHANGED, self.id, path, message).help(help)
    }
}

fn kind(side: &mut Side<'_, '_>, old: &Channel, new: &Channel) {
    if old.direction != new.direction {
        let message = say!(
            en: "the channel has another direction: touchpoints that ask it are told that it answers nobody",
            ja: "チャネルの方向が変わりました。問い合わせるタッチポイントには応答がありません"
        );
        side.say("direction", message, apart());
    }
    if old.medium != new.medium {
        let message = say!(
            en: "the channel has another medium: what providers report of the old one has no meaning any more",
            ja: "チャネルの媒体が変わりました。以前の媒体についての報告は意味を失います"
        );
        side.say("medium", message, apart());
    }
    for signal in old.interactions.keys().filter(|it| !new.interactions.contains_key(*it)) {
        if !new.interactions.is_empty() {
            let message = say!(
                en: "the signal `{signal}` is gone: providers that report it are refused",
                ja: "シグナル `{signal}` がなくなりました。これを報告する事業者は拒否されます"
            );
            let help = say!(en: "keep the signal", ja: "このシグナルを残してください");
            side.say("interactions", message, help);
        }
    }
}

fn apart() -> Text {
    say!(
        en: "make it a channel of its own beside the old one",
        ja: "以前のチャネルとは別のチャネルにしてください"
    )
}

fn points(side: &mut Side<'_, '_>, name: &ChannelName, old: &Channel, new: &Channel) {
    for (point, was) in &old.interaction_points {
        let Some(is) = new.interaction_points.get(point).filter(|it| *it != was) else { continue };
        if is.offers < was.offers {
            let used = side.cx.used(&Target::Point(name.clone(), point.clone()));
            let message = say!(
                en: "`{point}` answers with at most {} offers, {} before",
                ja: "`{point}` が返すオファーは最大 {} 件になりました(以前は {} 件)",
                is.offers, was.offers
            );
            let help = say!(
                en: "a touchpoint that lays out {} places shows some of them empty: change it first",
                ja: "{} 件分の場所をもつタッチポイントに空きができます。先にタッチポイントを変更してください",
                was.offers
            );
            side.say_of(&used, &format!("interaction_points/{point}/offers"), &message, help);
        }
    }
}

fn events(side: &mut Side<'_, '_>, name: &ChannelName, old: &Channel, new: &Channel) {
    for (event, was) in &old.events {
        let Some(is) = new.events.get(event).filter(|it| *it != was) else { continue };
        let used = side.cx.used(&Target::Event(EventRef::new(name.clone(), event.clone())));
        for (path, message, help) in properties(was, is) {
            let path = format!("events/{event}/properties{path}");
            side.say_of(&used, &path, &of_event(event.as_str(), &message), help);
        }
    }
}

fn of_event(event: &str, message: &Text) -> Text {
    use taiwa_text::Language::{En, Ja};
    Text::new(
        format!("event `{event}`: {}", message.to(En)),
        format!("イベント `{event}`: {}", message.to(Ja)),
    )
}

/// What changed for those who post an event: where, what, and what to do.
fn properties(old: &Event, new: &Event) -> Vec<(String, Text, Text)> {
    let mut said = Vec::new();
    for (name, was) in &old.properties {
        match new.properties.get(name) {
            None => said.push((String::new(), removed(name), keep())),
            Some(is) if is != was => said.extend(
                property(name, was, is).into_iter().map(|it| (format!("/{name}"), it.0, it.1)),
            ),
            Some(_) => {}
        }
    }
    for (name, is) in new.properties.iter().filter(|it| !old.properties.contains_key(it.0)) {
        if !is.optional {
            let message = say!(
                en: "the new property `{name}` is required: what is posted without it is refused",
                ja: "新しいプロパティ `{name}` は必須です。これのない送信は拒否されます"
            );
            said.push((format!("/{name}"), message, optional(name, is)));
        }
    }
    said
}

fn removed(name: &PropertyName) -> Text {
    say!(
        en: "the property `{name}` is gone: what touchpoints send in it is not read any more",
        ja: "プロパティ `{name}` がなくなり、タッチポイントが送る値は読まれなくなります"
    )
}

fn keep() -> Text {
    say!(en: "keep it with `required: false`", ja: "`required: false` を付けて残してください")
}

fn optional(name: &PropertyName, property: &Property) -> Text {
    let kind = property.kind.as_str();
    say!(
        en: "write `{name}: {{ type: {kind}, required: false }}`",
        ja: "`{name}: {{ type: {kind}, required: false }}` と書いてください"
    )
}

fn property(name: &PropertyName, old: &Property, new: &Property) -> Vec<(Text, Text)> {
    let mut said = Vec::new();
    if narrowed(old.kind, new.kind) {
        let (was, is) = (old.kind.as_str(), new.kind.as_str());
        let message = say!(
            en: "`{name}` is {is}, {was} before: what installed touchpoints send is refused",
            ja: "`{name}` の型が {was} から {is} に変わり、いまのタッチポイントの送信は拒否されます"
        );
        let help = say!(
            en: "add a property with another name instead",
            ja: "代わりに別の名前のプロパティを加えてください"
        );
        said.push((message, help));
    }
    let lost: Vec<&str> =
        old.values.iter().filter(|it| !new.values.contains(it)).map(String::as_str).collect();
    if !lost.is_empty() && !new.values.is_empty() {
        let lost = format!("`{}`", lost.join("`, `"));
        let message = say!(
            en: "`{name}` does not take {lost} any more",
            ja: "`{name}` は {lost} を受け付けなくなりました"
        );
        let help = say!(en: "keep the value", ja: "この値を残してください");
        said.push((message, help));
    }
    if old.optional && !new.optional {
        let message = say!(
            en: "`{name}` is required, and could be left out before",
            ja: "省略できた `{name}` が必須になりました"
        );
        said.push((message, optional(name, new)));
    }
    said
}

/// The fields that every answer of a zone had, and what became of them.
fn answers(side: &mut Side<'_, '_>, name: &ChannelName, old: &Channel, new: &Channel) {
    let was = Fields::new(side.cx.old(), name, old);
    let is = Fields::new(side.cx.new_components(), name, new);
    for (point, before) in &old.interaction_points {
        let Some(after) = new.interaction_points.get(point) else { continue };
        let (Some(before), Some(now)) = (was.zones.get(&before.zone), is.zones.get(&after.zone))
        else {
            continue;
        };
        let lost: Vec<&str> = before.difference(now).map(AsRef::as_ref).collect();
        if !lost.is_empty() {
            let used = side.cx.used(&Target::Point(name.clone(), point.clone()));
            let lost = format!("`{}`", lost.join("`, `"));
            let message = say!(
                en: "every answer of `{point}` had {lost}, and some have it no more",
                ja: "`{point}` のすべての応答にあった {lost} が、一部の応答からなくなりました"
            );
            let help = say!(
                en: "give every offer of the zone this field, and declare it under `content` of the zone",
                ja: "ゾーンのすべてのオファーにこのフィールドを与え、ゾーンの `content` で宣言してください"
            );
            side.say_of(&used, &format!("interaction_points/{point}"), &message, help);
        }
    }
    for (zone, was) in &old.zones {
        let Some(is) = new.zones.get(zone).filter(|it| it.content != was.content) else { continue };
        for (field, kind) in &was.content {
            let Some(now) = is.content.get(field).filter(|it| wider(kind, it)) else { continue };
            let message = say!(
                en: "the field `{field}` of the zone may be {}, and was promised to be {}",
                ja: "ゾーンのフィールド `{field}` は {} になり、約束は {} でした",
                words(now), words(kind)
            );
            let help = say!(
                en: "touchpoints laid it out for the old promise: add a field with another name instead",
                ja: "タッチポイントは以前の約束に合わせています。代わりに別の名前のフィールドを加えてください"
            );
            side.say(&format!("zones/{zone}/content/{field}"), message, help);
        }
    }
}

/// The fields that all answers have, by zone.
struct Fields<'a> {
    zones: BTreeMap<&'a ZoneName, BTreeSet<&'a FieldName>>,
}

impl<'a> Fields<'a> {
    fn new(components: &'a Components, name: &ChannelName, channel: &'a Channel) -> Self {
        let mut zones: BTreeMap<&ZoneName, BTreeSet<&FieldName>> = BTreeMap::new();
        let rules = components.strategies.get(name).into_iter().flat_map(|it| &it.rules);
        let proposed = rules.map(|it| (&it.zone, &it.offer));
        let points = channel.interaction_points.values();
        let fallbacks = points.filter_map(|it| Some((&it.zone, it.fallback.as_ref()?)));
        for (zone, offer) in proposed.chain(fallbacks) {
            let treatment =
                components.offers.get(offer).and_then(|it| it.content.treatments.get(name));
            for content in treatment.into_iter().flat_map(|it| it.values()) {
                let own: BTreeSet<&FieldName> = content.keys().collect();
                zones
                    .entry(zone)
                    .and_modify(|it| it.retain(|field| own.contains(field)))
                    .or_insert(own);
            }
        }
        Self { zones }
    }
}

/// Whether what is promised now holds things that the old promise ruled out.
const fn wider(old: &FieldKind, new: &FieldKind) -> bool {
    match (old, new) {
        (FieldKind::String { max: Some(old) }, FieldKind::String { max: Some(new) }) => *new > *old,
        (FieldKind::String { max: None }, FieldKind::String { max: _ } | FieldKind::Url)
        | (FieldKind::Url, FieldKind::Url)
        | (FieldKind::Number, FieldKind::Number)
        | (FieldKind::Bool, FieldKind::Bool)
        | (FieldKind::List, FieldKind::List) => false,
        _ => true,
    }
}

fn words(kind: &FieldKind) -> String {
    match kind {
        FieldKind::String { max: Some(max) } => format!("string({max})"),
        FieldKind::String { max: None } => "string".to_owned(),
        FieldKind::Url => "url".to_owned(),
        FieldKind::Number => "number".to_owned(),
        FieldKind::Bool => "bool".to_owned(),
        FieldKind::List => "list".to_owned(),
    }
}

fn keys(side: &mut Side<'_, '_>, old: &Audience, new: &Audience) {
    for was in &old.levels {
        let found = new.levels.iter().position(|it| it.name == was.name);
        let Some((at, is)) = found.and_then(|at| Some((at, new.levels.get(at)?))) else { continue };
        if is.key != was.key {
            let message = say!(
                en: "people of level `{}` are known by `{}`, and by `{}` before: touchpoints that send the old key are refused",
                ja: "レベル `{}` のキーが `{}` に変わりました(以前は `{}`)。古いキーを送るタッチポイントは拒否されます",
                was.name, is.key, was.key
            );
            let help = say!(en: "keep the key", ja: "キーを元のままにしてください");
            side.say(&format!("levels/{at}/key"), message, help);
        }
    }
}
