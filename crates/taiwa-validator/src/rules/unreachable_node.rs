//! Rule TW0113, unreachable-node.

use std::collections::BTreeSet;
use taiwa_model::{ComponentId, Kind, Node};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds nodes of a flowchart to which no way leads from its start.
    ///
    /// ## Why it matters
    /// The node and its segment are never reached; often a case names the wrong node.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top }, { otherwise: top } ] }
    ///   top: { segment: vip }
    ///   rest: { segment: regulars }
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
    pub(crate) static UNREACHABLE_NODE = {
        code: "TW0113",
        name: "unreachable-node",
        level: Warning,
        ja: r"## 何を調べるか
フローチャートの始まりからたどり着けないノードを見つけます。

## なぜ大切か
そのノードとセグメントには誰も到達しません。分岐に書かれたノードが間違っていることがよくあります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        let chart = &chart.content;
        if !chart.nodes.contains_key(&chart.start) {
            continue;
        }
        let mut reached = BTreeSet::from([&chart.start]);
        let mut waiting = vec![&chart.start];
        while let Some(node) = waiting.pop() {
            let Some(Node::Decide(branches)) = chart.nodes.get(node) else { continue };
            waiting.extend(branches.iter().map(|it| &it.go).filter(|it| reached.insert(*it)));
        }
        for node in chart.nodes.keys().filter(|it| !reached.contains(it)) {
            let message = say!(
                en: "no way leads to the node `{node}`",
                ja: "ノード `{node}` に至る経路がありません",
            );
            findings.push(
                cx.at_key(&UNREACHABLE_NODE, &id, &format!("nodes/{node}"), message).help(say!(
                    en: "let a case `go` there, or delete the node",
                    ja: "分岐の `go` でつなぐか、このノードを削除してください",
                )),
            );
        }
    }
}
