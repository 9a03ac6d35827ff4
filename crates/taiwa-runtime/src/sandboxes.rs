//! Sandboxes: a clock and a memory of their own under the ordinary doors, so that a scenario runs on a live server and
//! leaves no trace: nothing of it is stored, learned, capped or recorded.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value as Json};
use taiwa_api::{Code, Offence, admin, limits};
use taiwa_model::{Past, PastWhat, PropertyName, Value};
use taiwa_store::{Identity, MemoryStore, Store as _, Write};

use crate::{
    Clock as _, ManualClock,
    actions::{Scene, object},
    ids,
    problem::{Failure, offences},
    shelf::Served,
    world::World,
};

/// Sandboxes at a time.
pub const SANDBOXES_MAX: usize = 64;
/// How long one lives: 10 minutes.
pub const SANDBOX_LIVES_MS: i64 = 10 * 60_000;
/// Decisions that a sandbox can be asked for again: a load of ten minutes does not fill the memory of the server.
const DECISIONS_KEPT: usize = 1_000;
/// How far its clock may be moved at once: the years that a clock can show.
const ADVANCE_MAX_MS: i64 = 100 * 366 * 86_400_000;

struct Sandbox {
    clock: Arc<ManualClock>,
    world: Arc<World>,
    release: Arc<Served>,
    person: Option<Identity>,
    made_ms: i64,
}

/// The sandboxes of this server.
#[derive(Default)]
pub(crate) struct Sandboxes {
    all: Mutex<BTreeMap<String, Sandbox>>,
}

fn unknown() -> Failure {
    Failure::new(Code::UnknownSandbox, "the sandbox is unknown, or its time is over")
}

impl Sandboxes {
    /// Makes a sandbox; `now_ms` is of the clock that only runs on.
    pub(crate) fn make(
        &self,
        release: Arc<Served>,
        body: &admin::MakeSandbox,
        now_ms: i64,
    ) -> Result<admin::SandboxMade, Failure> {
        let digest = release.compiled.digest();
        let sandbox = build(release, body, now_ms)?;
        let id = ids::new()?;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, it| now_ms - it.made_ms < SANDBOX_LIVES_MS);
        if all.len() >= SANDBOXES_MAX {
            let detail = format!("{SANDBOXES_MAX} sandboxes are in use");
            return Err(Failure::new(Code::RateLimited, detail));
        }
        all.insert(id.clone(), sandbox);
        let lives_s = SANDBOX_LIVES_MS.unsigned_abs() / 1000;
        Ok(admin::SandboxMade { sandbox: id, release: digest, lives_s })
    }

    /// Where a request with this header acts.
    pub(crate) fn scene(&self, id: &str, now_ms: i64) -> Result<Scene, Failure> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let sandbox = all.get(id).filter(|it| now_ms - it.made_ms < SANDBOX_LIVES_MS);
        let sandbox = sandbox.ok_or_else(unknown)?;
        Ok(Scene {
            world: sandbox.world.clone(),
            release: sandbox.release.clone(),
            tally: None,
            visitor: 0,
            serving: None,
            now: sandbox.clock.wall(),
            default_person: sandbox.person.clone(),
        })
    }

    /// Moves the clock of a sandbox on.
    pub(crate) fn advance(
        &self,
        id: &str,
        millis: i64,
        now_ms: i64,
    ) -> Result<admin::SandboxClock, Failure> {
        if millis > ADVANCE_MAX_MS {
            return Err(Failure::at(
                "/advance",
                "invalid-value",
                "at most a hundred years at once",
            ));
        }
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let sandbox = all.get(id).filter(|it| now_ms - it.made_ms < SANDBOX_LIVES_MS);
        let clock = &sandbox.ok_or_else(unknown)?.clock;
        if clock.wall().plus_millis(millis) == taiwa_model::Timestamp::MAX {
            return Err(Failure::at("/advance", "invalid-value", "that is beyond the year 9999"));
        }
        Ok(admin::SandboxClock { at: clock.advance_ms(millis) })
    }

    /// Ends a sandbox.
    pub(crate) fn end(&self, id: &str) -> admin::SandboxEnded {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        admin::SandboxEnded { existed: all.remove(id).is_some() }
    }

    /// Ends those whose time is over.
    pub(crate) fn tidy(&self, now_ms: i64) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, it| now_ms - it.made_ms < SANDBOX_LIVES_MS);
    }
}

fn build(release: Arc<Served>, body: &admin::MakeSandbox, now_ms: i64) -> Result<Sandbox, Failure> {
    let store = Arc::new(MemoryStore::keeping(DECISIONS_KEPT));
    let clock = Arc::new(ManualClock::new(body.at));
    let world = Arc::new(World::new(store.clone(), clock.clone())?);
    let scene = Scene {
        world: world.clone(),
        release: release.clone(),
        tally: None,
        visitor: 0,
        serving: None,
        now: body.at,
        default_person: None,
    };
    let mut wrong = Vec::new();
    let person_id = scene.identity(&body.audience).unwrap_or_else(|it| {
        wrong.extend(it);
        None
    });
    let mut person = taiwa_decide::Person::default();
    let compiled = &release.compiled;
    let attributes = object("/attributes", &body.attributes, &mut wrong);
    let consent: BTreeMap<_, Json> =
        body.consent.iter().map(|it| (it.0.clone(), serde_json::json!(it.1))).collect();
    let consent: Map<String, Json> = object("/consent", &consent, &mut wrong);
    let history = history(body, &mut wrong);
    for result in [
        taiwa_decide::set_attributes(compiled, &mut person, &attributes),
        taiwa_decide::set_consent(compiled, &mut person, &consent, "sandbox", body.at),
        taiwa_decide::scenario::recall(compiled, &mut person, &history, body.at),
    ] {
        wrong.extend(offences(result.err().unwrap_or_default()));
    }
    if !wrong.is_empty() {
        return Err(Failure::input(wrong));
    }
    if let Some(who) = &person_id {
        let number = store.new_person();
        let unit =
            vec![Write::Person(number, Box::new(person)), Write::Identity(who.clone(), number)];
        store.commit(unit)?;
    }
    Ok(Sandbox { clock, world, release, person: person_id, made_ms: now_ms })
}

fn history(body: &admin::MakeSandbox, wrong: &mut Vec<Offence>) -> Vec<Past> {
    if body.history.len() > limits::HISTORY_MAX {
        let detail = format!("at most {} entries", limits::HISTORY_MAX);
        wrong.push(Offence::new("/history", "too-many", detail));
        return Vec::new();
    }
    body.history.iter().enumerate().map(|(place, it)| past(place, it, wrong)).collect()
}

fn past(place: usize, entry: &admin::PastEntry, wrong: &mut Vec<Offence>) -> Past {
    let mut value = |name: &PropertyName, json: &Json| {
        let read = Value::from_json(json);
        if read.is_none() {
            let pointer = format!("/history/{place}/event/properties/{name}");
            wrong.push(Offence::new(
                pointer,
                "wrong-type",
                "a bool, number, text or list is expected",
            ));
        }
        Some((name.clone(), read?))
    };
    match entry {
        admin::PastEntry::Event { ago, event, properties } => {
            let properties = properties.iter().filter_map(|it| value(it.0, it.1)).collect();
            Past { ago: *ago, what: PastWhat::Event { event: event.clone(), properties } }
        }
        admin::PastEntry::Shown { ago, offer } => {
            Past { ago: *ago, what: PastWhat::Shown(offer.clone()) }
        }
        admin::PastEntry::Accepted { ago, offer } => {
            Past { ago: *ago, what: PastWhat::Accepted(offer.clone()) }
        }
        admin::PastEntry::Rejected { ago, offer } => {
            Past { ago: *ago, what: PastWhat::Rejected(offer.clone()) }
        }
    }
}
