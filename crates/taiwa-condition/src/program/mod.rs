//! A condition made ready for evaluation: names are slots, common forms are one step.
//!
//! **Invariants.** Evaluation allocates nothing, recurses no deeper than the condition, and gives the same
//! whichever operand of `&&` or `||` is looked at first. It stops at the first that decides.

mod cell;
mod compile;
mod evaluate;
#[cfg(test)]
mod tests;

use taiwa_model::{SpanOfTime, ValueType};

use crate::{
    Arithmetic, AttributeSlot, Comparison, EventSlot, Expr, Facts, History, LevelSlot, OfferSlot,
    PropertySlot, PurposeSlot, Quantifier, SegmentSlot, SessionField, Slots, TextTest, Truth,
};

/// A condition or score made ready for evaluation.
#[derive(Clone, Debug)]
pub struct Program {
    root: Root,
}

#[derive(Clone, Debug)]
enum Root {
    Test(Test),
    Term(Term),
}

/// What is true, false or unknown.
#[derive(Clone, Debug)]
enum Test {
    Known(bool),
    Not(Box<Self>),
    All(Box<[Self]>),
    Any(Box<[Self]>),
    Choose(Box<[Self; 3]>),
    /// A bool that is no test: an attribute, a property, the element.
    Of(Term),
    // Common forms, each one look-up and one comparison.
    AttributeIs {
        slot: AttributeSlot,
        text: Box<str>,
        equal: bool,
    },
    AttributeAmong {
        slot: AttributeSlot,
        texts: Box<[Box<str>]>,
    },
    AttributeNumber {
        slot: AttributeSlot,
        op: Comparison,
        number: f64,
    },
    AttributeHolds {
        slot: AttributeSlot,
        text: Box<str>,
    },
    LevelAmong {
        levels: Box<[LevelSlot]>,
        among: bool,
    },
    // Facts.
    Segment(SegmentSlot),
    Seen {
        event: EventSlot,
        window: SpanOfTime,
    },
    Offer {
        history: History,
        offer: OfferSlot,
        window: SpanOfTime,
    },
    Consented(PurposeSlot),
    Flagged(Box<str>),
    SessionKnown,
    HasAttribute {
        slot: AttributeSlot,
        kind: ValueType,
    },
    HasProperty {
        slot: PropertySlot,
        kind: ValueType,
    },
    // The rest.
    Compare(Box<(Term, Comparison, Term)>),
    Member(Box<(Term, Term)>),
    Text(Box<(Term, TextTest, Term)>),
    Quantified(Box<(Quantifier, Term, Self)>),
}

/// What has a value.
#[derive(Clone, Debug)]
enum Term {
    Test(Box<Test>),
    Int(i64),
    Number(f64),
    Text(Box<str>),
    Time(i64),
    Duration(i64),
    Texts(Box<[String]>),
    Ints(Box<[i64]>),
    Numbers(Box<[f64]>),
    Attribute { slot: AttributeSlot, kind: ValueType },
    Property { slot: PropertySlot, kind: ValueType },
    Session(SessionField),
    Count { event: EventSlot, window: SpanOfTime },
    Sum { event: EventSlot, property: PropertySlot, window: SpanOfTime },
    Since(EventSlot),
    Element,
    Size(Box<Self>),
    Widen(Box<Self>),
    Negate(Box<Self>),
    Arithmetic(Box<(Self, Arithmetic, Self)>),
    Choose(Box<(Test, Self, Self)>),
}

impl Program {
    /// Compiles a checked condition or score; its names get their slots.
    pub fn compile(expr: &Expr, slots: &mut Slots) -> Self {
        Self { root: compile::root(expr, slots) }
    }

    /// What the condition says of somebody. A score says unknown.
    pub fn truth(&self, facts: &impl Facts) -> Truth {
        match &self.root {
            Root::Test(it) => evaluate::truth(it, facts, None),
            Root::Term(_) => Truth::Unknown,
        }
    }

    /// Whether somebody is meant: unknown means no.
    pub fn holds(&self, facts: &impl Facts) -> bool {
        self.truth(facts).holds()
    }

    /// The score for somebody; `None` if it is unknown (which the checker excludes but for overflow) or the
    /// program is a condition.
    pub fn number(&self, facts: &impl Facts) -> Option<f64> {
        match &self.root {
            Root::Test(_) => None,
            Root::Term(it) => evaluate::value(it, facts, None)?.number(),
        }
    }
}
