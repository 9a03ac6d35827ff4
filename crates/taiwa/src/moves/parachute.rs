//! The way back that was approved beforehand: is there one, and pulling it.

use taiwa_model::Digest;
use taiwa_plan::{
    Bundle, Envelope, Move, Person, Plan, PolicyDocument, Pull, Signer, Statement, covered,
};

use crate::{
    Cx, Failure,
    edge::{
        servers::{Group, call},
        signals,
    },
};

/// For how long a pull counts, in milliseconds; the servers allow an hour.
const PULL_LASTS_MS: i64 = 600_000;

/// The plan that is live, whose approvals cover its way back.
pub(crate) struct Parachute {
    /// The plan with what proved it.
    bundle: Bundle,
    /// The plan.
    pub(crate) plan: Plan,
    /// Where it goes back to.
    pub(crate) to: Digest,
    /// The generation that is live.
    pub(crate) live: u64,
}

/// The parachute of what is live, if it leads to the release that is wanted.
pub(crate) fn parachute(
    cx: &Cx<'_>,
    group: &Group,
    wanted: Option<&str>,
) -> Result<Option<Parachute>, Failure> {
    let (proof, since, live) = signals::block_on(async {
        let anchor = group.anchor();
        let proof = anchor.group_bundle().await.map_err(|it| call(&it))?.active;
        let status = anchor.status().await.map_err(|it| call(&it))?;
        Ok((proof, status.active.and_then(|it| it.since), status.generation))
    })?;
    let (Some(proof), Some(since)) = (proof, since) else { return Ok(None) };
    if proof.step == Move::Back {
        return Ok(None);
    }
    let (bundle, plan) = super::mend::bundle(&proof.bundle)?;
    let open = plan.parachute_until.is_some_and(|it| it > cx.now())
        && plan.policy == *group.policy.digest();
    let Some(to) = plan.from.filter(|_| open) else { return Ok(None) };
    let named = |it: &str| to.hex().starts_with(it) || to.to_string().starts_with(it);
    if !wanted.is_none_or(named) {
        return Ok(None);
    }
    let statements: Vec<Statement> =
        bundle.statements.iter().filter_map(|it| it.open().ok()).collect();
    let count = covered(&plan, &group.policy, &statements, since);
    Ok(count.is_met().then_some(Parachute { bundle, plan, to, live }))
}

impl Parachute {
    /// Whether a person may pull it.
    pub(crate) fn may_be_pulled_by(policy: &PolicyDocument, person: &Person) -> bool {
        person.roles.iter().any(|it| policy.approves(it) || policy.hold.contains(it))
    }

    /// Signs the pull; the bundle then proves the move `back`.
    pub(crate) fn pull(&self, cx: &Cx<'_>, signer: &dyn Signer) -> Result<Bundle, Failure> {
        let limit = |it: taiwa_plan::ReadError| Failure::no("limit", it.to_string());
        let issued = cx.now().whole_second();
        let pull = Pull {
            environment: self.plan.environment.clone(),
            issued,
            plan: self.bundle.plan_digest(),
            step: Move::Back,
            expires: issued.plus_millis(PULL_LASTS_MS),
        };
        let envelope = Envelope::signed(&pull, signer)
            .map_err(|it| Failure::no("not-signed", it.to_string()))?;
        let statements = self.bundle.statements.iter().cloned().chain([envelope]).collect();
        Bundle::new(&self.plan, statements).map_err(limit)
    }
}
