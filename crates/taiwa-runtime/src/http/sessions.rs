//! `/v1/sessions`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::v1;

use super::extract::{At, Body};
use crate::{
    actions::{Scene, session},
    app::App,
    problem::Failure,
};

/// `POST /v1/sessions`: starts a session.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    scene: Scene,
    Body(body): Body<v1::StartSession>,
) -> Result<Json<v1::SessionStarted>, Failure> {
    let started = session::start(&scene, body)?.settle().await?;
    app.meters.sessions.add_one();
    Ok(Json(started))
}

/// `GET /v1/sessions/{session}`: the person as seen now.
pub(super) async fn look(
    scene: Scene,
    At(id): At<String>,
) -> Result<Json<v1::SessionAnswer>, Failure> {
    Ok(Json(session::look(&scene, &id)?))
}

/// `PATCH /v1/sessions/{session}`: changes attributes and consent, signs in.
pub(super) async fn change(
    scene: Scene,
    At(id): At<String>,
    Body(body): Body<v1::ChangeSession>,
) -> Result<Json<v1::SessionAnswer>, Failure> {
    Ok(Json(session::change(&scene, &id, &body)?.settle().await?))
}

/// `DELETE /v1/sessions/{session}`: ends a session.
pub(super) async fn end(
    scene: Scene,
    At(id): At<String>,
) -> Result<Json<v1::SessionAnswer>, Failure> {
    Ok(Json(session::end(&scene, &id)?.settle().await?))
}
