//! How far back the history of people reaches that a release keeps: what its conditions and caps look at.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_condition::History;
use taiwa_model::{Components, EventRef, OfferName, PropertyName, SpanOfTime};

use crate::Sites;

/// A contact with an offer is kept at least for so long, because a conversion is credited to the contacts before it;
/// the servers' number, held to it by a test.
pub(crate) const CREDIT_WINDOW: SpanOfTime = SpanOfTime::from_days(30);

/// What is kept.
#[derive(Default)]
pub(crate) struct Kept {
    /// Events that are kept, and how far back; 0 where only the last one is.
    events: BTreeMap<EventRef, SpanOfTime>,
    /// Properties that are summed.
    sums: BTreeSet<(EventRef, PropertyName)>,
    /// Contacts that are kept longer than [`CREDIT_WINDOW`].
    contacts: BTreeMap<(OfferName, History), SpanOfTime>,
}

impl Kept {
    pub(crate) fn new(components: &Components, sites: &Sites) -> Self {
        let mut kept = Self::default();
        for uses in sites.iter().map(|it| &it.checked.uses) {
            for (event, it) in &uses.events {
                let own = kept.events.entry(event.clone()).or_default();
                *own = (*own).max(it.window);
                kept.sums.extend(it.sums.keys().map(|sum| (event.clone(), sum.clone())));
            }
            for ((offer, history), it) in &uses.offers {
                kept.contact(offer, *history, it.window);
            }
        }
        for (name, offer) in &components.offers {
            if let Some(cap) = offer.content.cap {
                kept.contact(name, History::Shown, cap.per);
            }
        }
        kept
    }

    fn contact(&mut self, offer: &OfferName, history: History, window: SpanOfTime) {
        let own = self.contacts.entry((offer.clone(), history)).or_insert(CREDIT_WINDOW);
        *own = (*own).max(window);
    }

    /// How far back an event is kept; none where nothing asks for it.
    pub(crate) fn event(&self, event: &EventRef) -> Option<SpanOfTime> {
        self.events.get(event).copied()
    }

    /// Whether a property of an event is summed.
    pub(crate) fn is_summed(&self, event: &EventRef, property: &PropertyName) -> bool {
        self.sums.contains(&(event.clone(), property.clone()))
    }

    /// How far back contacts with an offer are kept.
    pub(crate) fn offer(&self, offer: &OfferName, history: History) -> SpanOfTime {
        self.contacts.get(&(offer.clone(), history)).copied().unwrap_or(CREDIT_WINDOW)
    }
}
