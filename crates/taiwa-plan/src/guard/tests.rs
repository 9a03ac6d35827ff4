//! The promise of the guard, by simulation: false alarms at any look, and what is found.

use super::{Comparison, Trials, compare};

/// `SplitMix64`: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// With a chance of so many in 10,000.
    fn falls(&mut self, of_10_000: u64) -> bool {
        (u128::from(self.next()) * 10_000) >> 64 < u128::from(of_10_000)
    }
}

/// Chances in 10,000: errors, fallbacks, slow ones.
#[derive(Clone, Copy)]
struct Nature([u64; 3]);

fn ask(dice: &mut Dice, nature: Nature, trials: &mut Trials) {
    trials.asked += 1;
    if dice.falls(nature.0[0]) {
        trials.errors += 1;
        return;
    }
    trials.decided += 1;
    trials.fallbacks += u64::from(dice.falls(nature.0[1]));
    trials.slow += u64::from(dice.falls(nature.0[2]));
}

/// Visitors between two looks.
const LOOK: u32 = 8;

/// One step: visitors come, and all the time somebody looks. The visitor at which it was called worse.
fn run(seed: u64, share_bp: u64, (new, old): (Nature, Nature), visitors: u32) -> Option<u32> {
    let mut dice = Dice(seed);
    let (mut one, mut zero) = (Trials::default(), Trials::default());
    for visitor in 1..=visitors {
        if dice.falls(share_bp) {
            ask(&mut dice, new, &mut one);
        } else {
            ask(&mut dice, old, &mut zero);
        }
        if visitor % LOOK == 0 && compare(&one, &zero).outcome == Comparison::Worse {
            return Some(visitor);
        }
    }
    None
}

/// Whoever looks all the time and stops at the first alarm is wrong in at most one of a hundred steps.
#[test]
fn a_release_that_is_not_worse_is_hardly_ever_called_worse() {
    const RUNS: u64 = 1_000;
    let natures = [[0, 0, 0], [100, 500, 10], [500, 5000, 200]].map(Nature);
    for (place, nature) in natures.into_iter().enumerate() {
        for share_bp in [500, 5000] {
            let seeds = (0..RUNS).map(|it| it * 7919 + place as u64);
            let alarms = seeds.filter(|it| run(*it, share_bp, (nature, nature), 600).is_some());
            let alarms = alarms.count();
            // 10 is what the level allows; evidence of this sort needs far less of it.
            assert!(alarms <= 10, "{alarms} of {RUNS} at {share_bp}, nature {place}");
        }
    }
}

/// What is worse by less than the margin is not called worse either.
#[test]
fn the_margin_is_kept() {
    let (new, old) = (Nature([0, 1090, 90]), Nature([0, 1000, 0]));
    let alarms = (0..400).filter(|it| run(*it, 5000, (new, old), 1_500).is_some()).count();
    assert!(alarms <= 4, "{alarms}");
}

#[test]
fn a_doubled_error_rate_is_found() {
    let (new, old) = (Nature([800, 0, 0]), Nature([400, 0, 0]));
    let mut found: Vec<u32> =
        (0..60).map(|it| run(it, 5000, (new, old), 12_000).unwrap_or(u32::MAX)).collect();
    found.sort_unstable();
    // In nine of ten steps before 8,000 visitors have come, in half of them before 5,000.
    assert!(found[30] < 5_000, "{found:?}");
    assert!(found[53] < 8_000, "{found:?}");
}

#[test]
fn a_release_that_breaks_is_found_after_a_few_visitors() {
    for (new, old) in [
        (Nature([10_000, 0, 0]), Nature([0, 0, 0])),
        (Nature([0, 10_000, 0]), Nature([0, 500, 0])),
        (Nature([0, 0, 10_000]), Nature([0, 0, 0])),
    ] {
        for seed in 0..20 {
            let at = run(seed, 500, (new, old), 2_000);
            assert!(at.is_some_and(|it| it < 600), "{at:?}");
        }
    }
}

fn trials(asked: u64, errors: u64, fallbacks: u64, slow: u64) -> Trials {
    Trials { asked, errors, decided: asked - errors, fallbacks, slow }
}

#[track_caller]
fn says(new: Trials, old: Trials, outcome: Comparison, why: &str) {
    let got = compare(&new, &old);
    assert_eq!(got.outcome, outcome, "{got:?}");
    assert!(got.why.contains(why), "{got:?}");
}

#[test]
fn the_four_outcomes() {
    says(trials(0, 0, 0, 0), trials(900, 0, 0, 0), Comparison::NoData, "0 visitors' questions");
    says(trials(29, 0, 0, 0), trials(900, 0, 0, 0), Comparison::NoData, "29 visitors' questions");
    says(trials(900, 0, 0, 0), trials(9, 0, 0, 0), Comparison::NoData, "release before");
    says(trials(30, 0, 0, 0), trials(900, 0, 0, 0), Comparison::Inconclusive, "0.00 % of 30");
    says(trials(6000, 60, 90, 6), trials(9000, 90, 135, 9), Comparison::NoWorse, "1.00 % of 6000");
    says(
        trials(900, 9, 20, 1),
        trials(9000, 90, 200, 9),
        Comparison::Inconclusive,
        "1.00 % of 900",
    );
    says(trials(100, 40, 0, 0), trials(1000, 10, 0, 0), Comparison::Worse, "errors 40.00 % of 100");
    says(trials(100, 0, 60, 0), trials(1000, 0, 100, 0), Comparison::Worse, "fallbacks 60.00 %");
    says(trials(100, 0, 0, 60), trials(1000, 0, 0, 1), Comparison::Worse, "slow decisions 60.00");
    // Worse does not wait for the least number of visitors.
    says(trials(20, 20, 0, 0), trials(500, 0, 0, 0), Comparison::Worse, "100.00 % of 20");
    // Better in one measure makes up for nothing in another.
    says(trials(400, 0, 300, 0), trials(400, 300, 0, 0), Comparison::Worse, "fallbacks");
    assert!(Comparison::NoWorse.opens() && Comparison::Inconclusive.opens());
    assert!(!Comparison::Worse.opens() && !Comparison::NoData.opens());
}

#[test]
fn what_two_servers_saw_is_added_up() {
    let sum = trials(10, 1, 2, 3).and(trials(20, 2, 3, 4));
    assert_eq!(sum, Trials { asked: 30, errors: 3, decided: 27, fallbacks: 5, slow: 7 });
}
