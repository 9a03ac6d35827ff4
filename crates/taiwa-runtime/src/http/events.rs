//! `/v1/sessions/{session}/events` and `/v1/events`

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use taiwa_api::v1::{self, EventAnswer, EventOutcome};

use super::extract::{At, Body};
use crate::{
    actions::{Answered, Scene, event},
    app::App,
    problem::Failure,
};

type Answer = (StatusCode, Json<EventAnswer>);

/// `POST /v1/sessions/{session}/events`: posts an event of a session.
pub(super) async fn in_session(
    State(app): State<Arc<App>>,
    scene: Scene,
    At(id): At<String>,
    Body(body): Body<v1::PostEvent>,
) -> Result<Answer, Failure> {
    let answered = event::in_session(&scene, &id, &body)?;
    settle(&app, &scene, body.message_id.as_deref(), answered).await
}

/// `POST /v1/events`: posts an event without a session.
pub(super) async fn alone(
    State(app): State<Arc<App>>,
    scene: Scene,
    Body(body): Body<v1::PostEventFor>,
) -> Result<Answer, Failure> {
    let answered = event::alone(&scene, &body)?;
    settle(&app, &scene, body.message_id.as_deref(), answered).await
}

/// Waits until the event is durable, counts it, and says what became of it.
pub(super) async fn settle(
    app: &App,
    scene: &Scene,
    message_id: Option<&str>,
    answered: Answered<EventAnswer>,
) -> Result<Answer, Failure> {
    let answer = answered.settle().await?;
    event::confirmed(scene, message_id, &answer)?;
    let (count, status) = match answer.outcome {
        EventOutcome::Accepted => (&app.meters.events, StatusCode::OK),
        EventOutcome::Duplicate => (&app.meters.duplicates, StatusCode::OK),
        EventOutcome::Undeclared => (&app.meters.undeclared, StatusCode::ACCEPTED),
    };
    count.add_one();
    Ok((status, Json(answer)))
}
