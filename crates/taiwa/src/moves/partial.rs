//! A part of an environment goes back: the release that comes of it, the marks that make it, and what keeps it back.
//!
//! **Invariants.** The release is made of marked contents only, so that anybody can build the same bytes from git. What
//! was taken back is a line of the ledger; whoever would bring the same content again is told, and has to say so.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{BlobId, ComponentId, Components, Digest, EnvironmentName};
use taiwa_plan::{
    Plan, PlanKind, Reason, Refusal, Refusals,
    ledger::{OutcomeWord, Record, RecordKind},
};
use taiwa_release::{Release, diff};
use taiwa_validator::{Forced, PartialError, Stage, build, partial_rollback};

use crate::{
    Cx, Failure,
    edge::{
        baseline,
        ledger::{Book, Entry},
        marked::{self, Head},
        servers::Group,
        signals,
        workspace::options,
    },
};

/// How the line of the ledger begins that tells of a part that was taken back.
const TEXT: &str = "partial rollback from release ";
/// Most such lines of an environment that are looked at, the newest first.
const MAX_LINES: usize = 50;

/// What an environment is to run with a part of it as it was.
pub(crate) struct Part {
    /// The release.
    pub(crate) release: Release,
    /// The marks that make it.
    pub(crate) marks: BTreeMap<ComponentId, BlobId>,
    /// What was asked for and differs.
    pub(crate) taken: BTreeSet<ComponentId>,
    /// What has to come along, and why.
    pub(crate) forced: Vec<Forced>,
}

impl Part {
    /// Every component that goes back.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ComponentId> {
        self.taken.iter().chain(self.forced.iter().map(|it| &it.id))
    }
}

/// The live release with these components as they were in another one.
pub(crate) fn part(
    cx: &mut Cx<'_>,
    head: &Head,
    (live, earlier): (&Digest, &Digest),
    wanted: &[ComponentId],
) -> Result<Part, Failure> {
    let (now, then) = (marks(head, live)?, marks(head, earlier)?);
    let (files, past) = (head.files_of(&now)?, head.files_of(&then)?);
    let options = options(cx, Stage::Mark);
    let done = partial_rollback(&files, &past, wanted, &options)
        .map_err(|error| refused(cx, wanted, &error, earlier))?;
    let release = build(&done.checked).map_err(|it| Failure::no("too-large", it.to_string()))?;
    let mut marks = now;
    for id in done.taken.iter().chain(done.forced.iter().map(|it| &it.id)) {
        match then.get(id) {
            Some(blob) => drop(marks.insert(id.clone(), blob.clone())),
            None => drop(marks.remove(id)),
        }
    }
    Ok(Part { release, marks, taken: done.taken, forced: done.forced })
}

fn marks(head: &Head, digest: &Digest) -> Result<BTreeMap<ComponentId, BlobId>, Failure> {
    let made = baseline::marks_that_make(&head.repository, head, digest)?;
    if let Some((marks, _)) = made {
        return Ok(marks);
    }
    // Marks that an earlier partial rollback wrote, and that are not committed yet.
    for name in head.project.environments.keys() {
        if let Ok((_, _, taiwa_config::marks::Marks::Components(marks))) = head.marks_file(name)
            && baseline::makes(head, &marks, digest).is_some()
        {
            return Ok(marks);
        }
    }
    let text =
        format!("no marks in the history of this branch make the release {}", digest.short());
    Err(Failure::no("unknown-release", text)
        .help("a part of a release is taken back by the marks that it was made of; check out a branch that has them")
        .help("if the clone is shallow: git fetch --unshallow")
        .help("the whole release goes back without them: leave --only out"))
}

fn refused(
    cx: &mut Cx<'_>,
    wanted: &[ComponentId],
    error: &PartialError,
    earlier: &Digest,
) -> Failure {
    let said = error.to_string();
    let with = |more: &[ComponentId]| {
        let all = wanted.iter().chain(more).map(ToString::to_string);
        format!("taken together they can go: --only {}", all.collect::<Vec<_>>().join(","))
    };
    match error {
        PartialError::Unknown { .. } => Failure::wrong("unknown-component", said)
            .help("components are named kind/name: channel/web-store, offer/espresso-starter"),
        PartialError::Same => {
            let text = format!("{said} in release {}", earlier.short());
            Failure::no("nothing-to-do", text).help("another release: --to RELEASE")
        }
        PartialError::Needed { gone: _, by } => Failure::no("still-needed", said).help(with(by)),
        PartialError::Broken { report, sources, at } => {
            marked::show(cx, sources, report);
            let failure = Failure::no("findings", format!("{said}; nothing was changed"));
            let new: Vec<ComponentId> =
                at.iter().filter(|it| !wanted.contains(it)).cloned().collect();
            let failure = if new.is_empty() { failure } else { failure.help(with(&new)) };
            failure.help("the whole release goes back, too: leave --only out")
        }
    }
}

/// Files that a part was taken back, so that it does not return by accident.
pub(crate) fn remember(
    cx: &mut Cx<'_>,
    group: &Group,
    book: &mut Book<'_>,
    (live, part): (&Digest, &Part),
) -> Result<(), Failure> {
    let names: Vec<String> = part.taken.iter().map(ToString::to_string).collect();
    let text = format!("{TEXT}{live} to release {}: {}", part.release.digest(), names.join(", "));
    let entry = Entry {
        kind: RecordKind::Statement,
        environment: &group.name,
        plan: None,
        objects: Vec::new(),
        text,
    };
    book.append(cx, &entry)
}

/// What a line of the ledger tells: which release was left, and what of it was taken back.
fn told(text: &str) -> Option<(Digest, BTreeSet<ComponentId>)> {
    let (from, rest) = text.strip_prefix(TEXT)?.split_once(" to release ")?;
    let names = rest.split_once(": ")?.1.split(", ");
    Some((Digest::parse(from).ok()?, names.filter_map(ComponentId::parse).collect()))
}

/// Whether a release is what a partial rollback of this environment made.
pub(super) fn was_taken_back(group: &Group, book: &Book<'_>, release: &Digest) -> bool {
    let to = format!(" to release {release}: ");
    let of = book.story.records.iter().rev().filter(|it| it.0.environment == group.name);
    let mut lines = of.map(|it| &it.0.text).filter(|it| it.starts_with(TEXT)).take(MAX_LINES);
    lines.any(|it| it.contains(&to))
}

/// What was taken back part by part on an environment, the newest first: the line's number, the release that was left,
/// and what of it went back.
fn lines<'a>(
    group: &'a Group,
    book: &'a Book<'_>,
) -> impl Iterator<Item = (u64, Digest, BTreeSet<ComponentId>)> + 'a {
    let of = book.story.records.iter().rev().map(|it| &it.0);
    let of = of.filter(|it| it.environment == group.name);
    of.filter_map(|it| told(&it.text).map(|(from, ids)| (it.seq, from, ids))).take(MAX_LINES)
}

/// The releases of which something was taken back on an environment, but for those that somebody brought again.
pub(crate) fn left(group: &Group, book: &Book<'_>) -> Vec<Digest> {
    let lines = lines(group, book).filter(|it| !came_again(&group.name, book, &it.1, it.0));
    lines.map(|it| it.1).collect()
}

/// Whether a release was deployed or promoted on an environment after a line of the ledger.
fn came_again(name: &EnvironmentName, book: &Book<'_>, release: &Digest, line: u64) -> bool {
    let done = |it: &Record| {
        matches!(it.outcome(), Some(OutcomeWord::Done | OutcomeWord::PartlyActivated))
    };
    let later = book.story.records.iter().rev().map(|it| &it.0).take_while(|it| it.seq > line);
    let mut plans = later
        .filter(|it| it.environment == *name && done(it))
        .filter_map(|it| book.story.plan(&it.plan?));
    plans.any(|it| it.to == *release && it.kind == PlanKind::Change)
}

/// A part of a release that was taken back.
pub(crate) struct TakenBack {
    line: u64,
    environment: EnvironmentName,
    left: Release,
    ids: BTreeSet<ComponentId>,
}

impl TakenBack {
    /// Whether what a release has of a component is what was taken back, and was not brought again with that release.
    pub(crate) fn is(
        &self,
        book: &Book<'_>,
        (digest, release): (&Digest, &Release),
        id: &ComponentId,
    ) -> bool {
        self.ids.contains(id)
            && same(&self.left, release.components(), id)
            && !came_again(&self.environment, book, digest, self.line)
    }
}

/// What was taken back part by part on an environment, as far as a server still has its bytes.
pub(crate) async fn taken_back(group: &Group, book: &Book<'_>) -> Result<Vec<TakenBack>, Failure> {
    let mut all = Vec::new();
    for (line, from, ids) in lines(group, book) {
        let Ok(bytes) = group.release(&from).await else { continue };
        let left = super::read(&bytes)?;
        all.push(TakenBack { line, environment: group.name.clone(), left, ids });
    }
    Ok(all)
}

/// Whether a component is the same in a release and in other components; also where both lack it.
fn same(left: &Release, other: &Components, id: &ComponentId) -> bool {
    diff(Some(left.components()), other).changes.iter().all(|it| it.component != *id)
}

/// Contents that were taken back one by one, and that this plan would bring again although it does not say so.
pub(crate) fn returning(
    group: &Group,
    book: &Book<'_>,
    plan: &Plan,
    release: &Release,
) -> Result<Refusals, Failure> {
    if plan.kind != PlanKind::Change || plan.choices.again {
        return Ok(Refusals::new());
    }
    let mut left: BTreeMap<Digest, BTreeSet<ComponentId>> = BTreeMap::new();
    for (_, digest, ids) in lines(group, book) {
        left.entry(digest).or_default().extend(ids);
    }
    if left.is_empty() {
        return Ok(Refusals::new());
    }
    signals::block_on(async {
        let live = match plan.from {
            Some(digest) => Some(super::read(&group.release(&digest).await?)?),
            None => None,
        };
        let mut out = Refusals::new();
        for (digest, ids) in left {
            // What no server has any more cannot come back from there either.
            let Ok(bytes) = group.release(&digest).await else { continue };
            let left = super::read(&bytes)?;
            let has = |other: &Components, id: &ComponentId| {
                same(&left, other, id) && other.ids().contains(id)
            };
            for id in ids {
                let runs = live.as_ref().is_some_and(|it| has(it.components(), &id));
                if has(release.components(), &id) && !runs {
                    out.push(again(group, &id, &digest));
                }
            }
        }
        Ok(out)
    })
}

fn again(group: &Group, id: &ComponentId, left: &Digest) -> Refusal {
    let verb = if group.environment.from.is_some() { "promote" } else { "deploy" };
    let what = format!(
        "{id} was taken back on {}, and would return as it was in release {}",
        group.name,
        left.short()
    );
    Refusal::new(Reason::RolledBack, what).with(format!("taiwa {verb} --to {} --again", group.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ledger_tells_is_read_back_and_nothing_else_is() {
        let digest = Digest::of(b"x");
        let ids = ["offer/gold", "segment/vip"].map(|it| ComponentId::parse(it).unwrap());
        let text = format!("{TEXT}{digest} to release {digest}: offer/gold, segment/vip");
        assert_eq!(told(&text), Some((digest, ids.into())));
        for text in
            ["", TEXT, "change to release 12", &format!(" {text}"), &text.replace(": ", " ")]
        {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
