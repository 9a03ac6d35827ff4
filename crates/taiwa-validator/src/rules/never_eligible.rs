//! Rule TW0507, never-eligible.

use taiwa_meaning::{Exhausted, Meanings};
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Witness, say};

use crate::{
    Check, Context,
    analysis::{Analysis, witness},
    zones::{Bid, Candidate, EVERYONE, ZoneModel},
};

rule! {
    /// ## What it does
    /// Finds a rule of a strategy for an offer that nobody of its segment may get: what the offer asks of people (`eligible`,
    /// `cap`) and what the segment asks exclude each other.
    ///
    /// ## Why it matters
    /// The rule looks alive, and the offer is never shown by it.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// eligible: profile.tier == "silver"
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// eligible: profile.age >= 18
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static NEVER_ELIGIBLE = {
        code: "TW0507",
        name: "never-eligible",
        level: Warning,
        ja: r"## 何を調べるか
ストラテジーのルールのうち、そのセグメントの誰もオファーの対象にならないものを見つけます。オファーの条件
(`eligible`、`cap`)とセグメントの条件が両立しません。

## なぜ大切か
ルールは動いているように見えて、そのオファーが出ることはありません。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for zone in &analysis.zones {
        let id = ComponentId::new(Kind::Strategy, zone.channel.as_str());
        for candidate in &zone.candidates {
            for bid in &candidate.bids {
                let asked = (zone, candidate, bid);
                let dead = analysis.ask(&id, |meanings| dead(analysis, meanings, asked));
                if let Some(Some(dead)) = dead {
                    findings.push(finding(cx, &id, asked, dead));
                }
            }
        }
    }
}

enum Dead {
    /// Nobody of the segment visits the channel.
    Elsewhere,
    /// Nobody at all may get the offer.
    Nobody,
    /// Nobody of the segment may get it; one who may not.
    NotThese(Option<Witness>),
}

type Asked<'z> = (&'z ZoneModel, &'z Candidate, &'z Bid);

fn dead(
    analysis: &Analysis,
    meanings: &mut Meanings,
    (zone, candidate, bid): Asked<'_>,
) -> Result<Option<Dead>, Exhausted> {
    let anywhere = analysis.segment(meanings, &bid.segment)?;
    if meanings.is_empty(anywhere)? {
        return Ok(None);
    }
    let members = analysis.members(meanings, &zone.channel, &bid.segment)?;
    if meanings.is_empty(members)? {
        return Ok(Some(Dead::Elsewhere));
    }
    let admitted = analysis.admitted(meanings, &candidate.offer)?;
    if meanings.overlaps(members, admitted)? {
        return Ok(None);
    }
    if meanings.is_empty(admitted)? {
        // A condition that nobody fulfils is a finding of its own.
        let eligible = analysis.eligible(meanings, &candidate.offer)?;
        return Ok((!meanings.is_empty(eligible)?).then_some(Dead::Nobody));
    }
    let person = meanings.smallest(members)?;
    Ok(Some(Dead::NotThese(person.map(|it| witness(&it, Some(&zone.channel))))))
}

fn finding(
    cx: &Context<'_>,
    id: &ComponentId,
    (zone, candidate, bid): Asked<'_>,
    dead: Dead,
) -> Finding {
    let (offer, segment, channel) = (&candidate.offer, &bid.segment, &zone.channel);
    let message = match &dead {
        Dead::Elsewhere => say!(
            en: "nobody who visits `{channel}` is in `{segment}`",
            ja: "`{channel}` に来る人の中に `{segment}` の人はいません"
        ),
        Dead::Nobody => say!(
            en: "nobody may get `{offer}`: its `eligible` and its `cap` or `consent` exclude each other",
            ja: "`{offer}` の対象となる人はいません: `eligible` と `cap` または `consent` が両立しません"
        ),
        Dead::NotThese(_) => say!(
            en: "nobody in `{segment}` may get `{offer}`",
            ja: "`{segment}` の中に `{offer}` の対象となる人はいません"
        ),
    };
    let help = say!(
        en: "mend what the offer asks of people, propose it to others, or delete the rule",
        ja: "オファーの条件を直すか、他のセグメントに出すか、ルールを削除します"
    );
    let path = format!("rules/{}", bid.index);
    let mut finding = cx.at(&NEVER_ELIGIBLE, id, &path, message).help(help);
    let of = ComponentId::new(Kind::Offer, offer.as_str());
    if !matches!(dead, Dead::Elsewhere) && cx.is_written(&of, "eligible") {
        let words = say!(en: "who may get it is said here", ja: "対象となる人はここで決まります");
        finding = finding.related(cx.place(&of, "eligible"), words);
    }
    if bid.segment.as_str() != EVERYONE
        && let Some(home) = cx.index.segments.get(&bid.segment).and_then(|it| it.first())
    {
        let at = if home.path.is_empty() { "when" } else { &home.path };
        let words = say!(
            en: "who is in `{segment}` is said here",
            ja: "`{segment}` に入る人はここで決まります"
        );
        finding = finding.related(cx.place(&home.component, at), words);
    }
    if let Dead::NotThese(person) = dead {
        finding.witness = person;
    }
    finding
}
