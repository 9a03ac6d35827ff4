//! Rule TW0302, everybody-matches.

use taiwa_condition::{Expr, ExprKind, constant};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Site, SiteKind, zones::EVERYONE};

rule! {
    /// ## What it does
    /// Reports a condition that everybody fulfils. Somebody of whom a value is missing counts: a condition that leaves
    /// them out is not true for everybody.
    ///
    /// ## Why it matters
    /// Who writes a condition means some people. One that is true for all was meant otherwise, or is not needed.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier in ["none", "silver", "gold"]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier in ["silver", "gold"]
    /// ```
    pub(crate) static EVERYBODY_MATCHES = {
        code: "TW0302",
        name: "everybody-matches",
        level: Warning,
        ja: r"## 何を調べるか
誰もが満たす条件を見つけます。値がない人も数えます。その人たちを除く条件は「誰もが」ではありません。

## なぜ大切か
条件を書くのは、一部の人を選ぶためです。全員に当てはまる条件は、書き間違いか、不要かのどちらかです。",
        check: Check::Meaning(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.kind != SiteKind::Score) {
        let Some(expr) = &site.checked.expr else { continue };
        if is_alias(expr) || !is_for_everybody(cx, site, expr) {
            continue;
        }
        let help = match site.kind {
            SiteKind::Segment => {
                say!(en: "use the segment `everyone` instead", ja: "代わりにセグメント `everyone` を使います")
            }
            SiteKind::Eligibility => say!(en: "leave `eligible` out", ja: "`eligible` を省きます"),
            SiteKind::Branch => say!(
                en: "write `otherwise` in its place, as the last case, or mend it",
                ja: "最後の分岐として代わりに `otherwise` と書くか、条件を直します"
            ),
            SiteKind::Policy | SiteKind::Score => say!(
                en: "look for the comparison that decides it, and mend it",
                ja: "原因となっている比較を探して直します"
            ),
        };
        let message = say!(en: "this is true for everybody", ja: "誰にでも当てはまります");
        let place = (&site.component, site.path.as_str());
        findings.push(cx.inside(&EVERYBODY_MATCHES, place, expr.span, message).help(help));
    }
}

/// Whether it only asks for a segment: what is wrong with that is said there.
fn is_alias(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::InSegment(it) if it.as_str() != EVERYONE)
}

/// Whether a condition is true for everybody.
pub(super) fn is_for_everybody(cx: &Context<'_>, site: &Site, expr: &Expr) -> bool {
    let known = cx.analysis().and_then(|it| Some((it, it.site(site)?)));
    let answer = known.and_then(|(analysis, meaning)| {
        analysis.ask(&site.component, |meanings| {
            let whole = meanings.truth(meaning.whole)?;
            meanings.is_everybody(whole)
        })
    });
    answer.unwrap_or_default() || constant(expr) == Some(true)
}
