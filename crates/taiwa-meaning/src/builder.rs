//! What is to be understood: the versions of a workspace, and every condition that will be asked about.
//!
//! **Invariant.** Everything is known before values are cut into cells; nothing can be added afterwards.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use taiwa_condition::{
    Comparison, Constant, Expect, Expr, ExprKind, History, Names, SessionField, Setting, check,
};
use taiwa_model::{
    Attribute, AttributeName, ChannelName, Components, ConsentDefault, Direction, Flowchart,
    FlowchartName, LevelName, Node, NodeName, OfferName, Period, PurposeName, Scope, SegmentName,
    SpanOfTime, Timestamp,
};
use taiwa_text::Span;

use crate::{
    Budget, Meanings,
    formula::{Atoms, Formula, Question, ScoreTree, Taker},
};

/// A version of a workspace within one [`Builder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionId(pub(crate) usize);

/// A condition that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handle(pub(crate) usize);

/// A score that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScoreHandle(pub(crate) usize);

/// How membership in a segment is found.
#[derive(Clone, Debug)]
pub(crate) enum SegmentRule {
    /// Whoever fulfils it.
    When(Formula),
    /// Whoever this flowchart of the version leads there.
    Leaf(FlowchartName),
    /// Nobody can say: it hangs on itself, or cannot be read.
    Opaque,
}

/// A segment of a version.
#[derive(Clone, Debug)]
pub(crate) struct SegmentDef {
    pub(crate) version: usize,
    pub(crate) name: SegmentName,
    pub(crate) rule: SegmentRule,
}

/// A node of a flowchart.
#[derive(Clone, Debug)]
pub(crate) enum ChartNode {
    /// Cases in order; none is `otherwise`.
    Decide(Vec<(Option<Formula>, NodeName)>),
    /// It ends in this segment.
    Leaf(SegmentName),
}

/// A flowchart of a version; `None` where it has no meaning: a node or a condition is broken, or it runs in circles.
#[derive(Clone, Debug)]
pub(crate) struct ChartDef {
    pub(crate) start: NodeName,
    pub(crate) nodes: BTreeMap<NodeName, ChartNode>,
}

/// A version of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) names: Names,
    pub(crate) attributes: BTreeMap<AttributeName, Attribute>,
    pub(crate) levels: Vec<(LevelName, String)>,
    pub(crate) purposes: BTreeMap<PurposeName, bool>,
    pub(crate) zone: TimeZone,
    /// Inbound ones first: there sessions are.
    pub(crate) channels: Vec<ChannelName>,
    pub(crate) segments: BTreeMap<SegmentName, usize>,
    pub(crate) charts: BTreeMap<FlowchartName, Option<ChartDef>>,
}

/// Collects what is to be understood.
#[derive(Debug)]
pub struct Builder {
    pub(crate) budget: Budget,
    pub(crate) at: Timestamp,
    pub(crate) versions: Vec<Version>,
    pub(crate) segments: Vec<SegmentDef>,
    pub(crate) atoms: Atoms,
    pub(crate) handles: Vec<(usize, Formula)>,
    pub(crate) scores: Vec<ScoreTree>,
}

impl Builder {
    /// Nothing is known yet. Witnesses live at noon of 2026-11-23 UTC, a Monday, unless [`Builder::at`] says otherwise.
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            at: Timestamp::from_millis(1_795_435_200_000),
            versions: Vec::new(),
            segments: Vec::new(),
            atoms: Atoms::default(),
            handles: Vec::new(),
            scores: Vec::new(),
        }
    }

    /// When witnesses live, as far as conditions leave that open.
    pub const fn at(&mut self, now: Timestamp) {
        self.at = now;
    }

    /// A version of a workspace: its attributes, segments and flowcharts. The old and the new one may be in one builder;
    /// then their sets can be compared.
    pub fn version(&mut self, components: &Components) -> VersionId {
        let number = self.versions.len();
        let names = Names::new(components);
        let mut audience = components.audience.clone().unwrap_or_default();
        for it in audience.attributes.values_mut() {
            // JSON does not tell a time from a text, nor 3 from 3.0: the declared type does.
            it.default = it.default.take().and_then(|value| it.kind.read(&value.to_json()));
        }
        let zone = components.workspace.as_ref().and_then(|it| TimeZone::get(&it.time_zone).ok());
        let owners = components.segment_names();
        let segments: BTreeMap<SegmentName, usize> =
            owners.keys().cloned().zip(self.segments.len()..).collect();
        let mut channels: Vec<ChannelName> = components.channels.keys().cloned().collect();
        channels.sort_by_key(|it| components.channels[it].direction == Direction::Outbound);
        let granted = |it: &taiwa_model::ConsentRule| it.default == ConsentDefault::Granted;
        let mut version = Version {
            attributes: audience.attributes,
            levels: audience.levels.iter().map(|it| (it.name.clone(), it.key.clone())).collect(),
            purposes: audience
                .consent
                .iter()
                .map(|(name, it)| (name.clone(), granted(it)))
                .collect(),
            zone: zone.unwrap_or(TimeZone::UTC),
            charts: BTreeMap::new(),
            channels,
            segments,
            names,
        };
        for (name, chart) in &components.flowcharts {
            let chart = self.chart(number, &version, &chart.content, &chart.scope);
            version.charts.insert(name.clone(), chart);
        }
        for (name, owner) in owners {
            let rule = match (components.segments.get(&name), owner) {
                (Some(it), _) => self
                    .read(number, &version, &it.content.when, &it.scope)
                    .map_or(SegmentRule::Opaque, SegmentRule::When),
                (None, Some(chart)) if version.charts.get(&chart).is_some_and(Option::is_some) => {
                    SegmentRule::Leaf(chart)
                }
                _ => SegmentRule::Opaque,
            };
            self.segments.push(SegmentDef { version: number, name, rule });
        }
        self.versions.push(version);
        VersionId(number)
    }

    /// What is declared in a version, for [`taiwa_condition::check`].
    pub fn names(&self, version: VersionId) -> &Names {
        &self.versions[version.0].names
    }

    /// A condition as it is written; `None` where it cannot be read, which others report.
    pub fn condition(&mut self, version: VersionId, text: &str, scope: &Scope) -> Option<Handle> {
        let setting = Setting {
            names: &self.versions[version.0].names,
            scope: scope.channel(),
            session: true,
            event: None,
        };
        let expr = check(text, Expect::Condition, &setting).expr?;
        Some(self.add(version, &expr))
    }

    /// A checked condition.
    pub fn add(&mut self, version: VersionId, expr: &Expr) -> Handle {
        let segments = &self.versions[version.0].segments;
        let formula = Taker::new(&mut self.atoms, version.0, segments).condition(expr);
        self.handle(version.0, formula)
    }

    /// A checked score.
    pub fn score(&mut self, version: VersionId, expr: &Expr) -> ScoreHandle {
        let segments = &self.versions[version.0].segments;
        self.scores.push(Taker::new(&mut self.atoms, version.0, segments).score(expr));
        ScoreHandle(self.scores.len() - 1)
    }

    /// Who is in a segment; of one that does not exist, nobody.
    pub fn segment(&mut self, version: VersionId, name: &SegmentName) -> Handle {
        let formula = match self.versions[version.0].segments.get(name) {
            Some(it) => Formula::Segment(*it),
            None => Formula::Known(name.as_str() == "everyone"),
        };
        self.handle(version.0, formula)
    }

    /// Whose session is on a channel.
    pub fn on_channel(&mut self, version: VersionId, channel: &ChannelName) -> Handle {
        let left = plain(ExprKind::Session(SessionField::Channel));
        let right = plain(ExprKind::Constant(Constant::Text(channel.as_str().to_owned())));
        self.add(version, &compare(Comparison::Equal, left, right))
    }

    /// Who is on an audience level.
    pub fn on_level(&mut self, version: VersionId, level: &LevelName) -> Handle {
        let right = plain(ExprKind::Constant(Constant::Text(level.as_str().to_owned())));
        self.add(version, &compare(Comparison::Equal, plain(ExprKind::Level), right))
    }

    /// Who consents to a purpose.
    pub fn consented(&mut self, version: VersionId, purpose: &PurposeName) -> Handle {
        self.add(version, &plain(ExprKind::Consented(purpose.clone())))
    }

    /// Whose instant lies within a period, in the workspace's zone.
    pub fn within(&mut self, version: VersionId, period: &Period) -> Handle {
        let zone = &self.versions[version.0].zone;
        let edge = |op, at| {
            let right = plain(ExprKind::Constant(Constant::Time(at)));
            compare(op, plain(ExprKind::Session(SessionField::Now)), right)
        };
        let from = period.from.map(|it| edge(Comparison::AtLeast, it.begins(zone)));
        let until = period.until.map(|it| edge(Comparison::Less, it.ends(zone)));
        let both = plain(ExprKind::All(from.into_iter().chain(until).collect()));
        self.add(version, &both)
    }

    /// Who met an offer at least so often within a window; a cap is the opposite of this.
    pub fn contacted(
        &mut self,
        version: VersionId,
        (offer, history): (&OfferName, History),
        window: SpanOfTime,
        at_least: u32,
    ) -> Handle {
        let at_least = i64::from(at_least);
        let question = Question::Contacts { offer: offer.clone(), history, window, at_least };
        let atom = self.atoms.intern(version.0, question);
        self.handle(version.0, Formula::Atom(atom))
    }

    /// Values are cut into cells; questions can begin.
    pub fn finish(self) -> Meanings {
        Meanings::new(self)
    }

    fn handle(&mut self, version: usize, formula: Formula) -> Handle {
        self.handles.push((version, formula));
        Handle(self.handles.len() - 1)
    }

    fn read(
        &mut self,
        number: usize,
        version: &Version,
        text: &str,
        scope: &Scope,
    ) -> Option<Formula> {
        let setting =
            Setting { names: &version.names, scope: scope.channel(), session: true, event: None };
        let expr = check(text, Expect::Condition, &setting).expr?;
        Some(Taker::new(&mut self.atoms, number, &version.segments).condition(&expr))
    }

    fn chart(
        &mut self,
        number: usize,
        version: &Version,
        chart: &Flowchart,
        scope: &Scope,
    ) -> Option<ChartDef> {
        let mut nodes = BTreeMap::new();
        for (name, node) in &chart.nodes {
            let node = match node {
                Node::Segment { name, title: _ } => ChartNode::Leaf(name.clone()),
                Node::Decide(branches) => {
                    let mut cases = Vec::new();
                    for branch in branches {
                        let when = match &branch.when {
                            Some(text) => Some(self.read(number, version, text, scope)?),
                            None => None,
                        };
                        if !chart.nodes.contains_key(&branch.go) {
                            return None;
                        }
                        cases.push((when, branch.go.clone()));
                    }
                    ChartNode::Decide(cases)
                }
            };
            nodes.insert(name.clone(), node);
        }
        let chart = ChartDef { start: chart.start.clone(), nodes };
        (chart.nodes.contains_key(&chart.start) && chart.order().is_some()).then_some(chart)
    }
}

fn plain(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn compare(op: Comparison, left: Expr, right: Expr) -> Expr {
    plain(ExprKind::Compare { op, left: Box::new(left), right: Box::new(right) })
}

impl ChartDef {
    /// The nodes, each after all that lead to it; `None` where they run in circles.
    pub(crate) fn order(&self) -> Option<Vec<&NodeName>> {
        let to = |node: &ChartNode| match node {
            ChartNode::Decide(cases) => cases.iter().map(|it| it.1.clone()).collect(),
            ChartNode::Leaf(_) => BTreeSet::new(),
        };
        let mut incoming: BTreeMap<&NodeName, usize> =
            self.nodes.keys().map(|it| (it, 0)).collect();
        for target in self.nodes.values().flat_map(to) {
            if let Some((name, _)) = self.nodes.get_key_value(&target) {
                *incoming.entry(name).or_default() += 1;
            }
        }
        let mut ready: Vec<&NodeName> =
            incoming.iter().filter(|it| *it.1 == 0).map(|it| *it.0).collect();
        let mut order = Vec::new();
        while let Some(name) = ready.pop() {
            order.push(name);
            for target in self.nodes.get(name).map(to).unwrap_or_default() {
                let Some((name, _)) = self.nodes.get_key_value(&target) else { continue };
                let left = incoming.entry(name).or_default();
                *left -= 1;
                if *left == 0 {
                    ready.push(name);
                }
            }
        }
        (order.len() == self.nodes.len()).then_some(order)
    }
}

impl ChartDef {
    /// The conditions of its cases.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Formula> {
        let decisions = self.nodes.values().filter_map(|it| match it {
            ChartNode::Decide(cases) => Some(cases),
            ChartNode::Leaf(_) => None,
        });
        decisions.flatten().filter_map(|it| it.0.as_ref())
    }

    /// The segments that its conditions name.
    pub(crate) fn needs(&self) -> Vec<usize> {
        self.conditions().flat_map(crate::meanings::direct).collect()
    }
}
