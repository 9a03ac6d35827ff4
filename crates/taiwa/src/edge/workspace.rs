//! The workspace that a command works on: from the work tree.

use std::path::{Path, PathBuf};

use taiwa_config::{Project, load};
use taiwa_model::EnvironmentName;
use taiwa_text::Finding;
use taiwa_validator::{Options, Stage};

use super::files;
use crate::{Cx, Failure};

/// A workspace as it lies in the work tree.
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Read and lowered.
    pub(crate) project: Project,
    /// What reading found.
    pub(crate) parsing: Vec<Finding>,
}

impl Workspace {
    /// Reads the workspace that the current folder is in.
    pub(crate) fn read(cx: &Cx<'_>) -> Result<Self, Failure> {
        let root = files::root(&cx.cwd)?;
        let (project, parsing) = load(files::read(&root)?);
        Ok(Self { root, project, parsing })
    }

    /// An environment of the workspace by its name.
    pub(crate) fn environment(
        &self,
        name: &EnvironmentName,
    ) -> Result<&taiwa_config::environment::Environment, Failure> {
        environment(&self.project, name)
    }
}

/// Where a workspace lies in its repository: empty, or a path with `/` at its end. Hosts of repositories look from there.
pub(crate) fn folder(root: &Path) -> String {
    let top = root.ancestors().find(|it| it.join(".git").symlink_metadata().is_ok());
    let below = top.and_then(|it| root.strip_prefix(it).ok()).unwrap_or(Path::new(""));
    below.components().map(|it| it.as_os_str().to_string_lossy() + "/").collect()
}

/// An environment of a project by its name.
pub(crate) fn environment<'a>(
    project: &'a Project,
    name: &EnvironmentName,
) -> Result<&'a taiwa_config::environment::Environment, Failure> {
    if let Some(found) = project.environments.get(name) {
        return Ok(found);
    }
    if project.environment_documents.contains_key(name) {
        let text = format!("environments/{name}/environment.yaml has mistakes");
        return Err(Failure::no("findings", text).help("see them all: taiwa validate"));
    }
    let known: Vec<&str> =
        project.environment_documents.keys().map(EnvironmentName::as_str).collect();
    let failure =
        Failure::wrong("unknown-environment", format!("there is no environment `{name}`"));
    Err(match known.as_slice() {
        [] => failure.help("declare it in environments/NAME/environment.yaml"),
        _ => failure.help(format!("there is: {}", known.join(", "))),
    })
}

/// How to check now, for a stage.
pub(crate) fn options(cx: &Cx<'_>, stage: Stage) -> Options {
    Options { at: cx.now(), stage }
}
