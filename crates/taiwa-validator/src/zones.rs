//! What competes in a zone, exactly as a decision weighs it: segment, dates, consent, eligibility, cap, score.
//!
//! **Invariants.** Everything a decision would look at is here or the zone is left out: a zone whose rules name
//! something that is missing or cannot be read is not modelled, because nothing is known about who wins there. Bounds
//! of ranks are safe: no candidate ever ranks outside them. The order of candidates is that of an answer. Deliberately absent: who a condition holds for.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use taiwa_condition::{Expr, ExprKind, may_be_missing, range};
use taiwa_model::{
    Arbitration, Cap, ChannelName, ComponentId, Kind, OfferName, PointName, PurposeName, Rule,
    Score, SegmentName, ZoneName,
};

use crate::{
    Context,
    calendar::{Period, stretches},
};

/// The greatest score; what is written or computed above counts as this.
const MOST: f64 = 1000.0;

/// The segment that everybody is in.
pub(crate) const EVERYONE: &str = "everyone";

/// Beyond this whole numbers may overflow, and then a score is unknown.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A zone with the points that show it and the offers that compete for them.
pub(crate) struct ZoneModel {
    /// The channel.
    pub channel: ChannelName,
    /// The zone.
    pub zone: ZoneName,
    /// The points with their places.
    pub points: Vec<(PointName, usize)>,
    /// One for each offer, in the order of the names.
    pub candidates: Vec<Candidate>,
}

impl ZoneModel {
    /// The places of its largest point.
    pub(crate) fn places(&self) -> usize {
        self.points.iter().map(|it| it.1).max().unwrap_or_default()
    }

    /// By segment, the offers that some rule brings in for it, in the order of the names.
    pub(crate) fn by_segment(&self) -> BTreeMap<&SegmentName, Vec<&Candidate>> {
        let mut all: BTreeMap<&SegmentName, Vec<&Candidate>> = BTreeMap::new();
        for candidate in &self.candidates {
            let segments: BTreeSet<&SegmentName> =
                candidate.bids.iter().map(|it| &it.segment).collect();
            for segment in segments {
                all.entry(segment).or_default().push(candidate);
            }
        }
        all
    }

    /// A time, cut wherever an offer of the zone begins or ends.
    pub(crate) fn stretches(&self, within: Period) -> impl Iterator<Item = Period> {
        let all = stretches(self.candidates.iter().map(|it| it.period), within.from);
        all.into_iter().filter_map(move |it| {
            let until = it.until.min(within.until);
            (it.from < until).then_some(Period { from: it.from, until })
        })
    }
}

/// An offer that some rule brings in, and that has a form for the channel.
pub(crate) struct Candidate {
    /// The offer.
    pub offer: OfferName,
    /// When it may be proposed.
    pub period: Period,
    /// The purpose it needs.
    pub consent: Option<PurposeName>,
    /// How often one person may see it.
    pub cap: Option<Cap>,
    /// The rules that bring it in.
    pub bids: Vec<Bid>,
    value: f64,
    by_value: bool,
}

/// One rule for an offer.
pub(crate) struct Bid {
    /// Which rule of the strategy.
    pub index: usize,
    /// For whom.
    pub segment: SegmentName,
    /// The score.
    pub score: BidScore,
}

/// A score.
pub(crate) enum BidScore {
    /// The same for everybody.
    Fixed(f64),
    /// Computed; whether nothing on the way can be too large.
    Computed(bool),
}

impl Candidate {
    /// The least and the greatest rank that the offer has where the best rule for it gives a score between these two.
    /// Scores count from 0 to 1000.
    pub(crate) fn ranks(&self, least: f64, most: f64) -> (f64, f64) {
        let rank = |score: f64| {
            let score = score.clamp(0.0, MOST);
            (if self.by_value { score / 100.0 * self.value } else { score }) + 0.0
        };
        // Where an offer costs something its best score, maybe by another rule, is its worst rank.
        if self.by_value && self.value < 0.0 {
            (rank(MOST), rank(0.0))
        } else {
            (rank(least), rank(most))
        }
    }

    /// Where, with this rank, it stands beside another with that one; the better is less. Names decide last.
    pub(crate) fn order(&self, rank: f64, other: &Self, theirs: f64) -> Ordering {
        self.worth(rank, other, theirs).then(self.offer.cmp(&other.offer))
    }

    /// Whether, with a rank of at least `least`, this stands before another with a rank of at most `most`. Where only
    /// the names decide, it is not said: that is a finding of its own.
    pub(crate) fn is_before(&self, least: f64, other: &Self, most: f64) -> bool {
        self.worth(least, other, most) == Ordering::Less
    }

    fn worth(&self, rank: f64, other: &Self, theirs: f64) -> Ordering {
        theirs.total_cmp(&rank).then(other.value.total_cmp(&self.value))
    }
}

/// Every zone of every channel of which everything is known.
pub(crate) fn zones(cx: &Context<'_>) -> Vec<ZoneModel> {
    let mut all = Vec::new();
    let components = cx.components;
    for (name, channel) in &components.channels {
        let id = ComponentId::new(Kind::Strategy, name.as_str());
        let channel_id = ComponentId::new(Kind::Channel, name.as_str());
        let Some(strategy) = components.strategies.get(name) else { continue };
        if cx.is_doubtful(&id) || cx.is_doubtful(&channel_id) {
            continue;
        }
        for zone in channel.zones.keys() {
            let points = channel.interaction_points.iter().filter(|it| it.1.zone == *zone);
            let points = points.map(|it| (it.0.clone(), it.1.offers as usize)).collect();
            let by_value = match strategy.arbitration.get(zone).copied().unwrap_or_default() {
                Arbitration::Score => false,
                Arbitration::Value => true,
                Arbitration::Learning | Arbitration::Weights => continue,
            };
            let mut model = ZoneModel {
                channel: name.clone(),
                zone: zone.clone(),
                points,
                candidates: Vec::new(),
            };
            if fill(cx, &mut model, &id, by_value).is_some() {
                all.push(model);
            }
        }
    }
    all
}

/// `None` where something is not known.
fn fill(cx: &Context<'_>, model: &mut ZoneModel, id: &ComponentId, by_value: bool) -> Option<()> {
    let components = cx.components;
    let strategy = components.strategies.get(&model.channel)?;
    let rules = strategy.rules.iter().enumerate().filter(|it| it.1.zone == model.zone);
    let mut by_offer: BTreeMap<&OfferName, Vec<(usize, &Rule)>> = BTreeMap::new();
    for (index, rule) in rules {
        by_offer.entry(&rule.offer).or_default().push((index, rule));
    }
    for (name, rules) in by_offer {
        let offer = &components.offers.get(name)?.content;
        if cx.is_doubtful(&ComponentId::new(Kind::Offer, name.as_str())) {
            return None;
        }
        let mut bids = Vec::new();
        for (index, rule) in rules {
            if rule.segment.as_str() != EVERYONE && !cx.index.segments.contains_key(&rule.segment) {
                return None;
            }
            let score = match &rule.score {
                Score::Fixed(it) if !it.is_finite() => return None,
                // Nobody has a score below 0; that is a rule of its own.
                Score::Fixed(it) if *it < 0.0 => continue,
                Score::Fixed(it) => BidScore::Fixed(*it),
                Score::Cel(_) => {
                    let site = cx.sites.get(id, &format!("rules/{index}/score"))?;
                    let expr = site.checked.expr.as_ref()?;
                    BidScore::Computed(may_be_missing(expr).is_none() && !may_overflow(expr))
                }
            };
            bids.push(Bid { index, segment: rule.segment.clone(), score });
        }
        if offer.treatments.get(&model.channel).is_some_and(|it| !it.is_empty()) && !bids.is_empty()
        {
            model.candidates.push(Candidate {
                offer: name.clone(),
                period: Period::of(&offer.valid, &cx.zone),
                consent: offer.consent.clone(),
                cap: offer.cap,
                bids,
                value: offer.value,
                by_value,
            });
        }
    }
    Some(())
}

/// Whether some number on the way to the score may be too large to be exact.
fn may_overflow(expr: &Expr) -> bool {
    let large = |it: &Expr| {
        let (least, most) = range(it);
        !(least > -EXACT && most < EXACT)
    };
    match &expr.kind {
        ExprKind::Arithmetic { left, right, op: _ } => {
            large(expr) || may_overflow(left) || may_overflow(right)
        }
        ExprKind::Negate(of) | ExprKind::Widen(of) | ExprKind::Not(of) => may_overflow(of),
        ExprKind::Choose { test, yes, no } => {
            may_overflow(test) || may_overflow(yes) || may_overflow(no)
        }
        ExprKind::Compare { left, right, op: _ } => may_overflow(left) || may_overflow(right),
        ExprKind::Member { item, list } => may_overflow(item) || may_overflow(list),
        ExprKind::All(parts) | ExprKind::Any(parts) => parts.iter().any(may_overflow),
        _ => false,
    }
}
