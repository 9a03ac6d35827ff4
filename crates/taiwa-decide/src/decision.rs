//! The question and the answer: request, decision, reasons. Words of an answer are a promise to touchpoints.

use serde::{Deserialize, Serialize};
use taiwa_model::{ChannelName, Content, Digest, OfferName, PointName};

use crate::{Person, Session, Stages};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The session; for a one-shot decision one that is made for it.
    pub session: &'a Session,
    /// The person.
    pub person: &'a Person,
    /// The interaction point, of the session's channel.
    pub point: &'a PointName,
    /// At most so many offers; absent: what the point allows, which is never exceeded.
    pub limit: Option<u32>,
    /// Offers that are in the answer of another point of the same decision.
    pub exclude: &'a [OfferName],
    /// Whether the reasons are wanted.
    pub explain: Explain,
}

/// Whether the reasons of a decision are worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explain {
    /// Only the answer.
    #[default]
    Nothing,
    /// The stage of every candidate of the zone, without words: cheap enough to be kept for every decision. Candidates that
    /// could not have ranked any more are not looked at: they stand behind better ones (`rank`), whatever else they lack.
    Stages,
    /// The same, and one reason for every candidate of the zone, with words and values.
    EveryCandidate,
}

/// Why there is no decision at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The release has no such channel.
    #[error("the active release has no channel `{channel}`")]
    UnknownChannel {
        /// As it was asked.
        channel: ChannelName,
    },
    /// The channel has no such point.
    #[error("channel `{channel}` has no interaction point `{point}`")]
    UnknownPoint {
        /// The channel.
        channel: ChannelName,
        /// As it was asked.
        point: PointName,
    },
}

/// The answer at an interaction point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The channel.
    pub channel: ChannelName,
    /// The interaction point.
    pub point: PointName,
    /// The release that decided.
    pub release: Digest,
    /// Best first; the fallback alone if nobody was eligible.
    pub offers: Vec<Chosen>,
    /// Whether no offer was eligible, so that `offers` holds the fallback, or nothing if there is none.
    pub fallback: bool,
    /// Why, candidate by candidate, in the order of the zone; only when asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The stages of the candidates, to be kept; only when asked. [`kept_reasons`](crate::kept_reasons) reads them.
    #[serde(default, skip_serializing_if = "Stages::is_empty")]
    pub stages: Stages,
}

/// An offer in an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The offer.
    pub offer: OfferName,
    /// Which form of it: `channel/locale`.
    pub treatment: String,
    /// Its score, 0 to 1000; 0 for a fallback.
    pub score: f64,
    /// The fields of the treatment, placeholders filled; plain text, not escaped for HTML.
    pub content: Content,
}

/// Why an offer is in the answer, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The offer.
    pub offer: OfferName,
    /// The stage that decided: the first that said no, or `chosen`.
    pub stage: Stage,
    /// In words, with the values that decided; in general words where only stages were kept.
    pub detail: String,
    /// Whether a history was read from hourly sums, so that a window is not exact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approximate: bool,
}

/// The stages of a decision, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// No rule of the zone brings it in.
    Zone,
    /// It has no treatment for the channel.
    Treatment,
    /// It is in the answer of another point of this decision.
    Excluded,
    /// The person is in none of the segments it is for.
    Segment,
    /// It has not begun, or has ended.
    Dates,
    /// The person has not consented to its purpose.
    Consent,
    /// Its condition does not hold.
    Eligibility,
    /// It was shown often enough.
    Cap,
    /// Its score is unknown or below 0.
    Score,
    /// Better ones took the places.
    Rank,
    /// It is in the answer.
    Chosen,
    /// It is in the answer because nobody was eligible.
    Fallback,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 12] = [
        Self::Zone,
        Self::Treatment,
        Self::Excluded,
        Self::Segment,
        Self::Dates,
        Self::Consent,
        Self::Eligibility,
        Self::Cap,
        Self::Score,
        Self::Rank,
        Self::Chosen,
        Self::Fallback,
    ];

    /// What it says of any offer, where the values that decided were not kept.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Zone => "no rule of the zone brings it in",
            Self::Treatment => "it has no treatment for this channel",
            Self::Excluded => "it is already shown at another point",
            Self::Segment => "in none of the segments that it is for",
            Self::Dates => "it has not begun, or has ended",
            Self::Consent => "no consent to its purpose",
            Self::Eligibility => "its condition does not hold",
            Self::Cap => "it was shown often enough",
            Self::Score => "its score is unknown or below 0",
            Self::Rank => "better ones took the places",
            Self::Chosen => "it is in the answer",
            Self::Fallback => "nobody is eligible: the point's fallback stands in",
        }
    }

    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Treatment => "treatment",
            Self::Excluded => "excluded",
            Self::Segment => "segment",
            Self::Dates => "dates",
            Self::Consent => "consent",
            Self::Eligibility => "eligibility",
            Self::Cap => "cap",
            Self::Score => "score",
            Self::Rank => "rank",
            Self::Chosen => "chosen",
            Self::Fallback => "fallback",
        }
    }
}
