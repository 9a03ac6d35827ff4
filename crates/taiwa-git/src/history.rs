//! Where a marked content comes from: a mark pins a content, and its path says which channel owns it.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Sort};
use taiwa_model::{BlobId, ComponentId, Kind};

use crate::{
    CommitId, GitError, HeadError, Repository, TreeError, blob::to_blob_id, tree::subtree,
};

/// The most commits that a search looks at.
pub const MAX_HISTORY_COMMITS: usize = 20_000;

/// Where a content was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is what is committed now.
    Head {
        /// Relative to the workspace.
        path: String,
    },
    /// It was committed once; this is the newest commit that has it.
    Past {
        /// Relative to the workspace.
        path: String,
        /// The commit.
        commit: CommitId,
    },
    /// No commit that leads to `HEAD` has it at a path of that component.
    Nowhere {
        /// How many commits were looked at.
        commits: usize,
        /// Whether there may be more to look at: the clone is shallow, or [`MAX_HISTORY_COMMITS`] was reached.
        cut: bool,
    },
}

impl Repository {
    /// Where the content of a component was committed: at `HEAD`, else in the history that leads to it.
    ///
    /// # Errors
    /// When nothing is committed yet, or the history cannot be read.
    pub fn path_of_blob(&self, id: &ComponentId, blob: &BlobId) -> Result<Origin, HeadError> {
        let wanted = [(id.clone(), blob.clone())].into();
        let mut found = self.paths_of_blobs(&wanted)?;
        Ok(found.remove(id).unwrap_or(Origin::Nowhere { commits: 0, cut: false }))
    }

    /// The same for many components, in one walk.
    ///
    /// # Errors
    /// When nothing is committed yet, or the history cannot be read.
    pub fn paths_of_blobs(
        &self,
        wanted: &BTreeMap<ComponentId, BlobId>,
    ) -> Result<BTreeMap<ComponentId, Origin>, HeadError> {
        self.search(&self.head()?.id, wanted, MAX_HISTORY_COMMITS)
    }

    /// The same in the history that leads to a commit, for which it stands in the place of `HEAD`.
    ///
    /// # Errors
    /// When the commit is not here, or its history cannot be read.
    pub fn paths_of_blobs_at(
        &self,
        commit: &CommitId,
        wanted: &BTreeMap<ComponentId, BlobId>,
    ) -> Result<BTreeMap<ComponentId, Origin>, HeadError> {
        self.search(commit, wanted, MAX_HISTORY_COMMITS)
    }

    fn search(
        &self,
        head: &CommitId,
        wanted: &BTreeMap<ComponentId, BlobId>,
        limit: usize,
    ) -> Result<BTreeMap<ComponentId, Origin>, HeadError> {
        let mut missing: BTreeMap<&ComponentId, &BlobId> = wanted.iter().collect();
        let mut found = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let (mut commits, mut cut) = (0, self.is_shallow());
        let mut walk = self.git.revwalk().map_err(GitError::from)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME).map_err(GitError::from)?;
        walk.push(head.oid()?).map_err(GitError::from)?;
        for oid in walk {
            if missing.is_empty() {
                break;
            }
            if commits == limit {
                cut = true;
                break;
            }
            commits += 1;
            let commit = CommitId::from(oid.map_err(GitError::from)?);
            let places = match self.workspace_tree(&commit) {
                // Most commits leave most of a workspace alone.
                Ok(tree) if seen.insert(tree.id()) => places(&self.git, &tree, &missing)?,
                Ok(_) | Err(TreeError::NotTracked { .. }) => continue,
                Err(error) => {
                    return Err(GitError::from(git2::Error::from_str(&error.to_string())).into());
                }
            };
            for (id, path) in places {
                missing.remove(&id);
                let origin = if commit == *head {
                    Origin::Head { path }
                } else {
                    Origin::Past { path, commit: commit.clone() }
                };
                found.insert(id, origin);
            }
        }
        for id in missing.into_keys() {
            found.insert(id.clone(), Origin::Nowhere { commits, cut });
        }
        Ok(found)
    }
}

/// Where in this tree components have the contents that are looked for.
fn places(
    git: &git2::Repository,
    workspace: &git2::Tree<'_>,
    missing: &BTreeMap<&ComponentId, &BlobId>,
) -> Result<Vec<(ComponentId, String)>, GitError> {
    let mut found = Vec::new();
    let folders = folders(git, workspace)?;
    let mut trees: BTreeMap<String, Option<git2::Tree<'_>>> = BTreeMap::new();
    for (id, blob) in missing {
        for path in candidates(id, &folders) {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if !trees.contains_key(folder) {
                let root = git.find_tree(workspace.id())?;
                trees.insert(folder.to_owned(), subtree(git, root, folder)?);
            }
            let entry = trees.get(folder).and_then(Option::as_ref).and_then(|it| it.get_name(name));
            let regular = |it: &git2::TreeEntry<'_>| it.filemode_raw() & 0o170_000 == 0o100_000;
            if entry.is_some_and(|it| regular(&it) && to_blob_id(it.id()) == **blob) {
                found.push(((*id).clone(), path));
                break;
            }
        }
    }
    Ok(found)
}

/// The folders of channels.
pub(crate) fn folders(
    git: &git2::Repository,
    workspace: &git2::Tree<'_>,
) -> Result<Vec<String>, GitError> {
    let channels = match workspace.get_name("channels").filter(is_folder) {
        Some(entry) => Some(git.find_tree(entry.id())?),
        None => None,
    };
    let all = channels.iter().flat_map(git2::Tree::iter).filter(is_folder);
    Ok(all.filter_map(|it| it.name().ok().map(str::to_owned)).collect())
}

fn is_folder(entry: &git2::TreeEntry<'_>) -> bool {
    entry.kind() == Some(ObjectType::Tree)
}

/// The paths at which a component may lie.
pub(crate) fn candidates(id: &ComponentId, folders: &[String]) -> Vec<String> {
    let name = &id.name;
    match (id.kind, id.kind.folder()) {
        (Kind::Workspace, _) => vec!["taiwa.yaml".to_owned()],
        (Kind::Audience, _) => vec!["channels/shared/audience.yaml".to_owned()],
        (Kind::Channel, _) => vec![format!("channels/{name}/channel.yaml")],
        (Kind::Strategy, _) => vec![format!("channels/{name}/strategy.yaml")],
        (_, Some(of_kind)) => {
            folders.iter().map(|it| format!("channels/{it}/{of_kind}/{name}.yaml")).collect()
        }
        (_, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Author, blob_id};
    use taiwa_model::Timestamp;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests write files")]
    fn a_search_ends_at_its_limit_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let author = Author::new("A", "a@contoso.example");
        let repository = Repository::init(folder.path(), &author).unwrap();
        for (n, text) in (0..).zip(["one", "two", "three"]) {
            std::fs::write(folder.path().join("taiwa.yaml"), text).unwrap();
            repository.commit_all(text, &author, Timestamp::from_millis(n * 1000)).unwrap();
        }
        let id = ComponentId::new(Kind::Workspace, "taiwa");
        let find = |text: &str, limit| {
            let wanted = [(id.clone(), blob_id(text.as_bytes()).unwrap())].into();
            let head = repository.head().unwrap().id;
            repository.search(&head, &wanted, limit).unwrap().remove(&id).unwrap()
        };
        assert!(matches!(find("one", 3), Origin::Past { .. }));
        assert_eq!(find("one", 2), Origin::Nowhere { commits: 2, cut: true });
        assert_eq!(find("none", 3), Origin::Nowhere { commits: 3, cut: false });
        assert!(matches!(find("three", 1), Origin::Head { .. }));
    }
}
