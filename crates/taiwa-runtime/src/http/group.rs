//! `/v1/group` and `/v1/group/bundle`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::{
    Code,
    admin::{GroupAnswer, GroupBundle, GroupQuery, Proof, SlotView},
};
use taiwa_plan::{
    Bundle, Envelope, Reading, Receipt,
    server::{self, Slot},
};

use super::extract::Query;
use crate::{app::App, problem::Failure};

/// `GET /v1/group?challenge=`: the signed state of this server.
pub(super) async fn state(
    State(app): State<Arc<App>>,
    Query(query): Query<GroupQuery>,
) -> Result<Json<GroupAnswer>, Failure> {
    if !app.group_rate.allows(app.clock.elapsed_ms()) {
        return Err(Failure::new(Code::RateLimited, "the state is asked for too often"));
    }
    let (protocol, readiness) = (&app.protocol, app.readiness());
    let (state, at) = (protocol.state(), protocol.reading());
    let challenge = query.challenge.as_deref();
    let receipt = server::state_receipt(&protocol.policy(), &state, challenge, &at)?;
    Ok(Json(GroupAnswer {
        server: state.server.clone(),
        environment: protocol.policy().document().environment.clone(),
        key: protocol.public_key(),
        state: protocol.sign(&receipt)?,
        slot: state.slot.as_ref().map(|it| slot(it, &at)),
        ready: readiness.ready,
        reasons: readiness.reasons,
    }))
}

/// A slot as it is shown.
pub(super) fn slot(slot: &Slot, at: &Reading) -> SlotView {
    SlotView {
        plan: slot.plan,
        step: slot.step,
        epoch: slot.epoch,
        until: slot.until,
        overdue: slot.doubt || at.now > slot.until,
    }
}

/// `GET /v1/group/bundle`: what proves the state, so that anyone can end an interrupted deployment.
pub(super) async fn bundle(State(app): State<Arc<App>>) -> Result<Json<GroupBundle>, Failure> {
    let (protocol, state) = (&app.protocol, app.protocol.state());
    let proof = |bundle: &Bundle, step, receipt: &Receipt, word: &Option<Envelope>| {
        let receipt = Some(protocol.sign(receipt)?);
        Ok::<_, Failure>(Proof { bundle: bundle.clone(), step, receipt, word: word.clone() })
    };
    let active = state.active.as_ref().map(|it| proof(&it.bundle, it.step, &it.receipt, &it.word));
    let slot = state.slot.as_ref().map(|it| proof(&it.bundle, it.step, &it.receipt, &it.word));
    Ok(Json(GroupBundle { active: active.transpose()?, slot: slot.transpose()? }))
}
