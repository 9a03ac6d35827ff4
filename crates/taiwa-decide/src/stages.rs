//! The stages of all candidates of a decision in one short text: what is kept of every decision.
//!
//! **Invariants.** One letter a candidate, in the order of the zone; a capital says that a window was not exact. It names
//! no person and no value. Deliberately absent: the names of the offers, which the release knows.

use serde::{Deserialize, Serialize};

use crate::{Compiled, Decision, Reason, Stage};

/// The stage of each candidate of a zone, the first [`MAX_REASONS`](crate::MAX_REASONS) in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stages(String);

impl Stages {
    /// Whether nothing was kept.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn with_capacity(candidates: usize) -> Self {
        Self(String::with_capacity(candidates))
    }

    pub(crate) fn of(reasons: &[Reason]) -> Self {
        let mut stages = Self::with_capacity(reasons.len());
        for it in reasons {
            stages.push(it.stage, it.approximate);
        }
        stages
    }

    pub(crate) fn push(&mut self, stage: Stage, approximate: bool) {
        let letter = letter(stage);
        self.0.push(if approximate { letter.to_ascii_uppercase() } else { letter });
    }

    fn iter(&self) -> impl Iterator<Item = (Option<Stage>, bool)> {
        let stage = |it: char| {
            let small = it.to_ascii_lowercase();
            (Stage::ALL.into_iter().find(|it| letter(*it) == small), it.is_ascii_uppercase())
        };
        self.0.chars().map(stage)
    }
}

/// The reasons of a decision that was kept: the stages of all candidates, in general words. The release must be the
/// one that decided; of another one there are none.
pub fn kept_reasons(compiled: &Compiled, decision: &Decision) -> Vec<Reason> {
    let found = compiled.channels.get(&decision.channel).and_then(|channel| {
        let point = channel.points.get(&decision.point)?;
        Some((channel.zones.get(point.zone)?, point))
    });
    let Some((zone, point)) = found.filter(|_| compiled.digest() == decision.release) else {
        return Vec::new();
    };
    let reason = |offer: usize, stage: Stage, approximate| Reason {
        offer: compiled.offers[offer].name.clone(),
        stage,
        detail: stage.words().to_owned(),
        approximate,
    };
    let candidates = zone.candidates.iter().zip(decision.stages.iter());
    let reasons = candidates.filter_map(|(candidate, (stage, approximate))| {
        Some(reason(candidate.offer, stage?, approximate))
    });
    let stands_in = decision.fallback && !decision.offers.is_empty();
    let fallback = point.fallback.filter(|_| stands_in);
    reasons.chain(fallback.map(|it| reason(it, Stage::Fallback, false))).collect()
}

const fn letter(stage: Stage) -> char {
    match stage {
        Stage::Zone => 'z',
        Stage::Treatment => 't',
        Stage::Excluded => 'x',
        Stage::Segment => 's',
        Stage::Dates => 'd',
        Stage::Consent => 'a',
        Stage::Eligibility => 'e',
        Stage::Cap => 'c',
        Stage::Score => 'o',
        Stage::Rank => 'r',
        Stage::Chosen => 'w',
        Stage::Fallback => 'f',
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_stage_has_a_letter_of_its_own_and_comes_back() {
        let letters: BTreeSet<_> = Stage::ALL.into_iter().map(letter).collect();
        assert_eq!(letters.len(), Stage::ALL.len());
        let mut stages = Stages::default();
        for it in Stage::ALL {
            stages.push(it, false);
            stages.push(it, true);
        }
        let expect: Vec<_> =
            Stage::ALL.into_iter().flat_map(|it| [(Some(it), false), (Some(it), true)]).collect();
        assert_eq!(stages.iter().collect::<Vec<_>>(), expect);
        assert_eq!(Stages("?".into()).iter().next(), Some((None, false)));
    }
}
