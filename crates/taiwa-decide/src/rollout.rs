//! Who gets a release first, while it is rolled out in steps.
//!
//! **Invariants.** A function of the release, the visitor and the share alone: every server gives the same answer, and
//! so does every restart. As the share grows, whoever is in stays in. Two releases choose different people, so that it
//! is not always the same twentieth who gets everything first.
//! Deliberately absent: which identity of a person counts (the server's), and when a share changes (the plan's).

use taiwa_model::{Digest, LevelName};

/// Shares are counted in basis points: this is everybody.
pub const EVERYBODY_BP: u64 = 10_000;

/// Where a visitor stands with regard to a release: 64 bits, evenly spread, as good as drawn by lot.
///
/// The first 8 bytes, big-endian, of SHA-256 over `taiwa/visitor/1`, a zero byte, the 32 bytes of the release's digest,
/// the length of the level's name in bytes as 8 bytes big-endian, the name, and the key.
pub fn place(release: &Digest, level: &LevelName, key: &str) -> u64 {
    let level = level.as_str().as_bytes();
    let mut bytes = Vec::with_capacity(32 + 8 + level.len() + key.len());
    bytes.extend_from_slice(release.as_bytes());
    bytes.extend_from_slice(&(level.len() as u64).to_be_bytes());
    bytes.extend_from_slice(level);
    bytes.extend_from_slice(key.as_bytes());
    let digest = Digest::of_kind("visitor", &bytes);
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_be_bytes(first)
}

/// Whether a visitor at this place is among the first `share_bp` basis points; more than [`EVERYBODY_BP`] is everybody.
pub fn is_in(place: u64, share_bp: u64) -> bool {
    let bucket = (u128::from(place) * u128::from(EVERYBODY_BP)) >> 64;
    bucket < u128::from(share_bp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    fn at(name: &str, key: &str) -> u64 {
        place(&release(name), &LevelName::new("customer"), key)
    }

    /// Other programs may compute it: these numbers never change.
    #[test]
    fn golden() {
        let customer = LevelName::new("customer");
        let visitor = LevelName::new("visitor");
        let got = [
            place(&release("espresso"), &customer, "c-1"),
            place(&release("espresso"), &customer, "c-2"),
            place(&release("espresso"), &visitor, "c-1"),
            place(&release("lungo"), &customer, "c-1"),
            place(&release("espresso"), &customer, "田中"),
            place(&release("espresso"), &customer, ""),
        ];
        assert_eq!(got, GOLDEN);
    }

    const GOLDEN: [u64; 6] = [
        0x6b26_8232_572e_4b2a,
        0xbc94_8902_617a_24f4,
        0x7af9_d67d_9935_4761,
        0xb2d9_737d_56a1_8663,
        0x7617_8986_d9ed_9100,
        0x7a41_4b7a_158a_ae30,
    ];

    #[test]
    fn a_name_and_a_key_cannot_be_exchanged() {
        let one = place(&release("x"), &LevelName::new("ab"), "c");
        let other = place(&release("x"), &LevelName::new("a"), "bc");
        assert_ne!(one, other);
    }

    #[test]
    fn the_ends_of_a_share() {
        assert!(!is_in(0, 0));
        assert!(is_in(0, 1));
        assert!(!is_in(u64::MAX, 9_999));
        assert!(is_in(u64::MAX, 10_000));
        assert!(is_in(u64::MAX, u64::MAX));
        // The first place of the second basis point.
        let second = u64::MAX / 10_000 + 1;
        assert!(is_in(second - 1, 1));
        assert!(!is_in(second, 1));
    }

    #[test]
    fn whoever_is_in_stays_in() {
        for number in 0..2_000 {
            let place = at("espresso", &format!("c-{number}"));
            let sides: Vec<bool> = (0..=100).map(|it| is_in(place, it * 100)).collect();
            assert!(sides.is_sorted(), "{number}");
            assert!(!sides[0] && sides[100]);
        }
    }

    /// Shares are as large as they say, within five standard deviations: keys that are numbered one after the other
    /// are the hardest that shops have.
    #[test]
    fn shares_are_even() {
        const VISITORS: u32 = 20_000;
        for share_bp in [100, 500, 2_500, 5_000, 9_000] {
            let keys = (0..VISITORS).map(|it| format!("{it:08}"));
            let inside = keys.filter(|it| is_in(at("espresso", it), share_bp)).count();
            let share = f64::from(u32::try_from(share_bp).unwrap()) / 10_000.0;
            let expected = f64::from(VISITORS) * share;
            let inside = f64::from(u32::try_from(inside).unwrap());
            let deviation = (f64::from(VISITORS) * share * (1.0 - share)).sqrt();
            assert!((inside - expected).abs() < 5.0 * deviation, "{share_bp}: {inside}");
        }
        // Twenty drawers of equal size: chi-squared with 19 degrees of freedom is below 43.8 in 999 of 1000 cases.
        let mut drawers = [0_u32; 20];
        for number in 0..VISITORS {
            let place = at("lungo", &format!("visitor-{number}"));
            let drawer = usize::try_from((u128::from(place) * 20) >> 64).unwrap();
            drawers[drawer] += 1;
        }
        let expected = f64::from(VISITORS) / 20.0;
        let chi: f64 =
            drawers.iter().map(|it| (f64::from(*it) - expected).powi(2) / expected).sum();
        assert!(chi < 43.8, "{chi} {drawers:?}");
    }

    /// Two releases share no more of their first twentieth than chance gives.
    #[test]
    fn another_release_chooses_other_people() {
        let both = (0..20_000)
            .map(|it| format!("c-{it}"))
            .filter(|it| is_in(at("espresso", it), 500) && is_in(at("lungo", it), 500));
        let both = both.count();
        assert!((20..=90).contains(&both), "{both} of 50 that chance gives");
    }
}
