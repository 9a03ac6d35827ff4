//! Rule TW0203, event-nobody-posts.

use std::collections::BTreeSet;

use taiwa_model::{EventRef, Kind};
use taiwa_text::{Finding, say};

use crate::{Check, Context, Reference, Target};

rule! {
    /// ## What it does
    /// Finds conditions and responses that wait for an event which no touchpoint of the channel posts, in channels that
    /// have touchpoints.
    ///
    /// ## Why it matters
    /// The condition is never true, however often customers do it.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/touchpoints/site.yaml
    /// title: Web store front end
    /// uses:
    ///   interaction_points: [banner]
    ///   events: [purchase, clicked]
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
    pub(crate) static EVENT_NOBODY_POSTS = {
        code: "TW0203",
        name: "event-nobody-posts",
        level: Warning,
        ja: r"## 何を調べるか
タッチポイントのあるチャネルで、どのタッチポイントも送らないイベントを待つ条件や応答を見つけます。

## なぜ大切か
顧客が何度その行動をしても、条件が真になることはありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let touchpoint = |it: &&Reference| it.from.kind == Kind::Touchpoint;
    let posted: BTreeSet<&Target> =
        cx.references.iter().filter(touchpoint).map(|it| &it.to).collect();
    let waiting =
        [Kind::Channel, Kind::Segment, Kind::Flowchart, Kind::Offer, Kind::Strategy, Kind::Policy];
    for it in cx.references.iter().filter(|it| waiting.contains(&it.from.kind)) {
        let Target::Event(EventRef { channel, event }) = &it.to else { continue };
        let known = cx.index.exists(cx.components, &it.to);
        if !known
            || !cx.has_touchpoint(channel)
            || posted.contains(&it.to)
            || cx.may_be_meant(event.as_str())
        {
            continue;
        }
        let message = say!(
            en: "no touchpoint of `{channel}` posts the event `{event}`",
            ja: "チャネル `{channel}` に、イベント `{event}` を送るタッチポイントがありません",
        );
        let finding = match it.span {
            Some(span) => cx.inside(&EVENT_NOBODY_POSTS, (&it.from, &it.path), span, message),
            None => cx.at(&EVENT_NOBODY_POSTS, &it.from, &it.path, message),
        };
        findings.push(finding.help(say!(
            en: "add it to `uses` of the touchpoint that posts it",
            ja: "イベントを送るタッチポイントの `uses` に加えてください",
        )));
    }
}
