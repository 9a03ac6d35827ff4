//! Every condition of a project, checked once, for all rules that look into conditions.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use taiwa_condition::{Checked, Expect, Names, Setting};
use taiwa_model::{ChannelName, ComponentId, Components, Kind, Node, Scope, Score};

/// What a condition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    /// Who is in a segment.
    Segment,
    /// Which way a flowchart takes.
    Branch,
    /// Who may get an offer.
    Eligibility,
    /// How strongly an offer is proposed.
    Score,
    /// When nothing is sent.
    Policy,
}

/// One condition: where it stands, and what was found out about it.
pub struct Site {
    /// What it decides.
    pub kind: SiteKind,
    /// The component it stands in.
    pub component: ComponentId,
    /// Where in the component: `rules/3/score`.
    pub path: String,
    /// The folder of the component.
    pub scope: Scope,
    /// The condition as written.
    pub text: String,
    /// What was found out.
    pub checked: Checked,
}

/// All conditions, in the order of their components.
#[derive(Default)]
pub struct Sites {
    all: Vec<Site>,
    by_place: BTreeMap<ComponentId, BTreeMap<String, usize>>,
}

impl Sites {
    /// Finds and checks every condition.
    pub fn new(components: &Components) -> Self {
        let names = Names::new(components);
        let mut sites = Collector { all: Vec::new() };
        for (name, it) in &components.segments {
            let id = ComponentId::new(Kind::Segment, name.as_str());
            sites.add(SiteKind::Segment, (&id, "when"), &it.scope, &it.content.when);
        }
        for (name, it) in &components.flowcharts {
            let id = ComponentId::new(Kind::Flowchart, name.as_str());
            for (node, content) in &it.content.nodes {
                let Node::Decide(branches) = content else { continue };
                for (index, branch) in branches.iter().enumerate() {
                    let path = format!("nodes/{node}/decide/{index}/when");
                    if let Some(when) = &branch.when {
                        sites.add(SiteKind::Branch, (&id, &path), &it.scope, when);
                    }
                }
            }
        }
        for (name, it) in &components.offers {
            let id = ComponentId::new(Kind::Offer, name.as_str());
            if let Some(eligible) = &it.content.eligible {
                sites.add(SiteKind::Eligibility, (&id, "eligible"), &it.scope, eligible);
            }
        }
        for (name, it) in &components.policies {
            let id = ComponentId::new(Kind::Policy, name.as_str());
            if let Some(never) = &it.content.never {
                sites.add(SiteKind::Policy, (&id, "never"), &it.scope, never);
            }
        }
        for (channel, it) in &components.strategies {
            let id = ComponentId::new(Kind::Strategy, channel.as_str());
            let scope = Scope::Channel(channel.clone());
            for (index, rule) in it.rules.iter().enumerate() {
                if let Score::Cel(text) = &rule.score {
                    let path = format!("rules/{index}/score");
                    sites.add(SiteKind::Score, (&id, &path), &scope, text);
                }
            }
        }
        Self::of(sites.all.into_par_iter().map(|it| it.checked(&names)).collect())
    }

    fn of(all: Vec<Site>) -> Self {
        let mut by_place: BTreeMap<ComponentId, BTreeMap<String, usize>> = BTreeMap::new();
        for (index, it) in all.iter().enumerate() {
            by_place.entry(it.component.clone()).or_default().insert(it.path.clone(), index);
        }
        Self { all, by_place }
    }

    /// The condition at a place.
    pub fn get(&self, component: &ComponentId, path: &str) -> Option<&Site> {
        self.all.get(*self.by_place.get(component)?.get(path)?)
    }

    /// Those of other components.
    #[must_use]
    pub fn without(mut self, of: impl Fn(&ComponentId) -> bool) -> Self {
        self.all.retain(|it| !of(&it.component));
        Self::of(self.all)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Site> {
        self.all.iter()
    }
}

/// A condition that nobody has looked at.
struct Written {
    kind: SiteKind,
    component: ComponentId,
    path: String,
    scope: Scope,
    text: String,
}

impl Written {
    /// Conditions know nothing of each other: they are checked at the same time.
    fn checked(self, names: &Names) -> Site {
        let channel: Option<&ChannelName> = self.scope.channel();
        let expect = if self.kind == SiteKind::Score { Expect::Score } else { Expect::Condition };
        // A policy is asked when something is sent: nobody is in a session then.
        let session = self.kind != SiteKind::Policy;
        let setting = Setting { names, scope: channel, session, event: None };
        let checked = taiwa_condition::check(&self.text, expect, &setting);
        let Self { kind, component, path, scope, text } = self;
        Site { kind, component, path, scope, text, checked }
    }
}

struct Collector {
    all: Vec<Written>,
}

impl Collector {
    fn add(&mut self, kind: SiteKind, (id, path): (&ComponentId, &str), scope: &Scope, text: &str) {
        self.all.push(Written {
            kind,
            component: id.clone(),
            path: path.to_owned(),
            scope: scope.clone(),
            text: text.to_owned(),
        });
    }
}
