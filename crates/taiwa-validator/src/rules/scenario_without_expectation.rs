//! Rule TW0122, scenario-without-expectation.

use taiwa_model::{ComponentId, Kind, Step};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds scenarios that expect nothing.
    ///
    /// ## Why it matters
    /// It always passes, so it proves nothing, but it counts as a test.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/scenarios/first.yaml
    /// title: A gold member sees the kit
    /// given:
    ///   at: 2026-11-21T10:00:00+09:00
    ///   customer: { customer_id: c-1, tier: gold }
    /// steps:
    ///   - start: { channel: web-store }
    ///   - offers: { point: banner }
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
    pub(crate) static SCENARIO_WITHOUT_EXPECTATION = {
        code: "TW0122",
        name: "scenario-without-expectation",
        level: Warning,
        ja: r"## 何を調べるか
何も期待していないシナリオを見つけます。

## なぜ大切か
いつも成功するので何の証明にもならないのに、テストとして数えられてしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, scenario) in &cx.components.scenarios {
        let id = ComponentId::new(Kind::Scenario, name.as_str());
        let expects = |step: &Step| match step {
            Step::Offers { expect, contains, excludes, .. } => {
                expect.is_some() || !contains.is_empty() || !excludes.is_empty()
            }
            Step::Expect(_) => true,
            Step::Start { .. } | Step::Post { .. } | Step::Advance(_) => false,
        };
        if !scenario.content.steps.iter().any(expects) {
            findings.push(
                cx.at_key(
                    &SCENARIO_WITHOUT_EXPECTATION,
                    &id,
                    "steps",
                    say!(en: "this scenario expects nothing", ja: "このシナリオは何も期待していません"),
                )
                .help(say!(
                    en: "add `expect: [OFFER]` to a step that asks for offers",
                    ja: "オファーを求める手順に `expect: [OFFER]` を加えてください",
                )),
            );
        }
    }
}
