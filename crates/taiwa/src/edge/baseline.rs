//! The other side of `--against`: a commit, or what an environment runs. No server is asked and nothing is fetched.
//!
//! What an environment runs is known by its digest, from the ledger. Its contents are found by building what was marked,
//! now or earlier, until one has that digest: a release that is found so is the one that runs, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{Content, InputFile, Project, load, marks::Marks};
use taiwa_git::{Buried, Commit, Repository, TreeFile};
use taiwa_model::{BlobId, ComponentId, Digest, EnvironmentName, Kind};
use taiwa_release::Release;
use taiwa_text::{Language, Severity};
use taiwa_validator::against::{Baseline, Past};

use super::{
    files, ledger,
    marked::{Head, contents, open},
    workspace::Workspace,
};
use crate::{Cx, Failure};

/// Most versions of the marks of one environment that are built in search of a release.
const MAX_MARKS: usize = 100;

/// The kinds whose names are remembered: numbers, history and what touchpoints show hang on them.
const REMEMBERED: [Kind; 4] = [Kind::Offer, Kind::Goal, Kind::Segment, Kind::Message];

/// What a word after `--against` means. The name of an environment is taken for the environment.
pub(crate) fn baseline(
    cx: &mut Cx<'_>,
    workspace: &Workspace,
    word: &str,
) -> Result<Baseline, Failure> {
    let repository = open(&workspace.root)?;
    let commit = repository.commit(word);
    let name = EnvironmentName::new(word);
    let baseline = if workspace.project.environment_documents.contains_key(&name) {
        if commit.is_ok() {
            cx.say(match cx.language() {
                Language::En => format!("`{word}` is an environment and a revision: compared with what the environment runs; the branch is --against refs/heads/{word}"),
                Language::Ja => format!("`{word}` は環境名でもリビジョン名でもあるため、環境で動いているリリースと比較します。ブランチと比較するには --against refs/heads/{word}"),
            });
        }
        running(cx, &repository, &name)?
    } else {
        let commit = commit.map_err(|error| unknown(&repository, workspace, word, &error))?;
        of_commit(&repository, workspace, (word, &commit))?
    };
    if baseline.errors() > 0 {
        let (name, errors) = (baseline.name().to_owned(), baseline.errors());
        cx.say(match cx.language() {
            Language::En => format!(
                "{name} has errors of its own ({errors}): what they stand in is not compared"
            ),
            Language::Ja => {
                format!("{name} 自体に {errors} 件のエラーがあります。該当する部分は比較しません")
            }
        });
    }
    let past = past(&repository, workspace, &baseline)?;
    Ok(baseline.with_past(past))
}

fn unknown(
    repository: &Repository,
    workspace: &Workspace,
    word: &str,
    error: &taiwa_git::GitError,
) -> Failure {
    let names = workspace.project.environment_documents.keys();
    let names: Vec<&str> = names.map(EnvironmentName::as_str).collect();
    let text = format!("`{word}` is neither a revision nor an environment here: {error}");
    let mut failure = Failure::wrong("unknown-revision", text);
    if !names.is_empty() {
        failure = failure.help(format!("environments: {}", names.join(", ")));
    }
    if repository.is_shallow() || word.starts_with("origin/") {
        failure = failure.help("this clone may lack it: git fetch --unshallow origin, or `fetch-depth: 0` where CI checks out");
    }
    failure
}

/// A workspace at a commit: only what differs is read.
fn of_commit(
    repository: &Repository,
    workspace: &Workspace,
    (word, commit): (&str, &Commit),
) -> Result<Baseline, Failure> {
    let tree = repository
        .files_at(&commit.id)
        .map_err(|it| Failure::wrong("unknown-revision", format!("`{word}`: {it}")))?;
    let short = commit.id.short();
    let same = commit.id.as_str().starts_with(word);
    let name = if same { short.to_owned() } else { format!("{word} ({short})") };
    let project = &workspace.project;
    let then: BTreeMap<&str, &TreeFile> = tree
        .iter()
        .filter(|it| ComponentId::of_path(&it.path).is_some())
        .map(|it| (it.path.as_str(), it))
        .collect();
    let mut new = BTreeSet::new();
    let mut unchanged = BTreeSet::new();
    for (_, source) in project.sources.iter() {
        let Some(id) = ComponentId::of_path(&source.path) else { continue };
        // A file that is not there has no document.
        if !project.documents.contains_key(&id.0) {
            continue;
        }
        let before = then.get(source.path.as_str()).filter(|it| it.regular());
        if before.is_some_and(|it| is_same(it, &source.text)) {
            unchanged.insert(source.path.as_str());
        } else {
            new.insert(source.path.clone());
        }
    }
    let changed: Vec<TreeFile> = then
        .values()
        .filter(|it| !unchanged.contains(it.path.as_str()))
        .map(|it| (*it).clone())
        .collect();
    Ok(Baseline::of_difference(name, project, &new, contents(repository, &changed)?))
}

fn is_same(file: &TreeFile, text: &str) -> bool {
    file.bytes_len == text.len() as u64
        && taiwa_git::blob_id(text.as_bytes()).is_ok_and(|it| it == file.blob)
}

/// The release that an environment runs.
fn running(
    cx: &Cx<'_>,
    repository: &Repository,
    name: &EnvironmentName,
) -> Result<Baseline, Failure> {
    let Some(digest) = ledger::known_release(cx, repository, name)? else {
        let text = format!(
            "nobody knows what {name} runs: the ledger of this clone tells of no deployment there"
        );
        return Err(Failure::wrong("unknown-release", text)
            .help("get the ledger: git fetch origin taiwa/ledger:taiwa/ledger")
            .help("or compare with a commit: taiwa validate --against REV"));
    };
    let head = Head::read(cx)?;
    let project = built(repository, &head, &digest)?.ok_or_else(|| {
        let text = format!(
            "{name} runs the release {}, and no marks in the history of this branch make it",
            digest.short()
        );
        Failure::wrong("unknown-release", text)
            .help("check out a branch that has the marks it was made of")
            .help("or compare with a commit: taiwa validate --against REV")
    })?;
    Ok(Baseline::whole(format!("{name} ({})", digest.short()), project, &[]))
}

/// The project from which a release was built, by the marks that this branch has or had.
fn built(
    repository: &Repository,
    head: &Head,
    digest: &Digest,
) -> Result<Option<Project>, Failure> {
    Ok(marks_that_make(repository, head, digest)?.map(|it| it.1))
}

/// Marks by components, and the project that they make.
pub(crate) type Made = (BTreeMap<ComponentId, BlobId>, Project);

/// The marks, of those that this branch has or had, from which a release was built.
pub(crate) fn marks_that_make(
    repository: &Repository,
    head: &Head,
    digest: &Digest,
) -> Result<Option<Made>, Failure> {
    for name in head.project.environments.keys() {
        let path = format!("environments/{name}/marks.yaml");
        let versions = repository
            .contents_of(&path, MAX_MARKS)
            .map_err(|it| Failure::world("git", it.to_string()))?;
        for blob in versions {
            let Ok(bytes) = repository.read_blob(&blob, files::MAX_BYTES) else { continue };
            let (marks, _) = taiwa_config::marks::parse(&String::from_utf8_lossy(&bytes));
            let Marks::Components(marks) = marks else { continue };
            if let Some(project) = makes(head, &marks, digest) {
                return Ok(Some((marks, project)));
            }
        }
    }
    Ok(None)
}

/// The project of these marks, if it is that of a release.
pub(crate) fn makes(
    head: &Head,
    marks: &BTreeMap<ComponentId, BlobId>,
    digest: &Digest,
) -> Option<Project> {
    // Marks of contents that are not in this clone make no release here.
    let (project, parsing) = head.marked(marks).ok()?;
    let sealed = Release::seal(project.components.clone());
    let broken = parsing.iter().any(|it| it.severity == Severity::Error);
    (!broken && sealed.is_ok_and(|it| it.digest() == *digest)).then_some(project)
}

/// What bore the name of something new, and was deleted.
fn past(
    repository: &Repository,
    workspace: &Workspace,
    baseline: &Baseline,
) -> Result<BTreeMap<ComponentId, Past>, Failure> {
    let before: BTreeSet<ComponentId> = baseline.components().ids().into_iter().collect();
    let changed = |id: &ComponentId| {
        REMEMBERED.contains(&id.kind) && (!before.contains(id) || baseline.is_read_anew(id))
    };
    let wanted: BTreeSet<ComponentId> =
        workspace.project.documents.keys().filter(|it| changed(it)).cloned().collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = repository.buried(&wanted).map_err(|it| Failure::world("git", it.to_string()))?;
    let mut past = BTreeMap::new();
    for (id, Buried { commit, path, blob }) in found {
        let Ok(bytes) = repository.read_blob(&blob, files::MAX_BYTES) else { continue };
        let file = InputFile { path, content: Content::Bytes(bytes) };
        let (project, _) = load(vec![file]);
        past.insert(id, Past { commit: commit.short().to_owned(), project });
    }
    Ok(past)
}
