//! Each component as one JSON document `{"content": …, "scope": …}`: the link between the typed set and its encoding.
//!
//! **Invariants.** The one list of kinds of this crate: a kind that is added to the model does not compile until it is
//! added here. The scope of a component that has none of its own (workspace, audience, channel, strategy) follows from
//! its name, is written all the same, and must be right when it is read.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value as Json;
use taiwa_model::{ChannelName, ComponentId, Components, Kind, Scope, Scoped};

/// A component as it is written.
#[derive(Serialize)]
struct Written<'a, T> {
    content: &'a T,
    scope: &'a Scope,
}

/// A component as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read<T> {
    content: T,
    scope: Scope,
}

/// Why a component has no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// Nothing of this name.
    #[error("no such component")]
    Missing,
    /// A number that is not finite; it has no JSON.
    #[error("a number is not finite")]
    NotFinite,
    /// A map key that is not text, and the like.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// The document of a component.
pub(crate) fn document(of: &Components, id: &ComponentId) -> Result<Json, DocumentError> {
    let name = id.name.as_str();
    let own = Scope::Channel(ChannelName::new(name));
    let json = match id.kind {
        Kind::Workspace => written(of.workspace.as_ref(), &Scope::Shared),
        Kind::Audience => written(of.audience.as_ref(), &Scope::Shared),
        Kind::Channel => written(of.channels.get(name), &own),
        Kind::Strategy => written(of.strategies.get(name), &own),
        Kind::Goal => scoped(of.goals.get(name)),
        Kind::Segment => scoped(of.segments.get(name)),
        Kind::Flowchart => scoped(of.flowcharts.get(name)),
        Kind::Offer => scoped(of.offers.get(name)),
        Kind::Message => scoped(of.messages.get(name)),
        Kind::Policy => scoped(of.policies.get(name)),
        Kind::Touchpoint => scoped(of.touchpoints.get(name)),
        Kind::Scenario => scoped(of.scenarios.get(name)),
        Kind::Journey => Err(DocumentError::Missing),
    }?;
    // What is absent is left out, so a null can only be a number without a text.
    if holds_null(&json) { Err(DocumentError::NotFinite) } else { Ok(json) }
}

fn scoped<T: Serialize>(it: Option<&Scoped<T>>) -> Result<Json, DocumentError> {
    let it = it.ok_or(DocumentError::Missing)?;
    written(Some(&it.content), &it.scope)
}

fn written<T: Serialize>(content: Option<&T>, scope: &Scope) -> Result<Json, DocumentError> {
    let content = content.ok_or(DocumentError::Missing)?;
    Ok(serde_json::to_value(Written { content, scope })?)
}

fn holds_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.iter().any(holds_null),
        Json::Object(fields) => fields.values().any(holds_null),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

/// Reads the document of a component and puts it in its place.
pub(crate) fn insert<'de, D: Deserializer<'de>>(
    into: &mut Components,
    id: &ComponentId,
    from: D,
) -> Result<(), D::Error> {
    let name = id.name.as_str();
    match id.kind {
        Kind::Workspace => into.workspace = Some(fixed(from, id, "taiwa", &Scope::Shared)?),
        Kind::Audience => into.audience = Some(fixed(from, id, "shared", &Scope::Shared)?),
        Kind::Channel => {
            let content = fixed(from, id, name, &Scope::Channel(name.into()))?;
            into.channels.insert(name.into(), content);
        }
        Kind::Strategy => {
            let content = fixed(from, id, name, &Scope::Channel(name.into()))?;
            into.strategies.insert(name.into(), content);
        }
        Kind::Goal => drop(into.goals.insert(name.into(), free(from)?)),
        Kind::Segment => drop(into.segments.insert(name.into(), free(from)?)),
        Kind::Flowchart => drop(into.flowcharts.insert(name.into(), free(from)?)),
        Kind::Offer => drop(into.offers.insert(name.into(), free(from)?)),
        Kind::Message => drop(into.messages.insert(name.into(), free(from)?)),
        Kind::Policy => drop(into.policies.insert(name.into(), free(from)?)),
        Kind::Touchpoint => drop(into.touchpoints.insert(name.into(), free(from)?)),
        Kind::Scenario => drop(into.scenarios.insert(name.into(), free(from)?)),
        Kind::Journey => return Err(D::Error::custom("journeys are not supported yet")),
    }
    Ok(())
}

fn free<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Scoped<T>, D::Error> {
    let read = Read::deserialize(from)?;
    Ok(Scoped { scope: read.scope, content: read.content })
}

fn fixed<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
    id: &ComponentId,
    name: &str,
    scope: &Scope,
) -> Result<T, D::Error> {
    let read = Read::deserialize(from)?;
    if id.name == name && read.scope == *scope {
        Ok(read.content)
    } else {
        Err(D::Error::custom(format_args!("{id} has a name or scope that it cannot have")))
    }
}

/// Takes a component out; nothing happens where there is none.
pub(crate) fn remove(from: &mut Components, id: &ComponentId) {
    let name = id.name.as_str();
    match id.kind {
        Kind::Workspace => from.workspace = None,
        Kind::Audience => from.audience = None,
        Kind::Channel => drop(from.channels.remove(name)),
        Kind::Strategy => drop(from.strategies.remove(name)),
        Kind::Goal => drop(from.goals.remove(name)),
        Kind::Segment => drop(from.segments.remove(name)),
        Kind::Flowchart => drop(from.flowcharts.remove(name)),
        Kind::Offer => drop(from.offers.remove(name)),
        Kind::Message => drop(from.messages.remove(name)),
        Kind::Policy => drop(from.policies.remove(name)),
        Kind::Touchpoint => drop(from.touchpoints.remove(name)),
        Kind::Scenario => drop(from.scenarios.remove(name)),
        Kind::Journey => {}
    }
}
