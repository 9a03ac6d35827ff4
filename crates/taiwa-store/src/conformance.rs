//! What every store must do. Each implementation runs the same checks.

use taiwa_decide::{Person, Session};
use taiwa_model::{Digest, Timestamp};

use crate::{
    DECISIONS_MAX, DecisionId, DecisionRow, Identity, JOURNAL_MAX, JournalRow, MESSAGE_KEPT_MS,
    MemoryReleases, MemoryStore, PersonNumber, ProtocolRow, Releases as _, SessionId, SessionRow,
    SqliteStore, Store, StoreError, UNDECLARED_MAX, Write,
};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + millis)
}

fn who(level: &str, key: &str) -> Identity {
    Identity { level: level.into(), key: key.into() }
}

fn visited(times: u64) -> Person {
    let mut person = Person::default();
    (0..times).for_each(|_| person.visit());
    person
}

fn session(key: &str, expires: i64) -> Box<SessionRow> {
    let session = Session {
        channel: "web-store".into(),
        level: "customer".into(),
        key: key.into(),
        locale: None,
        started: at(0),
        last_shown: Vec::new(),
        began_as: None,
    };
    Box::new(SessionRow { session, expires_at: at(expires) })
}

fn new_person(store: &dyn Store, who: &Identity, times: u64) -> PersonNumber {
    let number = store.new_person();
    let unit =
        vec![Write::Person(number, Box::new(visited(times))), Write::Identity(who.clone(), number)];
    store.commit(unit).unwrap();
    number
}

fn visits(store: &dyn Store, who: &Identity) -> Option<u64> {
    store.person(who).unwrap().map(|it| it.1.visits())
}

fn people(store: &dyn Store) {
    let (ann, bob) = (who("customer", "ann"), who("customer", "bob"));
    assert_eq!(store.person(&ann), Ok(None));
    let first = new_person(store, &ann, 1);
    let second = new_person(store, &bob, 2);
    assert_ne!(first, second);
    assert_eq!((visits(store, &ann), visits(store, &bob)), (Some(1), Some(2)));
    store
        .commit(vec![
            Write::Person(first, Box::new(visited(7))),
            Write::Person(first, Box::new(visited(8))),
        ])
        .unwrap();
    assert_eq!((visits(store, &ann), visits(store, &bob)), (Some(8), Some(2)));
}

fn merging(store: &dyn Store) {
    let (visitor, customer) = (who("visitor", "v"), who("customer", "c"));
    let from = new_person(store, &visitor, 1);
    let into = new_person(store, &customer, 2);
    let unit = vec![Write::Person(into, Box::new(visited(3))), Write::Merged { from, into }];
    store.commit(unit).unwrap();
    assert_eq!(store.person(&visitor).unwrap().unwrap().0, into);
    assert_eq!((visits(store, &visitor), visits(store, &customer)), (Some(3), Some(3)));
}

fn forgetting(store: &dyn Store) {
    let (ann, other) = (who("customer", "ann-f"), who("visitor", "ann-f"));
    let number = new_person(store, &ann, 1);
    store
        .commit(vec![
            Write::Identity(other.clone(), number),
            Write::Session(SessionId::new("s-forget"), session("ann-f", 100)),
            Write::Session(SessionId::new("s-stays"), session("bob-f", 100)),
            Write::Forget(number, at(1)),
        ])
        .unwrap();
    assert_eq!((visits(store, &ann), visits(store, &other)), (None, None));
    assert_eq!(store.session(&SessionId::new("s-forget")), Ok(None));
    assert!(store.session(&SessionId::new("s-stays")).unwrap().is_some());
}

fn sessions_and_tidying(store: &dyn Store) {
    let (a, b) = (SessionId::new("a"), SessionId::new("b"));
    let before = store.sessions().unwrap();
    store
        .commit(vec![
            Write::Session(a.clone(), session("ann", 10)),
            Write::Session(b.clone(), session("bob", 1000)),
        ])
        .unwrap();
    assert_eq!(store.sessions(), Ok(before + 2));
    store.commit(vec![Write::Session(a.clone(), session("ann", 20))]).unwrap();
    assert_eq!(store.session(&a).unwrap().unwrap().expires_at, at(20));
    store.commit(vec![Write::Tidy(at(20))]).unwrap();
    assert_eq!(store.session(&a), Ok(None));
    assert!(store.session(&b).unwrap().is_some());
    store.commit(vec![Write::EndSession(b.clone())]).unwrap();
    assert_eq!(store.session(&b), Ok(None));
}

fn messages_are_forgotten_after_a_day(store: &dyn Store) {
    store.commit(vec![Write::Message([2; 16], at(5)), Write::Message([1; 16], at(1))]).unwrap();
    store.commit(vec![Write::Message([1; 16], at(1))]).unwrap();
    assert_eq!(store.messages(), Ok(vec![([1; 16], at(1)), ([2; 16], at(5))]));
    store.commit(vec![Write::Tidy(at(1 + MESSAGE_KEPT_MS))]).unwrap();
    assert_eq!(store.messages(), Ok(vec![([2; 16], at(5))]));
}

fn decision(store: &dyn Store, id: &str) {
    let row = DecisionRow { at: at(0), channel: "web-store".into(), decisions: Vec::new() };
    store.commit(vec![Write::Decision(DecisionId::new(id), Box::new(row))]).unwrap();
}

fn what_was_recorded_is_there_after_the_next_unit(store: &dyn Store) {
    let row = DecisionRow { at: at(1), channel: "web-r".into(), decisions: Vec::new() };
    let id = DecisionId::new("recorded");
    store.record(&id, &row).unwrap();
    store.commit(Vec::new()).unwrap();
    assert_eq!(store.decision(&id), Ok(Some(row)));
}

fn decisions_are_kept_up_to_a_limit(store: &dyn Store) {
    decision(store, "first");
    let rows = (0..DECISIONS_MAX).map(|it| {
        let row = DecisionRow { at: at(0), channel: "web".into(), decisions: Vec::new() };
        Write::Decision(DecisionId::new(format!("d{it}")), Box::new(row))
    });
    store.commit(rows.collect()).unwrap();
    assert!(store.decision(&DecisionId::new("first")).unwrap().is_some());
    store.commit(vec![Write::Tidy(at(0))]).unwrap();
    assert_eq!(store.decision(&DecisionId::new("first")), Ok(None));
    assert!(store.decision(&DecisionId::new("d0")).unwrap().is_some());
}

fn undeclared_events_are_counted_up_to_a_limit(store: &dyn Store) {
    let event = |name: &str, millis| Write::Undeclared(format!("web-store/{name}"), at(millis));
    store.commit(vec![event("a", 1), event("b", 2), event("b", 5), event("b", 3)]).unwrap();
    let all = store.undeclared().unwrap();
    assert_eq!((all[0].event.as_str(), all[0].count, all[0].last), ("web-store/b", 3, at(5)));
    store.commit((0..2 * UNDECLARED_MAX).map(|it| event(&it.to_string(), 9)).collect()).unwrap();
    store.commit(vec![event("a", 9)]).unwrap();
    let all = store.undeclared().unwrap();
    assert_eq!(all.len() as u64, UNDECLARED_MAX);
    assert_eq!(all.iter().find(|it| it.event == "web-store/a").map(|it| it.count), Some(2));
}

fn protocol_moves_one_version_at_a_time(store: &dyn Store) {
    let entry = |what: &str| JournalRow {
        seq: 0,
        at: at(1),
        what: what.into(),
        release: Some(Digest::of(b"r")),
        plan: None,
        detail: "for people".into(),
        body: "{}".into(),
    };
    let row = |version, state: &str| ProtocolRow { version, state: state.into() };
    assert_eq!(store.protocol(), Ok(None));
    store.commit(vec![Write::Protocol(row(1, "one"), vec![entry("x"), entry("y")])]).unwrap();
    let refused = store.commit(vec![
        Write::Message([9; 16], at(0)),
        Write::Protocol(row(1, "again"), vec![entry("z")]),
    ]);
    assert!(matches!(refused, Err(StoreError::Failed { .. })), "{refused:?}");
    assert_eq!(store.protocol(), Ok(Some(row(1, "one"))));
    store.commit(vec![Write::Protocol(row(2, "two"), vec![entry("w")])]).unwrap();
    let journal = store.journal(2).unwrap();
    let seen: Vec<_> = journal.iter().map(|it| (it.seq, it.what.as_str())).collect();
    assert_eq!(seen, [(3, "w"), (2, "y")]);
    assert_eq!(journal[0].release, Some(Digest::of(b"r")));
    // The refused unit was refused whole.
    assert!(store.messages().unwrap().iter().all(|it| it.0 != [9; 16]));
}

/// How many entries of the journal are about this, the oldest and the newest.
fn kept(store: &dyn Store, what: &str) -> (u64, Option<u64>, Option<u64>) {
    let all = store.journal(u64::MAX).unwrap();
    let seqs: Vec<u64> = all.iter().filter(|it| it.what == what).map(|it| it.seq).collect();
    (seqs.len() as u64, seqs.iter().min().copied(), seqs.iter().max().copied())
}

fn the_journal_keeps_the_newest_of_each_kind_and_what_a_rollback_needs(store: &dyn Store) {
    let entry = |what: &str, release: &str| JournalRow {
        seq: 0,
        at: at(1),
        what: what.into(),
        release: Some(Digest::of(release.as_bytes())),
        plan: None,
        detail: String::new(),
        body: "{}".into(),
    };
    let write = |entries: Vec<JournalRow>| {
        let version = store.protocol().unwrap().map_or(1, |it| it.version + 1);
        let row = ProtocolRow { version, state: "two".into() };
        store.commit(vec![Write::Protocol(row, entries)]).unwrap();
    };
    let (activated, last) = (crate::ACTIVATED, store.journal(1).unwrap()[0].seq);
    write(["a", "b", "a"].iter().map(|it| entry(activated, it)).collect());
    write((0..JOURNAL_MAX + 20).map(|_| entry("refused", "x")).collect());
    assert_eq!(
        kept(store, "refused"),
        (JOURNAL_MAX, Some(last + 24), Some(last + 3 + JOURNAL_MAX + 20))
    );
    // No number of refusals costs an activation.
    assert_eq!(kept(store, activated), (3, Some(last + 1), Some(last + 3)));
    write((0..JOURNAL_MAX + 5).map(|_| entry(activated, "c")).collect());
    // The first of `a` had a later one; the last ones of `a` and `b` stay, beyond the limit.
    assert_eq!(
        (kept(store, activated).0, kept(store, activated).1),
        (JOURNAL_MAX + 2, Some(last + 2))
    );
    let ways: Vec<_> = store.activations(9).unwrap().iter().filter_map(|it| it.release).collect();
    assert_eq!(ways, ["c", "a", "b"].map(|it| Digest::of(it.as_bytes())));
    assert_eq!(store.activations(1).unwrap()[0].seq, kept(store, activated).2.unwrap());
}

fn all(store: &dyn Store) {
    store.probe().unwrap();
    protocol_moves_one_version_at_a_time(store);
    the_journal_keeps_the_newest_of_each_kind_and_what_a_rollback_needs(store);
    people(store);
    merging(store);
    forgetting(store);
    sessions_and_tidying(store);
    messages_are_forgotten_after_a_day(store);
    undeclared_events_are_counted_up_to_a_limit(store);
    what_was_recorded_is_there_after_the_next_unit(store);
    decisions_are_kept_up_to_a_limit(store);
}

#[test]
fn in_memory() {
    all(&MemoryStore::default());
    let releases = MemoryReleases::default();
    let digest = Digest::of(b"x");
    assert_eq!((releases.put(&digest, b"x"), releases.put(&digest, b"x")), (Ok(false), Ok(true)));
    assert_eq!(releases.list(), Ok(vec![digest]));
}

#[test]
fn on_disk_also_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    all(&store);
    let number = new_person(&store, &who("customer", "late"), 5);
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(visits(&store, &who("customer", "late")), Some(5));
    assert!(store.new_person() > number);
    assert_eq!(store.protocol().unwrap().unwrap().state, "two");
}

#[test]
fn units_that_wait_together_take_effect_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&dir.path().join("state.sqlite")).unwrap();
    let ann = who("customer", "ann");
    let number = new_person(&store, &ann, 0);
    for times in 1..500 {
        let bad = times % 7 == 0;
        let row = ProtocolRow { version: 99, state: String::new() };
        let mut unit = vec![Write::Person(number, Box::new(visited(times)))];
        unit.extend(bad.then_some(Write::Protocol(row, Vec::new())));
        store.submit(unit, Box::new(move |it| assert_eq!(it.is_err(), bad))).unwrap();
    }
    store.probe().unwrap();
    assert_eq!(visits(&store, &ann), Some(499));
}

#[test]
fn a_newer_format_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("UPDATE meta SET value = 9 WHERE key = 'format'", []).unwrap();
    drop(connection);
    let refused = SqliteStore::open(&path).unwrap_err();
    assert_eq!(refused, StoreError::NewerFormat { found: 9, known: 1 });
    assert!(refused.to_string().contains("start the version that wrote it"));
}

#[test]
fn the_database_itself_keeps_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    protocol_moves_one_version_at_a_time(&store);
    the_journal_keeps_the_newest_of_each_kind_and_what_a_rollback_needs(&store);
    let way = store.activations(9).unwrap().last().unwrap().seq;
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let refused = [
        "DELETE FROM journal".to_owned(),
        "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)".to_owned(),
        format!("DELETE FROM journal WHERE seq = {way}"),
        "UPDATE journal SET what = 'x'".to_owned(),
    ];
    for sql in refused {
        assert!(connection.execute(&sql, []).unwrap_err().to_string().contains("append only"));
    }
}

#[test]
fn a_journal_from_before_the_limit_comes_down_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER journal_keeps;
             CREATE TRIGGER journal_stays BEFORE DELETE ON journal
                 BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1150)
             INSERT INTO journal (at, what, detail, body) SELECT i, 'refused', '', '' FROM n;",
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(&path).unwrap();
    for version in 1..=2 {
        let entry = JournalRow { what: "refused".into(), ..store.journal(1).unwrap()[0].clone() };
        let row = ProtocolRow { version, state: String::new() };
        store.commit(vec![Write::Protocol(row, vec![entry])]).unwrap();
    }
    assert_eq!(kept(&store, "refused"), (JOURNAL_MAX, Some(153), Some(1152)));
}

#[test]
fn what_is_no_database_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    std::fs::write(&path, [b'x'; 4096]).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Damaged { .. })));
}
