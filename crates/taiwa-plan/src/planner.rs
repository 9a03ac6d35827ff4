//! The planner: what would become of a group, made from what its servers signed just now.
//!
//! Deterministic from its arguments, so everyone who plans the same world gets the same digest. A plan
//! is made once, filed, and checked against the world by everyone who uses it.

use std::collections::{BTreeMap, BTreeSet};

use taiwa_model::{Digest, PersonId, ServerId, Timestamp};

use crate::{
    Absent, Choices, Envelope, Gate, Outcome, Payload, Phase, Plan, PlanKind, Policy, Reason,
    Receipt, Refusal, Refusals, Statement, Step, Verdict,
    authorship::{of_change, said, separates},
    clock::millis,
    fit::plan_against_policy,
    gates,
};

/// What is known of a server right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its signed state, fresh, verified by [`read_state`].
    State(Box<Receipt>),
    /// It did not answer; why.
    Unreachable(String),
    /// It answered something that cannot be believed; why.
    Untrusted(String),
}

/// What is known of a group right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupState {
    /// Every server of the policy that was asked.
    pub servers: BTreeMap<ServerId, Seen>,
}

/// What is wished for.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// What sort of move.
    pub kind: PlanKind,
    /// The release that is to run.
    pub to: Digest,
    /// The evidence at hand; what counts of it goes into the plan.
    pub evidence: &'a [Statement],
    /// Promote again what was rolled back.
    pub again: bool,
    /// Who chose `again`.
    pub asked_by: Option<PersonId>,
    /// Digest of the ledger's last record; `None` without a ledger.
    pub ledger: Option<Digest>,
    /// For how long the way back stays covered, in seconds; none: no parachute.
    pub parachute_s: Option<u64>,
    /// Shares of visitors before all of them, one after the other; empty: all at once.
    pub steps: &'a [Step],
    /// Servers to leave out, with the reasons.
    pub absent: &'a [Absent],
    /// For how long an emergency may last, in seconds.
    pub emergency_s: Option<u64>,
    /// Go on with the rollout that is under way, whose plan is void: the release that answers those who are not in, and
    /// the share of visitors who are, in basis points.
    pub goes_on: Option<(Digest, u64)>,
}

impl Wish<'_> {
    /// An ordinary wish for a release, without evidence.
    pub fn change(to: Digest) -> Self {
        Self {
            kind: PlanKind::Change,
            to,
            evidence: &[],
            again: false,
            asked_by: None,
            ledger: None,
            parachute_s: None,
            steps: &[],
            absent: &[],
            emergency_s: None,
            goes_on: None,
        }
    }
}

/// Judges a server's answer to `GET /v1/group?challenge=`: signed by its key of the policy, and fresh.
pub fn read_state(
    policy: &Policy,
    server: &ServerId,
    envelope: &Envelope,
    challenge: &str,
) -> Seen {
    let document = policy.document();
    let untrusted = |why: &str| Seen::Untrusted(format!("{server} {why}"));
    let Some(member) = document.server(server) else {
        return untrusted("is not in the policy");
    };
    let statement = match envelope.open() {
        Ok(it) => it,
        Err(error) => return untrusted(&format!("answered no statement: {error}")),
    };
    if !statement.signed_by(&member.key) {
        return untrusted("did not sign its state with the key of the policy");
    }
    let Payload::Receipt(receipt) = statement.payload else {
        return untrusted("answered no receipt");
    };
    if receipt.phase != Phase::State || receipt.server != *server {
        return untrusted("answered something else than its own state");
    }
    if receipt.environment != document.environment {
        return untrusted(&format!("is a server of {}", receipt.environment));
    }
    if receipt.challenge.as_deref() != Some(challenge) {
        return untrusted("answered with an old state");
    }
    Seen::State(Box::new(receipt))
}

impl GroupState {
    /// The verified state of a server.
    pub fn state(&self, server: &ServerId) -> Option<&Receipt> {
        match self.servers.get(server) {
            Some(Seen::State(it)) => Some(it),
            _ => None,
        }
    }

    /// Members that cannot be asked, or not be believed: each a condition that whoever runs it can meet.
    pub fn away(&self, policy: &Policy) -> Refusals {
        let of = |id: ServerId| match self.servers.get(&id) {
            Some(Seen::State(_)) => None,
            Some(Seen::Untrusted(why)) => Some(Refusal::new(Reason::Untrusted, why.clone())),
            Some(Seen::Unreachable(why)) => Some(unreachable(&id, why)),
            None => Some(unreachable(&id, "was not asked")),
        };
        policy.document().members().into_iter().filter_map(of).collect()
    }

    /// The group as it will be if whoever is away comes back as the others are: to say what else stands against a move.
    /// None where nobody has answered. Nothing may be planned or moved by it.
    #[must_use]
    pub fn presumed(&self, policy: &Policy) -> Option<Self> {
        let states = self.servers.values().filter_map(|it| match it {
            Seen::State(it) => Some(it),
            Seen::Unreachable(_) | Seen::Untrusted(_) => None,
        });
        let latest = states.max_by_key(|it| it.generation)?;
        let mut group = self.clone();
        for id in policy.document().members() {
            if self.state(&id).is_none() {
                let (server, like) = (id.clone(), Receipt::clone(latest));
                let like = Receipt { server, plan: None, step: None, ..like };
                group.servers.insert(id, Seen::State(Box::new(like)));
            }
        }
        Some(group)
    }

    /// The group's one release and generation, if every member is there and at it.
    ///
    /// # Errors
    /// Every server that is missing, elsewhere or not believed, and a slot at the anchor.
    pub fn settled(&self, policy: &Policy) -> Result<(Option<Digest>, u64), Refusals> {
        self.settled_without(policy, &[])
    }

    /// The same, without looking at those that are left out.
    ///
    /// # Errors
    /// As [`Self::settled`].
    pub fn settled_without(
        &self,
        policy: &Policy,
        absent: &[Absent],
    ) -> Result<(Option<Digest>, u64), Refusals> {
        let document = policy.document();
        let environment = &document.environment;
        let mut out = Refusals::new();
        let mut positions = BTreeSet::new();
        let asked = document.members().into_iter();
        for id in asked.filter(|id| !absent.iter().any(|it| it.server == *id)) {
            match self.servers.get(&id) {
                None => out.push(unreachable(&id, "was not asked")),
                Some(Seen::Unreachable(why)) => out.push(unreachable(&id, why)),
                Some(Seen::Untrusted(why)) => {
                    out.push(Refusal::new(Reason::Untrusted, why.clone()));
                }
                Some(Seen::State(state)) => {
                    if state.policy != *policy.digest() {
                        let what = format!("{id} obeys another policy, {}", state.policy.short());
                        let refusal = Refusal::new(Reason::WrongPolicy, what);
                        out.push(refusal.with(format!("taiwa policy install {environment}")));
                    }
                    positions.insert((state.generation, state.release));
                }
            }
        }
        if let Some(plan) = self.state(&document.anchor).and_then(|it| it.plan) {
            let what = format!("another deployment holds the slot, plan {}", plan.short());
            let refusal = Refusal::new(Reason::Conflict, what);
            out.push(refusal.with(format!("taiwa deploy --to {environment} --resume")));
        }
        if positions.len() > 1 {
            let what = "the servers are not at one release and generation";
            let refusal = Refusal::new(Reason::StalePlan, what);
            out.push(refusal.with(format!("taiwa deploy --to {environment} --resume")));
        }
        match positions.pop_first() {
            Some((generation, release)) if out.is_empty() => Ok((release, generation)),
            None if out.is_empty() => {
                Err(vec![Refusal::new(Reason::NothingToDo, "the environment has no servers")])
            }
            _ => Err(out),
        }
    }
}

fn unreachable(server: &ServerId, why: &str) -> Refusal {
    let refusal = Refusal::new(Reason::Unreachable, format!("{server}: {why}"));
    refusal.by(format!("whoever runs {server}")).with(format!("taiwa runtime --name {server} …"))
}

/// Plans a move of a group.
///
/// # Errors
/// Everything that stands against it, all at once: servers missing or not in step, nothing to change,
/// evidence missing.
pub fn plan(
    policy: &Policy,
    group: &GroupState,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Plan, Refusals> {
    let (plan, closed) = made(policy, group, wish, now)?;
    if closed.is_empty() { Ok(plan) } else { Err(closed) }
}

/// The plan as it would be if its gates were open: to say everything that stands against a move at once. Nobody can
/// admit it before they are.
///
/// # Errors
/// As [`plan`], but for the gates.
pub fn draft(
    policy: &Policy,
    group: &GroupState,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Plan, Refusals> {
    made(policy, group, wish, now).map(|it| it.0)
}

/// A plan, and the gates that are closed.
fn made(
    policy: &Policy,
    group: &GroupState,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<(Plan, Refusals), Refusals> {
    let document = policy.document();
    let settled = group.settled_without(policy, wish.absent);
    // What is live to some visitors only is not live yet: the change is from what answers the others.
    let settled = settled.map(|(from, base)| match wish.goes_on {
        Some((before, _)) if from == Some(wish.to) => (Some(before), base),
        _ => (from, base),
    });
    let at_hand = match &settled {
        Ok((from, _)) => of_change(policy, *from, wish.evidence),
        Err(_) => wish.evidence.to_vec(),
    };
    let (evidence, closed) = match wish.kind {
        PlanKind::Change => proven(policy, wish, &at_hand, now),
        PlanKind::Rollback | PlanKind::Emergency => (BTreeMap::new(), Refusals::new()),
    };
    let mut refusals = Refusals::new();
    if let Ok((Some(from), _)) = &settled
        && *from == wish.to
    {
        let what = format!("{} runs {} already", document.environment, wish.to.short());
        refusals.push(Refusal::new(Reason::NothingToDo, what));
    }
    if wish.kind == PlanKind::Rollback && matches!(settled, Ok((None, _))) {
        let what = "there is nothing to roll back: no release ran here yet";
        refusals.push(Refusal::new(Reason::NothingToDo, what));
    }
    let (from, base) = match settled {
        Ok(it) if refusals.is_empty() => it,
        // What is there needs no evidence.
        Ok(_) => return Err(refusals),
        Err(more) => return Err(more.into_iter().chain(closed).chain(refusals).collect()),
    };
    let named = evidence.get(Gate::Authorship.name()).map(Vec::as_slice).unwrap_or_default();
    let wrote = said(&at_hand, named).filter(|_| separates(document));
    let (contributors, unknown) = wrote.map(|it| (it.contributors, it.unknown)).unwrap_or_default();
    let parachute = wish.parachute_s.filter(|_| from.is_some());
    let parachute = parachute.map(|it| now.whole_second().plus_millis(millis(it)));
    // What runs nowhere yet has nobody to be kept from.
    let before = wish.steps.iter().filter(|_| from.is_some() && wish.kind == PlanKind::Change);
    let revert_at = wish.emergency_s.filter(|_| wish.kind == PlanKind::Emergency);
    let made = Plan {
        format: 1,
        environment: document.environment.clone(),
        policy: *policy.digest(),
        anchor: document.anchor.clone(),
        servers: document.members(),
        kind: wish.kind,
        from,
        base,
        to: wish.to,
        target: base + 1,
        steps: before.copied().chain([Step::ALL]).collect(),
        contributors,
        unknown,
        evidence,
        choices: Choices {
            again: wish.again,
            asked_by: wish.asked_by.clone(),
            absent: wish.absent.to_vec(),
            goes_on_bp: wish.goes_on.map(|it| it.1),
            revert_at: revert_at.map(|it| now.whole_second().plus_millis(millis(it))),
        },
        parachute_until: parachute,
        not_after: now.whole_second().plus_millis(millis(document.max_age_s)),
        ledger: wish.ledger,
    };
    let unfit = plan_against_policy(&made, policy);
    if unfit.is_empty() { Ok((made, closed)) } else { Err(unfit) }
}

fn proven(
    policy: &Policy,
    wish: &Wish<'_>,
    at_hand: &[Statement],
    now: Timestamp,
) -> (BTreeMap<String, Vec<Digest>>, Refusals) {
    let verdicts = gates(policy, &wish.to, at_hand, now);
    let closed = verdicts.iter().filter(|it| it.outcome != Outcome::Passed);
    let refusals = closed.map(|it| gate_refusal(policy, it)).collect();
    let evidence = verdicts.into_iter().map(|it| (it.gate, it.evidence)).collect();
    (evidence, refusals)
}

/// The refusal of a gate that is not open.
pub(crate) fn gate_refusal(policy: &Policy, verdict: &Verdict) -> Refusal {
    let document = policy.document();
    let may = document.runners.iter().filter(|it| it.gates.contains(&verdict.gate));
    let who: Vec<_> = may.map(|it| format!("runner {}", it.id)).collect();
    let what = format!("the gate {} is not passed: {}", verdict.gate, verdict.why);
    let reason = match Gate::named(&verdict.gate) {
        Some(Gate::Authorship) => Reason::AuthorshipUnknown,
        _ => Reason::GateFailed,
    };
    let refusal = Refusal::new(reason, what).by(who.join(", "));
    let option = Gate::named(&verdict.gate).map_or("", Gate::option);
    match &document.origin {
        Some(origin) => refusal.with(format!("taiwa test --on {}{option}", origin.environment)),
        None => refusal,
    }
}
