//! Twice as many conditions cost twice as much: work is counted, not timed, so that no busy machine decides.

use super::{shared, shop, understood};
use crate::probe::ASKED;

/// How often atoms were asked, and what was done with diagrams, for so many offers that each have numbers of their own.
fn work(count: usize, condition: impl Fn(usize) -> String) -> (u64, u64) {
    let mut components = shop();
    for at in 0..count {
        let offer = shared(super::read(serde_json::json!({"title": {"und": "x"}})));
        components.offers.insert(format!("offer-{at}").as_str().into(), offer);
    }
    let conditions: Vec<String> = (0..count).map(condition).collect();
    let before = ASKED.get();
    let (mut m, _, handles) = understood(&components, &conditions);
    let sets: Vec<_> = handles.iter().map(|it| m.truth(*it).unwrap()).collect();
    for pair in sets.windows(2) {
        m.and(pair[0], pair[1]).unwrap();
        m.implies(pair[0], pair[1]).unwrap();
        m.overlaps(pair[0], pair[1]).unwrap();
        m.complement(pair[0]).unwrap();
    }
    (ASKED.get() - before, m.store.work())
}

#[track_caller]
fn grows_evenly(condition: impl Fn(usize) -> String + Copy) {
    let (few, many) = (work(300, condition), work(600, condition));
    // A little more than twice: a number that is longer, a table that is fuller.
    assert!(many.0 * 10 <= few.0 * 22, "asked {} times, then {} times", few.0, many.0);
    assert!(many.1 * 10 <= few.1 * 22, "{} things done, then {}", few.1, many.1);
}

#[test]
fn as_many_numbers_as_conditions() {
    grows_evenly(|at| format!("profile.points < {}", 1_000 + at));
    grows_evenly(|at| format!("profile.points >= {} && profile.tier == \"gold\"", 1_000 + at));
    grows_evenly(|at| format!("profile.rating == {at}.5"));
}

#[test]
fn as_many_offers_as_conditions() {
    grows_evenly(|at| {
        format!("!accepted(\"offer-{at}\", \"30d\") && profile.points < {}", 900 + at)
    });
}

#[test]
fn as_many_texts_as_conditions() {
    grows_evenly(|at| format!("profile.city == \"town-{at}\""));
}

#[test]
fn many_windows_of_one_history() {
    let windows = |at: usize| {
        format!(
            "profile.points >= {} || count(\"web/looked\", \"{}d\") >= {}",
            at,
            1 + at % 60,
            1 + at % 12
        )
    };
    grows_evenly(windows);
    // Sixty windows hang together in a few thousand things done, not in millions.
    let (_, done) = work(60, windows);
    assert!(done < 2_000_000, "{done}");
}
