//! What must hold when many act at once, and when the store fails.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value as Json, json};
use taiwa_api::{Code, v1};
use taiwa_decide::{Compiled, Person};
use taiwa_model::{Components, Digest, Scope, Scoped, Timestamp};
use taiwa_store::{
    DecisionId, DecisionRow, Done, Identity, JournalRow, MemoryStore, MessageHash, PersonNumber,
    ProtocolRow, SessionId, SessionRow, SqliteStore, Store, StoreError, Undeclared, Unit,
};

use super::{Scene, event, offers, session};
use crate::{ManualClock, shelf::Served, world::World};

/// A disk that is full while `no_space` says so, and a queue that is full while `busy` does.
#[derive(Default)]
struct Full {
    inner: MemoryStore,
    no_space: AtomicBool,
    busy: AtomicBool,
}

impl Store for Full {
    fn person(&self, who: &Identity) -> Result<Option<(PersonNumber, Person)>, StoreError> {
        self.inner.person(who)
    }

    fn new_person(&self) -> PersonNumber {
        self.inner.new_person()
    }

    fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        self.inner.session(id)
    }

    fn sessions(&self) -> Result<u64, StoreError> {
        self.inner.sessions()
    }

    fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        self.inner.decision(id)
    }

    fn messages(&self) -> Result<Vec<(MessageHash, Timestamp)>, StoreError> {
        self.inner.messages()
    }

    fn undeclared(&self) -> Result<Vec<Undeclared>, StoreError> {
        self.inner.undeclared()
    }

    fn protocol(&self) -> Result<Option<ProtocolRow>, StoreError> {
        self.inner.protocol()
    }

    fn journal(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
        self.inner.journal(limit)
    }

    fn submit(&self, unit: Unit, done: Done) -> Result<(), StoreError> {
        if self.busy.load(Ordering::SeqCst) {
            return Err(StoreError::Overloaded);
        }
        if self.no_space.load(Ordering::SeqCst) {
            done(Err(StoreError::DiskFull { what: "cannot write".to_owned() }));
            return Ok(());
        }
        self.inner.submit(unit, done)
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Json) -> T {
    serde_json::from_value(value).unwrap()
}

/// A shop whose one offer goes to who bought exactly so often.
fn served(purchases: usize) -> Arc<Served> {
    let mut all = Components {
        workspace: Some(read(json!({
            "format": 1, "title": { "und": "Shop" }, "locales": ["en"], "time_zone": "UTC", "currency": "EUR",
        }))),
        audience: Some(read(json!({
            "levels": [{ "name": "customer", "key": "customer_id" }, { "name": "visitor", "key": "visitor_id" }],
            "attributes": {},
        }))),
        ..Components::default()
    };
    let channel = read(json!({
        "title": { "und": "Shop" }, "direction": "inbound", "zones": { "home": {} }, "categories": { "shop": {} },
        "interaction_points": { "hero": { "zone": "home", "offers": 1 } },
        "events": { "purchase": { "category": "shop" } },
    }));
    all.channels.insert("shop".into(), channel);
    let rule =
        json!({ "zone": "home", "segment": "everyone", "offer": "o", "score": { "fixed": 1.0 } });
    all.strategies.insert("shop".into(), read(json!({ "rules": [rule] })));
    let offer = read(json!({
        "title": { "und": "o" }, "treatments": { "shop": { "en": { "text": "x" } } },
        "eligible": format!("count(\"shop/purchase\", \"1d\") == {purchases}"),
    }));
    all.offers.insert("o".into(), Scoped { scope: Scope::Shared, content: offer });
    let compiled = Compiled::new(Digest::of(b"test"), &all).unwrap();
    Arc::new(Served { compiled, size_bytes: 0, components: 0 })
}

fn scene(store: Arc<dyn Store>, purchases: usize) -> Scene {
    let now = Timestamp::parse("2027-03-01T10:00:00Z").unwrap();
    let world = World::new(store, Arc::new(ManualClock::new(now))).unwrap();
    Scene {
        world: Arc::new(world),
        release: served(purchases),
        tally: None,
        visitor: 0,
        serving: None,
        now,
        default_person: None,
    }
}

fn wait<T>(answered: super::Answered<T>) -> Result<T, crate::problem::Failure> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answered.settle())
}

fn purchase(scene: &Scene, customer: &str, message_id: Option<String>) -> Result<(), Code> {
    let body = v1::PostEventFor {
        channel: "shop".into(),
        audience: BTreeMap::from([("customer_id".to_owned(), customer.to_owned())]),
        event: "purchase".to_owned(),
        properties: BTreeMap::new(),
        message_id,
        time: None,
        tracking: None,
    };
    let answered = event::alone(scene, &body).map_err(|it| it.0.code)?;
    wait(answered).map(drop).map_err(|it| it.0.code)
}

fn start(scene: &Scene, audience: &Json) -> String {
    let body = read(json!({ "channel": "shop", "audience": audience }));
    wait(session::start(scene, body).unwrap()).unwrap().session
}

fn shown(scene: &Scene, session: &str) -> usize {
    let query = read(json!({ "point": "hero" }));
    offers::one(scene, session, &query).unwrap().offers.len()
}

fn many_at_once(store: Arc<dyn Store>) {
    const THREADS: usize = 8;
    const EACH: usize = 25;
    let scene = scene(store, THREADS * EACH);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let scene = &scene;
            scope.spawn(move || {
                for number in 0..EACH {
                    let id = format!("{thread}/{number}");
                    purchase(scene, "ann", Some(id.clone())).unwrap();
                    purchase(scene, "ann", Some(id)).unwrap();
                }
            });
        }
    });
    let session = start(&scene, &json!({ "customer_id": "ann" }));
    assert_eq!(shown(&scene, &session), 1);
}

#[test]
fn no_event_is_lost_or_counted_twice_when_many_post_at_once() {
    many_at_once(Arc::new(MemoryStore::default()));
    let dir = tempfile::tempdir().unwrap();
    many_at_once(Arc::new(SqliteStore::open(&dir.path().join("state.sqlite")).unwrap()));
}

#[test]
fn visitors_who_sign_in_as_one_person_at_once_bring_all_their_history() {
    const VISITORS: usize = 16;
    let scene = scene(Arc::new(MemoryStore::default()), 2 * VISITORS);
    std::thread::scope(|scope| {
        for _ in 0..VISITORS {
            let scene = &scene;
            scope.spawn(move || {
                let id = start(scene, &json!({}));
                let event = read(json!({ "event": "purchase" }));
                wait(event::in_session(scene, &id, &event).unwrap()).unwrap();
                let body = read(json!({ "audience": { "customer_id": "ann" } }));
                wait(session::change(scene, &id, &body).unwrap()).unwrap();
                wait(event::in_session(scene, &id, &event).unwrap()).unwrap();
            });
        }
    });
    let session = start(&scene, &json!({ "customer_id": "ann" }));
    assert_eq!(shown(&scene, &session), 1);
}

#[test]
fn a_full_disk_refuses_events_forgets_what_failed_and_answers_decisions() {
    let store = Arc::new(Full::default());
    let scene = scene(store.clone(), 1);
    let session = start(&scene, &json!({ "customer_id": "ann" }));
    store.no_space.store(true, Ordering::SeqCst);
    assert_eq!(purchase(&scene, "ann", Some("m".to_owned())), Err(Code::DiskFull));
    assert_eq!(shown(&scene, &session), 0);
    store.no_space.store(false, Ordering::SeqCst);
    // The failed one did not count, and may be posted again under the same id.
    assert_eq!(shown(&scene, &session), 0);
    assert_eq!(purchase(&scene, "ann", Some("m".to_owned())), Ok(()));
    assert_eq!(shown(&scene, &session), 1);
}

#[test]
fn a_full_queue_refuses_events_and_answers_decisions() {
    let store = Arc::new(Full::default());
    let scene = scene(store.clone(), 0);
    let session = start(&scene, &json!({ "customer_id": "ann" }));
    store.busy.store(true, Ordering::SeqCst);
    assert_eq!(purchase(&scene, "ann", None), Err(Code::Overloaded));
    assert_eq!((shown(&scene, &session), shown(&scene, &session)), (1, 1));
    assert_eq!(scene.world.unrecorded.load(Ordering::SeqCst), 2);
    store.busy.store(false, Ordering::SeqCst);
    assert_eq!(purchase(&scene, "ann", None), Ok(()));
    assert_eq!(shown(&scene, &session), 0);
}

#[test]
fn forgetting_and_coming_again_never_leaves_a_person_that_nobody_can_reach() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&dir.path().join("state.sqlite")).unwrap();
    let scene = scene(Arc::new(store), 1);
    for _ in 0..100 {
        purchase(&scene, "ann", None).unwrap();
        let forgotten = wait(super::profile::forget(&scene, ("customer", "ann")).unwrap()).unwrap();
        assert!(forgotten.existed);
        let session = start(&scene, &json!({ "customer_id": "ann" }));
        assert_eq!(shown(&scene, &session), 0);
        wait(session::end(&scene, &session).unwrap()).unwrap();
        assert_eq!(session::look(&scene, &session).unwrap_err().0.code, Code::UnknownSession);
        wait(super::profile::forget(&scene, ("customer", "ann")).unwrap()).unwrap();
    }
}
