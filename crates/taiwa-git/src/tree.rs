//! The files of a commit, below the folder of the workspace.
//!
//! **Invariants.** Only regular files may be read; a link, a submodule, or a name that a file system or a program might
//! take for another one is reported with its path and never followed. Nothing here depends on a checkout.

use std::{collections::BTreeMap, fmt};

use git2::ObjectType;
use taiwa_model::BlobId;
use unicode_normalization::UnicodeNormalization as _;

use crate::{CommitId, GitError, Repository, blob::to_blob_id};

/// The most entries of a workspace's tree.
pub const MAX_TREE_FILES: usize = 200_000;

/// The deepest folder of a workspace; files of a workspace lie at most three deep.
pub const MAX_TREE_DEPTH: usize = 32;

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeFile {
    /// Relative to the workspace, with `/`; parts that are not UTF-8 are shown with U+FFFD.
    pub path: String,
    /// The id of its content.
    pub blob: BlobId,
    /// Length of the content; 0 for what must not be read.
    pub bytes_len: u64,
    /// Why it must not be read; `None` for a regular file with an ordinary name.
    pub refused: Option<Refused>,
}

impl TreeFile {
    /// Whether it is a regular file with an ordinary name.
    pub const fn regular(&self) -> bool {
        self.refused.is_none()
    }
}

/// Why an entry of a tree must not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A symbolic link.
    Symlink,
    /// Another repository.
    Submodule,
    /// An entry that is none of those that git makes.
    UnknownMode {
        /// Its mode.
        mode: i32,
    },
    /// A name that some file system or program takes for another place: `..`, `.git`, `CON`, a control character.
    UnsafeName,
    /// A name that some file systems do not tell from another one in the same folder.
    SameName {
        /// The other.
        other: String,
    },
    /// A folder below [`MAX_TREE_DEPTH`].
    TooDeep,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symlink => f.write_str("a symbolic link"),
            Self::Submodule => f.write_str("a submodule"),
            Self::UnknownMode { mode } => write!(f, "an entry of unknown mode {mode:o}"),
            Self::UnsafeName => f.write_str("a name that may mean another place"),
            Self::SameName { other } => write!(f, "a name that may be taken for `{other}`"),
            Self::TooDeep => f.write_str("too deep a folder"),
        }
    }
}

/// Why the files of a commit cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The commit has no such folder: nothing of the workspace is committed.
    #[error("the workspace folder `{folder}` is not in commit {commit}")]
    NotTracked {
        /// The folder.
        folder: String,
        /// The commit.
        commit: CommitId,
    },
    /// More than [`MAX_TREE_FILES`].
    #[error("the workspace holds more than {MAX_TREE_FILES} files")]
    TooManyFiles,
    /// Anything else, for instance a commit that is not in this clone.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Repository {
    /// Every file of the workspace at a commit, sorted by path.
    ///
    /// # Errors
    /// When the workspace is not in that commit, or too large.
    pub fn files_at(&self, commit: &CommitId) -> Result<Vec<TreeFile>, TreeError> {
        let tree = self.workspace_tree(commit)?;
        let mut walk = Walk { git: &self.git, files: Vec::new() };
        walk.folder(&tree, "", 1)?;
        let mut files = walk.files;
        let odb = self.git.odb().map_err(GitError::from)?;
        for file in files.iter_mut().filter(|it| it.regular()) {
            let oid = git2::Oid::from_str(file.blob.as_str()).map_err(GitError::from)?;
            file.bytes_len = odb.read_header(oid).map_err(GitError::from)?.0 as u64;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// The tree of the workspace's folder.
    pub(crate) fn workspace_tree(&self, commit: &CommitId) -> Result<git2::Tree<'_>, TreeError> {
        let found = self.git.find_commit(commit.oid()?).map_err(GitError::from)?;
        let not_tracked = || TreeError::NotTracked {
            folder: self.prefix.trim_end_matches('/').to_owned(),
            commit: commit.clone(),
        };
        let root = found.tree().map_err(GitError::from)?;
        subtree(&self.git, root, &self.prefix)?.ok_or_else(not_tracked)
    }
}

/// The tree of a folder below this one, if every part of the way is a folder.
pub(crate) fn subtree<'a>(
    git: &'a git2::Repository,
    root: git2::Tree<'a>,
    folder: &str,
) -> Result<Option<git2::Tree<'a>>, GitError> {
    let mut tree = root;
    for part in folder.split('/').filter(|it| !it.is_empty()) {
        let entry = tree.get_name(part).filter(|it| it.kind() == Some(ObjectType::Tree));
        let Some(id) = entry.map(|it| it.id()) else { return Ok(None) };
        tree = git.find_tree(id)?;
    }
    Ok(Some(tree))
}

struct Walk<'a> {
    git: &'a git2::Repository,
    files: Vec<TreeFile>,
}

impl Walk<'_> {
    fn folder(&mut self, tree: &git2::Tree<'_>, at: &str, depth: usize) -> Result<(), TreeError> {
        let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            same.entry(folded(&name)).or_default().push(name);
        }
        for entry in tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let path = format!("{at}{name}");
            let twins = same.get(&folded(&name)).map(Vec::as_slice).unwrap_or_default();
            let other = twins.iter().find(|it| **it != name).cloned();
            let utf8 = std::str::from_utf8(entry.name_bytes()).is_ok();
            let mode = entry.filemode_raw();
            let kind = mode & 0o170_000;
            let mut refused = match (kind, other) {
                _ if !utf8 || is_unsafe(&name) => Some(Refused::UnsafeName),
                (_, Some(other)) => Some(Refused::SameName { other }),
                // The same name twice: a tree that git itself never writes.
                _ if twins.len() > 1 => Some(Refused::SameName { other: name.clone() }),
                (0o120_000, None) => Some(Refused::Symlink),
                (0o160_000, None) => Some(Refused::Submodule),
                (0o100_000 | 0o040_000, None) => None,
                (_, None) => Some(Refused::UnknownMode { mode }),
            };
            if kind == 0o040_000 && refused.is_none() {
                if depth < MAX_TREE_DEPTH {
                    let below = self.git.find_tree(entry.id()).map_err(GitError::from)?;
                    self.folder(&below, &format!("{path}/"), depth + 1)?;
                    continue;
                }
                refused = Some(Refused::TooDeep);
            }
            if self.files.len() >= MAX_TREE_FILES {
                return Err(TreeError::TooManyFiles);
            }
            let blob = to_blob_id(entry.id());
            self.files.push(TreeFile { path, blob, bytes_len: 0, refused });
        }
        Ok(())
    }
}

/// The name as a file system sees it that knows neither upper case nor composition of characters.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let plain: String = name.nfc().filter(|it| !is_ignorable(*it)).collect();
    plain.to_lowercase().nfc().collect()
}

/// Characters that macOS leaves out when it compares names.
const fn is_ignorable(it: char) -> bool {
    matches!(it, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Whether a name could mean another place to a file system, to git, or to Windows.
fn is_unsafe(name: &str) -> bool {
    let plain = folded(name);
    let trimmed = plain.trim_end_matches(['.', ' ']);
    let stem = plain.split(['.', ' ', ':']).next().unwrap_or_default();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let device = matches!(stem, "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|it| it.len() == 1 && it.bytes().all(|b| b.is_ascii_digit()));
    trimmed.is_empty()
        || trimmed.len() != plain.len()
        || matches!(trimmed, ".git" | "git~1")
        || device
        || name.contains(['/', '\\', ':'])
        || name.contains(char::is_control)
        || name.contains(is_ignorable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expect: bool) {
        assert_eq!(is_unsafe(name), expect, "{name:?}");
    }

    #[test]
    fn names_that_may_mean_another_place() {
        for name in [
            "",
            ".",
            "..",
            ".git",
            ".GIT",
            ".git ",
            ".git.",
            "GIT~1",
            ".g\u{200c}it",
            "a/b",
            "a\\b",
            ".git::$INDEX_ALLOCATION",
            "CON",
            "nul.yaml",
            "COM1",
            "lpt9.txt",
            "a\nb",
            "a\u{202e}b",
        ] {
            check(name, true);
        }
        for name in [
            "offers",
            "taiwa.yaml",
            ".gitignore",
            ".github",
            "console.yaml",
            "コーヒー.yaml",
            "com10",
        ] {
            check(name, false);
        }
    }
}
