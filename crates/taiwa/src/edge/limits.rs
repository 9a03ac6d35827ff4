//! Limits of gates: from what people write to the whole numbers of a policy, always the stricter way.

use taiwa_config::environment::{LoadGate, SoakGate};
use taiwa_model::SpanOfTime;
use taiwa_plan::{EVIDENCE_AGE_S, ExposureRule, LoadRule};

/// What a request may take where no limit is written: as long as any request is waited for.
const LONGEST_US: u64 = 10_000_000;

/// The gate `load`. Left out: `p99` is 10 s, after which a request is an error anyway; `errors` is 0 %.
pub(crate) fn load(it: &LoadGate) -> LoadRule {
    LoadRule {
        max_age_s: age(it.max_age),
        rate_per_s: whole(it.rate_per_s),
        for_s: millis(it.lasts).div_ceil(1000),
        p99_us: it.p99.map_or(LONGEST_US, |it| millis(it).saturating_mul(1000)),
        errors_bp: it.errors.map_or(0, |it| u64::from(it.0)),
    }
}

/// The decisions of a soak, if it asks for any.
pub(crate) fn exposure(it: &SoakGate) -> Option<ExposureRule> {
    Some(ExposureRule { max_age_s: age(it.max_age), decisions: it.decisions? })
}

fn age(written: Option<SpanOfTime>) -> u64 {
    written.map_or(EVIDENCE_AGE_S, |it| millis(it) / 1000)
}

fn millis(span: SpanOfTime) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(0)
}

/// Half a request a second is one: what cannot be a whole number becomes the next one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the form of a rate is between 0 and a million"
)]
fn whole(rate_per_s: f64) -> u64 {
    rate_per_s.ceil().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use taiwa_config::environment::Share;

    use super::*;

    fn span(text: &str) -> SpanOfTime {
        SpanOfTime::parse(text).unwrap()
    }

    #[test]
    fn a_limit_is_never_laxer_than_written() {
        let gate = LoadGate {
            rate_per_s: 0.5,
            lasts: span("1500ms"),
            p99: Some(span("20ms")),
            errors: Some(Share(50)),
            max_age: Some(span("1h")),
        };
        let want =
            LoadRule { max_age_s: 3600, rate_per_s: 1, for_s: 2, p99_us: 20_000, errors_bp: 50 };
        assert_eq!(load(&gate), want);
        let short = LoadGate { rate_per_s: 500.0, p99: None, errors: None, max_age: None, ..gate };
        let rule = load(&short);
        assert_eq!((rule.rate_per_s, rule.p99_us, rule.errors_bp), (500, 10_000_000, 0));
        assert_eq!(rule.max_age_s, EVIDENCE_AGE_S);
    }

    #[test]
    fn a_soak_by_time_alone_asks_for_no_decisions() {
        let soak = SoakGate { lasts: span("30m"), decisions: None, max_age: None };
        assert_eq!(exposure(&soak), None);
        let rule = exposure(&SoakGate { decisions: Some(7), ..soak }).unwrap();
        assert_eq!((rule.decisions, rule.max_age_s), (7, EVIDENCE_AGE_S));
    }
}
