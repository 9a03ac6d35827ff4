//! A workspace in a git repository: found, told apart from what is none, and asked who and where we are.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use git2::{ErrorCode, RepositoryOpenFlags};
use taiwa_model::Timestamp;

/// A workspace that lies in a git repository: at its root, or in a folder below.
pub struct Repository {
    pub(crate) git: git2::Repository,
    /// The folder of the workspace within the repository, with `/` at its end; empty at the root.
    pub(crate) prefix: String,
}

/// What git said; the world's error, without a type of git in it.
#[derive(Debug, thiserror::Error)]
#[error("git: {0}")]
pub struct GitError(String);

impl From<git2::Error> for GitError {
    fn from(error: git2::Error) -> Self {
        Self(error.message().trim_end_matches('.').to_owned())
    }
}

/// Why a folder is not a workspace in a repository.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the folder nor one above it is a repository.
    #[error("{} is not in a git repository: `git init` makes one", dir.display())]
    NoRepository {
        /// The folder.
        dir: PathBuf,
    },
    /// A repository without work tree.
    #[error("{} is a bare repository: clone it and work in the clone", dir.display())]
    Bare {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder belongs to another user, which git refuses to trust.
    #[error(
        "{} belongs to another user: `git config --global --add safe.directory` trusts it",
        dir.display()
    )]
    OtherOwner {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder lies outside the work tree, for instance in `.git`.
    #[error("{} is not in the work tree of its repository", dir.display())]
    OutsideWorkTree {
        /// The folder.
        dir: PathBuf,
    },
    /// The path of the workspace is not text.
    #[error("the path of {} is not UTF-8", dir.display())]
    NotUtf8 {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder cannot be looked at.
    #[error("{} cannot be read: {source}", dir.display())]
    Unreadable {
        /// The folder.
        dir: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Anything else, for instance a format of repository that this program does not know.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Why there is no commit to work from.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// Nothing was committed yet.
    #[error("nothing is committed yet on branch {branch}")]
    Unborn {
        /// The branch that the first commit will make.
        branch: String,
    },
    /// Anything else.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Full id of a commit, in hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(String);

impl CommitId {
    /// A full id of 40 hex digits, as it is written in what people sign; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        (text.len() == 40 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 8 hex digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }

    pub(crate) fn oid(&self) -> Result<git2::Oid, GitError> {
        Ok(git2::Oid::from_str(&self.0)?)
    }
}

impl From<git2::Oid> for CommitId {
    fn from(oid: git2::Oid) -> Self {
        Self(oid.to_string())
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id: resolved once, everything is built from it.
    pub id: CommitId,
    /// Who wrote it, as it says; git does not prove it.
    pub author: Author,
    /// When it was committed, as it says.
    pub at: Timestamp,
    /// The first line of its message.
    pub summary: String,
}

/// A name and an address, as git keeps them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
}

impl Author {
    /// From its two parts.
    pub fn new(name: impl Into<String>, email: impl Into<String>) -> Self {
        Self { name: name.into(), email: email.into() }
    }

    pub(crate) fn signature(&self, at: Timestamp) -> Result<git2::Signature<'static>, GitError> {
        let time = git2::Time::new(at.as_millis().div_euclid(1000), 0);
        Ok(git2::Signature::new(&self.name, &self.email, &time)?)
    }
}

impl Repository {
    /// Opens the repository that a workspace lies in; linked work trees and shallow clones are fine.
    ///
    /// # Errors
    /// When there is none, it is bare, or git does not trust or understand it.
    pub fn open(workspace_dir: &Path) -> Result<Self, OpenError> {
        let dir = || workspace_dir.to_owned();
        let unreadable = |source| OpenError::Unreadable { dir: dir(), source };
        let folder = workspace_dir.canonicalize().map_err(unreadable)?;
        let none: [&Path; 0] = [];
        let git = git2::Repository::open_ext(&folder, RepositoryOpenFlags::empty(), none).map_err(
            |error| match error.code() {
                ErrorCode::NotFound => OpenError::NoRepository { dir: dir() },
                ErrorCode::Owner => OpenError::OtherOwner { dir: dir() },
                _ => OpenError::Git(error.into()),
            },
        )?;
        let work_tree = git.workdir().ok_or_else(|| OpenError::Bare { dir: dir() })?;
        let work_tree = work_tree.canonicalize().map_err(unreadable)?;
        let inside_git = git.path().canonicalize().is_ok_and(|it| folder.starts_with(it));
        let below = folder.strip_prefix(&work_tree).ok().filter(|_| !inside_git);
        let below = below.ok_or_else(|| OpenError::OutsideWorkTree { dir: dir() })?;
        let mut prefix = String::new();
        for part in below {
            prefix.push_str(part.to_str().ok_or_else(|| OpenError::NotUtf8 { dir: dir() })?);
            prefix.push('/');
        }
        Ok(Self { git, prefix })
    }

    /// Whether the history of the clone was cut: contents are whole, searches in the past may not be.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// The folder of the workspace within the repository, with `/` at its end; empty at the root.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A folder for what belongs to this clone and to nobody else; shared by all its work trees, and never committed. It
    /// need not exist.
    pub fn private_folder(&self) -> PathBuf {
        self.git.commondir().join("taiwa")
    }

    /// The root of the work tree.
    pub fn root(&self) -> &Path {
        self.git.workdir().unwrap_or_else(|| self.git.path())
    }

    /// The commit that is checked out, resolved once.
    ///
    /// # Errors
    /// When nothing was committed yet.
    pub fn head(&self) -> Result<Commit, HeadError> {
        let head = match self.git.head() {
            Ok(head) => head,
            Err(error) if error.code() == ErrorCode::UnbornBranch => {
                let branch = self.current_branch().unwrap_or_default();
                return Err(HeadError::Unborn { branch });
            }
            Err(error) => return Err(GitError::from(error).into()),
        };
        let commit = head.peel_to_commit().map_err(GitError::from)?;
        Ok(describe(&commit))
    }

    /// A commit by anything that git understands: an id, a branch, `HEAD~3`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn commit(&self, name: &str) -> Result<Commit, GitError> {
        let object = self.git.revparse_single(name)?;
        Ok(describe(&object.peel_to_commit()?))
    }

    /// The branch that is checked out, also before its first commit; `None` where `HEAD` is detached.
    pub fn current_branch(&self) -> Option<String> {
        let head = self.git.find_reference("HEAD").ok()?;
        let target = head.symbolic_target().ok().flatten()?;
        target.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// The remote that the ledger is shared by: that of the current branch, else `origin`, else none.
    pub fn remote(&self) -> Option<String> {
        let config = self.git.config().ok()?;
        let of_branch = self
            .current_branch()
            .and_then(|it| config.get_string(&format!("branch.{it}.remote")).ok())
            .filter(|it| self.git.find_remote(it).is_ok());
        of_branch.or_else(|| self.git.find_remote("origin").is_ok().then(|| "origin".to_owned()))
    }

    /// Who commits here, by the configuration of git.
    pub fn author(&self) -> Option<Author> {
        let config = self.git.config().and_then(|mut it| it.snapshot()).ok()?;
        let text = |name| config.get_str(name).ok().filter(|it| !it.is_empty());
        Some(Author::new(text("user.name")?, text("user.email")?))
    }
}

pub(crate) fn describe(commit: &git2::Commit<'_>) -> Commit {
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Commit {
        id: commit.id().into(),
        author: Author::new(text(author.name_bytes()), text(author.email_bytes())),
        at: Timestamp::from_millis(commit.time().seconds().saturating_mul(1000)),
        summary: commit.summary_bytes().map(text).unwrap_or_default(),
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("root", &self.root())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
