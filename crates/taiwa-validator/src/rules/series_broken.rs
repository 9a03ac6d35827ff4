//! Rule TW1007, series-broken.

use std::collections::BTreeMap;

use taiwa_model::{Channel, ChannelName, ComponentId, Components, EventName, Goal, Kind, Scoped};
use taiwa_text::{Finding, Text, say};

use crate::{
    Check,
    against::{Category, Comparison, Used, gone, joined},
};

rule! {
    /// ## What it does
    /// Finds changes that break a series of numbers: a goal or an offer that is gone or bears another name; a KPI of
    /// another event, measure, window or baseline; an event that became, or is no longer, a conversion; a response that
    /// other events tell; another goal of a channel; another currency.
    ///
    /// ## Why it matters
    /// Reports compare this month with the last. After such a change they compare two different things, and the curve
    /// shows a success or a disaster that nobody had.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: people, per: 30d, baseline: 420, target: 600 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales than last year
    /// objective: 700 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 700 }
    /// ```
    pub(crate) static SERIES_BROKEN = {
        code: "TW1007",
        name: "series-broken",
        level: Warning,
        ja: r"## 何を調べるか
数値の連続性を壊す変更を探します。なくなったり改名されたりした目標やオファー、イベント、指標、期間、基準値が変わった KPI、コンバージョンの設定が変わったイベント、反応を伝えるイベントの変更、チャネルの目標の変更、通貨の変更です。

## なぜ大切か
レポートは今月と先月を比べます。このような変更の後では異なるものを比べることになり、実際にはなかった成功や失敗がグラフに現れます。",
        check: Check::Against(Category::Measurement, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let (old, new) = (cx.old(), cx.new_components());
    names(cx, Kind::Goal, "目標", (&contents(&old.goals), &contents(&new.goals)), findings);
    names(cx, Kind::Offer, "オファー", (&contents(&old.offers), &contents(&new.offers)), findings);
    for (name, was) in &old.goals {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        if let Some(is) = new.goals.get(name).filter(|it| *it != was && cx.is_comparable(&id)) {
            kpi(cx, &id, (&was.content, &is.content), findings);
        }
    }
    for (name, was) in &old.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        if let Some(is) = new.channels.get(name).filter(|it| *it != was && cx.is_comparable(&id)) {
            channel(cx, (&id, name), (was, is), findings);
        }
    }
    currency(cx, (old, new), findings);
}

fn contents<K: Ord + Clone, V: Clone>(of: &BTreeMap<K, Scoped<V>>) -> BTreeMap<K, V> {
    of.iter().map(|(name, it)| (name.clone(), it.content.clone())).collect()
}

fn names<K: Ord + AsRef<str>, V: serde::Serialize>(
    cx: &Comparison<'_>,
    kind: Kind,
    ja: &str,
    (old, new): (&BTreeMap<K, V>, &BTreeMap<K, V>),
    findings: &mut Vec<Finding>,
) {
    for it in gone(old, new) {
        let was = it.name.as_ref();
        let id = ComponentId::new(kind, was);
        if !cx.is_comparable(&id) {
            continue;
        }
        let at = it.renamed.map(|now| ComponentId::new(kind, now.as_ref()));
        let message = match it.renamed.map(AsRef::as_ref) {
            Some(now) => say!(
                en: "{kind} `{was}` seems to be called `{now}` now: its numbers begin anew under the new name",
                ja: "{ja} `{was}` は `{now}` に改名されたようです。数値は新しい名前で最初からになります"
            ),
            None => say!(
                en: "{kind} `{was}` is gone: its series of numbers ends",
                ja: "{ja} `{was}` がなくなり、その数値の系列は終わります"
            ),
        };
        let help = say!(
            en: "keep the name, which nobody outside sees, and change the title",
            ja: "名前は外からは見えないので残し、title を変えてください"
        );
        let finding = cx.gone(
            &SERIES_BROKEN,
            at.as_ref().unwrap_or(&id),
            (&["title"], &Used::default()),
            message,
        );
        findings.push(finding.help(joined(&help, &cx.stood(&id, "title"))));
    }
}

fn kpi(
    cx: &Comparison<'_>,
    id: &ComponentId,
    (old, new): (&Goal, &Goal),
    findings: &mut Vec<Finding>,
) {
    let (was, is) = (&old.kpi, &new.kpi);
    let mut changed = |field: &str, was: &str, is: &str| {
        if was != is {
            let message = say!(
                en: "the KPI's {field} is {is}, and {was} before: its numbers mean something else from here on",
                ja: "KPI の {field} が {is} に変わりました(以前は {was})。数値の意味がここから変わります"
            );
            let path = format!("kpi/{field}");
            findings.push(cx.now.at(&SERIES_BROKEN, id, &path, message).help(beside()));
        }
    };
    changed("event", &was.event.to_string(), &is.event.to_string());
    changed("measure", &was.measure, &is.measure);
    changed("per", &was.per.to_string(), &is.per.to_string());
    changed("baseline", &was.baseline.to_string(), &is.baseline.to_string());
    let better = |it: bool| if it { "lower" } else { "higher" };
    changed("better", better(was.lower_is_better), better(is.lower_is_better));
}

fn beside() -> Text {
    say!(
        en: "write a new goal beside the old one, so that both series are whole",
        ja: "以前の目標とは別に新しい目標を書けば、どちらの系列も途切れません"
    )
}

fn channel(
    cx: &Comparison<'_>,
    (id, name): (&ComponentId, &ChannelName),
    (old, new): (&Channel, &Channel),
    findings: &mut Vec<Finding>,
) {
    if let (Some(was), Some(is)) = (&old.goal, &new.goal)
        && was != is
    {
        let message = say!(
            en: "channel `{name}` serves the goal `{is}`, and `{was}` before",
            ja: "チャネル `{name}` の目標が `{is}` に変わりました(以前は `{was}`)"
        );
        let help = say!(
            en: "say so where the numbers of both goals are read",
            ja: "両方の目標の数値を読む人に知らせてください"
        );
        findings.push(cx.now.at(&SERIES_BROKEN, id, "goal", message).help(help));
    }
    for (event, was) in &old.events {
        let Some(is) = new.events.get(event).filter(|it| it.conversion != was.conversion) else {
            continue;
        };
        let message = match (was.conversion, is.conversion) {
            (None, _) => say!(
                en: "event `{event}` is a conversion now: offers are credited with what they were not before",
                ja: "イベント `{event}` がコンバージョンになり、以前はなかった成果がオファーに計上されます"
            ),
            (_, None) => say!(
                en: "event `{event}` is no conversion any more: what offers bring is not counted",
                ja: "イベント `{event}` がコンバージョンではなくなり、オファーの成果は数えられなくなります"
            ),
            (Some(was), Some(is)) => say!(
                en: "a conversion by `{event}` is credited to contacts of {}, and of {} before",
                ja: "`{event}` のコンバージョンは {} 前までの接触に計上されます(以前は {} 前まで)",
                is.within, was.within
            ),
        };
        let path = format!("events/{event}/conversion");
        findings.push(cx.now.at(&SERIES_BROKEN, id, &path, message).help(beside()));
    }
    let (was, is) = (&old.responses, &new.responses);
    for (kind, was, is) in [
        ("shown", &was.shown, &is.shown),
        ("accepted", &was.accepted, &is.accepted),
        ("rejected", &was.rejected, &is.rejected),
    ] {
        if was != is {
            let list = |it: &std::collections::BTreeSet<EventName>| {
                let names: Vec<&str> = it.iter().map(AsRef::as_ref).collect();
                if names.is_empty() { "-".to_owned() } else { format!("`{}`", names.join("`, `")) }
            };
            let message = say!(
                en: "an offer counts as {kind} by {}, and by {} before",
                ja: "オファーを {kind} と数えるイベントが {} に変わりました(以前は {})",
                list(is), list(was)
            );
            let path = format!("responses/{kind}");
            let used = (&[path.as_str(), "responses", "title"][..], &Used::default());
            findings.push(cx.gone(&SERIES_BROKEN, id, used, message).help(beside()));
        }
    }
}

fn currency(
    cx: &Comparison<'_>,
    (old, new): (&Components, &Components),
    findings: &mut Vec<Finding>,
) {
    let (Some(was), Some(is)) = (&old.workspace, &new.workspace) else { return };
    if was.currency != is.currency {
        let id = ComponentId::new(Kind::Workspace, "taiwa");
        let message = say!(
            en: "amounts are in {}, and in {} before",
            ja: "金額の単位が {} に変わりました(以前は {})",
            is.currency, was.currency
        );
        let help = say!(
            en: "every `value` and every sum of money has another unit: change them, too",
            ja: "すべての `value` と金額の合計の単位が変わります。あわせて変更してください"
        );
        findings.push(cx.now.at(&SERIES_BROKEN, &id, "currency", message).help(help));
    }
}
