//! Rule TW0305, recursive-segment.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Target, rings::rings};

rule! {
    /// ## What it does
    /// Checks that no segment asks, directly or through others, whether somebody is in itself.
    ///
    /// ## Why it matters
    /// Whether a customer is in it could never be answered.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: in_segment('gold') || profile.tier == 'gold'
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/segments/gold.yaml
    /// title: Gold members
    /// when: profile.tier == 'gold'
    /// ```
    pub(crate) static RECURSIVE_SEGMENT = {
        code: "TW0305",
        name: "recursive-segment",
        level: Guard,
        ja: r"## 何を調べるか
直接にも、ほかのセグメントを通しても、自分自身に入っているかを問うセグメントがないことを調べます。

## なぜ大切か
顧客がそのセグメントに入るかどうかが、いつまでも決まりません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let asked = |component: &ComponentId| -> Vec<ComponentId> {
        let own = cx.references_of(component).filter(|it| it.span.is_some());
        let segments = own.filter(|it| matches!(it.to, Target::Segment(_)));
        segments.filter_map(|it| it.to.component(cx.components)).collect()
    };
    let all: Vec<ComponentId> = cx.components.ids();
    let kinds = [Kind::Segment, Kind::Flowchart];
    let nodes: Vec<&ComponentId> = all.iter().filter(|it| kinds.contains(&it.kind)).collect();
    for ring in rings(&nodes, asked) {
        let Some(first) = ring.first() else { continue };
        let names: Vec<String> = ring.iter().map(ToString::to_string).collect();
        let message = say!(
            en: "`{}` asks for itself: `{}` → `{first}`",
            ja: "`{}` が自分自身を参照しています: `{}` → `{first}`",
            first.name,
            names.join("` → `"),
        );
        let next = ring.get(1).unwrap_or(first);
        let site = cx
            .references_of(first)
            .find(|it| it.span.is_some() && it.to.component(cx.components).as_ref() == Some(next));
        let finding = match site.and_then(|it| Some((it, it.span?))) {
            Some((it, span)) => cx.inside(&RECURSIVE_SEGMENT, (first, &it.path), span, message),
            None => cx.at(&RECURSIVE_SEGMENT, first, "", message),
        };
        findings.push(finding.help(say!(
            en: "describe the segment by attributes or events, not by itself",
            ja: "セグメントは、自分自身ではなく属性やイベントで定義してください",
        )));
    }
}
