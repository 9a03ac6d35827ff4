//! `/v1/batch`

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use serde::Serialize;
use taiwa_api::{
    Code, Scope, limits,
    v1::{Batch, BatchAnswer, Command, CommandResult},
};

use super::{events, extract::Body, guard::Caller};
use crate::{
    actions::{Scene, event, offers, session},
    app::App,
    problem::Failure,
};

/// `POST /v1/batch`: several commands in one round trip.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    scene: Scene,
    Body(body): Body<Batch>,
) -> Result<Json<BatchAnswer>, Failure> {
    if body.commands.is_empty() || body.commands.len() > limits::COMMANDS_MAX {
        let detail = format!("1 to {} commands", limits::COMMANDS_MAX);
        return Err(Failure::at("/commands", "too-many", detail));
    }
    let mut at = Running { app: &app, scene: &scene, caller, session: body.session };
    let mut results = Vec::new();
    for command in body.commands {
        results.push(at.run(command).await.unwrap_or_else(failed));
    }
    Ok(Json(BatchAnswer { session: at.session, results }))
}

struct Running<'a> {
    app: &'a App,
    scene: &'a Scene,
    caller: Caller,
    session: Option<String>,
}

impl Running<'_> {
    async fn run(&mut self, command: Command) -> Result<CommandResult, Failure> {
        let scene = self.scene;
        match command {
            Command::Start(body) => {
                let started = session::start(scene, body)?.settle().await?;
                self.session = Some(started.session.clone());
                self.app.meters.sessions.add_one();
                done(200, &started)
            }
            Command::Change(body) => {
                done(200, &session::change(scene, self.session()?, &body)?.settle().await?)
            }
            Command::Offers(query) => {
                self.app.meters.decisions.add_one();
                let answer = offers::one(scene, self.session()?, &query)?;
                self.app.decided(scene, answer.release);
                done(200, &answer)
            }
            Command::Points(body) => {
                self.app.meters.decisions.add_one();
                let answer = offers::several(scene, self.session()?, &body)?;
                self.app.decided(scene, answer.release);
                done(200, &answer)
            }
            Command::Event(body) => {
                if !self.caller.0.open(Scope::Ingest) {
                    let detail = "posting an event needs a key with the scope `ingest`";
                    return Err(Failure::new(Code::ScopeMissing, detail));
                }
                let answered = event::in_session(scene, self.session()?, &body)?;
                let id = body.message_id.as_deref();
                let (status, answer) = events::settle(self.app, scene, id, answered).await?;
                done(status.as_u16(), &answer.0)
            }
        }
    }

    fn session(&self) -> Result<&str, Failure> {
        let none = || Failure::at("/session", "missing-field", "the command needs a session");
        self.session.as_deref().ok_or_else(none)
    }
}

fn done<T: Serialize>(status: u16, body: &T) -> Result<CommandResult, Failure> {
    let body = serde_json::to_value(body).map_err(|it| Failure::new(Code::Bug, it.to_string()))?;
    Ok(CommandResult { status, body })
}

fn failed(failure: Failure) -> CommandResult {
    let status = failure.0.status;
    CommandResult { status, body: serde_json::to_value(*failure.0).unwrap_or_default() }
}
