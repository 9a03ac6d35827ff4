//! Rule TW0311, rule-without-effect.

use taiwa_meaning::{Exhausted, Meanings};
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Witness, say};

use crate::{
    Check, Context,
    analysis::{Analysis, witness},
    zones::{Candidate, ZoneModel},
};

rule! {
    /// ## What it does
    /// Finds a rule of a strategy that never counts, because other rules propose the same offer in the same zone to all its
    /// people with at least the same score. The highest score counts.
    ///
    /// ## Why it matters
    /// The score that was written for these people is never used: a smaller group cannot be given less this way.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 20 }
    ///   - { zone: home, segment: everyone, offer: kit, score: 40 }
    ///   - { zone: home, segment: gold, offer: sale, score: 60 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: kit, score: 40 }
    ///   - { zone: home, segment: gold, offer: sale, score: 60 }
    /// ```
    pub(crate) static RULE_WITHOUT_EFFECT = {
        code: "TW0311",
        name: "rule-without-effect",
        level: Warning,
        ja: r"## 何を調べるか
ストラテジーの中で、決して効かないルールを見つけます。同じゾーンの他のルールが、同じオファーを同じ人すべてに、
同じかそれ以上のスコアで出しているためです。最も高いスコアが使われます。

## なぜ大切か
その人たちのために書いたスコアは使われません。小さなグループだけスコアを下げることは、この書き方ではできません。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for zone in &analysis.zones {
        let id = ComponentId::new(Kind::Strategy, zone.channel.as_str());
        for candidate in zone.candidates.iter().filter(|it| it.bids.len() > 1) {
            let found = analysis.ask(&id, |meanings| weak(analysis, meanings, zone, candidate));
            for Weak { rule, by, witness } in found.unwrap_or_default() {
                let Some(bid) = candidate.bids.get(rule) else { continue };
                let (offer, segment) = (&candidate.offer, &bid.segment);
                let message = say!(
                    en: "this rule never counts: everybody in `{segment}` has at least this score for `{offer}` by other rules",
                    ja: "このルールは効きません: `{segment}` の誰もが、他のルールで `{offer}` に同じかそれ以上のスコアを持ちます"
                );
                let help = say!(
                    en: "delete it, or give it a higher score",
                    ja: "削除するか、より高いスコアを書きます"
                );
                let path = format!("rules/{}", bid.index);
                let mut finding = cx.at(&RULE_WITHOUT_EFFECT, &id, &path, message).help(help);
                for other in by.iter().filter_map(|it| candidate.bids.get(*it)) {
                    let there = cx.place(&id, &format!("rules/{}", other.index));
                    let words = say!(en: "this one counts", ja: "こちらが使われます");
                    finding = finding.related(there, words);
                }
                finding.witness = witness;
                findings.push(finding);
            }
        }
    }
}

struct Weak {
    rule: usize,
    by: Vec<usize>,
    witness: Option<Witness>,
}

/// The rules for an offer that others make superfluous, all together; the last ones first.
fn weak(
    analysis: &Analysis,
    meanings: &mut Meanings,
    zone: &ZoneModel,
    candidate: &Candidate,
) -> Result<Vec<Weak>, Exhausted> {
    let mut scored = Vec::new();
    for bid in &candidate.bids {
        let members = analysis.members(meanings, &zone.channel, &bid.segment)?;
        let mut cells = analysis.scores(meanings, &zone.channel, bid)?;
        for cell in &mut cells {
            cell.people = meanings.and(cell.people, members)?;
        }
        cells.retain(|it| meanings.is_empty(it.people) == Ok(false));
        scored.push(cells);
    }
    let mut found: Vec<Weak> = Vec::new();
    for (rule, bid) in candidate.bids.iter().enumerate().rev() {
        let mut by = Vec::new();
        let mut holds = !scored[rule].is_empty();
        for cell in &scored[rule] {
            let mut covered = meanings.nobody();
            for (other, theirs) in candidate.bids.iter().enumerate() {
                // Two rules for the same segment are a finding of their own.
                let gone = found.iter().any(|it| it.rule == other);
                if other == rule || gone || theirs.segment == bid.segment {
                    continue;
                }
                for it in scored[other].iter().filter(|it| it.certain && it.least >= cell.most) {
                    if meanings.overlaps(it.people, cell.people)? {
                        by.push(other);
                    }
                    covered = meanings.or(covered, it.people)?;
                }
            }
            holds &= meanings.implies(cell.people, covered)?;
            if !holds {
                break;
            }
        }
        if holds {
            by.sort_unstable();
            by.dedup();
            let mut person = None;
            if let Some(cell) = scored[rule].first() {
                person = meanings.smallest(cell.people)?;
            }
            let witness = person.map(|it| witness(&it, Some(&zone.channel)));
            found.push(Weak { rule, by, witness });
        }
    }
    Ok(found)
}
