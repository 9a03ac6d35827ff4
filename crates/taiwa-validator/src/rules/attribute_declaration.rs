//! Rule TW0130, attribute-declaration.

use taiwa_model::{ComponentId, Kind, ValueType};
use taiwa_text::{Finding, Text, say};

use crate::{Check, Context, misfit::misfit};

rule! {
    /// ## What it does
    /// Checks that an attribute can be what it is declared as: an enum lists its values, `default` is one of them and
    /// of the type, `min` is not above `max`.
    ///
    /// ## Why it matters
    /// A default that no customer could have makes conditions true or false for the wrong people.
    ///
    /// ## Bad
    /// ```yaml
    /// # channels/shared/audience.yaml
    /// levels:
    ///   customer: { key: customer_id }
    ///   visitor: { key: visitor_id }
    /// attributes:
    ///   tier: { type: enum, values: [none, silver, gold], default: bronze }
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
    pub(crate) static ATTRIBUTE_DECLARATION = {
        code: "TW0130",
        name: "attribute-declaration",
        level: Guard,
        ja: r"## 何を調べるか
属性が宣言どおりの値を取れるかを調べます。列挙型には値の一覧があり、`default` はその一覧と型に合い、
`min` が `max` を超えないことを確かめます。

## なぜ大切か
どの顧客も持てない既定値があると、条件が間違った人に当てはまってしまいます。
",
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let id = ComponentId::new(Kind::Audience, "shared");
    for (name, it) in &audience.attributes {
        let path = format!("attributes/{name}");
        let mut push = |field: &str, message: Text, help: Text| {
            findings.push(
                cx.at(&ATTRIBUTE_DECLARATION, &id, &format!("{path}/{field}"), message).help(help),
            );
        };
        if it.kind == ValueType::Enum && it.values.is_empty() {
            push(
                "type",
                say!(en: "`{name}` lists no values", ja: "`{name}` に値の一覧がありません"),
                say!(en: "add for example `values: [a, b]`", ja: "たとえば `values: [a, b]` を加えてください"),
            );
        }
        if it.kind != ValueType::Enum && !it.values.is_empty() {
            push(
                "values",
                say!(
                    en: "only an enum has values, `{name}` is of type {}",
                    ja: "値の一覧があるのは列挙型だけです。`{name}` の型は `{}` です",
                    it.kind.as_str(),
                ),
                say!(en: "write `type: enum`", ja: "`type: enum` と書いてください"),
            );
        }
        let twice = it
            .values
            .iter()
            .enumerate()
            .find(|(index, value)| it.values.iter().take(*index).any(|other| other == *value));
        if let Some((index, value)) = twice {
            push(
                &format!("values/{index}"),
                say!(en: "`{value}` is listed twice", ja: "`{value}` が 2 回書かれています"),
                say!(en: "take one of them out", ja: "どちらか一方を削除してください"),
            );
        }
        if (it.min.is_some() || it.max.is_some()) && !it.kind.is_numeric() {
            push(
                "type",
                say!(
                    en: "only a number has `min` and `max`, `{name}` is of type {}",
                    ja: "`min` と `max` があるのは数値だけです。`{name}` の型は `{}` です",
                    it.kind.as_str(),
                ),
                say!(en: "take them out", ja: "削除してください"),
            );
        }
        if it.min.zip(it.max).is_some_and(|(min, max)| min > max) {
            push(
                "min",
                say!(
                    en: "no value of `{name}` is at least `min` and at most `max`",
                    ja: "`min` 以上 `max` 以下になる `{name}` の値はありません",
                ),
                say!(en: "exchange the two", ja: "2 つを入れ替えてください"),
            );
        }
        let subject = say!(en: "the default of `{name}`", ja: "`{name}` の既定値");
        if let Some(default) = &it.default
            && let Some((message, help)) =
                misfit(&subject, default, it.kind, &it.values, (it.min, it.max))
        {
            push("default", message, help);
        }
    }
}
