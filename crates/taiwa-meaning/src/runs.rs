//! What is the same for neighbours, said once: a list of ten thousand answers that changes twice has three runs.

/// Values by run: the place behind its last one, and the value. No two runs side by side have the same.
pub(crate) type Runs<T> = Vec<(u32, T)>;

/// Adds a run; where its value is that of the last one, that one goes on. A run of nothing is left out.
pub(crate) fn push<T: PartialEq>(runs: &mut Runs<T>, end: usize, value: T) {
    let end = u32::try_from(end).unwrap_or(u32::MAX);
    match runs.last_mut() {
        Some(last) if last.0 >= end => {}
        Some(last) if last.1 == value => last.0 = end,
        None if end == 0 => {}
        _ => runs.push((end, value)),
    }
}

/// The runs of these values.
pub(crate) fn of<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Runs<T> {
    let mut runs = Runs::new();
    for (at, value) in values.into_iter().enumerate() {
        push(&mut runs, at + 1, value);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_run() {
        let runs = of([1, 1, 2, 2, 2, 1]);
        assert_eq!(runs, [(2, 1), (5, 2), (6, 1)]);
        let mut runs = Runs::new();
        push(&mut runs, 0, 'a');
        push(&mut runs, 3, 'b');
        push(&mut runs, 3, 'c');
        assert_eq!(runs, [(3, 'b')]);
    }
}
