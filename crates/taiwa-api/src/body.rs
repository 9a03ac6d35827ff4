//! Reading a body: fast where it is right, and with *every* offence where it is not.
//!
//! What is checked is the very schema that the OpenAPI document shows, so the document is true.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Offence, limits::OFFENCES_MAX};

/// Why a body was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is not JSON; where and why.
    Malformed(String),
    /// It is JSON of another shape; every offence.
    Invalid(Vec<Offence>),
}

/// Reads a body.
///
/// # Errors
/// When it is not JSON, or not of the shape of `T`: then with every offence.
pub fn read<T: DeserializeOwned + JsonSchema>(bytes: &[u8]) -> Result<T, BodyError> {
    let error = match serde_json::from_slice::<T>(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let value: Value =
        serde_json::from_slice(bytes).map_err(|it| BodyError::Malformed(it.to_string()))?;
    let mut offences = check::<T>(&value);
    if offences.is_empty() {
        offences.push(Offence::new("", "wrong-value", error.to_string()));
    }
    Err(BodyError::Invalid(offences))
}

/// Everything in which a value differs from the schema of `T`; empty where nothing does.
pub fn check<T: JsonSchema>(value: &Value) -> Vec<Offence> {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let root = schema.to_value();
    let mut walk = Walk { root: &root, offences: Vec::new() };
    walk.value("", &root, value);
    walk.offences
}

struct Walk<'a> {
    root: &'a Value,
    offences: Vec<Offence>,
}

impl<'a> Walk<'a> {
    fn say(&mut self, pointer: &str, code: &str, detail: String) {
        // One more than is shown, so that "and more" is counted without growing with the body.
        if self.offences.len() < OFFENCES_MAX * 10 {
            self.offences.push(Offence::new(pointer, code, detail));
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
        target.and_then(|it| self.root.pointer(it)).unwrap_or(schema)
    }

    fn value(&mut self, pointer: &str, schema: &'a Value, value: &Value) {
        let schema = self.resolve(schema);
        if let Some(options) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
            self.one_of(pointer, options.as_array().map_or(&[], Vec::as_slice), value);
            return;
        }
        if let Some(constant) = schema.get("const") {
            if constant != value {
                self.say(pointer, "wrong-value", format!("{constant} is expected"));
            }
            return;
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            if !values.contains(value) {
                self.say(pointer, "wrong-value", format!("one of {} is expected", list(values)));
            }
            return;
        }
        if !has_type(schema, value) {
            let kind = schema.get("type").map_or_else(String::new, kinds);
            self.say(pointer, "wrong-type", format!("{kind} is expected"));
            return;
        }
        match value {
            Value::Object(fields) => self.object(pointer, schema, fields),
            Value::Array(items) => {
                if let Some(item) = schema.get("items") {
                    for (index, value) in items.iter().enumerate() {
                        self.value(&format!("{pointer}/{index}"), item, value);
                    }
                }
            }
            Value::Number(number) => self.number(pointer, schema, number),
            _ => {}
        }
    }

    fn number(&mut self, pointer: &str, schema: &Value, number: &serde_json::Number) {
        let least = schema.get("minimum").and_then(Value::as_f64);
        if let (Some(least), Some(number)) = (least, number.as_f64())
            && number < least
        {
            self.say(pointer, "wrong-value", format!("a number of at least {least} is expected"));
        }
    }

    fn object(&mut self, pointer: &str, schema: &'a Value, fields: &Map<String, Value>) {
        let declared = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                let pointer = format!("{pointer}/{}", escape(name));
                self.say(&pointer, "missing-field", format!("`{name}` is required"));
            }
        }
        let rest = schema.get("additionalProperties");
        for (name, value) in fields {
            let pointer = format!("{pointer}/{}", escape(name));
            match (declared.and_then(|it| it.get(name)), rest) {
                (None, Some(Value::Bool(false))) => {
                    let known = declared.map_or_else(String::new, |it| {
                        it.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
                    });
                    self.say(
                        &pointer,
                        "unknown-field",
                        format!("there is no such field; known are: {known}"),
                    );
                }
                (Some(schema), _) | (None, Some(schema)) => self.value(&pointer, schema, value),
                (None, None) => {}
            }
        }
    }

    /// An `Option` is `T` or null; an enum with content is an object with one known key.
    fn one_of(&mut self, pointer: &str, options: &'a [Value], value: &Value) {
        let mut closest: Option<Vec<Offence>> = None;
        for option in options {
            let mut walk = Walk { root: self.root, offences: Vec::new() };
            walk.value(pointer, option, value);
            if walk.offences.is_empty() {
                return;
            }
            let tagged = value.as_object().is_some_and(|fields| {
                let names = self.resolve(option).get("properties").and_then(Value::as_object);
                names.is_some_and(|names| fields.keys().any(|it| names.contains_key(it)))
            });
            let better = closest.as_ref().is_none_or(|it| walk.offences.len() < it.len());
            let null = option.get("type").and_then(Value::as_str) == Some("null");
            if tagged || (better && !null) {
                closest = Some(walk.offences);
            }
            if tagged {
                break;
            }
        }
        match closest {
            Some(offences) => self.offences.extend(offences),
            None => self.say(pointer, "wrong-value", "none of the known forms".to_owned()),
        }
    }
}

fn has_type(schema: &Value, value: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => is_kind(kind, value),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).any(|it| is_kind(it, value))
        }
        _ => true,
    }
}

fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    }
}

fn kinds(kind: &Value) -> String {
    match kind {
        Value::String(it) => format!("a value of type {it}"),
        Value::Array(items) => {
            let names: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            format!("a value of type {}", names.join(" or "))
        }
        _ => "another type".to_owned(),
    }
}

fn list(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn escape(name: &str) -> String {
    let short: String = name.chars().take(64).collect();
    short.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{admin::MakeSandbox, v1};

    #[track_caller]
    fn check(got: Result<(), BodyError>, expect: &[(&str, &str)]) {
        let Err(BodyError::Invalid(offences)) = got else { panic!("{got:?}") };
        let got: Vec<_> =
            offences.iter().map(|it| (it.pointer.as_str(), it.code.as_str())).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn every_offence_at_once() {
        let body = br#"{"chanel":"web","locale":7,"attributes":[],"audience":{"customer_id":4}}"#;
        check(
            read::<v1::StartSession>(body).map(drop),
            &[
                ("/channel", "missing-field"),
                ("/attributes", "wrong-type"),
                ("/audience/customer_id", "wrong-type"),
                ("/chanel", "unknown-field"),
                ("/locale", "wrong-type"),
            ],
        );
        check(
            read::<v1::ChangeSession>(br#"{"consent":{"a":"yes","b":"no"}}"#).map(drop),
            &[("/consent/a", "wrong-value"), ("/consent/b", "wrong-value")],
        );
    }

    #[test]
    fn enums_and_lists_are_walked() {
        check(
            read::<v1::Batch>(br#"{"commands":[{"event":{"event":1,"x":2}},{"offers":{}}]}"#)
                .map(drop),
            &[
                ("/commands/0/event/event", "wrong-type"),
                ("/commands/0/event/x", "unknown-field"),
                ("/commands/1/offers/point", "missing-field"),
            ],
        );
        check(read::<MakeSandbox>(br#"{"at":"tomorrow"}"#).map(drop), &[("", "wrong-value")]);
    }

    #[test]
    fn what_is_no_json_is_said_so() {
        for bad in [&b"{"[..], b"", b"\xff", &[b'['; 10_000]] {
            assert!(matches!(read::<v1::Batch>(bad), Err(BodyError::Malformed(_))));
        }
    }
}
