//! References of scenarios, where bare names mean the channel of the last `start`.

use taiwa_model::{
    ChannelName, ComponentId, Components, EventRef, Expect, Kind, Past, PastWhat, Scenario, Step,
};

use super::{From, Reference, Target, fixed::point_of};

pub(super) fn scenarios(components: &Components, all: &mut Vec<Reference>) {
    let keys: Vec<&str> = components
        .audience
        .iter()
        .flat_map(|it| it.levels.iter().map(|level| level.key.as_str()))
        .collect();
    for (name, it) in &components.scenarios {
        let id = ComponentId::new(Kind::Scenario, name.as_str());
        let mut from = From { id, scope: it.scope.clone(), all };
        given(&it.content, &keys, &mut from);
        steps(&it.content, &mut from);
    }
}

fn given(scenario: &Scenario, keys: &[&str], from: &mut From<'_>) {
    let given = &scenario.given;
    from.needs("given/level", Target::Level(given.level.clone()));
    for attribute in given.profile.keys().filter(|it| !keys.contains(&it.as_str())) {
        from.needs(format!("given/profile/{attribute}"), Target::Attribute(attribute.clone()));
    }
    for purpose in given.consent.keys() {
        from.needs(format!("given/consent/{purpose}"), Target::Purpose(purpose.clone()));
    }
    for (index, past) in given.history.iter().enumerate() {
        history(index, past, from);
    }
}

fn history(index: usize, past: &Past, from: &mut From<'_>) {
    let path = format!("given/history/{index}/what");
    match &past.what {
        PastWhat::Event { event, properties: _ } => {
            from.needs(format!("{path}/event/event"), Target::Event(event.clone()));
        }
        PastWhat::Shown(it) => from.needs(format!("{path}/shown"), Target::Offer(it.clone())),
        PastWhat::Accepted(it) => from.needs(format!("{path}/accepted"), Target::Offer(it.clone())),
        PastWhat::Rejected(it) => from.needs(format!("{path}/rejected"), Target::Offer(it.clone())),
    }
}

fn steps(scenario: &Scenario, from: &mut From<'_>) {
    let mut home: Option<ChannelName> = None;
    for (index, step) in scenario.steps.iter().enumerate() {
        let path = format!("steps/{index}");
        match step {
            Step::Start { channel, locale: _ } => {
                from.needs(format!("{path}/start/channel"), Target::Channel(channel.clone()));
                home = Some(channel.clone());
            }
            Step::Offers { point, limit: _, expect, contains, excludes } => {
                if let Some((channel, bare)) = point_of(point, home.as_ref()) {
                    from.needs(format!("{path}/offers/point"), Target::Point(channel, bare));
                }
                for (index, offer) in expect.iter().flatten().enumerate() {
                    let path = format!("{path}/offers/expect/{index}");
                    from.needs(path, Target::Offer(offer.clone()));
                }
                for offer in contains {
                    let path = format!("{path}/offers/contains/={offer}");
                    from.needs(path, Target::Offer(offer.clone()));
                }
                for offer in excludes {
                    let path = format!("{path}/offers/excludes/={offer}");
                    from.needs(path, Target::Offer(offer.clone()));
                }
            }
            Step::Post { event, properties: _ } => {
                if let Some(event) = EventRef::parse(event, home.as_ref()) {
                    from.needs(format!("{path}/post/event"), Target::Event(event));
                }
            }
            Step::Expect(Expect::Segment(it)) => {
                from.needs(format!("{path}/expect/segment"), Target::Segment(it.clone()));
            }
            Step::Expect(Expect::NotSegment(it)) => {
                from.needs(format!("{path}/expect/not-segment"), Target::Segment(it.clone()));
            }
            Step::Advance(_) => {}
        }
    }
}
