//! Rule TW0530, rule-twice.

use std::collections::BTreeMap;
use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds two rules of a strategy for the same zone, segment and offer.
    ///
    /// ## Why it matters
    /// An offer counts once, with its highest score: the other rule does nothing, and whoever changes it wonders.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: gold, offer: kit, score: 60 }
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
    pub(crate) static RULE_TWICE = {
        code: "TW0530",
        name: "rule-twice",
        level: Warning,
        ja: r"## 何を調べるか
ストラテジーの中で、ゾーン、セグメント、オファーが同じ割り当てが 2 つあるのを見つけます。

## なぜ大切か
オファーは、最も高いスコアで一度だけ数えられます。もう一方は働かず、直した人は首をかしげることになります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (channel, strategy) in &cx.components.strategies {
        let id = ComponentId::new(Kind::Strategy, channel.as_str());
        let mut seen = BTreeMap::new();
        for (index, rule) in strategy.rules.iter().enumerate() {
            let key = (&rule.zone, &rule.segment, &rule.offer);
            let Some(first) = seen.get(&key) else {
                seen.insert(key, index);
                continue;
            };
            let message = say!(
                en: "`{}` is already proposed to `{}` in `{}`",
                ja: "オファー `{}` は、すでに `{}` に `{}` で提案されています",
                rule.offer,
                rule.segment,
                rule.zone,
            );
            let mut finding = cx
                .at(&RULE_TWICE, &id, &format!("rules/{index}"), message)
                .help(say!(en: "keep one of the two", ja: "どちらか一方だけを残してください"))
                .related(
                    cx.place(&id, &format!("rules/{first}")),
                    say!(en: "the other one", ja: "もう一方"),
                );
            // The same in every word: then it does not matter which of the two stays.
            let same = strategy.rules.get(*first) == Some(rule);
            let path = format!("rules/{index}");
            finding.fix = same.then(|| cx.project.drop_item(&id, &path)).flatten();
            findings.push(finding);
        }
    }
}
