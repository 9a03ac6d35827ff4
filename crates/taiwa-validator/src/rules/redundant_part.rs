//! Rule TW0306, redundant-part.

use taiwa_condition::{Expr, ExprKind};
use taiwa_meaning::{Exhausted, Meanings, Set};
use taiwa_text::{Finding, Fix, Text, say};

use crate::{
    Check, Context, Site, SiteKind,
    analysis::{MOST_PARTS, SiteMeaning},
    parts::{Part, cut, parts},
};

rule! {
    /// ## What it does
    /// Finds a part of a condition that changes nothing: with it and without it, the condition holds for the same people.
    /// `has(…)` is never such a part: it says what the author has thought of.
    ///
    /// ## Why it matters
    /// Each part looks as if it mattered. One that does not hides a slip, such as the wrong bound or the wrong segment,
    /// and makes the next change harder.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.age >= 18 && profile.age >= 21
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.age >= 21
    /// ```
    pub(crate) static REDUNDANT_PART = {
        code: "TW0306",
        name: "redundant-part",
        level: Warning,
        ja: r"## 何を調べるか
あってもなくても当てはまる人が変わらない、条件の一部を見つけます。`has(…)` は著者の意図を示すので、対象にしません。

## なぜ大切か
どの部分にも意味があるように見えます。意味のない部分は、境界やセグメントの書き間違いを隠し、次の変更を難しくします。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(analysis) = cx.analysis() else { return };
    for site in cx.sites.iter().filter(|it| it.kind != SiteKind::Score) {
        let (Some(expr), Some(meaning)) = (&site.checked.expr, analysis.site(site)) else {
            continue;
        };
        if meaning.chain.is_empty() && meaning.without.is_empty() {
            continue;
        }
        let found = analysis.ask(&site.component, |meanings| redundant(meanings, expr, meaning));
        let Some(found) = found.filter(|it| !it.is_empty()) else { continue };
        for part in parts(expr, MOST_PARTS) {
            if let Some((_, why)) = found.iter().find(|it| it.0 == part.way) {
                findings.push(finding(cx, site, &part, *why, found.len() == 1));
            }
        }
    }
}

/// Why a part changes nothing.
#[derive(Clone, Copy)]
enum Why {
    /// The others imply it, or it implies them.
    Others,
    /// It is true for everybody.
    Everybody,
    /// It is true for nobody.
    Nobody,
    /// Where it stands it makes no difference.
    Here,
}

/// The parts that may go, all together, each with the reason.
fn redundant(
    meanings: &mut Meanings,
    expr: &Expr,
    meaning: &SiteMeaning,
) -> Result<Vec<(Vec<usize>, Why)>, Exhausted> {
    let whole = meanings.truth(meaning.whole)?;
    if meanings.is_empty(whole)? || meanings.is_everybody(whole)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    if let ExprKind::All(of) | ExprKind::Any(of) = &expr.kind {
        let all = matches!(expr.kind, ExprKind::All(_));
        let mut kept: Vec<(usize, Set)> = Vec::new();
        for (index, handle) in meaning.chain.iter().enumerate() {
            kept.push((index, meanings.truth(*handle)?));
        }
        for index in (0..of.len().min(MOST_PARTS)).rev() {
            let Some(at) = kept.iter().position(|it| it.0 == index) else { continue };
            if kept.len() == 1 || of.get(index).is_none_or(is_guard) {
                continue;
            }
            let rest = kept.iter().filter(|it| it.0 != index).map(|it| it.1);
            let rest = join(meanings, all, rest)?;
            if meanings.equal(rest, whole)? {
                let (_, own) = kept.remove(at);
                let why = if meanings.is_everybody(own)? {
                    Why::Everybody
                } else if meanings.is_empty(own)? {
                    Why::Nobody
                } else {
                    Why::Others
                };
                found.push((vec![index], why));
            }
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    // Deeper parts may each be superfluous without being so together: one at a time.
    let deeper = parts(expr, MOST_PARTS).into_iter().filter(|it| it.way.len() > 1);
    for (part, (way, handle)) in deeper.zip(&meaning.without) {
        let rest = meanings.truth(*handle)?;
        if !is_guard(part.expr) && meanings.equal(rest, whole)? {
            return Ok(vec![(way.clone(), Why::Here)]);
        }
    }
    Ok(found)
}

fn join(
    meanings: &mut Meanings,
    all: bool,
    sets: impl Iterator<Item = Set>,
) -> Result<Set, Exhausted> {
    let mut sum = if all { meanings.everybody() } else { meanings.nobody() };
    for set in sets {
        sum = if all { meanings.and(sum, set)? } else { meanings.or(sum, set)? };
    }
    Ok(sum)
}

/// `has(…)` says what the author thought of, also where the rest would say it, too.
fn is_guard(part: &Expr) -> bool {
    match &part.kind {
        ExprKind::Has(_) => true,
        ExprKind::Not(of) => matches!(of.kind, ExprKind::Has(_)),
        _ => false,
    }
}

fn finding(cx: &Context<'_>, site: &Site, part: &Part<'_>, why: Why, alone: bool) -> Finding {
    let place = (&site.component, site.path.as_str());
    let because: Text = match (why, part.all) {
        (Why::Others, true) => say!(
            en: "whoever matches the rest matches it, too",
            ja: "残りを満たす人はこれも満たします"
        ),
        (Why::Others, false) => say!(
            en: "whoever matches it matches the rest, too",
            ja: "これを満たす人は残りも満たします"
        ),
        (Why::Everybody, _) => {
            say!(en: "it is true for everybody", ja: "誰にでも当てはまります")
        }
        (Why::Nobody, _) => say!(en: "it is true for nobody", ja: "誰にも当てはまりません"),
        (Why::Here, _) => say!(
            en: "with and without it the same people match",
            ja: "あってもなくても当てはまる人は同じです"
        ),
    };
    let (en, ja) = (because.to(taiwa_text::Language::En), because.to(taiwa_text::Language::Ja));
    let message = say!(en: "this part changes nothing: {en}", ja: "この部分は何も変えません: {ja}");
    let help = say!(en: "remove it, or mend it", ja: "取り除くか、直します");
    let finding = cx.inside(&REDUNDANT_PART, place, part.expr.span, message).help(help);
    if !alone {
        return finding;
    }
    let cut = cut(&site.text, part);
    let there = cx.project.condition_place(place.0, place.1, cut);
    let said = say!(en: "remove this part", ja: "この部分を取り除く");
    finding.fix(Fix::likely(said, there, ""))
}
