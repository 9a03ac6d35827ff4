//! Rule TW0115, unknown-node.

use taiwa_model::{ComponentId, Kind, Node, NodeName};
use taiwa_text::{Finding, say};

use crate::{Check, Context, suggest};

rule! {
    /// ## What it does
    /// Checks that `start` and every case of a flowchart name a node that it has.
    ///
    /// ## Why it matters
    /// The shopper would be sent nowhere.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: topp }, { otherwise: rest } ] }
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
    pub(crate) static UNKNOWN_NODE = {
        code: "TW0115",
        name: "unknown-node",
        level: Guard,
        ja: r"## 何を調べるか
フローチャートの `start` とすべての分岐が、実在するノードを指しているかを調べます。

## なぜ大切か
訪問者の行き先がなくなります。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        let nodes = &chart.content.nodes;
        let mut look = |node: &NodeName, path: &str| {
            if nodes.contains_key(node) {
                return;
            }
            let names = nodes.keys().map(NodeName::as_str);
            let finding = cx
                .at(
                    &UNKNOWN_NODE,
                    &id,
                    path,
                    say!(
                        en: "the flowchart has no node `{node}`",
                        ja: "フローチャートにノード `{node}` はありません",
                    ),
                )
                .help(suggest::help(
                    node.as_str(),
                    names.clone(),
                    &say!(en: "add it under `nodes`", ja: "`nodes` に加えてください"),
                ));
            findings.push(cx.guessed(finding, (&id, path), node.as_str(), names));
        };
        look(&chart.content.start, "start");
        for (node, content) in nodes {
            let Node::Decide(branches) = content else { continue };
            for (index, branch) in branches.iter().enumerate() {
                look(&branch.go, &format!("nodes/{node}/decide/{index}/go"));
            }
        }
    }
}
