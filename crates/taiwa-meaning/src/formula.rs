//! From a checked condition to logic over atoms: what is `&&`, `||`, `!` and `? :` is taken apart, the rest is an atom.
//!
//! **Invariants.** An atom holds no logic and no segment. Unknown is kept apart from false: a choice whose test is unknown is
//! unknown, and so is a comparison of two conditions of which one is.

use std::collections::BTreeMap;

use taiwa_condition::{Comparison, Constant, Expr, ExprKind, History, SessionField};
use taiwa_model::{OfferName, SegmentName, SpanOfTime, ValueType};

use crate::text::{text, word};

/// Most atoms that one condition may come apart into; what lies beyond is one opaque atom.
const MOST_ATOMS: usize = 2_000;

/// The number of an atom.
pub(crate) type AtomId = usize;

/// Logic over atoms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    /// The same for everybody.
    Known(bool),
    /// An atom.
    Atom(AtomId),
    /// The opposite.
    Not(Box<Self>),
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// Test, where it holds, where it does not.
    Choose(Box<[Self; 3]>),
    /// Both true, or both false.
    Same(Box<[Self; 2]>),
    /// Membership in a segment, by its number among those of all versions; never unknown.
    Segment(usize),
}

/// A score: a choice of numbers.
#[derive(Clone, Debug)]
pub(crate) enum ScoreTree {
    /// Between these two.
    Range(f64, f64),
    /// Test, where it holds, where it does not.
    Choose(Box<(Formula, Self, Self)>),
}

/// What an atom asks.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// A condition without logic.
    Of(Expr),
    /// Too large to be looked into.
    Closed(Expr),
    /// Whether a person met an offer so often within a window.
    Contacts { offer: OfferName, history: History, window: SpanOfTime, at_least: i64 },
}

/// An atom of one version: names mean what that version declares.
#[derive(Clone, Debug)]
pub(crate) struct Atom {
    pub(crate) version: usize,
    pub(crate) question: Question,
}

impl Question {
    /// In one spelling: equal texts ask the same.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Of(it) | Self::Closed(it) => text(it),
            Self::Contacts { offer, history, window, at_least } => {
                format!("{}(\"{offer}\", \"{window}\") at least {at_least} times", word(*history))
            }
        }
    }
}

/// All atoms, each once.
#[derive(Debug, Default)]
pub(crate) struct Atoms {
    pub(crate) all: Vec<Atom>,
    numbers: BTreeMap<(usize, String), AtomId>,
}

impl Atoms {
    pub(crate) fn intern(&mut self, version: usize, question: Question) -> AtomId {
        let all = &mut self.all;
        *self.numbers.entry((version, question.text())).or_insert_with(|| {
            all.push(Atom { version, question });
            all.len() - 1
        })
    }
}

/// Takes conditions of one version apart.
pub(crate) struct Taker<'a> {
    pub(crate) atoms: &'a mut Atoms,
    pub(crate) version: usize,
    pub(crate) segments: &'a BTreeMap<SegmentName, usize>,
    taken: usize,
}

impl<'a> Taker<'a> {
    pub(crate) const fn new(
        atoms: &'a mut Atoms,
        version: usize,
        segments: &'a BTreeMap<SegmentName, usize>,
    ) -> Self {
        Self { atoms, version, segments, taken: 0 }
    }

    /// A condition.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Formula {
        match &expr.kind {
            ExprKind::Constant(Constant::Bool(it)) => Formula::Known(*it),
            ExprKind::Not(of) => Formula::Not(Box::new(self.condition(of))),
            ExprKind::All(parts) => {
                Formula::All(parts.iter().map(|it| self.condition(it)).collect())
            }
            ExprKind::Any(parts) => {
                Formula::Any(parts.iter().map(|it| self.condition(it)).collect())
            }
            ExprKind::Choose { test, yes, no } => {
                Formula::Choose(Box::new([test, yes, no].map(|it| self.condition(it))))
            }
            ExprKind::InSegment(name) => match self.segments.get(name) {
                Some(it) => Formula::Segment(*it),
                None => Formula::Known(name.as_str() == "everyone"),
            },
            ExprKind::Compare { op, left, right } if is_test(left) && is_test(right) => {
                let same = Formula::Same(Box::new([self.condition(left), self.condition(right)]));
                if *op == Comparison::Equal { same } else { Formula::Not(Box::new(same)) }
            }
            _ => self.atom(expr),
        }
    }

    fn atom(&mut self, expr: &Expr) -> Formula {
        self.taken += 1;
        let closed = self.taken > MOST_ATOMS;
        if let Some((test, yes, no)) = split(expr).filter(|_| !closed) {
            return Formula::Choose(Box::new([&test, &yes, &no].map(|it| self.condition(it))));
        }
        let expr = expr.clone();
        let question = if closed { Question::Closed(expr) } else { Question::Of(expr) };
        Formula::Atom(self.atoms.intern(self.version, question))
    }

    /// A score.
    pub(crate) fn score(&mut self, expr: &Expr) -> ScoreTree {
        self.taken += 1;
        if let Some((test, yes, no)) = split(expr).filter(|_| self.taken <= MOST_ATOMS) {
            let test = self.condition(&test);
            return ScoreTree::Choose(Box::new((test, self.score(&yes), self.score(&no))));
        }
        let (least, most) = taiwa_condition::range(expr);
        ScoreTree::Range(least, most)
    }
}

/// Whether an expression is true or false, not a plain value.
pub(crate) fn is_test(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(it) => matches!(it, Constant::Bool(_)),
        ExprKind::Attribute(it) => it.kind == ValueType::Bool,
        ExprKind::Property(it) => it.kind == ValueType::Bool,
        ExprKind::Session(it) => *it == SessionField::Known,
        ExprKind::Choose { yes, .. } => is_test(yes),
        ExprKind::InSegment(_)
        | ExprKind::Seen { .. }
        | ExprKind::Offer { .. }
        | ExprKind::Consented(_)
        | ExprKind::Flagged(_)
        | ExprKind::Has(_)
        | ExprKind::Text { .. }
        | ExprKind::Quantified { .. }
        | ExprKind::Not(_)
        | ExprKind::All(_)
        | ExprKind::Any(_)
        | ExprKind::Compare { .. }
        | ExprKind::Member { .. } => true,
        ExprKind::Level
        | ExprKind::Count { .. }
        | ExprKind::Sum { .. }
        | ExprKind::Since(_)
        | ExprKind::Size(_)
        | ExprKind::Element
        | ExprKind::Widen(_)
        | ExprKind::Negate(_)
        | ExprKind::Arithmetic { .. } => false,
    }
}

/// The first choice among the values of an atom, as a test and the atom with either value in its place.
fn split(expr: &Expr) -> Option<(Expr, Expr, Expr)> {
    let with = |kind: ExprKind| Expr { kind, span: expr.span };
    let one = |of: &Expr, make: fn(Box<Expr>) -> ExprKind| {
        let (test, yes, no) = split(of)?;
        Some((test, with(make(Box::new(yes))), with(make(Box::new(no)))))
    };
    match &expr.kind {
        ExprKind::Choose { test, yes, no } => {
            Some(((**test).clone(), (**yes).clone(), (**no).clone()))
        }
        ExprKind::Widen(of) => one(of, ExprKind::Widen),
        ExprKind::Negate(of) => one(of, ExprKind::Negate),
        ExprKind::Size(of) => one(of, ExprKind::Size),
        ExprKind::Compare { op, left, right } => {
            two(left, right, |left, right| with(ExprKind::Compare { op: *op, left, right }))
        }
        ExprKind::Member { item, list } => {
            two(item, list, |item, list| with(ExprKind::Member { item, list }))
        }
        ExprKind::Text { test, of, part } => {
            two(of, part, |of, part| with(ExprKind::Text { test: *test, of, part }))
        }
        ExprKind::Arithmetic { op, left, right } => {
            two(left, right, |left, right| with(ExprKind::Arithmetic { op: *op, left, right }))
        }
        _ => None,
    }
}

fn two(
    left: &Expr,
    right: &Expr,
    make: impl Fn(Box<Expr>, Box<Expr>) -> Expr,
) -> Option<(Expr, Expr, Expr)> {
    if let Some((test, yes, no)) = split(left) {
        let right = || Box::new(right.clone());
        return Some((test, make(Box::new(yes), right()), make(Box::new(no), right())));
    }
    let (test, yes, no) = split(right)?;
    let left = || Box::new(left.clone());
    Some((test, make(left(), Box::new(yes)), make(left(), Box::new(no))))
}
