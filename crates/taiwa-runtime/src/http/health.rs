//! `/healthz`, `/readyz`, `/metrics`, `/openapi.json`

use std::sync::{Arc, OnceLock};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde_json::Value;
use taiwa_api::v1;

use crate::{app::App, tally};

/// `GET /healthz`: the process lives.
pub(super) async fn live() -> Json<v1::Health> {
    Json(v1::Health { status: "ok".to_owned() })
}

/// `GET /readyz`: whether a balancer should prefer this server.
pub(super) async fn ready(State(app): State<Arc<App>>) -> impl IntoResponse {
    let readiness = app.readiness();
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// `GET /metrics`: as Prometheus reads them.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let serving = app.shelf.serving();
    let tallies: Vec<_> =
        serving.iter().flat_map(|it| it.sides()).map(|it| it.tally.as_ref()).collect();
    let text = app.meters.render() + &tally::render(&tallies);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// `GET /openapi.json`: the document.
pub(super) async fn openapi() -> Json<&'static Value> {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    Json(DOCUMENT.get_or_init(|| taiwa_api::openapi(env!("CARGO_PKG_VERSION"))))
}
