//! Rule TW0607, target-below-baseline.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

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
        ja: r"## 何を調べるか
目標値が基準値より高いか、`better: lower` と書かれている場合は低いかを調べます。

## なぜ大切か
始める前から達成されている目標は、書き間違いか、`better: lower` の書き忘れです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, goal) in &cx.components.goals {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        let kpi = &goal.content.kpi;
        let (message, help) = if kpi.lower_is_better && kpi.target >= kpi.baseline {
            (
                say!(
                    en: "lower is better, but the target is not below the baseline",
                    ja: "低いほど良い目標ですが、目標値が基準値を下回っていません",
                ),
                say!(
                    en: "exchange the two, or take `better: lower` out",
                    ja: "2 つを入れ替えるか、`better: lower` を削除してください",
                ),
            )
        } else if !kpi.lower_is_better && kpi.target < kpi.baseline {
            (
                say!(en: "the target lies below the baseline", ja: "目標値が基準値を下回っています"),
                say!(
                    en: "exchange the two, or add `better: lower`",
                    ja: "2 つを入れ替えるか、`better: lower` を加えてください",
                ),
            )
        } else if !kpi.lower_is_better && kpi.target <= kpi.baseline {
            (
                say!(en: "the target is what is reached already", ja: "目標値はすでに達成されています"),
                say!(en: "write a higher target", ja: "より高い目標値を書いてください"),
            )
        } else {
            continue;
        };
        findings.push(cx.at(&TARGET_BELOW_BASELINE, &id, "kpi/target", message).help(help));
    }
}
