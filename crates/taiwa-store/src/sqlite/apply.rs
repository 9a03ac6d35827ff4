//! One write, inside a transaction.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Transaction, params};
use taiwa_decide::Person;
use taiwa_model::{Digest, Timestamp};

use super::wrong_version;
use crate::{
    DECISIONS_MAX, DecisionId, JournalRow, MESSAGE_KEPT_MS, MESSAGES_MAX, PersonNumber,
    ProtocolRow, SessionId, SessionRow, StoreError, TIDY_MAX, UNDECLARED_MAX, Unit, Write,
};

/// Places of writes that a later one of the same commit replaces whole.
pub(super) fn overwritten(units: &[&Unit]) -> BTreeSet<usize> {
    let (mut people, mut sessions) = (BTreeMap::new(), BTreeMap::new());
    let mut skip = BTreeSet::new();
    for (place, write) in units.iter().flat_map(|it| it.iter()).enumerate() {
        match write {
            Write::Person(number, _) => skip.extend(people.insert(number, place)),
            Write::Session(id, _) => skip.extend(sessions.insert(id, place)),
            // What is removed in between stays removed in its order: nothing before it is skipped for what comes after.
            Write::Forget(..) | Write::Merged { .. } | Write::EndSession(_) | Write::Tidy(_) => {
                people.clear();
                sessions.clear();
            }
            _ => {}
        }
    }
    skip
}

/// Applies a write.
pub(super) fn apply(to: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Person(number, person) => put_person(to, *number, person),
        Write::Identity(who, number) => execute(
            to,
            "INSERT INTO identity VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET person = excluded.person",
            params![who.level.as_str(), who.key, number.0],
        ),
        Write::Merged { from, into } => {
            execute(
                to,
                "UPDATE identity SET person = ?2 WHERE person = ?1",
                params![from.0, into.0],
            )?;
            execute(to, "DELETE FROM person WHERE id = ?1", [from.0])
        }
        Write::Forget(number, at) => forget(to, *number, *at),
        Write::Session(id, row) => put_session(to, id, row),
        Write::EndSession(id) => execute(to, "DELETE FROM session WHERE id = ?1", [id.as_str()]),
        Write::Decision(id, row) => decision(to, id, &json("a decision", row)?),
        Write::Message(hash, at) => execute(
            to,
            "INSERT INTO message VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![hash.as_slice(), at.as_millis()],
        ),
        Write::Undeclared(event, at) => execute(
            to,
            "INSERT INTO undeclared SELECT ?1, 1, ?2 WHERE (SELECT count(*) FROM undeclared) < ?3
                 OR EXISTS (SELECT 1 FROM undeclared WHERE event = ?1)
             ON CONFLICT DO UPDATE SET count = count + 1, last = max(last, excluded.last)",
            params![event, at.as_millis(), signed(UNDECLARED_MAX)],
        ),
        Write::Protocol(row, journal) => put_protocol(to, row, journal),
        Write::Tidy(now) => tidy(to, *now),
    }
}

/// Writes a decision that is JSON already.
pub(super) fn decision(
    to: &Transaction<'_>,
    id: &DecisionId,
    body: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO decision (id, body) VALUES (?1, ?2)";
    execute(to, sql, params![id.as_str(), body])
}

/// Forgets the oldest decisions while far too many are kept, twice as fast as they come, however fast that is.
pub(super) fn trim_decisions(to: &Transaction<'_>, written: usize) -> Result<(), StoreError> {
    let written = i64::try_from(written).unwrap_or(i64::MAX / 2);
    oldest_decisions(to, signed(DECISIONS_MAX + TIDY_MAX), written.saturating_mul(2))
}

fn oldest_decisions(to: &Transaction<'_>, kept: i64, limit: i64) -> Result<(), StoreError> {
    execute(
        to,
        "DELETE FROM decision WHERE seq IN (SELECT seq FROM decision
            WHERE seq <= (SELECT max(seq) FROM decision) - ?1 ORDER BY seq LIMIT ?2)",
        params![kept, limit],
    )
}

pub(super) fn execute(
    to: &Transaction<'_>,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<(), StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot write", &it);
    to.prepare_cached(sql).map_err(failed)?.execute(values).map_err(failed)?;
    Ok(())
}

pub(super) fn json<T: serde::Serialize>(what: &str, value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|it| StoreError::json(what, &it))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn put_person(
    to: &Transaction<'_>,
    number: PersonNumber,
    person: &Person,
) -> Result<(), StoreError> {
    let state = json("a person", person)?;
    execute(
        to,
        "INSERT INTO person VALUES (?1, ?2) ON CONFLICT DO UPDATE SET state = excluded.state",
        params![number.0, state],
    )
}

fn put_session(to: &Transaction<'_>, id: &SessionId, row: &SessionRow) -> Result<(), StoreError> {
    let state = json("a session", &row.session)?;
    let session = &row.session;
    execute(
        to,
        "INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET level = excluded.level,
            key = excluded.key, expires_at = excluded.expires_at, state = excluded.state",
        params![id.as_str(), session.level.as_str(), session.key, row.expires_at.as_millis(), state],
    )
}

fn forget(to: &Transaction<'_>, number: PersonNumber, at: Timestamp) -> Result<(), StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot forget a person", &it);
    let salt: Vec<u8> = to
        .query_row("SELECT value FROM meta WHERE key = 'salt'", [], |it| it.get(0))
        .map_err(failed)?;
    let mut statement =
        to.prepare_cached("SELECT level, key FROM identity WHERE person = ?1").map_err(failed)?;
    let identities: Vec<(String, String)> = statement
        .query_map([number.0], |it| Ok((it.get(0)?, it.get(1)?)))
        .and_then(Iterator::collect)
        .map_err(failed)?;
    for (level, key) in identities {
        let salted = [salt.as_slice(), level.as_bytes(), b"\0", key.as_bytes()].concat();
        let hash = Digest::of_kind("suppressed", &salted);
        execute(
            to,
            "INSERT INTO suppressed VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![hash.as_bytes().as_slice(), at.as_millis()],
        )?;
        execute(to, "DELETE FROM session WHERE level = ?1 AND key = ?2", params![level, key])?;
    }
    execute(to, "DELETE FROM identity WHERE person = ?1", [number.0])?;
    execute(to, "DELETE FROM person WHERE id = ?1", [number.0])
}

fn put_protocol(
    to: &Transaction<'_>,
    row: &ProtocolRow,
    journal: &[JournalRow],
) -> Result<(), StoreError> {
    let stored = super::read::protocol(to)?.map_or(0, |it| it.version);
    if row.version != stored + 1 {
        return Err(wrong_version(row.version, stored));
    }
    execute(
        to,
        "INSERT INTO protocol VALUES (1, ?1, ?2)
         ON CONFLICT DO UPDATE SET version = excluded.version, state = excluded.state",
        params![signed(row.version), row.state],
    )?;
    journal.iter().try_for_each(|it| super::journal::append(to, it))
}

fn tidy(to: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    let limit = signed(TIDY_MAX);
    execute(
        to,
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= ?1 LIMIT ?2)",
        params![now.as_millis(), limit],
    )?;
    let oldest = now.plus_millis(-MESSAGE_KEPT_MS);
    execute(
        to,
        "DELETE FROM message WHERE hash IN (SELECT hash FROM message WHERE at <= ?1 ORDER BY at LIMIT ?2)",
        params![oldest.as_millis(), limit],
    )?;
    execute(
        to,
        "DELETE FROM message WHERE hash IN (SELECT hash FROM message ORDER BY at
            LIMIT min(?2, max(0, (SELECT count(*) FROM message) - ?1)))",
        params![signed(MESSAGES_MAX), limit],
    )?;
    oldest_decisions(to, signed(DECISIONS_MAX), limit)
}
