//! Everything a rule may look at, and how it says where something is wrong.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use jiff::tz::TimeZone;
use taiwa_config::Project;
use taiwa_meaning::Budget;
use taiwa_model::{
    ChannelName, ComponentId, Components, EnvironmentName, Kind, Locale, Offer, Scope, Segment,
    SegmentName,
};
use taiwa_syntax::{NodeId, NodeKind, Tree};
use taiwa_text::{Finding, Place, Severity, Span};

use crate::{
    Clock, Options, Reference, Rule, Sites, Target,
    analysis::Analysis,
    calendar::{Period, SOON},
    index::Index,
    references, suggest,
};

/// Everything a rule may look at. Made once a check; rules only read it, so they may run in any order.
pub struct Context<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its components.
    pub components: &'a Components,
    /// The time and the stage; rules ask `clock` for the time.
    pub options: &'a Options,
    /// What has passed.
    pub clock: Clock,
    /// Every condition, checked.
    pub sites: Sites,
    /// Every reference, also those inside conditions.
    pub references: Vec<Reference>,
    pub(crate) index: Index,
    /// Components whose files hold an error of reading: what is absent in them may have been meant.
    doubtful: BTreeSet<ComponentId>,
    /// The words of those files, each with the files that have it.
    words: BTreeMap<&'a str, BTreeSet<ComponentId>>,
    graph: Graph,
    budget: Budget,
    analysis: OnceLock<Option<Box<Analysis>>>,
    /// The zone that dates without a zone are in; UTC where none is known.
    pub zone: TimeZone,
}

impl<'a> Context<'a> {
    /// Looks at a project. `parsing` is what the reader found in its files.
    pub fn new(project: &'a Project, parsing: &[Finding], options: &'a Options) -> Self {
        let components = &project.components;
        let index = Index::new(project);
        let sites = match standing_in(components, &index) {
            Some(known) => Sites::new(&known).without(|it| index.is_broken(it.kind, &it.name)),
            None => Sites::default(),
        };
        let references = references(components, &sites);
        let zone = components.workspace.as_ref().and_then(|it| TimeZone::get(&it.time_zone).ok());
        let zone = zone.unwrap_or(TimeZone::UTC);
        let clock = Clock::of(options);
        for offer in components.offers.values() {
            let Period { from, until } = Period::of(&offer.content.valid, &zone);
            for date in [from, until] {
                clock.has_passed(date);
                clock.has_passed(date.plus_millis(-SOON));
            }
        }
        let errors = parsing.iter().filter(|it| it.severity == Severity::Error);
        let doubtful: BTreeSet<ComponentId> =
            errors.filter_map(|it| ComponentId::parse(it.component.as_deref()?)).collect();
        let words = words(project, &doubtful);
        let graph = Graph::new(&references);
        Self {
            project,
            components,
            options,
            clock,
            sites,
            references,
            index,
            doubtful,
            words,
            graph,
            budget: Budget::default(),
            analysis: OnceLock::new(),
            zone,
        }
    }

    /// The same with another budget for what conditions mean.
    #[must_use]
    pub fn within(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// What conditions mean, found out when it is first asked for; `None` where too much cannot be read.
    pub(crate) fn analysis(&self) -> Option<&Analysis> {
        let made = || Analysis::new(self, self.budget).map(Box::new);
        self.analysis.get_or_init(made).as_deref()
    }

    /// What was asked of the analysis without an answer, if it was asked at all.
    pub(crate) fn unanswered(&self) -> Vec<ComponentId> {
        let analysis = self.analysis.get().and_then(Option::as_deref);
        analysis.map(Analysis::unanswered).unwrap_or_default()
    }

    /// The component that declares a segment.
    pub(crate) fn home_of(&self, segment: &SegmentName) -> ComponentId {
        let home = self.index.segments.get(segment).and_then(|it| it.first());
        let own = || ComponentId::new(Kind::Segment, segment.as_str());
        home.map_or_else(own, |it| it.component.clone())
    }

    /// The references of a component.
    pub fn references_of(&self, id: &ComponentId) -> impl Iterator<Item = &Reference> {
        let found = self.graph.from.get(id).into_iter().flatten();
        found.filter_map(|it| self.references.get(*it))
    }

    /// The references to something.
    pub fn references_to(&self, target: &Target) -> impl Iterator<Item = &Reference> {
        let found = self.graph.to.get(target).into_iter().flatten();
        found.filter_map(|it| self.references.get(*it))
    }

    /// The channels of which a touchpoint uses something.
    pub(crate) fn has_touchpoint(&self, channel: &ChannelName) -> bool {
        self.graph.touched.contains(channel)
    }

    /// A finding at the value at `path` of a component.
    pub fn at(
        &self,
        rule: &Rule,
        id: &ComponentId,
        path: &str,
        message: impl Into<taiwa_text::Text>,
    ) -> Finding {
        self.found(rule, self.place(id, path), message).component(id)
    }

    /// A finding at the key at `path` of a component.
    pub fn at_key(
        &self,
        rule: &Rule,
        id: &ComponentId,
        path: &str,
        message: impl Into<taiwa_text::Text>,
    ) -> Finding {
        self.found(rule, self.project.key_place(id, path), message).component(id)
    }

    /// A finding at a range of bytes of the text at `path` of a component.
    pub fn inside(
        &self,
        rule: &Rule,
        (id, path): (&ComponentId, &str),
        inner: Span,
        message: impl Into<taiwa_text::Text>,
    ) -> Finding {
        self.found(rule, self.project.condition_place(id, path, inner), message).component(id)
    }

    /// A finding at the value at `path` of an environment.
    pub fn at_environment(
        &self,
        rule: &Rule,
        environment: &EnvironmentName,
        path: &str,
        message: impl Into<taiwa_text::Text>,
    ) -> Finding {
        self.found(rule, self.project.environment_place(environment, path), message)
    }

    /// A finding at a place.
    pub fn found(
        &self,
        rule: &Rule,
        place: Place,
        message: impl Into<taiwa_text::Text>,
    ) -> Finding {
        let mut finding = Finding::error(rule.code, place, message);
        finding.severity = rule.level.at(self.options.stage);
        finding
    }

    /// The place of a value; a last step `=text` is the item of a list with that text (or `…/text`).
    pub fn place(&self, id: &ComponentId, path: &str) -> Place {
        let path = self.resolved(id, path);
        self.project.place(id, &path)
    }

    /// The same finding with the nearest of `names` in the place of the name at a path: a guess.
    pub(crate) fn guessed<'n>(
        &self,
        mut finding: Finding,
        (id, path): (&ComponentId, &str),
        name: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Finding {
        if let Some(near) = suggest::nearest(name, names) {
            finding.fix = self.project.rename(id, &self.resolved(id, path), (name, near));
        }
        finding
    }

    /// Whether the author wrote something at this path.
    pub(crate) fn is_written(&self, id: &ComponentId, path: &str) -> bool {
        let Some(document) = self.project.documents.get(id) else { return false };
        follow(&document.tree, path).is_some()
    }

    /// The beginning of the file of a component.
    pub(crate) fn file_of(&self, id: &ComponentId) -> Option<&str> {
        let document = self.project.documents.get(id)?;
        Some(self.project.sources.get(document.file).path.as_str())
    }

    /// Whether the file of a component holds an error of reading.
    pub(crate) fn is_doubtful(&self, id: &ComponentId) -> bool {
        self.doubtful.contains(id)
    }

    /// Whether something is declared, or may be declared in a file that holds an error of reading.
    pub(crate) fn is_declared(&self, target: &Target) -> bool {
        if self.index.exists(self.components, target) {
            return true;
        }
        // A segment that exists has a home; of one that does not nobody knows where it would be.
        if matches!(target, Target::Segment(_)) {
            return false;
        }
        let home = target.component(self.components);
        let doubtful = home.filter(|it| self.is_doubtful(it));
        doubtful.is_some_and(|it| self.words.get(target.name()).is_some_and(|of| of.contains(&it)))
    }

    /// Whether another file that holds an error of reading, and may declare names for conditions, has this word.
    pub(crate) fn may_be_declared(&self, word: &str, but: &ComponentId) -> bool {
        let last = word.rsplit('/').next().unwrap_or(word);
        self.words.get(last).is_some_and(|it| it.iter().any(|it| it != but))
    }

    /// Whether a file that holds an error of reading has this word in it: it may refer to the thing of that name.
    pub(crate) fn may_be_meant(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// The locales that every treatment must have.
    pub(crate) fn locales(&self) -> &[Locale] {
        self.components.workspace.as_ref().map_or(&[], |it| &it.locales)
    }

    fn resolved<'p>(&self, id: &ComponentId, path: &'p str) -> Cow<'p, str> {
        let Some((list, text)) = path.rsplit_once("/=") else { return Cow::Borrowed(path) };
        let Some(document) = self.project.documents.get(id) else { return Cow::Borrowed(list) };
        let tree = &document.tree;
        let items = follow(tree, list).map(|it| &tree.node(it).kind);
        let Some(NodeKind::List { items, flow: _ }) = items else { return Cow::Borrowed(list) };
        let bare = text.rsplit_once('/').map_or(text, |it| it.1);
        let wanted = |it: &&str| **it == *text || **it == *bare;
        let index = items.iter().position(|it| tree.scalar(*it).as_ref().is_some_and(wanted));
        index.map_or(Cow::Borrowed(list), |it| Cow::Owned(format!("{list}/{it}")))
    }
}

/// The words of the files of these components.
fn words<'p>(
    project: &'p Project,
    of: &BTreeSet<ComponentId>,
) -> BTreeMap<&'p str, BTreeSet<ComponentId>> {
    let mut words: BTreeMap<&str, BTreeSet<ComponentId>> = BTreeMap::new();
    for id in of {
        let Some(document) = project.documents.get(id) else { continue };
        let text = &project.sources.get(document.file).text;
        let apart = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        for word in text.split(apart).filter(|it| !it.is_empty()) {
            words.entry(word).or_default().insert(id.clone());
        }
    }
    words
}

/// Who refers to whom, as places in the list of references.
#[derive(Default)]
struct Graph {
    from: BTreeMap<ComponentId, Vec<usize>>,
    to: BTreeMap<Target, Vec<usize>>,
    touched: BTreeSet<ChannelName>,
}

impl Graph {
    fn new(references: &[Reference]) -> Self {
        let mut graph = Self::default();
        for (index, it) in references.iter().enumerate() {
            graph.from.entry(it.from.clone()).or_default().push(index);
            graph.to.entry(it.to.clone()).or_default().push(index);
            if it.from.kind == Kind::Touchpoint {
                graph.touched.extend(it.to.channel().cloned());
            }
        }
        graph
    }
}

fn follow(tree: &Tree, path: &str) -> Option<NodeId> {
    let mut at = tree.root()?;
    for step in path.split('/').filter(|it| !it.is_empty()) {
        at = match &tree.node(at).kind {
            NodeKind::Map { .. } => tree.get(at, step)?.1,
            NodeKind::List { items, flow: _ } => *items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}

/// The components with something in the place of files that cannot be read, so that nobody is told that a name is
/// unknown whose file is there. `None` where too little is known to check any condition.
fn standing_in<'c>(components: &'c Components, index: &Index) -> Option<Cow<'c, Components>> {
    let mut known = Cow::Borrowed(components);
    for id in index.broken() {
        let scope = Scope::Shared;
        match id.kind {
            Kind::Offer => {
                let content = Offer::default();
                let stub = taiwa_model::Scoped { scope, content };
                known.to_mut().offers.insert(id.name.as_str().into(), stub);
            }
            Kind::Segment => {
                let content =
                    Segment { title: taiwa_model::Localized::default(), when: "true".into() };
                let stub = taiwa_model::Scoped { scope, content };
                known.to_mut().segments.insert(id.name.as_str().into(), stub);
            }
            Kind::Audience | Kind::Channel | Kind::Flowchart => return None,
            _ => {}
        }
    }
    Some(known)
}
