//! The set of components: by kind and name, each with the folder that owns it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    Audience, Channel, Flowchart, Goal, Message, Offer, Policy, Scenario, Segment, Strategy,
    Touchpoint, Workspace,
};
use crate::{
    ChannelName, FlowchartName, GoalName, MessageName, OfferName, PolicyName, ScenarioName,
    SegmentName, TouchpointName,
};

/// The kinds of components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `taiwa.yaml`, named `workspace/taiwa`.
    Workspace,
    /// `channels/shared/audience.yaml`, named `audience/shared`.
    Audience,
    /// `channels/NAME/channel.yaml`.
    Channel,
    /// `channels/NAME/strategy.yaml`.
    Strategy,
    /// `goals/NAME.yaml`.
    Goal,
    /// `segments/NAME.yaml`.
    Segment,
    /// `flowcharts/NAME.yaml`.
    Flowchart,
    /// `offers/NAME.yaml`.
    Offer,
    /// `messages/NAME.yaml`.
    Message,
    /// `policies/NAME.yaml`.
    Policy,
    /// `journeys/NAME.yaml`; refused by this version.
    Journey,
    /// `touchpoints/NAME.yaml`.
    Touchpoint,
    /// `scenarios/NAME.yaml`.
    Scenario,
}

impl Kind {
    /// Every kind, in the order in which reports list them.
    pub const ALL: [Self; 13] = [
        Self::Workspace,
        Self::Audience,
        Self::Channel,
        Self::Strategy,
        Self::Goal,
        Self::Segment,
        Self::Flowchart,
        Self::Offer,
        Self::Message,
        Self::Policy,
        Self::Journey,
        Self::Touchpoint,
        Self::Scenario,
    ];

    /// The word in `kind/name`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Audience => "audience",
            Self::Channel => "channel",
            Self::Strategy => "strategy",
            Self::Goal => "goal",
            Self::Segment => "segment",
            Self::Flowchart => "flowchart",
            Self::Offer => "offer",
            Self::Message => "message",
            Self::Policy => "policy",
            Self::Journey => "journey",
            Self::Touchpoint => "touchpoint",
            Self::Scenario => "scenario",
        }
    }

    /// The folder whose files are of this kind: `offers`; none for the fixed files.
    pub const fn folder(self) -> Option<&'static str> {
        match self {
            Self::Goal => Some("goals"),
            Self::Segment => Some("segments"),
            Self::Flowchart => Some("flowcharts"),
            Self::Offer => Some("offers"),
            Self::Message => Some("messages"),
            Self::Policy => Some("policies"),
            Self::Journey => Some("journeys"),
            Self::Touchpoint => Some("touchpoints"),
            Self::Scenario => Some("scenarios"),
            Self::Workspace | Self::Audience | Self::Channel | Self::Strategy => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a component: `offer/espresso-starter`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId {
    /// Its kind.
    pub kind: Kind,
    /// Its name within the kind.
    pub name: String,
}

impl ComponentId {
    /// From its two parts.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// Reads `kind/name`; `None` where the kind is unknown or the name is empty or holds a slash.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let kind = *Kind::ALL.iter().find(|it| it.as_str() == kind)?;
        (!name.is_empty() && !name.contains('/')).then(|| Self::new(kind, name))
    }

    /// The component that a file of a workspace is, by its path with `/`, and the folder that owns it.
    /// `None` for files that are no components (environments, files at unknown places, files that are not `.yaml`).
    pub fn of_path(path: &str) -> Option<(Self, Scope)> {
        if path == "taiwa.yaml" {
            return Some((Self::new(Kind::Workspace, "taiwa"), Scope::Shared));
        }
        let rest = path.strip_prefix("channels/")?.strip_suffix(".yaml")?;
        let mut parts = rest.split('/');
        let (folder, second, third) = (parts.next()?, parts.next()?, parts.next());
        if parts.next().is_some() || folder.is_empty() {
            return None;
        }
        let scope = if folder == "shared" { Scope::Shared } else { Scope::Channel(folder.into()) };
        let id = match (third, second, &scope) {
            (None, "audience", Scope::Shared) => Self::new(Kind::Audience, "shared"),
            (None, "channel", Scope::Channel(_)) => Self::new(Kind::Channel, folder),
            (None, "strategy", Scope::Channel(_)) => Self::new(Kind::Strategy, folder),
            (Some(stem), kind, _) => {
                let kind = *Kind::ALL.iter().find(|it| it.folder() == Some(kind))?;
                Self::new(kind, stem)
            }
            _ => return None,
        };
        Some((id, scope))
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl Serialize for ComponentId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ComponentId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a component is written kind/name"))
    }
}

/// The folder that owns a component: what may use it, and which channel its bare names mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scope {
    /// `channels/shared/`: for every channel; events are named with their channel.
    #[default]
    Shared,
    /// `channels/NAME/`: for this channel, and for journeys.
    Channel(ChannelName),
}

impl Scope {
    /// The channel that bare names mean, if any.
    pub const fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Shared => None,
            Self::Channel(it) => Some(it),
        }
    }
}

/// A component with the folder that owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoped<T> {
    /// The folder.
    pub scope: Scope,
    /// The component.
    pub content: T,
}

/// Every component of a project or of a release, lowered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Components {
    /// `taiwa.yaml`.
    pub workspace: Option<Workspace>,
    /// `audience.yaml`.
    pub audience: Option<Audience>,
    /// Channels.
    pub channels: BTreeMap<ChannelName, Channel>,
    /// Strategies, by channel.
    pub strategies: BTreeMap<ChannelName, Strategy>,
    /// Goals.
    pub goals: BTreeMap<GoalName, Scoped<Goal>>,
    /// Segments that have a file; those of flowcharts are in their leaves.
    pub segments: BTreeMap<SegmentName, Scoped<Segment>>,
    /// Flowcharts.
    pub flowcharts: BTreeMap<FlowchartName, Scoped<Flowchart>>,
    /// Offers.
    pub offers: BTreeMap<OfferName, Scoped<Offer>>,
    /// Messages.
    pub messages: BTreeMap<MessageName, Scoped<Message>>,
    /// Contact policies.
    pub policies: BTreeMap<PolicyName, Scoped<Policy>>,
    /// Touchpoints.
    pub touchpoints: BTreeMap<TouchpointName, Scoped<Touchpoint>>,
    /// Scenarios.
    pub scenarios: BTreeMap<ScenarioName, Scoped<Scenario>>,
}

impl Components {
    /// The names of all components, sorted by kind and name.
    pub fn ids(&self) -> Vec<ComponentId> {
        let mut ids = Vec::new();
        ids.extend(self.workspace.iter().map(|_| ComponentId::new(Kind::Workspace, "taiwa")));
        ids.extend(self.audience.iter().map(|_| ComponentId::new(Kind::Audience, "shared")));
        ids.extend(self.channels.keys().map(|it| ComponentId::new(Kind::Channel, it.as_str())));
        ids.extend(self.strategies.keys().map(|it| ComponentId::new(Kind::Strategy, it.as_str())));
        ids.extend(self.goals.keys().map(|it| ComponentId::new(Kind::Goal, it.as_str())));
        ids.extend(self.segments.keys().map(|it| ComponentId::new(Kind::Segment, it.as_str())));
        ids.extend(self.flowcharts.keys().map(|it| ComponentId::new(Kind::Flowchart, it.as_str())));
        ids.extend(self.offers.keys().map(|it| ComponentId::new(Kind::Offer, it.as_str())));
        ids.extend(self.messages.keys().map(|it| ComponentId::new(Kind::Message, it.as_str())));
        ids.extend(self.policies.keys().map(|it| ComponentId::new(Kind::Policy, it.as_str())));
        ids.extend(
            self.touchpoints.keys().map(|it| ComponentId::new(Kind::Touchpoint, it.as_str())),
        );
        ids.extend(self.scenarios.keys().map(|it| ComponentId::new(Kind::Scenario, it.as_str())));
        ids
    }

    /// Every segment: those with a file, the leaves of flowcharts (with their flowchart), and not `everyone`.
    pub fn segment_names(&self) -> BTreeMap<SegmentName, Option<FlowchartName>> {
        let leaves = self.flowcharts.iter().flat_map(|(chart, it)| {
            it.content.nodes.values().filter_map(move |node| match node {
                super::Node::Segment { name, title: _ } => {
                    Some((name.clone(), Some(chart.clone())))
                }
                super::Node::Decide(_) => None,
            })
        });
        leaves.chain(self.segments.keys().map(|it| (it.clone(), None))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expect: Option<&str>) {
        assert_eq!(
            ComponentId::of_path(path).map(|it| it.0.to_string()).as_deref(),
            expect,
            "{path}"
        );
    }

    #[test]
    fn a_path_says_which_component_a_file_is() {
        check("taiwa.yaml", Some("workspace/taiwa"));
        check("channels/shared/audience.yaml", Some("audience/shared"));
        check("channels/web-store/channel.yaml", Some("channel/web-store"));
        check("channels/web-store/strategy.yaml", Some("strategy/web-store"));
        check("channels/web-store/offers/a.yaml", Some("offer/a"));
        check("channels/shared/policies/p.yaml", Some("policy/p"));
        check("channels/shared/channel.yaml", None);
        check("channels/web-store/segment/a.yaml", None);
        check("channels/web-store/offers/a/b.yaml", None);
        check("environments/staging/marks.yaml", None);
        check("channels/web-store/offers/a.yml", None);
    }
}
