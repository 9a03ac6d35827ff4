//! Channels: points, zones with their candidates, and events.
//!
//! **Invariants.** The candidates of a zone are sorted by the best rank that they can have, then by value, then by name:
//! that is the order of an answer, so whoever walks them may stop as soon as the answer cannot get better.

use std::{cmp::Ordering, collections::BTreeMap};

use taiwa_condition::{Expect, SegmentSlot};
use taiwa_model::{
    Arbitration, Channel, ChannelName, EventName, InteractionPoint, OfferName, PointName, Property,
    PropertyName, Rule, Scope, Score, Timestamp, ZoneName,
};

use super::{Builder, CompiledOffer, Condition};
use crate::ContactKind;

/// Most offers that one answer may hold.
pub const MAX_POINT_OFFERS: u32 = 50;

/// The greatest score; what is written or computed above counts as this.
pub const MAX_SCORE: f64 = 1000.0;

/// A channel.
#[derive(Debug)]
pub(crate) struct CompiledChannel {
    pub(crate) points: BTreeMap<PointName, Point>,
    pub(crate) zones: Vec<Zone>,
    pub(crate) events: BTreeMap<EventName, CompiledEvent>,
    /// Whether some event tells that an offer was seen; otherwise its delivery does.
    pub(crate) tells_shown: bool,
}

/// An interaction point.
#[derive(Debug)]
pub(crate) struct Point {
    /// Index of its zone.
    pub(crate) zone: usize,
    pub(crate) offers: usize,
    /// Index of the offer.
    pub(crate) fallback: Option<usize>,
}

/// A zone.
#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) name: ZoneName,
    pub(crate) by_value: bool,
    pub(crate) candidates: Vec<Candidate>,
    /// For each candidate what rules it out at a glance, apart from it, so that a long zone is read in little memory.
    pub(crate) glances: Vec<Glance>,
}

/// What rules a candidate out without looking at its conditions.
#[derive(Debug)]
pub(crate) struct Glance {
    /// The one segment that it is for; `None` if there are several.
    pub(crate) segment: Option<SegmentSlot>,
    /// First and last instant at which it may be proposed.
    pub(crate) begins: Timestamp,
    pub(crate) ends: Timestamp,
}

/// An offer that some rule of a zone brings in.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Index of the offer.
    pub(crate) offer: usize,
    /// The best rank it can have.
    pub(crate) bound: f64,
    pub(crate) value: f64,
    /// The rules that bring it in.
    pub(crate) rules: Vec<Bid>,
    /// Whether it has a form for this channel.
    pub(crate) has_treatment: bool,
}

/// One rule: for a segment, with a score.
#[derive(Debug)]
pub(crate) struct Bid {
    pub(crate) segment: SegmentSlot,
    pub(crate) score: BidScore,
}

/// A score.
#[derive(Debug)]
pub(crate) enum BidScore {
    Fixed(f64),
    Computed(Box<Condition>),
}

/// An event.
#[derive(Debug)]
pub(crate) struct CompiledEvent {
    pub(crate) properties: BTreeMap<PropertyName, Property>,
    pub(crate) conversion: bool,
    /// As which responses it counts.
    pub(crate) tells: Vec<ContactKind>,
}

/// What a score is worth in a zone.
pub(crate) fn rank(by_value: bool, score: f64, value: f64) -> f64 {
    // The acceptance rate is 1 until there are 100 showings to learn from; this version learns none.
    (if by_value { score / 100.0 * value } else { score }) + 0.0
}

/// The order of an answer: rank, then value, then name.
pub(crate) fn better(a: (f64, f64, usize), b: (f64, f64, usize)) -> Ordering {
    b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2))
}

impl Builder<'_> {
    pub(super) fn channels(
        &mut self,
        offers: &[CompiledOffer],
    ) -> BTreeMap<ChannelName, CompiledChannel> {
        let components = self.components;
        for name in components.strategies.keys() {
            if !components.channels.contains_key(name) {
                self.problem(&format!("strategy/{name}"), "its channel is not in the release");
            }
        }
        components
            .channels
            .iter()
            .map(|(name, it)| (name.clone(), self.channel(name, it, offers)))
            .collect()
    }

    fn channel(
        &mut self,
        name: &ChannelName,
        channel: &Channel,
        offers: &[CompiledOffer],
    ) -> CompiledChannel {
        let place = format!("channel/{name}");
        let zones = self.zones(name, channel, offers);
        let mut points = BTreeMap::new();
        for (point, it) in &channel.interaction_points {
            let Some(zone) = zones.iter().position(|zone| zone.name == it.zone) else {
                self.problem(&place, &format!("point `{point}`: zone `{}` is unknown", it.zone));
                continue;
            };
            let fallback = self.fallback(&place, name, it, offers);
            if it.offers == 0 || it.offers > MAX_POINT_OFFERS {
                let words = format!("point `{point}`: offers must be 1 to {MAX_POINT_OFFERS}");
                self.problem(&place, &words);
            }
            points.insert(point.clone(), Point { zone, offers: it.offers as usize, fallback });
        }
        let events = channel.events.iter().map(|(event, it)| {
            let kinds = [
                (ContactKind::Shown, &channel.responses.shown),
                (ContactKind::Accepted, &channel.responses.accepted),
                (ContactKind::Rejected, &channel.responses.rejected),
            ];
            let tells = kinds.iter().filter(|kind| kind.1.contains(event)).map(|it| it.0).collect();
            let compiled = CompiledEvent {
                properties: it.properties.clone(),
                conversion: it.conversion.is_some(),
                tells,
            };
            (event.clone(), compiled)
        });
        CompiledChannel {
            points,
            events: events.collect(),
            zones,
            tells_shown: !channel.responses.shown.is_empty(),
        }
    }

    fn fallback(
        &mut self,
        place: &str,
        channel: &ChannelName,
        point: &InteractionPoint,
        offers: &[CompiledOffer],
    ) -> Option<usize> {
        let name = point.fallback.as_ref()?;
        let found = self.slots.offers.slot(name.as_str()).map(taiwa_condition::Slot::index);
        match found.and_then(|it| offers.get(it)) {
            None => self.problem(place, &format!("fallback `{name}` is not in the release")),
            Some(offer) if !offer.treatments.contains_key(channel) => {
                self.problem(place, &format!("fallback `{name}` has no treatment for `{channel}`"));
            }
            Some(_) => {}
        }
        found
    }

    fn zones(
        &mut self,
        name: &ChannelName,
        channel: &Channel,
        offers: &[CompiledOffer],
    ) -> Vec<Zone> {
        let place = format!("strategy/{name}");
        let nothing = taiwa_model::Strategy::default();
        let strategy = self.components.strategies.get(name).unwrap_or(&nothing);
        for rule in &strategy.rules {
            if !channel.zones.contains_key(&rule.zone) {
                self.problem(&place, &format!("zone `{}` is unknown", rule.zone));
            }
        }
        let mut zones = Vec::new();
        for zone in channel.zones.keys() {
            let arbitration = strategy.arbitration.get(zone).copied().unwrap_or_default();
            if matches!(arbitration, Arbitration::Learning | Arbitration::Weights) {
                let words = format!("zone `{zone}`: unsupported arbitration, use score or value");
                self.problem(&place, &words);
            }
            let by_value = arbitration == Arbitration::Value;
            let mut by_offer: BTreeMap<usize, Vec<Bid>> = BTreeMap::new();
            for rule in strategy.rules.iter().filter(|it| it.zone == *zone) {
                if let Some((offer, bid)) = self.bid(&place, name, rule) {
                    by_offer.entry(offer).or_default().push(bid);
                }
            }
            let mut candidates: Vec<_> = by_offer
                .into_iter()
                .filter_map(|(offer, rules)| {
                    candidate(by_value, offer, rules, offers.get(offer)?, name)
                })
                .collect();
            candidates
                .sort_by(|a, b| better((a.bound, a.value, a.offer), (b.bound, b.value, b.offer)));
            let glances = candidates.iter().map(|it| glance(it, &offers[it.offer])).collect();
            zones.push(Zone { name: zone.clone(), by_value, candidates, glances });
        }
        zones
    }

    fn bid(&mut self, place: &str, channel: &ChannelName, rule: &Rule) -> Option<(usize, Bid)> {
        let offer: &OfferName = &rule.offer;
        let found = self.slots.offers.slot(offer.as_str());
        if found.is_none() {
            self.problem(place, &format!("offer `{offer}` is not in the release"));
        }
        let segment = self.slots.segments.slot(rule.segment.as_str());
        if segment.is_none() {
            self.problem(place, &format!("segment `{}` is not in the release", rule.segment));
        }
        let score = match &rule.score {
            Score::Fixed(it) if it.is_finite() => BidScore::Fixed(it.min(MAX_SCORE)),
            Score::Fixed(_) => {
                self.problem(place, &format!("the score of `{offer}` is no number"));
                return None;
            }
            Score::Cel(text) => {
                let scope = Scope::Channel(channel.clone());
                BidScore::Computed(Box::new(self.condition(place, text, Expect::Score, &scope)?))
            }
        };
        Some((found?.index(), Bid { segment: segment?, score }))
    }
}

fn glance(candidate: &Candidate, offer: &CompiledOffer) -> Glance {
    let segment = match candidate.rules.as_slice() {
        [only] => Some(only.segment),
        _ => None,
    };
    Glance { segment, begins: offer.begins, ends: offer.ends }
}

fn candidate(
    by_value: bool,
    offer: usize,
    rules: Vec<Bid>,
    of: &CompiledOffer,
    channel: &ChannelName,
) -> Option<Candidate> {
    let top = |bid: &Bid| match &bid.score {
        BidScore::Fixed(it) => *it,
        BidScore::Computed(it) if it.range.1.is_nan() => MAX_SCORE,
        BidScore::Computed(it) => it.range.1.min(MAX_SCORE),
    };
    let score = rules.iter().map(top).fold(f64::NEG_INFINITY, f64::max);
    if score == f64::NEG_INFINITY {
        return None;
    }
    // A negative value ranks best at the least score, which is 0.
    let bound = if by_value && of.value < 0.0 { 0.0 } else { rank(by_value, score, of.value) };
    let has_treatment = of.treatments.contains_key(channel);
    Some(Candidate { offer, bound, value: of.value, rules, has_treatment })
}
