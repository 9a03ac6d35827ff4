//! Components to bytes and back: canonical JSON (RFC 8785) with every component under its name.
//!
//! **Invariants.** Every limit is looked at before memory is taken for what it limits; `decode` never panics; whatever
//! `decode` accepts, `encode` writes again, byte for byte. Components are written one at a time, so that no second
//! tree of the whole release is ever held.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, Visitor},
};
use taiwa_model::{ComponentId, Components, canonical, is_kebab};

use crate::{
    MAX_COMPONENTS, MAX_DEPTH, MAX_RELEASE_BYTES, PREFIX, ReadReleaseError, SealError,
    documents::{document, insert},
};

/// What stands before the first component.
const HEAD: &[u8] = b"{\"components\":{";
/// What stands after the last.
const TAIL: &[u8] = b"},\"format\":1}";
/// The message by which the count limit travels through the parser.
const TOO_MANY: &str = "more components than the limit";

/// The bytes of a release of these components.
pub(crate) fn encode(components: &Components) -> Result<Vec<u8>, SealError> {
    encode_within(components, MAX_RELEASE_BYTES)
}

/// The bytes, at most so many; the limit is looked at after every component.
fn encode_within(components: &Components, limit_bytes: usize) -> Result<Vec<u8>, SealError> {
    let mut ids: BTreeMap<String, ComponentId> = BTreeMap::new();
    ids.extend(components.ids().into_iter().map(|id| (id.to_string(), id)));
    match ids.len() {
        0 => return Err(SealError::Empty),
        count if count > MAX_COMPONENTS => return Err(SealError::TooManyComponents { count }),
        _ => {}
    }
    let mut bytes = [PREFIX, HEAD].concat();
    for (index, (text, id)) in ids.iter().enumerate() {
        if !is_kebab(&id.name) {
            return Err(SealError::Name { id: text.clone() });
        }
        let failed = |why: String| SealError::Value { id: text.clone(), why };
        let document = document(components, id).map_err(|it| failed(it.to_string()))?;
        let written = canonical::to_bytes(&document).map_err(|it| failed(it.to_string()))?;
        if index > 0 {
            bytes.push(b',');
        }
        // A kebab-case name needs no escape, and a kind neither.
        bytes.extend([b"\"", text.as_bytes(), b"\":", &written].concat());
        if bytes.len() + TAIL.len() > limit_bytes {
            return Err(SealError::TooLarge { bytes: bytes.len() + TAIL.len() });
        }
    }
    bytes.extend(TAIL);
    Ok(bytes)
}

/// The components that exactly these bytes say.
pub(crate) fn decode(bytes: &[u8]) -> Result<Components, ReadReleaseError> {
    if bytes.len() > MAX_RELEASE_BYTES {
        return Err(ReadReleaseError::TooLarge { bytes: bytes.len() });
    }
    let json = bytes.strip_prefix(PREFIX).ok_or(ReadReleaseError::Prefix)?;
    if let Some(at) = too_deep(json) {
        return Err(ReadReleaseError::TooDeep { at: PREFIX.len() + at });
    }
    if let Some(format) = other_format(json) {
        return Err(ReadReleaseError::Format { format });
    }
    let wire: Wire = serde_json::from_slice(json).map_err(|error| {
        let why = error.to_string();
        if why.contains(TOO_MANY) {
            ReadReleaseError::TooManyComponents
        } else {
            ReadReleaseError::Shape { why }
        }
    })?;
    if wire.format != 1 {
        return Err(ReadReleaseError::Format { format: wire.format });
    }
    let components = wire.components.0;
    let again = encode(&components).map_err(|error| match error {
        SealError::Empty => ReadReleaseError::Empty,
        other => ReadReleaseError::Shape { why: other.to_string() },
    })?;
    if again == bytes {
        return Ok(components);
    }
    let differs = again.iter().zip(bytes).position(|(a, b)| a != b);
    let at = differs.unwrap_or_else(|| again.len().min(bytes.len()));
    Err(ReadReleaseError::NotCanonical { at })
}

/// Offset of the first bracket that is nested too deep, looked at before anything is parsed.
fn too_deep(json: &[u8]) -> Option<usize> {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    for (at, byte) in json.iter().enumerate() {
        if text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(at);
        }
    }
    None
}

/// The `format` at the end of canonical bytes, where it is not 1: a later format may differ in everything else,
/// and deserves a better word than an unknown field.
fn other_format(json: &[u8]) -> Option<u64> {
    let end = json.len().checked_sub(40).map_or(json, |at| &json[at..]);
    let (_, number) = std::str::from_utf8(end).ok()?.rsplit_once("},\"format\":")?;
    number.strip_suffix('}')?.parse().ok().filter(|it| *it != 1)
}

/// The whole of a release as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    components: Collected,
    format: u64,
}

/// The components as they come in, counted.
struct Collected(Components);

impl<'de> Deserialize<'de> for Collected {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Collector;
        impl<'de> Visitor<'de> for Collector {
            type Value = Components;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("components by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Components, A::Error> {
                let (mut components, mut count) = (Components::default(), 0);
                while let Some(id) = map.next_key::<ComponentId>()? {
                    count += 1;
                    if count > MAX_COMPONENTS {
                        return Err(A::Error::custom(TOO_MANY));
                    }
                    map.next_value_seed(Into { components: &mut components, id: &id })?;
                }
                Ok(components)
            }
        }
        from.deserialize_map(Collector).map(Self)
    }
}

/// Puts the next value of the map in its place.
struct Into<'a> {
    components: &'a mut Components,
    id: &'a ComponentId,
}

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        insert(self.components, self.id, from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taiwa_model::{Localized, Scope, Scoped, Segment};

    #[test]
    fn the_limit_counts_every_byte() {
        let content = Segment { title: Localized::default(), when: "true".into() };
        let mut components = Components::default();
        components.segments.insert("a".into(), Scoped { scope: Scope::Shared, content });
        let bytes = encode(&components).unwrap();
        assert_eq!(encode_within(&components, bytes.len()).unwrap(), bytes);
        let error = encode_within(&components, bytes.len() - 1).unwrap_err();
        assert!(matches!(error, SealError::TooLarge { bytes: it } if it == bytes.len()), "{error}");
    }
}
