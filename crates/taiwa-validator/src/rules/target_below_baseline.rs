//! Rule TW0607, target-below-baseline.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::Finding;

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that the target of a goal lies above its baseline, or below where `better: lower` is written.
    ///
    /// ## Why it matters
    /// A goal that is reached before the work begins is a slip of the hand, or it lacks `better: lower`.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 600, target: 420 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }
    /// ```
    pub(crate) static TARGET_BELOW_BASELINE = {
        code: "TW0607",
        name: "target-below-baseline",
        level: Error,
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, goal) in &cx.components.goals {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        let kpi = &goal.content.kpi;
        let (message, help) = if kpi.lower_is_better && kpi.target >= kpi.baseline {
            (
                "lower is better, but the target is not below the baseline",
                "exchange the two, or take `better: lower` out",
            )
        } else if !kpi.lower_is_better && kpi.target < kpi.baseline {
            ("the target lies below the baseline", "exchange the two, or add `better: lower`")
        } else if !kpi.lower_is_better && kpi.target <= kpi.baseline {
            ("the target is what is reached already", "write a higher target")
        } else {
            continue;
        };
        findings.push(cx.at(&TARGET_BELOW_BASELINE, &id, "kpi/target", message).help(help));
    }
}
