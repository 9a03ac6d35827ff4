//! New repositories and commits, for `taiwa demo`, `taiwa init` and tests: everything is said, nothing configured.

use std::path::Path;

use git2::{IndexAddOption, RepositoryInitOptions};
use taiwa_model::Timestamp;

use crate::{Author, Commit, GitError, OpenError, Repository, repository::describe};

impl Repository {
    /// Makes a repository with branch `main` in a folder, without templates, and names its author.
    ///
    /// # Errors
    /// When there is one already, or the folder cannot be written.
    pub fn init(dir: &Path, author: &Author) -> Result<Self, OpenError> {
        let mut options = RepositoryInitOptions::new();
        options.no_reinit(true).mkpath(true).external_template(false).initial_head("main");
        let git = git2::Repository::init_opts(dir, &options).map_err(GitError::from)?;
        let set = |name: &str, value: &str| -> Result<(), GitError> {
            Ok(git.config()?.set_str(name, value)?)
        };
        set("user.name", &author.name)?;
        set("user.email", &author.email)?;
        // Contents are digested: what is committed is what is in the file, on every machine.
        set("core.autocrlf", "false")?;
        set("core.safecrlf", "false")?;
        Self::open(dir)
    }

    /// Commits everything below the workspace that is not ignored, on the current branch.
    ///
    /// # Errors
    /// When something cannot be read or written, or somebody else commits at the same time.
    pub fn commit_all(
        &self,
        message: &str,
        author: &Author,
        at: Timestamp,
    ) -> Result<Commit, GitError> {
        let mut index = self.git.index()?;
        let below = if self.prefix.is_empty() { "*" } else { self.prefix.trim_end_matches('/') };
        index.add_all([below], IndexAddOption::DEFAULT, None)?;
        index.update_all([below], None)?;
        index.write()?;
        let tree = self.git.find_tree(index.write_tree()?)?;
        let signature = author.signature(at)?;
        let parent = match self.git.head() {
            Ok(head) => Some(head.peel_to_commit()?),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => None,
            Err(error) => return Err(error.into()),
        };
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        let id = self.git.commit(Some("HEAD"), &signature, &signature, message, &tree, &parents)?;
        Ok(describe(&self.git.find_commit(id)?))
    }
}
