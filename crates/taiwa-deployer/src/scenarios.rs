//! Scenarios on a live server: through its ordinary doors, in a sandbox with a clock and a memory of its own.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value as Json, json};
use taiwa_api::{admin, v1};
use taiwa_decide::{
    Reason,
    scenario::{Answer, Call, Sandbox, ScenarioResult, Script},
};
use taiwa_model::{Components, Past, PastWhat, ScenarioName, Value};

use crate::{CallError, Server};

/// Runs one scenario of a release on a server that serves it. `None` if the release has no such scenario.
///
/// # Errors
/// When the server cannot be reached or answers strangely; a refusal is a step that failed.
pub async fn run_on(
    server: &Server,
    components: &Components,
    name: &ScenarioName,
) -> Result<Option<ScenarioResult>, CallError> {
    let Some(mut script) = Script::new(components, name) else { return Ok(None) };
    let mut stage = Stage { server, sandbox: None, session: None, audience: BTreeMap::new() };
    let mut broken = None;
    while let Some(call) = script.call() {
        match stage.perform(&call).await {
            Ok(answer) => script.answer(&answer),
            Err(error) if error.is_answer() => script.answer(&Answer::Refused(error.to_string())),
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    stage.leave().await;
    broken.map_or_else(|| Ok(Some(script.result())), Err)
}

/// What one scenario holds on a server.
struct Stage<'a> {
    server: &'a Server,
    sandbox: Option<String>,
    session: Option<String>,
    audience: BTreeMap<String, String>,
}

impl Stage<'_> {
    async fn perform(&mut self, call: &Call) -> Result<Answer, CallError> {
        match call {
            Call::CreateSandbox(sandbox) => {
                let body = make(sandbox);
                let made: admin::SandboxMade = self
                    .server
                    .call(Method::POST, "/admin/v1/sandboxes", Some(&body), None)
                    .await?;
                self.sandbox = Some(made.sandbox);
                self.audience = audience(sandbox);
                Ok(Answer::Done)
            }
            Call::StartSession { channel, locale } => {
                let body =
                    json!({ "channel": channel, "audience": self.audience, "locale": locale });
                let started: v1::SessionStarted =
                    self.door(Method::POST, "/v1/sessions", Some(body)).await?;
                self.session = Some(started.session);
                Ok(Answer::Done)
            }
            Call::Offers { point, limit } => {
                let limit = limit.map_or_else(String::new, |it| format!("&limit={it}"));
                let path =
                    format!("{}/offers?point={}&explain=true{limit}", self.of_session(), point);
                let answer: v1::DecisionAnswer = self.door(Method::GET, &path, None).await?;
                Ok(offers(answer))
            }
            Call::Post { event, properties } => {
                let body = json!({ "event": event, "properties": properties });
                let path = format!("{}/events", self.of_session());
                let answer: v1::EventAnswer = self.door(Method::POST, &path, Some(body)).await?;
                Ok(match answer.outcome {
                    v1::EventOutcome::Undeclared => Answer::Unknown,
                    v1::EventOutcome::Accepted | v1::EventOutcome::Duplicate => Answer::Done,
                })
            }
            Call::Advance(span) => {
                let path = format!(
                    "/admin/v1/sandboxes/{}/clock",
                    self.sandbox.as_deref().unwrap_or_default()
                );
                let body = json!({ "advance": span });
                let _: admin::SandboxClock =
                    self.server.call(Method::POST, &path, Some(&body), None).await?;
                Ok(Answer::Done)
            }
            Call::Segments => {
                let answer: v1::SessionAnswer =
                    self.door(Method::GET, &self.of_session(), None).await?;
                Ok(Answer::Segments(answer.segments))
            }
        }
    }
}

impl Stage<'_> {
    fn of_session(&self) -> String {
        format!("/v1/sessions/{}", self.session.as_deref().unwrap_or("none"))
    }

    async fn door<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Json>,
    ) -> Result<T, CallError> {
        self.server.call(method, path, body.as_ref(), self.sandbox.as_deref()).await
    }

    /// Sandboxes end by themselves after ten minutes; ending them now leaves room for the next.
    async fn leave(&self) {
        if let Some(sandbox) = &self.sandbox {
            let path = format!("/admin/v1/sandboxes/{sandbox}");
            let ended: Result<admin::SandboxEnded, _> =
                self.server.call(Method::DELETE, &path, None::<&Json>, None).await;
            drop(ended);
        }
    }
}

pub(crate) fn audience(sandbox: &Sandbox) -> BTreeMap<String, String> {
    BTreeMap::from([(sandbox.key_name.clone(), sandbox.key.clone())])
}

pub(crate) fn make(sandbox: &Sandbox) -> admin::MakeSandbox {
    let attributes =
        sandbox.attributes.iter().map(|(name, value)| (name.as_str().into(), value.clone()));
    admin::MakeSandbox {
        at: sandbox.at,
        audience: audience(sandbox),
        attributes: attributes.collect(),
        consent: sandbox.consent.clone(),
        history: sandbox.history.iter().map(past).collect(),
    }
}

fn past(past: &Past) -> admin::PastEntry {
    let ago = past.ago;
    match &past.what {
        PastWhat::Event { event, properties } => {
            let properties = properties
                .iter()
                .map(|(name, value)| (name.clone(), Value::to_json(value)))
                .collect();
            admin::PastEntry::Event { ago, event: event.clone(), properties }
        }
        PastWhat::Shown(offer) => admin::PastEntry::Shown { ago, offer: offer.clone() },
        PastWhat::Accepted(offer) => admin::PastEntry::Accepted { ago, offer: offer.clone() },
        PastWhat::Rejected(offer) => admin::PastEntry::Rejected { ago, offer: offer.clone() },
    }
}

fn offers(answer: v1::DecisionAnswer) -> Answer {
    let reasons = answer.reasons.into_iter().filter_map(|it| {
        let stage = serde_json::from_value(Json::String(it.stage)).ok()?;
        Some(Reason { offer: it.offer?, stage, detail: it.detail, approximate: false })
    });
    Answer::Offers {
        offers: answer.offers.into_iter().map(|it| it.offer).collect(),
        reasons: reasons.collect(),
    }
}
