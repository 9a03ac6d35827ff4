//! Rule TW1001, contract-removed.

use taiwa_model::{Channel, ChannelName, ComponentId, EventRef, Kind};
use taiwa_text::{Finding, Text, say};

use crate::{
    Check, Target,
    against::{Category, Comparison, Gone, Used, gone, joined, lowered},
};

rule! {
    /// ## What it does
    /// Finds channels, interaction points, zones and events that were there and are gone, or that only bear another name
    /// now, and names the touchpoints that use them.
    ///
    /// ## Why it matters
    /// An app that is installed on telephones asks for the old name tomorrow, too. It gets an error instead of an offer,
    /// and what its visitors do is not counted any more. Where no touchpoint file names the thing, nobody knows whether
    /// somebody uses it, and the finding is one step less grave.
    ///
    /// ## Bad
    /// ```yaml
    /// # before channels/web-store/channel.yaml
    /// title: Web store
    /// direction: inbound
    /// goal: sales
    /// zones:
    ///   home: { title: Home page }
    /// interaction_points:
    ///   banner: { zone: home, offers: 1, fallback: brand }
    ///   banner-2: { zone: home, offers: 1, fallback: brand }
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
    /// # before channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner, banner-2]
    ///   events: [purchase, shown, clicked]
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, shown, clicked]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # before channels/web-store/channel.yaml
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
    /// responses: { shown: shown }
    /// ```
    ///
    /// ```yaml
    /// # before channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, shown]
    /// ```
    ///
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, shown, clicked]
    /// ```
    pub(crate) static CONTRACT_REMOVED = {
        code: "TW1001",
        name: "contract-removed",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
以前あったチャネル、インタラクションポイント、ゾーン、イベントのうち、なくなったもの、または名前だけが変わったものを探し、それを使うタッチポイントを示します。

## なぜ大切か
端末に入っているアプリは、明日も古い名前で問い合わせます。オファーの代わりにエラーを受け取り、訪問者の行動は数えられなくなります。タッチポイントのファイルに記載がないものは、誰が使っているかわからないため、重大度が一段下がります。",
        check: Check::Against(Category::Contract, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let new = &cx.new_components().channels;
    for it in gone(&cx.old().channels, new) {
        let id = ComponentId::new(Kind::Channel, it.name.as_str());
        if cx.is_comparable(&id) {
            let thing =
                Thing { id: &id, path: "", map: "title", target: Target::Channel(it.name.clone()) };
            findings.push(thing.found(cx, it.renamed.map(ChannelName::as_str)));
        }
    }
    for (name, old) in &cx.old().channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        if let Some(new) = new.get(name)
            && old != new
            && cx.is_comparable(&id)
        {
            channel(cx, (&id, name), (old, new), findings);
        }
    }
}

fn channel(
    cx: &Comparison<'_>,
    (id, name): (&ComponentId, &ChannelName),
    (old, new): (&Channel, &Channel),
    findings: &mut Vec<Finding>,
) {
    let mut say = |map: &str, target: Target, renamed: Option<&str>| {
        let path = format!("{map}/{}", target.name());
        findings.push(Thing { id, path: &path, map, target }.found(cx, renamed));
    };
    for Gone { name: zone, renamed } in gone(&old.zones, &new.zones) {
        say("zones", Target::Zone(name.clone(), zone.clone()), renamed.map(AsRef::as_ref));
    }
    for Gone { name: point, renamed } in gone(&old.interaction_points, &new.interaction_points) {
        let target = Target::Point(name.clone(), point.clone());
        say("interaction_points", target, renamed.map(AsRef::as_ref));
    }
    for Gone { name: event, renamed } in gone(&old.events, &new.events) {
        let target = Target::Event(EventRef::new(name.clone(), event.clone()));
        say("events", target, renamed.map(AsRef::as_ref));
    }
}

/// Something that is gone.
struct Thing<'a> {
    id: &'a ComponentId,
    /// Where it stood.
    path: &'a str,
    /// The map that it was taken out of.
    map: &'a str,
    target: Target,
}

impl Thing<'_> {
    fn found(&self, cx: &Comparison<'_>, renamed: Option<&str>) -> Finding {
        let Self { id, path, map, target } = self;
        let used = cx.used(target);
        let there = japanese(target);
        let gone = match renamed {
            Some(new) => say!(
                en: "{target} is gone; it looks as if it were called `{new}` now",
                ja: "{there} がなくなりました。`{new}` に改名されたようです"
            ),
            None => say!(en: "{target} is gone", ja: "{there} がなくなりました"),
        };
        let message = if is_private(target) { gone } else { joined(&gone, &used.said()) };
        let at = renamed.map(|new| format!("{map}/{new}"));
        let paths: Vec<&str> = at.as_deref().into_iter().chain([*map, "title"]).collect();
        let mut finding = cx.gone(&CONTRACT_REMOVED, id, (&paths, &used), message);
        finding = finding.help(joined(&help(target, &used), &cx.stood(id, path)));
        let here = finding.place;
        for place in used.still.iter().filter(|it| **it != here) {
            finding = finding
                .related(*place, say!(en: "still used here", ja: "ここでまだ使われています"));
        }
        if used.is_declared() { finding } else { lowered(finding) }
    }
}

/// What touchpoints never name: only what is behind it can fail.
const fn is_private(target: &Target) -> bool {
    matches!(target, Target::Zone(..))
}

fn help(target: &Target, used: &Used) -> Text {
    match target {
        Target::Zone(..) => say!(
            en: "no touchpoint asks for a zone; look whether its interaction points still show what they should",
            ja: "ゾーンを直接使うタッチポイントはありません。インタラクションポイントの表示内容を確認してください"
        ),
        _ if used.is_declared() => say!(
            en: "keep the old name beside the new one until no installed version of the touchpoint uses it",
            ja: "古い名前を使うタッチポイントがなくなるまで、新しい名前と並べて残してください"
        ),
        _ => say!(
            en: "make sure that nobody uses it, and write a touchpoint file, so that this is known the next time",
            ja: "誰も使っていないことを確かめ、次回わかるようにタッチポイントのファイルを書いてください"
        ),
    }
}

/// The thing in Japanese.
fn japanese(target: &Target) -> String {
    let noun = match target {
        Target::Channel(_) => "チャネル",
        Target::Zone(..) => "ゾーン",
        Target::Point(..) => "インタラクションポイント",
        _ => "イベント",
    };
    format!("{noun} `{}`", target.name())
}
