//! Reasons: the same judgement as the decision, once more, in words.
//!
//! **Invariants.** Nothing here changes an answer. The values of attributes that are personal data are never said, only
//! whether they are known. A detail has at most [`MAX_DETAIL_CHARS`] characters.

use taiwa_condition::{Facts as _, History, Truth};
use taiwa_model::{OfferName, PointName, Value};

use crate::{
    Compiled, ContactKind, Decision, Reason, Request, Stage, Stages,
    compiled::{Bid, BidScore, Candidate, CompiledOffer, Condition, Point, Zone},
    decide::{Winner, admit, judge},
    facts::PersonFacts,
};

/// Most characters of the detail of a reason.
pub const MAX_DETAIL_CHARS: usize = 600;

/// Most candidates of a zone that are explained in one answer: those that could rank best.
pub const MAX_REASONS: usize = 1_000;

/// Most characters of one value in a reason.
const MAX_VALUE_CHARS: usize = 60;

/// One reason for each candidate of the zone, up to [`MAX_REASONS`].
pub(crate) fn reasons(
    facts: &PersonFacts<'_>,
    zone: &Zone,
    exclude: &[OfferName],
    winners: &[Winner],
) -> Vec<Reason> {
    zone.candidates
        .iter()
        .take(MAX_REASONS)
        .map(|it| reason(facts, zone, it, (exclude, winners)))
        .collect()
}

/// The stage of each candidate of the zone, without words, up to [`MAX_REASONS`]. Those that the decision did not look at,
/// because better ones had taken the places, are said to be behind them, and are not looked at now.
pub(crate) fn stages(
    facts: &PersonFacts<'_>,
    (zone, seen): (&Zone, usize),
    exclude: &[OfferName],
    winners: &[Winner],
) -> Stages {
    let kept = zone.candidates.len().min(MAX_REASONS);
    let mut stages = Stages::with_capacity(kept);
    for (candidate, glance) in zone.candidates.iter().zip(&zone.glances).take(kept.min(seen)) {
        facts.exactly();
        // Not to be in its segment is the common case; nothing comes before that but the treatment and `exclude`.
        let outside = exclude.is_empty()
            && candidate.has_treatment
            && glance.segment.is_some_and(|it| !facts.in_segment(it));
        let judged = if outside { Err(Stage::Segment) } else { judge(facts, candidate, exclude) };
        let stage = match judged {
            Ok(_) if winners.iter().any(|it| it.offer == candidate.offer) => Stage::Chosen,
            Ok(_) => Stage::Rank,
            Err(stage) => stage,
        };
        stages.push(stage, facts.was_approximate());
    }
    (seen..kept).for_each(|_| stages.push(Stage::Rank, false));
    stages
}

/// Why the fallback stands in the answer, or does not although nobody was eligible.
pub(crate) fn fallback(
    facts: &PersonFacts<'_>,
    point: &Point,
    decision: &Decision,
    exclude: &[OfferName],
) -> Option<Reason> {
    let index = point.fallback.filter(|_| decision.fallback)?;
    let offer = &facts.compiled.offers[index];
    facts.exactly();
    let (stage, detail) = if !decision.offers.is_empty() {
        (Stage::Fallback, "nobody is eligible: the point's fallback stands in".to_owned())
    } else if exclude.contains(&offer.name) {
        (Stage::Excluded, "the fallback is already shown at another point".to_owned())
    } else {
        let stage = admit(facts, offer, index).err().unwrap_or(Stage::Treatment);
        (stage, format!("the fallback cannot stand in: {}", refusal(facts, offer, index, stage)))
    };
    Some(finish(facts, offer, stage, &detail))
}

/// Why an offer that somebody waited for is not in an answer: also for offers that no rule brings in.
pub fn why_not(
    compiled: &Compiled,
    request: &Request<'_>,
    decision: &Decision,
    offer: &OfferName,
) -> Reason {
    if let Some(known) = decision.reasons.iter().find(|it| it.offer == *offer) {
        return known.clone();
    }
    let detail = if compiled.has_offer(offer) {
        format!("no rule proposes it {}", zone_words(compiled, request.session, request.point))
    } else {
        "the release has no such offer".to_owned()
    };
    Reason { offer: offer.clone(), stage: Stage::Zone, detail, approximate: false }
}

fn zone_words(compiled: &Compiled, session: &crate::Session, point: &PointName) -> String {
    let zone = compiled
        .channels
        .get(&session.channel)
        .and_then(|channel| channel.points.get(point).and_then(|it| channel.zones.get(it.zone)));
    zone.map_or_else(|| "here".to_owned(), |it| format!("in zone {}", it.name))
}

fn reason(
    facts: &PersonFacts<'_>,
    zone: &Zone,
    candidate: &Candidate,
    (exclude, winners): (&[OfferName], &[Winner]),
) -> Reason {
    let offer = &facts.compiled.offers[candidate.offer];
    facts.exactly();
    let (stage, detail) = match judge(facts, candidate, exclude) {
        Ok(score) => match winners.iter().position(|it| it.offer == candidate.offer) {
            Some(place) => {
                (Stage::Chosen, format!("place {} with {}", place + 1, worth(zone, offer, score)))
            }
            None => (Stage::Rank, behind(facts, zone, offer, score, winners)),
        },
        Err(stage @ (Stage::Segment | Stage::Score)) => {
            (stage, of_rules(facts, &candidate.rules, stage))
        }
        Err(stage) => (stage, refusal(facts, offer, candidate.offer, stage)),
    };
    finish(facts, offer, stage, &detail)
}

fn finish(facts: &PersonFacts<'_>, offer: &CompiledOffer, stage: Stage, detail: &str) -> Reason {
    let approximate = facts.was_approximate();
    let mut detail = cut(detail, MAX_DETAIL_CHARS);
    if approximate {
        detail.push_str(" (counted by the hour: the window is not exact)");
    }
    Reason { offer: offer.name.clone(), stage, detail, approximate }
}

/// `score 80`, or where value counts `score 80 × value 12.5`.
fn worth(zone: &Zone, offer: &CompiledOffer, score: f64) -> String {
    if zone.by_value {
        format!("score {score} and value {}", offer.value)
    } else {
        format!("score {score}")
    }
}

fn behind(
    facts: &PersonFacts<'_>,
    zone: &Zone,
    offer: &CompiledOffer,
    score: f64,
    winners: &[Winner],
) -> String {
    let first: Vec<String> = winners
        .iter()
        .take(3)
        .map(|it| {
            let winner = &facts.compiled.offers[it.offer];
            format!("{} ({})", winner.name, worth(zone, winner, it.score))
        })
        .collect();
    format!("{} is behind {}", worth(zone, offer, score), first.join(", "))
}

fn of_rules(facts: &PersonFacts<'_>, rules: &[Bid], stage: Stage) -> String {
    let segments = &facts.compiled.slots.segments;
    let mut words = Vec::new();
    for rule in rules.iter().take(5) {
        let inside = facts.in_segment(rule.segment);
        let name = segments.name(rule.segment);
        match (&rule.score, stage) {
            (_, Stage::Segment) => words.push(format!("not in segment {name}")),
            (BidScore::Fixed(score), _) if inside => {
                words.push(format!("score {score} is below 0"));
            }
            (BidScore::Computed(it), _) if inside => words.push(match it.program.number(facts) {
                Some(score) => format!("score `{}` is {score}, below 0", it.text),
                None => format!("score `{}` is unknown{}", it.text, seen_values(facts, it)),
            }),
            _ => {}
        }
    }
    words.join(", ")
}

/// What dates, consent, eligibility and cap say, with the values that decided.
fn refusal(facts: &PersonFacts<'_>, offer: &CompiledOffer, index: usize, stage: Stage) -> String {
    match stage {
        Stage::Treatment => "it has no treatment for this channel".to_owned(),
        Stage::Excluded => "it is already shown at another point".to_owned(),
        Stage::Dates if facts.now() < offer.begins => format!("it begins at {}", offer.begins),
        Stage::Dates => format!("it ended at {}", offer.ends),
        Stage::Consent => {
            let purpose = offer.consent.map(|it| facts.compiled.slots.purposes.name(it).clone());
            format!("no consent to {}", purpose.as_ref().map_or("its purpose", |it| it.as_str()))
        }
        Stage::Eligibility => offer.eligible.as_ref().map_or_else(String::new, |it| {
            let outcome = match facts.truth(it) {
                Truth::Unknown => "unknown",
                Truth::True | Truth::False => "false",
            };
            format!("`{}` is {outcome}{}", it.text, seen_values(facts, it))
        }),
        Stage::Cap => offer.cap.map_or_else(String::new, |cap| {
            let shown = facts.contacted(index, ContactKind::Shown, cap.per);
            format!("cap {} per {}: shown {shown}", cap.shown, cap.per)
        }),
        _ => String::new(),
    }
}

/// What a condition looked at, as it is for this person: `; profile.tier is "silver", …`.
fn seen_values(facts: &PersonFacts<'_>, condition: &Condition) -> String {
    let (uses, slots) = (&condition.uses, &facts.compiled.slots);
    let mut words = Vec::new();
    for name in uses.attributes.keys() {
        let secret = facts.compiled.attributes.get(name).is_some_and(|it| it.pii);
        words.push(match facts.attribute_named(name) {
            None => format!("profile.{name} is missing"),
            Some(_) if secret => format!("profile.{name} is known"),
            Some(value) => format!("profile.{name} is {}", show(&value)),
        });
    }
    for name in uses.segments.keys() {
        let inside = slots.segments.slot(name.as_str()).is_some_and(|it| facts.in_segment(it));
        words.push(format!("{}in segment {name}", if inside { "" } else { "not " }));
    }
    for name in uses.purposes.keys() {
        let yes = slots.purposes.slot(name.as_str()).is_some_and(|it| facts.consented(it));
        words.push(format!("{} {name}", if yes { "consents to" } else { "no consent to" }));
    }
    for (event, it) in &uses.events {
        let Some(slot) = slots.events.slot(event) else { continue };
        if it.window.as_millis() > 0 {
            let count = facts.count(slot, it.window);
            words.push(format!("{event} {count} times within {}", it.window));
        }
        for (property, window) in &it.sums {
            let sum =
                slots.properties.slot(property.as_str()).map(|at| facts.sum(slot, at, *window));
            words.push(format!("sum of {property} within {window} is {}", sum.unwrap_or_default()));
        }
        if it.last {
            let last = facts.moments(slot).and_then(crate::Moments::last);
            words.push(
                last.map_or_else(|| format!("{event} never"), |at| format!("last {event} at {at}")),
            );
        }
    }
    for ((offer, history), it) in &uses.offers {
        let Some(index) = facts.compiled.offer_index(offer) else { continue };
        let kind = match history {
            History::Shown => ContactKind::Shown,
            History::Accepted => ContactKind::Accepted,
            History::Rejected => ContactKind::Rejected,
        };
        let count = facts.contacted(index, kind, it.window);
        words.push(format!("{offer} {} {count} times within {}", kind.as_str(), it.window));
    }
    if words.is_empty() { String::new() } else { format!("; {}", words.join(", ")) }
}

fn show(value: &Value) -> String {
    cut(&value.to_json().to_string(), MAX_VALUE_CHARS)
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
