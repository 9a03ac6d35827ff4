//! What a component needs so that a release that holds it is whole.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{ChannelName, ComponentId, Components, Kind};

use crate::{Reference, Sites, Strength, references};

/// A component that a mark takes along.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needed {
    /// The component.
    pub id: ComponentId,
    /// Why, in words: `offer/espresso-starter is proposed by strategy/web-store`.
    pub why: String,
}

/// What these components need directly or through others, conditions included; without themselves, sorted by name.
///
/// A channel takes along its strategy, its touchpoints, the contact policies that name it and the scenarios that
/// stay within the channels that are in; everything takes along `workspace/taiwa` and `audience/shared`.
pub fn closure(components: &Components, ids: &[ComponentId]) -> Vec<Needed> {
    let graph = Graph::new(components);
    let mut found: BTreeMap<ComponentId, String> =
        ids.iter().map(|it| (it.clone(), String::new())).collect();
    let mut waiting: Vec<ComponentId> = ids.to_vec();
    loop {
        while let Some(id) = waiting.pop() {
            for (needed, why) in graph.needs(&id) {
                if !found.contains_key(&needed) {
                    found.insert(needed.clone(), why);
                    waiting.push(needed);
                }
            }
        }
        let complete = graph.complete_scenarios(&found);
        if complete.is_empty() {
            break;
        }
        for (id, why) in complete {
            found.insert(id.clone(), why);
            waiting.push(id);
        }
    }
    let asked: BTreeSet<&ComponentId> = ids.iter().collect();
    let others = found.into_iter().filter(|it| !asked.contains(&it.0));
    others.map(|(id, why)| Needed { id, why }).collect()
}

/// What one component needs directly.
pub fn needs(components: &Components, id: &ComponentId) -> BTreeSet<ComponentId> {
    Graph::new(components).needs(id).into_iter().map(|it| it.0).collect()
}

pub(crate) struct Graph<'a> {
    components: &'a Components,
    ids: BTreeSet<ComponentId>,
    references: BTreeMap<ComponentId, Vec<Reference>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(components: &'a Components) -> Self {
        let sites = Sites::new(components);
        let mut by_component: BTreeMap<ComponentId, Vec<Reference>> = BTreeMap::new();
        for it in references(components, &sites) {
            if it.strength == Strength::Needs {
                by_component.entry(it.from.clone()).or_default().push(it);
            }
        }
        let ids = components.ids().into_iter().collect();
        Self { components, ids, references: by_component }
    }

    pub(crate) fn needs(&self, id: &ComponentId) -> Vec<(ComponentId, String)> {
        let mut all = vec![
            (ComponentId::new(Kind::Workspace, "taiwa"), "every release needs it".to_owned()),
            (ComponentId::new(Kind::Audience, "shared"), "every release needs it".to_owned()),
        ];
        for it in self.references.get(id).into_iter().flatten() {
            if let Some(target) = it.to.component(self.components) {
                all.push((target, format!("{id} refers to {}", it.to)));
            }
        }
        if id.kind == Kind::Channel {
            self.of_channel(&id.name.as_str().into(), &mut all);
        }
        all.retain(|it| it.0 != *id && self.ids.contains(&it.0));
        all
    }

    fn of_channel(&self, channel: &ChannelName, all: &mut Vec<(ComponentId, String)>) {
        let strategy = ComponentId::new(Kind::Strategy, channel.as_str());
        all.push((strategy, format!("it is the strategy of channel/{channel}")));
        for (name, it) in &self.components.touchpoints {
            if it.scope.channel() == Some(channel) {
                let id = ComponentId::new(Kind::Touchpoint, name.as_str());
                all.push((id, format!("it is a touchpoint of channel/{channel}")));
            }
        }
        for (name, it) in &self.components.policies {
            if it.content.channels.contains(channel) {
                let id = ComponentId::new(Kind::Policy, name.as_str());
                all.push((id, format!("it limits channel/{channel}")));
            }
        }
    }

    /// Scenarios that are not in yet, lie in or begin in channels that are, and touch no other channel.
    fn complete_scenarios(
        &self,
        found: &BTreeMap<ComponentId, String>,
    ) -> Vec<(ComponentId, String)> {
        let mut all = Vec::new();
        for name in self.components.scenarios.keys() {
            let id = ComponentId::new(Kind::Scenario, name.as_str());
            if found.contains_key(&id) {
                continue;
            }
            let channels: BTreeSet<&ChannelName> = self
                .references
                .get(&id)
                .into_iter()
                .flatten()
                .filter_map(|it| it.to.channel())
                .collect();
            let within = channels
                .iter()
                .all(|it| found.contains_key(&ComponentId::new(Kind::Channel, it.as_str())));
            if within && !channels.is_empty() {
                all.push((id, "its channels are then complete".to_owned()));
            }
        }
        all
    }
}
