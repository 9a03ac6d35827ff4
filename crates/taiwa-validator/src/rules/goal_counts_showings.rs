//! Rule TW0606, goal-counts-showings.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds goals whose event is one that a channel posts when an offer is shown.
    ///
    /// ## Why it matters
    /// It would be reached by showing more, whether customers want it or not.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/shown, measure: count, per: 30d, baseline: 420, target: 600 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: count, per: 30d, baseline: 420, target: 600 }
    /// ```
    pub(crate) static GOAL_COUNTS_SHOWINGS = {
        code: "TW0606",
        name: "goal-counts-showings",
        level: Warning,
        ja: r"## 何を調べるか
オファーの表示時にチャネルが送るイベントを数えている目標を見つけます。

## なぜ大切か
顧客が望んでいるかどうかにかかわらず、表示を増やすだけで達成できてしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, goal) in &cx.components.goals {
        let event = &goal.content.kpi.event;
        let channel = cx.components.channels.get(&event.channel);
        if channel.is_some_and(|it| it.responses.shown.contains(&event.event)) {
            let id = ComponentId::new(Kind::Goal, name.as_str());
            findings.push(
                cx.at(
                    &GOAL_COUNTS_SHOWINGS,
                    &id,
                    "kpi/event",
                    say!(
                        en: "`{event}` counts what we show, not what customers do",
                        ja: "`{event}` が数えるのは、顧客の行動ではなくこちらの表示です",
                    ),
                )
                .help(say!(
                    en: "name the event that says that a customer did it",
                    ja: "顧客が行動したことを示すイベントを書いてください",
                )),
            );
        }
    }
}
