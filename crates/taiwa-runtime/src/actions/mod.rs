//! What touchpoints do, between the wire and the pure functions: load, call one pure function, store.
//!
//! Invariants: nothing waits while a person or a session is held; an input that is wrong anywhere changes nothing.
//! Deliberately absent: HTTP, and what a decision means.

pub(crate) mod event;
pub(crate) mod offers;
pub(crate) mod profile;
pub(crate) mod session;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};
use taiwa_api::{Code, Offence, limits};
use taiwa_model::{AttributeName, Timestamp};
use taiwa_store::{Identity, Write};

use crate::{
    problem::Failure,
    shelf::{Served, Serving},
    tally::{Asked, Tally},
    world::{Durable, Held, PersonCell, Who, World},
};

/// Where a request acts: on the server's own memory, or in a sandbox.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    /// The release that answers this visitor; as long as nobody knows who it is, the one that most have.
    pub(crate) release: Arc<Served>,
    /// Where it is counted what becomes of it; none as long as nobody knows who it is, and in sandboxes.
    pub(crate) tally: Option<Arc<Tally>>,
    /// The visitor's place, while two releases answer.
    pub(crate) visitor: u64,
    /// The two releases, while there are two.
    pub(crate) serving: Option<Arc<Serving>>,
    pub(crate) now: Timestamp,
    /// The person that a sandbox was made for.
    pub(crate) default_person: Option<Identity>,
}

/// An answer, and what must be durable before it is given.
#[must_use = "an answer that says stored must wait"]
pub(crate) struct Answered<T> {
    pub(crate) body: T,
    pub(crate) durable: Option<Durable>,
}

impl<T> Answered<T> {
    pub(crate) const fn after(body: T, durable: Durable) -> Self {
        Self { body, durable: Some(durable) }
    }

    /// Waits until the answer is true, and gives it.
    pub(crate) async fn settle(self) -> Result<T, Failure> {
        if let Some(durable) = self.durable {
            durable.wait().await?;
        }
        Ok(self.body)
    }
}

/// How often a person is looked up anew when memory changed meanwhile.
const TRIES: usize = 4;

impl Scene {
    /// The same place, as this visitor sees it.
    pub(crate) fn of(&self, who: &Identity) -> Cow<'_, Self> {
        let Some(serving) = &self.serving else { return Cow::Borrowed(self) };
        let (side, visitor) = serving.of(who);
        let (release, tally) = (side.served.clone(), Some(side.tally.clone()));
        Cow::Owned(Self { release, tally, visitor, ..self.clone() })
    }

    /// Who `audience` names, in the words of either release; none if it names nobody, or is wrong.
    pub(crate) fn named(&self, audience: &BTreeMap<String, String>) -> Option<Identity> {
        let known = self.identity(audience).ok().flatten();
        known.or_else(|| {
            let new = self.serving.as_ref()?.new.served.clone();
            Self { release: new, ..self.clone() }.identity(audience).ok().flatten()
        })
    }

    /// Counts what becomes of one request.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked::new(self.tally.as_deref(), self.world.clock.as_ref(), self.visitor)
    }

    /// Holds the person of an identity, made if need be, for one change.
    pub(crate) fn with_person<T>(
        &self,
        who: &Identity,
        change: impl Fn(&Arc<PersonCell>, Held<'_, Who>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        for _ in 0..TRIES {
            let cell = self.world.people.find_or_make(self.world.store.as_ref(), who)?;
            if let Some(held) = cell.cell.lock() {
                return change(&cell, held);
            }
        }
        Err(busy())
    }

    /// The one identity that `audience` names.
    pub(crate) fn identity(
        &self,
        audience: &BTreeMap<String, String>,
    ) -> Result<Option<Identity>, Vec<Offence>> {
        let mut offences = Vec::new();
        let mut found = None;
        for (name, key) in audience {
            let pointer = format!("/audience/{name}");
            match self.release.compiled.level_of_key(name) {
                None => {
                    let known: Vec<_> =
                        self.release.compiled.levels().iter().map(|it| it.1.as_str()).collect();
                    let detail =
                        format!("no audience level has this key; known are: {}", known.join(", "));
                    offences.push(Offence::new(pointer, "unknown-key", detail));
                }
                Some(level) => {
                    offences.extend(key_offence(&pointer, key));
                    found = Some(Identity { level: level.clone(), key: key.clone() });
                }
            }
        }
        if audience.len() > 1 {
            offences.push(Offence::new("/audience", "too-many", "one key names the person"));
        }
        if offences.is_empty() { Ok(found) } else { Err(offences) }
    }

    /// The identity as `audience` has it.
    pub(crate) fn audience(&self, who: &Identity) -> BTreeMap<String, String> {
        let levels = self.release.compiled.levels();
        let name = levels.iter().find(|it| it.0 == who.level).map(|it| it.1.clone());
        name.map(|it| (it, who.key.clone())).into_iter().collect()
    }
}

/// What is wrong with a key, if anything.
pub(crate) fn key_offence(pointer: &str, key: &str) -> Option<Offence> {
    let good =
        !key.is_empty() && key.len() <= limits::KEY_MAX_BYTES && !key.chars().any(char::is_control);
    let detail =
        format!("a key has 1 to {} bytes and no control characters", limits::KEY_MAX_BYTES);
    (!good).then(|| Offence::new(pointer, "invalid-value", detail))
}

/// The fields as a JSON object, with an offence where they are too many or too large.
pub(crate) fn object<K: AsRef<str>>(
    pointer: &str,
    fields: &BTreeMap<K, Json>,
    offences: &mut Vec<Offence>,
) -> Map<String, Json> {
    if fields.len() > limits::FIELDS_MAX {
        let detail = format!("at most {} fields", limits::FIELDS_MAX);
        offences.push(Offence::new(pointer, "too-many", detail));
        return Map::new();
    }
    fields.iter().map(|(name, value)| (name.as_ref().to_owned(), value.clone())).collect()
}

/// Attributes as the wire has them.
pub(crate) fn attributes(person: &taiwa_decide::Person) -> BTreeMap<AttributeName, Json> {
    person.attributes().iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
}

/// The writes that bring a person and identities that are new to the disk.
pub(crate) fn person_writes(cell: &PersonCell, held: &mut Who) -> Vec<Write> {
    let mut unit = vec![Write::Person(cell.number, Box::new(held.person.clone()))];
    unit.extend(held.untold.drain(..).map(|it| Write::Identity(it, cell.number)));
    unit
}

pub(crate) fn busy() -> Failure {
    Failure::new(Code::Overloaded, "the person is being changed; ask again")
}
