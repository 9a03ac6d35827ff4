//! A checked condition: every name is resolved, every type fits, windows and names are constants.
//!
//! **Invariants.** Made only by [`check`](crate::check). Where an int meets a number it is wrapped in
//! [`ExprKind::Widen`], so both sides of an operator have one type. Constant lists hold at least one item.
//! No deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).

mod meaning;
mod missing;

pub use meaning::{constant, range};
pub(crate) use missing::{Known, unknown};
pub use missing::{Missing, may_be_missing};

use taiwa_model::{
    AttributeName, EventRef, OfferName, PropertyName, PurposeName, SegmentName, SpanOfTime,
    Timestamp, ValueType,
};
use taiwa_text::Span;

/// A checked condition or score, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The bytes of the condition it was read from.
    pub span: Span,
}

/// What a part of a condition is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A value that was written.
    Constant(Constant),
    /// `profile.…`
    Attribute(AttributeRef),
    /// `event.…`
    Property(PropertyRef),
    /// `session.…`
    Session(SessionField),
    /// `level()`; only compared with the names of levels.
    Level,
    /// `in_segment("…")`
    InSegment(SegmentName),
    /// `seen("…", "…")`
    Seen {
        /// The event.
        event: EventRef,
        /// How far back.
        window: SpanOfTime,
    },
    /// `count("…", "…")`
    Count {
        /// The event.
        event: EventRef,
        /// How far back.
        window: SpanOfTime,
    },
    /// `sum("…", "…", "…")`
    Sum {
        /// The event.
        event: EventRef,
        /// A numeric property of it.
        property: PropertyName,
        /// How far back.
        window: SpanOfTime,
    },
    /// `since("…")`; missing if there was none.
    Since(EventRef),
    /// `shown`, `accepted`, `rejected`.
    Offer {
        /// Which of the three.
        history: History,
        /// The offer.
        offer: OfferName,
        /// How far back.
        window: SpanOfTime,
    },
    /// `consented("…")`
    Consented(PurposeName),
    /// `flagged("…")`
    Flagged(String),
    /// `has(…)` of an attribute or a property; never unknown.
    Has(Box<Expr>),
    /// `size(…)` of a text (in characters) or a list.
    Size(Box<Expr>),
    /// `startsWith`, `endsWith`, `contains`.
    Text {
        /// Which of the three.
        test: TextTest,
        /// The text that is looked at.
        of: Box<Expr>,
        /// What is looked for.
        part: Box<Expr>,
    },
    /// The element of the list of the surrounding `exists` or `all`.
    Element,
    /// `list.exists(i, …)`, `list.all(i, …)`
    Quantified {
        /// Which of the two.
        quantifier: Quantifier,
        /// The list.
        list: Box<Expr>,
        /// A condition over the element and constants.
        body: Box<Expr>,
    },
    /// An int taken as a number.
    Widen(Box<Expr>),
    /// `-x`
    Negate(Box<Expr>),
    /// `!x`
    Not(Box<Expr>),
    /// `a && b && …`
    All(Vec<Expr>),
    /// `a || b || …`
    Any(Vec<Expr>),
    /// A comparison of two values of one type.
    Compare {
        /// Which.
        op: Comparison,
        /// Left of the operator.
        left: Box<Expr>,
        /// Right of the operator.
        right: Box<Expr>,
    },
    /// `item in list`
    Member {
        /// What is looked for.
        item: Box<Expr>,
        /// Where.
        list: Box<Expr>,
    },
    /// Arithmetic on two numbers, or on times and lengths of time.
    Arithmetic {
        /// Which.
        op: Arithmetic,
        /// Left of the operator.
        left: Box<Expr>,
        /// Right of the operator.
        right: Box<Expr>,
    },
    /// `test ? yes : no`
    Choose {
        /// The condition.
        test: Box<Expr>,
        /// Taken where it holds.
        yes: Box<Expr>,
        /// Taken where it does not.
        no: Box<Expr>,
    },
}

/// An attribute with what matters of its declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeRef {
    /// Its name.
    pub name: AttributeName,
    /// Its type.
    pub kind: ValueType,
    /// Whether it may be missing: it is no list and has no default.
    pub missing: bool,
    /// The least value of a number, if declared.
    pub min: Option<f64>,
    /// The greatest value of a number, if declared.
    pub max: Option<f64>,
}

/// A property of the event at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyRef {
    /// Its name.
    pub name: PropertyName,
    /// Its type.
    pub kind: ValueType,
    /// Whether it may be left out.
    pub missing: bool,
}

/// A value that was written in a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `true`, `false`
    Bool(bool),
    /// A whole number within ±(2^53 − 1).
    Int(i64),
    /// A finite double.
    Number(f64),
    /// Text.
    Text(String),
    /// `timestamp("…")`
    Time(Timestamp),
    /// `duration("…")`
    Duration(SpanOfTime),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of whole numbers.
    Ints(Vec<i64>),
    /// A list of numbers.
    Numbers(Vec<f64>),
}

/// The variables of `session`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionField {
    /// The instant of the evaluation.
    Now,
    /// 1 Monday … 7 Sunday.
    Weekday,
    /// 0–23.
    Hour,
    /// The locale.
    Locale,
    /// The channel.
    Channel,
    /// Whether the person is known.
    Known,
    /// How many sessions, this one included.
    Visits,
}

impl SessionField {
    /// Every one with its name.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Now, "now"),
        (Self::Weekday, "weekday"),
        (Self::Hour, "hour"),
        (Self::Locale, "locale"),
        (Self::Channel, "channel"),
        (Self::Known, "known"),
        (Self::Visits, "visits"),
    ];
}

/// What happened between a person and an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum History {
    /// It was shown.
    Shown,
    /// It was accepted.
    Accepted,
    /// It was rejected.
    Rejected,
}

/// A test on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// `startsWith`
    Starts,
    /// `endsWith`
    Ends,
    /// `contains`
    Contains,
}

/// How many elements must fulfil the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Exists,
    /// Every one; true for the empty list.
    All,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether it holds between two values that stand like this.
    pub const fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }

    /// The same comparison with its sides exchanged.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Equal | Self::Unequal => self,
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }
}

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`; of whole numbers towards zero.
    Divide,
    /// `%`; only of whole numbers.
    Remainder,
}
