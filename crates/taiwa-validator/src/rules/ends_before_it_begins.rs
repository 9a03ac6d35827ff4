//! Rule TW0501, ends-before-it-begins.

use taiwa_model::{ComponentId, Kind, Period};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that the `until` of an offer, a goal and a freeze is later than its `from`.
    ///
    /// ## Why it matters
    /// It would never be valid, and nothing would say so.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { from: 2036-11-01, until: 2036-10-31 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/offers/kit.yaml
    /// title: Starter kit
    /// value: 12.5
    /// valid: { from: 2026-11-01, until: 2036-11-30 }
    /// treatments:
    ///   web-store: { en: { headline: Taste it } }
    /// ```
    pub(crate) static ENDS_BEFORE_IT_BEGINS = {
        code: "TW0501",
        name: "ends-before-it-begins",
        level: Guard,
        ja: r"## 何を調べるか
オファー、目標、変更凍結の `until` が `from` より後かを調べます。

## なぜ大切か
有効な期間がまったくないのに、そのことに誰も気づきません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let wrong = |it: &Period| {
        let (from, until) = it.from.zip(it.until)?;
        let empty = from.begins(&cx.zone) >= until.ends(&cx.zone);
        empty.then(|| {
            say!(
                en: "this ends ({until}) before it begins ({from})",
                ja: "終わり ({until}) が始まり ({from}) より前になっています",
            )
        })
    };
    let help = say!(en: "exchange the two, or mend the year", ja: "2 つを入れ替えるか、年を直してください");
    for (name, it) in &cx.components.offers {
        if let Some(message) = wrong(&it.content.valid) {
            let id = ComponentId::new(Kind::Offer, name.as_str());
            findings.push(
                cx.at(&ENDS_BEFORE_IT_BEGINS, &id, "valid/until", message).help(help.clone()),
            );
        }
    }
    for (name, it) in &cx.components.goals {
        if let Some(message) = wrong(&it.content.period) {
            let id = ComponentId::new(Kind::Goal, name.as_str());
            findings.push(
                cx.at(&ENDS_BEFORE_IT_BEGINS, &id, "period/until", message).help(help.clone()),
            );
        }
    }
    for (name, environment) in &cx.project.environments {
        for (index, it) in environment.freeze.iter().enumerate() {
            let period = Period { from: Some(it.from), until: Some(it.until) };
            if let Some(message) = wrong(&period) {
                let path = format!("freeze/{index}/until");
                findings.push(
                    cx.at_environment(&ENDS_BEFORE_IT_BEGINS, name, &path, message)
                        .help(help.clone()),
                );
            }
        }
    }
}
