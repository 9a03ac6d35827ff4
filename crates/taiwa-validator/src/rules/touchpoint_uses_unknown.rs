//! Rule TW0201, touchpoint-uses-unknown.

use taiwa_model::{EventRef, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Target, suggest};

rule! {
    /// ## What it does
    /// Checks that the interaction points and events that a touchpoint uses are declared by the channel.
    ///
    /// ## Why it matters
    /// The touchpoint would ask for a point that nobody answers, and its page would stay empty.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [baner]
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
    pub(crate) static TOUCHPOINT_USES_UNKNOWN = {
        code: "TW0201",
        name: "touchpoint-uses-unknown",
        level: Guard,
        ja: r"## 何を調べるか
タッチポイントが使うインタラクションポイントとイベントが、チャネルで宣言されているかを調べます。

## なぜ大切か
誰も答えないポイントに問い合わせることになり、ページは空のままです。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in cx.references.iter().filter(|it| it.from.kind == Kind::Touchpoint) {
        let (Target::Point(channel, _) | Target::Event(EventRef { channel, event: _ })) = &it.to
        else {
            continue;
        };
        if cx.is_declared(&it.to) {
            continue;
        }
        let names = suggest::names_like(cx, &it.to);
        let otherwise = say!(
            en: "declare it in `channels/{channel}/channel.yaml`, or take it out here",
            ja: "`channels/{channel}/channel.yaml` で宣言するか、ここから削除してください",
        );
        let finding = cx
            .at(
                &TOUCHPOINT_USES_UNKNOWN,
                &it.from,
                &it.path,
                say!(
                    en: "channel `{channel}` has no {}",
                    ja: "チャネル `{channel}` に{} はありません",
                    it.to.words(),
                ),
            )
            .help(suggest::help(it.to.name(), names.iter().copied(), &otherwise));
        let names = names.iter().copied();
        findings.push(cx.guessed(finding, (&it.from, &it.path), it.to.name(), names));
    }
}
