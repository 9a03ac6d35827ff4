//! Keyed lists: lists of a component whose elements are told apart by what they are about, not by their number.
//!
//! A list is turned into an object by key while two components are compared or a difference is applied, and back.
//! **Invariant.** Every list has keys: an element that repeats the key of one before it is numbered, `KEY#2`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use taiwa_model::Kind;

/// The keyed lists: kind, field, and the fields of an element that make its key.
const KEYED: [(Kind, &str, &[&str]); 2] = [
    (Kind::Strategy, "rules", &["zone", "segment", "offer"]),
    (Kind::Audience, "levels", &["name"]),
];

/// The keyed list that components of a kind have, if any.
pub(super) fn field_of(kind: Kind) -> Option<&'static str> {
    KEYED.iter().find(|it| it.0 == kind).map(|it| it.1)
}

/// The content of a component with its keyed list as an object, and the keys in the order of the list.
pub(super) struct Unfolded {
    /// The content.
    pub(super) content: Map<String, Json>,
    /// The keys, in order; empty where the kind has no keyed list.
    pub(super) order: Vec<String>,
}

/// Turns the keyed list of a content into an object.
pub(super) fn unfold(kind: Kind, mut content: Map<String, Json>) -> Unfolded {
    let mut order = Vec::new();
    let Some((_, field, key_fields)) = KEYED.iter().find(|it| it.0 == kind) else {
        return Unfolded { content, order };
    };
    if let Some(Json::Array(items)) = content.remove(*field) {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let mut object = Map::new();
        for item in items {
            let key = key_of(&item, key_fields);
            let times = seen.entry(key.clone()).or_default();
            *times += 1;
            let key = if *times == 1 { key } else { format!("{key}#{times}") };
            order.push(key.clone());
            object.insert(key, item);
        }
        content.insert((*field).to_owned(), Json::Object(object));
    }
    Unfolded { content, order }
}

/// Turns it back into a list in this order; keys that are not there are left out.
pub(super) fn fold(kind: Kind, unfolded: Unfolded) -> Map<String, Json> {
    let Unfolded { mut content, order } = unfolded;
    if let Some(field) = field_of(kind)
        && let Some(Json::Object(mut object)) = content.remove(field)
    {
        let items = order.iter().filter_map(|key| object.remove(key)).collect();
        content.insert(field.to_owned(), Json::Array(items));
    }
    content
}

/// The key: the texts of its fields with commas between them; `,` and `#` in a text are written `~2` and `~3`.
fn key_of(item: &Json, fields: &[&str]) -> String {
    let text = |field: &&str| {
        let text = item.get(*field).and_then(Json::as_str).unwrap_or_default();
        text.replace('~', "~0").replace(',', "~2").replace('#', "~3")
    };
    fields.iter().map(text).collect::<Vec<_>>().join(",")
}

/// The order that follows from an old one: what stays, as it was, then what is new, as it came.
pub(super) fn natural_order<'a>(
    old: &'a [String],
    stays: impl Fn(&str) -> bool,
    added: impl IntoIterator<Item = &'a String>,
) -> Vec<String> {
    let mut order: Vec<String> = old.iter().filter(|it| stays(it)).cloned().collect();
    order.extend(added.into_iter().cloned());
    order
}
