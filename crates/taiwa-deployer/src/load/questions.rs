//! What is asked under load: every interaction point of a release, by the people of its own scenarios.
//!
//! A point that no scenario asks is asked by somebody who is nobody in particular. So what is measured are the decisions
//! that this release makes, with the conditions, histories and caps that its authors thought of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use taiwa_api::{admin, v1};
use taiwa_decide::scenario::{Call, Script};
use taiwa_model::{
    ChannelName, Components, Digest, Direction, PointName, Step, Timestamp, canonical,
};

use crate::scenarios;

/// People that ask at a time, one sandbox each on every server; a server has room for 64.
const VISITORS_MAX: usize = 24;
/// Questions of one person.
const ASKS_MAX: usize = 8;

/// Somebody who asks, in a sandbox of their own.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who it is, and what happened before.
    pub(crate) sandbox: admin::MakeSandbox,
    /// What is asked.
    pub(crate) asks: Vec<v1::DecideOnce>,
}

impl Visitor {
    /// Digests of the questions, which are what evidence names.
    pub fn digests(&self) -> Vec<Digest> {
        let of = |ask| canonical::to_bytes(&json!({ "sandbox": self.sandbox, "ask": ask })).ok();
        let bytes = self.asks.iter().filter_map(of);
        bytes.map(|it| Digest::of_kind("question", &it)).collect()
    }
}

/// Who asks what of a release. `now` is the clock of those who come from no scenario.
pub fn questions(components: &Components, now: Timestamp) -> Vec<Visitor> {
    let mut asked = BTreeSet::new();
    let all: Vec<Visitor> = components
        .scenarios
        .keys()
        .filter_map(|name| visitor(components, name, &mut asked))
        .collect();
    let mut visitors = spread(all, VISITORS_MAX - 1);
    let rest = points(components).filter(|it| !asked.contains(it));
    let asks: Vec<_> = rest.map(|it| ask(it, BTreeMap::new(), None)).collect();
    if !asks.is_empty() {
        visitors.push(Visitor { sandbox: nobody(now), asks: spread(asks, 4 * ASKS_MAX) });
    }
    visitors
}

type Place = (ChannelName, PointName);

/// The person of a scenario, with the points that it asks.
fn visitor(
    components: &Components,
    name: &taiwa_model::ScenarioName,
    asked: &mut BTreeSet<Place>,
) -> Option<Visitor> {
    let Some(Call::CreateSandbox(sandbox)) = Script::new(components, name)?.call() else {
        return None;
    };
    let (audience, made) = (scenarios::audience(&sandbox), scenarios::make(&sandbox));
    let (mut channel, mut locale, mut asks) = (None, None, Vec::new());
    let mut own = BTreeSet::new();
    for step in &components.scenarios.get(name)?.content.steps {
        match step {
            Step::Start { channel: of, locale: spoken } => {
                (channel, locale) = (Some(of.clone()), spoken.clone());
            }
            Step::Offers { point, .. } => {
                let Some(channel) = &channel else { continue };
                let bare = point.as_str().rsplit('/').next().unwrap_or_default();
                let place = (channel.clone(), PointName::new(bare));
                asked.insert(place.clone());
                if own.insert(place.clone()) && asks.len() < ASKS_MAX {
                    asks.push(ask(place, audience.clone(), locale.clone()));
                }
            }
            _ => {}
        }
    }
    (!asks.is_empty()).then_some(Visitor { sandbox: made, asks })
}

/// Every point of every inbound channel.
fn points(components: &Components) -> impl Iterator<Item = Place> {
    let inbound = components.channels.iter().filter(|it| it.1.direction == Direction::Inbound);
    inbound.flat_map(|(name, channel)| {
        channel.interaction_points.keys().map(|point| (name.clone(), point.clone()))
    })
}

fn ask(
    (channel, point): Place,
    audience: BTreeMap<String, String>,
    locale: Option<taiwa_model::Locale>,
) -> v1::DecideOnce {
    let attributes = BTreeMap::new();
    v1::DecideOnce { channel, point, audience, attributes, locale, limit: None, explain: false }
}

fn nobody(at: Timestamp) -> admin::MakeSandbox {
    admin::MakeSandbox {
        at,
        audience: BTreeMap::new(),
        attributes: BTreeMap::new(),
        consent: BTreeMap::new(),
        history: Vec::new(),
    }
}

/// At most so many, taken evenly from the whole list.
fn spread<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let count = items.len();
    if count <= most {
        return items;
    }
    let taken = |place: usize| place * most / count != (place + 1) * most / count;
    items.into_iter().enumerate().filter(|it| taken(it.0)).map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_of_many_are_taken_from_all_of_them() {
        let few = |count: usize, most| spread((0..count).collect(), most);
        assert_eq!(few(3, 5), [0, 1, 2]);
        assert_eq!(few(10, 3), [3, 6, 9]);
        for (count, most) in [(100, 24), (25, 24), (1_000, 1), (7, 0)] {
            assert_eq!(few(count, most).len(), most, "{count}");
        }
    }
}
