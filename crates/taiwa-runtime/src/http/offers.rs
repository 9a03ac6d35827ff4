//! `/v1/sessions/{session}/offers`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::v1;

use super::extract::{At, Body, Query};
use crate::{
    actions::{Scene, offers},
    app::App,
    problem::Failure,
};

/// `GET /v1/sessions/{session}/offers`: decides what one point shows.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    scene: Scene,
    At(id): At<String>,
    Query(query): Query<v1::OffersQuery>,
) -> Result<Json<v1::DecisionAnswer>, Failure> {
    app.meters.decisions.add_one();
    let answer = offers::one(&scene, &id, &query)?;
    app.decided(&scene, answer.release);
    Ok(Json(answer))
}

/// `POST /v1/sessions/{session}/offers`: decides what several points show.
pub(super) async fn several(
    State(app): State<Arc<App>>,
    scene: Scene,
    At(id): At<String>,
    Body(body): Body<v1::AskPoints>,
) -> Result<Json<v1::PointsAnswer>, Failure> {
    app.meters.decisions.add_one();
    let answer = offers::several(&scene, &id, &body)?;
    app.decided(&scene, answer.release);
    Ok(Json(answer))
}
