//! The gate `load`: the policy's limits against the numbers of a run.

use serde_json::Value;
use taiwa_model::Digest;

use super::Outcome;
use crate::{Evidence, EvidenceResult, LoadRule};

/// Whole numbers of one run over all servers.
struct Numbers {
    /// Requests that the rate and the time come to.
    planned: u64,
    /// Those that were sent while the time ran.
    sent: u64,
    /// Those of them that were not answered, or not with a decision; a timeout is one.
    errors: u64,
    /// Latencies, counted from the moment at which a request was due, in microseconds.
    p50_us: u64,
    p99_us: u64,
    max_us: u64,
    /// How long requests were sent, in seconds.
    for_s: u64,
    /// How many servers were asked.
    servers: u64,
}

impl Numbers {
    const NAMES: &str = "planned, sent, errors, p50_us, p99_us, max_us, for_s, servers";

    fn read(evidence: &Evidence) -> Option<Self> {
        let number = |name: &str| evidence.numbers.get(name).copied();
        let read = Self {
            planned: number("planned")?,
            sent: number("sent")?,
            errors: number("errors")?,
            p50_us: number("p50_us")?,
            p99_us: number("p99_us")?,
            max_us: number("max_us")?,
            for_s: number("for_s")?,
            servers: number("servers")?,
        };
        (evidence.numbers.len() == 8).then_some(read)
    }

    /// Whether one run can have all of them.
    fn add_up(&self, evidence: &Evidence) -> bool {
        let ordered = self.p50_us <= self.p99_us && self.p99_us <= self.max_us;
        let counted = self.sent <= self.planned && self.errors <= self.sent;
        let servers = evidence.ran_on.servers.len() as u64;
        // Both ends are whole seconds, cut off.
        let took_ms = evidence.ended.millis_since(evidence.started).saturating_add(1000);
        let lasted_s = u64::try_from(took_ms / 1000).unwrap_or(0);
        ordered && counted && self.servers == servers && self.for_s <= lasted_s
    }
}

/// Judges a run by the limits of a policy. Not asked here: who signed it, where and when it ran.
pub fn judge_load(evidence: &Evidence, rule: &LoadRule) -> (Outcome, String) {
    let inconclusive = |why: String| (Outcome::Inconclusive, why);
    let Some(numbers) = Numbers::read(evidence) else {
        return inconclusive(format!("its numbers are not {}", Numbers::NAMES));
    };
    let asked = evidence.inputs.get("questions").and_then(Value::as_array);
    let digests = |it: &Vec<Value>| {
        it.iter().all(|text| text.as_str().is_some_and(|text| Digest::parse(text).is_ok()))
    };
    let Some(asked) = asked.filter(|it| digests(it) && evidence.inputs.len() == 1) else {
        return inconclusive("its inputs are not the digests of questions".to_owned());
    };
    if !numbers.add_up(evidence) {
        return inconclusive("its numbers do not add up".to_owned());
    }
    if numbers.sent == 0 || asked.is_empty() {
        return (Outcome::NoData, "nothing was asked".to_owned());
    }
    if let Some(why) = too_little(&numbers, rule) {
        return inconclusive(why);
    }
    measured(&numbers, rule, evidence)
}

/// Why a run was less than the policy asks for, if it was: it proves nothing, however fast the answers came.
fn too_little(numbers: &Numbers, rule: &LoadRule) -> Option<String> {
    let Numbers { planned, sent, for_s, .. } = *numbers;
    if for_s < rule.for_s {
        return Some(format!("it lasted {for_s} s; the policy asks for {} s", rule.for_s));
    }
    if planned < rule.rate_per_s.saturating_mul(for_s) {
        let rate = rule.rate_per_s;
        return Some(format!(
            "{planned} requests in {for_s} s are less than the {rate}/s that the policy asks for"
        ));
    }
    if u128::from(sent) * 10 < u128::from(planned) * 9 {
        return Some(format!("only {sent} of {planned} planned requests were sent, under 90 %"));
    }
    None
}

fn measured(numbers: &Numbers, rule: &LoadRule, evidence: &Evidence) -> (Outcome, String) {
    let Numbers { sent, errors, p99_us, .. } = *numbers;
    let attempt = evidence.attempt;
    let wrong = u128::from(errors) * 10_000 > u128::from(rule.errors_bp) * u128::from(sent);
    if wrong {
        let (whole, part) = (rule.errors_bp / 100, rule.errors_bp % 100);
        let why = format!(
            "{errors} of {sent} requests failed; {whole}.{part:02} % may, attempt {attempt}"
        );
        return (Outcome::Failed, why);
    }
    let said =
        format!("p99 {p99_us} µs of {sent} requests; {} µs may be, attempt {attempt}", rule.p99_us);
    if p99_us > rule.p99_us {
        return (Outcome::Failed, said);
    }
    match evidence.result {
        EvidenceResult::Failed => (Outcome::Failed, format!("its runner says failed: {said}")),
        EvidenceResult::NoData => {
            (Outcome::NoData, "the run was interrupted, or the servers changed".to_owned())
        }
        EvidenceResult::Passed => (Outcome::Passed, said),
    }
}
