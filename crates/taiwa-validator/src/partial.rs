//! Taking a part of a workspace back to what it was: what was asked for, what has to come along, and why.
//!
//! **Invariants.** What comes out is checked. What was asked for is exactly as it was, everything else as it is, but for
//! what is named with its reason; without any one of those the whole would not be in order. Nothing that did not exist
//! then is taken out unless it was asked for by name.
//! Deliberately absent: where the files come from, what runs where, and who may do this.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{InputFile, Project, load};
use taiwa_model::{ComponentId, Components};
use taiwa_release::diff;
use taiwa_text::{Finding, Severity, Sources};

use crate::{Checked, Options, Report, closure::Graph, validate};

/// The file of each component.
pub type Files = BTreeMap<ComponentId, InputFile>;

/// A component that has to go back, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Forced {
    /// The component.
    pub id: ComponentId,
    /// Why, in words: `offer/kit needs segment/vip as it was, because …`.
    pub why: String,
}

/// What is now, with a part of it as it was.
#[derive(Clone, Debug)]
pub struct PartialRollback {
    /// The whole, checked.
    pub checked: Checked,
    /// What was asked for and differs; all of it is as it was, what did not exist then is gone.
    pub taken: BTreeSet<ComponentId>,
    /// What had to come along, sorted by name.
    pub forced: Vec<Forced>,
}

/// Why there is no such whole.
#[derive(Debug, thiserror::Error)]
pub enum PartialError {
    /// Neither now nor then there was such a component.
    #[error("{} was there neither then nor now", names(.ids))]
    Unknown {
        /// Which.
        ids: Vec<ComponentId>,
    },
    /// All that was asked for is as it was.
    #[error("nothing of it differs: it is as it was")]
    Same,
    /// It did not exist then, and something that was not asked for needs it now.
    #[error("{} did not exist then, and is needed by {}", names(.gone), names(.by))]
    Needed {
        /// What would be taken out.
        gone: Vec<ComponentId>,
        /// What needs it.
        by: Vec<ComponentId>,
    },
    /// With everything that existed then taken along it is not in order.
    #[error("with it as it was, the whole is not in order")]
    Broken {
        /// What stands against it.
        report: Box<Report>,
        /// The texts that the report speaks of.
        sources: Box<Sources>,
        /// The components that it speaks of.
        at: Vec<ComponentId>,
    },
}

fn names(ids: &[ComponentId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What is now, with these components as they were then, and with as little else of then as makes it whole.
///
/// # Errors
/// [`PartialError`], with the names.
pub fn partial_rollback(
    now: &Files,
    then: &Files,
    wanted: &[ComponentId],
    options: &Options,
) -> Result<PartialRollback, PartialError> {
    let unknown =
        wanted.iter().filter(|it| !now.contains_key(it) && !then.contains_key(it)).cloned();
    let unknown: Vec<ComponentId> = unknown.collect();
    if !unknown.is_empty() {
        return Err(PartialError::Unknown { ids: unknown });
    }
    let world = World::new(now, then, options);
    let taken: BTreeSet<ComponentId> =
        wanted.iter().filter(|it| world.differing.contains(it)).cloned().collect();
    if taken.is_empty() {
        return Err(PartialError::Same);
    }
    world.nothing_needs_what_goes(&taken)?;
    let forced = world.shrunk(&taken, world.grown(&taken)?);
    let back: BTreeSet<ComponentId> = taken.iter().chain(&forced).cloned().collect();
    let checked = match world.check(&back) {
        Ok(checked) => checked,
        Err((report, sources)) => return Err(broken(report, sources)),
    };
    let forced = forced.into_iter().map(|id| {
        let why = world.why(&back, &id);
        Forced { id, why }
    });
    Ok(PartialRollback { forced: forced.collect(), checked, taken })
}

struct World<'a> {
    now: &'a Files,
    then: &'a Files,
    options: &'a Options,
    present: Components,
    /// What is not as it was, was not there, or is not there any more.
    differing: BTreeSet<ComponentId>,
    /// Who has to do with whom, then or now.
    near: BTreeMap<ComponentId, BTreeSet<ComponentId>>,
}

impl<'a> World<'a> {
    fn new(now: &'a Files, then: &'a Files, options: &'a Options) -> Self {
        let read = |files: &Files| load(files.values().cloned().collect()).0.components;
        let (present, past) = (read(now), read(then));
        let differing =
            diff(Some(&past), &present).changes.into_iter().map(|it| it.component).collect();
        let mut near: BTreeMap<ComponentId, BTreeSet<ComponentId>> = BTreeMap::new();
        for side in [&present, &past] {
            let graph = Graph::new(side);
            for id in side.ids() {
                for (other, _) in graph.needs(&id) {
                    near.entry(other.clone()).or_default().insert(id.clone());
                    near.entry(id.clone()).or_default().insert(other);
                }
            }
        }
        Self { now, then, options, present, differing, near }
    }

    /// What is now, with these as they were.
    fn mix(&self, back: &BTreeSet<ComponentId>) -> (Project, Vec<Finding>) {
        let stays = self.now.iter().filter(|it| !back.contains(it.0)).map(|it| it.1);
        let returns = back.iter().filter_map(|it| self.then.get(it));
        load(stays.chain(returns).cloned().collect())
    }

    #[expect(
        clippy::result_large_err,
        reason = "as large as what `validate` gives, and never in a hot loop"
    )]
    fn check(&self, back: &BTreeSet<ComponentId>) -> Result<Checked, (Report, Sources)> {
        let (project, parsing) = self.mix(back);
        let sources = project.sources.clone();
        validate(project, parsing, self.options).map_err(|report| (report, sources))
    }

    fn is_whole(&self, back: &BTreeSet<ComponentId>) -> bool {
        self.check(back).is_ok()
    }

    /// What did not exist then goes only if nothing that stays as it is needs it.
    fn nothing_needs_what_goes(&self, taken: &BTreeSet<ComponentId>) -> Result<(), PartialError> {
        let gone: BTreeSet<&ComponentId> =
            taken.iter().filter(|it| !self.then.contains_key(it)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let graph = Graph::new(&self.present);
        let stays = self.now.keys().filter(|it| !taken.contains(it));
        let (mut by, mut lost) = (Vec::new(), BTreeSet::new());
        for id in stays {
            let needs = graph.needs(id).into_iter().filter(|it| gone.contains(&it.0));
            // A channel holds its touchpoints and policies; it does not break without them.
            let needs: Vec<ComponentId> =
                needs.filter(|it| it.1.contains(" refers to ")).map(|it| it.0).collect();
            if !needs.is_empty() {
                by.push(id.clone());
                lost.extend(needs);
            }
        }
        if by.is_empty() {
            return Ok(());
        }
        Err(PartialError::Needed { gone: lost.into_iter().collect(), by })
    }

    /// A set that makes it whole, perhaps with more than it takes.
    fn grown(&self, taken: &BTreeSet<ComponentId>) -> Result<Vec<ComponentId>, PartialError> {
        let may = |id: &&ComponentId| self.differing.contains(id) && self.then.contains_key(id);
        let (mut back, mut forced) = (taken.clone(), Vec::new());
        loop {
            let Err((report, sources)) = self.check(&back) else { return Ok(forced) };
            let mut more = BTreeSet::new();
            for id in about(&report) {
                let around = self.near.get(&id).into_iter().flatten().chain([&id]);
                more.extend(around.filter(may).filter(|it| !back.contains(it)).cloned());
            }
            if more.is_empty() {
                let rest = self.differing.iter().filter(may).filter(|it| !back.contains(it));
                more.extend(rest.cloned());
            }
            if more.is_empty() {
                return Err(broken(report, sources));
            }
            back.extend(more.iter().cloned());
            forced.extend(more);
        }
    }

    /// Of what was taken along only what it takes: without any one of the rest it is not whole.
    fn shrunk(
        &self,
        taken: &BTreeSet<ComponentId>,
        mut forced: Vec<ComponentId>,
    ) -> Vec<ComponentId> {
        let whole =
            |forced: &[ComponentId]| self.is_whole(&taken.iter().chain(forced).cloned().collect());
        // Large pieces first: most of what was taken along in haste goes at once.
        let mut piece = forced.len().div_ceil(2).max(1);
        loop {
            let (mut at, before) = (0, forced.len());
            while at < forced.len() {
                let end = (at + piece).min(forced.len());
                let mut fewer = forced.clone();
                fewer.drain(at..end);
                if whole(&fewer) {
                    forced = fewer;
                } else {
                    at = end;
                }
            }
            if piece > 1 {
                piece = piece.div_ceil(2).min(piece - 1);
            } else if forced.len() == before {
                forced.sort();
                return forced;
            }
        }
    }

    /// What would be wrong without it.
    fn why(&self, back: &BTreeSet<ComponentId>, id: &ComponentId) -> String {
        let mut without = back.clone();
        without.remove(id);
        let Err((report, _)) = self.check(&without) else { return String::new() };
        let first = report.findings.iter().find(|it| it.severity == Severity::Error);
        let Some(first) = first else { return String::new() };
        let said = &*first.message;
        let at = first.component.as_deref().and_then(ComponentId::parse);
        match at {
            Some(at) if at == *id => {
                format!("{id} goes back, too, because as it is now it does not fit: {said}")
            }
            Some(at) if back.contains(&at) => {
                format!("{at} needs {id} as it was, because with {id} as it is now {said}")
            }
            Some(at) => format!("{id} goes back, too, because otherwise in {at} {said}"),
            None => format!("{id} goes back, too, because otherwise {said}"),
        }
    }
}

/// The components that errors are found in.
fn about(report: &Report) -> BTreeSet<ComponentId> {
    let errors = report.findings.iter().filter(|it| it.severity == Severity::Error);
    errors.filter_map(|it| ComponentId::parse(it.component.as_deref()?)).collect()
}

fn broken(report: Report, sources: Sources) -> PartialError {
    let at = about(&report).into_iter().collect();
    PartialError::Broken { report: Box::new(report), sources: Box::new(sources), at }
}
