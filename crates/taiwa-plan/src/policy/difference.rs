//! What differs between two policies, in words: the signed one and what `environment.yaml` proposes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::PolicyDocument;

/// Fields that say when and in which row a policy was made, not what it allows.
const CIRCUMSTANCES: [&str; 3] = ["issued", "version", "previous"];

/// One line for each difference from `old` to `new`; empty when both allow the same.
pub fn difference(old: &PolicyDocument, new: &PolicyDocument) -> Vec<String> {
    let (Ok(Value::Object(old)), Ok(Value::Object(new))) =
        (serde_json::to_value(old), serde_json::to_value(new))
    else {
        return vec!["one of the policies cannot be written".to_owned()];
    };
    let mut lines = Vec::new();
    for (field, was) in &old {
        let is = new.get(field).unwrap_or(&Value::Null);
        if CIRCUMSTANCES.contains(&field.as_str()) || was == is {
            continue;
        }
        match (was, is) {
            (Value::Array(was), Value::Array(is)) => entries(field, was, is, &mut lines),
            _ => lines.push(format!("{field}: {} → {}", shown(was), shown(is))),
        }
    }
    lines
}

fn entries(field: &str, was: &[Value], is: &[Value], lines: &mut Vec<String>) {
    let named = |list: &[Value]| -> BTreeMap<String, Value> {
        list.iter().map(|it| (name(it), it.clone())).collect()
    };
    let (was, is) = (named(was), named(is));
    for (name, entry) in &was {
        match is.get(name) {
            None => lines.push(format!("{field}: {name} removed")),
            Some(other) if other != entry => {
                lines.push(format!("{field}: {name} changed: {} → {}", shown(entry), shown(other)));
            }
            Some(_) => {}
        }
    }
    for (name, entry) in is.iter().filter(|it| !was.contains_key(it.0)) {
        lines.push(format!("{field}: {name} added: {}", shown(entry)));
    }
}

fn name(entry: &Value) -> String {
    let field = |it: &str| entry.get(it).and_then(Value::as_str).map(str::to_owned);
    field("id").or_else(|| field("role")).unwrap_or_else(|| shown(entry))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(it) => it.clone(),
        other => other.to_string(),
    }
}
