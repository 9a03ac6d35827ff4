//! Several commands in one round trip.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{AskPoints, ChangeSession, OffersQuery, PostEvent, StartSession};

/// Body of `POST /v1/batch`. The commands run one after the other; one that fails does not stop the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The session of the commands; a `start` among them begins another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What to do, at most 100.
    pub commands: Vec<Command>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// As `POST /v1/sessions`; the commands after it mean this session.
    Start(StartSession),
    /// As `PATCH /v1/sessions/{id}`.
    Change(ChangeSession),
    /// As `GET /v1/sessions/{id}/offers`.
    Offers(OffersQuery),
    /// As `POST /v1/sessions/{id}/offers`.
    Points(AskPoints),
    /// As `POST /v1/sessions/{id}/events`.
    Event(PostEvent),
}

/// What became of one command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandResult {
    /// The status that the door itself would have answered with.
    pub status: u16,
    /// The body that the door itself would have answered with: an answer, or a problem.
    pub body: Json,
}

/// Answer of `POST /v1/batch`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchAnswer {
    /// The session after the last command.
    pub session: Option<String>,
    /// One result a command, in their order.
    pub results: Vec<CommandResult>,
}
