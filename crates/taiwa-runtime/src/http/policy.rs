//! `/admin/v1/policy` and `/admin/v1/convergence`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::{
    Code,
    admin::{Convergence, PolicyAnswer, ReceiptAnswer, Rotation},
};
use taiwa_plan::{Payload, Policy, PolicyError, server};

use super::{
    activation::{answer, warm},
    extract::Body,
};
use crate::{app::App, problem::Failure};

/// `POST /admin/v1/policy`: the next policy takes the place of the one in force.
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Body(body): Body<Rotation>,
) -> Result<Json<PolicyAnswer>, Failure> {
    let next = Policy::accept(&body.policy).map_err(|error| match error {
        PolicyError::Refused(refusals) => {
            server::Refused { class: server::Class::Forbidden, refusals }.into()
        }
        other => Failure::new(Code::InvalidStatement, other.to_string()),
    })?;
    let next = Arc::new(next);
    let to = next.clone();
    let check = |policy: &_, state: &_, at: &_| server::rotate(policy, state, &to, at);
    app.protocol.turn(None, Some(next), check).await?;
    let policy = app.protocol.policy();
    Ok(Json(PolicyAnswer { policy: *policy.digest(), version: policy.document().version }))
}

/// `POST /admin/v1/convergence`: a server that was left behind becomes what its group is.
pub(super) async fn learn(
    State(app): State<Arc<App>>,
    Body(body): Body<Convergence>,
) -> Result<Json<ReceiptAnswer>, Failure> {
    let none =
        || Failure::new(Code::InvalidStatement, "the anchor's `committed` receipt is missing");
    let word = body.receipts.first().ok_or_else(none)?;
    let step = match word.open().map(|it| it.payload) {
        Ok(Payload::Receipt(it)) => it.step.ok_or_else(none)?,
        _ => return Err(none()),
    };
    let shown = body.receipts.get(1);
    warm(&app, &body.bundle, step).await?;
    let known = app.protocol.earlier();
    let brought: Vec<_> = known.iter().chain(&body.policies).cloned().collect();
    let plan = Some(body.bundle.plan_digest());
    let check = |policy: &Policy, state: &_, at: &_| {
        let earlier = policy.earlier(&brought);
        let proof = server::Learning { bundle: &body.bundle, word, earlier: &earlier, shown };
        server::learn(policy, state, &proof, at)
    };
    match app.protocol.transit(plan, check).await? {
        None => {
            // It is there already: its state says so.
            let (policy, state) = (app.protocol.policy(), app.protocol.state());
            let receipt = server::state_receipt(&policy, &state, None, &app.protocol.reading())?;
            Ok(Json(ReceiptAnswer { receipt: app.protocol.sign(&receipt)? }))
        }
        some => answer(some),
    }
}
