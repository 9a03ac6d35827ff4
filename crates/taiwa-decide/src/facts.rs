//! A person at an instant, as conditions ask for them.
//!
//! **Invariants.** Everything that is looked up by name is looked up once a request, before the first condition runs. A
//! segment and a flowchart are evaluated at most once, and only if asked for. Attributes that do not fit their declared type
//! (because another release declared them otherwise) count as never set.

use std::{borrow::Cow, cell::Cell};

use jiff::tz::TimeZone;
use taiwa_condition::{
    AttributeSlot, EventSlot, Facts, LevelSlot, OfferSlot, PropertySlot, PurposeSlot, SegmentSlot,
    SessionFacts, Truth,
};
use taiwa_model::{Attribute, AttributeName, Locale, SpanOfTime, Timestamp, Value, ValueType};

use crate::{
    Compiled, ContactKind, Contacts, Moments, Person, Reading, Session,
    compiled::{BidScore, Condition, SegmentRule},
};

/// The attribute that holds a person's own time zone, if the audience declares it.
const TIME_ZONE: &str = "time_zone";

/// The attribute that holds a person's language, if the audience declares it.
const LANGUAGE: &str = "language";

/// One person at one instant, in one session.
pub(crate) struct PersonFacts<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) person: &'a Person,
    session: SessionFacts,
    level: LevelSlot,
    attributes: Vec<Option<Cow<'a, Value>>>,
    events: Vec<Option<&'a Moments>>,
    purposes: Vec<bool>,
    /// By index of the offer, sorted.
    offers: Vec<(usize, &'a Contacts)>,
    segments: Vec<Cell<Member>>,
    charts: Vec<Cell<Walked>>,
    /// Whether a window since [`PersonFacts::exactly`] was not exact.
    approximate: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    NotAsked,
    In,
    Out,
}

#[derive(Clone, Copy)]
enum Walked {
    Not,
    To(Option<usize>),
}

impl<'a> PersonFacts<'a> {
    /// Looks up everything that this release reads.
    pub(crate) fn new(
        compiled: &'a Compiled,
        session: &'a Session,
        person: &'a Person,
        now: Timestamp,
    ) -> Self {
        let read = &compiled.read;
        let level = compiled.levels().iter().position(|it| it.0 == session.level);
        let level = level.unwrap_or_else(|| compiled.level_slots.len().saturating_sub(1));
        let mut offers: Vec<(usize, &Contacts)> = person
            .offers
            .iter()
            .filter_map(|(name, it)| Some((compiled.offer_index(name)?, it)))
            .collect();
        offers.sort_unstable_by_key(|it| it.0);
        let attribute =
            |it: &'a (AttributeName, Attribute)| value(person.attributes.get(&it.0), &it.1);
        let purpose = |(name, default): &(taiwa_model::PurposeName, bool)| {
            person.consent.get(name.as_str()).map_or(*default, |it| it.granted)
        };
        Self {
            compiled,
            person,
            session: session_facts(compiled, session, person, now),
            level: compiled.level_slots[level],
            attributes: read.attributes.iter().map(attribute).collect(),
            events: read.events.iter().map(|it| person.events.get(it)).collect(),
            purposes: read.purposes.iter().map(purpose).collect(),
            offers,
            segments: vec![Cell::new(Member::NotAsked); compiled.segments.len()],
            charts: vec![Cell::new(Walked::Not); compiled.charts.len()],
            approximate: Cell::new(false),
        }
    }

    /// The instant.
    pub(crate) const fn now(&self) -> Timestamp {
        self.session.now
    }

    /// Whether a condition holds; unknown means no.
    pub(crate) fn holds(&self, condition: &Condition) -> bool {
        condition.program.truth(self).holds()
    }

    /// Three-valued, for reasons.
    pub(crate) fn truth(&self, condition: &Condition) -> Truth {
        condition.program.truth(self)
    }

    /// The history with an offer.
    pub(crate) fn contacts(&self, offer: usize) -> Option<&'a Contacts> {
        let at = self.offers.binary_search_by_key(&offer, |it| it.0).ok()?;
        self.offers.get(at).map(|it| it.1)
    }

    /// Counts contacts, remembering whether that was exact.
    pub(crate) fn contacted(&self, offer: usize, kind: ContactKind, window: SpanOfTime) -> i64 {
        let contacts = self.contacts(offer);
        contacts.map_or(0, |it| self.read(it.of(kind).count(window, self.now())))
    }

    /// From here on windows are exact, as far as is known.
    pub(crate) fn exactly(&self) {
        self.approximate.set(false);
    }

    /// Whether all windows since were.
    pub(crate) const fn was_approximate(&self) -> bool {
        self.approximate.get()
    }

    /// The value of any attribute, its default included.
    pub(crate) fn attribute_named(&self, name: &AttributeName) -> Option<Cow<'a, Value>> {
        let declared = self.compiled.attributes.get(name)?;
        value(self.person.attributes.get(name), declared)
    }

    /// The history of an event by its slot.
    pub(crate) fn moments(&self, event: EventSlot) -> Option<&'a Moments> {
        self.events.get(event.index()).copied().flatten()
    }

    /// Evaluates every program of the release.
    pub(crate) fn evaluate_all(&self) {
        for (slot, _) in self.compiled.slots.segments.iter() {
            self.in_segment(slot);
        }
        for offer in &self.compiled.offers {
            offer.eligible.iter().for_each(|it| {
                self.holds(it);
            });
        }
        let zones = self.compiled.channels.values().flat_map(|it| &it.zones);
        for bid in zones.flat_map(|it| &it.candidates).flat_map(|it| &it.rules) {
            if let BidScore::Computed(it) = &bid.score {
                it.program.number(self);
            }
        }
    }

    fn read<T>(&self, reading: Reading<T>) -> T {
        if reading.approximate {
            self.approximate.set(true);
        }
        reading.value
    }

    fn find_segment(&self, segment: SegmentSlot) -> bool {
        match self.compiled.segments.get(segment.index()) {
            Some(SegmentRule::Everyone) => true,
            Some(SegmentRule::When(it)) => self.holds(it),
            Some(SegmentRule::Leaf { chart }) => self.walk(*chart) == Some(segment.index()),
            Some(SegmentRule::Nobody) | None => false,
        }
    }

    fn walk(&self, chart: usize) -> Option<usize> {
        let cell = self.charts.get(chart)?;
        if let Walked::To(it) = cell.get() {
            return it;
        }
        let to = self.compiled.charts.get(chart)?.walk(|it| self.holds(it));
        cell.set(Walked::To(to));
        to
    }
}

/// What is stored, if it fits, else what is declared for those of whom nothing is known.
fn value<'a>(stored: Option<&'a Value>, declared: &'a Attribute) -> Option<Cow<'a, Value>> {
    let fits = stored.and_then(|it| match (declared.kind, it) {
        (ValueType::Bool, Value::Bool(_))
        | (ValueType::Int, Value::Int(_))
        | (ValueType::Number, Value::Number(_) | Value::Int(_))
        | (ValueType::String | ValueType::Enum, Value::Text(_))
        | (ValueType::Timestamp, Value::Time(_))
        | (ValueType::Strings, Value::Texts(_))
        | (ValueType::Ints, Value::Ints(_)) => Some(Cow::Borrowed(it)),
        _ => declared.kind.read(&it.to_json()).map(Cow::Owned),
    });
    let allowed = fits.filter(|it| match (declared.kind, it.as_ref()) {
        (ValueType::Enum, Value::Text(text)) => declared.values.contains(text),
        _ => true,
    });
    allowed.or_else(|| declared.default.as_ref().map(Cow::Borrowed))
}

fn text_of<'a>(compiled: &'a Compiled, person: &'a Person, name: &str) -> Option<&'a str> {
    let declared = compiled.attributes.get(name)?;
    let stored = person.attributes.get(name).or(declared.default.as_ref());
    match stored {
        Some(Value::Text(it)) => Some(it),
        _ => None,
    }
}

/// The zone of the person's clocks: their own if they have one, else the workspace's.
pub(crate) fn zone_of(compiled: &Compiled, person: &Person) -> TimeZone {
    let own = text_of(compiled, person, TIME_ZONE).and_then(|it| TimeZone::get(it).ok());
    own.unwrap_or_else(|| compiled.zone.clone())
}

/// The locales to try, best first: the session's, the person's, each without its last parts, then the workspace's first.
pub(crate) fn locales_of<'a>(
    compiled: &'a Compiled,
    session: &'a Session,
    person: &'a Person,
) -> impl Iterator<Item = &'a str> {
    let language = text_of(compiled, person, LANGUAGE);
    let wanted = session.locale.as_ref().map(Locale::as_str).into_iter().chain(language);
    wanted
        .flat_map(|it| std::iter::successors(Some(it), |it| it.rsplit_once('-').map(|it| it.0)))
        .chain(compiled.locales.first().map(Locale::as_str))
}

fn session_facts(
    compiled: &Compiled,
    session: &Session,
    person: &Person,
    now: Timestamp,
) -> SessionFacts {
    let local = now.to_jiff().to_zoned(zone_of(compiled, person));
    SessionFacts {
        now,
        weekday: i64::from(local.weekday().to_monday_one_offset()),
        hour: i64::from(local.hour()),
        locale: locales_of(compiled, session, person).next().unwrap_or_default().to_owned(),
        channel: session.channel.as_str().to_owned(),
        known: compiled.is_known(&session.level),
        visits: i64::try_from(person.visits).unwrap_or(i64::MAX),
    }
}

impl Facts for PersonFacts<'_> {
    fn attribute(&self, attribute: AttributeSlot) -> Option<&Value> {
        self.attributes.get(attribute.index())?.as_deref()
    }

    fn in_segment(&self, segment: SegmentSlot) -> bool {
        let Some(cell) = self.segments.get(segment.index()) else { return false };
        match cell.get() {
            Member::In => true,
            Member::Out => false,
            Member::NotAsked => {
                let found = self.find_segment(segment);
                cell.set(if found { Member::In } else { Member::Out });
                found
            }
        }
    }

    fn level(&self) -> LevelSlot {
        self.level
    }

    fn count(&self, event: EventSlot, window: SpanOfTime) -> i64 {
        self.moments(event).map_or(0, |it| self.read(it.count(window, self.now())))
    }

    fn sum(&self, event: EventSlot, property: PropertySlot, window: SpanOfTime) -> f64 {
        let name = self.compiled.slots.properties.name(property);
        self.moments(event).map_or(0.0, |it| self.read(it.sum(name.as_str(), window, self.now())))
    }

    fn since(&self, event: EventSlot) -> Option<SpanOfTime> {
        let last = self.moments(event)?.last()?;
        Some(SpanOfTime::from_millis(self.now().millis_since(last)))
    }

    fn shown(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.contacted(offer.index(), ContactKind::Shown, window) > 0
    }

    fn accepted(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.contacted(offer.index(), ContactKind::Accepted, window) > 0
    }

    fn rejected(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.contacted(offer.index(), ContactKind::Rejected, window) > 0
    }

    fn consented(&self, purpose: PurposeSlot) -> bool {
        self.purposes.get(purpose.index()).copied().unwrap_or_default()
    }

    /// Flags are set by journeys, which this version does not run.
    fn flagged(&self, _flag: &str) -> bool {
        false
    }

    fn session(&self) -> &SessionFacts {
        &self.session
    }

    /// No event causes a decision.
    fn event_property(&self, _property: PropertySlot) -> Option<&Value> {
        None
    }
}
