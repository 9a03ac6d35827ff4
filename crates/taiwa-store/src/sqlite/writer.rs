//! The one writer: takes what waits, commits it together, and says so.
//!
//! Invariants: units take effect in their order; a unit that fails does not take others with it; nothing is
//! acknowledged before the commit returned. Recorded decisions go along with the next commit, or, if there is none, with
//! one of their own after a while.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use rusqlite::Connection;

use super::{
    apply,
    records::{Record, Records},
};
use crate::{Done, RECORD_DELAY_MS, StoreError, Unit, Write};

/// Units of one commit at most.
const BATCH_MAX: usize = 4_096;

/// Writes until every sender is gone.
pub(super) fn run(mut connection: Connection, queue: &Receiver<(Unit, Done)>, records: &Records) {
    connection.set_prepared_statement_cache_capacity(64);
    let mut open = true;
    while open {
        let mut batch = Vec::new();
        match queue.recv_timeout(Duration::from_millis(RECORD_DELAY_MS)) {
            Ok(first) => {
                batch.push(first);
                batch.extend(queue.try_iter().take(BATCH_MAX - 1));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = false,
        }
        // After the units: what was recorded before one of them was submitted is here.
        let recorded = records.take();
        if !batch.is_empty() || !recorded.is_empty() {
            commit(&mut connection, batch, &recorded);
        }
    }
}

fn commit(connection: &mut Connection, batch: Vec<(Unit, Done)>, recorded: &[Record]) {
    let units: Vec<&Unit> = batch.iter().map(|it| &it.0).collect();
    if together(connection, &units, recorded).is_ok() {
        for (_, done) in batch {
            done(Ok(()));
        }
        return;
    }
    // A unit may be what failed, so what was recorded is tried once more; it was promised to nobody.
    drop(together(connection, &[], recorded));
    for (unit, done) in batch {
        let result = together(connection, &[&unit], &[]);
        done(result);
    }
}

fn together(
    connection: &mut Connection,
    units: &[&Unit],
    recorded: &[Record],
) -> Result<(), StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot write", &it);
    // Nothing to write (a probe, or a wait for what is before it) still proves that writing works.
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    let skip = apply::overwritten(units);
    let mut decisions = recorded.len();
    for (place, write) in units.iter().flat_map(|it| it.iter()).enumerate() {
        decisions += usize::from(matches!(write, Write::Decision(..)));
        if !skip.contains(&place) {
            apply::apply(&transaction, write)?;
        }
    }
    for (id, body) in recorded {
        apply::decision(&transaction, id, body)?;
    }
    if decisions > 0 {
        apply::trim_decisions(&transaction, decisions)?;
    }
    transaction.commit().map_err(failed)
}
