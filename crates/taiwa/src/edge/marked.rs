//! What is committed, and what is marked: contents from git's object database by id, never from the work tree.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use taiwa_config::{Content, InputFile, Project, load, marks::Marks};
use taiwa_git::{Commit, HeadError, OpenError, Origin, Repository, TreeError, TreeFile};
use taiwa_model::{BlobId, ComponentId, EnvironmentName};
use taiwa_release::Release;
use taiwa_text::Finding;
use taiwa_validator::{Checked, Files, Report, Stage, build, validate};

use super::{files, workspace::options};
use crate::{Cx, Failure, render};

/// The workspace at the commit that is checked out.
pub(crate) struct Head {
    /// The workspace's folder in the work tree.
    pub(crate) root: PathBuf,
    /// Its repository.
    pub(crate) repository: Repository,
    /// The commit, resolved once.
    pub(crate) commit: Commit,
    /// Its files, listed once.
    tree: Vec<TreeFile>,
    /// What is committed.
    pub(crate) project: Project,
    /// The content of each component.
    pub(crate) blobs: BTreeMap<ComponentId, BlobId>,
    /// Its file.
    pub(crate) paths: BTreeMap<ComponentId, String>,
}

impl Head {
    /// Reads the workspace that the current folder is in, as it is committed.
    pub(crate) fn read(cx: &Cx<'_>) -> Result<Self, Failure> {
        let root = files::root(&cx.cwd)?;
        let repository = open(&root)?;
        let commit = repository.head().map_err(|it| no_head(&it))?;
        let tree = repository.files_at(&commit.id).map_err(|it| no_tree(&it))?;
        let (mut blobs, mut paths) = (BTreeMap::new(), BTreeMap::new());
        for file in tree.iter().filter(|it| it.regular()) {
            if let Some((id, _)) = ComponentId::of_path(&file.path) {
                blobs.insert(id.clone(), file.blob.clone());
                paths.insert(id, file.path.clone());
            }
        }
        let (project, _) = load(contents(&repository, &tree)?);
        Ok(Self { root, repository, commit, tree, project, blobs, paths })
    }

    /// The workspace at another commit.
    pub(crate) fn at(&self, revision: &str) -> Result<(Project, Vec<Finding>), Failure> {
        let commit = self.repository.commit(revision).map_err(|error| {
            Failure::wrong("unknown-revision", format!("`{revision}` is no commit here: {error}"))
        })?;
        let tree = self.repository.files_at(&commit.id).map_err(|it| no_tree(&it))?;
        Ok(load(contents(&self.repository, &tree)?))
    }

    /// A file of the workspace as it is committed.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(file) = self.tree.iter().find(|it| it.path == path && it.regular()) else {
            return Ok(None);
        };
        let bytes = self.repository.read_blob(&file.blob, files::MAX_BYTES);
        bytes.map(Some).map_err(|error| Failure::wrong("unreadable", format!("{path}: {error}")))
    }

    /// The marks file of an environment as it lies in the work tree, to be edited: its path, text and marks.
    pub(crate) fn marks_file(
        &self,
        name: &EnvironmentName,
    ) -> Result<(PathBuf, String, Marks), Failure> {
        let path = self.root.join(format!("environments/{name}/marks.yaml"));
        if !path.exists() {
            return Ok((path, String::new(), Marks::default()));
        }
        let text = String::from_utf8_lossy(&files::read_file(&path)?).into_owned();
        let (marks, remarks) = taiwa_config::marks::parse(&text);
        match remarks.iter().find(|it| it.severity == taiwa_text::Severity::Error) {
            None => Ok((path, text, marks)),
            Some(first) => {
                let said = first.message.as_str();
                let what = format!("{} has mistakes: {said}", path.display());
                Err(Failure::no("findings", what).help("see them all: taiwa validate"))
            }
        }
    }

    /// What is marked for an environment, as it is committed; a mark that is not committed is said, and not used.
    pub(crate) fn marks(&self, cx: &mut Cx<'_>, name: &EnvironmentName) -> Result<Marks, Failure> {
        let path = format!("environments/{name}/marks.yaml");
        let dirty =
            self.repository.dirty(&[&path]).map_err(|it| Failure::world("git", it.to_string()))?;
        if !dirty.is_empty() {
            cx.say(format!(
                "note: {path} has changes that are not committed; they do not count yet"
            ));
        }
        Ok(self.project.marks.get(name).cloned().unwrap_or_default())
    }

    /// The project of marked contents.
    pub(crate) fn marked(
        &self,
        marks: &BTreeMap<ComponentId, BlobId>,
    ) -> Result<(Project, Vec<Finding>), Failure> {
        Ok(load(self.files_of(marks)?.into_values().collect()))
    }

    /// The files of marked contents.
    pub(crate) fn files_of(&self, marks: &BTreeMap<ComponentId, BlobId>) -> Result<Files, Failure> {
        let origins = self.repository.paths_of_blobs(marks).map_err(|it| no_head(&it))?;
        let mut inputs = Files::new();
        for (id, blob) in marks {
            let path = match origins.get(id) {
                Some(Origin::Head { path } | Origin::Past { path, commit: _ }) => path.clone(),
                Some(Origin::Nowhere { .. }) | None => return Err(self.unknown_mark(id, blob)),
            };
            let bytes = self.repository.read_blob(blob, files::MAX_BYTES).map_err(|error| {
                Failure::no(
                    "unknown-mark",
                    format!("the marked content of {id} cannot be read: {error}"),
                )
                .help(format!("mark what is there now: taiwa mark {id} --for ENVIRONMENT"))
            })?;
            inputs.insert(id.clone(), InputFile { path, content: Content::Bytes(bytes) });
        }
        Ok(inputs)
    }

    fn unknown_mark(&self, id: &ComponentId, blob: &BlobId) -> Failure {
        let short = blob.as_str().get(..12).unwrap_or_default();
        let failure = Failure::no(
            "unknown-mark",
            format!("{id} is marked at content {short}, which no commit of it has"),
        )
        .help(format!("mark what is there now: taiwa mark {id} --for ENVIRONMENT"));
        if self.repository.is_shallow() {
            return failure
                .help("this clone is shallow; get the whole history: git fetch --unshallow");
        }
        failure
    }

    /// The proof that marked contents obey the rules; the findings go to the person.
    pub(crate) fn check(
        &self,
        cx: &mut Cx<'_>,
        marks: &BTreeMap<ComponentId, BlobId>,
        stage: Stage,
    ) -> Result<Checked, Failure> {
        let (project, parsing) = self.marked(marks)?;
        let sources = project.sources.clone();
        validate(project, parsing, &options(cx, stage)).map_err(|report| {
            show(cx, &sources, &report);
            Failure::no("findings", "what is marked does not obey the rules; nothing was sent")
                .help("mend the files, commit, and mark them again")
        })
    }

    /// The release of what is marked for an environment.
    pub(crate) fn release(
        &self,
        cx: &mut Cx<'_>,
        name: &EnvironmentName,
    ) -> Result<Release, Failure> {
        let marks = match self.marks(cx, name)? {
            Marks::Components(it) => it,
            Marks::Release(digest) => {
                return Err(Failure::usage(format!(
                    "{name} has the release {} marked, which is built elsewhere",
                    digest.short()
                ))
                .help(format!("taiwa promote --to {name}")));
            }
        };
        if marks.is_empty() {
            return Err(Failure::no("nothing-marked", format!("nothing is marked for {name}"))
                .help(format!("taiwa mark channel/NAME --for {name}, then commit")));
        }
        let checked = self.check(cx, &marks, Stage::Mark)?;
        build(&checked).map_err(|error| Failure::no("too-large", error.to_string()))
    }
}

/// Draws the errors of a report for the person.
pub(crate) fn show(cx: &mut Cx<'_>, sources: &taiwa_text::Sources, report: &Report) {
    let (language, colour) = (cx.language(), cx.colour());
    for finding in report.findings.iter().filter(|it| it.severity == taiwa_text::Severity::Error) {
        let drawn = render::findings(sources, &[finding], language, colour);
        cx.say_drawn(drawn);
        cx.say("");
    }
}

/// The files of a workspace that are ours.
pub(crate) fn contents(
    repository: &Repository,
    tree: &[TreeFile],
) -> Result<Vec<InputFile>, Failure> {
    let yaml = |it: &&TreeFile| {
        let ending = Path::new(&it.path).extension().is_some_and(|it| it == "yaml" || it == "yml");
        let inside = it.path == "taiwa.yaml"
            || it.path.starts_with("channels/")
            || it.path.starts_with("environments/");
        ending && inside
    };
    let one = |file: &TreeFile| {
        let content = if !file.regular() {
            Content::NotRegular
        } else if file.bytes_len > files::MAX_BYTES {
            Content::TooLarge(file.bytes_len)
        } else {
            let bytes = repository.read_blob(&file.blob, files::MAX_BYTES);
            Content::Bytes(
                bytes.map_err(|error| Failure::world("git", format!("{}: {error}", file.path)))?,
            )
        };
        Ok(InputFile { path: file.path.clone(), content })
    };
    tree.iter().filter(yaml).map(one).collect()
}

/// The repository of a workspace.
pub(crate) fn open(root: &Path) -> Result<Repository, Failure> {
    Repository::open(root).map_err(|error| {
        let failure = Failure::wrong("no-repository", error.to_string());
        match error {
            OpenError::NoRepository { .. } => {
                failure.help("begin one: git init && git add . && git commit -m \"First\"")
            }
            _ => failure,
        }
    })
}

fn no_head(error: &HeadError) -> Failure {
    let failure = Failure::wrong("no-commit", error.to_string());
    match error {
        HeadError::Unborn { .. } => failure.help("git add . && git commit -m \"First\""),
        HeadError::Git(_) => failure,
    }
}

fn no_tree(error: &TreeError) -> Failure {
    Failure::wrong("no-commit", error.to_string()).help("git add . && git commit -m \"First\"")
}
