//! The one place where a failure becomes an answer.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use taiwa_api::{BodyError, Code, Offence, Problem};
use taiwa_decide::{DecideError, InputProblem};
use taiwa_plan::{
    Reason,
    server::{Class, Refused},
};
use taiwa_store::StoreError;

use crate::ids::NoRandomness;

/// Everything a handler can fail with. Boxed: the good way is the common one.
#[derive(Clone, Debug)]
pub(crate) struct Failure(pub(crate) Box<Problem>);

impl Failure {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// The input is wrong: every offence, and nothing was stored.
    pub(crate) fn input(errors: Vec<Offence>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} things are wrong; nothing was stored", many.len()),
        };
        Self(Box::new(Problem::new(Code::InvalidInput, detail).with_errors(errors)))
    }

    /// The input is wrong in one place.
    pub(crate) fn at(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::input(vec![Offence::new(pointer, code, detail)])
    }
}

/// Offences as the wire has them, from those of a decision.
pub(crate) fn offences(problems: Vec<InputProblem>) -> Vec<Offence> {
    let offence =
        |it: InputProblem| Offence::new(format!("/{}", it.path), "invalid-value", it.message);
    problems.into_iter().map(offence).collect()
}

impl From<Vec<InputProblem>> for Failure {
    fn from(problems: Vec<InputProblem>) -> Self {
        Self::input(offences(problems))
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Malformed(detail) => Self::new(Code::MalformedJson, detail),
            BodyError::Invalid(errors) => Self::input(errors),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::DiskFull { .. } => Code::DiskFull,
            StoreError::Overloaded | StoreError::Limit { .. } => Code::Overloaded,
            StoreError::Closed => Code::Ending,
            StoreError::Failed { .. }
            | StoreError::Damaged { .. }
            | StoreError::InUse { .. }
            | StoreError::NewerFormat { .. } => Code::StoreFailed,
        };
        Self::new(code, error.to_string())
    }
}

impl From<NoRandomness> for Failure {
    fn from(error: NoRandomness) -> Self {
        Self::new(Code::Overloaded, error.to_string())
    }
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        let (pointer, code) = match &error {
            DecideError::UnknownChannel { .. } => ("/channel", "unknown-channel"),
            DecideError::UnknownPoint { .. } => ("/point", "unknown-point"),
        };
        Self::at(pointer, code, error.to_string())
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let has = |reason| refused.refusals.iter().any(|it| it.reason == reason);
        let code = match refused.class {
            Class::Malformed => Code::InvalidStatement,
            Class::Unsupported => Code::Unsupported,
            Class::Forbidden if has(Reason::Clock) => Code::Clock,
            Class::Forbidden => Code::Refused,
            Class::Conflict if has(Reason::Behind) => Code::Behind,
            Class::Conflict if has(Reason::StalePlan) => Code::StalePlan,
            Class::Conflict => Code::Conflict,
        };
        let detail: Vec<_> = refused.refusals.iter().map(ToString::to_string).collect();
        let mut problem = Problem::new(code, detail.join("; "));
        problem.refusals = refused.refusals;
        Self(Box::new(problem))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = self.0.code;
        let mut response = (status, Json(*self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match code {
            Code::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Code::Overloaded | Code::RateLimited => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
