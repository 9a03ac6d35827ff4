//! Whether the story holds: the chain of records, their objects, every signature, and outcomes against
//! what servers signed.

use std::collections::BTreeMap;
use std::fmt;

use taiwa_model::{Digest, EnvironmentName};

use super::{Ledger, Object, OutcomeWord, Record};
use crate::{Move, Payload, Phase, Plan, Policy, Receipt, Statement};

/// Something in the ledger that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The record or object.
    pub path: String,
    /// What does not hold, as a lower-case clause.
    pub what: String,
}

impl Problem {
    /// A problem at a path.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// Everything that does not hold. `policies` are those of the environments, as their servers obey them;
/// policies that are filed in the ledger are taken besides, so that older signatures can be checked.
pub fn verify(ledger: &Ledger, policies: &[Policy]) -> Vec<Problem> {
    let mut problems = Vec::new();
    chain(ledger, &mut problems);
    let filed = ledger.statements().filter_map(|it| Policy::accept(it.0).ok());
    let known: BTreeMap<Digest, Policy> =
        policies.iter().cloned().chain(filed).map(|it| (*it.digest(), it)).collect();
    for (digest, object) in &ledger.objects {
        if let Object::Statement(it) = object
            && let Err(what) = signature(&it.1, &known)
        {
            problems.push(Problem::new(super::object_path(digest), what));
        }
    }
    for (record, _) in &ledger.records {
        outcome(ledger, record, &mut problems);
    }
    problems.sort();
    problems.dedup();
    problems
}

fn chain(ledger: &Ledger, problems: &mut Vec<Problem>) {
    let mut head: Option<(u64, Digest)> = None;
    for (record, digest) in &ledger.records {
        let path = super::record_path(record.seq);
        let expected = head.map_or(1, |it| it.0 + 1);
        if record.seq != expected {
            let what = format!("the record before it is missing: {expected} was expected here");
            problems.push(Problem::new(path.clone(), what));
        }
        if record.prev != head.map(|it| it.1) {
            let what = match head {
                Some((seq, _)) => format!(
                    "its `prev` is not the digest of the record before it: record {seq} was changed, or this one"
                ),
                None => "it names a record before it, and is the first".to_owned(),
            };
            problems.push(Problem::new(path.clone(), what));
        }
        for object in record.objects.iter().filter(|it| !ledger.objects.contains_key(it)) {
            problems.push(Problem::new(path.clone(), format!("its object {object} is missing")));
        }
        head = Some((record.seq, *digest));
    }
    let heads: Vec<_> = ledger.records.iter().map(|it| it.1).collect();
    for (digest, object) in &ledger.objects {
        if let Object::Plan(plan) = object
            && plan.ledger.is_some_and(|it| !heads.contains(&it))
        {
            let what = "the plan saw a head of the ledger that is not there any more";
            problems.push(Problem::new(super::object_path(digest), what));
        }
    }
}

fn signature(statement: &Statement, known: &BTreeMap<Digest, Policy>) -> Result<(), String> {
    let environment = statement.payload.environment();
    let of_environment = || {
        let mut policies = known.values().filter(|it| it.document().environment == *environment);
        policies.next().ok_or_else(|| no_policy(environment))?;
        Ok::<_, String>(known.values().filter(|it| it.document().environment == *environment))
    };
    let signed = match &statement.payload {
        Payload::Policy(it) => {
            // Taken by `Policy::accept` above, or not a policy that anybody may obey.
            known.values().any(|policy| policy.document() == it.as_ref())
        }
        Payload::Approve(_)
        | Payload::Reject(_)
        | Payload::Pull(_)
        | Payload::Hold(_)
        | Payload::Lift(_) => of_environment()?.any(|policy| {
            let people = &policy.document().people;
            people.iter().flat_map(|it| &it.keys).any(|key| statement.signed_by(key))
        }),
        Payload::Evidence(evidence) => of_environment()?.any(|policy| {
            let runners = policy.document().runners.iter();
            let mut may = runners.filter(|it| it.gates.contains(&evidence.gate));
            may.any(|it| statement.signed_by(&it.key))
        }),
        Payload::Receipt(receipt) => {
            let policy = known.get(&receipt.policy).ok_or_else(|| no_policy(environment))?;
            let member = policy.document().server(&receipt.server);
            member.is_some_and(|it| statement.signed_by(&it.key))
        }
    };
    if signed { Ok(()) } else { Err("no valid signature by who may sign it".to_owned()) }
}

fn no_policy(environment: &EnvironmentName) -> String {
    format!("cannot be checked: its policy of {environment} is not known")
}

fn outcome(ledger: &Ledger, record: &Record, problems: &mut Vec<Problem>) {
    if record.kind != super::RecordKind::Outcome {
        return;
    }
    let path = super::record_path(record.seq);
    let mut say = |what: &str| problems.push(Problem::new(path.clone(), what));
    let Some(word) = record.outcome() else {
        return say("the outcome does not begin with a known word");
    };
    if !matches!(word, OutcomeWord::Done | OutcomeWord::PartlyActivated) {
        return;
    }
    let Some((plan, digest)) = record.plan.and_then(|it| Some((ledger.plan(&it)?, it))) else {
        return say("the outcome names no plan that is filed");
    };
    let receipts: Vec<&Receipt> = record
        .objects
        .iter()
        .filter_map(|it| match ledger.objects.get(it) {
            Some(Object::Statement(it)) => match &it.1.payload {
                Payload::Receipt(receipt) => Some(receipt),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let by_anchor = |it: &&&Receipt| it.plan == Some(digest) && it.server == plan.anchor;
    let committed = receipts.iter().filter(by_anchor).find_map(|it| {
        let step = it.step?;
        of_plan(it, plan, step, Phase::Committed).then_some(step)
    });
    if committed.is_none() {
        say("the outcome has no `committed` receipt of the plan's anchor");
    }
    let step = committed.unwrap_or(Move::FIRST);
    let absent = |id: &taiwa_model::ServerId| plan.choices.absent.iter().any(|it| it.server == *id);
    let everywhere = plan.servers.iter().filter(|it| !absent(it)).all(|server| {
        receipts.iter().any(|it| it.server == *server && of_plan(it, plan, step, Phase::State))
    });
    if word == OutcomeWord::Done && !everywhere {
        say("the outcome has not the signed state of every server of the plan");
    }
}

fn of_plan(receipt: &Receipt, plan: &Plan, step: Move, phase: Phase) -> bool {
    let goal = plan.goal_at(step, receipt.generation);
    receipt.phase == phase
        && receipt.environment == plan.environment
        && receipt.policy == plan.policy
        && receipt.generation == goal.target
        && receipt.release == goal.to
}
