//! Rule TW0106, flowchart-cycle.

use taiwa_model::{ComponentId, Kind, Node, NodeName};
use taiwa_text::{Finding, say};

use crate::{Check, Context, rings::rings};

rule! {
    /// ## What it does
    /// Checks that no way through a flowchart comes back to a node where it has been.
    ///
    /// ## Why it matters
    /// A shopper would go round for ever and never arrive at a segment.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/flowcharts/place.yaml
    /// title: Place a shopper
    /// start: first
    /// nodes:
    ///   first: { decide: [ { when: 'profile.tier == "gold"', go: top }, { otherwise: first } ] }
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
    pub(crate) static FLOWCHART_CYCLE = {
        code: "TW0106",
        name: "flowchart-cycle",
        level: Guard,
        ja: r"## 何を調べるか
フローチャートのどの経路も、一度通ったノードに戻らないことを調べます。

## なぜ大切か
訪問者はいつまでも回り続け、どのセグメントにもたどり着けません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        let nodes = &chart.content.nodes;
        let all: Vec<&NodeName> = nodes.keys().collect();
        let next = |node: &NodeName| match nodes.get(node) {
            Some(Node::Decide(branches)) => branches.iter().map(|it| it.go.clone()).collect(),
            _ => Vec::new(),
        };
        for ring in rings(&all, next) {
            let way: Vec<&str> = ring.iter().map(NodeName::as_str).collect();
            let Some(first) = way.first() else { continue };
            let message = say!(
                en: "this way never ends: `{}` → `{first}`",
                ja: "この経路は終わりません: `{}` → `{first}`",
                way.join("` → `"),
            );
            findings.push(
                cx.at_key(&FLOWCHART_CYCLE, &id, &format!("nodes/{first}"), message).help(say!(
                    en: "let one of its cases go to a node that ends in a segment",
                    ja: "分岐の 1 つを、セグメントで終わるノードにつないでください",
                )),
            );
        }
    }
}
