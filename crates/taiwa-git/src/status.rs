//! What of the work tree is not what is committed.

use git2::{Status, StatusOptions};

use crate::{GitError, Repository};

/// A file that is not as it is committed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirtyFile {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// How it differs.
    pub state: DirtyState,
}

/// How a file differs from what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DirtyState {
    /// Changed in the work tree.
    Modified,
    /// Changed and added to the index, not committed.
    Staged,
    /// Not known to git.
    Untracked,
    /// Not known to git, and told to stay so by `.gitignore`.
    Ignored,
    /// Taken away.
    Deleted,
    /// In the middle of a merge.
    Conflicted,
}

impl DirtyState {
    /// One word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Modified => "modified",
            Self::Staged => "staged",
            Self::Untracked => "untracked",
            Self::Ignored => "ignored",
            Self::Deleted => "deleted",
            Self::Conflicted => "conflicted",
        }
    }
}

impl Repository {
    /// Which of these paths (files or folders, relative to the workspace, taken literally) are not as they are
    /// committed; of no paths: of the whole workspace. Sorted by path.
    ///
    /// # Errors
    /// When the work tree or the index cannot be read.
    pub fn dirty(&self, paths: &[&str]) -> Result<Vec<DirtyFile>, GitError> {
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_ignored(true)
            .recurse_ignored_dirs(true)
            .exclude_submodules(true)
            .disable_pathspec_match(true);
        if paths.is_empty() && !self.prefix.is_empty() {
            options.pathspec(self.prefix.as_str());
        }
        for path in paths {
            options.pathspec(format!("{}{path}", self.prefix));
        }
        let statuses = self.git.statuses(Some(&mut options))?;
        let mut files: Vec<DirtyFile> = statuses
            .iter()
            .filter_map(|entry| {
                let path = String::from_utf8_lossy(entry.path_bytes()).into_owned();
                let path = path.strip_prefix(&self.prefix)?.to_owned();
                let state = state(entry.status())?;
                // An ignored file is worth a word only to whoever asked for it.
                (state != DirtyState::Ignored || paths.contains(&path.as_str()))
                    .then_some(DirtyFile { path, state })
            })
            .collect();
        files.sort();
        Ok(files)
    }
}

fn state(status: Status) -> Option<DirtyState> {
    let any = |flags: Status| status.intersects(flags);
    if any(Status::CONFLICTED) {
        Some(DirtyState::Conflicted)
    } else if any(Status::WT_DELETED | Status::INDEX_DELETED) {
        Some(DirtyState::Deleted)
    } else if any(Status::WT_NEW) {
        Some(DirtyState::Untracked)
    } else if any(Status::WT_MODIFIED | Status::WT_TYPECHANGE | Status::WT_RENAMED) {
        Some(DirtyState::Modified)
    } else if any(Status::INDEX_NEW
        | Status::INDEX_MODIFIED
        | Status::INDEX_TYPECHANGE
        | Status::INDEX_RENAMED)
    {
        Some(DirtyState::Staged)
    } else if any(Status::IGNORED) {
        Some(DirtyState::Ignored)
    } else {
        None
    }
}
