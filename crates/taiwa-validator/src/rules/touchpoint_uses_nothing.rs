//! Rule TW0214, touchpoint-uses-nothing.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Finds touchpoints that use neither an interaction point nor an event.
    ///
    /// ## Why it matters
    /// The file says that a website or an app builds on the channel, and not on what; a change that breaks it is not
    /// noticed.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/touchpoints/kiosk.yaml
    /// title: Kiosk
    /// uses: {}
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/touchpoints/kiosk.yaml
    /// title: Kiosk
    /// uses:
    ///   interaction_points: [banner]
    /// ```
    pub(crate) static TOUCHPOINT_USES_NOTHING = {
        code: "TW0214",
        name: "touchpoint-uses-nothing",
        level: Warning,
        ja: r"## 何を調べるか
インタラクションポイントもイベントも使っていないタッチポイントを見つけます。

## なぜ大切か
サイトやアプリがチャネルを使うことだけが書かれ、何を使うかが書かれていません。それを壊す変更に誰も気づけません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, touchpoint) in &cx.components.touchpoints {
        let id = ComponentId::new(Kind::Touchpoint, name.as_str());
        let uses = &touchpoint.content.uses;
        if !uses.interaction_points.is_empty() || !uses.events.is_empty() || cx.is_doubtful(&id) {
            continue;
        }
        let message = say!(
            en: "the touchpoint `{name}` uses nothing",
            ja: "タッチポイント `{name}` は何も使っていません",
        );
        findings.push(cx.at_key(&TOUCHPOINT_USES_NOTHING, &id, "uses", message).help(say!(
            en: "list the interaction points that it asks for and the events that it posts",
            ja: "使うインタラクションポイントと、送るイベントを挙げてください",
        )));
    }
}
