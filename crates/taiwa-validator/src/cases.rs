//! The forks of all flowcharts: who comes there, who fulfils each case, who takes it.

use taiwa_meaning::Set;
use taiwa_model::{ComponentId, Kind, Node, NodeName};

use crate::{Context, Site};

/// A node of a flowchart that decides.
pub(crate) struct Fork<'a> {
    /// The flowchart.
    pub chart: ComponentId,
    /// The node.
    pub node: &'a NodeName,
    /// Where its cases stand.
    pub path: String,
    /// Who comes there.
    pub reached: Set,
    /// Its cases, in order.
    pub cases: Vec<Case<'a>>,
    /// The first case that is true for everybody, if any.
    open: Option<usize>,
}

/// A case of a fork.
pub(crate) struct Case<'a> {
    /// Its condition; none for `otherwise`.
    pub site: Option<&'a Site>,
    /// Who fulfils it, also of those who never come.
    pub yes: Option<Set>,
    /// Who takes it.
    pub taken: Set,
}

impl Fork<'_> {
    /// Whether a case before it is true for everybody: what follows from that is not said again.
    pub(crate) fn is_behind_everybody(&self, case: usize) -> bool {
        self.open.is_some_and(|it| it < case)
    }
}

/// Every fork that somebody comes to, of every flowchart that can be read.
pub(crate) fn forks<'a>(cx: &'a Context<'_>) -> Vec<Fork<'a>> {
    let mut all = Vec::new();
    let Some(analysis) = cx.analysis() else { return all };
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        let meaning = analysis.ask(&id, |meanings| meanings.chart(analysis.version, name));
        let Some(Some(meaning)) = meaning else { continue };
        for (node, content) in &chart.content.nodes {
            let (Node::Decide(branches), Some(it)) = (content, meaning.nodes.get(node)) else {
                continue;
            };
            let path = format!("nodes/{node}/decide");
            let fork = analysis.ask(&id, |meanings| {
                if meanings.is_empty(it.reached)? || it.cases.len() != branches.len() {
                    return Ok(None);
                }
                let mut fork = Fork {
                    chart: id.clone(),
                    node,
                    path: path.clone(),
                    reached: it.reached,
                    cases: Vec::new(),
                    open: None,
                };
                for (index, taken) in it.cases.iter().enumerate() {
                    let site = cx.sites.get(&id, &format!("{path}/{index}/when"));
                    let handle = site.and_then(|it| analysis.site(it)).map(|it| it.whole);
                    let yes = handle.map(|it| meanings.truth(it)).transpose()?;
                    if let Some(yes) = yes
                        && fork.open.is_none()
                        && meanings.is_everybody(yes)?
                    {
                        fork.open = Some(index);
                    }
                    fork.cases.push(Case { site, yes, taken: *taken });
                }
                Ok(Some(fork))
            });
            all.extend(fork.flatten());
        }
    }
    all
}
