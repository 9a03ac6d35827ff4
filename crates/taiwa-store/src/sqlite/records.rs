//! Decisions that wait to be written, already as JSON. Nobody waits for them, so they cost the writer no commit of their own.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{DecisionId, RECORDS_WAITING_MAX_BYTES, StoreError};

/// A decision as it is written.
pub(super) type Record = (DecisionId, Vec<u8>);

/// What an id, and the places in memory that hold a record, count in addition to its JSON.
const OVERHEAD_BYTES: usize = 128;

/// Decisions that wait.
#[derive(Debug, Default)]
pub(super) struct Records {
    waiting: Mutex<(Vec<Record>, usize)>,
}

impl Records {
    fn waiting(&self) -> MutexGuard<'_, (Vec<Record>, usize)> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more, if there is room.
    pub(super) fn add(&self, id: &DecisionId, body: Vec<u8>) -> Result<(), StoreError> {
        let bytes = body.len() + OVERHEAD_BYTES;
        let mut waiting = self.waiting();
        if waiting.1 + bytes > RECORDS_WAITING_MAX_BYTES {
            return Err(StoreError::Overloaded);
        }
        waiting.1 += bytes;
        waiting.0.push((id.clone(), body));
        Ok(())
    }

    /// All of them; from here on there is room again.
    pub(super) fn take(&self) -> Vec<Record> {
        std::mem::take(&mut *self.waiting()).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_in_bytes() {
        let (records, id) = (Records::default(), DecisionId::new("d"));
        let large = RECORDS_WAITING_MAX_BYTES - OVERHEAD_BYTES;
        assert_eq!(records.add(&id, vec![0; large + 1]), Err(StoreError::Overloaded));
        assert_eq!(records.add(&id, vec![0; large]), Ok(()));
        assert_eq!(records.add(&id, Vec::new()), Err(StoreError::Overloaded));
        assert_eq!(records.take().len(), 1);
        assert_eq!(records.add(&id, Vec::new()), Ok(()));
    }
}
