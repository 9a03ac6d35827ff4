//! Reading: records in order, objects by digest, and the facts about the chain that a verification judges.

use git2::{Delta, Sort};
use taiwa_model::Digest;

use super::{
    Head, LEDGER_REF, Ledger, MAX_OBJECT_BYTES, MAX_RECORD_BYTES, OUTBOX_REF, append::AppendError,
    form,
};
use crate::{CommitId, GitError};

/// A record as it lies in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// The number it is filed under.
    pub seq: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What one commit of the ledger did; a sound one has at most one parent, adds one record, and alters nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFacts {
    /// The commit.
    pub commit: CommitId,
    /// How many parents it has.
    pub parents: usize,
    /// Numbers of the records it added.
    pub records: Vec<u64>,
    /// Digests of the objects it added.
    pub objects: Vec<Digest>,
    /// Paths it changed or removed, or added where neither a record nor an object lies.
    pub altered: Vec<String>,
}

impl Ledger<'_> {
    /// What the next record must say, as far as this clone knows.
    ///
    /// # Errors
    /// When the repository cannot be read, or the ledger is damaged.
    pub fn head(&self) -> Result<Head, AppendError<GitError>> {
        Ok(self.head_after(self.known()?)?)
    }

    /// All records by number, as far as this clone knows them; those that wait are not among them.
    ///
    /// # Errors
    /// When the repository cannot be read, or a record is longer than [`MAX_RECORD_BYTES`].
    pub fn read(&self) -> Result<Vec<RawRecord>, GitError> {
        self.known()?.map_or(Ok(Vec::new()), |tip| self.read_at(tip))
    }

    /// All records that the remote has now, whatever was seen there before; `None` where it cannot be asked. It is for
    /// saying what somebody did to the ledger, and nothing else: this clone goes on knowing what it knew.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_anew(&self) -> Result<Option<Vec<RawRecord>>, GitError> {
        let Some(remote) = &self.settings.remote else { return Ok(None) };
        self.fetch_anew(remote)?.map(|tip| self.read_at(tip)).transpose()
    }

    fn read_at(&self, tip: git2::Oid) -> Result<Vec<RawRecord>, GitError> {
        let tree = self.git().find_commit(tip)?.tree()?;
        let Some(records) = tree.get_name("records") else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in &self.git().find_tree(records.id())? {
            let regular = entry.filemode_raw() & 0o170_000 == 0o100_000;
            let seq = entry.name().ok().and_then(form::record_seq).filter(|_| regular);
            if let Some(seq) = seq {
                found.push(RawRecord { seq, bytes: self.limited(entry.id(), MAX_RECORD_BYTES)? });
            }
        }
        found.sort_by_key(|it| it.seq);
        Ok(found)
    }

    /// The records of this clone that wait to be published, oldest first; `seq` and `prev` may still change.
    ///
    /// # Errors
    /// When the repository cannot be read, or a commit that waits holds no record.
    pub fn waiting_records(&self) -> Result<Vec<RawRecord>, AppendError<GitError>> {
        let mut records = Vec::new();
        for it in self.waiting(self.known()?)? {
            let (seq, bytes) = self.last_record(it.id)?;
            records.push(RawRecord { seq, bytes });
        }
        Ok(records)
    }

    /// The object that is filed under a digest, be it published or waiting.
    ///
    /// # Errors
    /// When the repository cannot be read, or the object is longer than [`MAX_OBJECT_BYTES`].
    pub fn object(&self, digest: &Digest) -> Result<Option<Vec<u8>>, GitError> {
        for tip in [self.known()?, self.tip(OUTBOX_REF)?, self.tip(LEDGER_REF)?] {
            if let Some(tip) = tip
                && let Some(found) = self.object_at(tip, digest)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn object_at(&self, tip: git2::Oid, digest: &Digest) -> Result<Option<Vec<u8>>, GitError> {
        let tree = self.git().find_commit(tip)?.tree()?;
        match tree.get_path(form::object_path(digest).as_ref()) {
            Ok(entry) if entry.filemode_raw() & 0o170_000 == 0o100_000 => {
                self.limited(entry.id(), MAX_OBJECT_BYTES).map(Some)
            }
            Ok(_) => Ok(None),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn limited(&self, id: git2::Oid, limit_bytes: usize) -> Result<Vec<u8>, GitError> {
        let odb = self.git().odb()?;
        if odb.read_header(id)?.0 > limit_bytes {
            let why = format!("{id} in the ledger is longer than {limit_bytes} bytes");
            return Err(git2::Error::from_str(&why).into());
        }
        Ok(odb.read(id)?.data().to_vec())
    }

    /// What each commit did, oldest first.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn facts(&self) -> Result<Vec<CommitFacts>, GitError> {
        let Some(tip) = self.known()? else { return Ok(Vec::new()) };
        let mut walk = self.git().revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push(tip)?;
        walk.map(|id| self.facts_of(id?)).collect()
    }

    pub(super) fn facts_of(&self, id: git2::Oid) -> Result<CommitFacts, GitError> {
        let commit = self.git().find_commit(id)?;
        let before = match commit.parents().next() {
            Some(parent) => Some(parent.tree()?),
            None => None,
        };
        let diff = self.git().diff_tree_to_tree(before.as_ref(), Some(&commit.tree()?), None)?;
        let mut facts = CommitFacts {
            commit: id.into(),
            parents: commit.parent_count(),
            records: Vec::new(),
            objects: Vec::new(),
            altered: Vec::new(),
        };
        for delta in diff.deltas() {
            let (old, new) = (delta.old_file(), delta.new_file());
            let path = new.path_bytes().or_else(|| old.path_bytes()).unwrap_or_default();
            let path = String::from_utf8_lossy(path).into_owned();
            let plain = new.mode() == git2::FileMode::Blob && delta.status() == Delta::Added;
            let record = path.strip_prefix("records/").and_then(form::record_seq);
            let object = path
                .strip_prefix("objects/")
                .and_then(|it| it.strip_suffix(".json")?.split_once('/'))
                .and_then(|(_, hex)| Digest::parse(&format!("sha256:{hex}")).ok())
                .filter(|it| form::object_path(it) == path);
            match (record, object) {
                (Some(seq), _) if plain => facts.records.push(seq),
                (_, Some(digest)) if plain => facts.objects.push(digest),
                _ => facts.altered.push(path),
            }
        }
        Ok(facts)
    }
}
