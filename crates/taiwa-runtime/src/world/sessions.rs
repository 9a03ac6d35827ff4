//! The sessions in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use taiwa_model::Timestamp;
use taiwa_store::{Identity, SessionId, SessionRow, Store, StoreError};

use super::Cell;

/// How long a session lives without being used: 30 minutes.
pub(crate) const SESSION_IDLE_MS: i64 = 30 * 60_000;
/// Sessions in memory at most, while the disk keeps up.
pub(crate) const SESSIONS_IN_MEMORY_MAX: usize = 50_000;
/// How many are looked at when memory is full.
const SCAN: usize = 256;

/// A session in memory.
#[derive(Debug)]
pub(crate) struct SessionCell {
    pub(crate) id: SessionId,
    pub(crate) cell: Cell<SessionRow>,
}

/// The sessions in memory.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    cells: BTreeMap<SessionId, Arc<SessionCell>>,
    cursor: Option<SessionId>,
}

impl Sessions {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session, from memory or from the disk.
    pub(crate) fn find(
        &self,
        store: &dyn Store,
        id: &SessionId,
    ) -> Result<Option<Arc<SessionCell>>, StoreError> {
        let mut inner = self.inner();
        if let Some(cell) = inner.cells.get(id) {
            return Ok(Some(cell.clone()));
        }
        let Some(row) = store.session(id)? else { return Ok(None) };
        Ok(Some(inner.add(id, row)))
    }

    /// A session begins.
    pub(crate) fn add(&self, id: &SessionId, row: SessionRow) -> Arc<SessionCell> {
        self.inner().add(id, row)
    }

    /// Memory lets go of a session; the disk is asked again.
    pub(crate) fn forget(&self, session: &SessionCell) {
        session.cell.end();
        self.inner().cells.remove(&session.id);
    }

    /// The sessions of somebody end.
    pub(crate) fn forget_person(&self, who: &Identity) {
        for session in self.all() {
            if session.cell.lock().is_some_and(|it| it.identity() == *who) {
                self.forget(&session);
            }
        }
    }

    /// Removes what is over and durable.
    pub(crate) fn tidy(&self, now: Timestamp) {
        for session in self.all() {
            let over = session.cell.lock().is_none_or(|it| it.expires_at <= now);
            if over && session.cell.idle() {
                self.forget(&session);
            }
        }
    }

    /// Copied out, because a session is never waited for while all of them are held.
    fn all(&self) -> Vec<Arc<SessionCell>> {
        self.inner().cells.values().cloned().collect()
    }
}

impl Inner {
    fn add(&mut self, id: &SessionId, row: SessionRow) -> Arc<SessionCell> {
        if self.cells.len() >= SESSIONS_IN_MEMORY_MAX {
            self.make_room();
        }
        let new = || Arc::new(SessionCell { id: id.clone(), cell: Cell::new(row) });
        self.cells.entry(id.clone()).or_insert_with(new).clone()
    }

    fn make_room(&mut self) {
        let start = self.cursor.take().unwrap_or_else(|| SessionId::new(""));
        let seen: Vec<_> = self
            .cells
            .range(start..)
            .take(SCAN)
            .map(|(id, it)| (id.clone(), it.cell.idle() && Arc::strong_count(it) == 1))
            .collect();
        self.cursor = seen.last().filter(|_| seen.len() == SCAN).map(|it| it.0.clone());
        for (id, _) in seen.iter().filter(|it| it.1) {
            self.cells.remove(id);
        }
    }
}
