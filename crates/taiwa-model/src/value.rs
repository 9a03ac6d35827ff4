//! Values of attributes and properties, and their types.

use serde::{Deserialize, Serialize, de};

use crate::Timestamp;

/// The type of an attribute or of an event property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ValueType {
    /// True or false.
    #[serde(rename = "bool")]
    Bool,
    /// A whole number within ±(2^53 − 1).
    #[serde(rename = "int")]
    Int,
    /// A double.
    #[serde(rename = "number")]
    Number,
    /// Text.
    #[serde(rename = "string")]
    String,
    /// One of the declared values.
    #[serde(rename = "enum")]
    Enum,
    /// An instant.
    #[serde(rename = "timestamp")]
    Timestamp,
    /// A list of texts.
    #[serde(rename = "list<string>")]
    Strings,
    /// A list of whole numbers.
    #[serde(rename = "list<int>")]
    Ints,
}

impl ValueType {
    /// Every type, in the order of the reference.
    pub const ALL: [Self; 8] = [
        Self::Bool,
        Self::Int,
        Self::Number,
        Self::String,
        Self::Enum,
        Self::Timestamp,
        Self::Strings,
        Self::Ints,
    ];

    /// As it is written in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Number => "number",
            Self::String => "string",
            Self::Enum => "enum",
            Self::Timestamp => "timestamp",
            Self::Strings => "list<string>",
            Self::Ints => "list<int>",
        }
    }

    /// Whether values are ordered by `<`.
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Int | Self::Number)
    }

    /// Reads a JSON value as this type; `None` if it is not of it. `null` is of no type: it means missing.
    /// A whole number is also a `number`; an enum is read as text, its values are the caller's to check.
    pub fn read(self, json: &serde_json::Value) -> Option<Value> {
        use serde_json::Value as Json;
        match (self, json) {
            (Self::Bool, Json::Bool(it)) => Some(Value::Bool(*it)),
            (Self::Int, Json::Number(_)) => whole(json).map(Value::Int),
            (Self::Number, Json::Number(it)) => {
                it.as_f64().filter(|it| it.is_finite()).map(Value::Number)
            }
            (Self::String | Self::Enum, Json::String(it)) => Some(Value::Text(it.clone())),
            (Self::Timestamp, Json::String(it)) => Timestamp::parse(it).ok().map(Value::Time),
            (Self::Strings, Json::Array(items)) => items
                .iter()
                .map(|it| it.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Value::Texts),
            (Self::Ints, Json::Array(items)) => {
                items.iter().map(whole).collect::<Option<_>>().map(Value::Ints)
            }
            _ => None,
        }
    }
}

fn whole(json: &serde_json::Value) -> Option<i64> {
    let number = json.as_i64().or_else(|| {
        let double = json.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15)?;
        #[expect(clippy::cast_possible_truncation, reason = "checked: whole and within 9e15")]
        Some(double as i64)
    })?;
    (number.unsigned_abs() < 1 << 53).then_some(number)
}

/// A value of an attribute or a property. In JSON: its natural form; a time is text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number within ±(2^53 − 1).
    Int(i64),
    /// A finite double.
    Number(f64),
    /// Text, or the value of an enum.
    Text(String),
    /// An instant. JSON gives it back as `Text`: read it with `ValueType::read`.
    Time(Timestamp),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of whole numbers.
    Ints(Vec<i64>),
}

impl Value {
    /// The natural JSON of the value.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Bool(it) => (*it).into(),
            Self::Int(it) => (*it).into(),
            Self::Number(it) => (*it).into(),
            Self::Text(it) => it.clone().into(),
            Self::Time(it) => it.to_string().into(),
            Self::Texts(it) => it.clone().into(),
            Self::Ints(it) => it.clone().into(),
        }
    }

    /// The number in an int or a number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
            Self::Int(it) => Some(*it as f64),
            Self::Number(it) => Some(*it),
            _ => None,
        }
    }

    /// Reads natural JSON without a type: an empty list is one of texts.
    pub fn from_json(json: &serde_json::Value) -> Option<Self> {
        [
            ValueType::Bool,
            ValueType::Int,
            ValueType::Number,
            ValueType::String,
            ValueType::Strings,
            ValueType::Ints,
        ]
        .iter()
        .find_map(|it| it.read(json))
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(from)?;
        Self::from_json(&json)
            .ok_or_else(|| de::Error::custom("a bool, number, text or list is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn typed_reading() {
        assert_eq!(ValueType::Int.read(&json!(3.0)), Some(Value::Int(3)));
        assert_eq!(ValueType::Int.read(&json!(3.5)), None);
        assert_eq!(ValueType::Int.read(&json!(9_007_199_254_740_992_i64)), None);
        assert_eq!(ValueType::Number.read(&json!(3)), Some(Value::Number(3.0)));
        assert_eq!(ValueType::Strings.read(&json!(["a", 1])), None);
        assert_eq!(ValueType::String.read(&json!(null)), None);
        for kind in ValueType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
