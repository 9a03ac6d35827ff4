//! Conditions: the CEL subset of taiwa, parsed, type-checked, compiled and evaluated.
//!
//! The way of a condition: text → [`parse`] → [`Parsed`] → [`check`] → [`Expr`] → [`Program::compile`] →
//! [`Program::truth`] with somebody's [`Facts`].
//!
//! ```
//! use taiwa_condition::{Expect, Names, Setting, check};
//!
//! let names = Names::default();
//! let setting = Setting { names: &names, scope: None, session: true, event: None };
//! let text = "session.hour >= 9 and session.hour < 18";
//! let checked = check(text, Expect::Condition, &setting);
//! assert_eq!(checked.remarks[0].message, "`and` is not an operator here");
//! assert_eq!(checked.remarks[0].help.as_deref(), Some("write `&&`"));
//! ```
//!
//! **Invariants.** Parsing and checking never fail: they return what they could and the remarks. Every remark
//! has a span of whole characters within the text. Nothing recurses deeper than [`MAX_DEPTH`]. Evaluation is
//! three-valued, allocates nothing, and does not depend on the order of `&&` and `||`.
//!
//! Deliberately absent: where a condition stands in a file (`taiwa-config`), how a person's history is kept
//! (`taiwa-decide`), whether a condition makes sense among others (`taiwa-validator`).

mod check;
mod expr;
mod facts;
mod names;
mod program;
mod slots;
mod suggest;
mod syntax;
mod truth;

pub use check::{Checked, EventUse, Expect, OfferUse, Setting, Uses, check};
pub use expr::{
    Arithmetic, AttributeRef, Comparison, Constant, Expr, ExprKind, History, Missing, PropertyRef,
    Quantifier, SessionField, TextTest, constant, may_be_missing, range,
};
pub use facts::{Facts, SessionFacts};
pub use names::{Names, SegmentNature};
pub use program::Program;
pub use slots::{
    AttributeSlot, EventSlot, LevelSlot, OfferSlot, PropertySlot, PurposeSlot, SegmentSlot, Slot,
    Slots, Table,
};
pub use suggest::closest;
pub use syntax::{
    Id, Kind, Literal, MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_REMARKS, Node, Operator, Parsed, parse,
    print,
};
pub use truth::Truth;
