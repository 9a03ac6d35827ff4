//! Who refers to whom: every reference of every component, also those inside conditions.
//!
//! One walk serves the rules about names, the search for what nobody uses, and the closure of a mark.

mod conditions;
mod fixed;
mod scenario;

use std::fmt;

use taiwa_config::noun;
use taiwa_model::{
    AttributeName, CategoryName, ChannelName, ComponentId, Components, EventRef, GoalName, Kind,
    LevelName, OfferName, PointName, PurposeName, Scope, SegmentName, ZoneName,
};
use taiwa_text::{Language, Span, Text};

use crate::Sites;

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An offer.
    Offer(OfferName),
    /// A segment; never `everyone`.
    Segment(SegmentName),
    /// A goal.
    Goal(GoalName),
    /// A channel.
    Channel(ChannelName),
    /// A zone of a channel.
    Zone(ChannelName, ZoneName),
    /// An interaction point of a channel.
    Point(ChannelName, PointName),
    /// An event category of a channel.
    Category(ChannelName, CategoryName),
    /// An event.
    Event(EventRef),
    /// A consent purpose.
    Purpose(PurposeName),
    /// A profile attribute.
    Attribute(AttributeName),
    /// An audience level.
    Level(LevelName),
}

impl Target {
    /// The word for it.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Offer(_) => "offer",
            Self::Segment(_) => "segment",
            Self::Goal(_) => "goal",
            Self::Channel(_) => "channel",
            Self::Zone(..) => "zone",
            Self::Point(..) => "interaction point",
            Self::Category(..) => "category",
            Self::Event(_) => "event",
            Self::Purpose(_) => "consent purpose",
            Self::Attribute(_) => "attribute",
            Self::Level(_) => "audience level",
        }
    }

    /// It with its word, for sentences: "segment `gold`".
    pub fn words(&self) -> Text {
        let noun = noun(match self {
            Self::Purpose(_) => "purpose",
            Self::Level(_) => "level",
            other => other.noun(),
        });
        Text::new(self.to_string(), format!("{} `{}`", noun.to(Language::Ja), self.name()))
    }

    /// Its name as people write it.
    pub fn name(&self) -> &str {
        match self {
            Self::Offer(it) => it.as_str(),
            Self::Segment(it) => it.as_str(),
            Self::Goal(it) => it.as_str(),
            Self::Channel(it) => it.as_str(),
            Self::Zone(_, it) => it.as_str(),
            Self::Point(_, it) => it.as_str(),
            Self::Category(_, it) => it.as_str(),
            Self::Event(it) => it.event.as_str(),
            Self::Purpose(it) => it.as_str(),
            Self::Attribute(it) => it.as_str(),
            Self::Level(it) => it.as_str(),
        }
    }

    /// The channel that declares it, for what only a channel declares.
    pub const fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Channel(it)
            | Self::Zone(it, _)
            | Self::Point(it, _)
            | Self::Category(it, _)
            | Self::Event(EventRef { channel: it, .. }) => Some(it),
            _ => None,
        }
    }

    /// The component that holds it; `None` where nothing declares it.
    pub fn component(&self, components: &Components) -> Option<ComponentId> {
        let id = match self {
            Self::Offer(it) => ComponentId::new(Kind::Offer, it.as_str()),
            Self::Goal(it) => ComponentId::new(Kind::Goal, it.as_str()),
            Self::Segment(it) => return segment_home(components, it),
            Self::Purpose(_) | Self::Attribute(_) | Self::Level(_) => {
                ComponentId::new(Kind::Audience, "shared")
            }
            Self::Channel(it)
            | Self::Zone(it, _)
            | Self::Point(it, _)
            | Self::Category(it, _)
            | Self::Event(EventRef { channel: it, .. }) => {
                ComponentId::new(Kind::Channel, it.as_str())
            }
        };
        Some(id)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.noun(), self.name())
    }
}

fn segment_home(components: &Components, name: &SegmentName) -> Option<ComponentId> {
    if components.segments.contains_key(name) {
        return Some(ComponentId::new(Kind::Segment, name.as_str()));
    }
    let leaf = |node: &taiwa_model::Node| matches!(node, taiwa_model::Node::Segment { name: it, .. } if it == name);
    let chart = components.flowcharts.iter().find(|(_, it)| it.content.nodes.values().any(leaf));
    chart.map(|(it, _)| ComponentId::new(Kind::Flowchart, it.as_str()))
}

/// How much a component depends on what it refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// It cannot be served without it: a mark takes it along.
    Needs,
    /// It only says something about it: the treatment for a channel that may not be in the release.
    Mentions,
}

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The component that refers.
    pub from: ComponentId,
    /// The folder of that component.
    pub scope: Scope,
    /// Where in that component: `rules/3/offer`. A last step `=name` is the item of a list with that text.
    pub path: String,
    /// To what.
    pub to: Target,
    /// Whether it can do without.
    pub strength: Strength,
    /// Where in the condition at `path`, for references inside conditions.
    pub span: Option<Span>,
}

/// Every reference of every component, in the order of the components.
pub fn references(components: &Components, sites: &Sites) -> Vec<Reference> {
    let mut all = Vec::new();
    fixed::channels(components, &mut all);
    fixed::strategies(components, &mut all);
    fixed::content(components, &mut all);
    fixed::touchpoints(components, &mut all);
    scenario::scenarios(components, &mut all);
    conditions::conditions(sites, &mut all);
    all
}

/// What touchpoints refer to.
pub(crate) fn touchpoints(components: &Components) -> Vec<Reference> {
    let mut all = Vec::new();
    fixed::touchpoints(components, &mut all);
    all
}

/// Collects the references of one component.
struct From<'a> {
    id: ComponentId,
    scope: Scope,
    all: &'a mut Vec<Reference>,
}

impl From<'_> {
    fn needs(&mut self, path: impl Into<String>, to: Target) {
        self.add(path.into(), to, Strength::Needs, None);
    }

    fn mentions(&mut self, path: impl Into<String>, to: Target) {
        self.add(path.into(), to, Strength::Mentions, None);
    }

    fn add(&mut self, path: String, to: Target, strength: Strength, span: Option<Span>) {
        if matches!(&to, Target::Segment(it) if it.as_str() == EVERYONE) {
            return;
        }
        let (from, scope) = (self.id.clone(), self.scope.clone());
        self.all.push(Reference { from, scope, path, to, strength, span });
    }
}

/// The segment that everybody is in, without a file.
pub(crate) const EVERYONE: &str = "everyone";
