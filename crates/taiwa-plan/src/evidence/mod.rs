//! Gates: whether the evidence shows what the policy asks for. Only *passed* opens; everything else,
//! also silence, does not.
//!
//! What a run came to is judged by the policy's limits, never by the runner's word: a runner's *failed* closes, its
//! *passed* opens nothing by itself.

mod exposure;
mod load;

pub use exposure::judge_exposure;
pub use load::judge_load;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use taiwa_model::{Digest, Timestamp};

use crate::{
    Evidence, EvidenceResult, Origin, Payload, Phase, Policy, PolicyDocument, Receipt, Statement,
    clock::millis,
};

/// The gates that this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// The release's own scenarios ran on the origin's servers, and all passed.
    Scenarios,
    /// It is known who wrote what changes.
    Authorship,
    /// The origin's servers bore a load.
    Load,
    /// The origin's servers answered so many people with it: the soak by exposure.
    Exposure,
}

impl Gate {
    /// The gate of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Scenarios, Self::Authorship, Self::Load, Self::Exposure]
            .into_iter()
            .find(|it| it.name() == name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scenarios => "scenarios",
            Self::Authorship => "authorship",
            Self::Load => "load",
            Self::Exposure => "exposure",
        }
    }

    /// What makes its evidence, after `taiwa test --on ENV`.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Scenarios | Self::Authorship => "",
            Self::Load => " --load",
            Self::Exposure => " --exposure",
        }
    }

    /// Whether its evidence is of what ran on servers, and so of one generation of them.
    const fn runs(self) -> bool {
        matches!(self, Self::Scenarios | Self::Load | Self::Exposure)
    }
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Open.
    Passed,
    /// Something did not hold.
    Failed,
    /// There is evidence, but it proves nothing: too old, from elsewhere, contradicts itself.
    Inconclusive,
    /// There is nothing to go by, or the run covered nothing.
    NoData,
}

/// The verdict of one gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The gate's name.
    pub gate: String,
    /// What it says.
    pub outcome: Outcome,
    /// The evidence it goes by: the latest; empty if there is none.
    pub evidence: Vec<Digest>,
    /// The highest attempt that was seen, shown so that luck can be seen; 0 if there is none.
    pub attempts: u64,
    /// Why, as a lower-case clause.
    pub why: String,
}

/// Judges each gate of the policy for a release at an instant. Of several runs the latest decides, and
/// of two that ended together the worse one.
pub fn gates(
    policy: &Policy,
    release: &Digest,
    statements: &[Statement],
    now: Timestamp,
) -> Vec<Verdict> {
    let document = policy.document();
    let live = document.origin.as_ref().and_then(|origin| {
        let states = origin_states(document, origin, release, statements, now);
        states.into_iter().max_by_key(|it| (it.generation, it.issued)).map(|it| it.generation)
    });
    let at = At { now, live };
    document.gates.keys().map(|gate| verdict(gate, document, release, statements, at)).collect()
}

/// When it is judged, and the origin's generation then, as far as its anchor's word is there.
#[derive(Clone, Copy)]
struct At {
    now: Timestamp,
    live: Option<u64>,
}

/// The words of the origin's anchor that it runs a release.
pub(crate) fn origin_states<'a>(
    policy: &PolicyDocument,
    origin: &Origin,
    release: &Digest,
    statements: &'a [Statement],
    now: Timestamp,
) -> Vec<&'a Receipt> {
    let latest = now.plus_millis(millis(policy.skew_s));
    let of = |it: &'a Statement| match &it.payload {
        Payload::Receipt(receipt)
            if receipt.phase == Phase::State
                && receipt.environment == origin.environment
                && receipt.release == Some(*release)
                && receipt.issued <= latest
                && it.signed_by(&origin.anchor_key) =>
        {
            Some(receipt)
        }
        _ => None,
    };
    statements.iter().filter_map(of).collect()
}

fn verdict(
    gate: &str,
    policy: &PolicyDocument,
    release: &Digest,
    statements: &[Statement],
    at: At,
) -> Verdict {
    let none = |why: &str| Verdict {
        gate: gate.to_owned(),
        outcome: Outcome::NoData,
        evidence: Vec::new(),
        attempts: 0,
        why: why.to_owned(),
    };
    let about = statements.iter().filter_map(|it| match &it.payload {
        Payload::Evidence(evidence) if evidence.gate == gate && evidence.release == *release => {
            Some((it, evidence))
        }
        _ => None,
    });
    let signed: Vec<_> = about.filter(|it| by_runner(it.0, gate, policy)).collect();
    let attempts = signed.iter().map(|it| it.1.attempt).max().unwrap_or(0);
    let latest = signed
        .into_iter()
        .map(|(statement, evidence)| (evidence, judge(evidence, policy, at), statement.digest))
        .max_by_key(|(evidence, judged, digest)| (evidence.ended, judged.0, *digest));
    match latest {
        None => none("there is no evidence by an authorised runner for this release"),
        Some((_, (outcome, why), digest)) => {
            Verdict { gate: gate.to_owned(), outcome, evidence: vec![digest], attempts, why }
        }
    }
}

fn by_runner(statement: &Statement, gate: &str, policy: &PolicyDocument) -> bool {
    let may = policy.runners.iter().filter(|it| it.gates.iter().any(|name| name == gate));
    may.into_iter().any(|it| statement.signed_by(&it.key))
}

fn judge(evidence: &Evidence, policy: &PolicyDocument, at: At) -> (Outcome, String) {
    let At { now, live } = at;
    let inconclusive = |why: String| (Outcome::Inconclusive, why);
    let Some(rule) = policy.gate(&evidence.gate) else {
        return inconclusive("the policy's rule for the gate cannot be read".to_owned());
    };
    let Some(origin) = &policy.origin else {
        return inconclusive("the policy has no origin on which it could have run".to_owned());
    };
    if evidence.environment != policy.environment {
        return inconclusive(format!("it is offered to {}", evidence.environment));
    }
    if evidence.ran_on.environment != origin.environment || evidence.ran_on.servers.is_empty() {
        return inconclusive(format!("it did not run on {}", origin.environment));
    }
    if evidence.started > evidence.ended || evidence.ended > now.plus_millis(millis(policy.skew_s))
    {
        return inconclusive("its times cannot be".to_owned());
    }
    let until = evidence.ended.plus_millis(millis(rule.max_age_s));
    if until < now {
        return inconclusive(format!("it was too old from {until}"));
    }
    let gate = Gate::named(&evidence.gate);
    if let (Some(live), true) = (live, gate.is_some_and(Gate::runs))
        && live != evidence.ran_on.generation
    {
        let (name, ran) = (&origin.environment, evidence.ran_on.generation);
        return inconclusive(format!("it ran on generation {ran} of {name}; live is {live}"));
    }
    match gate {
        Some(Gate::Scenarios) => numbers(evidence),
        Some(Gate::Load) => match policy.load() {
            Some(rule) => judge_load(evidence, &rule),
            None => inconclusive("the policy's rule for the gate cannot be read".to_owned()),
        },
        Some(Gate::Exposure) => match policy.exposure() {
            Some(rule) => judge_exposure(evidence, &rule),
            None => inconclusive("the policy's rule for the gate cannot be read".to_owned()),
        },
        Some(Gate::Authorship) => crate::authorship::judge(evidence),
        None => inconclusive("this version does not know the gate".to_owned()),
    }
}

/// The gate `scenarios`: at least one ran, all that ran passed, and the numbers add up.
fn numbers(evidence: &Evidence) -> (Outcome, String) {
    let number = |name: &str| evidence.numbers.get(name).copied();
    let (Some(run), Some(passed), Some(failed), 3) =
        (number("run"), number("passed"), number("failed"), evidence.numbers.len())
    else {
        return (Outcome::Inconclusive, "its numbers are not run, passed, failed".to_owned());
    };
    let inputs = evidence.inputs.get("scenarios").and_then(Value::as_array);
    let digests = |it: &Vec<Value>| {
        it.iter().all(|text| text.as_str().is_some_and(|text| Digest::parse(text).is_ok()))
    };
    let Some(ran) = inputs.filter(|it| digests(it) && evidence.inputs.len() == 1) else {
        return (Outcome::Inconclusive, "its inputs are not the digests of scenarios".to_owned());
    };
    let said = format!("{passed} of {run} passed, attempt {}", evidence.attempt);
    if passed.checked_add(failed) != Some(run) {
        return (Outcome::Inconclusive, "its numbers do not add up".to_owned());
    }
    match evidence.result {
        EvidenceResult::Failed => (Outcome::Failed, said),
        _ if failed > 0 => (Outcome::Failed, said),
        EvidenceResult::NoData => (Outcome::NoData, "the run was interrupted".to_owned()),
        EvidenceResult::Passed if run == 0 => (Outcome::NoData, "nothing was run".to_owned()),
        EvidenceResult::Passed if ran.is_empty() => {
            (Outcome::NoData, "it does not say what was run".to_owned())
        }
        EvidenceResult::Passed => (Outcome::Passed, said),
    }
}
