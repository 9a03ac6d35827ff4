//! The gate `exposure`, which is the soak by exposure: how many decisions the origin's servers answered with a release
//! in one generation, as a runner read it from each of them.
//!
//! A server counts from when it began to answer with the release in its present process: what it counted before a
//! restart is lost, so a count is never too high. What sandboxes asked is not counted.

use serde_json::Value;

use super::Outcome;
use crate::{Evidence, EvidenceResult, ExposureRule};

/// Judges what was read by the number of a policy. Not asked here: who signed it, where and when it was read.
pub fn judge_exposure(evidence: &Evidence, rule: &ExposureRule) -> (Outcome, String) {
    let inconclusive = |why: String| (Outcome::Inconclusive, why);
    let number = |name: &str| evidence.numbers.get(name).copied();
    let (Some(decisions), Some(servers), 2) =
        (number("decisions"), number("servers"), evidence.numbers.len())
    else {
        return inconclusive("its numbers are not decisions, servers".to_owned());
    };
    let Some(counted) = counted(evidence) else {
        return inconclusive("its inputs are not the counts of the servers it names".to_owned());
    };
    if servers != evidence.ran_on.servers.len() as u64 || counted != decisions {
        return inconclusive("its numbers do not add up".to_owned());
    }
    let said = format!("{decisions} of {} decisions were answered", rule.decisions);
    match evidence.result {
        EvidenceResult::Failed => (Outcome::Failed, said),
        _ if decisions == 0 => (Outcome::NoData, "no decision was answered".to_owned()),
        // Not yet is no failure: more are answered while it runs.
        _ if decisions < rule.decisions => inconclusive(said),
        EvidenceResult::NoData => {
            (Outcome::NoData, "it was interrupted, or the servers changed".to_owned())
        }
        EvidenceResult::Passed => (Outcome::Passed, said),
    }
}

/// The sum of `decisions`, a number for each server that the evidence names, and for no other.
fn counted(evidence: &Evidence) -> Option<u64> {
    let counts = evidence.inputs.get("decisions").and_then(Value::as_object)?;
    let named = &evidence.ran_on.servers;
    if evidence.inputs.len() != 1 || counts.len() != named.len() {
        return None;
    }
    named
        .iter()
        .try_fold(0_u64, |sum, server| sum.checked_add(counts.get(server.as_str())?.as_u64()?))
}
