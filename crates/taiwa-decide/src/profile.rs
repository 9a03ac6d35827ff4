//! What is known of a person changes: attributes, consent, signing in.
//!
//! **Invariants.** A change is made whole or not at all, and every offence is said at once.

use serde_json::{Map, Value as Json};
use taiwa_condition::Facts as _;
use taiwa_model::{Attribute, AttributeName, PurposeName, SegmentName, Timestamp, Value};

use crate::{
    Compiled, Consent, InputProblem, Person, Session,
    facts::PersonFacts,
    record::{problem, trim, typed},
};

/// Most bytes of a text in the profile.
pub const MAX_TEXT_BYTES: usize = 4 * 1024;

/// Most items of a list in the profile.
pub const MAX_ITEMS: usize = 1_000;

/// Most bytes that name the source of a consent.
pub const MAX_SOURCE_BYTES: usize = 200;

/// Sets attributes; null makes one missing.
///
/// # Errors
/// Every attribute that is unknown, of another type, too long, or outside its values or range.
pub fn set_attributes(
    compiled: &Compiled,
    person: &mut Person,
    attributes: &Map<String, Json>,
) -> Result<(), Vec<InputProblem>> {
    let (mut problems, mut changes) = (Vec::new(), Vec::new());
    for (name, json) in attributes {
        let path = format!("attributes/{name}");
        match compiled.attributes.get(name.as_str()) {
            None => problem(&mut problems, &path, "the audience declares no such attribute"),
            Some(_) if json.is_null() => changes.push((name, None)),
            Some(declared) => match fitting(declared, name, json) {
                Ok(value) => changes.push((name, Some(value))),
                Err(words) => problem(&mut problems, &path, words),
            },
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for (name, value) in changes {
        match value {
            Some(value) => person.attributes.insert(AttributeName::new(name.as_str()), value),
            None => person.attributes.remove(name.as_str()),
        };
    }
    Ok(())
}

fn fitting(declared: &Attribute, name: &str, json: &Json) -> Result<Value, String> {
    let value = typed(declared.kind, &declared.values, json)?;
    let bytes = match &value {
        Value::Text(it) => it.len(),
        Value::Texts(it) => it.iter().map(String::len).max().unwrap_or_default(),
        _ => 0,
    };
    let items = match &value {
        Value::Texts(it) => it.len(),
        Value::Ints(it) => it.len(),
        _ => 0,
    };
    if bytes > MAX_TEXT_BYTES {
        return Err(format!("has {bytes} bytes, more than {MAX_TEXT_BYTES}"));
    }
    if items > MAX_ITEMS {
        return Err(format!("has {items} items, more than {MAX_ITEMS}"));
    }
    if let Some(number) = value.as_number() {
        if let Some(min) = declared.min.filter(|it| number < *it) {
            return Err(format!("must be at least {min}"));
        }
        if let Some(max) = declared.max.filter(|it| number > *it) {
            return Err(format!("must be at most {max}"));
        }
    }
    match &value {
        Value::Text(it) if name == "time_zone" && jiff::tz::TimeZone::get(it).is_err() => {
            Err("must be an IANA time zone such as Asia/Tokyo".into())
        }
        _ => Ok(value),
    }
}

/// Records what the person said about purposes: `granted` or `denied`, with time and source.
///
/// # Errors
/// Every purpose that is unknown, every other word, and a source of more than [`MAX_SOURCE_BYTES`].
pub fn set_consent(
    compiled: &Compiled,
    person: &mut Person,
    purposes: &Map<String, Json>,
    source: &str,
    now: Timestamp,
) -> Result<(), Vec<InputProblem>> {
    let (mut problems, mut changes) = (Vec::new(), Vec::new());
    if source.len() > MAX_SOURCE_BYTES {
        problem(&mut problems, "source", format!("has more than {MAX_SOURCE_BYTES} bytes"));
    }
    for (name, json) in purposes {
        let path = format!("consent/{name}");
        if !compiled.purposes.contains_key(name.as_str()) {
            problem(&mut problems, &path, "the audience declares no such purpose");
        }
        match json.as_str() {
            Some("granted") => changes.push((name, true)),
            Some("denied") => changes.push((name, false)),
            _ => problem(&mut problems, &path, "must be granted or denied"),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for (name, granted) in changes {
        let said = Consent { granted, at: now, source: source.to_owned() };
        person.consent.insert(PurposeName::new(name.as_str()), said);
    }
    Ok(())
}

/// A visitor signs in: everything of the visitor moves to the customer, and the visitor is left empty, so that doing it
/// again changes nothing. Attributes of the customer win; of two answers about a purpose the later one, then `denied`.
pub fn merge(compiled: &Compiled, customer: &mut Person, visitor: &mut Person, now: Timestamp) {
    let visitor = std::mem::take(visitor);
    for (name, value) in visitor.attributes {
        customer.attributes.entry(name).or_insert(value);
    }
    for (purpose, said) in visitor.consent {
        let stands = customer
            .consent
            .get(&purpose)
            .is_some_and(|own| (own.at, !own.granted) >= (said.at, !said.granted));
        if !stands {
            customer.consent.insert(purpose, said);
        }
    }
    for (event, mut moments) in visitor.events {
        customer.events.entry(event).or_default().absorb(&mut moments);
    }
    for (offer, mut contacts) in visitor.offers {
        let own = customer.offers.entry(offer).or_default();
        for (into, from) in own.all_mut().into_iter().zip(contacts.all_mut()) {
            into.absorb(from);
        }
    }
    customer.visits = customer.visits.saturating_add(visitor.visits);
    trim(compiled, customer, now);
}

/// The segments that the person is in now, sorted, without `everyone`.
pub fn segments_of(
    compiled: &Compiled,
    session: &Session,
    person: &Person,
    now: Timestamp,
) -> Vec<SegmentName> {
    let facts = PersonFacts::new(compiled, session, person, now);
    let all = compiled.slots.segments.iter().filter(|it| it.1.as_str() != "everyone");
    let mut names: Vec<_> =
        all.filter(|it| facts.in_segment(it.0)).map(|it| it.1.clone()).collect();
    names.sort();
    names
}
