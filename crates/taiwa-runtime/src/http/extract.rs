//! What handlers take from a request. Whatever is wrong becomes a problem here.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{header::CONTENT_TYPE, request::Parts},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use taiwa_api::{Code, Door, Offence, limits};

use super::header;
use crate::{actions::Scene, app::App, problem::Failure};

impl FromRequestParts<Arc<App>> for Scene {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        app.scene(header(&parts.headers, "taiwa-sandbox")?)
    }
}

/// A JSON body, with every offence if it is not right.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + JsonSchema> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Failure> {
        let kind = header(request.headers(), CONTENT_TYPE.as_str())?.unwrap_or("application/json");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail =
                format!("the body is declared as {}", kind.chars().take(64).collect::<String>());
            return Err(Failure::new(Code::UnsupportedMediaType, detail));
        }
        let door = request.extensions().get::<Door>();
        let limit = door.map_or(limits::BODY_MAX_BYTES, |it| it.body_max_bytes());
        Ok(Self(taiwa_api::read(&bytes(request, limit).await?)?))
    }
}

/// The bytes of a body, up to a limit.
pub(super) async fn bytes(request: Request, limit: usize) -> Result<Bytes, Failure> {
    let large = || Failure::new(Code::TooLarge, format!("at most {limit} bytes are taken"));
    let declared =
        header(request.headers(), "content-length")?.and_then(|it| it.parse::<u64>().ok());
    if declared.is_some_and(|it| it > limit as u64) {
        return Err(large());
    }
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        let over = std::error::Error::source(&error)
            .is_some_and(|it| it.to_string().contains("length limit exceeded"));
        if over { large() } else { Failure::new(Code::BadRequest, "the body did not arrive whole") }
    })
}

/// What stands in the path.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let found = Path::<T>::from_request_parts(parts, app).await;
        found.map(|it| Self(it.0)).map_err(|it| Failure::new(Code::BadRequest, it.body_text()))
    }
}

/// A query, with every offence if it is not right.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + JsonSchema> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Failure> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|it| Failure::new(Code::BadRequest, it.body_text()))?;
        let (mut fields, mut wrong) = (Map::new(), Vec::new());
        for (name, text) in pairs.0 {
            let value = value(&name, text);
            if fields.insert(name.clone(), value).is_some() {
                wrong.push(Offence::new(format!("/{name}"), "repeated", "it is given twice"));
            }
        }
        let json = Json::Object(fields);
        // The schema is made and walked only for what cannot be read: it costs more than most answers.
        let error = match T::deserialize(&json) {
            Ok(query) if wrong.is_empty() => return Ok(Self(query)),
            Ok(_) => None,
            Err(error) => Some(error),
        };
        wrong.extend(taiwa_api::check::<T>(&json));
        if wrong.is_empty() {
            wrong.extend(error.map(|it| Offence::new("", "wrong-value", it.to_string())));
        }
        Err(Failure::input(wrong))
    }
}

/// A query holds only text; these two are a number and a yes or no.
fn value(name: &str, text: String) -> Json {
    let typed = match name {
        "limit" => text.parse::<u32>().ok().map(Json::from),
        "explain" => text.parse::<bool>().ok().map(Json::from),
        _ => None,
    };
    typed.unwrap_or(Json::String(text))
}
