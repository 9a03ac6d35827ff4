//! Rule TW0131, audience-levels.

use taiwa_model::{ComponentId, Kind};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context};

rule! {
    /// ## What it does
    /// Checks the levels of the audience: at least the known and the unknown one, each with a key of its own that is no
    /// attribute, and `of` naming a level.
    ///
    /// ## Why it matters
    /// The first level is who is known, the second who is not; with one key for both, visitors would be taken for
    /// customers.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: customer_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
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
    ///   tier: { type: enum, values: [none, silver, gold], default: none }
    ///   age: { type: int, min: 0, max: 130 }
    ///   points: { type: int, default: 0 }
    ///   interests: { type: list<string> }
    ///   name: { type: string, pii: true }
    ///   email: { type: string, pii: true }
    /// consent:
    ///   marketing-email: { default: denied }
    /// ```
    pub(crate) static AUDIENCE_LEVELS = {
        code: "TW0131",
        name: "audience-levels",
        level: Guard,
        ja: r"## 何を調べるか
オーディエンスのレベルを調べます。少なくとも既知の人と未知の人のレベルがあり、それぞれに属性とは別の専用のキーがあり、
`of` が実在するレベルを指していることを確かめます。

## なぜ大切か
最初のレベルは既知の人、2 番目は未知の人です。キーが同じだと、訪問者が顧客と間違われます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let id = ComponentId::new(Kind::Audience, "shared");
    let mut push = |path: &str, message: Text, help: Text| {
        findings.push(cx.at(&AUDIENCE_LEVELS, &id, path, message).help(help));
    };
    if audience.levels.len() < 2 {
        push(
            "levels",
            say!(
                en: "an audience has a known and an unknown level",
                ja: "オーディエンスには、既知の人と未知の人のレベルが必要です",
            ),
            say!(
                en: "write `customer: {{ key: customer_id }}` and `visitor: {{ key: visitor_id }}`",
                ja: "`customer: {{ key: customer_id }}` と `visitor: {{ key: visitor_id }}` を書いてください",
            ),
        );
    }
    for (index, level) in audience.levels.iter().enumerate() {
        let path = format!("levels/{index}");
        if audience.levels.iter().take(index).any(|it| it.key == level.key) {
            push(
                &format!("{path}/key"),
                say!(
                    en: "two levels have the key `{}`",
                    ja: "キー `{}` が 2 つのレベルで使われています",
                    level.key,
                ),
                say!(en: "give each level a key of its own", ja: "レベルごとに別のキーにしてください"),
            );
        }
        if audience.attributes.contains_key(level.key.as_str()) {
            push(
                &format!("{path}/key"),
                say!(en: "the key `{}` is also an attribute", ja: "キー `{}` が属性にもなっています", level.key),
                say!(
                    en: "a key is not declared under `attributes`",
                    ja: "キーは `attributes` には書きません",
                ),
            );
        }
        let unknown =
            level.of.as_ref().filter(|of| !audience.levels.iter().any(|it| it.name == **of));
        if let Some(of) = unknown {
            push(
                &format!("{path}/of"),
                say!(en: "there is no level `{of}`", ja: "レベル `{of}` はありません"),
                say!(en: "name the level whose people it groups", ja: "まとめる対象のレベルを書いてください"),
            );
        }
    }
}
