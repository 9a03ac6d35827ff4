//! The test: evidence against a claim on the difference of two shares, that may be looked at after every visitor.
//!
//! Let *s*ᵢ of *n*ᵢ visitors of side *i* have met something bad, with true shares *p*ᵢ. The evidence against a claim
//! *H* about (*p*₁, *p*₀) is
//!
//! > E = ∏ᵢ B(sᵢ + ½, nᵢ − sᵢ + ½) / B(½, ½)  ÷  max over (p₁, p₀) in H of ∏ᵢ pᵢ^sᵢ (1 − pᵢ)^(nᵢ − sᵢ)
//!
//! The numerator is the likelihood of what was seen, mixed over both shares with Jeffreys' prior. Divided by the
//! likelihood at the *true* shares it is a martingale that begins at 1, in whatever order the two sides' visitors come
//! (H. Robbins, *Statistical methods related to the law of the iterated logarithm*, Ann. Math. Statist. 41, 1970; as
//! the "mixture sequential probability ratio test" in R. Johari, P. Koomen, L. Pekelis, D. Walsh, *Always valid
//! inference*, Oper. Res. 70, 2022). If *H* is true, the maximum over *H* is at least that likelihood, so E is never
//! above the martingale (L. Wasserman, A. Ramdas, S. Balakrishnan, *Universal inference*, PNAS 117, 2020), and by
//! Ville's inequality the chance that E *ever* reaches 1/α is at most α.

/// How often the interval in which the best share lies is halved: to less than 1e-14.
const HALVINGS: u32 = 48;

/// What was seen on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many were tried.
    pub trials: u64,
    /// How many of them were bad; more than `trials` counts as all.
    pub bad: u64,
}

impl Seen {
    /// `1.25 % of 800`.
    pub(super) fn words(self) -> String {
        if self.trials == 0 {
            return "none of 0".to_owned();
        }
        let hundredths = u128::from(self.bad) * 10_000 / u128::from(self.trials);
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        format!("{whole}.{rest:02} % of {}", self.trials)
    }

    /// Bad and good ones.
    fn split(self) -> (f64, f64) {
        let bad = self.bad.min(self.trials);
        (float(bad), float(self.trials - bad))
    }
}

/// The claim that evidence is gathered against; the number is a difference of shares, 0 to below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Null {
    /// The new side's share is at most so much above the old one's.
    NotAbove(f64),
    /// The new side's share is at least so much above the old one's.
    NotBelow(f64),
}

/// The natural logarithm of the evidence against a claim. At ln(1/α) the claim is refuted at the level α, whenever that
/// happens.
pub fn log_evidence(new: &Seen, before: &Seen, null: Null) -> f64 {
    let (one, zero) = (new.split(), before.split());
    let mixed = log_mixture(one) + log_mixture(zero);
    mixed - log_best(one, zero, null)
}

/// ln B(s + ½, f + ½) − ln B(½, ½).
fn log_mixture((bad, good): (f64, f64)) -> f64 {
    let log_beta = |a: f64, b: f64| log_gamma(a) + log_gamma(b) - log_gamma(a + b);
    log_beta(bad + 0.5, good + 0.5) - log_beta(0.5, 0.5)
}

/// The greatest log-likelihood that the claim allows. It is concave and the claim a convex set: where the shares that
/// were seen do not satisfy it, the best that do lie on its edge.
fn log_best(one: (f64, f64), zero: (f64, f64), null: Null) -> f64 {
    let seen = |(bad, good): (f64, f64)| if bad + good > 0.0 { bad / (bad + good) } else { 0.5 };
    let (p1, p0) = (seen(one), seen(zero));
    let (difference, holds) = match null {
        Null::NotAbove(it) => (it, p1 <= p0 + it),
        Null::NotBelow(it) => (it, p1 >= p0 + it),
    };
    let free = log_likelihood(one, p1) + log_likelihood(zero, p0);
    if holds {
        return free;
    }
    let on_edge = |p: f64| log_likelihood(one, p + difference) + log_likelihood(zero, p);
    let slope = |p: f64| {
        let part = |(bad, good): (f64, f64), p: f64| ratio(bad, p) - ratio(good, 1.0 - p);
        part(one, p + difference) + part(zero, p)
    };
    let (mut low, mut high) = (0.0_f64, 1.0 - difference);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    // The ends count, too: the slope says nothing where a likelihood is nothing.
    let ends = [0.0, low, high, 1.0 - difference].map(on_edge);
    ends.into_iter().fold(f64::NEG_INFINITY, f64::max).min(free)
}

fn log_likelihood((bad, good): (f64, f64), p: f64) -> f64 {
    times_log(bad, p) + times_log(good, 1.0 - p)
}

/// n ln p, where nothing times anything is nothing.
fn times_log(n: f64, p: f64) -> f64 {
    if n <= 0.0 { 0.0 } else { n * p.max(0.0).ln() }
}

fn ratio(n: f64, p: f64) -> f64 {
    if n <= 0.0 { 0.0 } else { n / p.max(f64::MIN_POSITIVE) }
}

/// Counts beyond four billion are counted as that.
fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// ln Γ(x) for x > 0: Stirling's series (NIST, *Digital Library of Mathematical Functions*, 5.11.1) above 10, where five
/// terms are exact to 1e-13, and Γ(x) = Γ(x + 1) / x below.
fn log_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0_f64;
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let terms = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0];
    let series = terms.into_iter().rev().fold(0.0_f64, |sum, it| sum.mul_add(square, it)) * inverse;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_is_gamma() {
        // Γ(½) = √π, Γ(n) = (n − 1)!
        assert!((log_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
        let mut factorial = 0.0;
        for n in 1_u32..60 {
            assert!((log_gamma(f64::from(n)) - factorial).abs() < 1e-10, "{n}");
            factorial += f64::from(n).ln();
        }
    }

    /// The mixture is the product of the predictions (s + ½) / (n + 1), one after the other.
    #[test]
    fn the_mixture_predicts_one_visitor_after_the_other() {
        let (mut sum, mut bad, mut good) = (0.0, 0.0, 0.0);
        for turn in 0..500 {
            let is_bad = turn % 7 == 0;
            let next: f64 = if is_bad { bad + 0.5 } else { good + 0.5 };
            sum += (next / (bad + good + 1.0)).ln();
            if is_bad {
                bad += 1.0;
            } else {
                good += 1.0;
            }
            assert!((log_mixture((bad, good)) - sum).abs() < 1e-9, "{turn}");
        }
    }

    /// The best on the edge is the best of a fine grid.
    #[test]
    fn the_edge_is_searched_right() {
        let rows = [
            ((10.0, 90.0), (5.0, 995.0), 0.0),
            ((10.0, 90.0), (5.0, 995.0), 0.01),
            ((30.0, 0.0), (0.0, 400.0), 0.0),
            ((1.0, 0.0), (0.0, 1.0), 0.3),
            ((30.0, 70.0), (0.0, 400.0), 0.2),
        ];
        for (one, zero, margin) in rows {
            let got = log_best(one, zero, Null::NotAbove(margin));
            let grid = (0..=200_000_u32).map(|it| f64::from(it) / 200_000.0 * (1.0 - margin));
            let best = grid
                .map(|p| log_likelihood(one, p + margin) + log_likelihood(zero, p))
                .fold(f64::NEG_INFINITY, f64::max);
            assert!(got >= best - 1e-9 && got < best + 1e-3, "{got} {best}");
        }
    }

    #[test]
    fn nothing_seen_is_no_evidence_and_no_number_is_none() {
        let seen = |trials, bad| Seen { trials, bad };
        for (new, old) in [
            (seen(0, 0), seen(0, 0)),
            (seen(1, 1), seen(0, 0)),
            (seen(0, 5), seen(u64::MAX, 0)),
            (seen(u64::MAX, u64::MAX), seen(3, 9)),
            (seen(5, 5), seen(5, 0)),
        ] {
            for null in [Null::NotAbove(0.0), Null::NotAbove(0.05), Null::NotBelow(0.01)] {
                assert!(!log_evidence(&new, &old, null).is_nan(), "{new:?} {old:?} {null:?}");
            }
        }
        assert!(log_evidence(&seen(0, 0), &seen(0, 0), Null::NotAbove(0.0)).abs() < 1e-12);
    }
}
