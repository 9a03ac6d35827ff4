//! What the engine says of an atom where one fact has a given value: it is asked, not imitated.

use std::borrow::Cow;

use taiwa_condition::{
    AttributeSlot, EventSlot, Expr, Facts, LevelSlot, OfferSlot, Program, PropertySlot,
    PurposeSlot, SegmentSlot, SessionFacts, SessionField, Slots, Truth,
};
use taiwa_model::{Attribute, LevelName, SpanOfTime, Timestamp, Value, ValueType};

use crate::{builder::Version, fact::Fact};

/// An instant far from both ends of time, for what only asks how long something is ago.
const MIDDLE: i64 = 100_000_000_000_000;

#[cfg(test)]
thread_local! {
    /// How often anything was asked on this thread: tests hold it against what there is to ask.
    pub(crate) static ASKED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// An atom of a version, ready to be asked.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    version: &'a Version,
    program: Program,
    slots: Slots,
}

/// One fact has a value; the rest is as with nobody.
struct Situation<'a> {
    attribute: Option<Cow<'a, Value>>,
    property: Option<&'a Value>,
    level: LevelSlot,
    session: SessionFacts,
    since: Option<SpanOfTime>,
    count: Option<i64>,
    sum: f64,
    consented: bool,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(version: &'a Version, expr: &Expr) -> Self {
        let mut slots = Slots::default();
        for (name, _) in &version.levels {
            slots.levels.intern(name);
        }
        let program = Program::compile(expr, &mut slots);
        // Never named by a condition: a level that this version does not have.
        slots.levels.intern(&LevelName::new(""));
        Self { version, program, slots }
    }

    /// What the atom says where `fact` has this value; `None` is missing, never, or nothing said.
    pub(crate) fn truth(&self, fact: &Fact, value: Option<&Value>) -> Truth {
        #[cfg(test)]
        ASKED.set(ASKED.get() + 1);
        self.program.truth(&self.situation(fact, value))
    }

    fn situation<'v>(&'v self, fact: &Fact, value: Option<&'v Value>) -> Situation<'v> {
        let level = |name: &str| self.slots.levels.slot(name);
        let last = self.version.levels.last().map_or("", |it| it.0.as_str());
        let nobody = level(last).or_else(|| level(""));
        let mut it = Situation {
            attribute: None,
            property: None,
            level: nobody.unwrap_or_else(|| unreachable!("the empty name is interned")),
            session: SessionFacts { visits: 1, ..SessionFacts::default() },
            since: None,
            count: None,
            sum: 0.0,
            consented: false,
        };
        let whole = match value {
            Some(Value::Int(it)) => Some(*it),
            Some(Value::Time(it)) => Some(it.as_millis()),
            _ => None,
        };
        let text = || match value {
            Some(Value::Text(it)) => it.clone(),
            _ => String::new(),
        };
        match fact {
            Fact::Level => {
                let known = self.version.levels.iter().any(|own| own.0.as_str() == text());
                it.level = if known { level(&text()).unwrap_or(it.level) } else { it.level };
                let first = self.version.levels.first();
                it.session.known = first.is_some_and(|own| own.0.as_str() == text());
            }
            Fact::Attribute(name, _) => {
                let declared = self.version.attributes.get(name);
                it.attribute = declared.and_then(|declared| effective(value, declared));
            }
            Fact::Age(_) => {
                it.session.now = Timestamp::from_millis(MIDDLE);
                it.attribute =
                    whole.map(|age| Cow::Owned(Value::Time(Timestamp::from_millis(MIDDLE - age))));
            }
            Fact::Element(..) => {
                it.attribute = match value {
                    Some(Value::Text(it)) => Some(Cow::Owned(Value::Texts(vec![it.clone()]))),
                    Some(Value::Int(it)) => Some(Cow::Owned(Value::Ints(vec![*it]))),
                    _ => None,
                };
            }
            Fact::Size(_, kind) => {
                let size = usize::try_from(whole.unwrap_or_default()).unwrap_or_default();
                it.attribute = Some(Cow::Owned(match kind {
                    ValueType::Ints => Value::Ints(vec![0; size]),
                    _ => Value::Texts(vec![String::new(); size]),
                }));
            }
            Fact::Consent(purpose) => {
                let default = self.version.purposes.get(purpose).copied().unwrap_or_default();
                it.consented = match value {
                    Some(Value::Bool(said)) => *said,
                    _ => default,
                };
            }
            Fact::Session(field) => session(&mut it.session, *field, whole, text()),
            Fact::Property(..) => it.property = value,
            Fact::Since(_) => it.since = whole.map(SpanOfTime::from_millis),
            Fact::Count(..) => it.count = whole,
            Fact::Sum(..) => it.sum = value.and_then(Value::as_number).unwrap_or_default(),
            Fact::Flag(_) => {}
        }
        it
    }
}

fn session(session: &mut SessionFacts, field: SessionField, whole: Option<i64>, text: String) {
    let whole = whole.unwrap_or_default();
    match field {
        SessionField::Now => session.now = Timestamp::from_millis(whole),
        SessionField::Weekday => session.weekday = whole,
        SessionField::Hour => session.hour = whole,
        SessionField::Locale => session.locale = text,
        SessionField::Channel => session.channel = text,
        SessionField::Known => {}
        SessionField::Visits => session.visits = whole,
    }
}

/// What a stored value counts as: itself if it fits what is declared, else the default.
pub(crate) fn effective<'v>(
    stored: Option<&'v Value>,
    declared: &'v Attribute,
) -> Option<Cow<'v, Value>> {
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

impl Facts for Situation<'_> {
    fn attribute(&self, _: AttributeSlot) -> Option<&Value> {
        self.attribute.as_deref()
    }

    fn in_segment(&self, _: SegmentSlot) -> bool {
        false
    }

    fn level(&self) -> LevelSlot {
        self.level
    }

    fn count(&self, _: EventSlot, window: SpanOfTime) -> i64 {
        self.count.unwrap_or_else(|| i64::from(self.since.is_some_and(|it| it < window)))
    }

    fn sum(&self, _: EventSlot, _: PropertySlot, _: SpanOfTime) -> f64 {
        self.sum
    }

    fn since(&self, _: EventSlot) -> Option<SpanOfTime> {
        self.since
    }

    fn shown(&self, _: OfferSlot, window: SpanOfTime) -> bool {
        self.since.is_some_and(|it| it < window)
    }

    fn accepted(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.shown(offer, window)
    }

    fn rejected(&self, offer: OfferSlot, window: SpanOfTime) -> bool {
        self.shown(offer, window)
    }

    fn consented(&self, _: PurposeSlot) -> bool {
        self.consented
    }

    fn flagged(&self, _: &str) -> bool {
        false
    }

    fn session(&self) -> &SessionFacts {
        &self.session
    }

    fn event_property(&self, _: PropertySlot) -> Option<&Value> {
        self.property
    }
}
