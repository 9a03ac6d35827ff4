//! The evaluation itself.

use taiwa_model::Value;

use super::{Term, Test, cell::Cell};
use crate::{Facts, History, Quantifier, SessionField, TextTest, Truth};

/// What a test says; `element` is that of the surrounding `exists` or `all`.
pub(super) fn truth<'a>(test: &'a Test, facts: &'a impl Facts, element: Option<Cell<'a>>) -> Truth {
    match test {
        Test::Known(it) => (*it).into(),
        Test::Not(of) => truth(of, facts, element).negate(),
        Test::All(parts) => all(parts.iter().map(|it| truth(it, facts, element))),
        Test::Any(parts) => any(parts.iter().map(|it| truth(it, facts, element))),
        Test::Choose(parts) => {
            let [test, yes, no] = &**parts;
            match truth(test, facts, element) {
                Truth::True => truth(yes, facts, element),
                Truth::False => truth(no, facts, element),
                Truth::Unknown => Truth::Unknown,
            }
        }
        Test::Of(term) => match value(term, facts, element) {
            Some(Cell::Bool(it)) => it.into(),
            _ => Truth::Unknown,
        },
        Test::AttributeIs { slot, text, equal } => match facts.attribute(*slot) {
            Some(Value::Text(it)) => ((**it == **text) == *equal).into(),
            _ => Truth::Unknown,
        },
        Test::AttributeAmong { slot, texts } => match facts.attribute(*slot) {
            Some(Value::Text(it)) => texts.iter().any(|own| **own == **it).into(),
            _ => Truth::Unknown,
        },
        Test::AttributeNumber { slot, op, number } => {
            let value = facts.attribute(*slot).and_then(Value::as_number);
            value.and_then(|it| it.partial_cmp(number)).map(|it| op.holds(it)).into()
        }
        Test::AttributeHolds { slot, text } => match facts.attribute(*slot) {
            Some(Value::Texts(it)) => it.iter().any(|own| **own == **text).into(),
            _ => Truth::False,
        },
        _ => fact(test, facts, element),
    }
}

fn fact<'a>(test: &'a Test, facts: &'a impl Facts, element: Option<Cell<'a>>) -> Truth {
    match test {
        Test::LevelAmong { levels, among } => (levels.contains(&facts.level()) == *among).into(),
        Test::Segment(it) => facts.in_segment(*it).into(),
        Test::Seen { event, window } => (facts.count(*event, *window) > 0).into(),
        Test::Offer { history: History::Shown, offer, window } => {
            facts.shown(*offer, *window).into()
        }
        Test::Offer { history: History::Accepted, offer, window } => {
            facts.accepted(*offer, *window).into()
        }
        Test::Offer { history: History::Rejected, offer, window } => {
            facts.rejected(*offer, *window).into()
        }
        Test::Consented(it) => facts.consented(*it).into(),
        Test::Flagged(it) => facts.flagged(it).into(),
        Test::SessionKnown => facts.session().known.into(),
        Test::HasAttribute { slot, kind } => {
            Cell::stored(facts.attribute(*slot), *kind).is_some().into()
        }
        Test::HasProperty { slot, kind } => {
            Cell::stored(facts.event_property(*slot), *kind).is_some().into()
        }
        Test::Compare(it) => {
            let (left, op, right) = &**it;
            both(left, right, facts, element).and_then(|(a, b)| a.compare(*op, b)).into()
        }
        Test::Member(it) => {
            both(&it.0, &it.1, facts, element).and_then(|(item, list)| item.among(list)).into()
        }
        Test::Text(it) => {
            let (of, test, part) = &**it;
            match both(of, part, facts, element) {
                Some((Cell::Text(of), Cell::Text(part))) => match test {
                    TextTest::Starts => of.starts_with(part),
                    TextTest::Ends => of.ends_with(part),
                    TextTest::Contains => of.contains(part),
                }
                .into(),
                _ => Truth::Unknown,
            }
        }
        Test::Quantified(it) => {
            let (quantifier, list, body) = &**it;
            let Some(list) = value(list, facts, element) else { return Truth::Unknown };
            let of = |it: Cell<'a>| truth(body, facts, Some(it));
            match list {
                Cell::Texts(it) => quantified(*quantifier, it.iter().map(|it| of(Cell::Text(it)))),
                Cell::Ints(it) => quantified(*quantifier, it.iter().map(|it| of(Cell::Int(*it)))),
                Cell::Numbers(it) => {
                    quantified(*quantifier, it.iter().map(|it| of(Cell::Number(*it))))
                }
                _ => Truth::Unknown,
            }
        }
        _ => Truth::Unknown,
    }
}

fn quantified(quantifier: Quantifier, truths: impl Iterator<Item = Truth>) -> Truth {
    match quantifier {
        Quantifier::Exists => any(truths),
        Quantifier::All => all(truths),
    }
}

/// Stops at the first false.
fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut sum = Truth::True;
    for it in truths {
        if it == Truth::False {
            return it;
        }
        sum = sum.and(it);
    }
    sum
}

/// Stops at the first true.
fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut sum = Truth::False;
    for it in truths {
        if it == Truth::True {
            return it;
        }
        sum = sum.or(it);
    }
    sum
}

fn both<'a>(
    left: &'a Term,
    right: &'a Term,
    facts: &'a impl Facts,
    element: Option<Cell<'a>>,
) -> Option<(Cell<'a>, Cell<'a>)> {
    Some((value(left, facts, element)?, value(right, facts, element)?))
}

/// The value of a term; `None` is unknown.
pub(super) fn value<'a>(
    term: &'a Term,
    facts: &'a impl Facts,
    element: Option<Cell<'a>>,
) -> Option<Cell<'a>> {
    Some(match term {
        Term::Test(it) => match truth(it, facts, element) {
            Truth::True => Cell::Bool(true),
            Truth::False => Cell::Bool(false),
            Truth::Unknown => return None,
        },
        Term::Int(it) => Cell::Int(*it),
        Term::Number(it) => Cell::Number(*it),
        Term::Text(it) => Cell::Text(it),
        Term::Time(it) => Cell::Time(*it),
        Term::Duration(it) => Cell::Duration(*it),
        Term::Texts(it) => Cell::Texts(it),
        Term::Ints(it) => Cell::Ints(it),
        Term::Numbers(it) => Cell::Numbers(it),
        Term::Attribute { slot, kind } => Cell::stored(facts.attribute(*slot), *kind)?,
        Term::Property { slot, kind } => Cell::stored(facts.event_property(*slot), *kind)?,
        Term::Session(it) => session(*it, facts),
        Term::Count { event, window } => Cell::Int(facts.count(*event, *window)),
        Term::Sum { event, property, window } => {
            let sum = facts.sum(*event, *property, *window);
            sum.is_finite().then_some(Cell::Number(sum))?
        }
        Term::Since(it) => Cell::Duration(facts.since(*it)?.as_millis()),
        Term::Element => element?,
        Term::Size(of) => value(of, facts, element)?.size()?,
        Term::Widen(of) => Cell::Number(value(of, facts, element)?.number()?),
        Term::Negate(of) => value(of, facts, element)?.negate()?,
        Term::Arithmetic(it) => {
            let (a, b) = both(&it.0, &it.2, facts, element)?;
            a.arithmetic(it.1, b)?
        }
        Term::Choose(it) => match truth(&it.0, facts, element) {
            Truth::True => value(&it.1, facts, element)?,
            Truth::False => value(&it.2, facts, element)?,
            Truth::Unknown => return None,
        },
    })
}

fn session(field: SessionField, facts: &impl Facts) -> Cell<'_> {
    let session = facts.session();
    match field {
        SessionField::Now => Cell::Time(session.now.as_millis()),
        SessionField::Weekday => Cell::Int(session.weekday),
        SessionField::Hour => Cell::Int(session.hour),
        SessionField::Locale => Cell::Text(&session.locale),
        SessionField::Channel => Cell::Text(&session.channel),
        SessionField::Known => Cell::Bool(session.known),
        SessionField::Visits => Cell::Int(session.visits),
    }
}
