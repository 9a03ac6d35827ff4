//! `/v1/decide` and `/v1/decisions/{decision}`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::v1;

use super::extract::{At, Body};
use crate::{
    actions::{Scene, offers},
    app::App,
    problem::Failure,
};

/// `POST /v1/decide`: decides without a session.
pub(super) async fn once(
    State(app): State<Arc<App>>,
    scene: Scene,
    Body(body): Body<v1::DecideOnce>,
) -> Result<Json<v1::DecisionAnswer>, Failure> {
    app.meters.decisions.add_one();
    let answer = offers::once(&scene, body)?;
    app.decided(&scene, answer.release);
    Ok(Json(answer))
}

/// `GET /v1/decisions/{decision}`: a decision with all its reasons.
pub(super) async fn recorded(
    State(app): State<Arc<App>>,
    scene: Scene,
    At(id): At<String>,
) -> Result<Json<v1::DecisionRecord>, Failure> {
    Ok(Json(offers::recorded(&scene, &app.shelf, &id).await?))
}
