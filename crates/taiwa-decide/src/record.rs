//! Something happened: it goes into a person's history as far as the release reads it.
//!
//! **Invariant.** After each record the history is within its limits, and holds no instant that no window can read.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use taiwa_model::{
    EventRef, OfferName, Property, PropertyName, SpanOfTime, Timestamp, Value, ValueType,
};

use crate::{Compiled, ContactKind, InputProblem, MAX_PROBLEMS, Numbers, Person};

/// An event happened.
pub(crate) fn event(
    compiled: &Compiled,
    person: &mut Person,
    (event, at): (&EventRef, Timestamp),
    properties: &BTreeMap<PropertyName, Value>,
    now: Timestamp,
) {
    let Some(kept) = compiled.keep.event(event) else { return };
    let number = |name: &PropertyName| {
        Some((name.clone(), properties.get(name).and_then(Value::as_number)?))
    };
    let numbers: Numbers = kept.sums.iter().filter_map(number).collect();
    let moments = person.events.entry(event.clone()).or_default();
    moments.record(at, numbers);
    moments.trim(kept.window, now);
    person.bound();
}

/// A person met an offer.
pub(crate) fn contact(
    compiled: &Compiled,
    person: &mut Person,
    (offer, kind): (&OfferName, ContactKind),
    at: Timestamp,
    now: Timestamp,
) {
    let moments = person.offers.entry(offer.clone()).or_default().of_mut(kind);
    moments.record(at, Numbers::new());
    moments.trim(compiled.keep.contact(offer, kind), now);
    person.bound();
}

/// Forgets what this release can no longer read; of what it does not read at all, what is older than 400 days.
pub fn trim(compiled: &Compiled, person: &mut Person, now: Timestamp) {
    for (event, moments) in &mut person.events {
        let kept = compiled.keep.event(event);
        moments.trim(kept.map_or(SpanOfTime::LONGEST_WINDOW, |it| it.window), now);
    }
    for (offer, contacts) in &mut person.offers {
        for kind in [ContactKind::Shown, ContactKind::Accepted, ContactKind::Rejected] {
            contacts.of_mut(kind).trim(compiled.keep.contact(offer, kind), now);
        }
    }
    person.bound();
}

/// Reads posted properties as they are declared; null counts as left out. Undeclared names come back apart.
pub(crate) fn properties(
    declared: &BTreeMap<PropertyName, Property>,
    posted: &Map<String, Json>,
    problems: &mut Vec<InputProblem>,
) -> (BTreeMap<PropertyName, Value>, Vec<String>) {
    let (mut read, mut undeclared) = (BTreeMap::new(), Vec::new());
    for (name, json) in posted {
        match declared.get(name.as_str()) {
            None => undeclared.push(name.clone()),
            Some(_) if json.is_null() => {}
            Some(property) => match typed(property.kind, &property.values, json) {
                Ok(value) => {
                    read.insert(PropertyName::new(name.clone()), value);
                }
                Err(words) => problem(problems, &format!("properties/{name}"), words),
            },
        }
    }
    for (name, property) in declared {
        let absent = posted.get(name.as_str()).is_none_or(Json::is_null);
        if absent && !property.optional {
            let words = format!("is required: {}", wanted(property.kind, &property.values));
            problem(problems, &format!("properties/{name}"), words);
        }
    }
    (read, undeclared)
}

/// A JSON value as the declared type, or what would be right.
pub(crate) fn typed(kind: ValueType, values: &[String], json: &Json) -> Result<Value, String> {
    let value = kind.read(json).ok_or_else(|| format!("must be {}", wanted(kind, values)))?;
    match &value {
        Value::Text(it) if kind == ValueType::Enum && !values.contains(it) => {
            Err(format!("must be {}", wanted(kind, values)))
        }
        _ => Ok(value),
    }
}

fn wanted(kind: ValueType, values: &[String]) -> String {
    match kind {
        ValueType::Bool => "true or false".into(),
        ValueType::Int => "a whole number".into(),
        ValueType::Number => "a number".into(),
        ValueType::String => "text".into(),
        ValueType::Enum => format!("one of {}", values.join(", ")),
        ValueType::Timestamp => "an instant such as 2026-11-21T10:00:00Z".into(),
        ValueType::Strings => "a list of texts".into(),
        ValueType::Ints => "a list of whole numbers".into(),
    }
}

pub(crate) fn problem(problems: &mut Vec<InputProblem>, path: &str, words: impl Into<String>) {
    if problems.len() < MAX_PROBLEMS {
        problems.push(InputProblem::new(path, words));
    }
}
