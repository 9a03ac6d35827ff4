//! Rule TW0202, point-without-touchpoint.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Reference, Target};

rule! {
    /// ## What it does
    /// Finds interaction points that no touchpoint uses, in channels that have touchpoints.
    ///
    /// ## Why it matters
    /// Nobody asks for it, so whatever is planned for it is never seen.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   events: [purchase, shown, clicked]
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, shown, clicked]
    /// ```
    pub(crate) static POINT_WITHOUT_TOUCHPOINT = {
        code: "TW0202",
        name: "point-without-touchpoint",
        level: Warning,
        ja: r"## 何を調べるか
タッチポイントのあるチャネルで、どのタッチポイントも使っていないインタラクションポイントを見つけます。

## なぜ大切か
問い合わせが来ないため、そこに計画したものは誰の目にも触れません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        if !cx.has_touchpoint(name) {
            continue;
        }
        for point in channel.interaction_points.keys() {
            let target = Target::Point(name.clone(), point.clone());
            let touchpoint = |it: &Reference| it.from.kind == Kind::Touchpoint;
            if cx.references_to(&target).any(touchpoint) || cx.may_be_meant(point.as_str()) {
                continue;
            }
            let message = say!(
                en: "no touchpoint uses the interaction point `{point}`",
                ja: "インタラクションポイント `{point}` を使うタッチポイントがありません",
            );
            findings.push(
                cx.at_key(
                    &POINT_WITHOUT_TOUCHPOINT,
                    &id,
                    &format!("interaction_points/{point}"),
                    message,
                )
                .help(say!(
                    en: "add it to `uses` of the touchpoint that asks for it, or delete the point",
                    ja: "オファーを求めるタッチポイントの `uses` に加えるか、このポイントを削除してください",
                )),
            );
        }
    }
}
