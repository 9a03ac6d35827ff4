//! Which commits had a part in a change, and who says to have written them.
//!
//! Everything comes from the object database by id: no checkout, no filter, no hook, no index, no replaced or grafted
//! object. Commits and trees are read as bytes, so that what git would never write is still read in one way only.
//! **Invariants.** More commits rather than fewer: what is left out is left out because it cannot have had a part.
//! A history that cannot be seen whole is an error, never a shorter answer. Everything that can grow has a limit.
//! Deliberately absent: who those people are, and whether a signature is valid (`taiwa-plan`).

mod changes;
mod commit;
mod graph;

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid};
use taiwa_model::BlobId;

use crate::{Author, CommitId, GitError, Repository};
use changes::{Changes, Search};
use graph::Graph;

/// The most commits of a history that is asked for its authors.
pub const MAX_AUTHORSHIP_COMMITS: usize = 100_000;
/// The longest commit that is read, in bytes.
pub const MAX_COMMIT_BYTES: usize = 1 << 20;
/// The longest folder that is read, in bytes of its object.
const MAX_TREE_BYTES: usize = 16 << 20;
/// Beyond so many commits with one content, no history is left out because of it.
const MAX_STARTS: usize = 8;

/// A path of the workspace that differs between two releases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// Relative to the workspace.
    pub path: String,
    /// The content it had in the release before. None: nothing there, or not known; then its whole history counts.
    pub before: Option<BlobId>,
    /// The content it has in the release after; none: nothing.
    pub after: Option<BlobId>,
}

/// A commit that had a part in a change, as it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Its id.
    pub commit: CommitId,
    /// The author.
    pub author: Author,
    /// The committer.
    pub committer: Author,
    /// Everybody whom a line `Co-authored-by:` names, and whoever stands beside author and committer.
    pub co_authors: Vec<Author>,
    /// The signature and what it is over: the commit without it. Not checked.
    pub signature: Option<(String, Vec<u8>)>,
    /// The first line of its message.
    pub summary: String,
    /// Which of the paths it changed; empty where it only brought a content somewhere else.
    pub paths: BTreeSet<String>,
}

/// Why it cannot be said who wrote a change.
#[derive(Debug, thiserror::Error)]
pub enum AuthorshipError {
    /// The history of this clone is cut.
    #[error("the history of this clone is cut (a shallow clone)")]
    Shallow,
    /// Something of the history is not in this clone.
    #[error("{id} is not in this clone")]
    Missing {
        /// The id of the object.
        id: String,
    },
    /// More commits than [`MAX_AUTHORSHIP_COMMITS`].
    #[error("the history has more than {commits} commits")]
    TooLong {
        /// The limit.
        commits: usize,
    },
    /// An object beyond its limit, or a tree that multiplies itself.
    #[error("{id} is too large to be read")]
    TooLarge {
        /// The id of the object.
        id: String,
    },
    /// An object that is not what it should be.
    #[error("{id} is not a sound {what}")]
    Malformed {
        /// The id of the object.
        id: String,
        /// What it should be.
        what: &'static str,
    },
    /// No commit of the history brought a content.
    #[error("no commit brought the content {content}")]
    Nowhere {
        /// The content.
        content: BlobId,
    },
    /// Anything else.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl From<git2::Error> for AuthorshipError {
    fn from(error: git2::Error) -> Self {
        Self::Git(error.into())
    }
}

/// The object database, read as bytes.
pub(super) struct Objects<'a> {
    odb: git2::Odb<'a>,
}

impl Objects<'_> {
    /// The bytes of an object of this kind, up to a limit that is looked at first.
    fn read(&self, id: Oid, kind: ObjectType, limit: usize) -> Result<Vec<u8>, AuthorshipError> {
        let (length, found) = self.odb.read_header(id).map_err(|error| match error.code() {
            git2::ErrorCode::NotFound => AuthorshipError::Missing { id: id.to_string() },
            _ => error.into(),
        })?;
        if found != kind {
            return Err(AuthorshipError::Malformed { id: id.to_string(), what: kind.str() });
        }
        if length > limit {
            return Err(AuthorshipError::TooLarge { id: id.to_string() });
        }
        Ok(self.odb.read(id)?.data().to_vec())
    }

    fn commit(&self, id: Oid) -> Result<Vec<u8>, AuthorshipError> {
        self.read(id, ObjectType::Commit, MAX_COMMIT_BYTES)
    }

    fn tree(&self, id: Oid) -> Result<Vec<u8>, AuthorshipError> {
        self.read(id, ObjectType::Tree, MAX_TREE_BYTES)
    }
}

impl Repository {
    /// The commits that led to `to` and had a part in what is different at these paths, or in one of these contents
    /// wherever it lies; the newest first.
    ///
    /// A commit has a part in a path where it changed it, unless it led to the content before (then it is no part of the
    /// difference) or came after the content after existed (then it cannot have had a part in it). A commit with several
    /// parents changed a path where it agrees with none of them. A content is brought by every commit in which it lies at
    /// a path where no parent had it: that finds who wrote what was copied or picked from elsewhere.
    ///
    /// # Errors
    /// When the history is not here as a whole, is beyond a limit or unsound, or holds no commit that brought a content.
    pub fn writings(
        &self,
        to: &CommitId,
        touched: &[Touched],
        contents: &BTreeSet<BlobId>,
    ) -> Result<Vec<Writing>, AuthorshipError> {
        self.writings_within(to, touched, contents, MAX_AUTHORSHIP_COMMITS)
    }

    fn writings_within(
        &self,
        to: &CommitId,
        touched: &[Touched],
        contents: &BTreeSet<BlobId>,
        limit: usize,
    ) -> Result<Vec<Writing>, AuthorshipError> {
        if self.is_shallow() {
            return Err(AuthorshipError::Shallow);
        }
        let objects = Objects { odb: self.git.odb()? };
        let graph = Graph::load(&objects, to.oid()?, limit)?;
        let wanted: BTreeSet<&BlobId> =
            contents.iter().chain(touched.iter().filter_map(|it| it.after.as_ref())).collect();
        let wanted: Vec<(Oid, &BlobId)> =
            wanted.into_iter().map(|it| Ok((oid(it)?, it))).collect::<Result<_, GitError>>()?;
        let paths: Vec<Vec<u8>> = touched
            .iter()
            .map(|it| [self.prefix.as_bytes(), it.path.as_bytes()].concat())
            .collect();
        let mut search = Search::new(&objects, &paths, wanted.iter().map(|it| it.0));
        let mut changes = Vec::with_capacity(graph.ids.len());
        for at in 0..graph.ids.len() {
            let parents = graph.parents[at].iter().map(|it| graph.trees[*it]).collect();
            changes.push(search.of_commit(graph.trees[at], parents)?);
        }
        if let Some(lost) =
            (0..wanted.len()).find(|it| !changes.iter().any(|of| of.brought.contains(it)))
        {
            return Err(AuthorshipError::Nowhere { content: wanted[lost].1.clone() });
        }
        let mut parts: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (at, _) in changes.iter().enumerate().filter(|it| !it.1.brought.is_empty()) {
            parts.entry(at).or_default();
        }
        for (index, it) in touched.iter().enumerate() {
            for at in with_a_part(&graph, &changes, index, it)? {
                parts.entry(at).or_default().insert(it.path.clone());
            }
        }
        let newest_first = graph.order.iter().rev().filter_map(|it| Some((*it, parts.get(it)?)));
        newest_first
            .map(|(at, paths)| {
                let bytes = objects.commit(graph.ids[at])?;
                Ok(commit::writing(graph.ids[at].into(), &bytes, paths.clone()))
            })
            .collect()
    }
}

fn oid(id: &BlobId) -> Result<Oid, GitError> {
    Ok(Oid::from_str(id.as_str())?)
}

/// The commits that had a part in what is different at a path.
fn with_a_part(
    graph: &Graph,
    changes: &[Changes],
    index: usize,
    touched: &Touched,
) -> Result<Vec<usize>, AuthorshipError> {
    let here: Vec<(usize, Option<Oid>)> = changes
        .iter()
        .enumerate()
        .filter_map(|(at, it)| Some((at, *it.touched.get(&index)?)))
        .collect();
    let bringers = |of: &Option<BlobId>| -> Result<Vec<usize>, GitError> {
        let Some(id) = of.as_ref().map(oid).transpose()? else { return Ok(Vec::new()) };
        Ok(here.iter().filter(|it| it.1 == Some(id)).map(|it| it.0).collect())
    };
    // What led to every commit that brought the content before is not part of the difference.
    let starts = bringers(&touched.before)?;
    let known = !starts.is_empty() && starts.len() <= MAX_STARTS;
    let led: Vec<Vec<bool>> =
        starts.iter().filter(|_| known).map(|it| graph.ancestors(*it)).collect();
    let before = |at: usize| known && led.iter().all(|it| it[at]);
    // What came after the content after was there cannot have had a part in it.
    let ends = bringers(&touched.after)?;
    let later = graph.descendants(&ends);
    let after = |at: usize| later[at] && !ends.contains(&at);
    Ok(here.into_iter().map(|it| it.0).filter(|it| !before(*it) && !after(*it)).collect())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
mod tests {
    use super::*;
    use taiwa_model::Timestamp;

    #[test]
    fn a_history_beyond_its_limit_is_an_error_and_no_shorter_answer() {
        let folder = tempfile::tempdir().unwrap();
        let author = Author::new("A", "a@contoso.example");
        let repository = Repository::init(folder.path(), &author).unwrap();
        let mut last = None;
        for n in 0..4 {
            std::fs::write(folder.path().join("taiwa.yaml"), format!("{n}")).unwrap();
            let at = Timestamp::from_millis(n * 1000);
            last = Some(repository.commit_all("x", &author, at).unwrap().id);
        }
        let to = last.unwrap();
        let touched = [Touched { path: "taiwa.yaml".to_owned(), before: None, after: None }];
        let ask = |limit| repository.writings_within(&to, &touched, &BTreeSet::new(), limit);
        assert_eq!(ask(4).unwrap().len(), 4);
        assert!(matches!(ask(3), Err(AuthorshipError::TooLong { commits: 3 })));
    }
}
