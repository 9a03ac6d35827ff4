//! Canonical JSON by RFC 8785: one value, one text, so that a digest means a content.
//!
//! Reading is as strict as writing: unknown and repeated fields, blanks, another order and numbers
//! beyond 2^53 − 1 are refused, because nobody signs what a reader would skip.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Why bytes are not the canonical JSON of a `T`, or a value has none.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON, or not of this shape.
    #[error("not the expected JSON: {0}")]
    Shape(#[from] serde_json::Error),
    /// Right in content, but not the one canonical text: blanks, order, repeated fields, number forms.
    #[error(
        "the JSON is not canonical (RFC 8785): it differs from its canonical text at byte {at}"
    )]
    NotCanonical {
        /// Offset of the first byte that differs.
        at: usize,
    },
    /// A whole number beyond ±(2^53 − 1), which JSON readers would change silently.
    #[error("a number beyond 2^53 - 1 cannot be written")]
    NumberTooLarge,
}

/// The canonical text of a value.
///
/// # Errors
/// When the value cannot be JSON (a map key that is not text), or holds a whole number beyond 2^53 − 1.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let tree = serde_json::to_value(value)?;
    small_numbers(&tree)?;
    let mut out = Vec::new();
    write(&tree, &mut out)?;
    Ok(out)
}

/// Writes a tree whose whole numbers are small. Texts are escaped as `serde_json` does it, which is as RFC 8785 wants
/// it; numbers with a fraction are left to the canonicalizer, and are rare.
fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            // By UTF-16, which is not the order of the bytes where surrogates stand for a character.
            fields.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
            out.push(b'{');
            for (place, (name, item)) in fields.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, name)?;
                out.push(b':');
                write(item, out)?;
            }
            out.push(b'}');
        }
        Value::Number(it) if it.is_f64() => out.extend(serde_json_canonicalizer::to_vec(it)?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            serde_json::to_writer(out, value)?;
        }
    }
    Ok(())
}

/// Reads a value from exactly its canonical text.
///
/// # Errors
/// When the bytes are not JSON of this shape, or not its canonical text.
pub fn from_bytes<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, CanonicalError> {
    let value: T = serde_json::from_slice(bytes)?;
    let again = to_bytes(&value)?;
    if again == bytes {
        return Ok(value);
    }
    let at = again
        .iter()
        .zip(bytes)
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| again.len().min(bytes.len()));
    Err(CanonicalError::NotCanonical { at })
}

fn small_numbers(value: &Value) -> Result<(), CanonicalError> {
    const MAX: u64 = (1 << 53) - 1;
    match value {
        Value::Number(it) => {
            let whole = it.as_u64().or_else(|| it.as_i64().map(i64::unsigned_abs));
            if whole.is_some_and(|it| it > MAX) {
                Err(CanonicalError::NumberTooLarge)
            } else {
                Ok(())
            }
        }
        Value::Array(items) => items.iter().try_for_each(small_numbers),
        Value::Object(fields) => fields.values().try_for_each(small_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_value_one_text() {
        let value = json!({"b": [1.0, 1e21, 0.1], "a": "é\u{1}\"", "\u{20ac}": null});
        let text = String::from_utf8(to_bytes(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"a\":\"é\\u0001\\\"\",\"b\":[1,1e+21,0.1],\"€\":null}");
        for bad in
            ["{ }", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":1}", "1.0", "[1 ]", "9007199254740993"]
        {
            assert!(from_bytes::<Value>(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(from_bytes::<Value>(b"{\"a\":2,\"b\":1}").is_ok());
    }
    /// The same text as the canonicalizer's, which reads and sorts everything anew and is some times slower.
    #[test]
    fn as_the_canonicalizer_writes_it() {
        let text: String =
            ('\0'..='\u{2ff}').chain(['\u{2028}', '\u{fb33}', '\u{1f600}']).collect();
        let numbers =
            json!([0, -0.0, 1.0, -1, 1e21, 1e-7, 0.1, 123_456_789.125, (1_u64 << 53) - 1]);
        let keys =
            ["\u{fb33}", "\u{1f600}", "\u{e000}x", "", "a", "B", "a\"", "a\n", "é", "1", "10", "2"];
        let fields: serde_json::Map<_, _> =
            keys.iter().map(|it| ((*it).to_owned(), json!({"b": *it, "a": [], "c": {}}))).collect();
        for value in [json!(text), numbers, Value::Object(fields), json!([null, true, [[false]]])] {
            assert_eq!(
                to_bytes(&value).unwrap(),
                serde_json_canonicalizer::to_vec(&value).unwrap()
            );
        }
        let order = String::from_utf8(to_bytes(&json!({"\u{fb33}": 1, "\u{1f600}": 2})).unwrap());
        assert_eq!(order.unwrap(), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }
}
