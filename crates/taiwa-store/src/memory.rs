//! The store in memory: for sandboxes and tests. Nothing survives, nothing is written anywhere.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use taiwa_decide::Person;
use taiwa_model::{Digest, Timestamp};

use crate::{
    ACTIVATED, DECISIONS_MAX, DecisionId, DecisionRow, Done, Identity, JOURNAL_MAX, JournalRow,
    MESSAGE_KEPT_MS, MESSAGES_MAX, MessageHash, PersonNumber, ProtocolRow, Releases, SessionId,
    SessionRow, Store, StoreError, UNDECLARED_MAX, Undeclared, Unit, Write,
};

/// The store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    people: AtomicI64,
    decisions_max: usize,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::keeping(usize::MAX)
    }
}

#[derive(Clone, Debug, Default)]
struct Tables {
    people: BTreeMap<PersonNumber, Person>,
    identities: BTreeMap<Identity, PersonNumber>,
    sessions: BTreeMap<SessionId, SessionRow>,
    decisions: BTreeMap<DecisionId, (u64, DecisionRow)>,
    decided: u64,
    messages: BTreeMap<MessageHash, Timestamp>,
    undeclared: BTreeMap<String, (u64, Timestamp)>,
    protocol: Option<ProtocolRow>,
    journal: Vec<JournalRow>,
    journaled: u64,
}

impl MemoryStore {
    /// A store that keeps only the latest decisions, so many: one that nobody tidies, as that of a sandbox under load.
    pub fn keeping(decisions: usize) -> Self {
        Self { tables: Mutex::default(), people: AtomicI64::new(0), decisions_max: decisions }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn person(&self, who: &Identity) -> Result<Option<(PersonNumber, Person)>, StoreError> {
        let tables = self.tables();
        let number = tables.identities.get(who).copied();
        Ok(number.and_then(|it| Some((it, tables.people.get(&it)?.clone()))))
    }

    fn new_person(&self) -> PersonNumber {
        PersonNumber(self.people.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.tables().sessions.get(id).cloned())
    }

    fn sessions(&self) -> Result<u64, StoreError> {
        Ok(self.tables().sessions.len() as u64)
    }

    fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        Ok(self.tables().decisions.get(id).map(|it| it.1.clone()))
    }

    fn messages(&self) -> Result<Vec<(MessageHash, Timestamp)>, StoreError> {
        let mut all: Vec<_> = self.tables().messages.iter().map(|it| (*it.0, *it.1)).collect();
        all.sort_by_key(|it| (it.1, it.0));
        Ok(all)
    }

    fn undeclared(&self) -> Result<Vec<Undeclared>, StoreError> {
        let tables = self.tables();
        let rows = tables.undeclared.iter();
        let mut all: Vec<_> = rows
            .map(|(event, it)| Undeclared { event: event.clone(), count: it.0, last: it.1 })
            .collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.event.cmp(&b.event)));
        Ok(all)
    }

    fn protocol(&self) -> Result<Option<ProtocolRow>, StoreError> {
        Ok(self.tables().protocol.clone())
    }

    fn journal(&self, limit: u64) -> Result<Vec<JournalRow>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(self.tables().journal.iter().rev().take(limit).cloned().collect())
    }

    fn submit(&self, unit: Unit, done: Done) -> Result<(), StoreError> {
        let mut tables = self.tables();
        // Only a change of the protocol can be refused: it is looked at before anything is applied.
        let refused = unit.iter().find_map(|it| tables.refuses(it));
        if refused.is_none() {
            for write in unit {
                tables.apply(write);
            }
            while tables.decisions.len() > self.decisions_max {
                tables.decisions.pop_first();
            }
        }
        drop(tables);
        done(refused.map_or(Ok(()), Err));
        Ok(())
    }
}

impl Tables {
    fn refuses(&self, write: &Write) -> Option<StoreError> {
        let Write::Protocol(row, _) = write else { return None };
        let stored = self.protocol.as_ref().map_or(0, |it| it.version);
        (row.version != stored + 1).then(|| crate::sqlite::wrong_version(row.version, stored))
    }

    fn apply(&mut self, write: Write) {
        match write {
            Write::Person(number, person) => drop(self.people.insert(number, *person)),
            Write::Identity(who, number) => drop(self.identities.insert(who, number)),
            Write::Merged { from, into } => {
                self.identities.values_mut().filter(|it| **it == from).for_each(|it| *it = into);
                self.people.remove(&from);
            }
            Write::Forget(number, _) => self.forget(number),
            Write::Session(id, row) => drop(self.sessions.insert(id, *row)),
            Write::EndSession(id) => drop(self.sessions.remove(&id)),
            Write::Decision(id, row) => {
                self.decided += 1;
                self.decisions.insert(id, (self.decided, *row));
            }
            Write::Message(hash, at) => drop(self.messages.insert(hash, at)),
            Write::Undeclared(event, at) => {
                if self.undeclared.len() < rows(UNDECLARED_MAX)
                    || self.undeclared.contains_key(&event)
                {
                    let entry = self.undeclared.entry(event).or_default();
                    *entry = (entry.0 + 1, entry.1.max(at));
                }
            }
            Write::Protocol(row, journal) => {
                self.protocol = Some(row);
                for entry in journal {
                    self.append(entry);
                }
            }
            Write::Tidy(now) => self.tidy(now),
        }
    }

    fn append(&mut self, entry: JournalRow) {
        self.journaled += 1;
        let what = entry.what.clone();
        self.journal.push(JournalRow { seq: self.journaled, ..entry });
        let same = self.journal.iter().enumerate().filter(|it| it.1.what == what);
        let Some((oldest, _)) = same.clone().rev().nth(rows(JOURNAL_MAX)) else { return };
        let again = |of: &JournalRow| {
            same.clone().any(|it| it.1.seq > of.seq && it.1.release == of.release)
        };
        let over = same.clone().take_while(|it| it.0 <= oldest);
        let first = over.filter(|it| what != ACTIVATED || again(it.1)).map(|it| it.0).next();
        if let Some(first) = first {
            self.journal.remove(first);
        }
    }

    fn forget(&mut self, number: PersonNumber) {
        let gone: Vec<Identity> =
            self.identities.iter().filter(|it| *it.1 == number).map(|it| it.0.clone()).collect();
        self.people.remove(&number);
        self.sessions.retain(|_, it| !gone.contains(&it.identity()));
        self.identities.retain(|_, it| *it != number);
    }

    fn tidy(&mut self, now: Timestamp) {
        self.sessions.retain(|_, it| it.expires_at > now);
        let oldest = now.plus_millis(-MESSAGE_KEPT_MS);
        self.messages.retain(|_, at| *at > oldest);
        while self.messages.len() > rows(MESSAGES_MAX) {
            self.messages.pop_first();
        }
        let kept = self.decided.saturating_sub(DECISIONS_MAX);
        self.decisions.retain(|_, it| it.0 > kept);
    }
}

fn rows(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Releases in memory.
#[derive(Debug, Default)]
pub struct MemoryReleases {
    bytes: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl Releases for MemoryReleases {
    fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<bool, StoreError> {
        let mut all = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.insert(*digest, bytes.to_vec()).is_some())
    }

    fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let all = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.get(digest).cloned())
    }

    fn list(&self) -> Result<Vec<Digest>, StoreError> {
        let all = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.keys().copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_nobody_tidies_keeps_the_latest_decisions() {
        let store = MemoryStore::keeping(2);
        let row = DecisionRow {
            at: Timestamp::default(),
            channel: taiwa_model::ChannelName::new("web"),
            decisions: Vec::new(),
        };
        for id in ["1", "2", "3"] {
            store.record(&DecisionId::new(id), &row).unwrap();
        }
        let kept =
            ["1", "2", "3"].map(|it| store.decision(&DecisionId::new(it)).unwrap().is_some());
        assert_eq!(kept, [false, true, true]);
    }
}
