//! A small shop, the real engine beside it, and the tests that hold one against the other.

mod growth;
mod laws;
mod oracle;
mod rows;
mod sample;

use serde_json::{Map, Value as Json, json};
use taiwa_decide::{Compiled, Session, scenario::recall, segments_of, set_attributes, set_consent};
use taiwa_model::{
    Audience, Channel, Components, ConsentDefault, Digest, Locale, Scope, Scoped, SegmentName,
    Workspace,
};

use crate::{Budget, Builder, Handle, Meanings, Person, VersionId};

pub(crate) fn read<T: serde::de::DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

pub(crate) fn shared<T>(content: T) -> Scoped<T> {
    Scoped { scope: Scope::Shared, content }
}

/// Two channels, an audience with every type, events with sums, two offers, a flowchart.
pub(crate) fn shop() -> Components {
    let workspace: Workspace = read(json!({
        "format": 1, "title": {"und": "Shop"}, "locales": ["en", "ja"],
        "time_zone": "Asia/Tokyo", "currency": "JPY",
    }));
    let audience: Audience = read(json!({
        "levels": [
            {"name": "customer", "key": "customer_id"}, {"name": "visitor", "key": "visitor_id"},
        ],
        "attributes": {
            "age": {"type": "int", "min": 0.0, "max": 130.0},
            "points": {"type": "int", "min": 0.0, "default": 10},
            "rating": {"type": "number"},
            "tier": {"type": "enum", "values": ["none", "silver", "gold"], "default": "none"},
            "brew": {"type": "enum", "values": ["filter", "espresso"]},
            "vip": {"type": "bool", "default": false},
            "member": {"type": "bool"},
            "city": {"type": "string"},
            "time_zone": {"type": "string", "default": "Asia/Tokyo"},
            "interests": {"type": "list<string>"},
            "codes": {"type": "list<int>"},
            "visited_at": {"type": "timestamp"},
            "born_at": {"type": "timestamp"},
        },
        "consent": {"news": {"default": "denied"}, "service": {"default": "granted", "basis": "contract"}},
    }));
    let channel: Channel = read(json!({
        "title": {"und": "Web"}, "direction": "inbound",
        "categories": {"all": {}},
        "events": {
            "paid": {"category": "all", "properties": {"amount": {"type": "number"}, "items": {"type": "int"}}},
            "looked": {"category": "all"},
        },
    }));
    let mut components = Components { workspace: Some(workspace), ..Components::default() };
    components.audience = Some(audience);
    components.channels.insert("web".into(), channel.clone());
    components.channels.insert("app".into(), channel);
    for offer in ["bogo", "gift"] {
        components.offers.insert(offer.into(), shared(read(json!({"title": {"und": offer}}))));
    }
    components
}

/// With these conditions as segments `c0`, `c1`, … and their opposites as `n0`, `n1`, ….
pub(crate) fn with_conditions(mut components: Components, conditions: &[String]) -> Components {
    for (at, when) in conditions.iter().enumerate() {
        for (name, when) in
            [(format!("c{at}"), when.clone()), (format!("n{at}"), format!("!({when})"))]
        {
            let segment = shared(read(json!({"title": {"und": name}, "when": when})));
            components.segments.insert(name.into(), segment);
        }
    }
    components
}

pub(crate) fn compiled(components: &Components) -> Compiled {
    Compiled::new(Digest::of(b"release"), components).unwrap()
}

/// In which segments the engine sees a person.
pub(crate) fn engine(compiled: &Compiled, person: &Person) -> Vec<SegmentName> {
    let mut real = taiwa_decide::Person::default();
    let attributes: Map<String, Json> = person
        .attributes
        .iter()
        .map(|(name, it)| (name.as_str().to_owned(), it.to_json()))
        .collect();
    set_attributes(compiled, &mut real, &attributes).unwrap();
    let consent: Map<String, Json> = person
        .consent
        .iter()
        .map(|(name, it)| {
            let word = if *it == ConsentDefault::Granted { "granted" } else { "denied" };
            (name.as_str().to_owned(), word.into())
        })
        .collect();
    set_consent(compiled, &mut real, &consent, "test", person.at).unwrap();
    recall(compiled, &mut real, &person.history, person.at).unwrap();
    for _ in 0..person.visits.unwrap_or(1) {
        real.visit();
    }
    let session = Session {
        channel: person.channel.clone().unwrap_or_else(|| "app".into()),
        level: person.level.clone(),
        key: "k".into(),
        locale: person.locale.clone().map(Locale::new),
        started: person.at,
        last_shown: Vec::new(),
        began_as: None,
    };
    segments_of(compiled, &session, &real, person.at)
}

/// The conditions of a shop, understood.
pub(crate) fn understood(
    components: &Components,
    conditions: &[String],
) -> (Meanings, VersionId, Vec<Handle>) {
    let mut builder = Builder::new(Budget::default());
    let version = builder.version(components);
    let handles = conditions
        .iter()
        .map(|it| {
            let handle = builder.condition(version, it, &Scope::Shared);
            handle.unwrap_or_else(|| panic!("{it}"))
        })
        .collect();
    (builder.finish(), version, handles)
}
