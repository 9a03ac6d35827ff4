//! The doors. One file a resource; the router is made from the list of `taiwa-api`, so none is missing.

mod activation;
mod batch;
mod decide;
mod events;
mod extract;
mod group;
mod guard;
mod health;
mod offers;
mod policy;
mod profiles;
mod releases;
mod sandboxes;
mod sessions;
mod statements;
mod status;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Response},
    middleware::from_fn_with_state,
    response::IntoResponse as _,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use taiwa_api::{Code, Door, Side};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, problem::Failure};

/// Which doors a listener has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    /// All of them.
    Every,
    /// Those for touchpoints.
    Public,
    /// Those for administration.
    Admin,
}

impl Listener {
    fn has(self, door: Door) -> bool {
        match (self, door.side()) {
            (Self::Every, _) | (_, Side::Both) => true,
            (Self::Public, side) => side == Side::Public,
            (Self::Admin, side) => side == Side::Admin,
        }
    }
}

/// The doors of a listener.
pub(crate) fn router(app: &Arc<App>, listener: Listener) -> Router {
    let mut router = Router::new();
    for door in Door::ALL.iter().filter(|it| listener.has(**it)) {
        let layer = from_fn_with_state((app.clone(), *door), guard::guard);
        router = router.route(door.path(), handler(*door).layer(layer));
    }
    let router = router
        .fallback(async || Failure::new(Code::NotFound, "there is no such door"))
        .method_not_allowed_fallback(async || {
            Failure::new(Code::MethodNotAllowed, "the door is there, but not for this method")
        });
    isolated(router.with_state(app.clone()), app)
}

/// A panic ends the request that met it, with an answer.
fn isolated(router: Router, app: &Arc<App>) -> Router {
    let app = app.clone();
    router.layer(CatchPanicLayer::custom(move |_| bug(&app)))
}

/// A bug ends one request, and no other.
fn bug(app: &App) -> Response<Body> {
    app.meters.bugs.add_one();
    tracing::error!("a request met a bug");
    Failure::new(Code::Bug, "the request met a bug of the server; others go on").into_response()
}

fn handler(door: Door) -> MethodRouter<Arc<App>> {
    match door {
        Door::Healthz => get(health::live),
        Door::Readyz => get(health::ready),
        Door::Metrics => get(health::metrics),
        Door::Openapi => get(health::openapi),
        Door::SessionStart => post(sessions::start),
        Door::SessionGet => get(sessions::look),
        Door::SessionChange => patch(sessions::change),
        Door::SessionEnd => delete(sessions::end),
        Door::OffersGet => get(offers::one),
        Door::OffersPost => post(offers::several),
        Door::SessionEvent => post(events::in_session),
        Door::Event => post(events::alone),
        Door::Batch => post(batch::run),
        Door::Decide => post(decide::once),
        Door::Decision => get(decide::recorded),
        Door::Consent => put(profiles::consent),
        Door::Forget => delete(profiles::forget),
        Door::Group => get(group::state),
        Door::GroupBundle => get(group::bundle),
        Door::Status => get(status::show),
        Door::ReleasePut => put(releases::store),
        Door::ReleaseGet => get(releases::fetch),
        Door::Prepare => post(activation::prepare),
        Door::Abort => delete(activation::abort),
        Door::Activate => post(activation::activate),
        Door::Statement => post(statements::take),
        Door::SandboxMake => post(sandboxes::make),
        Door::SandboxClock => post(sandboxes::advance),
        Door::SandboxEnd => delete(sandboxes::end),
        Door::Policy => post(policy::rotate),
        Door::Converge => post(policy::learn),
        Door::Recordings => get(unsupported),
    }
}

/// What is not built yet is refused by name, never ignored.
async fn unsupported() -> Failure {
    Failure::new(Code::Unsupported, "this version does not do that yet")
}

/// The text of a header, if it is there and is text.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Failure> {
    let bad = |_| Failure::new(Code::BadRequest, format!("the header {name} is not plain text"));
    headers.get(name).map(|it| it.to_str().map_err(bad)).transpose()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::{Config, Server};

    #[tokio::test]
    async fn attack_25_a_panic_ends_one_request_with_a_problem() {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::open(Config::new(dir.path())).await.unwrap();
        let router = Router::new()
            .route("/bug", get(async || -> () { panic!("a bug") }))
            .route("/fine", get(async || "fine"));
        let router = isolated(router, server.app());
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!([ask("/bug").await, ask("/fine").await], [500, 200]);
        assert_eq!(server.app().meters.counters()["bugs"], 1);
    }
}
