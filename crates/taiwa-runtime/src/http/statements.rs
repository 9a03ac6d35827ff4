//! `/admin/v1/statements`

use std::sync::Arc;

use axum::{Json, extract::State};
use taiwa_api::{
    Code,
    admin::{StatementAnswer, Statements},
};
use taiwa_plan::server;

use super::extract::Body;
use crate::{app::App, problem::Failure};

/// `POST /admin/v1/statements`: takes a rejection, a hold or a lift.
pub(super) async fn take(
    State(app): State<Arc<App>>,
    Body(body): Body<Statements>,
) -> Result<Json<StatementAnswer>, Failure> {
    let check =
        |policy: &_, state: &_, at: &_| server::statement(policy, state, &body.statement, at);
    app.protocol.transit(None, check).await?;
    let unread = |it: taiwa_plan::ReadError| Failure::new(Code::InvalidStatement, it.to_string());
    let statement = body.statement.open().map_err(unread)?;
    Ok(Json(StatementAnswer { statement: statement.digest }))
}
