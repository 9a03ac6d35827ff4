//! Rule TW0105, never-used.

use taiwa_model::{ComponentId, Kind, Node};
use taiwa_text::Finding;

use crate::{Check, Context, Reference, Stage, Target};

rule! {
    /// ## What it does
    /// Finds offers, segments, goals and flowcharts that nothing refers to.
    ///
    /// ## Why it matters
    /// What nobody uses is read, reviewed and translated for nothing, and often it was meant to be used.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/silver.yaml
    /// title: Silver
    /// when: profile.tier == 'silver'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static NEVER_USED = {
        code: "TW0105",
        name: "never-used",
        level: Warning,
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    // A release may hold a part of the workspace: what is used is asked of the whole.
    if cx.options.stage != Stage::Edit {
        return;
    }
    let is_used = |target: &Target, by_other_than: &ComponentId| {
        let uses = |it: &Reference| it.from.kind != Kind::Scenario && it.from != *by_other_than;
        cx.references_to(target).any(uses) || cx.may_be_meant(target.name())
    };
    let mut unused = |id: &ComponentId, message: String, help: &str| {
        findings.push(cx.at_key(&NEVER_USED, id, "", message).help(help));
    };
    for name in cx.components.offers.keys() {
        let id = ComponentId::new(Kind::Offer, name.as_str());
        if !is_used(&Target::Offer(name.clone()), &id) {
            let message = format!("offer `{name}` is never proposed");
            unused(&id, message, "add a rule for it to a `strategy.yaml`, or delete the file");
        }
    }
    for (name, homes) in &cx.index.segments {
        let Some(home) = homes.first().filter(|it| it.component.kind == Kind::Segment) else {
            continue;
        };
        if !is_used(&Target::Segment(name.clone()), &home.component) {
            let message = format!("segment `{name}` is never used");
            unused(
                &home.component,
                message,
                "use it in a strategy or a condition, or delete the file",
            );
        }
    }
    for name in cx.components.goals.keys() {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        if !is_used(&Target::Goal(name.clone()), &id) {
            let message = format!("no channel serves the goal `{name}`");
            unused(&id, message, "name it as `goal` of a channel, or delete the file");
        }
    }
    flowcharts(cx, &is_used, findings);
}

fn flowcharts(
    cx: &Context<'_>,
    is_used: &dyn Fn(&Target, &ComponentId) -> bool,
    findings: &mut Vec<Finding>,
) {
    for (name, chart) in &cx.components.flowcharts {
        let id = ComponentId::new(Kind::Flowchart, name.as_str());
        let leaf = |node: &Node| match node {
            Node::Segment { name, title: _ } => is_used(&Target::Segment(name.clone()), &id),
            Node::Decide(_) => false,
        };
        if !chart.content.nodes.values().any(leaf) {
            let message = format!("no segment of the flowchart `{name}` is used");
            let help = "use one of its segments in a strategy, or delete the file";
            findings.push(cx.at_key(&NEVER_USED, &id, "", message).help(help));
        }
    }
}
