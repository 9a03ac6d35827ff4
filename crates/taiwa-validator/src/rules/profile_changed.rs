//! Rule TW1010, profile-changed.

use taiwa_model::{Attribute, AttributeName, Audience, ComponentId, Kind, LevelName};
use taiwa_text::{Finding, Text, say};

use crate::{
    Check,
    against::{Category, Comparison, Used, gone, joined, narrowed},
};

rule! {
    /// ## What it does
    /// Finds changes of the audience that stored profiles do not follow: a level, an attribute or a consent purpose that
    /// is gone or bears another name; an attribute of another type, with fewer values or closer limits; another default
    /// of a purpose.
    ///
    /// ## Why it matters
    /// The profiles of today are kept under the names and types of today. What does not fit tomorrow's audience counts as
    /// missing, and a value that is missing takes people out of segments without a word.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, gold], default: none }
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    ///
    /// ## Good
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold, platinum], default: none }
    ///   age: { type: int, min: 0, max: 150 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    pub(crate) static PROFILE_CHANGED = {
        code: "TW1010",
        name: "profile-changed",
        level: ErrorAtPromotion,
        ja: r"## 何を調べるか
保存済みのプロファイルが追従しないオーディエンスの変更を探します。なくなったり改名されたりしたレベル、属性、同意の目的、型が変わった属性、値や範囲が狭くなった属性、既定値が変わった目的です。

## なぜ大切か
今日のプロファイルは今日の名前と型で保存されています。明日の定義に合わない値はないものとして扱われ、値がない人は何も言われずにセグメントから外れます。",
        check: Check::Against(Category::State, check),
    }
}

fn check(cx: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let id = ComponentId::new(Kind::Audience, "shared");
    let (Some(old), Some(new)) = (&cx.old().audience, &cx.new_components().audience) else {
        return;
    };
    if old == new || !cx.is_comparable(&id) {
        return;
    }
    levels(cx, &id, (old, new), findings);
    for it in gone(&old.attributes, &new.attributes) {
        let message = if let Some(now) = it.renamed {
            say!(
                en: "attribute `{}` seems to be called `{now}` now: what is stored stays under the old name",
                ja: "属性 `{}` は `{now}` に改名されたようです。保存済みの値は古い名前のまま残ります",
                it.name
            )
        } else {
            say!(
                en: "attribute `{}` is gone: what is stored in it cannot be asked for any more",
                ja: "属性 `{}` がなくなり、保存済みの値は使えなくなります",
                it.name
            )
        };
        let help = say!(
            en: "keep it, and add the new one beside it until the sources of data have filled it",
            ja: "残したまま新しい属性を加え、データが揃ってから移行してください"
        );
        findings.push(lost(cx, &id, ("attributes", it.name.as_str()), message, &help));
    }
    for (name, was) in &old.attributes {
        let Some(is) = new.attributes.get(name).filter(|it| *it != was) else { continue };
        for (field, message) in attribute(name, was, is) {
            let path = format!("attributes/{name}/{field}");
            let help = say!(
                en: "profiles that hold another value count as if they had none: make sure that there are none",
                ja: "合わない値をもつプロファイルは値がないものとして扱われます。そのようなものがないか確認してください"
            );
            findings.push(cx.now.at(&PROFILE_CHANGED, &id, &path, message).help(help));
        }
    }
    consent(cx, &id, (old, new), findings);
}

fn lost(
    cx: &Comparison<'_>,
    id: &ComponentId,
    (map, name): (&str, &str),
    message: Text,
    help: &Text,
) -> Finding {
    let help = joined(help, &cx.stood(id, &format!("{map}/{name}")));
    cx.gone(&PROFILE_CHANGED, id, (&[map, "levels"], &Used::default()), message).help(help)
}

fn levels(
    cx: &Comparison<'_>,
    id: &ComponentId,
    (old, new): (&Audience, &Audience),
    findings: &mut Vec<Finding>,
) {
    for (at, was) in old.levels.iter().enumerate() {
        if new.levels.iter().any(|it| it.name == was.name) {
            continue;
        }
        let again = new.levels.iter().find(|it| it.key == was.key);
        let message = if let Some(now) = again.map(|it| &it.name) {
            level_renamed(&was.name, now)
        } else {
            say!(
                en: "audience level `{}` is gone: its people are not found any more",
                ja: "レベル `{}` がなくなり、その人たちは見つからなくなります",
                was.name
            )
        };
        let help = say!(
            en: "keep the level: profiles and history are kept under its name",
            ja: "レベルを残してください。プロファイルと履歴はその名前で保存されています"
        );
        let help = joined(&help, &cx.stood(id, &format!("levels/{at}")));
        let finding = cx.gone(&PROFILE_CHANGED, id, (&["levels"], &Used::default()), message);
        findings.push(finding.help(help));
    }
}

fn level_renamed(was: &LevelName, now: &LevelName) -> Text {
    say!(
        en: "audience level `{was}` seems to be called `{now}` now: its people are not found under the new name",
        ja: "レベル `{was}` は `{now}` に改名されたようです。新しい名前では以前の人たちが見つかりません"
    )
}

/// What does not fit any more, and in which field.
fn attribute(name: &AttributeName, old: &Attribute, new: &Attribute) -> Vec<(&'static str, Text)> {
    let mut said = Vec::new();
    if narrowed(old.kind, new.kind) {
        let (was, is) = (old.kind.as_str(), new.kind.as_str());
        let message = say!(
            en: "attribute `{name}` is {is}, and stored profiles hold {was}",
            ja: "属性 `{name}` の型が {is} に変わりましたが、保存済みの値は {was} です"
        );
        return vec![("type", message)];
    }
    let lost: Vec<&str> =
        old.values.iter().filter(|it| !new.values.contains(it)).map(String::as_str).collect();
    if !lost.is_empty() && !new.values.is_empty() {
        let lost = format!("`{}`", lost.join("`, `"));
        let message = say!(
            en: "attribute `{name}` has no value {lost} any more, which stored profiles may hold",
            ja: "属性 `{name}` から値 {lost} がなくなりましたが、保存済みのプロファイルに残っている可能性があります"
        );
        said.push(("values", message));
    }
    if new.min.is_some_and(|it| old.min.is_none_or(|old| it > old)) {
        let message = say!(
            en: "attribute `{name}` has a higher least value, which stored profiles may be below",
            ja: "属性 `{name}` の最小値が上がり、保存済みの値が下回る可能性があります"
        );
        said.push(("min", message));
    }
    if new.max.is_some_and(|it| old.max.is_none_or(|old| it < old)) {
        let message = say!(
            en: "attribute `{name}` has a lower greatest value, which stored profiles may be above",
            ja: "属性 `{name}` の最大値が下がり、保存済みの値が上回る可能性があります"
        );
        said.push(("max", message));
    }
    said
}

fn consent(
    cx: &Comparison<'_>,
    id: &ComponentId,
    (old, new): (&Audience, &Audience),
    findings: &mut Vec<Finding>,
) {
    for it in gone(&old.consent, &new.consent) {
        let message = if let Some(now) = it.renamed {
            say!(
                en: "consent purpose `{}` seems to be called `{now}` now: what people answered stays under the old name",
                ja: "同意の目的 `{}` は `{now}` に改名されたようです。これまでの回答は古い名前のまま残ります",
                it.name
            )
        } else {
            say!(
                en: "consent purpose `{}` is gone, and with it what people answered",
                ja: "同意の目的 `{}` がなくなり、これまでの回答も使えなくなります",
                it.name
            )
        };
        let help = say!(
            en: "keep the purpose: an answer to one question is no answer to another",
            ja: "目的を残してください。ある質問への回答は別の質問への回答にはなりません"
        );
        findings.push(lost(cx, id, ("consent", it.name.as_str()), message, &help));
    }
    for (name, was) in &old.consent {
        let Some(is) = new.consent.get(name).filter(|it| it.default != was.default) else {
            continue;
        };
        let message = say!(
            en: "people who said nothing about `{name}` count as {}, and as {} before",
            ja: "`{name}` について何も答えていない人の扱いが {} に変わりました(以前は {})",
            word(is.default), word(was.default)
        );
        let help = say!(
            en: "nothing is stored of who said nothing: the new default holds for everybody at once",
            ja: "答えていないことは保存されないため、新しい既定値がただちに全員に適用されます"
        );
        let path = format!("consent/{name}/default");
        findings.push(cx.now.at(&PROFILE_CHANGED, id, &path, message).help(help));
    }
}

const fn word(default: taiwa_model::ConsentDefault) -> &'static str {
    match default {
        taiwa_model::ConsentDefault::Granted => "granted",
        taiwa_model::ConsentDefault::Denied => "denied",
    }
}
