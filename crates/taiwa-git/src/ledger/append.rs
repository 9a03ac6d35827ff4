//! Appending: fetch, build on the head, publish; whoever was second does it again; what cannot be published waits.

use std::collections::BTreeSet;

use git2::{ErrorCode, Oid};
use taiwa_model::Digest;

use super::{
    Head, LEDGER_REF, Ledger, MAX_TRIES, NewRecord, OUTBOX_REF,
    chain::BuildError,
    form::FormError,
    share::{Fetched, Push},
};
use crate::{CommitId, GitError};

/// A record that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its number; while it waits, the number it would have.
    pub seq: u64,
    /// Its commit.
    pub commit: CommitId,
    /// Who can see it.
    pub published: Published,
    /// How many records that had waited went along.
    pub sent_along: usize,
}

/// Who can see a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// This clone: there is no remote.
    Local,
    /// Everyone, through this remote.
    Remote(String),
    /// Nobody else yet (`ledger-pending`): it waits in the outbox, and the next append sends it first.
    Pending {
        /// Why.
        why: String,
    },
}

/// What looking at the remote brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// How many records of this clone wait to be published.
    pub waiting: usize,
    /// How many that waited were published.
    pub sent: usize,
    /// Why the remote could not be asked, or nothing be published; `None` when all is well.
    pub trouble: Option<String>,
}

/// Why a record was not kept.
#[derive(Debug, thiserror::Error)]
pub enum AppendError<E: std::error::Error + 'static> {
    /// It could not be made.
    #[error(transparent)]
    Make(E),
    /// It cannot be filed as it is.
    #[error(transparent)]
    Form(FormError),
    /// An object is there with another content under the same digest.
    #[error("object {digest} is in the ledger with another content")]
    Conflict {
        /// Its digest.
        digest: Digest,
    },
    /// The remote's ledger lost what was seen in it: somebody cut or rewrote it.
    #[error("the ledger at {remote} was rewritten: it no longer holds what was seen in it before")]
    Rewritten {
        /// The remote.
        remote: String,
    },
    /// The ledger of this clone is not one.
    #[error("{what}")]
    Damaged {
        /// What is wrong, and where.
        what: String,
    },
    /// Neither the ledger nor the outbox could be written.
    #[error("the ledger is locked by another program: {why}")]
    Locked {
        /// Which ref, and what git said.
        why: String,
    },
    /// Anything else.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl<E: std::error::Error + 'static> From<BuildError> for AppendError<E> {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Conflict { digest } => Self::Conflict { digest },
            BuildError::Form(error) => Self::Form(error),
            BuildError::Damaged { .. } => Self::Damaged { what: error.to_string() },
            BuildError::Git(error) => Self::Git(error),
        }
    }
}

/// Makes a record for a head.
type Make<'a, E> = &'a mut dyn FnMut(Head) -> Result<NewRecord, E>;

/// A commit that stands on a head, with all that waited below it.
struct Stacked {
    commit: Oid,
    seq: u64,
    sent_along: usize,
    outbox: Option<Oid>,
    local: Option<Oid>,
}

impl Ledger<'_> {
    /// Appends a record, after all that wait. `make` is asked for it with the head it must follow, again whenever another
    /// writer was first; `pause` waits before another try (see [`super::pause_ms`]).
    ///
    /// # Errors
    /// When the record was not kept. One that is kept but not published is no error: see [`Published::Pending`].
    pub fn append<E: std::error::Error + 'static>(
        &self,
        make: Make<'_, E>,
        pause: &mut dyn FnMut(u32),
    ) -> Result<Appended, AppendError<E>> {
        let mut why = String::new();
        for attempt in 0..MAX_TRIES {
            if attempt > 0 {
                pause(attempt);
            }
            let head = match self.look()? {
                Fetched::Head(head) => head,
                Fetched::Busy(busy) => {
                    why = busy;
                    continue;
                }
                Fetched::Unreachable(reason) => {
                    why = reason;
                    break;
                }
                Fetched::Rewritten => {
                    let remote = self.settings.remote.clone().unwrap_or_default();
                    return Err(AppendError::Rewritten { remote });
                }
            };
            let stacked = self.stack(head, make)?;
            match self.publish(&stacked, head)? {
                Push::Done => {
                    let published = match &self.settings.remote {
                        Some(remote) => Published::Remote(remote.clone()),
                        None => Published::Local,
                    };
                    self.settle(&stacked);
                    return Ok(stacked.appended(published));
                }
                Push::Busy(busy) => why = busy,
                Push::Failed(reason) => {
                    // It may have arrived: exactly this commit waits, so that it is found there.
                    if self.keep(&stacked)? {
                        return Ok(stacked.appended(Published::Pending { why: reason }));
                    }
                    why = reason;
                    break;
                }
            }
        }
        self.append_to_outbox(make, pause, why)
    }

    /// Keeps a record in this clone, to go along with the next: where the shared ledger is not to be believed.
    ///
    /// # Errors
    /// When the clone's own ledger is damaged or locked.
    pub fn append_waiting<E: std::error::Error + 'static>(
        &self,
        make: Make<'_, E>,
        pause: &mut dyn FnMut(u32),
        why: &str,
    ) -> Result<Appended, AppendError<E>> {
        self.append_to_outbox(make, pause, why.to_owned())
    }

    /// Looks at the remote, and sends what waits. Without a remote there is nothing to do.
    ///
    /// # Errors
    /// When the ledger was rewritten or is damaged; a remote that does not answer is no error.
    pub fn refresh(&self, pause: &mut dyn FnMut(u32)) -> Result<Refreshed, AppendError<GitError>> {
        let mut refreshed = Refreshed::default();
        for attempt in 0..MAX_TRIES {
            if attempt > 0 {
                pause(attempt);
            }
            let head = match self.look()? {
                Fetched::Head(head) => head,
                Fetched::Busy(why) => {
                    refreshed.trouble = Some(why);
                    continue;
                }
                Fetched::Unreachable(why) => {
                    refreshed.trouble = Some(why);
                    break;
                }
                Fetched::Rewritten => {
                    let remote = self.settings.remote.clone().unwrap_or_default();
                    return Err(AppendError::Rewritten { remote });
                }
            };
            let (outbox, local) = (self.tip(OUTBOX_REF)?, self.tip(LEDGER_REF)?);
            let waiting = self.waiting(head)?;
            let Some(commit) = self.replay(head, &waiting)? else {
                return Ok(Refreshed::default());
            };
            let stacked = Stacked { commit, seq: 0, sent_along: waiting.len(), outbox, local };
            let push = if waiting.is_empty() { Push::Done } else { self.publish(&stacked, head)? };
            match push {
                Push::Done => {
                    self.settle(&stacked);
                    return Ok(Refreshed { sent: waiting.len(), ..Refreshed::default() });
                }
                Push::Busy(why) => refreshed.trouble = Some(why),
                Push::Failed(why) => {
                    self.keep(&stacked)?;
                    refreshed.trouble = Some(why);
                    break;
                }
            }
        }
        refreshed.waiting = self.waiting(self.published_head()?)?.len();
        Ok(refreshed)
    }

    /// How many records of this clone wait to be published, without asking the remote.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn pending(&self) -> Result<usize, AppendError<GitError>> {
        Ok(self.waiting(self.published_head()?)?.len())
    }

    fn published_head(&self) -> Result<Option<Oid>, GitError> {
        match self.seen_ref() {
            Some(seen) => self.tip(&seen),
            None => self.tip(LEDGER_REF),
        }
    }

    /// The head to build on.
    fn look(&self) -> Result<Fetched, GitError> {
        match (&self.settings.remote, self.seen_ref()) {
            (Some(remote), Some(seen)) => self.fetch(remote, &seen),
            _ => Ok(Fetched::Head(self.tip(LEDGER_REF)?)),
        }
    }

    /// What waits, and a new record, on top of a head.
    fn stack<E: std::error::Error + 'static>(
        &self,
        head: Option<Oid>,
        make: Make<'_, E>,
    ) -> Result<Stacked, AppendError<E>> {
        let (outbox, local) = (self.tip(OUTBOX_REF)?, self.tip(LEDGER_REF)?);
        let waiting = self.waiting(head)?;
        let below = self.replay(head, &waiting)?;
        let next = self.head_after(below)?;
        let new = make(next).map_err(AppendError::Make)?;
        let commit = self.build(below, &new, &BTreeSet::new())?;
        Ok(Stacked { commit, seq: next.seq, sent_along: waiting.len(), outbox, local })
    }

    /// Makes it the head for everyone.
    fn publish(&self, stacked: &Stacked, head: Option<Oid>) -> Result<Push, GitError> {
        match &self.settings.remote {
            Some(remote) => Ok(self.push(remote, stacked.commit)),
            None => Ok(match self.swap(LEDGER_REF, head, stacked.commit)? {
                Ok(()) => Push::Done,
                Err(why) => Push::Busy(why),
            }),
        }
    }

    /// Notes what was published. Nothing is lost where this fails: it is all found again in the history of the head.
    fn settle(&self, stacked: &Stacked) {
        if self.settings.remote.is_some() {
            if let Some(seen) = self.seen_ref()
                && let Ok(before) = self.tip(&seen)
            {
                drop(self.swap(&seen, before, stacked.commit));
            }
            drop(self.swap(LEDGER_REF, stacked.local, stacked.commit));
        }
        if let Some(outbox) = stacked.outbox
            && let Ok(mut reference) = self.git().find_reference(OUTBOX_REF)
            && reference.target() == Some(outbox)
        {
            // Deletes only what still has the value it was read with.
            drop(reference.delete());
        }
    }

    /// Puts a commit into the outbox whose history holds what was there; false where somebody else did so meanwhile.
    fn keep(&self, stacked: &Stacked) -> Result<bool, GitError> {
        Ok(self.swap(OUTBOX_REF, stacked.outbox, stacked.commit)?.is_ok())
    }

    fn append_to_outbox<E: std::error::Error + 'static>(
        &self,
        make: Make<'_, E>,
        pause: &mut dyn FnMut(u32),
        why: String,
    ) -> Result<Appended, AppendError<E>> {
        let mut locked = String::new();
        for attempt in 0..MAX_TRIES {
            if attempt > 0 {
                pause(attempt);
            }
            let stacked = self.stack(self.published_head()?, make)?;
            match self.swap(OUTBOX_REF, stacked.outbox, stacked.commit)? {
                Ok(()) => return Ok(stacked.appended(Published::Pending { why })),
                Err(why) => locked = why,
            }
        }
        Err(AppendError::Locked { why: locked })
    }

    /// Moves a ref from one commit to another, if nobody else did; the inner error says who is in the way.
    fn swap(&self, name: &str, from: Option<Oid>, to: Oid) -> Result<Result<(), String>, GitError> {
        let zero = Oid::from_bytes(&[0; 20]).or_else(|_| Oid::from_str(&"0".repeat(40)));
        let from = match from {
            Some(it) => it,
            None => zero?,
        };
        match self.git().reference_matching(name, to, true, from, "taiwa: ledger") {
            Ok(_) => Ok(Ok(())),
            Err(error) => match error.code() {
                ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound => {
                    Ok(Err(format!("{name} was moved by another program")))
                }
                ErrorCode::Locked => Ok(Err(format!("{name}.lock exists: {}", error.message()))),
                _ => Err(error.into()),
            },
        }
    }
}

impl Stacked {
    fn appended(self, published: Published) -> Appended {
        Appended {
            seq: self.seq,
            commit: self.commit.into(),
            published,
            sent_along: self.sent_along,
        }
    }
}
