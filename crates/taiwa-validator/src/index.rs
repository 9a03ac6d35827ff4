//! What exists: look-ups that several rules share, made once.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_config::{FilePlace, Project, place_of};
use taiwa_model::{
    ChannelName, ComponentId, Components, EventRef, Kind, Node, OfferName, Scope, SegmentName,
    ZoneName,
};

use crate::{Target, suggest};

/// Where a segment is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The file: of a segment, or of a flowchart.
    pub component: ComponentId,
    /// The folder of that file.
    pub scope: Scope,
    /// Where in it; empty for the whole file.
    pub path: String,
}

/// What exists.
#[derive(Default)]
pub(crate) struct Index {
    /// Every declaration of every segment; more than one is a clash.
    pub segments: BTreeMap<SegmentName, Vec<Declared>>,
    /// Files that exist but could not be read as what they are; those that lie where they mean nothing, and the ones
    /// that every workspace and every channel has, included. That is said once, where it is so.
    broken: BTreeSet<ComponentId>,
    /// The channels and zones in which a strategy proposes an offer.
    pub zones_of_offer: BTreeMap<OfferName, BTreeSet<(ChannelName, ZoneName)>>,
    /// The channels in which an offer is proposed or stands in.
    pub channels_of_offer: BTreeMap<OfferName, BTreeSet<ChannelName>>,
}

impl Index {
    pub(crate) fn new(project: &Project) -> Self {
        let components = &project.components;
        let lowered: BTreeSet<ComponentId> = components.ids().into_iter().collect();
        let known =
            project.documents.keys().cloned().chain(needed(project)).chain(misplaced(project));
        let broken = known.filter(|it| !lowered.contains(it)).collect();
        let mut index = Self { broken, segments: segments(components), ..Self::default() };
        for (channel, strategy) in &components.strategies {
            for rule in &strategy.rules {
                let zones = index.zones_of_offer.entry(rule.offer.clone()).or_default();
                zones.insert((channel.clone(), rule.zone.clone()));
                let channels = index.channels_of_offer.entry(rule.offer.clone()).or_default();
                channels.insert(channel.clone());
            }
        }
        for (name, channel) in &components.channels {
            for offer in channel.interaction_points.values().filter_map(|it| it.fallback.as_ref()) {
                index.channels_of_offer.entry(offer.clone()).or_default().insert(name.clone());
            }
        }
        index
    }

    /// Whether a file of this name exists that could not be read: nothing can be said about what it declares.
    pub(crate) fn is_broken(&self, kind: Kind, name: &str) -> bool {
        self.broken.contains(&ComponentId::new(kind, name))
    }

    /// Whether any file of this kind could not be read.
    pub(crate) fn any_broken(&self, kind: Kind) -> bool {
        self.broken.iter().any(|it| it.kind == kind)
    }

    /// The files that could not be read.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &ComponentId> {
        self.broken.iter()
    }

    /// Whether the thing is declared, or could be declared in a file that cannot be read.
    pub(crate) fn exists(&self, components: &Components, target: &Target) -> bool {
        let in_channel = |name: &ChannelName, has: &dyn Fn(&taiwa_model::Channel) -> bool| {
            // Whether a missing channel is a mistake is said once, where the channel is named.
            components.channels.get(name).is_none_or(has)
        };
        match target {
            Target::Offer(it) => {
                components.offers.contains_key(it) || self.is_broken(Kind::Offer, it.as_str())
            }
            Target::Segment(it) => {
                self.segments.contains_key(it)
                    || self.is_broken(Kind::Segment, it.as_str())
                    || self.any_broken(Kind::Flowchart)
            }
            Target::Goal(it) => {
                components.goals.contains_key(it) || self.is_broken(Kind::Goal, it.as_str())
            }
            Target::Channel(it) => {
                components.channels.contains_key(it) || self.is_broken(Kind::Channel, it.as_str())
            }
            Target::Zone(channel, it) => in_channel(channel, &|c| c.zones.contains_key(it)),
            Target::Point(channel, it) => {
                self.channel_has(components, channel, |c| c.interaction_points.contains_key(it))
            }
            Target::Category(channel, it) => {
                in_channel(channel, &|c| c.categories.contains_key(it))
            }
            Target::Event(EventRef { channel, event }) => {
                self.channel_has(components, channel, |c| c.events.contains_key(event))
            }
            Target::Purpose(it) => self.audience_has(components, |a| a.consent.contains_key(it)),
            Target::Attribute(it) => {
                self.audience_has(components, |a| a.attributes.contains_key(it))
            }
            Target::Level(it) => {
                self.audience_has(components, |a| a.levels.iter().any(|level| level.name == *it))
            }
        }
    }

    fn channel_has(
        &self,
        components: &Components,
        name: &ChannelName,
        has: impl Fn(&taiwa_model::Channel) -> bool,
    ) -> bool {
        match components.channels.get(name) {
            Some(channel) => has(channel),
            None => self.is_broken(Kind::Channel, name.as_str()),
        }
    }

    fn audience_has(
        &self,
        components: &Components,
        has: impl Fn(&taiwa_model::Audience) -> bool,
    ) -> bool {
        match &components.audience {
            Some(audience) => has(audience),
            None => self.is_broken(Kind::Audience, "shared"),
        }
    }
}

/// The audience, and the channel of every folder: that one is missing is said by the reader.
fn needed(project: &Project) -> impl Iterator<Item = ComponentId> + '_ {
    let scopes = project.documents.values().filter_map(|it| it.scope.channel());
    let channels = scopes.map(|it| ComponentId::new(Kind::Channel, it.as_str()));
    channels.chain([ComponentId::new(Kind::Audience, "shared")])
}

/// What the files are meant to be that lie at a place where they mean nothing.
fn misplaced(project: &Project) -> impl Iterator<Item = ComponentId> + '_ {
    let paths = project.sources.iter().map(|it| it.1.path.as_str());
    paths.filter(|it| matches!(place_of(it), FilePlace::Misplaced(..))).filter_map(meant)
}

fn meant(path: &str) -> Option<ComponentId> {
    let mut parts: Vec<&str> = path.split('/').collect();
    let stem = parts.pop()?.rsplit_once('.')?.0;
    let kinds = Kind::ALL.into_iter().filter_map(|it| Some((it, it.folder()?)));
    let named =
        |part: &str, folder: &str| part == folder || suggest::nearest(part, [folder]).is_some();
    let mut of_folder =
        kinds.filter(|(_, folder)| parts.iter().skip(1).any(|part| named(part, folder)));
    match (stem, of_folder.next()) {
        (_, Some((kind, _))) => Some(ComponentId::new(kind, stem)),
        ("channel", None) => Some(ComponentId::new(Kind::Channel, *parts.get(1)?)),
        ("audience", None) => Some(ComponentId::new(Kind::Audience, "shared")),
        _ => None,
    }
}

fn segments(components: &Components) -> BTreeMap<SegmentName, Vec<Declared>> {
    let mut all: BTreeMap<SegmentName, Vec<Declared>> = BTreeMap::new();
    for (name, it) in &components.segments {
        all.entry(name.clone()).or_default().push(Declared {
            component: ComponentId::new(Kind::Segment, name.as_str()),
            scope: it.scope.clone(),
            path: String::new(),
        });
    }
    for (chart, it) in &components.flowcharts {
        let mut seen = BTreeSet::new();
        for (node, content) in &it.content.nodes {
            let Node::Segment { name, title: _ } = content else { continue };
            if !seen.insert(name) {
                continue;
            }
            all.entry(name.clone()).or_default().push(Declared {
                component: ComponentId::new(Kind::Flowchart, chart.as_str()),
                scope: it.scope.clone(),
                path: format!("nodes/{node}/segment"),
            });
        }
    }
    all
}
