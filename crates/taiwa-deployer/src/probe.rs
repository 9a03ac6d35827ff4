//! Whether a server decides what its release decides: made-up questions, asked there and worked out here.
//!
//! What a server says it runs is a word; its decisions are what people see. They are asked in a sandbox, so that nothing is
//! counted or remembered, and at one instant, so that the time is no excuse. Deliberately absent: finding out a server that
//! knows a sandbox from a customer and lies to customers only.

use reqwest::Method;
use serde_json::{Value as Json, json};
use taiwa_api::{admin, v1};
use taiwa_decide::{Compiled, Decision, Explain, Probe, probes};
use taiwa_model::Timestamp;

use crate::{CallError, Server};

/// Made-up people who ask at every point, besides nobody in particular.
const PEOPLE: usize = 3;
/// Questions at most, taken evenly from all of them.
const ASKED_MAX: usize = 96;

/// A question that a server answers otherwise than its release.
#[derive(Clone, Debug, PartialEq)]
pub struct Differs {
    /// Where: `channel/point`; who asked, and what is known of them.
    pub question: String,
    /// What the release decides.
    pub expected: Json,
    /// What the server answered; its problem where it refused.
    pub answered: Json,
}

/// What asking a server came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probed {
    /// How many questions were asked.
    pub asked: usize,
    /// Those that were answered otherwise.
    pub differ: Vec<Differs>,
}

/// Asks a server what its release would be asked, and compares.
///
/// # Errors
/// When it cannot be reached, has no room for a sandbox, or answers strangely.
pub async fn probe(
    server: &Server,
    compiled: &Compiled,
    now: Timestamp,
) -> Result<Probed, CallError> {
    let body = json!(admin::MakeSandbox {
        at: now,
        audience: std::collections::BTreeMap::new(),
        attributes: std::collections::BTreeMap::new(),
        consent: std::collections::BTreeMap::new(),
        history: Vec::new(),
    });
    let made: admin::SandboxMade =
        server.call(Method::POST, "/admin/v1/sandboxes", Some(&body), None).await?;
    let came = asked(server, compiled, now, &made.sandbox).await;
    let path = format!("/admin/v1/sandboxes/{}", made.sandbox);
    let ended = server.call::<admin::SandboxEnded>(Method::DELETE, &path, None::<&Json>, None);
    // It ends by itself, too.
    drop(ended.await);
    came
}

async fn asked(
    server: &Server,
    compiled: &Compiled,
    now: Timestamp,
    sandbox: &str,
) -> Result<Probed, CallError> {
    let all = compiled.points().count().saturating_mul(PEOPLE + 1);
    let mut probed = Probed::default();
    for (place, question) in probes(compiled, PEOPLE).enumerate() {
        let few = all <= ASKED_MAX || place * ASKED_MAX / all != (place + 1) * ASKED_MAX / all;
        let Some(expected) = few.then(|| worked_out(&question, compiled, now)).flatten() else {
            continue;
        };
        let answered = match answer(server, &question, sandbox).await {
            Ok(answered) => shown(&answered),
            Err(error) if error.is_answer() => json!({ "refused": error.to_string() }),
            Err(error) => return Err(error),
        };
        probed.asked += 1;
        if answered != expected {
            let (place, who) = (format!("{}/{}", question.channel, question.point), &question);
            let question = json!({ "audience": who.audience, "attributes": who.attributes, "locale": who.locale });
            let question = format!("{place} {question}");
            probed.differ.push(Differs { question, expected, answered });
        }
    }
    Ok(probed)
}

async fn answer(
    server: &Server,
    question: &Probe,
    sandbox: &str,
) -> Result<v1::DecisionAnswer, CallError> {
    let body = v1::DecideOnce {
        channel: question.channel.clone(),
        point: question.point.clone(),
        audience: question.audience.clone(),
        attributes: question.attributes.clone(),
        locale: question.locale.clone(),
        limit: None,
        explain: false,
    };
    server.call(Method::POST, "/v1/decide", Some(&json!(body)), Some(sandbox)).await
}

/// What the release decides, as it would arrive.
fn worked_out(question: &Probe, compiled: &Compiled, now: Timestamp) -> Option<Json> {
    let made = question.ask(compiled, now, Explain::Nothing).ok()?;
    // By way of a text, as an answer: numbers are then the same to the last digit.
    serde_json::from_str(&decided(&made).to_string()).ok()
}

fn decided(made: &Decision) -> Json {
    let offers = made.offers.iter().map(|it| {
        let content = it.content.iter().map(|it| (it.0.to_string(), it.1.to_json()));
        let content: serde_json::Map<String, Json> = content.collect();
        json!({ "offer": it.offer, "treatment": it.treatment, "score": it.score, "content": content })
    });
    let offers: Vec<_> = offers.collect();
    json!({ "release": made.release, "offers": offers, "fallback": made.fallback })
}

/// Of an answer, what the release decides.
fn shown(answer: &v1::DecisionAnswer) -> Json {
    let offers = answer.offers.iter().map(|it| {
        json!({ "offer": it.offer, "treatment": it.treatment, "score": it.score, "content": it.content })
    });
    let offers: Vec<_> = offers.collect();
    json!({ "release": answer.release, "offers": offers, "fallback": answer.fallback })
}
