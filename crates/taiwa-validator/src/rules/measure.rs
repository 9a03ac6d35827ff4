//! Rule TW0608, measure.

use taiwa_model::{ComponentId, Kind, PropertyName};
use taiwa_text::{Finding, say};

use crate::{Check, Context, measure::Measure, suggest};

rule! {
    /// ## What it does
    /// Checks the `measure` of a goal: `count`, `people`, `sum(PROPERTY)` of a numeric property of the event, or
    /// `rate(channel/event)`.
    ///
    /// ## Why it matters
    /// The report would have nothing to count.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: sum(order_id), per: 30d, baseline: 420, target: 600 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/goals/sales.yaml
    /// title: More sales
    /// objective: 600 a month
    /// kpi: { event: web-store/purchase, measure: sum(amount), per: 30d, baseline: 420, target: 600 }
    /// ```
    pub(crate) static MEASURE = {
        code: "TW0608",
        name: "measure",
        level: Guard,
        ja: r"## 何を調べるか
目標の `measure` を調べます。`count`、`people`、イベントの数値プロパティの合計 `sum(PROPERTY)`、
`rate(channel/event)` のいずれかであることを確かめます。

## なぜ大切か
レポートで数えるものがなくなります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, goal) in &cx.components.goals {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        let kpi = &goal.content.kpi;
        let (message, help) = match Measure::parse(&kpi.measure) {
            Some(Measure::Count | Measure::People | Measure::Rate(_)) => continue,
            None => (
                say!(en: "`{}` is no measure", ja: "`{}` という測り方はありません", kpi.measure),
                say!(
                    en: "write `count`, `people`, `sum(PROPERTY)` or `rate(channel/event)`",
                    ja: "`count`、`people`、`sum(PROPERTY)`、`rate(channel/event)` のいずれかを書いてください",
                ),
            ),
            Some(Measure::Sum(property)) => {
                let channel = cx.components.channels.get(&kpi.event.channel);
                let Some(event) = channel.and_then(|it| it.events.get(&kpi.event.event)) else {
                    continue;
                };
                match event.properties.get(property) {
                    Some(it) if it.kind.is_numeric() => continue,
                    Some(it) => (
                        say!(
                            en: "`{property}` is of type {} and cannot be added up",
                            ja: "`{property}` の型は `{}` なので合計できません",
                            it.kind.as_str(),
                        ),
                        say!(
                            en: "name a property of type `int` or `number`",
                            ja: "型が `int` か `number` のプロパティを書いてください",
                        ),
                    ),
                    None => {
                        let names = event.properties.keys().map(PropertyName::as_str);
                        (
                            say!(
                                en: "event `{}` has no property `{property}`",
                                ja: "イベント `{}` にプロパティ `{property}` はありません",
                                kpi.event,
                            ),
                            suggest::help(
                                property,
                                names,
                                &say!(en: "declare it at the event", ja: "イベントで宣言してください"),
                            ),
                        )
                    }
                }
            }
        };
        findings.push(cx.at(&MEASURE, &id, "kpi/measure", message).help(help));
    }
}
