//! Who is moved by a changed condition: newly in, newly out. Conditions are compared by what they mean.
//!
//! **Invariants.** Two conditions that mean the same give nothing, however they are written; one that differs gives a
//! person who shows it. What hangs on something that nobody can look into is said to be possible only, and what was not
//! answered is said to be unknown.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_meaning::{Budget, Builder, Exhausted, Handle, Meanings, Set, VersionId};
use taiwa_model::{
    Attribute, AttributeName, ChannelName, ComponentId, Components, Flowchart, Kind, Localized,
    Node, SegmentName,
};
use taiwa_text::Witness;

use super::Comparison;
use crate::{Site, SiteKind, analysis::witness};

/// A condition that differs.
pub(crate) struct Changed {
    /// What it is about.
    pub subject: Subject,
    /// Where it stands now.
    pub id: ComponentId,
    /// Where in there.
    pub path: String,
    /// Which segment, for the leaf of a flowchart.
    pub segment: Option<SegmentName>,
    old: Handle,
    new: Handle,
}

/// What a condition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Who is in a segment.
    Segment,
    /// Who may get an offer.
    Offer,
    /// To whom nothing is sent.
    Policy,
}

/// What became of the people of a condition.
pub(crate) enum Moved {
    /// Nobody is in or out who was not before.
    Nobody,
    /// Somebody is.
    Some {
        /// Who is in now, if anybody is.
        joins: Option<Somebody>,
        /// Who is out now, if anybody is.
        leaves: Option<Somebody>,
    },
    /// The budget did not reach.
    Unknown,
}

/// The simplest of the people who are moved.
pub(crate) struct Somebody {
    /// In words, and to be replayed.
    pub witness: Witness,
    /// Whether they exist only if something holds that nobody can look into.
    pub possible: bool,
}

/// Every condition that differs, and what is needed to compare them.
pub(crate) fn changed(cx: &Comparison<'_>, budget: Budget) -> (Vec<Changed>, Meanings) {
    let (old, new) = (cx.old(), cx.new_components());
    let mut builder = Builder::new(budget);
    builder.at(cx.now.options.at);
    let versions = (builder.version(old), builder.version(new));
    let mut all = segments(cx, &mut builder, versions);
    let redefined = redefined(old, new);
    let then = by_place(cx.sites.iter());
    let now = by_place(cx.now.sites.iter());
    let places: BTreeSet<&(ComponentId, String)> = then.keys().chain(now.keys()).collect();
    for place in places {
        let (was, is) = (then.get(place), now.get(place));
        let Some(subject) = was.or(is).and_then(|it| subject(it.kind)) else { continue };
        // What is new or gone as a whole is no changed condition.
        if !has(old, &place.0) || !has(new, &place.0) || !cx.is_comparable(&place.0) {
            continue;
        }
        let anew = |it: &&&Site| it.checked.uses.attributes.keys().any(|it| redefined.contains(it));
        let same = was.map(|it| &it.text) == is.map(|it| &it.text);
        if same && !is.as_ref().is_some_and(anew) {
            continue;
        }
        let empty = if subject == Subject::Policy { "false" } else { "true" };
        let old = handle(&mut builder, versions.0, was.copied(), empty);
        let new = handle(&mut builder, versions.1, is.copied(), empty);
        if let (Some(old), Some(new)) = (old, new) {
            let (id, path) = place.clone();
            all.push(Changed { subject, id, path, segment: None, old, new });
        }
    }
    (all, builder.finish())
}

impl Changed {
    /// Asks who is moved.
    pub(crate) fn moved(&self, meanings: &mut Meanings, channel: Option<&ChannelName>) -> Moved {
        let mut ask = || -> Result<Moved, Exhausted> {
            let (old, new) = (meanings.truth(self.old)?, meanings.truth(self.new)?);
            let (joins, leaves) = (meanings.minus(new, old)?, meanings.minus(old, new)?);
            let joins = somebody(meanings, joins, channel)?;
            let leaves = somebody(meanings, leaves, channel)?;
            Ok(match (&joins, &leaves) {
                (None, None) => Moved::Nobody,
                _ => Moved::Some { joins, leaves },
            })
        };
        ask().unwrap_or(Moved::Unknown)
    }
}

/// The simplest person in a set.
pub(crate) fn somebody(
    meanings: &mut Meanings,
    set: Set,
    channel: Option<&ChannelName>,
) -> Result<Option<Somebody>, Exhausted> {
    if meanings.is_empty(set)? {
        return Ok(None);
    }
    let certain = meanings.certain(set)?;
    let possible = meanings.is_empty(certain)?;
    let person = meanings.smallest(set)?;
    Ok(person.map(|it| Somebody { witness: witness(&it, channel), possible }))
}

/// The segments whose definition differs, be it a file or a flowchart.
fn segments(
    cx: &Comparison<'_>,
    builder: &mut Builder,
    (old_version, new_version): (VersionId, VersionId),
) -> Vec<Changed> {
    let (old, new) = (cx.old(), cx.new_components());
    let redefined = redefined(old, new);
    let then = old.segment_names();
    let mut all = Vec::new();
    for (name, chart) in new.segment_names() {
        let Some(before) = then.get(&name) else { continue };
        let (id, path) = match &chart {
            Some(it) => (ComponentId::new(Kind::Flowchart, it.as_str()), leaf(new, it, &name)),
            None => (ComponentId::new(Kind::Segment, name.as_str()), "when".to_owned()),
        };
        let same = *before == chart
            && if let Some(it) = &chart {
                let of = |from: &Components| {
                    from.flowcharts.get(it).map(|it| (cases(&it.content), it.scope.clone()))
                };
                of(old) == of(new)
            } else {
                let of = |from: &Components| {
                    from.segments.get(&name).map(|it| (it.content.when.clone(), it.scope.clone()))
                };
                of(old) == of(new)
            };
        let anew = || {
            let sites = cx.now.sites.iter().filter(|it| it.component == id);
            sites.flat_map(|it| it.checked.uses.attributes.keys()).any(|it| redefined.contains(it))
        };
        if (same && !anew()) || !cx.is_comparable(&id) {
            continue;
        }
        let old = builder.segment(old_version, &name);
        let new = builder.segment(new_version, &name);
        let segment = Some(name);
        all.push(Changed { subject: Subject::Segment, id, path, segment, old, new });
    }
    all
}

/// What a flowchart does, without the titles.
fn cases(chart: &Flowchart) -> Flowchart {
    let mut plain = Flowchart { title: Localized::default(), ..chart.clone() };
    for node in plain.nodes.values_mut() {
        if let Node::Segment { name: _, title } = node {
            *title = Localized::default();
        }
    }
    plain
}

/// Where a flowchart names a segment.
fn leaf(
    components: &Components,
    chart: &taiwa_model::FlowchartName,
    segment: &SegmentName,
) -> String {
    let nodes = components.flowcharts.get(chart).into_iter().flat_map(|it| &it.content.nodes);
    let mut leaves =
        nodes.filter(|it| matches!(it.1, Node::Segment { name, .. } if name == segment));
    leaves.next().map_or_else(String::new, |it| format!("nodes/{}", it.0))
}

const fn subject(kind: SiteKind) -> Option<Subject> {
    match kind {
        SiteKind::Eligibility => Some(Subject::Offer),
        SiteKind::Policy => Some(Subject::Policy),
        SiteKind::Segment | SiteKind::Branch | SiteKind::Score => None,
    }
}

fn by_place<'a>(
    sites: impl Iterator<Item = &'a Site>,
) -> BTreeMap<(ComponentId, String), &'a Site> {
    sites.map(|it| ((it.component.clone(), it.path.clone()), it)).collect()
}

fn has(components: &Components, id: &ComponentId) -> bool {
    match id.kind {
        Kind::Offer => components.offers.contains_key(id.name.as_str()),
        Kind::Policy => components.policies.contains_key(id.name.as_str()),
        _ => false,
    }
}

/// A condition; where there is none, what that means.
fn handle(
    builder: &mut Builder,
    version: VersionId,
    site: Option<&Site>,
    empty: &str,
) -> Option<Handle> {
    match site {
        Some(site) => Some(builder.add(version, site.checked.expr.as_ref()?)),
        None => builder.condition(version, empty, &taiwa_model::Scope::Shared),
    }
}

/// The attributes that may be missing where they were not, or are another thing where nothing is known.
fn redefined(old: &Components, new: &Components) -> BTreeSet<AttributeName> {
    let of = |from: &Components, name: &AttributeName| -> Option<Attribute> {
        from.audience.as_ref()?.attributes.get(name).cloned()
    };
    let names = new.audience.iter().flat_map(|it| it.attributes.keys());
    let differs = |name: &&AttributeName| match (of(old, name), of(new, name)) {
        (Some(was), Some(is)) => was.default != is.default || was.kind != is.kind,
        _ => false,
    };
    names.filter(differs).cloned().collect()
}
