//! `/admin/v1/sandboxes`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::{
    Code,
    admin::{AdvanceClock, MakeSandbox, SandboxClock, SandboxEnded, SandboxMade},
};

use super::extract::{At, Body};
use crate::{app::App, problem::Failure};

/// `POST /admin/v1/sandboxes`: makes a sandbox with the release that is active now.
pub(super) async fn make(
    State(app): State<Arc<App>>,
    Body(body): Body<MakeSandbox>,
) -> Result<Json<SandboxMade>, Failure> {
    let none = || Failure::new(Code::NoRelease, "no release is active on this server yet");
    let release = app.shelf.serving().ok_or_else(none)?.new.served.clone();
    Ok(Json(app.sandboxes.make(release, &body, app.clock.elapsed_ms())?))
}

/// `POST /admin/v1/sandboxes/{sandbox}/clock`: moves its clock on.
pub(super) async fn advance(
    State(app): State<Arc<App>>,
    At(id): At<String>,
    Body(body): Body<AdvanceClock>,
) -> Result<Json<SandboxClock>, Failure> {
    Ok(Json(app.sandboxes.advance(&id, body.advance.as_millis(), app.clock.elapsed_ms())?))
}

/// `DELETE /admin/v1/sandboxes/{sandbox}`: ends it.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    At(id): At<String>,
) -> Result<Json<SandboxEnded>, Failure> {
    Ok(Json(app.sandboxes.end(&id)))
}
