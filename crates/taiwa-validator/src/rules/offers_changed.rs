//! Rule TW1009, offers-changed.

use std::collections::BTreeMap;

use taiwa_meaning::{Budget, Builder, Exhausted, Meanings, Set};
use taiwa_model::{ChannelName, ComponentId, Kind, OfferName, PointName};
use taiwa_text::{Finding, Language, Text, say};

use crate::{
    Check,
    against::{Category, Comparison, Point, Somebody, Turned, differs, joined, somebody, turned},
};

/// Most exchanges of two offers among which the one with the simplest person is looked for.
const MOST_PAIRS: usize = 16;

/// Most offers that are named in one finding.
const MOST_NAMED: usize = 4;

rule! {
    /// ## What it does
    /// Says for each interaction point who gets other offers than before, and shows one such person: because rules, scores,
    /// segments, conditions, dates, caps, values, places or the fallback changed. A change after which everybody gets
    /// what they got is not reported.
    ///
    /// ## Why it matters
    /// Whether a score of 50 in the place of 30 matters can be said only by who looks at all rules, all segments and all
    /// conditions of the zone together. This is what visitors see of a change.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 30 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: everyone, offer: sale, score: 60 }
    ///   - { zone: home, segment: gold, offer: kit, score: 90 }
    /// ```
    pub(crate) static OFFERS_CHANGED = {
        code: "TW1009",
        name: "offers-changed",
        level: Warning,
        ja: r"## 何を調べるか
インタラクションポイントごとに、以前と異なるオファーを受け取る人を一人の例とともに示します。ルール、スコア、セグメント、条件、期間、上限、価値、表示数、フォールバックの変更が原因です。全員が以前と同じものを受け取る変更は報告しません。

## なぜ大切か
スコアが30から50に変わったことに意味があるかどうかは、ゾーンのすべてのルール、セグメント、条件を合わせて見なければわかりません。これが、訪問者から見た変更です。",
        check: Check::Against(Category::Behaviour, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    if !cx.is_understood() {
        return;
    }
    let (old, new) = (cx.old(), cx.new_components());
    let mut builder = Builder::new(Budget::default());
    builder.at(cx.now.options.at);
    let versions = (builder.version(old), builder.version(new));
    let mut points = Vec::new();
    for (channel, was) in &old.channels {
        let Some(is) = new.channels.get(channel) else { continue };
        for (name, before) in &was.interaction_points {
            let Some(after) = is.interaction_points.get(name) else { continue };
            if !is_readable(cx, channel) || !differs((old, new), channel, (before, after)) {
                continue;
            }
            let one = Point::new(&mut builder, versions.0, (old, &cx.sites), (channel, name));
            let other = Point::new(&mut builder, versions.1, (new, &cx.now.sites), (channel, name));
            points.extend(one.zip(other).map(|it| (channel, name, it)));
        }
    }
    if points.is_empty() {
        return;
    }
    let mut meanings = builder.finish();
    for (channel, name, (one, other)) in points {
        let found = turned(&mut meanings, &one, &other)
            .and_then(|it| said(cx, &mut meanings, (channel, name), &it));
        findings.extend(found.unwrap_or_else(|Exhausted| Some(unknown(cx, channel, name))));
    }
}

fn is_readable(cx: &Comparison<'_>, channel: &ChannelName) -> bool {
    let both = [Kind::Channel, Kind::Strategy].map(|it| ComponentId::new(it, channel.as_str()));
    both.iter().all(|it| cx.is_comparable(it))
}

/// Where a point's change is shown: in the strategy, where that is what changed, else at the point.
fn place(cx: &Comparison<'_>, channel: &ChannelName, name: &PointName) -> (ComponentId, String) {
    let (old, new) = (cx.old(), cx.new_components());
    let strategy = ComponentId::new(Kind::Strategy, channel.as_str());
    if old.strategies.get(channel) != new.strategies.get(channel)
        && new.strategies.contains_key(channel)
    {
        (strategy, "rules".to_owned())
    } else {
        let id = ComponentId::new(Kind::Channel, channel.as_str());
        (id, format!("interaction_points/{name}"))
    }
}

fn unknown(cx: &Comparison<'_>, channel: &ChannelName, name: &PointName) -> Finding {
    let (id, path) = place(cx, channel, name);
    let message = say!(
        en: "what `{name}` shows may have changed, and comparing it takes too long",
        ja: "`{name}` の表示内容が変わった可能性がありますが、比較が予算内に終わりませんでした"
    );
    let help = say!(en: "look at it with scenarios", ja: "シナリオで確認してください");
    cx.now.at_key(&OFFERS_CHANGED, &id, &path, message).help(help).info()
}

fn said(
    cx: &Comparison<'_>,
    meanings: &mut Meanings,
    (channel, name): (&ChannelName, &PointName),
    it: &Turned,
) -> Result<Option<Finding>, Exhausted> {
    if it.lost.is_empty() && it.gained.is_empty() {
        return Ok(None);
    }
    let (story, who) = exchange(meanings, channel, it)?;
    let Some(who) = who else { return Ok(None) };
    let may = if it.exact { "" } else { "may " };
    let mut message = match &story {
        (Some(lost), Some(gained)) if it.exact => say!(
            en: "at `{name}` some visitors get `{gained}` in the place of `{lost}`",
            ja: "`{name}` で `{lost}` の代わりに `{gained}` を受け取る訪問者がいます"
        ),
        (Some(lost), _) => say!(
            en: "at `{name}` some visitors {may}get `{lost}` no more",
            ja: "`{name}` で `{lost}` を受け取れなくなる訪問者がいます"
        ),
        (None, Some(gained)) => say!(
            en: "at `{name}` some visitors {may}get `{gained}` who did not before",
            ja: "`{name}` で新たに `{gained}` を受け取る訪問者がいます"
        ),
        (None, None) => return Ok(None),
    };
    let person = &who.witness.said;
    let (en, ja) = (person.to(Language::En), person.to(Language::Ja));
    message = joined(&message, &say!(en: "for example {en}", ja: "例: {ja}"));
    let named = [story.0.as_ref(), story.1.as_ref()];
    if let Some(more) = others(it, &named) {
        message = joined(&message, &more);
    }
    let (id, path) = place(cx, channel, name);
    let help = say!(
        en: "if it is meant, write a scenario of this person that expects it",
        ja: "意図した変更であれば、この人がそれを受け取ることを期待するシナリオを書いてください"
    );
    let finding = cx.now.at_key(&OFFERS_CHANGED, &id, &path, message).help(help);
    let finding = finding.witness(who.witness);
    Ok(Some(if who.possible { finding.info() } else { finding }))
}

type Story = (Option<OfferName>, Option<OfferName>);

/// What is told: an offer that is lost, the one that stands in its place, and a person to whom that happens.
fn exchange(
    meanings: &mut Meanings,
    channel: &ChannelName,
    it: &Turned,
) -> Result<(Story, Option<Somebody>), Exhausted> {
    let pairs = it.lost.iter().flat_map(|one| it.gained.iter().map(move |other| (one, other)));
    let mut best: Option<(Story, Somebody)> = None;
    for ((lost, from), (gained, to)) in pairs.take(MOST_PAIRS) {
        let both = meanings.and(*from, *to)?;
        let Some(who) = somebody(meanings, both, Some(channel))? else { continue };
        let size = |it: &Somebody| (it.possible, it.witness.said.as_str().len());
        if best.as_ref().is_none_or(|it| size(&who) < size(&it.1)) {
            best = Some(((Some(lost.clone()), Some(gained.clone())), who));
        }
    }
    if let Some((story, who)) = best {
        return Ok((story, Some(who)));
    }
    let first = |of: &BTreeMap<OfferName, Set>| of.iter().next().map(|it| (it.0.clone(), *it.1));
    if let Some((lost, from)) = first(&it.lost) {
        return Ok(((Some(lost), None), somebody(meanings, from, Some(channel))?));
    }
    match first(&it.gained) {
        Some((gained, to)) => Ok(((None, Some(gained)), somebody(meanings, to, Some(channel))?)),
        None => Ok(((None, None), None)),
    }
}

/// The other offers that are moved.
fn others(it: &Turned, named: &[Option<&OfferName>]) -> Option<Text> {
    let all = it.lost.keys().chain(it.gained.keys());
    let mut rest: Vec<&OfferName> = all.filter(|it| !named.contains(&Some(it))).collect();
    rest.sort();
    rest.dedup();
    let more = rest.len().saturating_sub(MOST_NAMED);
    let list: Vec<String> = rest.iter().take(MOST_NAMED).map(|it| format!("`{it}`")).collect();
    let list = list.join(", ");
    match (rest.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(say!(
            en: "who gets {list} changes, too",
            ja: "{list} を受け取る人も変わります"
        )),
        (false, _) => Some(say!(
            en: "who gets {list} and {more} more changes, too",
            ja: "{list} ほか {more} 件を受け取る人も変わります"
        )),
    }
}
