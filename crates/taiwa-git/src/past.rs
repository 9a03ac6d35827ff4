//! What was there once: earlier contents of a file, and components that were deleted.

use std::collections::{BTreeMap, BTreeSet};

use git2::Sort;
use taiwa_model::{BlobId, ComponentId};

use crate::{
    CommitId, GitError, HeadError, Repository, TreeError,
    blob::to_blob_id,
    history::{candidates, folders},
    tree::subtree,
};

/// The most commits that a search in the past looks at.
pub const MAX_PAST_COMMITS: usize = 5_000;

/// The last content of a component that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buried {
    /// The newest commit that still had it.
    pub commit: CommitId,
    /// Where, relative to the workspace.
    pub path: String,
    /// Its content.
    pub blob: BlobId,
}

/// A content that a file had, and between which commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The content.
    pub content: BlobId,
    /// The newest commit with it.
    pub newest: CommitId,
    /// The oldest commit with it that was looked at.
    pub oldest: CommitId,
}

impl Repository {
    /// The contents that a file of the workspace had in the history that leads to a commit, the newest first, each once.
    ///
    /// # Errors
    /// When the commit is not here, or its history cannot be read.
    pub fn versions_of(&self, commit: &CommitId, path: &str) -> Result<Vec<Version>, GitError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut walk = self.git.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
        walk.push(commit.oid()?)?;
        let mut versions: Vec<Version> = Vec::new();
        let mut places: BTreeMap<BlobId, usize> = BTreeMap::new();
        for oid in walk.take(MAX_PAST_COMMITS) {
            let at = CommitId::from(oid?);
            let tree = match self.workspace_tree(&at) {
                Ok(tree) => tree,
                Err(TreeError::NotTracked { .. }) => continue,
                Err(error) => return Err(git2::Error::from_str(&error.to_string()).into()),
            };
            let entry = subtree(&self.git, tree, folder)?;
            let Some(content) = entry.and_then(|it| regular(&it, name)) else { continue };
            if let Some(place) = places.get(&content) {
                versions[*place].oldest = at;
            } else {
                places.insert(content.clone(), versions.len());
                versions.push(Version { content, newest: at.clone(), oldest: at });
            }
        }
        Ok(versions)
    }

    /// The content that a file of the workspace had at a commit; only a regular file has one.
    ///
    /// # Errors
    /// When the commit is not here.
    pub fn blob_at(&self, commit: &CommitId, path: &str) -> Result<Option<BlobId>, GitError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = match self.workspace_tree(commit) {
            Ok(tree) => tree,
            Err(TreeError::NotTracked { .. }) => return Ok(None),
            Err(error) => return Err(git2::Error::from_str(&error.to_string()).into()),
        };
        let entry = subtree(&self.git, tree, folder)?;
        Ok(entry.and_then(|it| regular(&it, name)))
    }

    /// Whether a commit is another one, or leads to it; one that this clone does not have does not.
    pub fn leads_to(&self, commit: &CommitId, other: &CommitId) -> bool {
        let (Ok(commit), Ok(other)) = (commit.oid(), other.oid()) else { return false };
        commit == other || self.git.graph_descendant_of(other, commit).unwrap_or(false)
    }

    /// The contents that a file of the workspace had, the newest first, each once, at most `limit`.
    ///
    /// # Errors
    /// When nothing is committed yet, or the history cannot be read.
    pub fn contents_of(&self, path: &str, limit: usize) -> Result<Vec<BlobId>, HeadError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        self.past(false, |_, tree| {
            let entry = subtree(&self.git, tree, folder)?;
            let id = entry.and_then(|it| regular(&it, name));
            found.extend(id.filter(|it| seen.insert(it.clone())));
            Ok(found.len() < limit)
        })?;
        Ok(found)
    }

    /// Of these components those that were deleted once, in the line of first parents that leads to `HEAD`, be it that
    /// they came back: with what they were before.
    ///
    /// # Errors
    /// When nothing is committed yet, or the history cannot be read.
    pub fn buried(
        &self,
        wanted: &BTreeSet<ComponentId>,
    ) -> Result<BTreeMap<ComponentId, Buried>, HeadError> {
        let mut found: BTreeMap<ComponentId, Buried> = BTreeMap::new();
        let mut absent: BTreeSet<&ComponentId> = BTreeSet::new();
        self.past(true, |commit, tree| {
            let folders = folders(&self.git, &tree)?;
            for id in wanted {
                if found.contains_key(id) {
                    continue;
                }
                let mut here = None;
                for path in candidates(id, &folders) {
                    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
                    let folder = subtree(&self.git, self.git.find_tree(tree.id())?, folder)?;
                    if let Some(blob) = folder.and_then(|it| regular(&it, name)) {
                        here = Some(Buried { commit: commit.clone(), path, blob });
                        break;
                    }
                }
                match here {
                    None => drop(absent.insert(id)),
                    Some(it) if absent.contains(id) => drop(found.insert(id.clone(), it)),
                    Some(_) => {}
                }
            }
            Ok(found.len() < wanted.len())
        })?;
        Ok(found)
    }

    /// Walks back from `HEAD` over the workspaces that differ, until `look` has seen enough.
    fn past(
        &self,
        first_parents: bool,
        mut look: impl FnMut(&CommitId, git2::Tree<'_>) -> Result<bool, GitError>,
    ) -> Result<(), HeadError> {
        let head = self.head()?.id;
        let mut walk = self.git.revwalk().map_err(GitError::from)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME).map_err(GitError::from)?;
        walk.push(head.oid()?).map_err(GitError::from)?;
        if first_parents {
            walk.simplify_first_parent().map_err(GitError::from)?;
        }
        let mut seen = BTreeSet::new();
        for oid in walk.take(MAX_PAST_COMMITS) {
            let commit = CommitId::from(oid.map_err(GitError::from)?);
            let tree = match self.workspace_tree(&commit) {
                Ok(tree) => tree,
                Err(TreeError::NotTracked { .. }) => continue,
                Err(error) => {
                    return Err(GitError::from(git2::Error::from_str(&error.to_string())).into());
                }
            };
            // In the line of first parents a tree may come again after another one: only neighbours are skipped.
            let new = if first_parents {
                let again = seen.contains(&tree.id());
                seen.clear();
                seen.insert(tree.id());
                !again
            } else {
                seen.insert(tree.id())
            };
            if new && !look(&commit, tree)? {
                break;
            }
        }
        Ok(())
    }
}

fn regular(folder: &git2::Tree<'_>, name: &str) -> Option<BlobId> {
    let entry = folder.get_name(name)?;
    (entry.filemode_raw() & 0o170_000 == 0o100_000).then(|| to_blob_id(entry.id()))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write files")]
mod tests {
    use super::*;
    use crate::{Author, blob_id};
    use taiwa_model::{Kind, Timestamp};

    /// A repository whose commits write (or delete) one offer, and the offer.
    fn history(contents: &[Option<&str>]) -> (tempfile::TempDir, Repository, ComponentId) {
        let folder = tempfile::tempdir().unwrap();
        let author = Author::new("A", "a@contoso.example");
        let repository = Repository::init(folder.path(), &author).unwrap();
        let offers = folder.path().join("channels/shared/offers");
        std::fs::create_dir_all(&offers).unwrap();
        for (n, text) in (0..).zip(contents) {
            std::fs::write(folder.path().join("taiwa.yaml"), format!("# {n}")).unwrap();
            match text {
                Some(text) => std::fs::write(offers.join("spring.yaml"), text).unwrap(),
                None => drop(std::fs::remove_file(offers.join("spring.yaml"))),
            }
            repository.commit_all("x", &author, Timestamp::from_millis(n * 1000)).unwrap();
        }
        (folder, repository, ComponentId::new(Kind::Offer, "spring"))
    }

    #[track_caller]
    fn check(contents: &[Option<&str>], expect: Option<&str>) {
        let (_folder, repository, id) = history(contents);
        let found = repository.buried(&[id.clone()].into()).unwrap();
        let expect = expect.map(|it| blob_id(it.as_bytes()).unwrap());
        assert_eq!(found.get(&id).map(|it| &it.blob), expect.as_ref(), "{contents:?}");
    }

    #[test]
    fn what_was_deleted_is_found_and_what_only_changed_is_not() {
        check(&[Some("a"), Some("b")], None);
        check(&[Some("a"), None], Some("a"));
        check(&[Some("a"), Some("b"), None, Some("c")], Some("b"));
        check(&[Some("a"), None, Some("b"), None, Some("c")], Some("b"));
        check(&[None, Some("a")], None);
    }

    #[test]
    fn contents_come_newest_first_and_once() {
        let (_folder, repository, _) = history(&[Some("a"), Some("b"), None, Some("a"), Some("c")]);
        let path = "channels/shared/offers/spring.yaml";
        let blobs = |limit| repository.contents_of(path, limit).unwrap();
        let expect: Vec<BlobId> =
            ["c", "a", "b"].iter().map(|it| blob_id(it.as_bytes()).unwrap()).collect();
        assert_eq!(blobs(9), expect);
        assert_eq!(blobs(1).len(), 1);
        assert_eq!(repository.contents_of("none.yaml", 9).unwrap(), []);
    }
}
