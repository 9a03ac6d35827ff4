//! `/admin/v1/releases/{digest}`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::header::CONTENT_TYPE,
    response::IntoResponse,
};
use taiwa_api::{Code, admin::ReleaseStored, limits};
use taiwa_model::Digest;
use taiwa_plan::server;

use super::extract::{At, bytes};
use crate::{app::App, problem::Failure};

fn digest(text: &str) -> Result<Digest, Failure> {
    Digest::parse(text).map_err(|it| Failure::new(Code::BadRequest, it.to_string()))
}

/// `PUT /admin/v1/releases/{digest}`: stores a release. Takes no lock, moves nothing; repeating it changes nothing.
pub(super) async fn store(
    State(app): State<Arc<App>>,
    At(text): At<String>,
    request: Request,
) -> Result<Json<ReleaseStored>, Failure> {
    let digest = digest(&text)?;
    let busy = |_| Failure::new(Code::Overloaded, "other releases are being stored");
    let _room = app.uploads.try_acquire().map_err(busy)?;
    let body = bytes(request, limits::RELEASE_MAX_BYTES).await?;
    let shelf = app.shelf.clone();
    let put = tokio::task::spawn_blocking(move || shelf.put(&digest, &body)).await;
    let (served, known) =
        put.map_err(|_| Failure::new(Code::Bug, "storing the release failed"))??;
    app.protocol.transit(None, |_, state, _| Ok(server::store(state, digest))).await?;
    app.protocol.mend()?;
    let (size_bytes, components) = (served.size_bytes, served.components);
    Ok(Json(ReleaseStored { release: digest, size_bytes, components, known }))
}

/// `GET /admin/v1/releases/{digest}`: the bytes again.
pub(super) async fn fetch(
    State(app): State<Arc<App>>,
    At(text): At<String>,
) -> Result<impl IntoResponse, Failure> {
    let digest = digest(&text)?;
    let unknown = || Failure::new(Code::UnknownRelease, "the release is not stored on this server");
    let bytes = app.shelf.bytes(&digest)?.ok_or_else(unknown)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes))
}
