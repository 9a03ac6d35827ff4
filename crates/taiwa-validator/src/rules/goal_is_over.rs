//! Rule TW0609, goal-is-over.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Target};

rule! {
    /// ## What it does
    /// Finds goals whose `period` is over, at the time of the check, and that a channel still serves.
    ///
    /// ## Why it matters
    /// What the channel does is measured against a time that has passed; the next period was forgotten, or the channel
    /// has another goal by now.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }
    /// period: { from: 2025-01-01, until: 2025-12-31 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }
    /// period: { from: 2026-01-01, until: 2039-12-31 }
    /// ```
    pub(crate) static GOAL_IS_OVER = {
        code: "TW0609",
        name: "goal-is-over",
        level: Warning,
        ja: r"## 何を調べるか
検査の時点で `period` が終わっているのに、まだチャネルが目指している目標を見つけます。

## なぜ大切か
チャネルの成果が、過ぎた期間に対して測られます。次の期間を書き忘れたか、チャネルの目標がもう別のものになっています。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, goal) in &cx.components.goals {
        let Some(until) = goal.content.period.until else { continue };
        let served = cx.references_to(&Target::Goal(name.clone())).next().is_some();
        if !served || !cx.clock.has_passed(until.ends(&cx.zone)) {
            continue;
        }
        let id = ComponentId::new(Kind::Goal, name.as_str());
        let message = say!(
            en: "the period of the goal `{name}` ended on {until}",
            ja: "目標 `{name}` の期間は {until} に終わっています",
        );
        findings.push(cx.at(&GOAL_IS_OVER, &id, "period/until", message).help(say!(
            en: "write the next period and its target, or give the channel another goal",
            ja: "次の期間と目標値を書くか、チャネルに別の目標を指定してください",
        )));
    }
}
