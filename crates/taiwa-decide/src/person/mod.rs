//! One person, as far as decisions look at them: attributes, consent, and what happened.
//!
//! **Invariants.** Plain data with a version; no key, no clock. It never holds more than [`MAX_ENTRIES`] entries of
//! history, whatever is posted. Deliberately absent: which of it a release reads (`compiled::Keep`), and the store.

mod moments;
mod stored;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use taiwa_model::{AttributeName, EventRef, OfferName, PurposeName, Timestamp, Value};

pub use moments::{MAX_HOURS, MAX_INSTANTS, Moments, Numbers, Reading};

/// Most entries (exact instants and hourly sums together) of one person's whole history. Beyond it the largest history
/// is collapsed into hourly sums, and then the oldest sums are forgotten.
pub const MAX_ENTRIES: usize = 20_000;

/// Most different events, and most different offers, of which one person has a history. The ones that were quiet
/// longest are forgotten first.
pub const MAX_HISTORIES: usize = 2_000;

/// One person. In JSON at most about 1.6 MB if one number of an event is summed (`MAX_ENTRIES` entries of about 80 bytes),
/// in the worst case, eight sums with the longest names, 14 MB; in ordinary life a few kilobytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    format: Format,
    #[serde(default, with = "stored", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: BTreeMap<AttributeName, Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) consent: BTreeMap<PurposeName, Consent>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) events: BTreeMap<EventRef, Moments>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) offers: BTreeMap<OfferName, Contacts>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) visits: u64,
}

/// Version of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Format;

impl TryFrom<u32> for Format {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number == 1 {
            Ok(Self)
        } else {
            Err(format!("a person of format {number} is not known"))
        }
    }
}

impl From<Format> for u32 {
    fn from(_: Format) -> Self {
        1
    }
}

/// What a person said about a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Yes or no.
    pub granted: bool,
    /// When.
    pub at: Timestamp,
    /// Where it was said: a channel, an import, a person of support.
    pub source: String,
}

/// How a person met an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    /// It was seen.
    Shown,
    /// It was taken.
    Accepted,
    /// It was refused.
    Rejected,
}

impl ContactKind {
    /// The word in files and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// The history of one offer with one person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    #[serde(default, skip_serializing_if = "is_empty")]
    pub(crate) shown: Moments,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub(crate) accepted: Moments,
    #[serde(default, skip_serializing_if = "is_empty")]
    pub(crate) rejected: Moments,
}

impl Contacts {
    /// The history of one kind.
    pub const fn of(&self, kind: ContactKind) -> &Moments {
        match kind {
            ContactKind::Shown => &self.shown,
            ContactKind::Accepted => &self.accepted,
            ContactKind::Rejected => &self.rejected,
        }
    }

    pub(crate) const fn of_mut(&mut self, kind: ContactKind) -> &mut Moments {
        match kind {
            ContactKind::Shown => &mut self.shown,
            ContactKind::Accepted => &mut self.accepted,
            ContactKind::Rejected => &mut self.rejected,
        }
    }

    pub(crate) fn all_mut(&mut self) -> [&mut Moments; 3] {
        [&mut self.shown, &mut self.accepted, &mut self.rejected]
    }

    fn last(&self) -> Option<Timestamp> {
        self.shown.last().max(self.accepted.last()).max(self.rejected.last())
    }
}

impl Default for Person {
    fn default() -> Self {
        Self {
            format: Format,
            attributes: BTreeMap::new(),
            consent: BTreeMap::new(),
            events: BTreeMap::new(),
            offers: BTreeMap::new(),
            visits: 0,
        }
    }
}

impl Person {
    /// What is known of them, without the audience's defaults.
    pub const fn attributes(&self) -> &BTreeMap<AttributeName, Value> {
        &self.attributes
    }

    /// What they said about purposes.
    pub const fn consent(&self) -> &BTreeMap<PurposeName, Consent> {
        &self.consent
    }

    /// How often a session began.
    pub const fn visits(&self) -> u64 {
        self.visits
    }

    /// A session begins.
    pub const fn visit(&mut self) {
        self.visits = self.visits.saturating_add(1);
    }

    /// The history of an event.
    pub fn event(&self, event: &EventRef) -> Option<&Moments> {
        self.events.get(event)
    }

    /// The history with an offer.
    pub fn offer(&self, offer: &str) -> Option<&Contacts> {
        self.offers.get(offer)
    }

    /// How many entries of history are kept.
    pub fn entries(&self) -> usize {
        let contacts = |it: &Contacts| it.shown.size() + it.accepted.size() + it.rejected.size();
        self.events.values().map(Moments::size).sum::<usize>()
            + self.offers.values().map(contacts).sum::<usize>()
    }

    /// Holds the limits of this module, whatever was recorded.
    pub(crate) fn bound(&mut self) {
        while self.events.len() > MAX_HISTORIES {
            let quiet = self.events.iter().min_by_key(|it| it.1.last()).map(|it| it.0.clone());
            self.events.remove(&quiet.unwrap_or_else(|| EventRef::new("", "")));
        }
        while self.offers.len() > MAX_HISTORIES {
            let quiet = self.offers.iter().min_by_key(|it| it.1.last()).map(|it| it.0.clone());
            self.offers.remove(&quiet.unwrap_or_else(|| OfferName::new("")));
        }
        while self.entries() > MAX_ENTRIES {
            let excess = self.entries() - MAX_ENTRIES;
            let offers = self.offers.values_mut().flat_map(Contacts::all_mut);
            let Some(largest) = self.events.values_mut().chain(offers).max_by_key(|it| it.size())
            else {
                return;
            };
            if largest.exact() > 1 {
                largest.collapse(largest.exact().div_ceil(2));
            } else {
                largest.forget_hours(excess.min(largest.size().div_ceil(2)));
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_empty(moments: &Moments) -> bool {
    *moments == Moments::default()
}
