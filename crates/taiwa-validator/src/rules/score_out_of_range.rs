//! Rule TW0529, score-out-of-range.

use taiwa_condition::range;
use taiwa_text::Finding;

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
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for site in cx.sites.iter().filter(|it| it.kind == SiteKind::Score) {
        let Some(expr) = &site.checked.expr else { continue };
        let (least, most) = range(expr);
        let message = if most < 0.0 {
            "this is below 0 for everybody: the offer is never proposed".to_owned()
        } else if most > MOST && most.is_finite() {
            format!("this may be {most}, and counts as {MOST} then")
        } else if least > MOST {
            format!("this is above {MOST} for everybody")
        } else {
            continue;
        };
        let place = (&site.component, site.path.as_str());
        findings.push(
            cx.inside(&SCORE_OUT_OF_RANGE, place, expr.span, message)
                .help("write a score from 0 to 1000"),
        );
    }
}

/// What a score above counts as.
const MOST: f64 = 1000.0;
