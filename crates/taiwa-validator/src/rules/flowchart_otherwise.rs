//! Rule TW0114, flowchart-otherwise.

use taiwa_model::{ComponentId, Kind, Node};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that the cases of every node end with `otherwise`, and that `otherwise` stands nowhere else.
    ///
    /// ## Why it matters
    /// Without it, shoppers whom no case takes would arrive nowhere; behind it, no case is ever looked at.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top } ] }
    ///   top: { segment: vip }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top }, { otherwise: rest } ] }
    ///   top: { segment: vip }
    ///   rest: { segment: regulars }
    /// ```
    pub(crate) static FLOWCHART_OTHERWISE = {
        code: "TW0114",
        name: "flowchart-otherwise",
        level: Guard,
        ja: r"## 何を調べるか
すべてのノードの分岐が `otherwise` で終わり、`otherwise` がほかの位置にないことを調べます。

## なぜ大切か
`otherwise` がないと、どの分岐にも当てはまらない訪問者の行き先がなくなります。`otherwise` より後の分岐は評価されません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        for (node, content) in &chart.content.nodes {
            let Node::Decide(branches) = content else { continue };
            let path = format!("nodes/{node}/decide");
            let last = branches.len().saturating_sub(1);
            let early = branches.iter().take(last).position(|it| it.when.is_none());
            if let Some(index) = early {
                let message = say!(
                    en: "the cases behind `otherwise` are never looked at",
                    ja: "`otherwise` より後の分岐は評価されません",
                );
                findings.push(
                    cx.at(&FLOWCHART_OTHERWISE, &id, &format!("{path}/{index}"), message).help(
                        say!(en: "move `otherwise` to the end", ja: "`otherwise` を最後に移してください"),
                    ),
                );
            }
            if branches.last().is_none_or(|it| it.when.is_some()) {
                let message = say!(
                    en: "the cases of `{node}` do not end with `otherwise`",
                    ja: "`{node}` の分岐が `otherwise` で終わっていません",
                );
                findings.push(
                    cx.at(&FLOWCHART_OTHERWISE, &id, &format!("{path}/{last}"), message).help(
                        say!(
                            en: "add `{{ otherwise: NODE }}` as the last case",
                            ja: "最後の分岐として `{{ otherwise: NODE }}` を加えてください",
                        ),
                    ),
                );
            }
        }
    }
}
