//! Which `message_id`s were used in the last 24 hours: each counts once.

use std::collections::{BTreeMap, VecDeque};

use sha2::{Digest as _, Sha256};
use taiwa_model::Timestamp;
use taiwa_store::{MESSAGE_KEPT_MS, MESSAGES_MAX, MessageHash};

/// The message ids that are known.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    known: BTreeMap<MessageHash, Timestamp>,
    order: VecDeque<(Timestamp, MessageHash)>,
}

/// Whether a message id is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// It is, and from now on it is known.
    New,
    /// It was used.
    Used,
}

impl Messages {
    /// What the disk knows, oldest first.
    pub(crate) fn restored(rows: Vec<(MessageHash, Timestamp)>) -> Self {
        let order = rows.iter().map(|it| (it.1, it.0)).collect();
        Self { known: rows.into_iter().collect(), order }
    }

    /// The hash that stands for a message id.
    pub(crate) fn hash(message_id: &str) -> MessageHash {
        let digest: [u8; 32] = Sha256::digest(message_id).into();
        std::array::from_fn(|it| digest[it])
    }

    /// Takes a message id, once.
    pub(crate) fn take(&mut self, hash: MessageHash, now: Timestamp) -> Fresh {
        let used = self.known.get(&hash);
        if used.is_some_and(|at| now.millis_since(*at) < MESSAGE_KEPT_MS) {
            return Fresh::Used;
        }
        if self.order.len() >= usize::try_from(MESSAGES_MAX).unwrap_or(usize::MAX) {
            self.drop_oldest();
        }
        self.known.insert(hash, now);
        self.order.push_back((now, hash));
        Fresh::New
    }

    pub(crate) fn contains(&self, hash: &MessageHash) -> bool {
        self.known.contains_key(hash)
    }

    /// It was not stored after all.
    pub(crate) fn remove(&mut self, hash: &MessageHash) {
        self.known.remove(hash);
    }

    pub(crate) fn tidy(&mut self, now: Timestamp) {
        let old = |it: &(Timestamp, MessageHash)| now.millis_since(it.0) >= MESSAGE_KEPT_MS;
        while self.order.front().is_some_and(old) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((at, hash)) = self.order.pop_front()
            && self.known.get(&hash) == Some(&at)
        {
            self.known.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_day() {
        let at = |it: i64| Timestamp::from_millis(1_800_000_000_000 + it);
        let (a, mut messages) = (Messages::hash("a"), Messages::default());
        assert_eq!(messages.take(a, at(0)), Fresh::New);
        assert_eq!(messages.take(a, at(MESSAGE_KEPT_MS - 1)), Fresh::Used);
        assert_eq!(messages.take(a, at(MESSAGE_KEPT_MS)), Fresh::New);
        messages.tidy(at(MESSAGE_KEPT_MS + 1));
        assert!(messages.contains(&a));
        messages.tidy(at(2 * MESSAGE_KEPT_MS));
        assert!(!messages.contains(&a));
        messages.take(a, at(0));
        messages.remove(&a);
        assert_eq!(messages.take(a, at(1)), Fresh::New);
    }
}
