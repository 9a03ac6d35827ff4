//! What a condition uses: for references, for what is never used, and for how much history must be kept.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use taiwa_model::{
    AttributeName, EventRef, LevelName, OfferName, PropertyName, PurposeName, SegmentName,
    SpanOfTime,
};
use taiwa_text::Span;

use crate::{History, SessionField};

/// The names that a condition uses, each with the span of its first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Attributes, also those asked for by `has`.
    pub attributes: BTreeMap<AttributeName, Span>,
    /// Segments.
    pub segments: BTreeMap<SegmentName, Span>,
    /// Offers, by what is asked of their history.
    pub offers: BTreeMap<(OfferName, History), OfferUse>,
    /// Events whose history is asked for.
    pub events: BTreeMap<EventRef, EventUse>,
    /// Properties of the event at hand.
    pub properties: BTreeMap<PropertyName, Span>,
    /// Consent purposes.
    pub purposes: BTreeMap<PurposeName, Span>,
    /// Levels that `level()` is compared with.
    pub levels: BTreeMap<LevelName, Span>,
    /// Flags.
    pub flags: BTreeMap<String, Span>,
    /// Variables of the session.
    pub session: BTreeMap<SessionField, Span>,
}

/// How the history of an offer is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferUse {
    /// The name of the offer, at its first use.
    pub span: Span,
    /// The longest window.
    pub window: SpanOfTime,
}

/// How the history of an event is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventUse {
    /// The name of the event, at its first use.
    pub span: Span,
    /// The longest window of `seen`, `count` and `sum`; 0 where only `since` is asked.
    pub window: SpanOfTime,
    /// Whether `since` is asked: the time of the last one is kept for good.
    pub last: bool,
    /// Properties that are summed, with their longest windows.
    pub sums: BTreeMap<PropertyName, SpanOfTime>,
}

impl Uses {
    /// Takes in what another condition uses; spans of first uses stay.
    pub fn merge(&mut self, other: Self) {
        fn first<K: Ord>(into: &mut BTreeMap<K, Span>, from: BTreeMap<K, Span>) {
            for (name, span) in from {
                into.entry(name).or_insert(span);
            }
        }
        first(&mut self.attributes, other.attributes);
        first(&mut self.segments, other.segments);
        first(&mut self.properties, other.properties);
        first(&mut self.purposes, other.purposes);
        first(&mut self.levels, other.levels);
        first(&mut self.flags, other.flags);
        first(&mut self.session, other.session);
        for ((offer, history), it) in other.offers {
            self.offer(offer, history, it);
        }
        for (event, it) in other.events {
            let EventUse { span, window, last, sums } = it;
            let own = self.event(event, span);
            own.window = own.window.max(window);
            own.last |= last;
            for (property, window) in sums {
                own.sum(property, window);
            }
        }
    }

    /// The offers, whatever is asked of their history.
    pub fn offer_names(&self) -> BTreeSet<&OfferName> {
        self.offers.keys().map(|it| &it.0).collect()
    }

    pub(crate) fn offer(&mut self, offer: OfferName, history: History, it: OfferUse) {
        match self.offers.entry((offer, history)) {
            Entry::Vacant(entry) => {
                entry.insert(it);
            }
            Entry::Occupied(mut entry) => {
                let own = entry.get_mut();
                own.window = own.window.max(it.window);
            }
        }
    }

    pub(crate) fn event(&mut self, event: EventRef, span: Span) -> &mut EventUse {
        self.events.entry(event).or_insert_with(|| EventUse { span, ..EventUse::default() })
    }
}

impl EventUse {
    pub(crate) fn sum(&mut self, property: PropertyName, window: SpanOfTime) {
        let own = self.sums.entry(property).or_default();
        *own = (*own).max(window);
        self.window = self.window.max(window);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_first_spans_and_longest_windows() {
        let day = SpanOfTime::from_days;
        let mut one = Uses::default();
        one.attributes.insert("age".into(), Span::new(1, 2));
        one.offer(
            "bogo".into(),
            History::Shown,
            OfferUse { span: Span::new(3, 4), window: day(9) },
        );
        one.event(EventRef::new("web", "paid"), Span::new(5, 6)).sum("amount".into(), day(3));
        let mut other = Uses::default();
        other.attributes.insert("age".into(), Span::new(7, 8));
        other.offer(
            "bogo".into(),
            History::Shown,
            OfferUse { span: Span::new(9, 9), window: day(7) },
        );
        let paid = other.event(EventRef::new("web", "paid"), Span::new(9, 9));
        paid.sum("amount".into(), day(2));
        (paid.window, paid.last) = (day(30), true);
        one.merge(other);
        assert_eq!(one.attributes["age"], Span::new(1, 2));
        let offer = one.offers[&("bogo".into(), History::Shown)];
        assert_eq!((offer.span, offer.window), (Span::new(3, 4), day(9)));
        let paid = &one.events[&EventRef::new("web", "paid")];
        assert_eq!((paid.span, paid.window, paid.last), (Span::new(5, 6), day(30), true));
        assert_eq!(paid.sums["amount"], day(3));
        assert_eq!(one.offer_names().len(), 1);
    }
}
