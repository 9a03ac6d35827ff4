//! Rule TW1004, history-not-kept.

use std::collections::BTreeMap;

use taiwa_condition::History;
use taiwa_model::{ComponentId, EventRef, Kind, OfferName, SpanOfTime};
use taiwa_text::{Finding, Text, say};

use crate::{
    Check, Site,
    against::{Category, Comparison, gone},
};

rule! {
    /// ## What it does
    /// Finds windows of time that now reach further back than what is kept of people's history, in conditions and caps;
    /// windows of caps that changed; and offers with another name, whose history stays behind.
    ///
    /// ## Why it matters
    /// Servers keep of each event and offer what the release looks at, and no more. A window that was 30 days and is 90
    /// sees 30 days on the first day: people who bought 60 days ago count as people who did not, until two months have
    /// gone by. Nothing says so, and nothing can be done about it afterwards.
    ///
    /// ## Bad
    /// ```yaml
    /// # before channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: seen("web-store/purchase", "30d")
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: seen("web-store/purchase", "90d")
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # before channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: seen("web-store/purchase", "90d")
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: seen("web-store/purchase", "30d")
    /// ```
    pub(crate) static HISTORY_NOT_KEPT = {
        code: "TW1004",
        name: "history-not-kept",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
条件や上限の期間のうち、保存されている履歴より前までさかのぼるようになったもの、期間が変わった上限、そして名前が変わったために履歴が引き継がれないオファーを探します。

## なぜ大切か
サーバーは、リリースが参照する範囲の履歴だけを保存します。30日だった期間を90日にしても、初日に見えるのは30日分です。60日前に購入した人は、2か月が過ぎるまで購入していない人として扱われます。そのことはどこにも表示されず、後から直すこともできません。",
        check: Check::Against(Category::State, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let mut events: BTreeMap<&EventRef, (SpanOfTime, &Site)> = BTreeMap::new();
    let mut offers: BTreeMap<(&OfferName, History), (SpanOfTime, &Site)> = BTreeMap::new();
    for site in cx.now.sites.iter() {
        for (event, it) in &site.checked.uses.events {
            longest(&mut events, event, it.window, site);
        }
        for ((offer, history), it) in &site.checked.uses.offers {
            longest(&mut offers, (offer, *history), it.window, site);
        }
    }
    for (event, (window, site)) in events {
        findings.extend(of_event(cx, event, window, site));
    }
    for ((offer, history), (window, site)) in offers {
        let kept = cx.kept.offer(offer, history);
        if window > kept && cx.old().offers.contains_key(offer) {
            let span = site.checked.uses.offers.get(&(offer.clone(), history)).map(|it| it.span);
            let place = (&site.component, site.path.as_str());
            let message =
                reaches(&format!("offer `{offer}`"), &format!("オファー `{offer}`"), window, kept);
            let finding =
                cx.now.inside(&HISTORY_NOT_KEPT, place, span.unwrap_or_default(), message);
            findings.push(finding.help(wait()));
        }
    }
    caps(cx, findings);
    renamed(cx, findings);
}

fn longest<'a, K: Ord>(
    all: &mut BTreeMap<K, (SpanOfTime, &'a Site)>,
    name: K,
    window: SpanOfTime,
    site: &'a Site,
) {
    let own = all.entry(name).or_insert((window, site));
    if window > own.0 {
        *own = (window, site);
    }
}

fn of_event(
    cx: &Comparison<'_>,
    event: &EventRef,
    window: SpanOfTime,
    site: &Site,
) -> Option<Finding> {
    // What did not exist was not posted either.
    cx.old().channels.get(&event.channel)?.events.get(&event.event)?;
    let it = site.checked.uses.events.get(event)?;
    let (en, ja) = (format!("event `{event}`"), format!("イベント `{event}`"));
    let sum = it.sums.keys().find(|sum| !cx.kept.is_summed(event, sum));
    let message = match (cx.kept.event(event), sum) {
        (None, _) => say!(
            en: "nothing is kept of {en} so far: it counts from the activation on",
            ja: "{ja} の履歴はまだ保存されておらず、有効化した時点から数えられます"
        ),
        (Some(kept), _) if window > kept => reaches(&en, &ja, window, kept),
        (Some(_), Some(sum)) => say!(
            en: "`{sum}` of {en} is not summed so far: it counts from the activation on",
            ja: "{ja} の `{sum}` はまだ合計されておらず、有効化した時点から数えられます"
        ),
        _ => return None,
    };
    let place = (&site.component, site.path.as_str());
    Some(cx.now.inside(&HISTORY_NOT_KEPT, place, it.span, message).help(wait()))
}

fn reaches(en: &str, ja: &str, window: SpanOfTime, kept: SpanOfTime) -> Text {
    say!(
        en: "this asks for {window} of {en}, of which {kept} are kept so far",
        ja: "{ja} の {window} 分の履歴を求めていますが、いま保存されているのは {kept} 分です"
    )
}

fn wait() -> Text {
    say!(
        en: "expect too small numbers until the window has gone by once; what needs them whole can wait so long",
        ja: "期間が一巡するまで数は小さめになります。正確な数が必要な条件はその後に使ってください"
    )
}

fn caps(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    for (name, now) in &cx.new_components().offers {
        let id = ComponentId::new(Kind::Offer, name.as_str());
        let Some(old) = cx.old().offers.get(name).filter(|_| cx.is_comparable(&id)) else {
            continue;
        };
        let Some(cap) = now.content.cap else { continue };
        if old.content.cap.is_some_and(|it| it.per == cap.per) {
            continue;
        }
        let kept = cx.kept.offer(name, History::Shown);
        let finding = if cap.per > kept {
            let message = say!(
                en: "the cap of `{name}` counts over {}, of which {kept} are kept so far: some people see it more often",
                ja: "`{name}` の上限は {} で数えますが、保存されているのは {kept} 分です。上限より多く見る人がいます",
                cap.per
            );
            cx.now.at(&HISTORY_NOT_KEPT, &id, "cap/per", message).help(wait())
        } else if let Some(before) = old.content.cap {
            let message = say!(
                en: "the cap of `{name}` counts over {}, and over {} before: what was shown is counted anew, from what is kept",
                ja: "`{name}` の上限の期間が {} に変わりました(以前は {})。表示回数は保存済みの履歴から数え直されます",
                cap.per, before.per
            );
            let help = say!(
                en: "people who had reached the old cap may see it again, and others may not",
                ja: "以前の上限に達していた人に再び表示されたり、表示されなくなる人が出たりします"
            );
            cx.now.at(&HISTORY_NOT_KEPT, &id, "cap/per", message).help(help).info()
        } else {
            continue;
        };
        findings.push(finding);
    }
}

fn renamed(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let contents = |it: &taiwa_model::Components| {
        it.offers.iter().map(|it| (it.0.clone(), it.1.content.clone())).collect::<BTreeMap<_, _>>()
    };
    let (old, new) = (contents(cx.old()), contents(cx.new_components()));
    for it in gone(&old, &new) {
        let Some(name) = it.renamed else { continue };
        let asked = |site: &Site| site.checked.uses.offer_names().contains(name);
        let capped = new.get(name).is_some_and(|it| it.cap.is_some());
        if !capped && !cx.now.sites.iter().any(asked) {
            continue;
        }
        let id = ComponentId::new(Kind::Offer, name.as_str());
        let message = say!(
            en: "offer `{}` seems to be called `{name}` now: what people saw and did with it is not known of the new name",
            ja: "オファー `{}` は `{name}` に改名されたようです。これまでの表示と反応は新しい名前に引き継がれません",
            it.name
        );
        let help = say!(
            en: "keep the name, and change its title; or expect that caps and conditions begin at nothing",
            ja: "名前はそのままにして title を変えてください。そうしないと上限や条件は最初から数え直しになります"
        );
        findings.push(cx.now.at(&HISTORY_NOT_KEPT, &id, "title", message).help(help));
    }
}
