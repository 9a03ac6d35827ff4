//! The other side of a comparison.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{InputFile, Project, load};
use taiwa_model::{ComponentId, Components, Kind};
use taiwa_text::{Finding, Severity};

/// What a workspace is compared with.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    name: String,
    pub(crate) project: Project,
    /// Components whose files hold an error of reading.
    pub(crate) doubtful: BTreeSet<ComponentId>,
    errors: usize,
    /// What bore a name before, was deleted, and so is not the thing that bears it now.
    pub(crate) past: BTreeMap<ComponentId, Past>,
}

/// A component that was deleted once.
#[derive(Clone, Debug)]
pub struct Past {
    /// The commit that still had it, for people: `1a2b3c4d`.
    pub commit: String,
    /// What it was, as it can be read today; none where it cannot.
    pub project: Project,
}

impl Baseline {
    /// A whole workspace, or the contents of a release. `name` says to people which: `main (1a2b3c4d)`.
    pub fn whole(name: impl Into<String>, project: Project, parsing: &[Finding]) -> Self {
        let errors: Vec<&Finding> =
            parsing.iter().filter(|it| it.severity == Severity::Error).collect();
        let of = |it: &&Finding| ComponentId::parse(it.component.as_deref()?);
        Self {
            name: name.into(),
            project,
            doubtful: errors.iter().filter_map(of).collect(),
            errors: errors.len(),
            past: BTreeMap::new(),
        }
    }

    /// What a workspace was, from what it is and the files that differ: all others are taken over as they are read, so
    /// that the cost is that of the difference. `new` are the paths that exist only now or have another content now,
    /// `old` the files as they were.
    pub fn of_difference(
        name: impl Into<String>,
        now: &Project,
        new: &BTreeSet<String>,
        old: Vec<InputFile>,
    ) -> Self {
        let (mut project, parsing) = load(old);
        let own = |it: &Finding| {
            let id = it.component.as_deref().and_then(ComponentId::parse);
            // A piece of a workspace lacks what only the whole must have.
            it.code != MISSING || id.is_some_and(|it| project.documents.contains_key(&it))
        };
        let parsing: Vec<Finding> = parsing.into_iter().filter(own).collect();
        let mut kept = now.components.clone();
        let gone = now.documents.iter().filter(|(id, document)| {
            new.contains(&now.sources.get(document.file).path) || project.documents.contains_key(id)
        });
        for (id, _) in gone {
            remove(&mut kept, id);
        }
        adopt(&mut project.components, kept);
        Self::whole(name, project, &parsing)
    }

    /// With what bore a name before.
    #[must_use]
    pub fn with_past(mut self, past: BTreeMap<ComponentId, Past>) -> Self {
        self.past = past;
        self
    }

    /// For people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many errors of reading it has.
    pub const fn errors(&self) -> usize {
        self.errors
    }

    /// What could be read of it.
    pub const fn components(&self) -> &Components {
        &self.project.components
    }

    /// Whether a component was read for the comparison, and not taken over from what is there now.
    pub fn is_read_anew(&self, id: &ComponentId) -> bool {
        self.project.documents.contains_key(id)
    }

    /// Whether the file of a component has errors of reading.
    pub(crate) fn is_unread(&self, id: &ComponentId) -> bool {
        self.doubtful.contains(id)
    }
}

/// A field or a file is missing.
const MISSING: &str = "TW0005";

fn remove(from: &mut Components, id: &ComponentId) {
    let name = id.name.as_str();
    match id.kind {
        Kind::Workspace => from.workspace = None,
        Kind::Audience => from.audience = None,
        Kind::Channel => drop(from.channels.remove(name)),
        Kind::Strategy => drop(from.strategies.remove(name)),
        Kind::Goal => drop(from.goals.remove(name)),
        Kind::Segment => drop(from.segments.remove(name)),
        Kind::Flowchart => drop(from.flowcharts.remove(name)),
        Kind::Offer => drop(from.offers.remove(name)),
        Kind::Message => drop(from.messages.remove(name)),
        Kind::Policy => drop(from.policies.remove(name)),
        Kind::Journey => {}
        Kind::Touchpoint => drop(from.touchpoints.remove(name)),
        Kind::Scenario => drop(from.scenarios.remove(name)),
    }
}

/// Adds what is not there yet.
fn adopt(to: &mut Components, other: Components) {
    fn all<K: Ord, V>(to: &mut BTreeMap<K, V>, other: BTreeMap<K, V>) {
        for (name, it) in other {
            to.entry(name).or_insert(it);
        }
    }
    to.workspace = to.workspace.take().or(other.workspace);
    to.audience = to.audience.take().or(other.audience);
    all(&mut to.channels, other.channels);
    all(&mut to.strategies, other.strategies);
    all(&mut to.goals, other.goals);
    all(&mut to.segments, other.segments);
    all(&mut to.flowcharts, other.flowcharts);
    all(&mut to.offers, other.offers);
    all(&mut to.messages, other.messages);
    all(&mut to.policies, other.policies);
    all(&mut to.touchpoints, other.touchpoints);
    all(&mut to.scenarios, other.scenarios);
}
