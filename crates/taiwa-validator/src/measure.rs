//! How a goal is measured.

use taiwa_model::EventRef;

/// The `measure` of a goal.
pub(crate) enum Measure<'a> {
    /// How many events.
    Count,
    /// How many different people.
    People,
    /// The sum of a property.
    Sum(&'a str),
    /// The event divided by this one.
    Rate(EventRef),
}

impl<'a> Measure<'a> {
    /// Reads `count`, `people`, `sum(PROPERTY)`, `rate(channel/event)`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let inside = |word: &str| {
            let it = text.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')?.trim();
            (!it.is_empty()).then_some(it)
        };
        match text {
            "count" => Some(Self::Count),
            "people" => Some(Self::People),
            _ => inside("sum").map(Self::Sum).or_else(|| {
                inside("rate").and_then(|it| EventRef::parse(it, None)).map(Self::Rate)
            }),
        }
    }
}
