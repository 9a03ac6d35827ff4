//! Rule TW0116, channel-direction.

use taiwa_model::{Channel, ComponentId, Direction, Kind, Medium};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks that a channel has what its direction needs and nothing of the other: an outbound channel a `medium` and
    /// no zones, an inbound channel no `medium`, a custom medium its interactions.
    ///
    /// ## Why it matters
    /// Touchpoints ask inbound channels and we send on outbound ones. A zone on an email channel would wait for a
    /// question that never comes.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// consent: marketing-email
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/email/channel.yaml
    /// title: Email
    /// direction: outbound
    /// medium: email
    /// consent: marketing-email
    /// ```
    pub(crate) static CHANNEL_DIRECTION = {
        code: "TW0116",
        name: "channel-direction",
        level: Guard,
        ja: r"## 何を調べるか
チャネルが、その向きに必要なものを持ち、逆の向きのものを持たないことを調べます。
アウトバウンドチャネルには `medium` があってゾーンはなく、インバウンドチャネルには `medium` がなく、
`custom` にはインタラクションの一覧があることを確かめます。

## なぜ大切か
インバウンドチャネルにはタッチポイントが問い合わせ、アウトバウンドチャネルにはこちらから送ります。
メールのチャネルにゾーンを作っても、問い合わせは来ません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for (name, channel) in &cx.components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let mut push = |path: &str, message: Text, help: Text| {
            findings.push(cx.at_key(&CHANNEL_DIRECTION, &id, path, message).help(help));
        };
        match channel.direction {
            Direction::Inbound if channel.medium.is_some() => {
                push(
                    "medium",
                    say!(en: "an inbound channel has no medium", ja: "インバウンドチャネルに `medium` は書けません"),
                    say!(
                        en: "leave `medium` out, or write `direction: outbound`",
                        ja: "`medium` を削除するか、`direction: outbound` と書いてください",
                    ),
                );
            }
            Direction::Outbound if channel.medium.is_none() => {
                push(
                    "direction",
                    say!(
                        en: "an outbound channel needs a medium",
                        ja: "アウトバウンドチャネルには `medium` が必要です",
                    ),
                    say!(
                        en: "add `medium: email`, `sms`, `push`, `voice` or `custom`",
                        ja: "`medium: email`、`sms`、`push`、`voice`、`custom` のいずれかを加えてください",
                    ),
                );
            }
            Direction::Outbound if !channel.interaction_points.is_empty() => {
                push(
                    "interaction_points",
                    say!(
                        en: "an outbound channel has no interaction points",
                        ja: "アウトバウンドチャネルにインタラクションポイントは書けません",
                    ),
                    say!(
                        en: "leave them out, or write `direction: inbound`",
                        ja: "削除するか、`direction: inbound` と書いてください",
                    ),
                );
            }
            _ => {}
        }
        interactions(channel, &mut push);
    }
}

/// Only a custom medium has interactions of its own, and it needs them.
fn interactions(channel: &Channel, push: &mut impl FnMut(&str, Text, Text)) {
    match channel.medium {
        Some(Medium::Custom) if channel.interactions.is_empty() => {
            push(
                "medium",
                say!(
                    en: "a custom medium lists its own interactions",
                    ja: "`custom` の場合は、インタラクションの一覧が必要です",
                ),
                say!(
                    en: "add for example `interactions: [displayed, selected]`",
                    ja: "たとえば `interactions: [displayed, selected]` を加えてください",
                ),
            );
        }
        Some(Medium::Email | Medium::Sms | Medium::Push | Medium::Voice)
            if !channel.interactions.is_empty() =>
        {
            push(
                "interactions",
                say!(
                    en: "only a custom medium has interactions of its own",
                    ja: "独自のインタラクションを書けるのは `custom` だけです",
                ),
                say!(en: "write `interactions: standard`", ja: "`interactions: standard` と書いてください"),
            );
        }
        _ => {}
    }
}
