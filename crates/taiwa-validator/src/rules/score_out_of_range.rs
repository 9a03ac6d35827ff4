//! Rule TW0529, score-out-of-range.

use taiwa_condition::range;
use taiwa_text::{Finding, say};

use crate::{Check, Context, SiteKind};

rule! {
    /// ## What it does
    /// Finds computed scores that are below 0 for everybody, or may be above 1000.
    ///
    /// ## Why it matters
    /// Below 0 an offer is never proposed; above 1000 it counts as 1000.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: "profile.tier == 'gold' ? 8000 : 10" }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static SCORE_OUT_OF_RANGE = {
        code: "TW0529",
        name: "score-out-of-range",
        level: Warning,
        ja: r"## 何を調べるか
誰に対しても 0 未満になる、または 1000 を超えることのある、計算で求めるスコアを見つけます。

## なぜ大切か
0 未満のオファーが提案されることはなく、1000 を超えるスコアは 1000 として扱われます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.kind == SiteKind::Score) {
        let Some(expr) = &site.checked.expr else { continue };
        let (least, most) = range(expr);
        let message = if most < 0.0 {
            say!(
                en: "this is below 0 for everybody: the offer is never proposed",
                ja: "誰に対しても 0 未満です。このオファーが提案されることはありません",
            )
        } else if most > MOST && most.is_finite() {
            say!(
                en: "this may be {most}, and counts as {MOST} then",
                ja: "{most} になることがあり、その場合は {MOST} として扱われます",
            )
        } else if least > MOST {
            say!(en: "this is above {MOST} for everybody", ja: "誰に対しても {MOST} を超えています")
        } else {
            continue;
        };
        let place = (&site.component, site.path.as_str());
        findings.push(
            cx.inside(&SCORE_OUT_OF_RANGE, place, expr.span, message)
                .help(say!(en: "write a score from 0 to 1000", ja: "スコアは 0 から 1000 の範囲で書いてください")),
        );
    }
}

/// What a score above counts as.
const MOST: f64 = 1000.0;
