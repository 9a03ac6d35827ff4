//! A person for tests, by names; [`Facts`] looks the names of slots up.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{SpanOfTime, Timestamp, Value};

use crate::{
    AttributeSlot, EventSlot, Facts, LevelSlot, OfferSlot, PropertySlot, PurposeSlot, SegmentSlot,
    SessionFacts, Slots,
};

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) attributes: BTreeMap<String, Value>,
    pub(super) properties: BTreeMap<String, Value>,
    /// `segment adults`, `consent x`, `flag x`, `shown offer 7d` …
    pub(super) facts: BTreeSet<String>,
    /// `channel/event window`
    pub(super) counts: BTreeMap<String, i64>,
    /// `channel/event property window`
    pub(super) sums: BTreeMap<String, f64>,
    /// Milliseconds by `channel/event`.
    pub(super) last: BTreeMap<String, i64>,
    pub(super) customer: bool,
    pub(super) session: SessionFacts,
}

impl World {
    /// Nothing but defaults, on a Saturday evening.
    pub(super) fn plain() -> Self {
        let mut world = Self {
            session: SessionFacts {
                now: Timestamp::parse("2026-11-21T10:00:00Z").unwrap(),
                weekday: 6,
                hour: 19,
                locale: "ja".into(),
                channel: "web-store".into(),
                known: false,
                visits: 2,
            },
            ..Self::default()
        };
        world.set("tier", Value::Text("none".into()));
        world.set("visits", Value::Int(0));
        world.set("rating", Value::Number(1.0));
        world.set("email", Value::Text(String::new()));
        world.set("vip", Value::Bool(false));
        world
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.attributes.insert(name.into(), value);
    }

    pub(super) fn set_property(&mut self, name: &str, value: Value) {
        self.properties.insert(name.into(), value);
    }

    /// Somebody by 24 bytes.
    pub(super) fn random(bytes: &[u8]) -> Self {
        let mut world = Self::plain();
        let at = |index: usize| bytes[index];
        let some = |index: usize| !bytes[index].is_multiple_of(3);
        let text = |index: usize| {
            Value::Text(["gold", "none", "a", "ab"][usize::from(at(index) % 4)].into())
        };
        world.set("tier", Value::Text(["gold", "none"][usize::from(at(0) % 2)].into()));
        world.set("vip", Value::Bool(at(1) % 2 == 0));
        world.set("visits", Value::Int(i64::from(at(2) % 4)));
        if some(3) {
            world.set("age", Value::Int(i64::from(at(4) % 4)));
        }
        if some(5) {
            world.set("balance", Value::Number(f64::from(at(6) % 5) / 2.0));
        }
        if some(7) {
            world.set("name", text(8));
        }
        if some(9) {
            let list = [at(10), at(11)]
                .into_iter()
                .map(|it| ["a", "gold", "b"][usize::from(it % 3)].to_owned());
            world.set("interests", Value::Texts(list.take(usize::from(at(9) % 3)).collect()));
        }
        if some(12) {
            world.set("lucky", Value::Ints(vec![i64::from(at(13) % 3), i64::from(at(14) % 3)]));
        }
        if some(15) {
            let ago = i64::from(at(16) % 4) * 86_400_000;
            world.set("visited_at", Value::Time(world.session.now.plus_millis(-ago)));
        }
        for (index, fact) in
            ["segment adults", "consent marketing-email", "flag x", "shown bogo-weekend 7d"]
                .iter()
                .enumerate()
        {
            if at(17) & (1 << index) != 0 {
                world.facts.insert((*fact).to_owned());
            }
        }
        world.counts.insert("web-store/purchase 30d".into(), i64::from(at(18) % 3));
        world.sums.insert("web-store/purchase amount 30d".into(), f64::from(at(19) % 4));
        if some(20) {
            world.last.insert("shop/visit".into(), i64::from(at(21) % 4) * 86_400_000);
        }
        world.customer = at(22) % 2 == 0;
        world.session.weekday = i64::from(at(23) % 7) + 1;
        world
    }

    pub(super) const fn facts<'w>(&'w self, slots: &'w Slots) -> Seen<'w> {
        Seen { world: self, slots }
    }
}

pub(super) struct Seen<'w> {
    world: &'w World,
    slots: &'w Slots,
}

impl Seen<'_> {
    fn holds(&self, fact: &str) -> bool {
        self.world.facts.contains(fact)
    }
}

impl Facts for Seen<'_> {
    fn attribute(&self, attribute: AttributeSlot) -> Option<&Value> {
        self.world.attributes.get(self.slots.attributes.name(attribute).as_str())
    }

    fn in_segment(&self, segment: SegmentSlot) -> bool {
        self.holds(&format!("segment {}", self.slots.segments.name(segment)))
    }

    fn level(&self) -> LevelSlot {
        let level = if self.world.customer { "customer" } else { "visitor" };
        // A level that no program names has no slot: any other will do.
        let other = if self.world.customer { "visitor" } else { "customer" };
        self.slots.levels.slot(level).unwrap_or_else(|| {
            let mut levels = self.slots.levels.clone();
            assert!(levels.slot(other).is_some());
            levels.intern(&level.into())
        })
    }

    fn count(&self, event: EventSlot, window: SpanOfTime) -> i64 {
        let key = format!("{} {window}", self.slots.events.name(event));
        self.world.counts.get(&key).copied().unwrap_or(0)
    }

    fn sum(&self, event: EventSlot, property: PropertySlot, window: SpanOfTime) -> f64 {
        let (event, property) =
            (self.slots.events.name(event), self.slots.properties.name(property));
        self.world.sums.get(&format!("{event} {property} {window}")).copied().unwrap_or(0.0)
    }

    fn since(&self, event: EventSlot) -> Option<SpanOfTime> {
        let millis = self.world.last.get(&self.slots.events.name(event).to_string());
        millis.copied().map(SpanOfTime::from_millis)
    }

    fn shown(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.holds(&format!("shown {} {window}", self.slots.offers.name(offer)))
    }

    fn accepted(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.holds(&format!("accepted {} {window}", self.slots.offers.name(offer)))
    }

    fn rejected(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.holds(&format!("rejected {} {window}", self.slots.offers.name(offer)))
    }

    fn consented(&self, purpose: PurposeSlot) -> bool {
        self.holds(&format!("consent {}", self.slots.purposes.name(purpose)))
    }

    fn flagged(&self, flag: &str) -> bool {
        self.holds(&format!("flag {flag}"))
    }

    fn session(&self) -> &SessionFacts {
        &self.world.session
    }

    fn event_property(&self, property: PropertySlot) -> Option<&Value> {
        self.world.properties.get(self.slots.properties.name(property).as_str())
    }
}
