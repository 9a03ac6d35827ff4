//! Ordered values as whole numbers in the same order, so that cells are found by halving, exact to the last bit.

use taiwa_model::Value;

/// What the whole numbers of a column stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lattice {
    /// Whole numbers.
    Int,
    /// Doubles.
    Number,
    /// Instants, in milliseconds.
    Time,
    /// Lengths of time, in milliseconds.
    Span,
}

/// The last whole number that is exact.
pub(crate) const LARGEST: i64 = (1 << 53) - 1;

/// The place of a double in the order of doubles.
pub(crate) fn place(number: f64) -> i64 {
    let bits = i64::try_from(number.abs().to_bits()).unwrap_or(i64::MAX);
    if number < 0.0 { -bits } else { bits }
}

/// The double at a place.
pub(crate) fn double(place: i64) -> f64 {
    let number = f64::from_bits(place.unsigned_abs());
    if place < 0 { -number } else { number }
}

impl Lattice {
    /// The value at a place.
    pub(crate) fn value(self, place: i64) -> Value {
        match self {
            Self::Int | Self::Span => Value::Int(place),
            Self::Number => Value::Number(double(place)),
            Self::Time => Value::Time(taiwa_model::Timestamp::from_millis(place)),
        }
    }

    /// The place of a number that was written.
    pub(crate) fn place_of(self, number: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as is wanted")]
        match self {
            Self::Number => place(number),
            _ => number as i64,
        }
    }

    /// The plainest place from `least` to `most`, of which the ends of the column are not plain.
    pub(crate) fn plainest(self, (least, most): (i64, i64), (from, to): (i64, i64)) -> i64 {
        let within = |it: i64| (least <= it && it <= most).then_some(it);
        let found = match self {
            Self::Span if least <= 0 || least == from => {
                [86_400_000, 3_600_000, 60_000, 1_000, 1].into_iter().find_map(within)
            }
            Self::Int | Self::Time | Self::Span => None,
            Self::Number => {
                let (a, b) = (double(least), double(most));
                let whole = if least == from { b.floor() } else { a.ceil() };
                let near = Some(whole).filter(|it| it.abs() < 1e15);
                let tenth = |it: f64| (it * 100.0).ceil() / 100.0;
                near.into_iter().chain([tenth(a), a.midpoint(b)]).map(place).find_map(within)
            }
        };
        found.unwrap_or_else(|| match (least == from, most == to) {
            (true, true) => 0.clamp(least, most),
            (true, false) => most,
            (false, _) => least,
        })
    }
}

/// The last place of `from..=to` that says the same as `from`; `None` where all do. The answer changes at most once.
pub(crate) fn change(
    (from, to): (i64, i64),
    mut says: impl FnMut(i64) -> Option<bool>,
) -> Option<i64> {
    let known = |mut at: i64, says: &mut dyn FnMut(i64) -> Option<bool>| {
        while says(at).is_none() && at != 0 {
            at /= 2;
        }
        at
    };
    let mut least = known(from, &mut says);
    let mut most = known(to, &mut says);
    if least >= most {
        return None;
    }
    let first = says(least);
    if says(most) == first {
        return None;
    }
    while i128::from(most) - i128::from(least) > 1 {
        let middle = i64::midpoint(least, most);
        if says(middle) == first {
            least = middle;
        } else {
            most = middle;
        }
    }
    Some(least)
}

/// The same, where it is likely to be at a place or just before it.
pub(crate) fn change_beside(
    place: Option<i64>,
    (from, to): (i64, i64),
    mut says: impl FnMut(i64) -> Option<bool>,
) -> Option<i64> {
    for last in place.into_iter().flat_map(|it| [it.saturating_sub(1), it]) {
        if from <= last
            && last < to
            && let (Some(before), Some(behind)) = (says(last), says(last + 1))
            && before != behind
        {
            return Some(last);
        }
    }
    change((from, to), says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_keep_their_order() {
        let all =
            [f64::MIN, -1.5, -1.0, -f64::MIN_POSITIVE, 0.0, 5e-324, 0.1, 1.0, 30_000.0, f64::MAX];
        for pair in all.windows(2) {
            assert!(place(pair[0]) < place(pair[1]), "{pair:?}");
        }
        for it in all {
            assert_eq!(double(place(it)).to_bits(), it.to_bits());
        }
        assert_eq!(place(-0.0), 0);
    }

    #[test]
    fn a_change_is_found_to_the_last_bit() {
        let ends = (place(-1e300), place(1e300));
        let at = change(ends, |it| Some(double(it) < 0.3)).unwrap();
        assert_eq!((double(at + 1), double(at) < 0.3), (0.3, true));
        assert_eq!(change((0, 9), |it| Some(it < 100)), None);
        for guess in [None, Some(-50), Some(3), Some(4), Some(5), Some(i64::MAX), Some(i64::MIN)] {
            assert_eq!(change_beside(guess, (-9, 9), |it| Some(it < 4)), Some(3), "{guess:?}");
            assert_eq!(change_beside(guess, (-9, 9), |_| Some(true)), None, "{guess:?}");
        }
        assert_eq!(change((-9, 9), |it| (it.abs() < 5).then_some(it > 1)), Some(1));
    }
}
