//! The one writer: takes what waits, commits it together, and says so.
//!
//! Invariants: units take effect in their order; a unit that fails does not take others with it; nothing is
//! acknowledged before the commit returned.

use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use super::apply;
use crate::{Done, StoreError, Unit};

/// Units of one commit at most.
const BATCH_MAX: usize = 4_096;

/// Writes until every sender is gone.
pub(super) fn run(mut connection: Connection, queue: &Receiver<(Unit, Done)>) {
    connection.set_prepared_statement_cache_capacity(64);
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(BATCH_MAX - 1));
        let units: Vec<&Unit> = batch.iter().map(|it| &it.0).collect();
        match together(&mut connection, &units) {
            Ok(()) => batch.into_iter().for_each(|it| (it.1)(Ok(()))),
            Err(_) => one_by_one(&mut connection, batch),
        }
    }
}

fn together(connection: &mut Connection, units: &[&Unit]) -> Result<(), StoreError> {
    let failed = |it: rusqlite::Error| StoreError::sql("cannot write", &it);
    // Nothing to write (a probe, or a wait for what is before it) still proves that writing works.
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(failed)?;
    let skip = apply::overwritten(units);
    for (place, write) in units.iter().flat_map(|it| it.iter()).enumerate() {
        if !skip.contains(&place) {
            apply::apply(&transaction, write)?;
        }
    }
    transaction.commit().map_err(failed)
}

fn one_by_one(connection: &mut Connection, batch: Vec<(Unit, Done)>) {
    for (unit, done) in batch {
        let result = together(connection, &[&unit]);
        done(result);
    }
}
