//! Rule TW0105, never-used.

use taiwa_model::{ComponentId, Kind, Node};
use taiwa_text::{Finding, Text, say};

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
        ja: r"## 何を調べるか
どこからも参照されていないオファー、セグメント、目標、フローチャートを見つけます。

## なぜ大切か
使われないものを読み、確認し、翻訳するのは無駄です。本当は使うつもりだったことも、よくあります。
",
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
    let mut unused = |id: &ComponentId, message: Text, help: Text| {
        findings.push(cx.at_key(&NEVER_USED, id, "", message).help(help));
    };
    for name in cx.components.offers.keys() {
        let id = ComponentId::new(Kind::Offer, name.as_str());
        if !is_used(&Target::Offer(name.clone()), &id) {
            let message = say!(
                en: "offer `{name}` is never proposed",
                ja: "オファー `{name}` はどこでも提案されていません",
            );
            unused(
                &id,
                message,
                say!(
                    en: "add a rule for it to a `strategy.yaml`, or delete the file",
                    ja: "`strategy.yaml` に割り当てを加えるか、このファイルを削除してください",
                ),
            );
        }
    }
    for (name, homes) in &cx.index.segments {
        let Some(home) = homes.first().filter(|it| it.component.kind == Kind::Segment) else {
            continue;
        };
        if !is_used(&Target::Segment(name.clone()), &home.component) {
            let message = say!(
                en: "segment `{name}` is never used",
                ja: "セグメント `{name}` はどこでも使われていません",
            );
            unused(
                &home.component,
                message,
                say!(
                    en: "use it in a strategy or a condition, or delete the file",
                    ja: "ストラテジーか条件で使うか、このファイルを削除してください",
                ),
            );
        }
    }
    for name in cx.components.goals.keys() {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        if !is_used(&Target::Goal(name.clone()), &id) {
            let message = say!(
                en: "no channel serves the goal `{name}`",
                ja: "目標 `{name}` に取り組むチャネルがありません",
            );
            unused(
                &id,
                message,
                say!(
                    en: "name it as `goal` of a channel, or delete the file",
                    ja: "チャネルの `goal` に書くか、このファイルを削除してください",
                ),
            );
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
            let message = say!(
                en: "no segment of the flowchart `{name}` is used",
                ja: "フローチャート `{name}` のセグメントはどこでも使われていません",
            );
            let help = say!(
                en: "use one of its segments in a strategy, or delete the file",
                ja: "そのセグメントをストラテジーで使うか、このファイルを削除してください",
            );
            findings.push(cx.at_key(&NEVER_USED, &id, "", message).help(help));
        }
    }
}
