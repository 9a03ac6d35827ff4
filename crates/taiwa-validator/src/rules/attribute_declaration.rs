//! Rule TW0130, attribute-declaration.

use taiwa_model::{ComponentId, Kind, ValueType};
use taiwa_text::Finding;

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
        check: Check::Project(check),
    }
}

fn check(cx: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(audience) = &cx.components.audience else { return };
    let id = ComponentId::new(Kind::Audience, "shared");
    for (name, it) in &audience.attributes {
        let path = format!("attributes/{name}");
        let mut push = |field: &str, message: String, help: String| {
            findings.push(
                cx.at(&ATTRIBUTE_DECLARATION, &id, &format!("{path}/{field}"), message).help(help),
            );
        };
        if it.kind == ValueType::Enum && it.values.is_empty() {
            push(
                "type",
                format!("`{name}` lists no values"),
                "add for example `values: [a, b]`".into(),
            );
        }
        if it.kind != ValueType::Enum && !it.values.is_empty() {
            push(
                "values",
                format!("only an enum has values, `{name}` is of type {}", it.kind.as_str()),
                "write `type: enum`".into(),
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
                format!("`{value}` is listed twice"),
                "take one of them out".into(),
            );
        }
        if (it.min.is_some() || it.max.is_some()) && !it.kind.is_numeric() {
            push(
                "type",
                format!(
                    "only a number has `min` and `max`, `{name}` is of type {}",
                    it.kind.as_str()
                ),
                "take them out".into(),
            );
        }
        if it.min.zip(it.max).is_some_and(|(min, max)| min > max) {
            push(
                "min",
                format!("no value of `{name}` is at least `min` and at most `max`"),
                "exchange the two".into(),
            );
        }
        if let Some(default) = &it.default
            && let Some((message, help)) = misfit(default, it.kind, &it.values, (it.min, it.max))
        {
            push("default", format!("the default of `{name}` {message}"), help);
        }
    }
}
