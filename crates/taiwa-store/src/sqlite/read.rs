//! Reading rows back.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use taiwa_decide::Person;
use taiwa_model::{Digest, Timestamp};

use crate::{
    ACTIVATED, DecisionId, DecisionRow, Identity, JournalRow, MessageHash, PersonNumber,
    ProtocolRow, SessionId, SessionRow, StoreError, Undeclared,
};

fn one<T>(
    from: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot read", &it);
    from.prepare_cached(sql).map_err(failed)?.query_row(values, map).optional().map_err(failed)
}

fn all<T>(
    from: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot read", &it);
    let mut statement = from.prepare_cached(sql).map_err(failed)?;
    let rows = statement.query_map(values, map).map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

/// The highest number that a person has or had (merged ones live on in nothing, so the sequence is kept by identities too).
pub(super) fn last_person(from: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT max(coalesce((SELECT max(id) FROM person), 0), coalesce((SELECT max(person) FROM identity), 0))";
    Ok(one(from, sql, [], |it| it.get(0))?.unwrap_or(0))
}

pub(super) fn person(
    from: &Connection,
    who: &Identity,
) -> Result<Option<(PersonNumber, Person)>, StoreError> {
    let sql =
        "SELECT person.id, person.state FROM identity JOIN person ON person.id = identity.person
        WHERE identity.level = ?1 AND identity.key = ?2";
    let row: Option<(i64, Vec<u8>)> =
        one(from, sql, params![who.level.as_str(), who.key], |it| Ok((it.get(0)?, it.get(1)?)))?;
    row.map(|(number, state)| {
        let person =
            serde_json::from_slice(&state).map_err(|it| StoreError::json("a person", &it))?;
        Ok((PersonNumber(number), person))
    })
    .transpose()
}

pub(super) fn session(from: &Connection, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
    let sql = "SELECT expires_at, state FROM session WHERE id = ?1";
    let row: Option<(Timestamp, Vec<u8>)> =
        one(from, sql, [id.as_str()], |it| Ok((time(it, 0)?, it.get(1)?)))?;
    row.map(|(expires_at, state)| {
        let session =
            serde_json::from_slice(&state).map_err(|it| StoreError::json("a session", &it))?;
        Ok(SessionRow { session, expires_at })
    })
    .transpose()
}

pub(super) fn sessions(from: &Connection) -> Result<u64, StoreError> {
    Ok(one(from, "SELECT count(*) FROM session", [], |it| count(it, 0))?.unwrap_or(0))
}

pub(super) fn decision(
    from: &Connection,
    id: &DecisionId,
) -> Result<Option<DecisionRow>, StoreError> {
    let sql = "SELECT body FROM decision WHERE id = ?1";
    let body: Option<Vec<u8>> = one(from, sql, [id.as_str()], |it| it.get(0))?;
    body.map(|it| serde_json::from_slice(&it).map_err(|it| StoreError::json("a decision", &it)))
        .transpose()
}

pub(super) fn messages(from: &Connection) -> Result<Vec<(MessageHash, Timestamp)>, StoreError> {
    all(from, "SELECT hash, at FROM message ORDER BY at, hash", [], |it| {
        Ok((it.get::<_, MessageHash>(0)?, time(it, 1)?))
    })
}

pub(super) fn undeclared(from: &Connection) -> Result<Vec<Undeclared>, StoreError> {
    let sql = "SELECT event, count, last FROM undeclared ORDER BY count DESC, event";
    all(from, sql, [], |it| {
        Ok(Undeclared { event: it.get(0)?, count: count(it, 1)?, last: time(it, 2)? })
    })
}

pub(super) fn protocol(from: &Connection) -> Result<Option<ProtocolRow>, StoreError> {
    one(from, "SELECT version, state FROM protocol", [], |it| {
        Ok(ProtocolRow { version: count(it, 0)?, state: it.get(1)? })
    })
}

pub(super) fn journal(from: &Connection, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
    entries(from, "TRUE", limit)
}

pub(super) fn activations(from: &Connection, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
    let last = format!(
        "seq IN (SELECT max(seq) FROM journal WHERE what = '{ACTIVATED}' GROUP BY release)"
    );
    entries(from, &last, limit)
}

fn entries(from: &Connection, which: &str, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
    let digest = |it: Option<String>| it.and_then(|it| Digest::parse(&it).ok());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT seq, at, what, release, plan, detail, body FROM journal WHERE {which}
         ORDER BY seq DESC LIMIT ?1"
    );
    all(from, &sql, [limit], |it| {
        Ok(JournalRow {
            seq: count(it, 0)?,
            at: time(it, 1)?,
            what: it.get(2)?,
            release: digest(it.get(3)?),
            plan: digest(it.get(4)?),
            detail: it.get(5)?,
            body: it.get(6)?,
        })
    })
}
