//! References of channels, strategies, offers, messages, policies, goals and touchpoints.

use taiwa_model::{
    ChannelName, ComponentId, Components, EventRef, Kind, PointName, Scope, Touchpoint,
};

use super::{From, Reference, Target};
use crate::measure::Measure;

pub(super) fn channels(components: &Components, all: &mut Vec<Reference>) {
    for (name, channel) in &components.channels {
        let id = ComponentId::new(Kind::Channel, name.as_str());
        let mut from = From { id, scope: Scope::Channel(name.clone()), all };
        if let Some(goal) = &channel.goal {
            from.needs("goal", Target::Goal(goal.clone()));
        }
        if let Some(purpose) = &channel.consent {
            from.needs("consent", Target::Purpose(purpose.clone()));
        }
        for (point, it) in &channel.interaction_points {
            let path = format!("interaction_points/{point}");
            from.needs(format!("{path}/zone"), Target::Zone(name.clone(), it.zone.clone()));
            if let Some(offer) = &it.fallback {
                from.needs(format!("{path}/fallback"), Target::Offer(offer.clone()));
            }
        }
        for (event, it) in &channel.events {
            let path = format!("events/{event}/category");
            from.needs(path, Target::Category(name.clone(), it.category.clone()));
        }
        let responses = &channel.responses;
        for (kind, events) in [
            ("shown", &responses.shown),
            ("accepted", &responses.accepted),
            ("rejected", &responses.rejected),
        ] {
            for event in events {
                let to = Target::Event(EventRef::new(name.clone(), event.clone()));
                from.needs(format!("responses/{kind}/={event}"), to);
            }
        }
    }
}

pub(super) fn strategies(components: &Components, all: &mut Vec<Reference>) {
    for (name, strategy) in &components.strategies {
        let id = ComponentId::new(Kind::Strategy, name.as_str());
        let mut from = From { id, scope: Scope::Channel(name.clone()), all };
        from.needs("", Target::Channel(name.clone()));
        for zone in strategy.arbitration.keys() {
            from.needs(format!("arbitration/{zone}"), Target::Zone(name.clone(), zone.clone()));
        }
        for (index, rule) in strategy.rules.iter().enumerate() {
            let path = format!("rules/{index}");
            from.needs(format!("{path}/zone"), Target::Zone(name.clone(), rule.zone.clone()));
            from.needs(format!("{path}/segment"), Target::Segment(rule.segment.clone()));
            from.needs(format!("{path}/offer"), Target::Offer(rule.offer.clone()));
        }
    }
}

pub(super) fn content(components: &Components, all: &mut Vec<Reference>) {
    for (name, it) in &components.offers {
        let id = ComponentId::new(Kind::Offer, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        if let Some(purpose) = &it.content.consent {
            from.needs("consent", Target::Purpose(purpose.clone()));
        }
        for channel in it.content.treatments.keys() {
            from.mentions(format!("treatments/{channel}"), Target::Channel(channel.clone()));
        }
    }
    for (name, it) in &components.messages {
        let id = ComponentId::new(Kind::Message, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        if let Some(purpose) = &it.content.consent {
            from.needs("consent", Target::Purpose(purpose.clone()));
        }
        if let Some(offer) = &it.content.offer {
            from.needs("offer", Target::Offer(offer.clone()));
        }
        for channel in it.content.treatments.keys() {
            from.mentions(format!("treatments/{channel}"), Target::Channel(channel.clone()));
        }
    }
    for (name, it) in &components.policies {
        let id = ComponentId::new(Kind::Policy, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        for channel in &it.content.channels {
            from.mentions(format!("channels/={channel}"), Target::Channel(channel.clone()));
        }
        for purpose in &it.content.exempt {
            from.needs(format!("exempt/={purpose}"), Target::Purpose(purpose.clone()));
        }
    }
    for (name, it) in &components.goals {
        let id = ComponentId::new(Kind::Goal, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        from.needs("kpi/event", Target::Event(it.content.kpi.event.clone()));
        if let Some(Measure::Rate(event)) = Measure::parse(&it.content.kpi.measure) {
            from.needs("kpi/measure", Target::Event(event));
        }
    }
}

pub(super) fn touchpoints(components: &Components, all: &mut Vec<Reference>) {
    for (name, it) in &components.touchpoints {
        let id = ComponentId::new(Kind::Touchpoint, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        if let Some(channel) = it.scope.channel() {
            from.needs("", Target::Channel(channel.clone()));
        }
        uses(&it.content, it.scope.channel(), &mut from);
    }
}

fn uses(touchpoint: &Touchpoint, home: Option<&ChannelName>, from: &mut From<'_>) {
    for point in &touchpoint.uses.interaction_points {
        if let Some((channel, bare)) = point_of(point, home) {
            let path = format!("uses/interaction_points/={point}");
            from.needs(path, Target::Point(channel, bare));
        }
    }
    for event in &touchpoint.uses.events {
        from.needs(format!("uses/events/={event}"), Target::Event(event.clone()));
    }
}

/// The channel and the bare name of a point that is written `point` or `channel/point`.
pub(crate) fn point_of(
    written: &PointName,
    home: Option<&ChannelName>,
) -> Option<(ChannelName, PointName)> {
    match written.as_str().split_once('/') {
        Some((channel, point)) => Some((channel.into(), point.into())),
        None => home.map(|it| (it.clone(), written.clone())),
    }
}
