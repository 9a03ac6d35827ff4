//! From what people propose (`environment.yaml`) to a policy document with every field filled.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use taiwa_model::{EnvironmentName, RoleName, ServerId, Timestamp};

use super::{
    Bot, ExposureRule, Freeze, InDoubt, LoadRule, Origin, Person, PolicyDocument, Runner,
    Separation, Server, Threshold, Window, validate,
};
use crate::{Gate, Reason, Refusal, Refusals};

/// How long an approval counts where nothing else is said: a week.
pub(super) const MAX_AGE_S: u64 = 7 * 86_400;
/// How old evidence may be where nothing else is said: a week.
pub const EVIDENCE_AGE_S: u64 = 7 * 86_400;
/// How long a slot lives.
pub(super) const LEASE_S: u64 = 10;
/// How long others wait for the anchor's word.
pub(super) const DEADLINE_S: u64 = 15;
/// How far clocks may differ.
pub(super) const SKEW_S: u64 = 5;

/// What people propose for an environment; the caller converts it from `environment.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The environment.
    pub environment: EnvironmentName,
    /// Whether it is protected; default: where there is an origin or there are approvals.
    pub protected: Option<bool>,
    /// Where releases come from.
    pub origin: Option<Origin>,
    /// The anchor; default: the first server.
    pub anchor: Option<ServerId>,
    /// The members, with their keys.
    pub servers: Vec<Server>,
    /// The people, with keys and roles.
    pub people: Vec<Person>,
    /// The runners.
    pub runners: Vec<Runner>,
    /// Who approves changes.
    pub approvals: Vec<Threshold>,
    /// Who approves rollbacks; default: as `approvals`.
    pub rollback: Option<Vec<Threshold>>,
    /// Who signs the policy; default: as `approvals`.
    pub policy: Option<Vec<Threshold>>,
    /// Names of the gates that it asks for, with the evidence's greatest age in seconds if it is said.
    pub gates: BTreeMap<String, Option<u64>>,
    /// The gate `load`, if it asks for it.
    pub load: Option<LoadRule>,
    /// The gate `exposure`, if it asks for it.
    pub exposure: Option<ExposureRule>,
    /// What else was asked for that no field here can say, in its own words (`freeze`, `rollout`, …).
    pub beyond: Vec<String>,
    /// Roles that may stop the line.
    pub hold: Vec<RoleName>,
    /// When nothing may change.
    pub freeze: Vec<Freeze>,
    /// When things may change; empty: always.
    pub windows: Vec<Window>,
    /// Whether those who wrote a change may approve it.
    pub separation: Separation,
    /// Programs that write commits.
    pub bots: Vec<Bot>,
    /// Who breaks the glass; empty: nobody can.
    pub emergency: Vec<Threshold>,
    /// Members that are shut down for good.
    pub retired: Vec<ServerId>,
    /// What a member does that is cut off in between.
    pub in_doubt: Option<InDoubt>,
}

impl Proposal {
    /// A proposal that says nothing but the environment's name.
    pub fn new(environment: EnvironmentName) -> Self {
        Self {
            environment,
            protected: None,
            origin: None,
            anchor: None,
            servers: Vec::new(),
            people: Vec::new(),
            runners: Vec::new(),
            approvals: Vec::new(),
            rollback: None,
            policy: None,
            gates: BTreeMap::new(),
            load: None,
            exposure: None,
            beyond: Vec::new(),
            hold: Vec::new(),
            freeze: Vec::new(),
            windows: Vec::new(),
            separation: Separation::Off,
            bots: Vec::new(),
            emergency: Vec::new(),
            retired: Vec::new(),
            in_doubt: None,
        }
    }
}

/// Where authors are kept from approving, somebody has to say who they are: the runners that prove the scenarios, unless
/// others are named for it.
fn separated(it: &mut Proposal) {
    if it.separation == Separation::Off {
        return;
    }
    let gate = Gate::Authorship.name();
    it.gates.entry(gate.to_owned()).or_insert(None);
    if !it.runners.iter().any(|it| it.gates.iter().any(|it| it == gate)) {
        let prove = |it: &&mut Runner| it.gates.iter().any(|it| it == Gate::Scenarios.name());
        for runner in it.runners.iter_mut().filter(prove) {
            runner.gates.push(gate.to_owned());
        }
    }
}

/// Makes the policy document of a proposal.
///
/// # Errors
/// Everything that is invalid or not supported in it, all at once.
pub fn propose(proposal: &Proposal, now: Timestamp) -> Result<PolicyDocument, Refusals> {
    let mut it = proposal.clone();
    separated(&mut it);
    let mut refusals: Refusals = it
        .beyond
        .iter()
        .map(|what| Refusal::new(Reason::Unsupported, format!("the environment asks for {what}")))
        .collect();
    let protected = it.protected.unwrap_or(it.origin.is_some() || !it.approvals.is_empty());
    let gate = |(name, age): (String, Option<u64>)| {
        (name, json!({ "max_age_s": age.unwrap_or(EVIDENCE_AGE_S) }))
    };
    let mut gates: BTreeMap<String, Value> = it.gates.into_iter().map(gate).collect();
    gates.extend(it.load.map(|it| (Gate::Load.name().to_owned(), json!(it))));
    gates.extend(it.exposure.map(|it| (Gate::Exposure.name().to_owned(), json!(it))));
    let first = it.servers.first().map(|server| server.id.clone());
    let document = PolicyDocument {
        format: 1,
        environment: it.environment,
        issued: now.whole_second(),
        version: 1,
        previous: None,
        protected,
        origin: it.origin,
        anchor: it.anchor.or(first).unwrap_or_else(|| ServerId::new("")),
        servers: it.servers,
        retired: it.retired,
        people: it.people,
        bots: it.bots,
        runners: it.runners,
        rollback: it.rollback.unwrap_or_else(|| it.approvals.clone()),
        policy: it.policy.unwrap_or_else(|| it.approvals.clone()),
        approvals: it.approvals,
        emergency: it.emergency,
        hold: it.hold,
        separation: it.separation,
        gates,
        freeze: it.freeze,
        windows: it.windows,
        max_age_s: MAX_AGE_S,
        in_doubt: it.in_doubt.unwrap_or(InDoubt::Drain),
        lease_s: LEASE_S,
        deadline_s: DEADLINE_S,
        skew_s: SKEW_S,
    };
    refusals.extend(validate(&document));
    if refusals.is_empty() { Ok(document) } else { Err(refusals) }
}
