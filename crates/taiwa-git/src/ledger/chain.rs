//! Commits of the ledger: made on top of a head, and made again on top of another.

use std::collections::BTreeSet;

use git2::{FileMode, Oid, Sort, build::TreeUpdateBuilder};
use taiwa_model::Digest;

use super::{Head, LEDGER_REF, Ledger, NewRecord, OUTBOX_REF, form};
use crate::GitError;

/// What the message of a commit says that was made again, before the id of the commit it stands for.
const REPLAYS: &str = "Replays: ";

/// Why a commit cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    #[error("object {digest} is in the ledger with another content")]
    Conflict { digest: Digest },
    #[error(transparent)]
    Form(#[from] form::FormError),
    #[error("the ledger is not as it should be at commit {commit}: {what}")]
    Damaged { commit: String, what: &'static str },
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<git2::Error> for BuildError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error.into())
    }
}

/// A commit that waits, with what its copies would say.
pub(super) struct Waiting {
    /// The commit.
    pub(super) id: Oid,
    /// Its own parent.
    parent: Option<Oid>,
    /// Ids of commits that it stands for.
    replays: BTreeSet<Oid>,
}

impl Ledger<'_> {
    /// What a record after this commit must say.
    pub(super) fn head_after(&self, commit: Option<Oid>) -> Result<Head, BuildError> {
        let Some(id) = commit else { return Ok(Head { seq: 1, prev: None }) };
        let (seq, bytes) = self.last_record(id)?;
        Ok(Head { seq: seq + 1, prev: Some(Digest::of(&bytes)) })
    }

    /// The last record of the tree of a commit.
    pub(super) fn last_record(&self, commit: Oid) -> Result<(u64, Vec<u8>), BuildError> {
        let damaged = |what| BuildError::Damaged { commit: commit.to_string(), what };
        let tree = self.git().find_commit(commit)?.tree()?;
        let records = tree.get_name("records").ok_or_else(|| damaged("no records"))?;
        let records = self.git().find_tree(records.id())?;
        let numbered = |it: &git2::TreeEntry<'_>| form::record_seq(it.name().ok()?);
        let last = records.iter().filter_map(|it| numbered(&it).map(|seq| (seq, it.id()))).max();
        let (seq, blob) = last.ok_or_else(|| damaged("no records"))?;
        Ok((seq, self.git().find_blob(blob)?.content().to_vec()))
    }

    /// A commit with one record more; no ref moves.
    pub(super) fn build(
        &self,
        parent: Option<Oid>,
        new: &NewRecord,
        replays: &BTreeSet<Oid>,
    ) -> Result<Oid, BuildError> {
        let head = self.head_after(parent)?;
        form::check(new, head)?;
        let parent = parent.map(|it| self.git().find_commit(it)).transpose()?;
        let base = match &parent {
            Some(it) => it.tree()?,
            None => self.git().find_tree(self.git().treebuilder(None)?.write()?)?,
        };
        let mut update = TreeUpdateBuilder::new();
        let record = self.git().blob(&new.record)?;
        update.upsert(form::record_path(head.seq), record, FileMode::Blob);
        for (digest, bytes) in &new.objects {
            let path = form::object_path(digest);
            let blob = self.git().blob(bytes)?;
            match base.get_path(path.as_ref()) {
                Ok(entry) if entry.id() == blob => continue,
                Ok(_) => return Err(BuildError::Conflict { digest: *digest }),
                Err(_) => update.upsert(path, blob, FileMode::Blob),
            };
        }
        let tree = self.git().find_tree(update.create_updated(self.git(), &base)?)?;
        let who = self.settings.author.signature(self.settings.at)?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let message = message(&new.summary, replays);
        Ok(self.git().commit(None, &who, &who, &message, &tree, &parents)?)
    }

    /// The commits of this clone that a head does not have, oldest first.
    pub(super) fn waiting(&self, head: Option<Oid>) -> Result<Vec<Waiting>, BuildError> {
        let mut walk = self.git().revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        for name in [LEDGER_REF, OUTBOX_REF] {
            if let Some(tip) = self.tip(name)? {
                walk.push(tip)?;
            }
        }
        if let Some(head) = head {
            walk.hide(head)?;
        }
        let mut waiting = Vec::new();
        for id in walk {
            let commit = self.git().find_commit(id?)?;
            let replays = replays_of(commit.message().unwrap_or_default());
            let parent = commit.parent_ids().next();
            waiting.push(Waiting { id: commit.id(), parent, replays });
        }
        match head {
            Some(head) if !waiting.is_empty() => self.without_published(waiting, head),
            _ => Ok(waiting),
        }
    }

    /// Leaves out those that the head has under another id.
    fn without_published(
        &self,
        waiting: Vec<Waiting>,
        head: Oid,
    ) -> Result<Vec<Waiting>, BuildError> {
        let mut walk = self.git().revwalk()?;
        walk.push(head)?;
        // Copies can only stand after the oldest commit that anything of ours was built on.
        let mut bases: Vec<Option<Oid>> = Vec::new();
        let own: BTreeSet<Oid> = waiting.iter().map(|it| it.id).collect();
        bases.extend(
            waiting.iter().map(|it| it.parent).filter(|it| it.is_none_or(|it| !own.contains(&it))),
        );
        if bases.iter().all(Option::is_some) {
            let mut oldest = None;
            for base in bases.into_iter().flatten() {
                oldest = match oldest {
                    Some(it) if !self.contains(it, base)? => Some(it),
                    _ => Some(base),
                };
            }
            if let Some(oldest) = oldest {
                walk.hide(oldest)?;
            }
        }
        let mut published = BTreeSet::new();
        for id in walk {
            let commit = self.git().find_commit(id?)?;
            published.extend(replays_of(commit.message().unwrap_or_default()));
        }
        let gone = |it: &Waiting| {
            published.contains(&it.id) || it.replays.iter().any(|it| published.contains(it))
        };
        Ok(waiting.into_iter().filter(|it| !gone(it)).collect())
    }

    /// Puts waiting commits on top of a head, as they are where they already stand there.
    pub(super) fn replay(
        &self,
        head: Option<Oid>,
        waiting: &[Waiting],
    ) -> Result<Option<Oid>, BuildError> {
        let mut at = head;
        for it in waiting {
            self.adds_one_record(it.id)?;
            if it.parent == at {
                at = Some(it.id);
                continue;
            }
            let (_, record) = self.last_record(it.id)?;
            let new = NewRecord {
                record: form::renumber(&record, self.head_after(at)?)?,
                objects: self.objects_of(it)?,
                summary: self
                    .git()
                    .find_commit(it.id)?
                    .summary()
                    .ok()
                    .flatten()
                    .unwrap_or_default()
                    .to_owned(),
            };
            let mut replays = it.replays.clone();
            replays.insert(it.id);
            at = Some(self.build(at, &new, &replays)?);
        }
        Ok(at)
    }

    /// Nothing leaves this clone that changes what is there: whoever altered it would make it everybody's.
    fn adds_one_record(&self, id: Oid) -> Result<(), BuildError> {
        let facts = self.facts_of(id)?;
        if facts.parents <= 1 && facts.records.len() == 1 && facts.altered.is_empty() {
            return Ok(());
        }
        let what = "it does something else than add one record, and is not published";
        Err(BuildError::Damaged { commit: id.to_string(), what })
    }

    /// The objects that a commit brought.
    fn objects_of(&self, it: &Waiting) -> Result<Vec<(Digest, Vec<u8>)>, BuildError> {
        let tree = self.git().find_commit(it.id)?.tree()?;
        let before = match it.parent {
            Some(parent) => Some(self.git().find_commit(parent)?.tree()?),
            None => None,
        };
        let diff = self.git().diff_tree_to_tree(before.as_ref(), Some(&tree), None)?;
        let mut objects = Vec::new();
        for delta in diff.deltas() {
            let file = delta.new_file();
            let path = file.path().and_then(|it| it.to_str()).unwrap_or_default();
            let stem = path.strip_prefix("objects/").and_then(|it| it.strip_suffix(".json"));
            let Some((_, hex)) = stem.and_then(|it| it.split_once('/')) else { continue };
            let Ok(digest) = Digest::parse(&format!("sha256:{hex}")) else { continue };
            objects.push((digest, self.git().find_blob(file.id())?.content().to_vec()));
        }
        Ok(objects)
    }
}

fn message(summary: &str, replays: &BTreeSet<Oid>) -> String {
    let first = summary.lines().next().filter(|it| !it.is_empty()).unwrap_or("record");
    let lines: Vec<String> = replays.iter().map(|it| format!("{REPLAYS}{it}\n")).collect();
    if lines.is_empty() { format!("{first}\n") } else { format!("{first}\n\n{}", lines.concat()) }
}

fn replays_of(message: &str) -> BTreeSet<Oid> {
    let ids = message.lines().skip(1).filter_map(|it| it.strip_prefix(REPLAYS));
    ids.filter_map(|it| Oid::from_str(it).ok()).collect()
}
