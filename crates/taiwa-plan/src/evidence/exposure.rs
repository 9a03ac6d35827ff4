//! The gate `exposure`, which is the soak by exposure: how many decisions the origin's servers answered with a release
//! in one generation, as a runner read it from each of them.
//!
//! A server counts from when it began to answer with the release in its present process: what it counted before a
//! restart is lost, so a count is never too high. What sandboxes asked is not counted.

use serde_json::Value;

use super::Outcome;
use crate::{Evidence, EvidenceResult, PolicyDocument};

/// Judges what was read by the policy's number.
pub(super) fn judge(evidence: &Evidence, policy: &PolicyDocument) -> (Outcome, String) {
    let inconclusive = |why: String| (Outcome::Inconclusive, why);
    let Some(rule) = policy.exposure() else {
        return inconclusive("the policy's rule for the gate cannot be read".to_owned());
    };
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
        EvidenceResult::NoData => {
            (Outcome::NoData, "it was interrupted, or the servers changed".to_owned())
        }
        EvidenceResult::Passed if decisions == 0 => {
            (Outcome::NoData, "no decision was answered".to_owned())
        }
        // Not yet is no failure: more are answered while it runs.
        EvidenceResult::Passed if decisions < rule.decisions => inconclusive(said),
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
