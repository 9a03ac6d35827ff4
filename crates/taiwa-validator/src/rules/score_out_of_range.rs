//! Rule TW0529, score-out-of-range.

use taiwa_model::{ComponentId, Kind, Score};
use taiwa_text::Finding;

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds written scores below 0 or above 1000.
    ///
    /// ## Why it matters
    /// Below 0 an offer is never proposed; above 1000 it counts as 1000.
    ///
    /// ## Bad
    /// ```yaml path=channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 8000 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml path=channels/web-store/strategy.yaml
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
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        for (index, rule) in strategy.rules.iter().enumerate() {
            let Score::Fixed(score) = rule.score else { continue };
            let message = if score < 0.0 {
                format!("with a score of {score} this is never proposed")
            } else if score > 1000.0 {
                format!("a score of {score} counts as 1000")
            } else {
                continue;
            };
            findings.push(
                cx.at(&SCORE_OUT_OF_RANGE, &id, &format!("rules/{index}/score"), message)
                    .help("write a score from 0 to 1000"),
            );
        }
    }
}
