//! What every request passes before its handler: room, key, time.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use taiwa_api::{Code, Door, Scope};
use taiwa_client::PEER_HEADER;

use super::header;
use crate::{app::App, keys::Scopes, problem::Failure};

/// How long an ordinary request may take, its body's arrival included.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// How long a release may take to arrive, compile and be stored.
const UPLOAD_MAX: Duration = Duration::from_mins(5);

/// What the caller's key opens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(pub(super) Scopes);

/// Lets a request through to its handler, or answers it.
pub(super) async fn guard(
    State((app, door)): State<(Arc<App>, Door)>,
    request: Request,
    next: Next,
) -> Response {
    let start_ms = app.clock.elapsed_ms();
    let response = match through(&app, door, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    };
    let took_ms = u64::try_from(app.clock.elapsed_ms() - start_ms).unwrap_or(0);
    app.meters.answered(door, response.status().as_u16(), Duration::from_millis(took_ms));
    response
}

async fn through(
    app: &Arc<App>,
    door: Door,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let busy = |_| Failure::new(Code::Overloaded, "the server has as much to do as it takes");
    let probe = matches!(door, Door::Healthz | Door::Readyz);
    let room = (!probe).then(|| app.requests.clone().try_acquire_owned()).transpose();
    let _room = room.map_err(busy)?;
    let scopes = authorise(app, door, &request)?;
    request.extensions_mut().insert(Caller(scopes));
    request.extensions_mut().insert(door);
    let limit = if door == Door::ReleasePut { UPLOAD_MAX } else { REQUEST_MAX };
    let late = |_| Failure::new(Code::Timeout, "the request took too long");
    tokio::time::timeout(limit, next.run(request)).await.map_err(late)
}

/// A server of the same group reads without a key: it signs what it asks for.
fn peer(app: &App, text: &str, path: &str) -> Result<Scopes, Failure> {
    if !app.group_rate.allows(app.clock.elapsed_ms()) {
        return Err(Failure::new(Code::RateLimited, "peers ask too often"));
    }
    if app.protocol.is_asked_by_peer(text, path) {
        return Ok(Scopes::of(&[Scope::Read]));
    }
    let what = "the question is not signed by a server of this group, for this path, just now";
    Err(Failure::new(Code::Unauthorized, what))
}

fn authorise(app: &App, door: Door, request: &Request) -> Result<Scopes, Failure> {
    let Some(scope) = door.scope() else { return Ok(Scopes::default()) };
    if matches!(door, Door::GroupBundle | Door::ReleaseGet)
        && let Some(text) = header(request.headers(), PEER_HEADER)?
    {
        return peer(app, text, request.uri().path());
    }
    let given = header(request.headers(), "authorization")?;
    let unknown = || Failure::new(Code::Unauthorized, "the key is not known here");
    let scopes = app.keys.scopes(given).ok_or_else(unknown)?;
    match given {
        _ if scopes.open(scope) => Ok(scopes),
        None => Err(Failure::new(Code::Unauthorized, "send a key: Authorization: Bearer …")),
        Some(_) => {
            let detail = format!("this door needs a key with the scope `{}`", scope.as_str());
            Err(Failure::new(Code::ScopeMissing, detail))
        }
    }
}
