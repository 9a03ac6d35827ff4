//! Attributes as they are stored: the JSON says which type a value had, so that nothing is read back as another.
//!
//! Bool, text, whole numbers and lists of texts are their own JSON; a number with a fraction point stays one;
//! `{"time": …}`, `{"number": …}` and `{"ints": […]}` mark the rest.

use std::collections::BTreeMap;

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};
use serde_json::{Value as Json, json};
use taiwa_model::{AttributeName, Timestamp, Value};

/// Writes attributes.
pub(super) fn serialize<S: Serializer>(
    attributes: &BTreeMap<AttributeName, Value>,
    to: S,
) -> Result<S::Ok, S::Error> {
    let plain: BTreeMap<&AttributeName, Json> =
        attributes.iter().map(|(name, value)| (name, write(value))).collect();
    plain.serialize(to)
}

/// Reads attributes.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<AttributeName, Value>, D::Error> {
    let plain = BTreeMap::<AttributeName, Json>::deserialize(from)?;
    plain
        .into_iter()
        .map(|(name, json)| {
            let value = read(&json)
                .ok_or_else(|| D::Error::custom(format!("`{name}` is no stored value")))?;
            Ok((name, value))
        })
        .collect()
}

fn write(value: &Value) -> Json {
    match value {
        Value::Time(it) => json!({ "time": it.as_millis() }),
        Value::Number(it) => json!({ "number": it }),
        Value::Ints(it) => json!({ "ints": it }),
        other => other.to_json(),
    }
}

fn read(json: &Json) -> Option<Value> {
    let Json::Object(fields) = json else {
        return Value::from_json(json);
    };
    let (name, inner) = fields.iter().next().filter(|_| fields.len() == 1)?;
    match name.as_str() {
        "time" => inner.as_i64().map(|it| Value::Time(Timestamp::from_millis(it))),
        "number" => inner.as_f64().map(Value::Number),
        "ints" => {
            inner.as_array()?.iter().map(Json::as_i64).collect::<Option<_>>().map(Value::Ints)
        }
        _ => None,
    }
}
