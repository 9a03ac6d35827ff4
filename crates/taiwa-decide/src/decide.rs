//! The decision: zone → segment → dates → consent → eligibility → cap → score or value → fallback.
//!
//! **Invariants.** The same judgement decides and explains; a glance before it leaves out only whom it would refuse too. A person is judged against a candidate only while that can
//! still change the answer, because candidates come in the order of the best rank they can have.

use taiwa_condition::{Facts as _, Truth};
use taiwa_model::{OfferName, Timestamp, Value};

use crate::{
    Chosen, Compiled, ContactKind, DecideError, Decision, Explain, Request, Session, Stage, Stages,
    compiled::{BidScore, Candidate, CompiledOffer, CompiledTreatment, Form, Zone, better, rank},
    explain,
    facts::{PersonFacts, locales_of},
};

/// Decides what to say to this person, here, now. A function of its arguments.
///
/// # Errors
/// When the release has no such channel or point.
pub fn decide(
    compiled: &Compiled,
    request: &Request<'_>,
    now: Timestamp,
) -> Result<Decision, DecideError> {
    let session = request.session;
    let unknown_channel = || DecideError::UnknownChannel { channel: session.channel.clone() };
    let channel = compiled.channels.get(&session.channel).ok_or_else(unknown_channel)?;
    let point = channel.points.get(request.point).ok_or_else(|| DecideError::UnknownPoint {
        channel: session.channel.clone(),
        point: request.point.clone(),
    })?;
    let zone = &channel.zones[point.zone];
    let facts = PersonFacts::new(compiled, session, request.person, now);
    let places = request.limit.map_or(point.offers, |it| point.offers.min(it as usize));
    let (winners, seen) = best(&facts, zone, places, request.exclude);
    let mut offers: Vec<Chosen> = Vec::with_capacity(winners.len().max(1));
    for it in &winners {
        offers.extend(show(&facts, session, &compiled.offers[it.offer], it.score));
    }
    let fallback = winners.is_empty() && places > 0;
    if let Some(stand_in) = point.fallback.filter(|_| fallback) {
        let offer = &compiled.offers[stand_in];
        let excluded = request.exclude.contains(&offer.name);
        if !excluded && admit(&facts, offer, stand_in).is_ok() {
            offers.extend(show(&facts, session, offer, 0.0));
        }
    }
    let mut decision = Decision {
        channel: session.channel.clone(),
        point: request.point.clone(),
        release: compiled.digest(),
        offers,
        fallback,
        reasons: Vec::new(),
        stages: Stages::default(),
    };
    match request.explain {
        Explain::Nothing => {}
        Explain::Stages => {
            decision.stages = explain::stages(&facts, (zone, seen), request.exclude, &winners);
        }
        Explain::EveryCandidate => {
            decision.reasons = explain::reasons(&facts, zone, request.exclude, &winners);
            decision.stages = Stages::of(&decision.reasons);
            decision.reasons.extend(explain::fallback(&facts, point, &decision, request.exclude));
        }
    }
    Ok(decision)
}

/// A candidate that takes a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Winner {
    /// Index of the offer.
    pub(crate) offer: usize,
    pub(crate) score: f64,
    pub(crate) rank: f64,
    value: f64,
}

impl Winner {
    const fn key(&self) -> (f64, f64, usize) {
        (self.rank, self.value, self.offer)
    }
}

/// The best candidates, best first, and how many had to be looked at: those behind could not have ranked any more.
fn best(
    facts: &PersonFacts<'_>,
    zone: &Zone,
    places: usize,
    exclude: &[OfferName],
) -> (Vec<Winner>, usize) {
    let mut winners: Vec<Winner> = Vec::with_capacity(places);
    if places == 0 {
        return (winners, 0);
    }
    let now = facts.now();
    for (seen, (candidate, glance)) in zone.candidates.iter().zip(&zone.glances).enumerate() {
        if winners.len() == places
            && winners.last().is_some_and(|worst| {
                let best = (candidate.bound, candidate.value, candidate.offer);
                better(best, worst.key()).is_gt()
            })
        {
            return (winners, seen);
        }
        if now < glance.begins
            || now >= glance.ends
            || glance.segment.is_some_and(|it| !facts.in_segment(it))
        {
            continue;
        }
        let Ok(score) = judge(facts, candidate, exclude) else { continue };
        let winner = Winner {
            offer: candidate.offer,
            score,
            rank: rank(zone.by_value, score, candidate.value),
            value: candidate.value,
        };
        let place = winners.partition_point(|it| better(it.key(), winner.key()).is_lt());
        if place < places {
            winners.truncate(places - 1);
            winners.insert(place, winner);
        }
    }
    (winners, zone.candidates.len())
}

/// The score of a candidate, or the first stage that says no.
pub(crate) fn judge(
    facts: &PersonFacts<'_>,
    candidate: &Candidate,
    exclude: &[OfferName],
) -> Result<f64, Stage> {
    let offer = &facts.compiled.offers[candidate.offer];
    if !candidate.has_treatment {
        return Err(Stage::Treatment);
    }
    if !exclude.is_empty() && exclude.contains(&offer.name) {
        return Err(Stage::Excluded);
    }
    if !candidate.rules.iter().any(|it| facts.in_segment(it.segment)) {
        return Err(Stage::Segment);
    }
    admit(facts, offer, candidate.offer)?;
    score(facts, candidate).ok_or(Stage::Score)
}

/// What holds for an offer wherever it is proposed: dates, consent, eligibility, cap.
pub(crate) fn admit(
    facts: &PersonFacts<'_>,
    offer: &CompiledOffer,
    index: usize,
) -> Result<(), Stage> {
    let now = facts.now();
    if now < offer.begins || now >= offer.ends {
        return Err(Stage::Dates);
    }
    if offer.consent.is_some_and(|it| !facts.consented(it)) {
        return Err(Stage::Consent);
    }
    if offer.eligible.as_ref().is_some_and(|it| facts.truth(it) != Truth::True) {
        return Err(Stage::Eligibility);
    }
    if let Some(cap) = offer.cap
        && facts.contacted(index, ContactKind::Shown, cap.per) >= i64::from(cap.shown)
    {
        return Err(Stage::Cap);
    }
    Ok(())
}

/// The highest score of the rules that hold for the person, 0 to 1000; `None` if all are unknown or below 0.
pub(crate) fn score(facts: &PersonFacts<'_>, candidate: &Candidate) -> Option<f64> {
    let bids = candidate.rules.iter().filter(|it| facts.in_segment(it.segment));
    bids.filter_map(|it| match &it.score {
        BidScore::Fixed(it) => Some(*it),
        BidScore::Computed(it) => it.program.number(facts),
    })
    .filter(|it| *it >= 0.0)
    .map(|it| it.min(crate::MAX_SCORE))
    .max_by(f64::total_cmp)
}

/// An offer in the form for this channel and person.
fn show(
    facts: &PersonFacts<'_>,
    session: &Session,
    offer: &CompiledOffer,
    score: f64,
) -> Option<Chosen> {
    let form = form(facts, session, offer.treatments.get(&session.channel)?)?;
    let mut content = form.content.clone();
    for (field, template) in &form.templates {
        let text = template.fill(|name| facts.attribute_named(name));
        content.insert(field.clone(), Value::Text(text));
    }
    Some(Chosen { offer: offer.name.clone(), treatment: form.name.clone(), score, content })
}

fn form<'a>(
    facts: &PersonFacts<'a>,
    session: &'a Session,
    treatment: &'a CompiledTreatment,
) -> Option<&'a Form> {
    let of = |wanted: &str| treatment.locales.iter().find(|it| it.0.as_str() == wanted);
    let found = locales_of(facts.compiled, session, facts.person).find_map(of);
    found.or_else(|| treatment.locales.first()).map(|it| &it.1)
}
