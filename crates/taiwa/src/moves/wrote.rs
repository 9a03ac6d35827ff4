//! Who wrote a change: found by the runner, and found again by everybody who approves, each in a repository of their own.
//! Long because finding, finding again and telling are of the same things, and nobody else needs them.
//!
//! A release names no commit. Which commit it was built at is found by building again what was marked: the marks of a
//! commit either make exactly these bytes, or they do not. So nobody needs to be believed who names one.
//! **Invariants.** Everything comes from git's object database; the policy alone says who somebody is. What cannot be seen
//! whole is a refusal (`authorship-unknown`), never a shorter list.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{Content, InputFile, load, marks::Marks};
use taiwa_git::{AuthorshipError, CommitId, Origin, Repository, Touched, Writing};
use taiwa_model::{BlobId, ComponentId, Digest, EnvironmentName};
use taiwa_plan::{
    Authors, Authorship, Built, CommitSignature, Contribution, Identity, Outcome, Payload, Plan,
    PlanKind, Policy, Separation, Statement, authors, digest_of_commits, gates, of_change,
};
use taiwa_release::Release;

use crate::{
    Cx, Failure,
    edge::{files, ledger::Book, marked::Head, servers::Group},
    render::{count, safe},
};

/// The most contents of a marks file that are built again to find a release.
const MAX_BUILT: usize = 256;
/// The most commits of one person that are named to people.
const MAX_NAMED: usize = 4;

/// What was found.
pub(crate) struct Wrote {
    /// What the evidence says of it.
    pub(crate) said: Authorship,
    /// The people, with their commits.
    pub(crate) authors: Authors,
    /// The commits that had a part.
    pub(crate) writings: Vec<Writing>,
}

/// A commit whose marks make a release.
struct Place {
    commit: CommitId,
    marks_file: BlobId,
    marks: BTreeMap<ComponentId, BlobId>,
    paths: BTreeMap<ComponentId, String>,
}

/// A change, as a policy sees it.
pub(crate) struct Asked<'a> {
    /// The policy of the environment that it is for.
    pub(crate) policy: &'a Policy,
    /// What is live there.
    pub(crate) from: Option<Digest>,
    /// What is to be.
    pub(crate) to: Digest,
}

/// Who wrote a change, as the history that leads to the present commit tells it.
pub(crate) fn wrote(head: &Head, asked: &Asked<'_>) -> Result<Wrote, Failure> {
    let origin = origin(asked.policy)?;
    let to = find(head, &origin, &head.commit.id, &asked.to)?.ok_or_else(|| {
        let what = format!(
            "no commit that leads to the present one marks exactly release {} for {origin}",
            asked.to.short()
        );
        unknown(what).help(
            "check out the branch that was deployed, with its whole history: git fetch --unshallow",
        )
    })?;
    let from = match &asked.from {
        Some(release) => find(head, &origin, &to.commit, release)?,
        None => None,
    };
    between(head, asked, from.as_ref(), &to)
}

/// Who wrote a change that evidence speaks of, found again at the commits that it names, and compared.
fn again(head: &Head, asked: &Asked<'_>, said: &Authorship) -> Result<Wrote, Failure> {
    let origin = origin(asked.policy)?;
    let named = |it: &Built| it.commit.clone().unwrap_or_default();
    let to = known(head, &origin, &head.commit.id, &(named(&said.to), asked.to))?;
    let from = match (&said.from, &asked.from) {
        (Some(Built { commit: Some(commit), .. }), Some(release)) => {
            Some(known(head, &origin, &to.commit, &(commit.clone(), *release))?)
        }
        _ => None,
    };
    let found = between(head, asked, from.as_ref(), &to)?;
    if found.said != *said {
        let what = "the evidence names other people or commits behind the change than this repository does";
        let failure = unknown(what).help(format!("the evidence: {}", people(said)));
        return Err(failure
            .help(format!("this repository: {}", people(&found.said)))
            .help("compare it with the runner's: git fetch; taiwa history"));
    }
    beside(head, asked, from.as_ref(), &to, said)?;
    Ok(found)
}

/// Who wrote what a plan changes, by the evidence that it relies on, found again here and compared; nothing where
/// nobody is kept from approving.
pub(crate) fn who_wrote(
    head: &Head,
    group: &Group,
    book: &Book<'_>,
    plan: &Plan,
) -> Result<Option<Wrote>, Failure> {
    let separated = group.policy.document().separation != Separation::Off;
    if !separated || plan.kind != PlanKind::Change {
        return Ok(None);
    }
    let named = plan.evidence.get("authorship").map(Vec::as_slice).unwrap_or_default();
    let of = |it: &Statement| match &it.payload {
        Payload::Evidence(it) => Authorship::of(it),
        _ => None,
    };
    let filed = book.story.statements().filter(|it| named.contains(&it.1.digest));
    let said = filed.into_iter().find_map(|it| of(it.1)).ok_or_else(|| {
        unknown("the plan relies on evidence of who wrote it that the ledger does not hold")
    })?;
    if said.contributors != plan.contributors || said.unknown != plan.unknown {
        return Err(unknown(
            "the plan names other people behind the change than the evidence does",
        ));
    }
    let asked = Asked { policy: &group.policy, from: plan.from, to: plan.to };
    again(head, &asked, &said).map(Some)
}

/// The plan of an emergency as the ordinary change that it is ratified as: its authors are those whom the evidence names
/// that came since, by the function that the servers use. Where nobody is kept apart it is the plan itself.
pub(crate) fn as_change(
    cx: &Cx<'_>,
    (group, book): (&Group, &Book<'_>),
    plan: &Plan,
) -> Result<Plan, Failure> {
    let mut change = Plan { kind: PlanKind::Change, ..plan.clone() };
    if group.policy.document().separation == Separation::Off {
        return Ok(change);
    }
    let filed = book.story.evidence_of(&group.name, &plan.to).into_iter();
    let filed: Vec<Statement> = filed.filter_map(|it| it.open().ok()).collect();
    let of = of_change(&group.policy, plan.from, &filed);
    let verdicts = gates(&group.policy, &plan.to, &of, cx.now());
    let found = verdicts.into_iter().find(|it| it.gate == "authorship" && !it.evidence.is_empty());
    let found = found.filter(|it| it.outcome == Outcome::Passed);
    let said = found.and_then(|it| {
        let named = of.iter().find(|statement| it.evidence.contains(&statement.digest))?;
        let Payload::Evidence(evidence) = &named.payload else { return None };
        Some((Authorship::of(evidence)?, it.evidence))
    });
    let Some((said, evidence)) = said else {
        let from = origin(&group.policy)?;
        return Err(unknown("no evidence says who wrote what the emergency brought")
            .help(format!("a runner can say it: taiwa test --on {from} --key FILE")));
    };
    (change.contributors, change.unknown) = (said.contributors, said.unknown);
    change.evidence.insert("authorship".to_owned(), evidence);
    Ok(change)
}

/// Who wrote what an emergency would bring, as this repository tells it: for people to read. An emergency waits for no
/// evidence, so nobody is kept from approving it; that comes when it is ratified.
pub(crate) fn glass_broken_by(
    cx: &mut Cx<'_>,
    head: &Head,
    group: &Group,
    plan: &Plan,
) -> Vec<String> {
    let separated = group.policy.document().separation != Separation::Off;
    if !separated || plan.kind != PlanKind::Emergency {
        return Vec::new();
    }
    match wrote(head, &Asked { policy: &group.policy, from: plan.from, to: plan.to }) {
        Ok(wrote) => wrote.lines_for("ratify"),
        Err(failure) => {
            cx.say(format!("note: who wrote it cannot be told here: {failure}"));
            Vec::new()
        }
    }
}

/// The same for people, in lines; that it cannot be found again is one of them.
pub(crate) fn written_by(head: &Head, group: &Group, book: &Book<'_>, plan: &Plan) -> Vec<String> {
    match who_wrote(head, group, book, plan) {
        Ok(None) => Vec::new(),
        Ok(Some(wrote)) => wrote.lines(),
        Err(failure) => {
            let people = plan.contributors.iter().map(ToString::to_string);
            let all: Vec<String> = people.chain(plan.unknown.iter().map(|it| safe(it))).collect();
            let by_plan = format!("by the plan: {}", all.join(", "));
            vec![by_plan, format!("not confirmed by this repository: {failure}")]
        }
    }
}

/// A refusal that names who wrote what is refused.
pub(crate) fn with_authors(failure: Failure, lines: &[String]) -> Failure {
    lines.iter().fold(failure, |failure, line| failure.help(format!("written by {line}")))
}

/// The environment that releases come from.
fn origin(policy: &Policy) -> Result<EnvironmentName, Failure> {
    let origin = policy.document().origin.as_ref().map(|it| it.environment.clone());
    origin.ok_or_else(|| unknown("the policy has no environment that releases come from"))
}

fn unknown(what: impl Into<String>) -> Failure {
    Failure::no("authorship-unknown", what)
}

/// The commit that evidence names, if its marks make the release, and it leads to the present one.
fn known(
    head: &Head,
    origin: &EnvironmentName,
    before: &CommitId,
    (commit, release): &(String, Digest),
) -> Result<Place, Failure> {
    let repository = &head.repository;
    let id = CommitId::parse(commit)
        .ok_or_else(|| unknown("the evidence names something that is no commit"))?;
    if !repository.leads_to(&id, before) {
        let what = format!(
            "the evidence names commit {}, which does not lead to {}",
            id.short(),
            before.short()
        );
        return Err(unknown(what).help("bring your branch up to date: git pull"));
    }
    let file = marks_path(origin);
    let content = match repository.blob_at(&id, &file).map_err(|it| git(&it))? {
        Some(content) => built(repository, &id, &content, release)?,
        None => None,
    };
    content.ok_or_else(|| {
        let what = format!(
            "the evidence says that release {} was built at commit {}, whose marks make another one",
            release.short(),
            id.short()
        );
        unknown(what)
    })
}

/// The newest commit that leads to another one and whose marks make a release.
fn find(
    head: &Head,
    origin: &EnvironmentName,
    before: &CommitId,
    release: &Digest,
) -> Result<Option<Place>, Failure> {
    let repository = &head.repository;
    let versions = repository.versions_of(before, &marks_path(origin)).map_err(|it| git(&it))?;
    for version in versions.into_iter().take(MAX_BUILT) {
        // The newest sees the most. The same marks may make another release where a file was moved meanwhile.
        let oldest = Some(&version.oldest).filter(|it| **it != version.newest);
        for commit in std::iter::once(&version.newest).chain(oldest) {
            if let Some(place) = built(repository, commit, &version.content, release)? {
                return Ok(Some(place));
            }
        }
    }
    Ok(None)
}

fn marks_path(environment: &EnvironmentName) -> String {
    format!("environments/{environment}/marks.yaml")
}

/// A marks file's content at a commit, if what it marks makes a release.
fn built(
    repository: &Repository,
    commit: &CommitId,
    content: &BlobId,
    release: &Digest,
) -> Result<Option<Place>, Failure> {
    let Marks::Components(marks) = marks(repository, content) else { return Ok(None) };
    let origins = repository.paths_of_blobs_at(commit, &marks).map_err(|it| git(&it))?;
    let (mut inputs, mut paths) = (Vec::new(), BTreeMap::new());
    for (id, blob) in &marks {
        let Some(Origin::Head { path } | Origin::Past { path, .. }) = origins.get(id) else {
            return Ok(None);
        };
        let Ok(bytes) = repository.read_blob(blob, files::MAX_BYTES) else { return Ok(None) };
        inputs.push(InputFile { path: path.clone(), content: Content::Bytes(bytes) });
        paths.insert(id.clone(), path.clone());
    }
    let made = Release::seal(load(inputs).0.components);
    let same = made.is_ok_and(|it| it.digest() == *release);
    let place = Place { commit: commit.clone(), marks_file: content.clone(), marks, paths };
    Ok(same.then_some(place))
}

/// What a marks file says; one that cannot be read says nothing.
fn marks(repository: &Repository, content: &BlobId) -> Marks {
    let bytes = repository.read_blob(content, files::MAX_BYTES).unwrap_or_default();
    taiwa_config::marks::parse(&String::from_utf8_lossy(&bytes)).0
}

/// Who wrote what is different between two places.
fn between(
    head: &Head,
    asked: &Asked<'_>,
    from: Option<&Place>,
    to: &Place,
) -> Result<Wrote, Failure> {
    let touched = touched(&origin(asked.policy)?, from, to);
    let contents = markers(head, asked, to)?;
    let repository = &head.repository;
    let writings = repository.writings(&to.commit, &touched, &contents).map_err(|it| lost(&it))?;
    let authors = authors(asked.policy.document(), &contributions(&writings));
    let said = Authorship {
        policy: *asked.policy.digest(),
        from: asked
            .from
            .map(|release| Built { release, commit: from.map(|it| it.commit.to_string()) }),
        to: Built { release: asked.to, commit: Some(to.commit.to_string()) },
        commits: digest_of_commits(writings.iter().map(|it| it.commit.as_str())),
        contributors: authors.contributors(),
        unknown: authors.unknown(),
    };
    Ok(Wrote { said, authors, writings })
}

/// The paths that differ: of components, and of the file that marks them.
fn touched(origin: &EnvironmentName, from: Option<&Place>, to: &Place) -> Vec<Touched> {
    let mut all = BTreeSet::from([Touched {
        path: marks_path(origin),
        before: from.map(|it| it.marks_file.clone()),
        after: Some(to.marks_file.clone()),
    }]);
    for (id, after) in &to.marks {
        let was = from.and_then(|it| Some((it.marks.get(id)?, it.paths.get(id)?)));
        let path = &to.paths[id];
        if was == Some((after, path)) {
            continue;
        }
        let before = was.map(|it| it.0.clone());
        if let Some((_, elsewhere)) = was.filter(|it| it.1 != path) {
            let (path, before) = (elsewhere.clone(), before.clone());
            all.insert(Touched { path, before, after: None });
        }
        all.insert(Touched { path: path.clone(), before, after: Some(after.clone()) });
    }
    let gone =
        from.into_iter().flat_map(|it| it.marks.iter().map(move |(id, blob)| (it, id, blob)));
    for (place, id, before) in gone.filter(|it| !to.marks.contains_key(it.1)) {
        let path = place.paths[id].clone();
        all.insert(Touched { path, before: Some(before.clone()), after: None });
    }
    all.into_iter().collect()
}

/// Under `separation: strict`, whoever marked the whole release counts, too: the contents of the marks file that name it.
fn markers(head: &Head, asked: &Asked<'_>, to: &Place) -> Result<BTreeSet<BlobId>, Failure> {
    let document = asked.policy.document();
    if document.separation != Separation::Strict {
        return Ok(BTreeSet::new());
    }
    let (repository, name) = (&head.repository, &document.environment);
    let versions = repository.versions_of(&to.commit, &marks_path(name)).map_err(|it| git(&it))?;
    let names = |it: &BlobId| matches!(marks(repository, it), Marks::Release(of) if of == asked.to);
    let found: BTreeSet<BlobId> = versions.into_iter().map(|it| it.content).filter(names).collect();
    if found.is_empty() {
        let release = asked.to.short();
        let what = format!(
            "nobody has marked release {release} for {name} in the history of commit {}, and with `separation: strict` whoever does cannot approve it",
            to.commit.short()
        );
        return Err(unknown(what).help(format!(
            "mark it, commit, and prove it again: taiwa mark {release} --for {name}"
        )));
    }
    Ok(found)
}

fn contributions(writings: &[Writing]) -> Vec<Contribution> {
    let identity =
        |it: &taiwa_git::Author| Identity { name: it.name.clone(), email: it.email.clone() };
    let one = |it: &Writing| Contribution {
        commit: it.commit.to_string(),
        author: identity(&it.author),
        committer: identity(&it.committer),
        co_authors: it.co_authors.iter().map(identity).collect(),
        signature: it
            .signature
            .clone()
            .map(|(armour, message)| CommitSignature { armour, message }),
    };
    writings.iter().map(one).collect()
}

/// Whether the same contents came along another line of history, too, which the evidence did not look at.
fn beside(
    head: &Head,
    asked: &Asked<'_>,
    from: Option<&Place>,
    to: &Place,
    said: &Authorship,
) -> Result<(), Failure> {
    let repository = &head.repository;
    let contents = touched(&origin(asked.policy)?, from, to).into_iter().filter_map(|it| it.after);
    let contents: BTreeSet<BlobId> = contents.filter(|it| *it != to.marks_file).collect();
    let all = repository.writings(&head.commit.id, &[], &contents).map_err(|it| lost(&it))?;
    let beside = |it: &Writing| {
        !repository.leads_to(&it.commit, &to.commit) && !repository.leads_to(&to.commit, &it.commit)
    };
    let others: Vec<Writing> = all.into_iter().filter(beside).collect();
    let more = authors(asked.policy.document(), &contributions(&others));
    let people = more.people.keys().filter(|it| !said.contributors.contains(it));
    let names = more.unknown.keys().filter(|it| !said.unknown.contains(it));
    let missing: Vec<String> = people.map(ToString::to_string).chain(names.cloned()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!(
        "the same contents were brought along another line of history, too, by {}",
        safe(&missing.join(", "))
    );
    Err(unknown(what)
        .help("have it proven at a commit that holds both: merge, then taiwa test --on again"))
}

fn git(error: &impl std::fmt::Display) -> Failure {
    Failure::world("git", error.to_string())
}

fn lost(error: &AuthorshipError) -> Failure {
    let failure = unknown(format!("it cannot be said who wrote the change: {error}"));
    match error {
        AuthorshipError::Shallow => {
            failure.help("get the whole history: git fetch --unshallow (in CI: fetch-depth: 0)")
        }
        AuthorshipError::Missing { .. } => failure.help("get the whole history: git fetch"),
        AuthorshipError::Git(_) => Failure::world("git", error.to_string()),
        _ => failure,
    }
}

/// The people that evidence names, in a line.
pub(crate) fn people(said: &Authorship) -> String {
    let people = said.contributors.iter().map(ToString::to_string);
    let unknown = said.unknown.iter().map(|it| format!("{} (unknown)", safe(it)));
    people.chain(unknown).collect::<Vec<_>>().join(", ")
}

impl Wrote {
    /// A line for each person behind the change: which commits, which files, and what follows.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines_for("approve")
    }

    /// The same, where it is something else that they cannot do.
    fn lines_for(&self, what: &str) -> Vec<String> {
        let people = self
            .authors
            .people
            .iter()
            .map(|(who, commits)| format!("{who} (cannot {what}): {}", self.part(commits)));
        let unknown = self.authors.unknown.iter().map(|(who, commits)| {
            format!(
                "{} (unknown, so one person more has to approve): {}",
                safe(who),
                self.part(commits)
            )
        });
        people.chain(unknown).collect()
    }

    fn part(&self, commits: &BTreeSet<String>) -> String {
        let of: Vec<&Writing> =
            self.writings.iter().filter(|it| commits.contains(it.commit.as_str())).collect();
        let mut shown: Vec<&str> = of.iter().take(MAX_NAMED).map(|it| it.commit.short()).collect();
        if of.len() > MAX_NAMED {
            shown.push("…");
        }
        let paths: BTreeSet<&str> =
            of.iter().flat_map(|it| &it.paths).map(String::as_str).collect();
        let named: Vec<String> = paths.iter().take(MAX_NAMED).map(|it| safe(it)).collect();
        let more = paths.len().saturating_sub(MAX_NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let files = if named.is_empty() {
            String::new()
        } else {
            format!(" on {}{more}", named.join(", "))
        };
        format!("{} ({}){files}", count(of.len(), "commit"), shown.join(", "))
    }

    /// For a program: the people and unknown names, each with their commits.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "contributors": self.authors.people, "unknown": self.authors.unknown })
    }
}
