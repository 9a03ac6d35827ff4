//! Names as newtypes, their spelling, and the qualified name of an event.

use std::{borrow::Borrow, fmt};

use serde::{Deserialize, Serialize};

/// Lower-case letters, digits and single dashes, beginning with a letter or a digit; at most 64 characters.
pub fn is_kebab(text: &str) -> bool {
    spelled(text, '-')
}

/// Lower-case letters, digits and single underscores, beginning with a letter; at most 64 characters.
pub fn is_snake(text: &str) -> bool {
    spelled(text, '_') && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A BCP 47 language tag in its usual spelling: `en`, `ja`, `ja-JP`, `zh-Hant-TW`.
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().is_some_and(|it| {
        (2..=3).contains(&it.len()) && it.chars().all(|c| c.is_ascii_lowercase())
    });
    language
        && parts
            .all(|it| (2..=8).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn spelled(text: &str, dash: char) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.len() <= 64 && text.split(dash).all(word)
}

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $Name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $Name(String);

        impl $Name {
            /// Takes the text as it is; whether it is spelled well is the validator's question.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $Name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $Name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $Name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $Name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )+};
}

names! {
    /// Name of a channel: its folder, kebab-case.
    ChannelName;
    /// Name of a zone of a channel, kebab-case.
    ZoneName;
    /// Name of an interaction point of a channel, kebab-case.
    PointName;
    /// Name of an event category of a channel, kebab-case.
    CategoryName;
    /// Name of an event of a channel, snake_case.
    EventName;
    /// Name of a property of an event, snake_case.
    PropertyName;
    /// Name of a profile attribute, snake_case.
    AttributeName;
    /// Name of an audience level, kebab-case.
    LevelName;
    /// Name of a consent purpose, kebab-case.
    PurposeName;
    /// Name of an offer, kebab-case.
    OfferName;
    /// Name of a segment, kebab-case; `everyone` is built in.
    SegmentName;
    /// Name of an interactive flowchart, kebab-case.
    FlowchartName;
    /// Name of a node of a flowchart, kebab-case.
    NodeName;
    /// Name of a goal, kebab-case.
    GoalName;
    /// Name of a message, kebab-case.
    MessageName;
    /// Name of a contact policy, kebab-case.
    PolicyName;
    /// Name of a touchpoint manifest, kebab-case.
    TouchpointName;
    /// Name of a scenario, kebab-case.
    ScenarioName;
    /// Name of a signal (interaction) of a medium, snake_case.
    SignalName;
    /// Name of a link of a message, kebab-case.
    LinkName;
    /// Name of a field of a treatment.
    FieldName;
    /// A BCP 47 language tag; `und` stands for text that was given without a locale.
    Locale;
    /// Name of an environment: its folder, kebab-case.
    EnvironmentName;
    /// A role of a person, kebab-case.
    RoleName;
    /// Id of a person of a policy, kebab-case.
    PersonId;
    /// Id of a runtime server within its environment, kebab-case.
    ServerId;
    /// Id of a runner (CI) that signs evidence, kebab-case.
    RunnerId;
}

/// An event with its channel: `web-store/add_to_cart`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef {
    /// The channel that declares the event.
    pub channel: ChannelName,
    /// The event.
    pub event: EventName,
}

impl EventRef {
    /// From its two parts.
    pub fn new(channel: impl Into<ChannelName>, event: impl Into<EventName>) -> Self {
        Self { channel: channel.into(), event: event.into() }
    }

    /// Reads `channel/event`, or a bare `event` of the channel given.
    pub fn parse(text: &str, channel: Option<&ChannelName>) -> Option<Self> {
        match text.split_once('/') {
            Some((channel, event)) => Some(Self::new(channel, event)),
            None => channel.map(|it| Self::new(it.clone(), text)),
        }
    }
}

impl fmt::Display for EventRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.event)
    }
}

impl Serialize for EventRef {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventRef {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text, None)
            .ok_or_else(|| serde::de::Error::custom("an event is written channel/event"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling() {
        for good in ["a", "web-store", "c-1", "4-eyes"] {
            assert!(is_kebab(good), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "a_b", "ä", "a b", &"x".repeat(65)] {
            assert!(!is_kebab(bad), "{bad}");
        }
        assert!(is_snake("add_to_cart") && !is_snake("1st") && !is_snake("add-to-cart"));
        assert!(
            is_locale("ja-JP") && is_locale("en") && !is_locale("JA") && !is_locale("japanese")
        );
    }
}
