//! Rule TW0102, unknown-name.

use taiwa_model::Kind;
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, Stage, Strength, Target, suggest};

rule! {
    /// ## What it does
    /// Checks that every segment, zone, point, category, event, goal, channel, consent purpose, attribute and level
    /// that is named somewhere is declared.
    ///
    /// ## Why it matters
    /// What refers to nothing does nothing: a rule for a segment that does not exist is for nobody.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: goldd, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/web-store/strategy.yaml
    /// rules:
    ///   - { zone: home, segment: gold, offer: kit, score: 80 }
    ///   - { zone: home, segment: everyone, offer: sale, score: 40 }
    /// ```
    pub(crate) static UNKNOWN_NAME = {
        code: "TW0102",
        name: "unknown-name",
        level: Guard,
        ja: r"## 何を調べるか
名前で参照されているすべてのセグメント、ゾーン、ポイント、カテゴリー、イベント、目標、チャネル、同意の目的、属性、
レベルが宣言されているかを調べます。

## なぜ大切か
存在しないものを参照しても、何も起こりません。存在しないセグメントへの割り当ては、誰のためのものでもありません。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    for it in &cx.references {
        let elsewhere = it.span.is_some()
            || matches!(it.to, Target::Offer(_))
            || it.from.kind == Kind::Touchpoint && !matches!(it.to, Target::Channel(_));
        // A release may hold some channels only: what is merely mentioned is checked while people edit.
        let absent = it.strength == Strength::Mentions && cx.options.stage != Stage::Edit;
        if elsewhere || absent || cx.is_declared(&it.to) {
            continue;
        }
        let place = it.to.channel().filter(|_| !matches!(it.to, Target::Channel(_)));
        let message = match place {
            None => say!(en: "there is no {}", ja: "{} はありません", it.to.words()),
            Some(channel) => {
                say!(
                    en: "channel `{channel}` has no {}",
                    ja: "チャネル `{channel}` に{} はありません",
                    it.to.words(),
                )
            }
        };
        let names = suggest::names_like(cx, &it.to);
        let otherwise = match (cx.options.stage, it.to.component(cx.components)) {
            (Stage::Mark | Stage::Promote, Some(id)) if !cx.project.documents.contains_key(&id) => {
                say!(en: "mark it too: `taiwa mark {id}`", ja: "これにもマークを付けてください: `taiwa mark {id}`")
            }
            _ => say!(en: "declare it in {}", ja: "{} で宣言してください", home(&it.to)),
        };
        let help = suggest::help(it.to.name(), names.iter().copied(), &otherwise);
        // The channel of a treatment is the key above its texts, and what is said of a person has a name before it.
        let keys = ["treatments/", "arbitration/", "given/profile/", "given/consent/"];
        let finding = if keys.iter().any(|key| it.path.starts_with(key)) {
            cx.at_key(&UNKNOWN_NAME, &it.from, &it.path, message)
        } else {
            cx.at(&UNKNOWN_NAME, &it.from, &it.path, message)
        };
        let names = names.iter().copied();
        let place = (&it.from, it.path.as_str());
        findings.push(cx.guessed(finding.help(help), place, it.to.name(), names));
    }
}

/// Where such a thing is declared.
fn home(target: &Target) -> Text {
    match target {
        Target::Segment(it) => Text::same(format!("`channels/shared/segments/{it}.yaml`")),
        Target::Offer(it) => Text::same(format!("`channels/shared/offers/{it}.yaml`")),
        Target::Goal(it) => Text::same(format!("`channels/shared/goals/{it}.yaml`")),
        Target::Channel(it) => Text::same(format!("`channels/{it}/channel.yaml`")),
        Target::Purpose(_) => {
            say!(
                en: "`consent` of `channels/shared/audience.yaml`",
                ja: "`channels/shared/audience.yaml` の `consent`",
            )
        }
        Target::Attribute(_) => {
            say!(
                en: "`attributes` of `channels/shared/audience.yaml`",
                ja: "`channels/shared/audience.yaml` の `attributes`",
            )
        }
        Target::Level(_) => {
            say!(
                en: "`levels` of `channels/shared/audience.yaml`",
                ja: "`channels/shared/audience.yaml` の `levels`",
            )
        }
        Target::Zone(channel, _) => {
            say!(
                en: "`zones` of `channels/{channel}/channel.yaml`",
                ja: "`channels/{channel}/channel.yaml` の `zones`",
            )
        }
        Target::Point(channel, _) => {
            say!(
                en: "`interaction_points` of `channels/{channel}/channel.yaml`",
                ja: "`channels/{channel}/channel.yaml` の `interaction_points`",
            )
        }
        Target::Category(channel, _) => {
            say!(
                en: "`categories` of `channels/{channel}/channel.yaml`",
                ja: "`channels/{channel}/channel.yaml` の `categories`",
            )
        }
        Target::Event(it) => {
            say!(
                en: "`events` of `channels/{}/channel.yaml`",
                ja: "`channels/{}/channel.yaml` の `events`",
                it.channel,
            )
        }
    }
}
