//! Whether a value is what its declaration allows.

use taiwa_model::{Value, ValueType};
use taiwa_text::{Text, say};

use crate::suggest;

/// What is wrong with a value of this subject, and the way out; `None` where it fits.
pub(crate) fn misfit(
    subject: &Text,
    value: &Value,
    kind: ValueType,
    values: &[String],
    (min, max): (Option<f64>, Option<f64>),
) -> Option<(Text, Text)> {
    if kind.read(&value.to_json()).is_none() {
        let help = say!(en: "write a value of type `{}`", ja: "型 `{}` の値を書いてください", kind.as_str());
        return Some((
            say!(
                en: "{} is of type {}, this is not",
                ja: "{}の型は `{}` ですが、この値は違います",
                subject,
                kind.as_str(),
            ),
            help,
        ));
    }
    if let (ValueType::Enum, Value::Text(text)) = (kind, value)
        && !values.contains(text)
    {
        let help = suggest::help(
            text,
            values.iter().map(String::as_str),
            &say!(en: "name a declared value", ja: "宣言した値を書いてください"),
        );
        return Some((
            say!(en: "{} is never `{text}`", ja: "{}が `{text}` になることはありません", subject),
            help,
        ));
    }
    let number = value.as_number()?;
    if min.is_some_and(|it| number < it) || max.is_some_and(|it| number > it) {
        let bound = |it: Option<f64>| it.map_or_else(|| "…".to_owned(), |it| it.to_string());
        let help = say!(
            en: "write a number from {} to {}",
            ja: "{} から {} までの数を書いてください",
            bound(min),
            bound(max),
        );
        return Some((
            say!(en: "{} is never {number}", ja: "{}が {number} になることはありません", subject),
            help,
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &Value, kind: ValueType, expect: Option<&str>) {
        let values = ["none".to_owned(), "gold".to_owned()];
        let found = misfit(&Text::same("it"), value, kind, &values, (Some(0.0), Some(130.0)));
        assert_eq!(found.map(|it| it.0).as_deref(), expect);
    }

    #[test]
    fn types_values_and_bounds() {
        check(&Value::Int(5), ValueType::Int, None);
        check(&Value::Int(300), ValueType::Int, Some("it is never 300"));
        check(&Value::Int(-1), ValueType::Number, Some("it is never -1"));
        check(&Value::Text("glod".into()), ValueType::Enum, Some("it is never `glod`"));
        check(&Value::Text("gold".into()), ValueType::Enum, None);
        check(&Value::Text("5".into()), ValueType::Int, Some("it is of type int, this is not"));
    }
}
