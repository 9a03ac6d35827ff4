//! Values while a program runs: borrowed, never allocated.

use std::cmp::Ordering;

use taiwa_model::{Value, ValueType};

use crate::{Arithmetic, Comparison};

/// The greatest whole number that is exact; what lies beyond is unknown.
const LARGEST: i64 = (1 << 53) - 1;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(&'a str),
    /// Milliseconds since the epoch.
    Time(i64),
    /// Milliseconds.
    Duration(i64),
    Texts(&'a [String]),
    Ints(&'a [i64]),
    Numbers(&'a [f64]),
}

impl<'a> Cell<'a> {
    /// A stored value, taken as its declared type; `None` where it is missing or of another type.
    pub(super) fn stored(value: Option<&'a Value>, kind: ValueType) -> Option<Self> {
        Some(match (kind, value) {
            (ValueType::Bool, Some(Value::Bool(it))) => Self::Bool(*it),
            (ValueType::Int, Some(Value::Int(it))) => Self::Int(*it),
            (ValueType::Number, Some(it)) => Self::Number(it.as_number()?),
            (ValueType::String | ValueType::Enum, Some(Value::Text(it))) => Self::Text(it),
            (ValueType::Timestamp, Some(Value::Time(it))) => Self::Time(it.as_millis()),
            (ValueType::Strings, Some(Value::Texts(it))) => Self::Texts(it),
            (ValueType::Ints, Some(Value::Ints(it))) => Self::Ints(it),
            // A list is never missing; an empty one may have been read without its type.
            (ValueType::Strings, _) => Self::Texts(&[]),
            (ValueType::Ints, _) => Self::Ints(&[]),
            _ => return None,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "ints lie within 2^53")]
    pub(super) const fn number(self) -> Option<f64> {
        match self {
            Self::Int(it) => Some(it as f64),
            Self::Number(it) => Some(it),
            _ => None,
        }
    }

    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(&b)),
            (Self::Int(a), Self::Int(b))
            | (Self::Time(a), Self::Time(b))
            | (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(&b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    pub(super) fn compare(self, op: Comparison, other: Self) -> Option<bool> {
        self.order(other).map(|it| op.holds(it))
    }

    /// Whether a list holds it.
    pub(super) fn among(self, list: Self) -> Option<bool> {
        match (self, list) {
            (Self::Text(it), Self::Texts(list)) => Some(list.iter().any(|own| own == it)),
            (Self::Int(it), Self::Ints(list)) => Some(list.contains(&it)),
            (_, Self::Ints(list)) => {
                let it = self.number()?;
                Some(list.iter().any(|own| Self::Int(*own).number() == Some(it)))
            }
            (_, Self::Numbers(list)) => Some(list.contains(&self.number()?)),
            _ => None,
        }
    }

    /// Characters of a text, elements of a list.
    pub(super) fn size(self) -> Option<Self> {
        let size = match self {
            Self::Text(it) => it.chars().count(),
            Self::Texts(it) => it.len(),
            Self::Ints(it) => it.len(),
            Self::Numbers(it) => it.len(),
            _ => return None,
        };
        i64::try_from(size).ok().map(Self::Int)
    }

    /// Overflow, division by zero and what is no number are `None`.
    pub(super) fn arithmetic(self, op: Arithmetic, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => whole(op, a, b).map(Self::Int),
            (Self::Time(a), Self::Time(b)) => exact(a.checked_sub(b)?).map(Self::Duration),
            (Self::Duration(a), Self::Duration(b)) => whole(op, a, b).map(Self::Duration),
            (Self::Time(a), Self::Duration(b)) | (Self::Duration(b), Self::Time(a)) => {
                let millis = whole(op, a, b)?;
                // Times end where their text ends.
                let clamped = taiwa_model::Timestamp::from_millis(millis).as_millis();
                (clamped == millis).then_some(Self::Time(millis))
            }
            _ => {
                let (a, b) = (self.number()?, other.number()?);
                let result = match op {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Remainder => return None,
                };
                result.is_finite().then_some(Self::Number(result))
            }
        }
    }

    pub(super) fn negate(self) -> Option<Self> {
        match self {
            Self::Int(it) => Some(Self::Int(it.checked_neg()?)),
            Self::Number(it) => Some(Self::Number(-it)),
            _ => None,
        }
    }
}

fn whole(op: Arithmetic, a: i64, b: i64) -> Option<i64> {
    let result = match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    result.and_then(exact)
}

fn exact(it: i64) -> Option<i64> {
    (it.unsigned_abs() <= LARGEST.unsigned_abs()).then_some(it)
}
