//! Rule TW0120, scenario-before-start.

use taiwa_model::{ComponentId, Kind, Step};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a scenario starts a session before it asks for offers or posts an event by its bare name.
    ///
    /// ## Why it matters
    /// Bare names mean the channel of the last `start`; before it there is none, and nobody to ask.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - offers: { point: banner, expect: [kit] }
    ///   - start: { channel: web-store }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - offers: { point: banner, expect: [kit] }
    /// ```
    pub(crate) static SCENARIO_BEFORE_START = {
        code: "TW0120",
        name: "scenario-before-start",
        level: Guard,
        ja: r"## 何を調べるか
シナリオが、オファーを求めたりイベントを名前だけで送ったりする前に、セッションを始めているかを調べます。

## なぜ大切か
名前だけの指定は、最後の `start` のチャネルを意味します。その前にはチャネルがなく、問い合わせる相手もいません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, scenario) in &cx.components.scenarios {
        let id = ComponentId::new(Kind::Scenario, name.as_str());
        for (index, step) in scenario.content.steps.iter().enumerate() {
            let message = match step {
                Step::Start { .. } => break,
                Step::Offers { .. } => {
                    say!(
                        en: "this asks for offers before a session has started",
                        ja: "セッションが始まる前にオファーを求めています",
                    )
                }
                Step::Post { .. } => {
                    say!(
                        en: "this posts an event before a session has started",
                        ja: "セッションが始まる前にイベントを送っています",
                    )
                }
                Step::Advance(_) | Step::Expect(_) => continue,
            };
            findings.push(
                cx.at(&SCENARIO_BEFORE_START, &id, &format!("steps/{index}"), message).help(say!(
                    en: "put `- start: {{ channel: NAME }}` before it",
                    ja: "この前に `- start: {{ channel: NAME }}` を書いてください",
                )),
            );
        }
    }
}
