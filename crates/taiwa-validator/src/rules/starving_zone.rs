//! Rule TW0504, starving-zone.

use taiwa_meaning::{Exhausted, Meanings, Person, Set};
use taiwa_model::{ComponentId, Kind, SegmentName};
use taiwa_text::{Finding, Severity, Text, Witness, say};

use crate::{
    Check, Context,
    analysis::{Analysis, witness},
    calendar::{Gap, Period, gaps},
    zones::{Candidate, ZoneModel},
};

rule! {
    /// ## What it does
    /// Looks for times at which people of a segment see only the fallback in a zone that proposes offers to them: between two
    /// dates none of these offers may be shown, and no other rule reaches them. What begins later and what ends for good is
    /// not reported unless the whole zone runs dry within 30 days.
    ///
    /// ## Why it matters
    /// A gap in the calendar is not seen in any file: one offer ends on Monday, the next begins on the Monday after.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: gold, offer: sale, score: 40 }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { until: 2026-11-30 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// valid: { from: 2026-12-08 }
    /// treatments:
    ///   web-store: { en: { headline: Now } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: gold, offer: sale, score: 40 }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { until: 2026-11-30 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ```yaml
    /// # channels/shared/offers/sale.yaml
    /// title: Sale
    /// value: 5
    /// valid: { from: 2026-12-01 }
    /// treatments:
    ///   web-store: { en: { headline: Now } }
    /// ```
    pub(crate) static STARVING_ZONE = {
        code: "TW0504",
        name: "starving-zone",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
セグメント向けにオファーを出しているゾーンで、その人たちにフォールバックしか出ない期間を探します。ある日付の間、
どのオファーも出せず、他のルールも届かない場合です。これから始まるもの、完全に終わるものは、30日以内にゾーン全体が
空になる場合だけ報告します。

## なぜ大切か
カレンダーのすき間はどのファイルにも見えません。一つのオファーが月曜に終わり、次が翌週の月曜に始まることがあります。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for zone in analysis.zones.iter().filter(|it| it.places() > 0 && !it.candidates.is_empty()) {
        let strategy = ComponentId::new(Kind::Strategy, zone.channel.as_str());
        let dry = gaps(zone.candidates.iter().map(|it| it.period), cx.clock.now());
        for gap in dry.iter().filter(|it| it.is_worth_saying(cx.clock.now())) {
            let person = analysis.ask(&strategy, |meanings| {
                let visitors = analysis.visitors(meanings, &zone.channel)?;
                somebody(meanings, visitors, gap.period)
            });
            let said = gap.period.said(cx.clock.now(), &cx.zone);
            let person = person.flatten().map(|it| witness(&it, Some(&zone.channel)));
            findings.push(whole(cx, zone, &said, *gap, person));
        }
        for (segment, own) in zone.by_segment() {
            let gaps = gaps(own.iter().map(|it| it.period), cx.clock.now());
            for gap in gaps.iter().filter(|it| it.is_inner()) {
                let parts = zone.stretches(gap.period);
                let parts = parts.filter(|it| !dry.iter().any(|gap| gap.period.covers(*it)));
                let parts: Vec<Period> = parts.collect();
                let hungry = analysis
                    .ask(&strategy, |meanings| hungry(analysis, meanings, zone, segment, &parts));
                if let Some(Some(hungry)) = hungry {
                    findings.extend(finding(cx, zone, (segment, &own), hungry));
                }
            }
        }
    }
}

/// People of a segment who see only the fallback for a time.
struct Hungry {
    period: Period,
    possible: bool,
    person: Option<Person>,
}

/// The first time within a gap in the offers of a segment at which some of its people are reached by nothing else.
fn hungry(
    analysis: &Analysis,
    meanings: &mut Meanings,
    zone: &ZoneModel,
    segment: &SegmentName,
    parts: &[Period],
) -> Result<Option<Hungry>, Exhausted> {
    let members = analysis.members(meanings, &zone.channel, segment)?;
    let mut found: Option<Hungry> = None;
    for part in parts {
        let mut rest = members;
        for candidate in zone.candidates.iter().filter(|it| it.period.covers(*part)) {
            if meanings.is_empty(rest)? {
                break;
            }
            let admitted = analysis.admitted(meanings, &candidate.offer)?;
            for bid in &candidate.bids {
                let theirs = analysis.members(meanings, &zone.channel, &bid.segment)?;
                let served = meanings.and(theirs, admitted)?;
                rest = meanings.minus(rest, served)?;
            }
        }
        let certain = meanings.certain(rest)?;
        let possible = meanings.is_empty(certain)?;
        let rest = if possible { rest } else { certain };
        let empty = meanings.is_empty(rest)?;
        match &mut found {
            None if empty => {}
            None => {
                let person = somebody(meanings, rest, *part)?;
                found = Some(Hungry { period: *part, possible, person });
            }
            Some(it) if !empty && it.period.until == part.from && it.possible == possible => {
                it.period.until = part.until;
            }
            Some(_) => break,
        }
    }
    Ok(found)
}

/// The simplest person of a set, who comes within a time; `None` where that is not found.
fn somebody(
    meanings: &mut Meanings,
    set: Set,
    period: Period,
) -> Result<Option<Person>, Exhausted> {
    let Some(mut person) = meanings.smallest(set)? else { return Ok(None) };
    // Whoever is chosen by the clock must come at the same hour, and on the same day of the week.
    let asks = meanings.asks(set);
    let asks = |what: &str| asks.iter().any(|it| it.contains(what));
    let step = match () {
        () if period.contains(person.at) => 1,
        () if asks("session.now") => return Ok(None),
        () if asks("session.weekday") => 7 * DAY,
        () if asks("session.hour") => DAY,
        () => 1,
    };
    let missing = period.from.millis_since(person.at).max(0);
    person.at = person.at.plus_millis((missing + step - 1) / step * step);
    Ok(period.contains(person.at).then_some(person))
}

/// In milliseconds.
const DAY: i64 = 86_400_000;

fn whole(
    cx: &Context<'_>,
    zone: &ZoneModel,
    said: &Text,
    gap: Gap,
    person: Option<Witness>,
) -> Finding {
    let id = ComponentId::new(Kind::Channel, zone.channel.as_str());
    let name = &zone.zone;
    let (en, ja) = both(said);
    let message = say!(
        en: "{en} `{name}` shows only its fallback: all its offers are out of date",
        ja: "{ja}、`{name}` にはフォールバックしか出ません: すべてのオファーが期間外です"
    );
    let help = say!(
        en: "let an offer of the zone last longer or begin earlier, or add a rule for another one",
        ja: "オファーの期間を延ばすか早めるか、別のオファーのルールを加えます"
    );
    let path = format!("zones/{name}");
    let mut finding = cx.at_key(&STARVING_ZONE, &id, &path, message).help(help);
    if !gap.is_inner() {
        finding.severity = Severity::Info;
    }
    finding.witness = person;
    finding
}

fn finding(
    cx: &Context<'_>,
    zone: &ZoneModel,
    (segment, candidates): (&SegmentName, &[&Candidate]),
    hungry: Hungry,
) -> Option<Finding> {
    let id = ComponentId::new(Kind::Strategy, zone.channel.as_str());
    let own = |it: &&crate::zones::Bid| it.segment == *segment;
    let of_segment = candidates.iter().filter_map(|it| Some((it, it.bids.iter().find(own)?)));
    let rules: Vec<_> = of_segment.collect();
    let first = rules.iter().map(|it| it.1.index).min()?;
    let said = hungry.period.said(cx.clock.now(), &cx.zone);
    let (en, ja) = both(&said);
    let name = &zone.zone;
    let message = if hungry.possible {
        say!(
            en: "{en} `{name}` may show some of `{segment}` only its fallback",
            ja: "{ja}、`{name}` は `{segment}` の一部の人にフォールバックしか出さないかもしれません"
        )
    } else {
        say!(
            en: "{en} `{name}` shows some of `{segment}` only its fallback: their offers are out of date",
            ja: "{ja}、`{name}` は `{segment}` の一部の人にフォールバックしか出しません: 対象のオファーが期間外です"
        )
    };
    let help = say!(
        en: "let one of the offers last longer or begin earlier, or propose another one to `{segment}`",
        ja: "オファーの期間を延ばすか早めるか、`{segment}` に別のオファーを出します"
    );
    let path = format!("rules/{first}/segment");
    let mut finding = cx.at(&STARVING_ZONE, &id, &path, message).help(help);
    if hungry.possible {
        finding.severity = Severity::Info;
    }
    for (candidate, _) in rules {
        let of = ComponentId::new(Kind::Offer, candidate.offer.as_str());
        let offer = &candidate.offer;
        let words = say!(en: "`{offer}` has these dates", ja: "`{offer}` の期間はここです");
        finding = finding.related(cx.place(&of, "valid"), words);
    }
    let person = hungry.person.map(|it| witness(&it, Some(&zone.channel)));
    finding.witness = person;
    Some(finding)
}

fn both(text: &Text) -> (&str, &str) {
    (text.to(taiwa_text::Language::En), text.to(taiwa_text::Language::Ja))
}
