//! Rule TW0506, always-outscored.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Witness, say};

use crate::{
    Check, Context,
    analysis::witness,
    ranking::{Beaten, beaten},
    zones::ZoneModel,
};

rule! {
    /// ## What it does
    /// Finds an offer that never gets a place in a zone: whoever may get it, enough other offers stand before it at every
    /// point of the zone. Only offers without a cap count as standing before it, because a capped one makes room.
    ///
    /// ## Why it matters
    /// Its rules look alive, and nobody ever sees it there.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: everyone, offer: kit, score: 80 }
    ///   - { zone: home, segment: gold, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: everyone, offer: kit, score: 40 }
    ///   - { zone: home, segment: gold, offer: sale, score: 80 }
    /// ```
    pub(crate) static ALWAYS_OUTSCORED = {
        code: "TW0506",
        name: "always-outscored",
        level: Warning,
        ja: r"## 何を調べるか
ゾーンで決して選ばれないオファーを見つけます。対象となる誰にとっても、そのゾーンのどのインタラクションポイントでも、
十分な数の他のオファーが先に並びます。上限のあるオファーは場所を空けるので、先に並ぶものとして数えません。

## なぜ大切か
ルールは動いているように見えて、そこでは誰もそのオファーを見ません。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for zone in analysis.zones.iter().filter(|it| it.places() > 0 && it.candidates.len() > 1) {
        let id = ComponentId::new(Kind::Strategy, zone.channel.as_str());
        let found = analysis.ask(&id, |meanings| {
            let mut all = Vec::new();
            for it in beaten(cx, analysis, meanings, zone)? {
                let person = meanings.smallest(it.people)?;
                all.push((it, person.map(|it| witness(&it, Some(&zone.channel)))));
            }
            Ok(all)
        });
        for (it, person) in found.unwrap_or_default() {
            findings.extend(finding(cx, &id, zone, &it, person));
        }
    }
}

fn finding(
    cx: &Context<'_>,
    id: &ComponentId,
    zone: &ZoneModel,
    it: &Beaten,
    person: Option<Witness>,
) -> Option<Finding> {
    let candidate = zone.candidates.get(it.candidate)?;
    let (offer, name) = (&candidate.offer, &zone.zone);
    let rule = candidate.bids.first()?.index;
    let message = say!(
        en: "`{offer}` never gets a place in `{name}`: other offers always stand before it",
        ja: "`{offer}` は `{name}` で決して選ばれません: 常に他のオファーが先に並びます"
    );
    let help = say!(
        en: "give it a higher score, limit the others to fewer people or with a `cap`, or delete its rules",
        ja: "スコアを上げるか、他のオファーの対象を絞るか `cap` を付けるか、ルールを削除します"
    );
    let path = format!("rules/{rule}/offer");
    let mut finding = cx.at(&ALWAYS_OUTSCORED, id, &path, message).help(help);
    for other in &it.by {
        let before = zone.candidates.get(*other)?;
        let there = cx.place(id, &format!("rules/{}", before.bids.first()?.index));
        let other = &before.offer;
        let words = say!(en: "`{other}` stands before it", ja: "`{other}` が先に並びます");
        finding = finding.related(there, words);
    }
    finding.witness = person;
    Some(finding)
}
