//! The simplest person in a set.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use taiwa_model::{
    AttributeName, ChannelName, ConsentDefault, Given, LevelName, Moment, Past, PastWhat,
    PropertyName, PurposeName, Timestamp, Value,
};
use taiwa_text::Text;

/// An opaque atom that a person was assumed to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The atom, in one spelling.
    pub atom: String,
    /// What it says; `None` is unknown.
    pub holds: Option<bool>,
}

/// One person, one instant, one session: everything that a condition may ask, in real values.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The instant.
    pub at: Timestamp,
    /// The audience level.
    pub level: LevelName,
    /// The name of the key of that level, `customer_id`.
    pub key: String,
    /// What is known of them; what is not here was never set.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// What they said about purposes; what is not here they never said.
    pub consent: BTreeMap<PurposeName, ConsentDefault>,
    /// What happened before, the latest first.
    pub history: Vec<Past>,
    /// The channel of the session, where it matters. A scenario's `given` cannot say it; its `start` can.
    pub channel: Option<ChannelName>,
    /// The locale of the session, where it matters. A scenario's `given` cannot say it; its `start` can.
    pub locale: Option<String>,
    /// How many sessions there were, this one included, where it matters. In a scenario each `start` is one.
    pub visits: Option<i64>,
    /// Properties of the event at hand. A scenario's `given` cannot say them.
    pub properties: BTreeMap<PropertyName, Value>,
    /// What was assumed of atoms that nobody can look into. Where this is not empty the person may not exist.
    pub assumed: Vec<Assumed>,
    pub(crate) said: Text,
}

impl Person {
    /// In words: "a customer with `tier` gold, without `age`".
    pub const fn said(&self) -> &Text {
        &self.said
    }

    /// As the `given` of a scenario is written in a file. What that cannot say stands in the fields of this type:
    /// `channel`, `locale`, `visits`, `properties`, `assumed`.
    pub fn given(&self) -> Json {
        let mut who = Map::new();
        who.insert(self.key.clone(), "witness".into());
        who.extend(
            self.attributes.iter().map(|(name, it)| (name.as_str().to_owned(), it.to_json())),
        );
        let mut given = Map::new();
        given.insert("at".into(), self.at.to_string().into());
        given.insert(self.level.as_str().to_owned(), Json::Object(who));
        if !self.consent.is_empty() {
            let consent = self.consent.iter().map(|(name, it)| {
                let word = if *it == ConsentDefault::Granted { "granted" } else { "denied" };
                (name.as_str().to_owned(), word.into())
            });
            given.insert("consent".into(), Json::Object(consent.collect()));
        }
        if !self.history.is_empty() {
            given.insert("history".into(), self.history.iter().map(past).collect());
        }
        Json::Object(given)
    }

    /// The same as a lowered scenario has it.
    pub fn scenario(&self) -> Given {
        let mut profile = self.attributes.clone();
        profile.insert(AttributeName::new(&self.key), Value::Text("witness".into()));
        Given {
            at: Moment::Exact(self.at),
            level: self.level.clone(),
            profile,
            consent: self.consent.clone(),
            history: self.history.clone(),
        }
    }
}

fn past(past: &Past) -> Json {
    let ago = past.ago.to_string();
    match &past.what {
        PastWhat::Event { event, properties } if properties.is_empty() => {
            json!({"event": event.to_string(), "ago": ago})
        }
        PastWhat::Event { event, properties } => {
            let properties: Map<String, Json> = properties
                .iter()
                .map(|(name, it)| (name.as_str().to_owned(), it.to_json()))
                .collect();
            json!({"event": event.to_string(), "ago": ago, "properties": properties})
        }
        PastWhat::Shown(it) => json!({"shown": it.as_str(), "ago": ago}),
        PastWhat::Accepted(it) => json!({"accepted": it.as_str(), "ago": ago}),
        PastWhat::Rejected(it) => json!({"rejected": it.as_str(), "ago": ago}),
    }
}
