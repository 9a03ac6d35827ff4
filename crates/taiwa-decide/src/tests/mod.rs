//! A small shop to decide in, and the tests that need more than one module.

mod content;
mod events;
mod limits;
mod people;
mod ranking;
mod releases;
mod stages;
mod stories;

use serde_json::{Map, Value as Json, json};
use taiwa_model::{
    Audience, Channel, ChannelName, Components, Digest, OfferName, PointName, Scope, Scoped,
    Strategy, Timestamp, Workspace,
};

use crate::{Compiled, Decision, Explain, Person, PostOutcome, Posted, Request, Session, decide};

/// Components in the making: one channel `web` with zones and points, an audience, a few events.
#[derive(Clone)]
pub(crate) struct Shop(pub(crate) Components);

fn read<T: serde::de::DeserializeOwned>(json: Json) -> T {
    serde_json::from_value(json).unwrap()
}

pub(crate) fn shared<T>(content: T) -> Scoped<T> {
    Scoped { scope: Scope::Shared, content }
}

impl Shop {
    pub(crate) fn new() -> Self {
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
                "interests": {"type": "list<string>"},
                "language": {"type": "enum", "values": ["en", "ja", "zh-Hant"]},
                "name": {"type": "string", "pii": true},
                "points": {"type": "number", "default": 0},
                "tier": {"type": "enum", "values": ["none", "gold"], "default": "none"},
                "time_zone": {"type": "string"},
                "visited_at": {"type": "timestamp"},
            },
            "consent": {"news": {"default": "denied"}, "service": {"default": "granted", "basis": "contract"}},
        }));
        let channel: Channel = read(json!({
            "title": {"und": "Web"}, "direction": "inbound",
            "zones": {"hero": {}, "shelf": {}},
            "interaction_points": {
                "banner": {"zone": "hero", "offers": 1, "fallback": "story"},
                "tiles": {"zone": "hero", "offers": 3},
                "aside": {"zone": "shelf", "offers": 2},
            },
            "categories": {"all": {}},
            "events": {
                "seen_it": {"category": "all", "properties": {"offer": {"type": "string", "optional": true}}},
                "took_it": {"category": "all", "properties": {"offer": {"type": "string", "optional": true}}},
                "paid": {"category": "all", "conversion": {"within": "14d"}, "properties": {
                    "amount": {"type": "number"},
                    "plan": {"type": "enum", "values": ["monthly", "yearly"], "optional": true},
                }},
                "looked": {"category": "all"},
            },
            "responses": {"shown": ["seen_it"], "accepted": ["took_it"]},
        }));
        let mut components = Components { workspace: Some(workspace), ..Components::default() };
        components.audience = Some(audience);
        components.channels.insert("web".into(), channel);
        components.strategies.insert("web".into(), Strategy::default());
        Self(components).offer("story", json!({}))
    }

    /// An offer; what is left out is plain.
    pub(crate) fn offer(mut self, name: &str, mut fields: Json) -> Self {
        let fields_of = fields.as_object_mut().unwrap();
        fields_of.entry("title").or_insert_with(|| json!({"und": name}));
        fields_of.entry("treatments").or_insert_with(
            || json!({"web": {"en": {"headline": name}, "ja": {"headline": name}}}),
        );
        self.0.offers.insert(name.into(), shared(read(fields)));
        self
    }

    /// Proposes an offer to a segment in zone `hero`; a text is CEL.
    pub(crate) fn rule(self, segment: &str, offer: &str, score: impl Into<Json>) -> Self {
        self.rule_in("hero", segment, offer, score)
    }

    pub(crate) fn rule_in(
        mut self,
        zone: &str,
        segment: &str,
        offer: &str,
        score: impl Into<Json>,
    ) -> Self {
        let score = match score.into() {
            Json::String(cel) => json!({"cel": cel}),
            number => json!({"fixed": number}),
        };
        let rule = json!({"zone": zone, "segment": segment, "offer": offer, "score": score});
        self.0.strategies.get_mut("web").unwrap().rules.push(read(rule));
        self
    }

    pub(crate) fn segment(mut self, name: &str, when: &str) -> Self {
        let segment = read(json!({"title": {"und": name}, "when": when}));
        self.0.segments.insert(name.into(), shared(segment));
        self
    }

    pub(crate) fn by_value(mut self, zone: &str) -> Self {
        let strategy = self.0.strategies.get_mut("web").unwrap();
        strategy.arbitration.insert(zone.into(), taiwa_model::Arbitration::Value);
        self
    }

    pub(crate) fn scenario(mut self, name: &str, given: &Json, steps: &Json) -> Self {
        let scenario = read(json!({"title": {"und": name}, "given": given, "steps": steps}));
        self.0.scenarios.insert(name.into(), shared(scenario));
        self
    }

    #[track_caller]
    pub(crate) fn compile(&self) -> Compiled {
        Compiled::new(Digest::of(b"release"), &self.0).unwrap()
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn noon() -> Timestamp {
    at("2026-11-21T12:00:00+09:00")
}

pub(crate) fn session(level: &str) -> Session {
    Session {
        channel: "web".into(),
        level: level.into(),
        key: "k".into(),
        locale: None,
        started: noon(),
        last_shown: Vec::new(),
        began_as: None,
    }
}

pub(crate) fn map(json: Json) -> Map<String, Json> {
    read(json)
}

#[track_caller]
pub(crate) fn person(compiled: &Compiled, attributes: Json) -> Person {
    let mut person = Person::default();
    crate::set_attributes(compiled, &mut person, &map(attributes)).unwrap();
    person
}

#[track_caller]
pub(crate) fn ask(compiled: &Compiled, person: &Person, point: &str, now: Timestamp) -> Decision {
    let session = session("customer");
    let point = PointName::from(point);
    let request = Request {
        session: &session,
        person,
        point: &point,
        limit: None,
        exclude: &[],
        explain: Explain::EveryCandidate,
    };
    decide(compiled, &request, now).unwrap()
}

pub(crate) fn names(decision: &Decision) -> Vec<&str> {
    decision.offers.iter().map(|it| it.offer.as_str()).collect()
}

#[track_caller]
pub(crate) fn do_post(
    compiled: &Compiled,
    person: &mut Person,
    event: &str,
    properties: Json,
    now: Timestamp,
) -> PostOutcome {
    let (channel, properties) = (ChannelName::from("web"), map(properties));
    let posted =
        Posted { channel: &channel, event, properties: &properties, at: None, session: None };
    crate::post(compiled, person, &posted, now)
}

pub(crate) fn see(compiled: &Compiled, person: &mut Person, offer: &str, now: Timestamp) {
    let outcome = do_post(compiled, person, "seen_it", json!({"offer": offer}), now);
    assert!(matches!(outcome, PostOutcome::Accepted(it) if it.responses.len() == 1));
}

pub(crate) fn reason<'a>(decision: &'a Decision, offer: &str) -> &'a crate::Reason {
    let offer = OfferName::from(offer);
    decision.reasons.iter().find(|it| it.offer == offer).unwrap()
}
