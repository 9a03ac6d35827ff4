//! What of a person's history this release reads, and so what is kept.
//!
//! **Invariant.** Every window of every condition and cap is within what is kept here. A contact with an offer is kept at
//! least for [`CREDIT_WINDOW`], because a conversion is credited to the contacts before it.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::{History, Uses};
use taiwa_model::{EventRef, OfferName, PropertyName, SpanOfTime};

use crate::ContactKind;

/// How long a contact with an offer is kept in any case: 30 days, the usual reach of a conversion.
pub const CREDIT_WINDOW: SpanOfTime = SpanOfTime::from_days(30);

/// Most properties of one event that conditions of a release may sum, which bounds the size of a stored person.
pub const MAX_SUMS: usize = 8;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    events: BTreeMap<EventRef, KeptEvent>,
    contacts: BTreeMap<(OfferName, ContactKind), SpanOfTime>,
}

/// What is kept of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptEvent {
    /// The longest window; 0 if only the last one is asked for.
    pub window: SpanOfTime,
    /// Properties that are summed.
    pub sums: BTreeSet<PropertyName>,
}

impl Keep {
    /// What is kept of this event; `None` if nothing reads it.
    pub fn event(&self, event: &EventRef) -> Option<&KeptEvent> {
        self.events.get(event)
    }

    /// How long this kind of contact with an offer is kept.
    pub fn contact(&self, offer: &OfferName, kind: ContactKind) -> SpanOfTime {
        self.contacts.get(&(offer.clone(), kind)).copied().unwrap_or(CREDIT_WINDOW)
    }

    /// All events that are read.
    pub fn events(&self) -> impl Iterator<Item = (&EventRef, &KeptEvent)> {
        self.events.iter()
    }

    pub(super) fn read(&mut self, uses: &Uses) {
        for (event, it) in &uses.events {
            let kept = self.events.entry(event.clone()).or_default();
            kept.window = kept.window.max(it.window);
            kept.sums.extend(it.sums.keys().cloned());
        }
        for ((offer, history), it) in &uses.offers {
            let kind = match history {
                History::Shown => ContactKind::Shown,
                History::Accepted => ContactKind::Accepted,
                History::Rejected => ContactKind::Rejected,
            };
            self.contact_window(offer, kind, it.window);
        }
    }

    pub(super) fn contact_window(
        &mut self,
        offer: &OfferName,
        kind: ContactKind,
        window: SpanOfTime,
    ) {
        let kept = self.contacts.entry((offer.clone(), kind)).or_insert(CREDIT_WINDOW);
        *kept = (*kept).max(window);
    }
}
