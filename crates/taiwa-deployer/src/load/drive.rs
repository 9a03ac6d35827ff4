//! Driving a load: sends what is due when it is due, and does not wait for answers before it sends the next.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use serde_json::Value as Json;
use taiwa_api::{admin, v1};
use taiwa_model::Digest;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};

use super::{Pace, Tally, Visitor, turn};
use crate::{CallError, Server};

/// Requests under way at a time; while there are more, what is due waits, and its latency runs.
const UNDER_WAY_MAX: usize = 2_048;
/// How often it is looked whether somebody wants it to end.
const LOOK: Duration = Duration::from_millis(100);

/// A load that is to be driven.
#[derive(Debug)]
pub struct Driven<'a> {
    /// Every server of the group.
    pub servers: &'a [Server],
    /// Who asks what.
    pub visitors: &'a [Visitor],
    /// The release that must answer.
    pub release: Digest,
    /// How fast, and for how long.
    pub pace: Pace,
    /// Set from outside: it ends at once, and what was measured so far is the answer.
    pub stop: &'a AtomicBool,
}

/// One question, ready to be asked of one server.
struct Ask {
    server: Server,
    sandbox: String,
    question: v1::DecideOnce,
}

/// Drives a load; `second` is called for each second that is over. What was measured; all of it, unless it was stopped.
///
/// # Errors
/// When a server does not give the sandboxes in which it is asked. A request that fails is counted, and no error.
pub async fn drive(load: &Driven<'_>, second: impl Fn()) -> Result<Tally, CallError> {
    let mut made = Vec::new();
    let measured = match prepare(load, &mut made).await {
        Ok(asks) => Ok(send(load, &asks, second).await),
        Err(error) => Err(error),
    };
    // They end by themselves after ten minutes; ending them now leaves room for the next.
    for (server, sandbox) in made {
        let path = format!("/admin/v1/sandboxes/{sandbox}");
        let ended: Result<admin::SandboxEnded, _> =
            server.call(Method::DELETE, &path, None::<&Json>, None).await;
        drop(ended);
    }
    measured
}

/// A sandbox for each visitor on each server; by server, each of them with every question.
async fn prepare(
    load: &Driven<'_>,
    made: &mut Vec<(Server, String)>,
) -> Result<Vec<Vec<Arc<Ask>>>, CallError> {
    let mut all = Vec::new();
    for server in load.servers {
        let mut of_server = Vec::new();
        for visitor in load.visitors {
            let answer: admin::SandboxMade = server
                .call(Method::POST, "/admin/v1/sandboxes", Some(&visitor.sandbox), None)
                .await?;
            made.push((server.clone(), answer.sandbox.clone()));
            for question in &visitor.asks {
                let (sandbox, question) = (answer.sandbox.clone(), question.clone());
                of_server.push(Arc::new(Ask { server: server.clone(), sandbox, question }));
            }
        }
        all.push(of_server);
    }
    Ok(all)
}

async fn send(load: &Driven<'_>, asks: &[Vec<Arc<Ask>>], second: impl Fn()) -> Tally {
    let questions = asks.first().map_or(0, Vec::len);
    let tally = Arc::new(Mutex::new(Tally::default()));
    let room = Arc::new(Semaphore::new(UNDER_WAY_MAX));
    let begin = Instant::now();
    let end = begin + Duration::from_secs(load.pace.for_s);
    let (mut under_way, mut seconds) = (JoinSet::new(), 0);
    let stopped = || load.stop.load(Ordering::Relaxed);
    for request in 0..load.pace.planned() {
        let due = begin + Duration::from_micros(load.pace.due_us(request));
        while Instant::now() < due && !stopped() {
            sleep_until(due.min(Instant::now() + LOOK)).await;
        }
        while seconds < load.pace.for_s && begin.elapsed().as_secs() > seconds {
            seconds += 1;
            second();
        }
        while under_way.try_join_next().is_some() {}
        let place = turn(request, asks.len(), questions);
        let ask = place.and_then(|(server, question)| asks.get(server)?.get(question)).cloned();
        // What is not sent before the end is not sent at all.
        let Ok(Ok(permit)) = timeout_at(end, room.clone().acquire_owned()).await else { break };
        let (Some(ask), false) = (ask, stopped() || Instant::now() >= end) else { break };
        let (tally, release) = (tally.clone(), load.release);
        under_way.spawn(async move {
            let answered = ask.ask(&release).await;
            let took = Instant::now().saturating_duration_since(due);
            let latency_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            tally.lock().unwrap_or_else(PoisonError::into_inner).ended(latency_us, answered);
            drop(permit);
        });
    }
    while Instant::now() < end && !stopped() {
        sleep_until(end.min(Instant::now() + LOOK)).await;
    }
    (seconds..load.pace.for_s).filter(|_| !stopped()).for_each(|_| second());
    if stopped() {
        under_way.abort_all();
    }
    // Each has a time limit of its own; one that reaches it is an error.
    while under_way.join_next().await.is_some() {}
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.clone()
}

impl Ask {
    /// Whether the server answered with a decision of the release.
    async fn ask(&self, release: &Digest) -> bool {
        let sandbox = Some(self.sandbox.as_str());
        let answer: Result<v1::DecisionAnswer, CallError> =
            self.server.call(Method::POST, "/v1/decide", Some(&self.question), sandbox).await;
        answer.is_ok_and(|it| it.release == *release)
    }
}
