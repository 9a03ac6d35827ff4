//! What conditions may refer to: everything that a set of components declares.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{
    Attribute, AttributeName, ChannelName, Components, EventRef, LevelName, Node, OfferName,
    PointName, Property, PropertyName, PurposeName, SegmentName,
};

use crate::{Expect, Missing, Setting, check, may_be_missing};

/// The segment that everybody is in.
const EVERYONE: &str = "everyone";

/// What a condition needs to know of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentNature {
    /// What may be missing, and then leaves a person out; `None` where membership is always known.
    pub missing: Option<Missing>,
}

/// The names that a condition may use, with what is declared of them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The profile.
    pub attributes: BTreeMap<AttributeName, Attribute>,
    /// Audience levels, the known one first.
    pub levels: Vec<LevelName>,
    /// Consent purposes.
    pub purposes: BTreeSet<PurposeName>,
    /// Segments with a file, leaves of flowcharts, and `everyone`.
    pub segments: BTreeMap<SegmentName, SegmentNature>,
    /// Offers.
    pub offers: BTreeSet<OfferName>,
    /// Channels.
    pub channels: BTreeSet<ChannelName>,
    /// Events with their properties.
    pub events: BTreeMap<EventRef, BTreeMap<PropertyName, Property>>,
    /// Interaction points.
    pub points: BTreeSet<(ChannelName, PointName)>,
}

impl Names {
    /// The names that these components declare. The conditions of segments are read to learn whether membership
    /// may hang on a missing value.
    pub fn new(components: &Components) -> Self {
        let mut names = Self::declared(components);
        let natures: Vec<_> =
            names.segments.keys().map(|it| names.nature(components, it)).collect();
        for (nature, slot) in natures.into_iter().zip(names.segments.values_mut()) {
            slot.missing = nature;
        }
        names
    }

    fn declared(components: &Components) -> Self {
        let mut names = Self::default();
        if let Some(audience) = &components.audience {
            names.attributes.clone_from(&audience.attributes);
            names.levels = audience.levels.iter().map(|it| it.name.clone()).collect();
            names.purposes = audience.consent.keys().cloned().collect();
        }
        names.segments = components
            .segment_names()
            .into_keys()
            .chain([SegmentName::new(EVERYONE)])
            .map(|it| (it, SegmentNature::default()))
            .collect();
        names.offers = components.offers.keys().cloned().collect();
        names.channels = components.channels.keys().cloned().collect();
        for (name, channel) in &components.channels {
            for (event, it) in &channel.events {
                let event = EventRef::new(name.clone(), event.clone());
                names.events.insert(event, it.properties.clone());
            }
            names.points.extend(
                channel.interaction_points.keys().map(|point| (name.clone(), point.clone())),
            );
        }
        names
    }

    /// The value whose absence keeps people out of a segment.
    fn nature(&self, components: &Components, segment: &SegmentName) -> Option<Missing> {
        let of = |when: &str, scope: Option<&ChannelName>| {
            let setting = Setting { names: self, scope, session: true, event: None };
            check(when, Expect::Condition, &setting).expr.as_ref().and_then(may_be_missing)
        };
        if let Some(it) = components.segments.get(segment) {
            return of(&it.content.when, it.scope.channel());
        }
        let leaf =
            |node: &Node| matches!(node, Node::Segment { name, title: _ } if name == segment);
        let charts = components.flowcharts.values();
        charts.filter(|chart| chart.content.nodes.values().any(leaf)).find_map(|chart| {
            let decisions = chart.content.nodes.values().filter_map(|node| match node {
                Node::Decide(branches) => Some(branches),
                Node::Segment { .. } => None,
            });
            let mut conditions = decisions.flatten().filter_map(|it| it.when.as_deref());
            conditions.find_map(|when| of(when, chart.scope.channel()))
        })
    }
}
